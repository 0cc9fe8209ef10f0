// Reference<T>: the member that links an entity to one other entity or none.
//
//   struct Post { ...; cupel::Reference<Category> category; };
//
//   Post{.title = "Hello", .category = py}           // from a Ref
//   Post{.title = "Hello", .category = Category{}}   // or a new value
//   std::cout << post->category->name;               // loads at first touch
//   post.Edit().category = nullptr;
//
// Assigning in an entity keeps the other end of the relationship in step.
// T may be incomplete where the member is declared.

#ifndef CUPEL_ORM_REFERENCE_H_
#define CUPEL_ORM_REFERENCE_H_

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "cupel/orm/ref.h"
#include "cupel/session/links.h"

namespace cupel {

namespace orm_internal {

session::EntityRef LoadTargetOrFail(const session::ToOneLink& link,
                                    session::CallSite site);

}  // namespace orm_internal

template <typename T>
class Reference : public session::ToOneLink {
 public:
  using Target = T;
  static constexpr bool kToMany = false;

  Reference() = default;
  Reference(std::nullptr_t) {}     // NOLINT: implicit
  Reference(const Ref<T>& target)  // NOLINT: implicit
      : ToOneLink(target.erased()) {}
  template <typename U>
  requires orm_internal::InheritsFrom<U, T> Reference(
      const Ref<U>& target)  // NOLINT: implicit
      : ToOneLink(target.erased()) {}
  // From a value of T (or a class that inherits it), which becomes a new
  // entity.
  template <typename U>
  requires orm_internal::IsOrInherits<std::remove_cvref_t<U>, T> Reference(
      U&& value)  // NOLINT: implicit
      : ToOneLink(Ref<std::remove_cvref_t<U>>::Make(std::forward<U>(value))
                      .erased()) {}

  // The target, null if there is none; loaded if needed. Fails like
  // absl::StatusOr::value(), with Load() as its twin.
  Ref<T> ref(session::CallSite site = session::CallSite::Current()) const {
    return Ref<T>(orm_internal::LoadTargetOrFail(*this, site));
  }
  absl::StatusOr<Ref<T>> Load(
      session::CallSite site = session::CallSite::Current()) const {
    absl::StatusOr<session::EntityRef> target = ToOneLink::Load(site);
    if (!target.ok()) return std::move(target).status();
    return Ref<T>(*std::move(target));
  }

  // Reads the target. Requires that there is one. It lives as long as the
  // entity that holds this member, unless the link changes.
  const T& operator*() const { return *ref(); }
  const T* operator->() const { return &*ref(); }
  // Whether there is a target; loads if needed.
  explicit operator bool() const { return static_cast<bool>(ref()); }
  operator Ref<T>() const { return ref(); }  // NOLINT: implicit

  friend bool operator==(const Reference& a, const Ref<T>& b) {
    return a.ref() == b;
  }
  friend bool operator==(const Reference& a, std::nullptr_t) {
    return !a.ref();
  }
};

}  // namespace cupel

#endif  // CUPEL_ORM_REFERENCE_H_
