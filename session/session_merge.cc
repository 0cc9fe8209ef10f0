// Merging entities of elsewhere into a session.

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_impl.h"

namespace cupel::session {
namespace {

// The key of a plain value, empty if it has none yet.
std::vector<engine::Value> KeyIfSet(const EntityType& type,
                                    const EntityState* state) {
  std::vector<engine::Value> key;
  KeyValues values;
  values.Assign(type, type.primary_key(), state->object());
  if (values.has_null()) return key;
  if (type.generated_key() >= 0 &&
      ReadInteger(type.property(type.generated_key()), state->object())
              .value_or(0) == 0) {
    return key;
  }
  for (const engine::ValueView& view : values.views()) key.emplace_back(view);
  return key;
}

}  // namespace

absl::StatusOr<EntityRef> Session::Impl::Merge(const EntityRef& source,
                                               bool load) {
  if (!source) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "a null entity cannot be merged");
  }
  SessionCore::Hold hold(core_);
  const int guards = autoflush_guards_++;
  absl::flat_hash_map<EntityState*, EntityRef> merged;
  std::vector<EntityState*> order;
  // First every entity on its own, then the links among them.
  std::vector<EntityState*> work = {source.state()};
  absl::Status status;
  while (!work.empty() && status.ok()) {
    EntityState* state = work.back();
    work.pop_back();
    if (merged.contains(state)) continue;
    if (core_->Contains(state)) {
      merged.emplace(state, EntityRef(state));
      continue;
    }
    const EntityType* type = core_->registry().Find(state->object_type());
    if (type == nullptr) {
      status = engine::MakeError(engine::ErrorKind::kInvalidValue,
                                 "the entity's type is not in the registry");
      break;
    }
    if (state->session != nullptr && state->has(EntityState::kExpired)) {
      status = entity_state_internal::Load(state);
      if (!status.ok()) break;
    }
    const std::vector<engine::Value> key = KeyIfSet(*type, state);
    std::vector<engine::ValueView> views;
    for (const engine::Value& value : key) views.push_back(value.view());
    EntityState* target = nullptr;
    EntityRef keep;
    if (!key.empty()) {
      target = core_->identity_map().Find(*type, views);
      if (target != nullptr && target->has(EntityState::kExpired)) {
        status = LoadState(target);
        if (absl::IsNotFound(status)) {
          status = absl::OkStatus();
          target = nullptr;
        }
      }
      if (target == nullptr && load && status.ok()) {
        absl::StatusOr<EntityRef> found = GetByKey(*type, views, nullptr);
        status = found.status();
        if (found.ok()) {
          keep = *std::move(found);
          target = keep.state();
        }
      }
    }
    if (!status.ok()) break;
    const bool is_new = target == nullptr;
    if (is_new) {
      target = core_->NewLoaded(*type);
      if (load || key.empty()) target->lifecycle = Lifecycle::kTransient;
    }
    keep = EntityRef(target);
    if (!is_new && load) {
      if (target->has(EntityState::kPartial)) status = LoadState(target);
      core_->changes().Touch(target,
                             target->lifecycle == Lifecycle::kPersistent);
    }
    for (const Property& property : type->properties()) {
      if (!entity_state_internal::IsPropertyLoaded(state, property)) continue;
      const void* from = state->member(property.offset);
      void* to = target->member(property.offset);
      if (is_new || !property.ops->equal(from, to)) {
        property.ops->copy_assign(to, from);
      }
      if (property.slot_offset != Property::kNoSlot) {
        static_cast<ColumnSlot*>(target->member(property.slot_offset))
            ->MarkLoaded();
      }
    }
    if (is_new && target->lifecycle == Lifecycle::kPersistent) {
      core_->identity_map().Insert(target);
    } else if (is_new) {
      status.Update(core_->Add(target));
    }
    merged.emplace(state, std::move(keep));
    order.push_back(state);
    for (const Relationship* r : type->relationships()) {
      if (!Has(r->cascade, Cascade::kMerge)) continue;
      LinkOperations::ForEachTarget(
          state, *r, [&](EntityState* linked) { work.push_back(linked); });
    }
  }
  for (EntityState* state : order) {
    if (!status.ok()) break;
    EntityState* target = merged[state].state();
    for (const Relationship* r : target->type()->relationships()) {
      if (!Has(r->cascade, Cascade::kMerge) || r->view_only) continue;
      std::vector<EntityRef> linked;
      LinkOperations::ForEachTarget(state, *r, [&](EntityState* other) {
        auto found = merged.find(other);
        if (found != merged.end()) linked.push_back(found->second);
      });
      // A plain value says nothing by an empty link.
      const bool says =
          !linked.empty() ||
          (state->session != nullptr && LinkOperations::IsLoaded(state, *r));
      if (!says) continue;
      if (!r->to_many()) {
        LinkOperations::Connect(target, *r,
                                linked.empty() ? nullptr : linked[0].state());
        continue;
      }
      status = LinkOperations::Many(target, *r).Replace(linked);
      if (!status.ok()) break;
    }
  }
  autoflush_guards_ = guards;
  CUPEL_RETURN_IF_ERROR(status);
  return merged[source.state()];
}

}  // namespace cupel::session
