// Names, types and offsets of data members, known at compile time from a
// pointer to member alone: how a mapping says `Column<&User::email>()` and gets
// the column "email".
//
//   static_assert(cupel::kMemberName<&User::email> == "email");
//
// A member that is inherited (`&Post::created` of a plain base Timestamps) has
// the type `T Timestamps::*`: C++ forgets that it was named through Post.

#ifndef CUPEL_ORM_MEMBER_H_
#define CUPEL_ORM_MEMBER_H_

#include <cstddef>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace cupel {
namespace orm_internal {

template <typename Pointer>
struct PointerToMember {
  static constexpr bool kValid = false;
};

template <typename C, typename T>
requires(!std::is_function_v<T>) struct PointerToMember<T C::*> {
  static constexpr bool kValid = true;
  using Class = C;
  using Type = T;
};

constexpr bool IsIdentifierChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

// The last identifier of the first template argument that `pretty`, the text of
// __PRETTY_FUNCTION__, spells out.
constexpr absl::string_view LastIdentifier(absl::string_view pretty) {
  size_t end = pretty.rfind("; ");  // GCC: aliases follow the arguments.
  if (end == absl::string_view::npos) end = pretty.size();
  while (end > 0 && !IsIdentifierChar(pretty[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && IsIdentifierChar(pretty[begin - 1])) --begin;
  return pretty.substr(begin, end - begin);
}

// The name of a type without its scopes and template arguments.
constexpr absl::string_view TypeNameIn(absl::string_view pretty) {
  size_t begin = pretty.find("Named = ");
  begin = begin == absl::string_view::npos ? 0 : begin + 8;
  size_t end = pretty.find(';', begin);
  if (end == absl::string_view::npos) end = pretty.size() - 1;
  pretty = pretty.substr(begin, end - begin);
  if (const size_t arguments = pretty.find('<');
      arguments != absl::string_view::npos) {
    pretty = pretty.substr(0, arguments);
  }
  return LastIdentifier(pretty);
}

template <auto Member>
constexpr absl::string_view PrettyMember() {
  return __PRETTY_FUNCTION__;
}

template <typename Named>
constexpr absl::string_view PrettyType() {
  return __PRETTY_FUNCTION__;
}

template <auto Member>
size_t MemberOffset() {
  using Class = typename PointerToMember<decltype(Member)>::Class;
  alignas(Class) static char place[sizeof(Class)];
  const auto* object = reinterpret_cast<const Class*>(place);
  return static_cast<size_t>(reinterpret_cast<const char*>(&(object->*Member)) -
                             place);
}

// Where the part `Base` lies in an object of class `Derived`.
template <typename Derived, typename Base>
size_t BaseOffset() {
  alignas(Derived) static char place[sizeof(Derived)];
  const Base* base = reinterpret_cast<const Derived*>(place);
  return static_cast<size_t>(reinterpret_cast<const char*>(base) - place);
}

}  // namespace orm_internal

// The class and the type of a data member.
template <auto Member>
using MemberClass =
    typename orm_internal::PointerToMember<decltype(Member)>::Class;
template <auto Member>
using MemberType =
    typename orm_internal::PointerToMember<decltype(Member)>::Type;

// "email" for &User::email.
template <auto Member>
inline constexpr absl::string_view kMemberName =
    orm_internal::LastIdentifier(orm_internal::PrettyMember<Member>());

// "User" for app::User, "Box" for app::Box<int>.
template <typename T>
inline constexpr absl::string_view kTypeName =
    orm_internal::TypeNameIn(orm_internal::PrettyType<T>());

}  // namespace cupel

#endif  // CUPEL_ORM_MEMBER_H_
