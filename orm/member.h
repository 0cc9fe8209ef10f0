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
#include <cstring>
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

// A text of __PRETTY_FUNCTION__. The compiler cuts names out of it for each
// member of a program: a plain loop from the end is what it does fastest. The
// type is no alias, since GCC adds the meaning of aliases to the text.
struct PrettyText {
  const char* data;
  size_t size;
};

// The last identifier in the first `end` characters.
constexpr absl::string_view LastIdentifier(PrettyText pretty, size_t end) {
  while (end > 0 && !IsIdentifierChar(pretty.data[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && IsIdentifierChar(pretty.data[begin - 1])) --begin;
  return {pretty.data + begin, end - begin};
}

template <auto Member>
constexpr PrettyText PrettyMember() {
  return {__PRETTY_FUNCTION__, sizeof(__PRETTY_FUNCTION__) - 1};
}

template <typename Named>
constexpr PrettyText PrettyType() {
  return {__PRETTY_FUNCTION__, sizeof(__PRETTY_FUNCTION__) - 1};
}

// What stands before and behind the name of the type.
constexpr size_t kPrettyTypeBegin =
    absl::string_view(PrettyType<int>().data).find("int]");

// The name of a type without its scopes and template arguments.
constexpr absl::string_view TypeNameIn(PrettyText pretty) {
  size_t end = kPrettyTypeBegin;
  while (end < pretty.size && pretty.data[end] != '<' &&
         pretty.data[end] != ';' && pretty.data[end] != ']') {
    ++end;
  }
  return LastIdentifier(pretty, end);
}

template <auto Member>
inline constexpr auto kPointer = Member;

// Where a member lies in the class that declares it. Data instead of a function
// for each member, of which a program would have thousands.
struct MemberOffset {
  const void* pointer = nullptr;  // to the pointer to member

  // A pointer to a data member is its offset (Itanium C++ ABI, 2.3).
  size_t operator()() const {
    ptrdiff_t offset;
    std::memcpy(&offset, pointer, sizeof(offset));
    return static_cast<size_t>(offset);
  }
};

template <auto Member>
constexpr MemberOffset MemberOffsetOf() {
  static_assert(sizeof(Member) == sizeof(ptrdiff_t));
  return {&kPointer<Member>};
}

template <typename Derived, typename Base>
size_t FindBase() {
  alignas(Derived) static char place[sizeof(Derived)];
  const Base* base = reinterpret_cast<const Derived*>(place);
  return static_cast<size_t>(reinterpret_cast<const char*>(base) - place);
}

// Where a base class lies in an object.
struct BaseOffset {
  size_t (*find)() = nullptr;  // null: they are one class

  size_t operator()() const { return find == nullptr ? 0 : find(); }
};

template <typename Derived, typename Base>
constexpr BaseOffset BaseOffsetOf() {
  if constexpr (std::is_same_v<Derived, Base>) {
    return {};
  } else {
    return {&FindBase<Derived, Base>};
  }
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
    orm_internal::LastIdentifier(orm_internal::PrettyMember<Member>(),
                                 orm_internal::PrettyMember<Member>().size);

// "User" for app::User, "Box" for app::Box<int>.
template <typename T>
inline constexpr absl::string_view kTypeName =
    orm_internal::TypeNameIn(orm_internal::PrettyType<T>());

}  // namespace cupel

#endif  // CUPEL_ORM_MEMBER_H_
