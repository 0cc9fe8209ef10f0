// What a session tells of its entities: which they are, and what changed.

#include <algorithm>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_impl.h"

namespace cupel::session {

using engine::ValueView;

std::vector<EntityRef> Session::new_entities() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EntityState* state : impl_->core_->changes().added()) {
    result.emplace_back(state);
  }
  return result;
}

std::vector<EntityRef> Session::dirty() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EditRecord* record : impl_->core_->changes().touched()) {
    if (record->state->lifecycle == Lifecycle::kPersistent &&
        !record->state->has(EntityState::kMarkedDeleted)) {
      result.emplace_back(record->state);
    }
  }
  return result;
}

std::vector<EntityRef> Session::deleted() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EntityState* state : impl_->core_->changes().deleted()) {
    result.emplace_back(state);
  }
  return result;
}

void Session::ForEach(absl::FunctionRef<void(const EntityRef&)> visit) const {
  for (const EntityRef& entity : entities()) visit(entity);
}

std::vector<EntityRef> Session::entities() const {
  std::vector<EntityRef> result = new_entities();
  if (impl_->closed_) return result;
  impl_->core_->identity_map().ForEach(
      [&](EntityState* state) { result.emplace_back(state); });
  return result;
}

bool Session::IsModified(const EntityRef& entity) const {
  const EntityState* state = entity.state();
  if (state->lifecycle == Lifecycle::kPending) return true;
  const EditRecord* record = state->edit;
  if (record == nullptr) return false;
  if (record->expressions != nullptr) return true;
  if (record->has_snapshot) {
    for (const Property& property : state->type()->properties()) {
      if (Differs(*record, property)) return true;
    }
  }
  for (const Relationship* r : state->type()->relationships()) {
    if (r->to_many()) {
      const LinkList* list = LinkOperations::List(state, *r);
      if (list != nullptr && (!list->added.empty() || !list->removed.empty())) {
        return true;
      }
    } else if (LinkOperations::IsChanged(state, *r)) {
      return true;
    }
  }
  return false;
}

PropertyHistory Session::History(const EntityRef& entity, int property) const {
  PropertyHistory history;
  const EntityState* state = entity.state();
  const Property& p = state->type()->property(property);
  engine::BoundValue bound;
  if (p.ops->bind(state->member(p.offset), &bound).ok()) {
    history.after = engine::Value(bound.view);
  }
  const EditRecord* record = state->edit;
  if (record != nullptr && record->has_snapshot) {
    engine::BoundValue before;
    if (p.ops->bind(record->before(p), &before).ok()) {
      history.before = engine::Value(before.view);
    }
    history.changed = Differs(*record, p);
  } else if (state->lifecycle == Lifecycle::kPersistent) {
    history.before = history.after;
  } else {
    history.changed = true;
  }
  return history;
}

LinkHistory Session::History(const EntityRef& entity,
                             const Relationship& relationship) const {
  LinkHistory history;
  EntityState* state = entity.state();
  const bool is_new = state->lifecycle != Lifecycle::kPersistent;
  if (!relationship.to_many()) {
    const bool changed =
        is_new || LinkOperations::IsChanged(state, relationship);
    LinkOperations::ForEachTarget(state, relationship, [&](EntityState* t) {
      (changed ? history.added : history.unchanged).emplace_back(t);
    });
    // The former target by the former key, if it is in memory.
    if (changed && state->edit != nullptr && state->edit->has_snapshot &&
        !relationship.key_properties.empty() && !impl_->closed_) {
      absl::InlinedVector<engine::BoundValue, 2> bound(
          relationship.key_properties.size());
      std::vector<ValueView> key;
      for (size_t i = 0; i < bound.size(); ++i) {
        const Property& p =
            state->type()->property(relationship.key_properties[i]);
        if (!p.ops->bind(state->edit->before(p), &bound[i]).ok()) break;
        key.push_back(bound[i].view);
      }
      EntityState* former =
          impl_->core_->identity_map().Find(*relationship.target, key);
      if (former != nullptr) history.removed.emplace_back(former);
    }
    return history;
  }
  const LinkList* list = LinkOperations::List(state, relationship);
  if (list == nullptr) return history;
  for (EntityState* target : list->items) {
    const bool added =
        is_new || std::find(list->added.begin(), list->added.end(), target) !=
                      list->added.end();
    (added ? history.added : history.unchanged).emplace_back(target);
  }
  for (EntityState* target : list->removed) {
    history.removed.emplace_back(target);
  }
  return history;
}

size_t Session::identity_count() {
  if (impl_->closed_) return 0;
  impl_->core_->Sweep();
  return impl_->core_->identity_map().size();
}

std::vector<engine::Value> Session::KeyOf(const EntityRef& entity) {
  std::vector<engine::Value> result;
  KeyValues key;
  key.Assign(*entity.type(), entity.type()->primary_key(), entity.object());
  for (const ValueView& view : key.views()) result.emplace_back(view);
  return result;
}

}  // namespace cupel::session
