// Collection<T>: the member that links an entity to many others, in order.
//
//   struct Category { ...; cupel::Collection<Post> posts; };
//
//   for (const Post& post : category->posts) ...      // loads at first touch
//   category.Edit().posts.Append(Post{.title = "Snakes"});
//   category.Edit().posts.Remove(post);
//
// A change keeps the other end of the relationship in step and sends no SQL.
// T may be incomplete where the member is declared.

#ifndef CUPEL_ORM_COLLECTION_H_
#define CUPEL_ORM_COLLECTION_H_

#include <concepts>
#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/orm/access.h"
#include "cupel/orm/ref.h"
#include "cupel/session/links.h"

namespace cupel {

namespace orm_internal {

absl::Span<session::EntityState* const> LoadTargetsOrFail(
    const session::ToManyLink& link, session::CallSite site);

}  // namespace orm_internal

template <typename T>
class Collection : public session::ToManyLink {
 public:
  using Target = T;
  static constexpr bool kToMany = true;

  // Yields const T&; valid until the collection changes.
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() = default;
    const T& operator*() const {
      return *static_cast<const T*>(orm_internal::Readable(*position_));
    }
    const T* operator->() const { return &**this; }
    // The entity that the iterator stands at.
    Ref<T> ref() const { return Ref<T>(session::EntityRef(*position_)); }
    const_iterator& operator++() {
      ++position_;
      return *this;
    }
    const_iterator operator++(int) { return const_iterator(position_++); }
    friend bool operator==(const_iterator, const_iterator) = default;

   private:
    friend class Collection;
    explicit const_iterator(session::EntityState* const* position)
        : position_(position) {}

    session::EntityState* const* position_ = nullptr;
  };
  using iterator = const_iterator;
  using value_type = T;

  Collection() = default;

  // Loads if needed. Errors: kFailedPrecondition if the collection is not
  // loaded and cannot be (ended session, a strategy that refuses).
  using ToManyLink::Load;

  // These load if needed, and fail like absl::StatusOr::value().
  const_iterator begin(
      session::CallSite site = session::CallSite::Current()) const {
    return const_iterator(orm_internal::LoadTargetsOrFail(*this, site).data());
  }
  const_iterator end(
      session::CallSite site = session::CallSite::Current()) const {
    const auto targets = orm_internal::LoadTargetsOrFail(*this, site);
    return const_iterator(targets.data() + targets.size());
  }
  size_t size(session::CallSite site = session::CallSite::Current()) const {
    return orm_internal::LoadTargetsOrFail(*this, site).size();
  }
  bool empty(session::CallSite site = session::CallSite::Current()) const {
    return size(site) == 0;
  }
  // Requires i < size().
  Ref<T> operator[](size_t i) const {
    return Ref<T>(
        session::EntityRef(orm_internal::LoadTargetsOrFail(*this, {})[i]));
  }
  bool Contains(const Ref<T>& target,
                session::CallSite site = session::CallSite::Current()) const {
    orm_internal::LoadTargetsOrFail(*this, site);
    return target && ToManyLink::Contains(*target.erased().state());
  }
  // All targets as handles, which keep them.
  std::vector<Ref<T>> Refs(
      session::CallSite site = session::CallSite::Current()) const {
    std::vector<Ref<T>> refs;
    for (session::EntityState* state :
         orm_internal::LoadTargetsOrFail(*this, site)) {
      refs.emplace_back(session::EntityRef(state));
    }
    return refs;
  }

  // Links; what is linked already stays where it is. No SQL.
  void Append(const Ref<T>& target) { ToManyLink::Append(target.erased()); }
  // The same for a value, which becomes a new entity; returns it.
  template <typename U>
  requires orm_internal::IsOrInherits<std::remove_cvref_t<U>, T>
      Ref<std::remove_cvref_t<U>> Append(U&& value) {
    auto target = Ref<std::remove_cvref_t<U>>::Make(std::forward<U>(value));
    ToManyLink::Append(target.erased());
    return target;
  }
  void Insert(size_t position, const Ref<T>& target) {
    ToManyLink::Insert(position, target.erased());
  }
  // Unlinks; nothing happens if it is not linked. No SQL.
  void Remove(const Ref<T>& target) {
    if (target) ToManyLink::Remove(*target.erased().state());
  }
};

namespace orm_internal {

template <typename T>
concept IsLink = std::is_base_of_v<session::ToOneLink, T> ||
    std::is_base_of_v<session::ToManyLink, T>;

}  // namespace orm_internal

}  // namespace cupel

#endif  // CUPEL_ORM_COLLECTION_H_
