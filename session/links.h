// The erased bases of relationship members: ToOneLink and ToManyLink, and
// ColumnSlot for a column that is loaded on access. They live inside the
// user's struct.
//
// Unowned (in a plain value): a link holds counted handles, and moves and
// copies with the value. Owned (in an entity of a session): it knows its
// entity, keeps the other end of the relationship in step, loads itself at the
// first touch, and does not own what it points to. Copying or moving out of an
// owned link gives an unowned link that is not loaded.
//
// All are confined to the thread of their session.

#ifndef CUPEL_SESSION_LINKS_H_
#define CUPEL_SESSION_LINKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/session/call_site.h"
#include "cupel/session/entity_state.h"

namespace cupel::session {

class LinkOperations;
struct LinkList;

// What all members that know their entity have in common: 8 bytes.
class MemberAnchor {
 public:
  bool owned() const { return distance_ != 0; }
  // The entity that holds this member, or null if unowned.
  EntityState* owner() const {
    return owned()
               ? reinterpret_cast<EntityState*>(
                     reinterpret_cast<char*>(const_cast<MemberAnchor*>(this)) -
                     distance_)
               : nullptr;
  }

 protected:
  friend class LinkOperations;
  MemberAnchor() = default;
  ~MemberAnchor() = default;

  uint32_t distance_ = 0;  // from the owner's state to this
  uint16_t index_ = 0;     // of the relationship or property in its type
  mutable uint8_t bits_ = 0;
};

// A link to at most one entity.
class ToOneLink : public MemberAnchor {
 public:
  ToOneLink() = default;
  explicit ToOneLink(EntityRef target);
  ToOneLink(const ToOneLink& other);
  ToOneLink(ToOneLink&& other) noexcept;
  // Assignment to an owned link is Set().
  ToOneLink& operator=(const ToOneLink& other);
  ToOneLink& operator=(ToOneLink&& other) noexcept;
  ~ToOneLink();

  // The relationship, or null if unowned.
  const Relationship* relationship() const;
  // Whether target() needs no SQL.
  bool is_loaded() const;
  // The target, or null if there is none or it is not loaded.
  EntityState* target() const { return target_; }
  // Loads the target if needed; a null handle if there is none.
  // Errors: kFailedPrecondition if it is not loaded and cannot be (detached
  // entity, ended session, a strategy that refuses), naming class and
  // relationship; what the statement gives.
  absl::StatusOr<EntityRef> Load(CallSite site = CallSite::Current()) const;
  // Links to `target` (null: to nothing) and keeps the other end in step. No
  // SQL. A target of another living session is reported by the next flush.
  void Set(EntityRef target);

 private:
  friend class LinkOperations;
  mutable EntityState* target_ = nullptr;
};

// A link to any number of entities, in order, each at most once.
class ToManyLink : public MemberAnchor {
 public:
  ToManyLink() = default;
  ToManyLink(const ToManyLink& other);
  ToManyLink(ToManyLink&& other) noexcept;
  // Assignment to an owned link replaces its targets (a bulk Set): loads what
  // it holds first if it must.
  ToManyLink& operator=(const ToManyLink& other);
  ToManyLink& operator=(ToManyLink&& other) noexcept;
  ~ToManyLink();

  const Relationship* relationship() const;
  bool is_loaded() const;
  // What is in memory: all targets if is_loaded(), else those added since.
  // Valid until the link changes.
  absl::Span<EntityState* const> targets() const;
  // Loads the targets if needed. Errors: as ToOneLink::Load.
  absl::Status Load(CallSite site = CallSite::Current()) const;

  // None of these sends SQL: a link that is not loaded remembers the change
  // and applies it when it is. Append of a member and Remove of a stranger do
  // nothing.
  void Append(EntityRef target);
  void Insert(size_t position, EntityRef target);
  void Remove(const EntityState& target);
  // Of what is in memory: whether `target` is linked.
  bool Contains(const EntityState& target) const;
  // Loads if needed, then links to exactly `targets`.
  absl::Status Replace(absl::Span<const EntityRef> targets,
                       CallSite site = CallSite::Current());
  absl::Status Clear(CallSite site = CallSite::Current());
  void Reserve(size_t count);

 private:
  friend class LinkOperations;
  mutable LinkList* list_ = nullptr;  // null: nothing in memory
};
static_assert(sizeof(ToOneLink) == 16 && sizeof(ToManyLink) == 16);

// The part of a deferred column's member that knows whether it is loaded.
class ColumnSlot : public MemberAnchor {
 public:
  ColumnSlot() = default;
  // A copy is as loaded as its source, but belongs to nobody.
  ColumnSlot(const ColumnSlot& other) {
    bits_ = other.is_loaded() ? kLoaded : kMissing;
  }
  ColumnSlot& operator=(const ColumnSlot& other) {
    bits_ = other.is_loaded() ? kLoaded : kMissing;
    return *this;
  }

  bool is_loaded() const {
    return bits_ == kLoaded || (bits_ == 0 && !owned());
  }
  // The member got a value / lost it.
  void MarkLoaded() const { bits_ = kLoaded; }
  void MarkUnloaded() const { bits_ = kMissing; }
  // Reads the column if needed, for the whole result where siblings were
  // touched, too. Errors: as ToOneLink::Load.
  absl::Status Load(CallSite site = CallSite::Current()) const;

 private:
  friend class LinkOperations;
  enum Bits : uint8_t { kLoaded = 1, kMissing = 2 };
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LINKS_H_
