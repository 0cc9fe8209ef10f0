// What the session does to links behind the user's back: binding them to their
// entity, keeping both ends in step, filling them from the database, and
// telling what changed.

#ifndef CUPEL_SESSION_LINK_OPERATIONS_H_
#define CUPEL_SESSION_LINK_OPERATIONS_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/links.h"

namespace cupel::session {

// The targets of a ToManyLink that are in memory.
struct LinkList {
  std::vector<EntityState*> items;
  // Since the last flush, of a persistent owner.
  std::vector<EntityState*> added;
  std::vector<EntityState*> removed;
  // Of items, once there are many.
  std::unique_ptr<absl::flat_hash_set<const EntityState*>> index;

  bool Contains(const EntityState* state);
};

class LinkOperations {
 public:
  static ToOneLink& One(EntityState* owner, const Relationship& r) {
    return *static_cast<ToOneLink*>(owner->member(r.offset));
  }
  static ToManyLink& Many(EntityState* owner, const Relationship& r) {
    return *static_cast<ToManyLink*>(owner->member(r.offset));
  }
  static const ToOneLink& One(const EntityState* owner, const Relationship& r) {
    return *static_cast<const ToOneLink*>(owner->member(r.offset));
  }
  static const ToManyLink& Many(const EntityState* owner,
                                const Relationship& r) {
    return *static_cast<const ToManyLink*>(owner->member(r.offset));
  }

  // Makes the links (and slots) of a typed entity owned. What they held as a
  // plain value is handed to `linked(relationship, EntityRef)`.
  template <typename Linked>
  static void Bind(EntityState* state, Linked linked);
  // The same for an object whose links are empty; slots are not loaded.
  static void BindEmpty(EntityState* state);

  // Links / unlinks on both sides. Returns whether anything changed.
  static bool Connect(EntityState* owner, const Relationship& r,
                      EntityState* target, size_t position = kAtEnd);
  static bool Disconnect(EntityState* owner, const Relationship& r,
                         EntityState* target);
  static constexpr size_t kAtEnd = static_cast<size_t>(-1);

  // The in-memory targets, whatever the kind.
  template <typename Visitor>
  static void ForEachTarget(EntityState* owner, const Relationship& r,
                            Visitor visit) {
    if (r.to_many()) {
      LinkList* list = Many(owner, r).list_;
      if (list == nullptr) return;
      // By position: `visit` may append.
      for (size_t i = 0; i < list->items.size(); ++i) visit(list->items[i]);
    } else if (EntityState* target = One(owner, r).target_) {
      visit(target);
    }
  }
  static bool IsLoaded(const EntityState* owner, const Relationship& r);
  // Whether the link was set since the last flush (kManyToOne, kOneToOne).
  static bool IsChanged(const EntityState* owner, const Relationship& r) {
    return (Anchor(owner, r).bits_ & kChanged) != 0;
  }
  // A kOneToOne link was set while its former target was not known.
  static bool LostFormer(const EntityState* owner, const Relationship& r) {
    return (Anchor(owner, r).bits_ & kLostFormer) != 0;
  }
  // Brings in by `load` whom a kOneToOne link pointed to before it was set, and
  // takes the link off there. Null: nobody.
  static absl::StatusOr<EntityRef> ReplaceFormer(
      EntityState* owner, const Relationship& r,
      absl::FunctionRef<absl::Status()> load);
  static LinkList* List(const EntityState* owner, const Relationship& r) {
    return Many(owner, r).list_;
  }

  // Loaded because a sibling was touched: the first touch is to be counted.
  static void MarkPrefetched(EntityState* owner, const Relationship& r) {
    Anchor(owner, r).bits_ |= kPrefetched;
  }
  static void NoteTouched(EntityState* owner, const Relationship& r);

  // From the database: no change is noted. A to-one that was set since is
  // kept; additions to and removals from a collection are applied again.
  static void SetLoadedOne(EntityState* owner, const Relationship& r,
                           EntityState* target);
  static void SetLoadedMany(EntityState* owner, const Relationship& r,
                            absl::Span<EntityState* const> targets);
  // Takes `target`, which is gone from the database, off.
  static void RemoveLoaded(EntityState* owner, const Relationship& r,
                           EntityState* target);
  // Forgets what is loaded, and changes with it.
  static void Unload(EntityState* owner, const Relationship& r);
  static void UnloadAll(EntityState* owner);
  // A flush has written the changes.
  static void Settle(EntityState* owner, const Relationship& r);
  // A flush has inserted the entity: it is linked to nothing else.
  static void SettleInserted(EntityState* owner);

  // Takes all targets off, without the other ends and without notes: before
  // the entity is destroyed.
  static void Drop(EntityState* state);
  // The same for an entity whose targets are destroyed, too.
  static void Abandon(EntityState* state);
  // The in-memory parent by a kManyToOne: the target, or what the foreign key
  // finds in the identity map.
  static EntityState* PeekParent(EntityState* child, const Relationship& r);

 private:
  friend class ToOneLink;
  friend class ToManyLink;
  friend class ColumnSlot;

  enum Bits : uint8_t {
    kLoaded = 1,
    kChanged = 2,
    kLostFormer = 4,
    kPrefetched = 8,  // loaded along with others, not touched yet
  };

  static const MemberAnchor& Anchor(const EntityState* owner,
                                    const Relationship& r) {
    if (r.to_many()) return Many(owner, r);
    return One(owner, r);
  }
  static void BindAnchor(MemberAnchor* anchor, size_t index, size_t offset) {
    anchor->distance_ = static_cast<uint32_t>(sizeof(EntityState) + offset);
    anchor->index_ = static_cast<uint16_t>(index);
  }
  static LinkList& EnsureList(const ToManyLink& link);
  // Unowned lists and links hold handles.
  static void ReleaseUnowned(ToOneLink* link);
  static void ReleaseUnowned(ToManyLink* link);
  static void Unlink(EntityState* target);
  static void SetDirect(EntityState* owner, const Relationship& r,
                        EntityState* target);
  static bool AddDirect(EntityState* owner, const Relationship& r,
                        EntityState* target, size_t position);
  static bool RemoveDirect(EntityState* owner, const Relationship& r,
                           EntityState* target);
  static bool ConnectToMany(EntityState* owner, const Relationship& r,
                            EntityState* target, size_t position);
  static bool ConnectParent(EntityState* owner, const Relationship& r,
                            EntityState* target);
  static bool ConnectOnlyChild(EntityState* owner, const Relationship& r,
                               EntityState* target);
  static void NoteOrphan(EntityState* child, const Relationship* parent_side,
                         bool orphan);
  // Makes the target one of the owner's session.
  static absl::Status Accept(EntityState* owner, const EntityRef& target);
  // An end of a new link enters the session that the other is in.
  static void CascadeEntry(EntityState* owner, const Relationship& r,
                           EntityState* target);
};

template <typename Linked>
void LinkOperations::Bind(EntityState* state, Linked linked) {
  const EntityType& type = *state->type();
  for (const Relationship* r : type.relationships()) {
    if (r->to_many()) {
      ToManyLink& link = Many(state, *r);
      std::unique_ptr<LinkList> list(std::exchange(link.list_, nullptr));
      BindAnchor(&link, r->index, r->offset);
      link.bits_ = 0;
      if (list == nullptr) continue;
      for (EntityState* target : list->items) {
        EntityRef ref(target);
        --target->refs;  // The list's own.
        linked(*r, std::move(ref));
      }
    } else {
      ToOneLink& link = One(state, *r);
      EntityState* target = std::exchange(link.target_, nullptr);
      BindAnchor(&link, r->index, r->offset);
      link.bits_ = 0;
      if (target == nullptr) continue;
      EntityRef ref(target);
      --target->refs;
      linked(*r, std::move(ref));
    }
  }
  if (!type.has_slots()) return;
  for (size_t i = 0; i < type.properties().size(); ++i) {
    const Property& property = type.property(static_cast<int>(i));
    if (property.slot_offset == Property::kNoSlot) continue;
    auto* slot = static_cast<ColumnSlot*>(state->member(property.slot_offset));
    const bool loaded = slot->is_loaded();
    BindAnchor(slot, i, property.slot_offset);
    slot->bits_ = loaded ? ColumnSlot::kLoaded : ColumnSlot::kMissing;
  }
}

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LINK_OPERATIONS_H_
