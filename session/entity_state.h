// EntityState, the header in front of every entity in memory, and EntityRef,
// the counted handle to one.
//
//   [EntityState][object]
//
// A handle keeps its entity readable, also after the session has ended. Links
// between entities (links.h) do not own: an entity that no handle reaches and
// that has nothing to be written is freed by its session.

#ifndef CUPEL_SESSION_ENTITY_STATE_H_
#define CUPEL_SESSION_ENTITY_STATE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/session/call_site.h"
#include "cupel/session/object_type.h"

namespace cupel::session {

class EntityType;
class Session;
class SessionCore;
struct EditRecord;
struct LoadBatch;
struct Property;
struct Relationship;

// Where an entity is between the program and the database.
enum class Lifecycle : uint8_t {
  kTransient,   // in no session, or not yet
  kPending,     // added, not yet flushed
  kPersistent,  // in the session, with a row
  kDeleted,     // its DELETE was flushed; ends with the transaction
  kDetached,    // has (or had) a row, belongs to no session
};
absl::string_view LifecycleName(Lifecycle lifecycle);

// What the session knows of an entity. Confined to the session's thread.
struct EntityState {
  enum Flag : uint8_t {
    kTyped = 1,           // object_type_ is an EntityType's, see type()
    kExpired = 2,         // read again before use
    kReadable = 4,        // expired, yet readable once detached
    kPartial = 8,         // some columns are not loaded
    kMarkedDeleted = 16,  // Delete() was called, not flushed
    kStandalone = 32,     // allocated alone, not by a heap
    kMark = 64,           // of the sweep
    kOrphanCheck = 128,   // removed from a delete-orphan parent
  };

  union {
    const ObjectType* object_type_;  // before a session takes it
    const EntityType* entity_type_;  // with kTyped
  };
  SessionCore* session;  // null: never was in one
  EditRecord* edit;      // what Edit() recorded in this flush period, or null
  LoadBatch* batch;      // the result it came with, or null
  uint32_t batch_index;
  uint32_t refs;     // EntityRefs
  uint32_t inbound;  // links of other entities
  Lifecycle lifecycle;
  uint8_t flags;
  uint16_t slot : 12;    // in its chunk of the heap
  uint16_t in_undo : 1;  // a rollback would restore it
  uint16_t watched : 1;  // debug: compared against writes past a flush
  uint16_t queued : 1;   // may be freed at the next safe point

  bool has(Flag flag) const { return (flags & flag) != 0; }
  void set(Flag flag) { flags = static_cast<uint8_t>(flags | flag); }
  void clear(Flag flag) { flags = static_cast<uint8_t>(flags & ~flag); }

  // Null for an object that no session has seen yet.
  const EntityType* type() const {
    return has(kTyped) ? entity_type_ : nullptr;
  }
  const ObjectType& object_type() const;
  // The state of an object that lives behind one.
  static EntityState* Of(void* object) {
    return static_cast<EntityState*>(object) - 1;
  }
  bool needs_load() const { return (flags & (kExpired | kPartial)) != 0; }
  void* object() { return this + 1; }
  const void* object() const { return this + 1; }
  void* member(size_t offset) { return static_cast<char*>(object()) + offset; }
  const void* member(size_t offset) const {
    return static_cast<const char*>(object()) + offset;
  }
};
static_assert(sizeof(EntityState) <= 48 || sizeof(void*) != 8);
static_assert(sizeof(EntityState) % kMaxObjectAlign == 0);

namespace entity_state_internal {
// The last handle is gone: frees the entity if nothing else needs it.
void Unreferenced(EntityState* state);
// The first handle appeared (of an entity of a session).
void Referenced(EntityState* state);
// Reads what is expired or missing. See EntityRef::Load().
absl::Status Load(EntityState* state);
// Records the first change in a flush period.
absl::Status BeginEdit(EntityState* state);
bool IsMemberLoaded(const EntityState* state, size_t offset);
bool IsPropertyLoaded(const EntityState* state, const Property& property);
absl::Status LoadMember(EntityState* state, size_t offset, CallSite site);
}  // namespace entity_state_internal

// A counted handle to an entity, or null. Copying it costs an increment that
// is not atomic: like its session it is confined to one thread at a time.
class EntityRef {
 public:
  EntityRef() = default;
  explicit EntityRef(EntityState* state) : state_(state) { Acquire(); }
  EntityRef(const EntityRef& other) : state_(other.state_) { Acquire(); }
  EntityRef(EntityRef&& other) noexcept
      : state_(std::exchange(other.state_, nullptr)) {}
  EntityRef& operator=(EntityRef other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~EntityRef() {
    if (state_ != nullptr && --state_->refs == 0) {
      entity_state_internal::Unreferenced(state_);
    }
  }

  // A transient entity of its own: moves from `object`, which is of `type`.
  // A session takes it by Add() or through a link.
  static EntityRef Make(const ObjectType& type, void* object);
  // A transient entity, default constructed.
  static EntityRef Make(const ObjectType& type);

  EntityState* state() const { return state_; }
  explicit operator bool() const { return state_ != nullptr; }
  // Requires a non-null handle. Does not load.
  void* object() const { return state_->object(); }
  const EntityType* type() const { return state_->type(); }
  Lifecycle lifecycle() const { return state_->lifecycle; }
  // Whether something must be read before the object may be used.
  bool needs_load() const { return state_->needs_load(); }

  // Reads again what is expired, and what a query left out.
  // Errors: kFailedPrecondition if that is needed and the entity is in no
  // session; kNotFound if the row is gone.
  absl::Status Load() const {
    return ABSL_PREDICT_FALSE(needs_load())
               ? entity_state_internal::Load(state_)
               : absl::OkStatus();
  }
  // Whether the column member at `offset` can be read as it is.
  bool IsLoaded(size_t offset) const {
    return !needs_load() ||
           entity_state_internal::IsMemberLoaded(state_, offset);
  }
  // Reads no more than that member, if needed. Errors: as Load().
  absl::Status LoadProperty(size_t offset,
                            CallSite site = CallSite::Current()) const {
    return IsLoaded(offset)
               ? absl::OkStatus()
               : entity_state_internal::LoadMember(state_, offset, site);
  }
  // The object for writing, until the next flush: loads it if needed and
  // records the values that it has now.
  absl::StatusOr<void*> Edit() const {
    if (state_->lifecycle == Lifecycle::kPersistent || needs_load()) {
      absl::Status status = entity_state_internal::BeginEdit(state_);
      if (ABSL_PREDICT_FALSE(!status.ok())) return status;
    }
    return state_->object();
  }

  friend bool operator==(const EntityRef& a, const EntityRef& b) {
    return a.state_ == b.state_;
  }
  template <typename H>
  friend H AbslHashValue(H hash, const EntityRef& ref) {
    return H::combine(std::move(hash), ref.state_);
  }

 private:
  void Acquire() {
    if (state_ != nullptr && state_->refs++ == 0) {
      entity_state_internal::Referenced(state_);
    }
  }

  EntityState* state_ = nullptr;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_STATE_H_
