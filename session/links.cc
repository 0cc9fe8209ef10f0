#include "cupel/session/links.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_core.h"

namespace cupel::session {
namespace {

// The handles that an unowned copy of `items` holds.
LinkList* Counted(absl::Span<EntityState* const> items) {
  if (items.empty()) return nullptr;
  auto list = std::make_unique<LinkList>();
  list->items.assign(items.begin(), items.end());
  for (EntityState* item : items) EntityRef(item).state()->refs++;
  return list.release();
}

absl::Status NotLoadable(const EntityState& owner, absl::string_view member) {
  return absl::FailedPreconditionError(absl::StrCat(
      owner.type()->name(), ".", member,
      " is not loaded and its entity belongs to no session: load it while the "
      "session lives (an eager load option of the query, or Load())"));
}

}  // namespace

// ---- ToOneLink

ToOneLink::ToOneLink(EntityRef target) {
  target_ = target.state();
  if (target_ != nullptr) ++target_->refs;
}

ToOneLink::ToOneLink(const ToOneLink& other)
    : ToOneLink(other.owned() ? EntityRef() : EntityRef(other.target_)) {}

ToOneLink::ToOneLink(ToOneLink&& other) noexcept {
  if (!other.owned()) target_ = std::exchange(other.target_, nullptr);
}

ToOneLink& ToOneLink::operator=(const ToOneLink& other) {
  if (this == &other) return *this;
  if (!other.owned()) {
    Set(EntityRef(other.target_));
    return *this;
  }
  if (!owned()) {
    Set(EntityRef());
    return *this;
  }
  absl::StatusOr<EntityRef> target = other.Load();
  if (target.ok()) {
    Set(*std::move(target));
  } else if (owner()->session != nullptr) {
    owner()->session->NoteError(target.status());
  }
  return *this;
}

ToOneLink& ToOneLink::operator=(ToOneLink&& other) noexcept {
  if (this == &other) return *this;
  if (other.owned()) return *this = static_cast<const ToOneLink&>(other);
  EntityRef target(other.target_);
  LinkOperations::ReleaseUnowned(&other);
  Set(std::move(target));
  return *this;
}

ToOneLink::~ToOneLink() {
  if (!owned()) LinkOperations::ReleaseUnowned(this);
}

const Relationship* ToOneLink::relationship() const {
  return owned() ? owner()->type()->relationships()[index_] : nullptr;
}

bool ToOneLink::is_loaded() const {
  return !owned() || LinkOperations::IsLoaded(owner(), *relationship());
}

absl::StatusOr<EntityRef> ToOneLink::Load(CallSite site) const {
  if ((bits_ & LinkOperations::kPrefetched) != 0) {
    LinkOperations::NoteTouched(owner(), *relationship());
  }
  if (!is_loaded()) {
    EntityState* state = owner();
    const Relationship& r = *relationship();
    if (state->session == nullptr || !state->session->is_open() ||
        state->lifecycle == Lifecycle::kDetached) {
      return NotLoadable(*state, r.name);
    }
    absl::Status status = state->session->loader()->LoadLink(state, r, site);
    if (!status.ok()) return status;
  }
  return EntityRef(target_);
}

void ToOneLink::Set(EntityRef target) {
  if (!owned()) {
    EntityRef former(target_);
    LinkOperations::ReleaseUnowned(this);
    target_ = target.state();
    if (target_ != nullptr) ++target_->refs;
    return;
  }
  EntityState* state = owner();
  EntityRef keep(state);
  if (target) {
    absl::Status status = LinkOperations::Accept(state, target);
    if (!status.ok()) {
      state->session->NoteError(std::move(status));
      return;
    }
  }
  LinkOperations::Connect(state, *relationship(), target.state());
  LinkOperations::CascadeEntry(state, *relationship(), target.state());
}

// ---- ToManyLink

ToManyLink::ToManyLink(const ToManyLink& other)
    : list_(other.owned() || other.list_ == nullptr
                ? nullptr
                : Counted(other.list_->items)) {}

ToManyLink::ToManyLink(ToManyLink&& other) noexcept {
  if (!other.owned()) list_ = std::exchange(other.list_, nullptr);
}

ToManyLink& ToManyLink::operator=(const ToManyLink& other) {
  if (this == &other) return *this;
  absl::Status status =
      other.owned() && owned() ? other.Load() : absl::OkStatus();
  std::vector<EntityRef> targets;
  if (!other.owned() || owned()) {
    for (EntityState* target : other.targets()) targets.emplace_back(target);
  }
  if (status.ok()) status = Replace(targets);
  if (!status.ok() && owned() && owner()->session != nullptr) {
    owner()->session->NoteError(std::move(status));
  }
  return *this;
}

ToManyLink& ToManyLink::operator=(ToManyLink&& other) noexcept {
  if (this == &other) return *this;
  if (!owned() && !other.owned()) {
    LinkOperations::ReleaseUnowned(this);
    list_ = std::exchange(other.list_, nullptr);
    return *this;
  }
  return *this = static_cast<const ToManyLink&>(other);
}

ToManyLink::~ToManyLink() {
  if (owned()) {
    delete list_;
  } else {
    LinkOperations::ReleaseUnowned(this);
  }
}

const Relationship* ToManyLink::relationship() const {
  return owned() ? owner()->type()->relationships()[index_] : nullptr;
}

bool ToManyLink::is_loaded() const {
  return !owned() || LinkOperations::IsLoaded(owner(), *relationship());
}

absl::Span<EntityState* const> ToManyLink::targets() const {
  if (list_ == nullptr) return {};
  return list_->items;
}

absl::Status ToManyLink::Load(CallSite site) const {
  if ((bits_ & LinkOperations::kPrefetched) != 0) {
    LinkOperations::NoteTouched(owner(), *relationship());
  }
  if (is_loaded()) return absl::OkStatus();
  EntityState* state = owner();
  const Relationship& r = *relationship();
  if (state->session == nullptr || !state->session->is_open() ||
      state->lifecycle == Lifecycle::kDetached) {
    return NotLoadable(*state, r.name);
  }
  return state->session->loader()->LoadLink(state, r, site);
}

void ToManyLink::Append(EntityRef target) {
  Insert(LinkOperations::kAtEnd, std::move(target));
}

void ToManyLink::Insert(size_t position, EntityRef target) {
  if (!target) return;
  if (!owned()) {
    LinkList& list = LinkOperations::EnsureList(*this);
    if (list.Contains(target.state())) return;
    ++target.state()->refs;
    position = std::min(position, list.items.size());
    list.items.insert(list.items.begin() + position, target.state());
    if (list.index != nullptr) list.index->insert(target.state());
    return;
  }
  EntityState* state = owner();
  EntityRef keep(state);
  absl::Status status = LinkOperations::Accept(state, target);
  if (!status.ok()) {
    state->session->NoteError(std::move(status));
    return;
  }
  LinkOperations::Connect(state, *relationship(), target.state(), position);
  LinkOperations::CascadeEntry(state, *relationship(), target.state());
}

void ToManyLink::Remove(const EntityState& target) {
  EntityRef keep(const_cast<EntityState*>(&target));
  if (owned()) {
    EntityRef keep_owner(owner());
    LinkOperations::Disconnect(owner(), *relationship(), keep.state());
    return;
  }
  if (list_ == nullptr) return;
  auto found = std::find(list_->items.begin(), list_->items.end(), &target);
  if (found == list_->items.end()) return;
  if (list_->index != nullptr) list_->index->erase(&target);
  list_->items.erase(found);
  --keep.state()->refs;
}

bool ToManyLink::Contains(const EntityState& target) const {
  return list_ != nullptr && list_->Contains(&target);
}

absl::Status ToManyLink::Replace(absl::Span<const EntityRef> targets,
                                 CallSite site) {
  absl::Status status = Load(site);
  if (!status.ok()) return status;
  absl::flat_hash_set<const EntityState*> wanted;
  for (const EntityRef& target : targets) wanted.insert(target.state());
  std::vector<EntityRef> former;
  for (EntityState* target : this->targets()) former.emplace_back(target);
  // From the back, where removal is cheap.
  for (size_t i = former.size(); i > 0; --i) {
    if (!wanted.contains(former[i - 1].state())) {
      Remove(*former[i - 1].state());
    }
  }
  for (const EntityRef& target : targets) Append(target);
  return absl::OkStatus();
}

absl::Status ToManyLink::Clear(CallSite site) { return Replace({}, site); }

void ToManyLink::Reserve(size_t count) {
  LinkOperations::EnsureList(*this).items.reserve(count);
}

// ---- ColumnSlot

absl::Status ColumnSlot::Load(CallSite site) const {
  if (is_loaded()) return absl::OkStatus();
  EntityState* state = owner();
  if (state == nullptr) {
    return absl::FailedPreconditionError(
        "a copy of a deferred column that was not loaded has no value: load "
        "it before copying");
  }
  if (state->session == nullptr || !state->session->is_open() ||
      state->lifecycle != Lifecycle::kPersistent) {
    return NotLoadable(*state, state->type()->property(index_).name);
  }
  return state->session->loader()->LoadColumn(state, index_, site);
}

}  // namespace cupel::session
