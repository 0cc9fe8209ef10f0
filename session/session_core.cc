#include "cupel/session/session_core.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {
namespace {

// Below this a sweep is not worth its while.
constexpr size_t kSmallPopulation = 1024;

}  // namespace

SessionCore::SessionCore(std::shared_ptr<const Registry> registry,
                         EntityLoader* loader)
    : registry_(std::move(registry)),
      loader_(loader),
      heap_(new EntityHeap),
      identity_map_(registry_->types().size()) {}

SessionCore::~SessionCore() {
  std::vector<EntityState*> all;
  all.reserve(live_);
  ForEach([&](EntityState* state) { all.push_back(state); });
  // All go: links among them need no bookkeeping.
  for (EntityState* state : all) LinkOperations::Abandon(state);
  for (EntityState* state : all) {
    state->object_type().destroy(state->object());
    EntityHeap::Free(state);
  }
  heap_->Abandon();
}

template <typename Visitor>
void SessionCore::ForEach(Visitor visit) const {
  heap_->ForEach([&](EntityState* state) {
    // Others have moved on to another session.
    if (state->session == this) visit(state);
  });
  for (EntityState* state : guests_) visit(state);
}

// ---- Entities

EntityState* SessionCore::NewLoaded(const EntityType& type) {
  EntityState* state = heap_->Allocate(type);
  type.object_type().default_construct(state->object());
  state->session = this;
  state->lifecycle = Lifecycle::kPersistent;
  ++live_;
  LinkOperations::BindEmpty(state);
  return state;
}

void SessionCore::Discard(EntityState* state) {
  state->lifecycle = Lifecycle::kDetached;
  Destroy(state);
}

EntityState* SessionCore::NewFrom(const EntityType& type, void* object) {
  EntityState* state = heap_->Allocate(type);
  type.object_type().move_construct(state->object(), object);
  // A guest until Adopt() takes it.
  return state;
}

absl::Status SessionCore::Type(EntityState* state) {
  if (state->has(EntityState::kTyped)) return absl::OkStatus();
  const EntityType* type = registry_->Find(state->object_type());
  if (type == nullptr) {
    return absl::InvalidArgumentError(
        "the entity's type is not in the session's registry: list it among "
        "the models of the database");
  }
  state->entity_type_ = type;
  state->set(EntityState::kTyped);
  return absl::OkStatus();
}

void SessionCore::Migrate(EntityState* state) {
  SessionCore* former = state->session;
  EntityRef keep(state);
  // Links to what stays behind are loaded again where they are needed.
  LinkOperations::UnloadAll(state);
  LoadBatch::Leave(state);
  former->unloaded_.erase(state);
  former->Unwatch(state);
  former->guests_.erase(state);
  --former->live_;
  --former->held_;
  state->session = this;
  guests_.insert(state);
  ++live_;
  ++held_;
  former->DeleteIfUnreachable();
}

absl::Status SessionCore::Adopt(EntityState* root) {
  if (root->session == this) return absl::OkStatus();
  Hold hold(this);
  absl::Status result;
  // Most have few links: no memory from the heap for them.
  absl::InlinedVector<EntityState*, 8> work = {root};
  absl::InlinedVector<PendingLink, 8> links;
  while (!work.empty()) {
    EntityState* state = work.back();
    work.pop_back();
    if (state->session == this) continue;
    if (state->session != nullptr) {
      if (state->session->is_open() || state->session->registry_ != registry_) {
        result.Update(absl::FailedPreconditionError(absl::StrCat(
            "an entity of type ", state->type()->name(),
            " belongs to another session: expunge it there first, or Merge() "
            "it here")));
        continue;
      }
      Migrate(state);
      continue;
    }
    absl::Status typed = Type(state);
    if (!typed.ok()) {
      result.Update(typed);
      continue;
    }
    state->session = this;
    if (state->has(EntityState::kStandalone)) guests_.insert(state);
    ++live_;
    if (state->refs > 0) ++held_;
    LinkOperations::Bind(state, [&](const Relationship& r, EntityRef target) {
      work.push_back(target.state());
      links.push_back({state, &r, std::move(target)});
    });
  }
  for (PendingLink& link : links) {
    if (link.target.state()->session != this) continue;
    LinkOperations::Connect(link.owner, *link.relationship,
                            link.target.state());
  }
  return result;
}

absl::Status SessionCore::Enter(EntityState* state) {
  switch (state->lifecycle) {
    case Lifecycle::kTransient:
      state->lifecycle = Lifecycle::kPending;
      changes_.AddNew(state);
      break;
    case Lifecycle::kDetached:
      if (EntityState* same = identity_map_.Insert(state);
          same != state && same != nullptr) {
        return absl::FailedPreconditionError(absl::StrCat(
            "another entity of this session stands for the same row of ",
            state->type()->name(), ": Merge() brings the two together"));
      }
      state->lifecycle = Lifecycle::kPersistent;
      break;
    case Lifecycle::kDeleted:
      return absl::FailedPreconditionError(absl::StrCat(
          "the row of this ", state->type()->name(),
          " was deleted in this transaction: roll back, or add a copy"));
    case Lifecycle::kPersistent:
      changes_.UnmarkDeleted(state);
      break;
    case Lifecycle::kPending:
      break;
  }
  return absl::OkStatus();
}

absl::Status SessionCore::Add(EntityState* root) {
  Hold hold(this);
  absl::Status result = Adopt(root);
  if (root->session != this) return result;
  absl::InlinedVector<EntityState*, 8> work;
  result.Update(Enter(root));
  if (Contains(root)) work.push_back(root);
  while (!work.empty()) {
    EntityState* state = work.back();
    work.pop_back();
    for (const Relationship* r : state->type()->relationships()) {
      if (!Has(r->cascade, Cascade::kSaveUpdate)) continue;
      LinkOperations::ForEachTarget(state, *r, [&](EntityState* target) {
        if (Contains(target) || target->session != this) return;
        result.Update(Enter(target));
        if (Contains(target)) work.push_back(target);
      });
    }
  }
  return result;
}

void SessionCore::Detach(EntityState* state) {
  if (state->lifecycle == Lifecycle::kPending) {
    state->lifecycle = Lifecycle::kTransient;
  } else if (state->lifecycle != Lifecycle::kTransient) {
    state->lifecycle = Lifecycle::kDetached;
  }
  if (state->has(EntityState::kReadable)) {
    state->clear(EntityState::kReadable);
    state->clear(EntityState::kExpired);
  }
}

void SessionCore::Expunge(EntityState* state) {
  if (state->session != this) return;
  EntityRef keep(state);
  if (state->lifecycle == Lifecycle::kPending) {
    changes_.RemoveNew(state);
  } else if (state->lifecycle == Lifecycle::kPersistent) {
    changes_.UnmarkDeleted(state);
    if (state->edit != nullptr && state->edit->has_snapshot) {
      KeyValues key;
      key.AssignBefore(*state->type(), *state->edit);
      identity_map_.EraseKey(state, key.views());
    } else {
      identity_map_.Erase(state);
    }
  }
  changes_.Untouch(state);
  Unwatch(state);
  LoadBatch::Leave(state);
  Detach(state);
}

// ---- Late writes

void SessionCore::Watch(EntityState* state) {
  Unwatch(state);
  watched_.emplace(state, NewEditRecord(state, /*snapshot=*/true));
  state->watched = 1;
}

void SessionCore::Unwatch(const EntityState* state) {
  if (!state->watched) return;
  auto found = watched_.find(state);
  if (found == watched_.end()) return;
  found->second->state->watched = 0;
  DeleteEditRecord(found->second, *state->type());
  watched_.erase(found);
}

void SessionCore::UnwatchAll() {
  for (auto& [state, record] : watched_) {
    record->state->watched = 0;
    DeleteEditRecord(record, *state->type());
  }
  watched_.clear();
}

const EntityState* SessionCore::FindLateWrite() const {
  for (const auto& [state, record] : watched_) {
    // What is edited now may differ.
    if (state->edit != nullptr || state->needs_load()) continue;
    for (const Property& property : state->type()->properties()) {
      if (Differs(*record, property)) return state;
    }
  }
  return nullptr;
}

// ---- Memory

bool SessionCore::IsCollectable(const EntityState* state) const {
  return state->refs == 0 && state->inbound == 0 && state->in_undo == 0 &&
         state->edit == nullptr && state->lifecycle != Lifecycle::kPending &&
         !state->has(EntityState::kMarkedDeleted);
}

void SessionCore::Enqueue(EntityState* state) {
  if (!IsCollectable(state) || state->queued) return;
  state->queued = 1;
  garbage_.push_back(state);
  if (holds_ == 0) Drain();
}

void SessionCore::Drain() {
  if (draining_) return;
  draining_ = true;
  while (!garbage_.empty()) {
    EntityState* state = garbage_.back();
    garbage_.pop_back();
    state->queued = 0;
    // Somebody may have taken it up since.
    if (IsCollectable(state)) Destroy(state);
  }
  draining_ = false;
}

void SessionCore::Destroy(EntityState* state) {
  if (state->lifecycle == Lifecycle::kPersistent) identity_map_.Erase(state);
  LoadBatch::Leave(state);
  if (state->has(EntityState::kPartial)) unloaded_.erase(state);
  Unwatch(state);
  LinkOperations::Drop(state);
  if (!guests_.empty()) guests_.erase(state);
  --live_;
  state->object_type().destroy(state->object());
  EntityHeap::Free(state);
}

void SessionCore::MaybeSweep() {
  // A sweep looks at all entities: it waits until there may be as much to free
  // as pays for it.
  const size_t enough =
      std::max({kSmallPopulation, 2 * unheld_after_sweep_, held_ / 4});
  if (live_ - held_ >= enough) Sweep();
}

void SessionCore::Sweep() {
  Hold hold(this);
  std::vector<EntityState*> work;
  auto reach = [&](EntityState* state) {
    if (state->session != this || state->has(EntityState::kMark)) return;
    state->set(EntityState::kMark);
    work.push_back(state);
  };
  ForEach([&](EntityState* state) {
    if (state->refs > 0 || state->in_undo || state->edit != nullptr ||
        state->lifecycle == Lifecycle::kPending ||
        state->has(EntityState::kMarkedDeleted)) {
      reach(state);
    }
  });
  while (!work.empty()) {
    EntityState* state = work.back();
    work.pop_back();
    for (const Relationship* r : state->type()->relationships()) {
      LinkOperations::ForEachTarget(state, *r, reach);
      if (!r->to_many()) continue;
      if (LinkList* list = LinkOperations::List(state, *r)) {
        for (EntityState* target : list->removed) reach(target);
      }
    }
  }
  std::vector<EntityState*> unreached;
  ForEach([&](EntityState* state) {
    if (!state->has(EntityState::kMark)) unreached.push_back(state);
    state->clear(EntityState::kMark);
  });
  for (EntityState* state : unreached) LinkOperations::Drop(state);
  // Links from another session's entities would still count: take the rest as
  // it is found next time.
  for (EntityState* state : unreached) Release(state);
  const size_t left = live_ - std::min(live_, unreached.size());
  unheld_after_sweep_ = left - std::min(left, held_);
}

void SessionCore::Unreferenced(EntityState* state) {
  --held_;
  if (!is_open()) {
    if (held_ == 0) {
      DeleteIfUnreachable();
      return;
    }
  }
  Release(state);
}

void SessionCore::DetachAll() {
  UnwatchAll();
  undo_.Truncate({});
  while (!changes_.touched().empty()) {
    changes_.Untouch(changes_.touched().back()->state);
  }
  changes_.ClearNew();
  changes_.ClearDeleted();
  identity_map_.Clear();
  ForEach([&](EntityState* state) {
    state->clear(EntityState::kMarkedDeleted);
    state->in_undo = 0;
    LoadBatch::Leave(state);
    Detach(state);
  });
}

void SessionCore::ExpungeAll() {
  DetachAll();
  Sweep();
}

void SessionCore::Close() {
  loader_ = nullptr;
  ++held_;  // No entity's end may delete this on the way.
  DetachAll();
  Sweep();
  --held_;
  DeleteIfUnreachable();
}

void SessionCore::DeleteIfUnreachable() {
  if (!is_open() && held_ == 0 && !draining_ && holds_ == 0) delete this;
}

}  // namespace cupel::session
