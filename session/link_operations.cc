#include "cupel/session/link_operations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/session/session_core.h"

namespace cupel::session {
namespace {

// From here on a list is searched through an index.
constexpr size_t kIndexedSize = 16;

bool EraseFrom(std::vector<EntityState*>* list, const EntityState* state) {
  // What is removed was often the last to come.
  for (size_t i = list->size(); i > 0; --i) {
    if ((*list)[i - 1] == state) {
      list->erase(list->begin() + (i - 1));
      return true;
    }
  }
  return false;
}

// Changes of a link are worth noting for rows that exist, in a living session.
bool IsTracked(const EntityState* owner) {
  return owner->lifecycle == Lifecycle::kPersistent &&
         owner->session != nullptr && owner->session->is_open();
}

}  // namespace

bool LinkList::Contains(const EntityState* state) {
  if (items.size() < kIndexedSize) {
    return std::find(items.begin(), items.end(), state) != items.end();
  }
  if (index == nullptr) {
    index = std::make_unique<absl::flat_hash_set<const EntityState*>>(
        items.begin(), items.end());
  }
  return index->contains(state);
}

LinkList& LinkOperations::EnsureList(const ToManyLink& link) {
  if (link.list_ == nullptr) link.list_ = new LinkList;
  return *link.list_;
}

void LinkOperations::ReleaseUnowned(ToOneLink* link) {
  EntityState* target = std::exchange(link->target_, nullptr);
  if (target == nullptr) return;
  EntityRef last(target);
  --target->refs;
}

void LinkOperations::ReleaseUnowned(ToManyLink* link) {
  std::unique_ptr<LinkList> list(std::exchange(link->list_, nullptr));
  if (list == nullptr) return;
  for (EntityState* target : list->items) {
    EntityRef last(target);
    --target->refs;
  }
}

absl::Status LinkOperations::Accept(EntityState* owner,
                                    const EntityRef& target) {
  return owner->session->Adopt(target.state());
}

void LinkOperations::CascadeEntry(EntityState* owner, const Relationship& r,
                                  EntityState* target) {
  SessionCore* core = owner->session;
  if (target == nullptr || !core->is_open()) return;
  const bool has_owner = core->Contains(owner);
  const bool has_target = core->Contains(target);
  if (has_owner == has_target) return;
  if (has_owner && Has(r.cascade, Cascade::kSaveUpdate)) {
    core->NoteError(core->Add(target));
  } else if (has_target && r.reverse != nullptr &&
             Has(r.reverse->cascade, Cascade::kSaveUpdate)) {
    core->NoteError(core->Add(owner));
  }
}

void LinkOperations::BindEmpty(EntityState* state) {
  const EntityType& type = *state->type();
  for (const Relationship* r : type.relationships()) {
    auto* anchor = static_cast<MemberAnchor*>(
        r->to_many() ? static_cast<MemberAnchor*>(&Many(state, *r))
                     : static_cast<MemberAnchor*>(&One(state, *r)));
    BindAnchor(anchor, r->index, r->offset);
  }
  if (!type.has_slots()) return;
  for (size_t i = 0; i < type.properties().size(); ++i) {
    const Property& property = type.property(static_cast<int>(i));
    if (property.slot_offset == Property::kNoSlot) continue;
    auto* slot = static_cast<ColumnSlot*>(state->member(property.slot_offset));
    BindAnchor(slot, i, property.slot_offset);
    slot->bits_ = ColumnSlot::kMissing;
  }
}

bool LinkOperations::IsLoaded(const EntityState* owner, const Relationship& r) {
  if ((Anchor(owner, r).bits_ & kLoaded) != 0) return true;
  // Before it has a row, an entity is linked to what it was linked to.
  return owner->lifecycle == Lifecycle::kTransient ||
         owner->lifecycle == Lifecycle::kPending;
}

EntityState* LinkOperations::PeekParent(EntityState* child,
                                        const Relationship& r) {
  const ToOneLink& link = One(child, r);
  if (link.target_ != nullptr || (link.bits_ & (kLoaded | kChanged)) != 0) {
    return link.target_;
  }
  if (child->lifecycle != Lifecycle::kPersistent || child->session == nullptr ||
      r.key_properties.empty()) {
    return nullptr;
  }
  return child->session->identity_map().Find(*r.target, *r.source,
                                             r.key_properties, child->object());
}

void LinkOperations::NoteTouched(EntityState* owner, const Relationship& r) {
  const MemberAnchor& anchor = Anchor(owner, r);
  anchor.bits_ &= static_cast<uint8_t>(~kPrefetched);
  if (owner->batch != nullptr) ++owner->batch->TouchesOf(&r).touched;
}

void LinkOperations::Unlink(EntityState* target) {
  if (--target->inbound == 0 && target->session != nullptr) {
    target->session->Release(target);
  }
}

// ---- One side

void LinkOperations::SetDirect(EntityState* owner, const Relationship& r,
                               EntityState* target) {
  ToOneLink& link = One(owner, r);
  if (IsTracked(owner) && !r.view_only) {
    // A foreign key of ours follows: keep what it was.
    owner->session->changes().Touch(owner,
                                    r.kind == RelationshipKind::kManyToOne);
    if (r.kind == RelationshipKind::kOneToOne &&
        (link.bits_ & (kLoaded | kChanged)) == 0) {
      link.bits_ |= kLostFormer;
    }
  }
  EntityState* former = std::exchange(link.target_, target);
  link.bits_ |= kLoaded | kChanged;
  if (target != nullptr) ++target->inbound;
  if (former != nullptr) Unlink(former);
}

bool LinkOperations::AddDirect(EntityState* owner, const Relationship& r,
                               EntityState* target, size_t position) {
  LinkList& list = EnsureList(Many(owner, r));
  if (list.Contains(target)) return false;
  position = std::min(position, list.items.size());
  list.items.insert(list.items.begin() + position, target);
  if (list.index != nullptr) list.index->insert(target);
  ++target->inbound;
  if (IsTracked(owner) && !r.view_only) {
    if (EraseFrom(&list.removed, target)) {
      --target->inbound;
    } else {
      list.added.push_back(target);
    }
    owner->session->changes().Touch(owner, false);
  }
  return true;
}

bool LinkOperations::RemoveDirect(EntityState* owner, const Relationship& r,
                                  EntityState* target) {
  const ToManyLink& link = Many(owner, r);
  const bool tracked = IsTracked(owner) && !r.view_only;
  const bool loaded = IsLoaded(owner, r);
  if (link.list_ == nullptr && (loaded || !tracked)) return false;
  LinkList& list = EnsureList(link);
  const bool present = list.Contains(target) && EraseFrom(&list.items, target);
  if (!present && (loaded || !tracked)) return false;
  if (present) {
    if (list.index != nullptr) list.index->erase(target);
    // The caller holds it.
    --target->inbound;
  }
  if (tracked) {
    if (!EraseFrom(&list.added, target) &&
        std::find(list.removed.begin(), list.removed.end(), target) ==
            list.removed.end()) {
      list.removed.push_back(target);
      ++target->inbound;
    }
    owner->session->changes().Touch(owner, false);
  }
  return true;
}

void LinkOperations::NoteOrphan(EntityState* child,
                                const Relationship* parent_side, bool orphan) {
  if (parent_side == nullptr ||
      !Has(parent_side->cascade, Cascade::kDeleteOrphan)) {
    return;
  }
  if (!orphan) {
    child->clear(EntityState::kOrphanCheck);
    return;
  }
  child->set(EntityState::kOrphanCheck);
  if (IsTracked(child)) child->session->changes().Touch(child, false);
}

// ---- Both sides

bool LinkOperations::Connect(EntityState* owner, const Relationship& r,
                             EntityState* target, size_t position) {
  switch (r.kind) {
    case RelationshipKind::kManyToOne:
      return ConnectParent(owner, r, target);
    case RelationshipKind::kOneToOne:
      return ConnectOnlyChild(owner, r, target);
    case RelationshipKind::kOneToMany:
    case RelationshipKind::kManyToMany:
      return ConnectToMany(owner, r, target, position);
  }
  return false;
}

bool LinkOperations::ConnectToMany(EntityState* owner, const Relationship& r,
                                   EntityState* target, size_t position) {
  EntityRef keep_owner(owner);
  EntityRef keep_target(target);
  if (!AddDirect(owner, r, target, position)) return false;
  NoteOrphan(target, &r, false);
  if (r.reverse == nullptr || r.view_only) return true;
  if (r.kind == RelationshipKind::kManyToMany) {
    AddDirect(target, *r.reverse, owner, kAtEnd);
    return true;
  }
  EntityRef former(PeekParent(target, *r.reverse));
  if (former.state() == owner &&
      (One(target, *r.reverse).bits_ & kLoaded) != 0) {
    return true;
  }
  if (former && former.state() != owner) {
    RemoveDirect(former.state(), r, target);
  }
  SetDirect(target, *r.reverse, owner);
  return true;
}

bool LinkOperations::ConnectParent(EntityState* owner, const Relationship& r,
                                   EntityState* target) {
  EntityRef keep_owner(owner);
  EntityRef keep_target(target);
  const ToOneLink& link = One(owner, r);
  const bool known = (link.bits_ & (kLoaded | kChanged)) != 0;
  EntityRef former(PeekParent(owner, r));
  if (known && former == keep_target) return false;
  if (!known && target == nullptr &&
      owner->lifecycle != Lifecycle::kPersistent && !former) {
    return false;
  }
  SetDirect(owner, r, target);
  if (target == nullptr) {
    NoteOrphan(owner, r.reverse, true);
  } else {
    NoteOrphan(owner, r.reverse, false);
  }
  if (r.reverse == nullptr || r.reverse->view_only) return true;
  if (former && former != keep_target) {
    if (r.reverse->to_many()) {
      RemoveDirect(former.state(), *r.reverse, owner);
    } else if (One(former.state(), *r.reverse).target_ == owner) {
      SetDirect(former.state(), *r.reverse, nullptr);
    }
  }
  if (target == nullptr) return true;
  if (r.reverse->to_many()) {
    AddDirect(target, *r.reverse, owner, kAtEnd);
    return true;
  }
  EntityRef rival(One(target, *r.reverse).target_);
  if (rival.state() == owner) return true;
  if (rival) {
    SetDirect(rival.state(), r, nullptr);
    NoteOrphan(rival.state(), r.reverse, true);
  }
  SetDirect(target, *r.reverse, owner);
  return true;
}

bool LinkOperations::ConnectOnlyChild(EntityState* owner, const Relationship& r,
                                      EntityState* target) {
  EntityRef keep_owner(owner);
  EntityRef keep_target(target);
  EntityRef former(One(owner, r).target_);
  if (former == keep_target &&
      (One(owner, r).bits_ & (kLoaded | kChanged)) != 0) {
    return false;
  }
  SetDirect(owner, r, target);
  if (former && former != keep_target) {
    if (r.reverse != nullptr) SetDirect(former.state(), *r.reverse, nullptr);
    NoteOrphan(former.state(), &r, true);
  }
  if (target == nullptr) return true;
  NoteOrphan(target, &r, false);
  if (r.reverse == nullptr) return true;
  EntityRef rival(PeekParent(target, *r.reverse));
  if (rival && rival.state() != owner &&
      One(rival.state(), r).target_ == target) {
    SetDirect(rival.state(), r, nullptr);
  }
  if (One(target, *r.reverse).target_ != owner) {
    SetDirect(target, *r.reverse, owner);
  }
  return true;
}

bool LinkOperations::Disconnect(EntityState* owner, const Relationship& r,
                                EntityState* target) {
  if (!r.to_many()) {
    if (One(owner, r).target_ != target) return false;
    return Connect(owner, r, nullptr);
  }
  EntityRef keep_owner(owner);
  EntityRef keep_target(target);
  if (!RemoveDirect(owner, r, target)) return false;
  NoteOrphan(target, &r, true);
  if (r.reverse == nullptr || r.view_only) return true;
  if (r.kind == RelationshipKind::kManyToMany) {
    RemoveDirect(target, *r.reverse, owner);
  } else if (PeekParent(target, *r.reverse) == owner) {
    SetDirect(target, *r.reverse, nullptr);
  }
  return true;
}

absl::StatusOr<EntityRef> LinkOperations::ReplaceFormer(
    EntityState* owner, const Relationship& r,
    absl::FunctionRef<absl::Status()> load) {
  ToOneLink& link = One(owner, r);
  EntityRef target(link.target_);
  if (target) Unlink(target.state());
  link.target_ = nullptr;
  link.bits_ = 0;
  absl::Status status = load();
  EntityRef former(link.target_);
  if (former) Unlink(former.state());
  link.target_ = target.state();
  if (target) ++target.state()->inbound;
  link.bits_ = kLoaded | kChanged;
  if (!status.ok()) {
    link.bits_ |= kLostFormer;
    return status;
  }
  if (!former || former == target) return EntityRef();
  if (r.reverse != nullptr &&
      One(former.state(), *r.reverse).target_ == owner) {
    SetDirect(former.state(), *r.reverse, nullptr);
  }
  NoteOrphan(former.state(), &r, true);
  return former;
}

// ---- Loading

void LinkOperations::SetLoadedOne(EntityState* owner, const Relationship& r,
                                  EntityState* target) {
  ToOneLink& link = One(owner, r);
  if ((link.bits_ & kChanged) != 0) return;
  EntityState* former = std::exchange(link.target_, target);
  link.bits_ |= kLoaded;
  if (target != nullptr) ++target->inbound;
  if (former != nullptr) Unlink(former);
}

void LinkOperations::SetLoadedMany(EntityState* owner, const Relationship& r,
                                   absl::Span<EntityState* const> targets) {
  const ToManyLink& link = Many(owner, r);
  link.bits_ |= kLoaded;
  if (link.list_ == nullptr && targets.empty()) return;
  LinkList& list = EnsureList(link);
  std::vector<EntityState*> former = std::move(list.items);
  list.index = nullptr;
  list.items.assign(targets.begin(), targets.end());
  for (EntityState* target : list.removed) EraseFrom(&list.items, target);
  if (!list.added.empty()) {
    for (EntityState* target : list.added) {
      if (!list.Contains(target)) list.items.push_back(target);
    }
    list.index = nullptr;
  }
  for (EntityState* target : list.items) ++target->inbound;
  for (EntityState* target : former) Unlink(target);
}

void LinkOperations::RemoveLoaded(EntityState* owner, const Relationship& r,
                                  EntityState* target) {
  EntityRef keep(target);
  if (!r.to_many()) {
    ToOneLink& link = One(owner, r);
    if (link.target_ != target) return;
    link.target_ = nullptr;
    Unlink(target);
    return;
  }
  LinkList* list = Many(owner, r).list_;
  if (list == nullptr || !EraseFrom(&list->items, target)) return;
  if (list->index != nullptr) list->index->erase(target);
  EraseFrom(&list->added, target);
  Unlink(target);
}

void LinkOperations::Unload(EntityState* owner, const Relationship& r) {
  if (r.to_many()) {
    ToManyLink& link = Many(owner, r);
    link.bits_ = 0;
    std::unique_ptr<LinkList> list(std::exchange(link.list_, nullptr));
    if (list == nullptr) return;
    for (EntityState* target : list->items) Unlink(target);
    for (EntityState* target : list->removed) Unlink(target);
    return;
  }
  ToOneLink& link = One(owner, r);
  link.bits_ = 0;
  EntityState* target = std::exchange(link.target_, nullptr);
  if (target != nullptr) Unlink(target);
}

void LinkOperations::UnloadAll(EntityState* owner) {
  for (const Relationship* r : owner->type()->relationships()) {
    Unload(owner, *r);
  }
}

void LinkOperations::Settle(EntityState* owner, const Relationship& r) {
  if (r.to_many()) {
    const ToManyLink& link = Many(owner, r);
    if (link.list_ == nullptr) return;
    std::vector<EntityState*> removed = std::move(link.list_->removed);
    link.list_->removed.clear();
    link.list_->added.clear();
    for (EntityState* target : removed) Unlink(target);
    return;
  }
  One(owner, r).bits_ &= static_cast<uint8_t>(~(kChanged | kLostFormer));
}

void LinkOperations::SettleInserted(EntityState* owner) {
  for (const Relationship* r : owner->type()->relationships()) {
    if (r->to_many()) {
      if (Many(owner, *r).list_ != nullptr) Many(owner, *r).bits_ |= kLoaded;
    } else {
      Settle(owner, *r);
    }
  }
}

void LinkOperations::Drop(EntityState* state) { UnloadAll(state); }

void LinkOperations::Abandon(EntityState* state) {
  for (const Relationship* r : state->type()->relationships()) {
    if (r->to_many()) {
      delete std::exchange(Many(state, *r).list_, nullptr);
    } else {
      One(state, *r).target_ = nullptr;
    }
  }
}

}  // namespace cupel::session
