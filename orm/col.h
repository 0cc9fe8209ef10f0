// col<&T::member>: a member of a mapped class in a query.
//
//   session.Query<Post>().Filter(col<&Post::title> != "Snakes")
//   session.Query<Post>().Filter(col<&Post::category> == python)
//   session.Query<Category>().Filter(
//       col<&Category::posts>.Any(col<&Post::title>.Like("S%")))
//
// A column is a query::TypedExpr of the member's type, with all its operators;
// a relationship has Any, Has, Contains, == and !=. Alias<T> is the class under
// another name:
//
//   const Alias<Employee> manager("manager");
//   query.Join<&Employee::manager>(manager)
//       .Filter(manager.col<&Employee::name>() == "Ada")
//
// A member that a class inherits is named with the class:
// col<&Post::created, Post>.
//
// Lifetime: for ever. Not to be used before main().

#ifndef CUPEL_ORM_COL_H_
#define CUPEL_ORM_COL_H_

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/string_view.h"
#include "cupel/orm/collection.h"
#include "cupel/orm/deferred.h"
#include "cupel/orm/mapping.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"
#include "cupel/orm/ref.h"
#include "cupel/orm/reference.h"
#include "cupel/orm/relationship_join.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/typed_expr.h"

namespace cupel {

template <typename T>
class Alias;

namespace orm_internal {

constexpr bool HasColumn(const MappingView& mapping, absl::string_view member) {
  for (const ColumnSpec& column : mapping.columns) {
    if (column.member == member) return true;
  }
  return false;
}

template <auto kMember, typename Owner>
inline constexpr bool kHasColumn = HasColumn(MappingHolder<Owner>::kView,
                                             kMemberName<kMember>);

template <typename T>
using MappedBase = typename decltype(MappingHolder<T>::kMapping)::Base;

// The class, Owner or one that it inherits, that maps the member.
template <auto kMember, typename Owner>
constexpr auto FindColumnOwner() {
  if constexpr (kHasColumn<kMember, Owner> ||
                std::is_void_v<MappedBase<Owner>>) {
    return std::type_identity<Owner>();
  } else {
    return FindColumnOwner<kMember, MappedBase<Owner>>();
  }
}
template <auto kMember, typename Owner>
using ColumnOwnerOf =
    typename decltype(FindColumnOwner<kMember, Owner>())::type;

// Whether the rows of T are in more than one table.
template <typename T>
constexpr bool IsInSeveralTables() {
  if constexpr (std::is_void_v<MappedBase<T>>) {
    return false;
  } else {
    return MappingHolder<T>::kView.inheritance.joined ||
           IsInSeveralTables<MappedBase<T>>();
  }
}

template <typename Source, typename Target>
constexpr bool HasRelationship(absl::string_view member) {
  for (const RelationshipSpec& spec :
       MappingHolder<Source>::kView.relationships) {
    if (spec.link.member == member) return true;
  }
  for (const RelationshipSpec& spec :
       MappingHolder<Target>::kView.relationships) {
    if (spec.backref && spec.reverse.member == member) return true;
  }
  return false;
}

template <auto kMember, typename Owner>
constexpr auto FindLinkOwner() {
  using Target = typename MemberType<kMember>::Target;
  if constexpr (HasRelationship<Owner, Target>(kMemberName<kMember>) ||
                std::is_void_v<MappedBase<Owner>>) {
    return std::type_identity<Owner>();
  } else {
    return FindLinkOwner<kMember, MappedBase<Owner>>();
  }
}
template <auto kMember, typename Owner>
using LinkOwnerOf = typename decltype(FindLinkOwner<kMember, Owner>())::type;

// Checks that `kMember` is a mapped column (relationship) of Owner.
template <auto kMember, typename Owner>
constexpr void CheckColumn() {
  static_assert(std::is_base_of_v<MemberClass<kMember>, Owner>,
                "cupel: this member belongs to another class");
  static_assert(!IsLink<MemberType<kMember>>,
                "cupel: a column is needed here, this is a relationship");
  static_assert(kHasColumn<kMember, Owner>,
                "cupel: this member is not mapped: add Column<> to the mapping "
                "of its class (an inherited member is named with its class: "
                "col<&T::m, T>)");
}

template <auto kMember, typename Owner>
constexpr void CheckRelationship() {
  static_assert(std::is_base_of_v<MemberClass<kMember>, Owner>,
                "cupel: this member belongs to another class");
  static_assert(IsLink<MemberType<kMember>>,
                "cupel: a relationship is needed here, this is a column");
  if constexpr (IsLink<MemberType<kMember>>) {
    static_assert(HasRelationship<Owner, typename MemberType<kMember>::Target>(
                      kMemberName<kMember>),
                  "cupel: unknown relationship: declare the member by "
                  "Relationship<> or as the Backref<> of one");
  }
}

template <auto kMember, typename Owner>
LinkId LinkOf() {
  static_assert(IsLink<MemberType<kMember>>,
                "cupel: a relationship is needed here, this is a column");
  if constexpr (IsLink<MemberType<kMember>>) {
    using Source = LinkOwnerOf<kMember, Owner>;
    CheckRelationship<kMember, Source>();
    return {&ModelOf<Source>(), kMemberName<kMember>,
            &ModelOf<typename MemberType<kMember>::Target>()};
  } else {
    return {};
  }
}

template <auto kMember>
using ColumnType = typename ValueTypeOf<MemberType<kMember>>::Type;

}  // namespace orm_internal

// A relationship in a query. Immutable.
template <typename Target, bool kToMany>
class RelationshipExpr {
 public:
  RelationshipExpr(orm_internal::LinkId link, query::FromItem source)
      : link_(link), source_(std::move(source)) {}

  // EXISTS: one of the linked entities meets `condition` (any at all, if
  // empty).
  query::TypedExpr<bool> Any(const query::Expr& condition = {}) const {
    static_assert(kToMany,
                  "cupel: Any() is for collections, Has() for "
                  "references");
    return orm_internal::LinkedTo(link_, source_, {}, condition);
  }
  // The same with a name for the linked entities, to tell them from the others
  // of their class.
  query::TypedExpr<bool> Any(const Alias<Target>& alias,
                             const query::Expr& condition) const {
    static_assert(kToMany,
                  "cupel: Any() is for collections, Has() for "
                  "references");
    return orm_internal::LinkedTo(link_, source_, alias.item(), condition);
  }
  // EXISTS: the linked entity meets `condition`.
  query::TypedExpr<bool> Has(const query::Expr& condition = {}) const {
    static_assert(!kToMany,
                  "cupel: Has() is for references, Any() for "
                  "collections");
    return orm_internal::LinkedTo(link_, source_, {}, condition);
  }
  query::TypedExpr<bool> Has(const Alias<Target>& alias,
                             const query::Expr& condition) const {
    static_assert(!kToMany,
                  "cupel: Has() is for references, Any() for "
                  "collections");
    return orm_internal::LinkedTo(link_, source_, alias.item(), condition);
  }
  // The collection holds `target`, which must have a row.
  query::TypedExpr<bool> Contains(const Ref<Target>& target) const {
    static_assert(kToMany,
                  "cupel: Contains() is for collections, == for "
                  "references");
    return orm_internal::LinksTo(link_, source_, target.erased(), false);
  }

  friend query::TypedExpr<bool> operator==(const RelationshipExpr& link,
                                           const Ref<Target>& target) {
    static_assert(!kToMany, "cupel: a collection is compared by Contains()");
    return orm_internal::LinksTo(link.link_, link.source_, target.erased(),
                                 false);
  }
  friend query::TypedExpr<bool> operator!=(const RelationshipExpr& link,
                                           const Ref<Target>& target) {
    static_assert(!kToMany, "cupel: a collection is compared by Contains()");
    return orm_internal::LinksTo(link.link_, link.source_, target.erased(),
                                 true);
  }
  friend query::TypedExpr<bool> operator==(const RelationshipExpr& link,
                                           std::nullptr_t) {
    return orm_internal::LinksTo(link.link_, link.source_, {}, false);
  }
  friend query::TypedExpr<bool> operator!=(const RelationshipExpr& link,
                                           std::nullptr_t) {
    return orm_internal::LinksTo(link.link_, link.source_, {}, true);
  }

 private:
  orm_internal::LinkId link_;
  query::FromItem source_;
};

namespace orm_internal {

// A member of Owner in `item`; empty: its table.
template <auto kMember, typename Owner>
auto MemberIn(const query::FromItem& item) {
  if constexpr (IsLink<MemberType<kMember>>) {
    using Link = MemberType<kMember>;
    return RelationshipExpr<typename Link::Target, Link::kToMany>(
        LinkOf<kMember, Owner>(), item);
  } else {
    using Declaring = ColumnOwnerOf<kMember, Owner>;
    CheckColumn<kMember, Declaring>();
    return query::TypedExpr<ColumnType<kMember>>(
        MemberColumn(ModelOf<Declaring>(), kMemberName<kMember>, item));
  }
}

// What col<> refers to. To be called once.
template <auto kMember, typename Owner>
const auto& MakeMember() {
  if constexpr (IsLink<MemberType<kMember>>) {
    return *new auto(MemberIn<kMember, Owner>(query::FromItem()));
  } else {
    using Declaring = ColumnOwnerOf<kMember, Owner>;
    CheckColumn<kMember, Declaring>();
    return *new query::TypedExpr<ColumnType<kMember>>(
        ImmortalColumn(ModelOf<Declaring>(), kMemberName<kMember>));
  }
}

}  // namespace orm_internal

template <auto kMember, typename Owner = MemberClass<kMember>>
inline const auto& col = orm_internal::MakeMember<kMember, Owner>();

// The class T under another name, or over a subquery or CTE that has its
// columns. Immutable, cheap to copy.
template <typename T>
class Alias {
  static_assert(!orm_internal::IsInSeveralTables<T>(),
                "cupel: this class has its columns in several tables and no "
                "one name for them: use an alias of its root");

 public:
  using Entity = T;

  // The table of T, named by us.
  Alias() : Alias(absl::string_view()) {}
  explicit Alias(absl::string_view name)
      : item_(query::Alias(TableOf<T>(), name)) {}
  // Rows of `item`, whose columns are named like those of T's table.
  static Alias Of(query::FromItem item) { return Alias(std::move(item)); }

  template <auto kMember>
  auto col() const {
    return orm_internal::MemberIn<kMember, T>(item_);
  }
  const query::FromItem& item() const { return item_; }

 private:
  explicit Alias(query::FromItem item) : item_(std::move(item)) {}

  query::FromItem item_;
};

}  // namespace cupel

#endif  // CUPEL_ORM_COL_H_
