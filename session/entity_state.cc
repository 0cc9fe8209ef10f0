#include "cupel/session/entity_state.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/session/entity_heap.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/links.h"
#include "cupel/session/session_core.h"

namespace cupel::session {

absl::string_view LifecycleName(Lifecycle lifecycle) {
  switch (lifecycle) {
    case Lifecycle::kTransient:
      return "transient";
    case Lifecycle::kPending:
      return "pending";
    case Lifecycle::kPersistent:
      return "persistent";
    case Lifecycle::kDeleted:
      return "deleted";
    case Lifecycle::kDetached:
      return "detached";
  }
  return "unknown";
}

const ObjectType& EntityState::object_type() const {
  return has(kTyped) ? entity_type_->object_type() : *object_type_;
}

namespace entity_state_internal {
namespace {

// Destroying a value may drop the last handle to the next one: a queue takes
// the place of recursion.
void DestroyTransient(EntityState* state) {
  thread_local std::vector<EntityState*>* queue = nullptr;
  if (queue != nullptr) {
    queue->push_back(state);
    return;
  }
  std::vector<EntityState*> pending = {state};
  queue = &pending;
  while (!pending.empty()) {
    EntityState* next = pending.back();
    pending.pop_back();
    next->object_type().destroy(next->object());
    EntityHeap::Free(next);
  }
  queue = nullptr;
}

}  // namespace

void Unreferenced(EntityState* state) {
  if (state->session == nullptr) {
    DestroyTransient(state);
  } else {
    state->session->Unreferenced(state);
  }
}

void Referenced(EntityState* state) {
  if (state->session != nullptr) state->session->Referenced();
}

absl::Status Load(EntityState* state) {
  SessionCore* core = state->session;
  if (core == nullptr) return absl::OkStatus();
  if (!core->is_open() || state->lifecycle != Lifecycle::kPersistent) {
    return absl::FailedPreconditionError(absl::StrCat(
        state->type()->name(), " is ", LifecycleName(state->lifecycle),
        state->has(EntityState::kExpired)
            ? " and expired: refresh it before its session ends"
            : " and some of its columns were not loaded: read the loaded ones "
              "one by one, or load it whole while its session lives"));
  }
  return core->loader()->LoadState(state);
}

absl::Status BeginEdit(EntityState* state) {
  if (state->needs_load()) {
    absl::Status status = Load(state);
    if (!status.ok()) return status;
  }
  if (state->lifecycle == Lifecycle::kPersistent) {
    SessionCore* core = state->session;
    if (state->watched && state->edit == nullptr && core->is_open()) {
      core->loader()->CheckLateWrites();
      core->Unwatch(state);
    }
    core->changes().Touch(state, /*snapshot=*/true);
  }
  return absl::OkStatus();
}

bool IsMemberLoaded(const EntityState* state, size_t offset) {
  if (state->has(EntityState::kExpired)) return false;
  if (!state->has(EntityState::kPartial)) return true;
  const auto& unloaded = state->session->unloaded();
  auto found = unloaded.find(state);
  if (found == unloaded.end()) return true;
  const auto properties = state->type()->properties();
  for (size_t i = 0; i < properties.size(); ++i) {
    if (properties[i].offset == offset) return !found->second[i];
  }
  return true;
}

bool IsPropertyLoaded(const EntityState* state, const Property& property) {
  if (property.slot_offset == Property::kNoSlot) {
    return IsMemberLoaded(state, property.offset);
  }
  return !state->has(EntityState::kExpired) &&
         static_cast<const ColumnSlot*>(state->member(property.slot_offset))
             ->is_loaded();
}

absl::Status LoadMember(EntityState* state, size_t offset, CallSite site) {
  if (state->has(EntityState::kExpired)) return Load(state);
  const auto properties = state->type()->properties();
  for (size_t i = 0; i < properties.size(); ++i) {
    if (properties[i].offset != offset) continue;
    SessionCore* core = state->session;
    if (!core->is_open() || state->lifecycle != Lifecycle::kPersistent) {
      return Load(state);
    }
    return core->loader()->LoadColumn(state, static_cast<int>(i), site);
  }
  return absl::OkStatus();
}

}  // namespace entity_state_internal

EntityRef EntityRef::Make(const ObjectType& type, void* object) {
  EntityState* state = entity_heap_internal::AllocateStandalone(type);
  type.move_construct(state->object(), object);
  return EntityRef(state);
}

EntityRef EntityRef::Make(const ObjectType& type) {
  EntityState* state = entity_heap_internal::AllocateStandalone(type);
  type.default_construct(state->object());
  return EntityRef(state);
}

}  // namespace cupel::session
