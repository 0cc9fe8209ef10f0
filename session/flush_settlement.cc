#include "cupel/session/flush_settlement.h"

#include <algorithm>

#include "absl/types/span.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {
namespace {

using engine::ValueView;

class Settlement {
 public:
  explicit Settlement(SessionCore* core)
      : core_(core), changes_(core->changes()) {}

  void Insert(EntityState* state, bool generated_key) {
    changes_.Untouch(state);
    state->lifecycle = Lifecycle::kPersistent;
    core_->identity_map().Insert(state);
    LinkOperations::SettleInserted(state);
    core_->undo().Add(generated_key ? UndoEntry::Kind::kInsertedGeneratedKey
                                    : UndoEntry::Kind::kInserted,
                      state, nullptr);
  }

  void Remove(EntityState* state) {
    if (state->edit != nullptr && state->edit->has_snapshot) {
      EraseFormerKey(state, *state->edit);
    } else {
      core_->identity_map().Erase(state);
    }
    state->clear(EntityState::kMarkedDeleted);
    state->clear(EntityState::kOrphanCheck);
    state->lifecycle = Lifecycle::kDeleted;
    core_->undo().Add(UndoEntry::Kind::kDeleted, state, changes_.Take(state));
  }

  void Update(EntityState* state) {
    if (state->edit != nullptr && state->edit->has_snapshot) {
      FollowKeys(state, *state->edit);
    }
    SettleTouched(state);
  }

  // Rollback must unload its links, even where no column differs.
  void SettleTouched(EntityState* state) {
    for (const Relationship* r : state->type()->relationships()) {
      LinkOperations::Settle(state, *r);
    }
    core_->undo().Add(UndoEntry::Kind::kUpdated, state, changes_.Take(state));
  }

  void Unload(EntityState* state, absl::Span<const int> properties) {
    if (properties.empty()) return;
    SessionCore::PropertySet& set = core_->unloaded()[state];
    set.resize(state->type()->properties().size());
    bool plain = false;
    for (int i : properties) {
      const Property& property = state->type()->property(i);
      if (property.slot_offset != Property::kNoSlot) {
        static_cast<ColumnSlot*>(state->member(property.slot_offset))
            ->MarkUnloaded();
        continue;
      }
      set[i] = true;
      plain = true;
    }
    if (plain) {
      state->set(EntityState::kPartial);
    } else if (!state->has(EntityState::kPartial)) {
      core_->unloaded().erase(state);
    }
  }

 private:
  void EraseFormerKey(EntityState* state, const EditRecord& record) {
    KeyValues key;
    key.AssignBefore(*state->type(), record);
    core_->identity_map().EraseKey(state, key.views());
  }

  // The identity map and the links, after keys that were written as values.
  void FollowKeys(EntityState* state, const EditRecord& record) {
    const EntityType& type = *state->type();
    auto differs = [&](int property) {
      return Differs(record, type.property(property));
    };
    if (std::any_of(type.primary_key().begin(), type.primary_key().end(),
                    differs)) {
      EraseFormerKey(state, record);
      core_->identity_map().Insert(state);
    }
    for (const Relationship* r : type.relationships()) {
      if (r->kind == RelationshipKind::kManyToOne &&
          !LinkOperations::IsChanged(state, *r) &&
          std::any_of(r->foreign_properties.begin(),
                      r->foreign_properties.end(), differs)) {
        LinkOperations::Unload(state, *r);
      }
    }
  }

  SessionCore* core_;
  ChangeSet& changes_;
};

// What is gone leaves the collections that it was in.
void LeaveCollections(EntityState* gone) {
  for (const Relationship* r : gone->type()->relationships()) {
    if (r->reverse == nullptr) continue;
    LinkOperations::ForEachTarget(gone, *r, [&](EntityState* other) {
      if (other->lifecycle != Lifecycle::kPersistent) return;
      LinkOperations::RemoveLoaded(other, *r->reverse, gone);
    });
  }
}

}  // namespace

void SettleFlush(SessionCore* core, const FlushPlan& plan,
                 const FlushAccount& account) {
  SessionCore::Hold hold(core);
  ChangeSet& changes = core->changes();
  Settlement settlement(core);
  for (EntityState* state : plan.orphans) {
    state->clear(EntityState::kOrphanCheck);
    core->Expunge(state);
  }
  changes.ClearNew();
  for (const FlushAccount::Inserted& row : account.inserted) {
    settlement.Insert(row.state, row.generated_key);
  }
  changes.ClearDeleted();
  for (const RowGroup& group : plan.deletes) {
    for (EntityState* state : group.rows) settlement.Remove(state);
  }
  for (EntityState* state : plan.vanishing) settlement.Remove(state);
  for (const RowSwitch& change : plan.switches) {
    settlement.Remove(change.from);
    settlement.Insert(change.to, /*generated_key=*/false);
  }
  for (EntityState* state : account.updated) settlement.Update(state);
  while (!changes.touched().empty()) {
    settlement.SettleTouched(changes.touched().back()->state);
  }
  for (const KeyFlow& flow : plan.bereft) {
    if (!core->Contains(flow.child) || flow.r->reverse == nullptr) continue;
    LinkOperations::Unload(flow.child, *flow.r->reverse);
  }
  for (EntityState* state : plan.expiring) {
    state->set(EntityState::kExpired);
    LinkOperations::UnloadAll(state);
  }
  for (const RowGroup& group : plan.deletes) {
    for (EntityState* state : group.rows) LeaveCollections(state);
  }
  for (EntityState* state : plan.vanishing) LeaveCollections(state);
  for (const auto& [state, properties] : account.unread) {
    settlement.Unload(state, properties);
  }
}

void ClearGeneratedKey(EntityState* state) {
  const EntityType& type = *state->type();
  const Property& key = type.property(type.generated_key());
  key.ops
      ->read(key.ops->nullable ? ValueView::Null() : ValueView::Int64(0),
             state->member(key.offset))
      .IgnoreError();
}

}  // namespace cupel::session
