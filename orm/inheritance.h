// Classes that inherit one another, in a mapping. The root says which column
// tells the classes apart; a class that inherits says its base, and its value
// in that column:
//
//   struct Manager;
//   struct Employee {
//     int64_t id = 0;
//     std::string kind;
//     std::string name;
//     static constexpr auto Mapping() {
//       using namespace cupel;
//       return Table<Employee>(
//           PolymorphicOn<&Employee::kind>("employee", Subclasses<Manager>()),
//           Column<&Employee::id>(PrimaryKey()), Column<&Employee::kind>(),
//           Column<&Employee::name>());
//     }
//   };
//   struct Manager : Employee {
//     int64_t budget = 0;
//     static constexpr auto Mapping() {
//       using namespace cupel;
//       return Table<Manager>(Inherits<Employee>("manager"),
//                             Column<&Manager::budget>());
//     }
//   };
//
// The columns of Manager are (nullable) in the table of Employee, which names
// the classes that share it in Subclasses<>. A class with Joined(), or with a
// primary key of its own that is a foreign key to its base's, has its own table
// instead, with a row beside the base's; nobody needs to name it.

#ifndef CUPEL_ORM_INHERITANCE_H_
#define CUPEL_ORM_INHERITANCE_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"

namespace cupel {

// The classes that keep their columns in the table of the class that says this.
template <typename... Ts>
struct SubclassList {
  static constexpr std::array<orm_internal::ModelGetter, sizeof...(Ts)>
      kModels = {&orm_internal::ModelOf<Ts>...};
};
template <typename... Ts>
constexpr SubclassList<Ts...> Subclasses() {
  return {};
}

namespace orm_internal {

// What rows of a class have in the discriminator.
template <typename Value>
constexpr IdentitySpec IdentityOf(const Value& value) {
  IdentitySpec identity;
  if constexpr (std::is_convertible_v<const Value&, absl::string_view>) {
    identity.kind = IdentitySpec::Kind::kText;
    identity.text = value;
  } else {
    static_assert(std::is_integral_v<Value> || std::is_enum_v<Value>,
                  "cupel: the identity of a class is text, an integer or an "
                  "enumerator, as the discriminator is");
    identity.kind = IdentitySpec::Kind::kInteger;
    identity.number = static_cast<int64_t>(value);
  }
  return identity;
}

template <typename Value, typename Member>
inline constexpr bool kIdentifies =
    std::is_same_v<Member, std::string>
        ? std::is_convertible_v<const Value&, absl::string_view>
        : std::is_same_v<Value, Member> ||
              (std::is_integral_v<Value> && std::is_integral_v<Member>);

// An item that says something of inheritance and adds no column.
template <typename BaseClass, bool kIsJoined>
struct InheritanceItem {
  using Class = void;
  using Base = BaseClass;  // void: none
  static constexpr size_t kColumns = 0;
  static constexpr size_t kConstraints = 0;
  static constexpr size_t kRelationships = 0;
  static constexpr bool kHasPrimaryKey = kIsJoined;

  InheritanceSpec spec;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    InheritanceSpec& head = table.head.inheritance;
    if constexpr (!std::is_void_v<Base>) {
      using Entity = typename Table::Entity;
      static_assert(
          std::is_base_of_v<Base, Entity> && !std::is_same_v<Base, Entity>,
          "cupel: Inherits<> takes a base class of the mapped class");
      head.base = spec.base;
      if constexpr (std::is_base_of_v<Base, Entity>) {
        head.base_offset = BaseOffsetOf<Entity, Base>();
      }
    }
    if (spec.identity.kind != IdentitySpec::Kind::kNone) {
      head.identity = spec.identity;
    }
    if (!spec.discriminator.empty()) head.discriminator = spec.discriminator;
    if (!spec.subclasses.empty()) head.subclasses = spec.subclasses;
    if (spec.adds_key) head.adds_key = true;
  }
};

template <auto kMember, typename... Ts>
constexpr auto MakePolymorphic(IdentitySpec identity, SubclassList<Ts...>) {
  static_assert(PointerToMember<decltype(kMember)>::kValid,
                "cupel: PolymorphicOn<> takes a data member");
  InheritanceSpec spec;
  spec.discriminator = kMemberName<kMember>;
  spec.identity = identity;
  spec.subclasses = SubclassList<Ts...>::kModels;
  return InheritanceItem<void, false>{spec};
}

template <typename Base, typename... Ts>
constexpr auto MakeInherits(IdentitySpec identity, SubclassList<Ts...>) {
  InheritanceSpec spec;
  spec.base = &ModelOf<Base>;
  spec.identity = identity;
  spec.subclasses = SubclassList<Ts...>::kModels;
  return InheritanceItem<Base, false>{spec};
}

}  // namespace orm_internal

// For the root of classes that inherit it: `kMember`, a column, holds the
// identity of each row's class; `identity` is that of the root itself. Cupel
// writes the member.
template <auto kMember, typename Identity, typename... Ts>
constexpr auto PolymorphicOn(const Identity& identity,
                             SubclassList<Ts...> subclasses = {}) {
  static_assert(
      orm_internal::kIdentifies<std::decay_t<Identity>, MemberType<kMember>>,
      "cupel: the identity does not fit the type of the discriminator");
  return orm_internal::MakePolymorphic<kMember>(
      orm_internal::IdentityOf(identity), subclasses);
}
// Without an identity the root is abstract: each row is of a class below it.
template <auto kMember, typename... Ts>
constexpr auto PolymorphicOn(SubclassList<Ts...> subclasses = {}) {
  return orm_internal::MakePolymorphic<kMember>({}, subclasses);
}

// The class inherits the mapping of Base, one of its base classes: columns,
// relationships, the primary key. `identity` is its value in the root's
// discriminator; a class without one is abstract.
template <typename Base, typename Identity, typename... Ts>
constexpr auto Inherits(const Identity& identity,
                        SubclassList<Ts...> subclasses = {}) {
  return orm_internal::MakeInherits<Base>(orm_internal::IdentityOf(identity),
                                          subclasses);
}
template <typename Base, typename... Ts>
constexpr auto Inherits(SubclassList<Ts...> subclasses = {}) {
  return orm_internal::MakeInherits<Base>({}, subclasses);
}

// The class has a table of its own, whose key, named and typed as its base's,
// refers to that.
constexpr auto Joined() {
  orm_internal::InheritanceSpec spec;
  spec.adds_key = true;
  return orm_internal::InheritanceItem<void, true>{spec};
}

}  // namespace cupel

#endif  // CUPEL_ORM_INHERITANCE_H_
