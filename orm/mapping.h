// Table<T>(items...): what the Mapping() of a class returns.
//
//   struct Line {
//     int64_t order_id = 0;
//     int64_t number = 0;
//     std::string text;
//     static constexpr auto Mapping() {
//       using namespace cupel;
//       return Table<Line>(
//           "order_lines", Schema("shop"),
//           Column<&Line::order_id>(PrimaryKey(), ForeignKey<&Order::id>()),
//           Column<&Line::number>(PrimaryKey()), Column<&Line::text>(Text()),
//           Unique<&Line::order_id, &Line::text>(),
//           Check("number > 0", "number_positive"));
//     }
//   };
//
// Without a name the table is named after the class (naming.h). A plain base
// class is mapped once by Mixin<> and included by every table:
//
//   struct Timestamps {
//     absl::Time created = absl::Now();
//     static constexpr auto Mapping() {
//       return cupel::Mixin<Timestamps>(cupel::Column<&Timestamps::created>());
//     }
//   };
//   ... Table<Note>(Include<Timestamps>(), Column<&Note::id>(PrimaryKey()))
//
// A mapping is a constant; nothing runs before it is used.

#ifndef CUPEL_ORM_MAPPING_H_
#define CUPEL_ORM_MAPPING_H_

#include <array>
#include <cstddef>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "cupel/orm/column.h"
#include "cupel/orm/inheritance.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"
#include "cupel/orm/naming.h"
#include "cupel/orm/relationship.h"

namespace cupel {
namespace orm_internal {

// The mapping of T, or of a part of classes (`kIsMixin`).
template <typename T, bool kIsMixin, bool kPrimaryKey, size_t kColumnCount,
          size_t kConstraintCount, size_t kRelationshipCount,
          typename BaseClass = void>
struct TableSpec {
  using Entity = T;
  using Base = BaseClass;  // the mapped class that T inherits, or void
  static constexpr bool kMixin = kIsMixin;
  static constexpr size_t kColumns = kColumnCount;
  static constexpr size_t kConstraints = kConstraintCount;
  static constexpr size_t kRelationships = kRelationshipCount;
  static constexpr bool kHasPrimaryKey = kPrimaryKey;

  MappingView head;
  std::array<ColumnSpec, kColumnCount> columns{};
  std::array<ConstraintSpec, kConstraintCount> constraints{};
  std::array<RelationshipSpec, kRelationshipCount> relationships{};
  size_t column_size = 0;
  size_t constraint_size = 0;
  size_t relationship_size = 0;

  constexpr void Add(const ColumnSpec& spec, BaseOffset base_offset) {
    columns[column_size] = spec;
    columns[column_size++].base_offset = base_offset;
  }
  constexpr void Add(const RelationshipSpec& spec, BaseOffset base_offset) {
    relationships[relationship_size] = spec;
    relationships[relationship_size++].base_offset = base_offset;
  }
  constexpr void Add(const ConstraintSpec& spec) {
    constraints[constraint_size++] = spec;
  }

  // Requires static storage.
  constexpr MappingView view() const {
    MappingView view = head;
    view.columns = absl::Span<const ColumnSpec>(columns.data(), kColumnCount);
    view.constraints =
        absl::Span<const ConstraintSpec>(constraints.data(), kConstraintCount);
    view.relationships = absl::Span<const RelationshipSpec>(
        relationships.data(), kRelationshipCount);
    return view;
  }
};

template <bool kPrimaryKey>
struct ConstraintItem {
  using Class = void;
  static constexpr size_t kColumns = 0;
  static constexpr size_t kConstraints = 1;
  static constexpr size_t kRelationships = 0;
  static constexpr bool kHasPrimaryKey = kPrimaryKey;

  ConstraintSpec spec;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    table.Add(spec);
  }
};

// Sets one field of the table's head.
template <typename Field, Field MappingView::*kField>
struct HeadItem {
  using Class = void;
  static constexpr size_t kColumns = 0;
  static constexpr size_t kConstraints = 0;
  static constexpr size_t kRelationships = 0;
  static constexpr bool kHasPrimaryKey = false;

  Field value;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    table.head.*kField = value;
  }
};

template <auto kField>
using HeadItemFor =
    HeadItem<typename PointerToMember<decltype(kField)>::Type, kField>;

template <typename Base>
struct IncludeItem {
  static constexpr auto kMixin = MappingOf<Base>::Mapping();
  static_assert(decltype(kMixin)::kMixin,
                "cupel: Include<> takes a class whose mapping is a Mixin<>");
  using Class = Base;
  static constexpr size_t kColumns = decltype(kMixin)::kColumns;
  static constexpr size_t kConstraints = decltype(kMixin)::kConstraints;
  static constexpr size_t kRelationships = decltype(kMixin)::kRelationships;
  static constexpr bool kHasPrimaryKey = decltype(kMixin)::kHasPrimaryKey;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    using Entity = typename Table::Entity;
    static_assert(std::is_same_v<Entity, void> || !Table::kMixin,
                  "cupel: include the inner mixin in the table itself");
    for (const auto& spec : kMixin.columns) {
      table.Add(spec, BaseOffsetOf<Entity, Base>());
    }
    for (const auto& spec : kMixin.constraints) table.Add(spec);
    for (const auto& spec : kMixin.relationships) {
      table.Add(spec, BaseOffsetOf<Entity, Base>());
    }
  }
};

// What an argument of Table<> stands for.
template <typename Item>
constexpr const Item& AsItem(const Item& item) {
  static_assert(
      requires { Item::kColumns; },
      "cupel: this is not an item of Table<>: give it columns, "
      "relationships, constraints and table options");
  return item;
}
constexpr auto AsItem(const char* table_name) {
  return HeadItemFor<&MappingView::table_name>{table_name};
}
template <auto... kMembers>
constexpr auto AsItem(const PrimaryKeyOption<kMembers...>& option) {
  ConstraintSpec spec{ConstraintKind::kPrimaryKey, option.name,
                      NamesOf<kMembers...>()};
  return ConstraintItem<true>{spec};
}
template <auto... kMembers>
constexpr auto AsItem(const UniqueOption<kMembers...>& option) {
  ConstraintSpec spec{ConstraintKind::kUnique, option.name,
                      NamesOf<kMembers...>()};
  return ConstraintItem<false>{spec};
}
template <auto... kMembers>
constexpr auto AsItem(const IndexOption<kMembers...>& option) {
  ConstraintSpec spec{
      option.unique ? ConstraintKind::kUniqueIndex : ConstraintKind::kIndex,
      option.name, NamesOf<kMembers...>()};
  return ConstraintItem<false>{spec};
}

// The base that the items name: the first that is not void.
template <typename... Items>
struct BaseAmong {
  using Type = void;
};
template <typename Item, typename... Items>
struct BaseAmong<Item, Items...> : BaseAmong<Items...> {};
template <typename Base, bool kIsJoined, typename... Items>
requires(!std::is_void_v<Base>) struct BaseAmong<
    InheritanceItem<Base, kIsJoined>, Items...> {
  using Type = Base;
};

template <typename Item>
using ItemType =
    std::remove_cvref_t<decltype(AsItem(std::declval<const Item&>()))>;

template <typename T, typename Class>
inline constexpr bool kBelongsTo =
    std::is_void_v<Class> || std::is_same_v<T, Class> ||
    std::is_base_of_v<Class, T>;

template <typename T, bool kIsMixin, typename... Items>
constexpr auto MakeTable(const Items&... items) {
  static_assert((kBelongsTo<T, typename Items::Class> && ...),
                "cupel: a mapped member belongs to another class");
  TableSpec<T, kIsMixin, (Items::kHasPrimaryKey || ...),
            (Items::kColumns + ... + 0), (Items::kConstraints + ... + 0),
            (Items::kRelationships + ... + 0),
            typename BaseAmong<Items...>::Type>
      table;
  (items.AddTo(table), ...);
  table.head.inheritance.joined = (Items::kHasPrimaryKey || ...);
  return table;
}

}  // namespace orm_internal

// The mapping of class T. Items, in any order: the table's name, Column<>,
// Relationship<>, Include<>, PrimaryKey<>, Unique<>, Index<>, UniqueIndex<>,
// CompositeForeignKey<>, Check, Schema, Comment, BindKey, NamedBy, TableArgs,
// PolymorphicOn<>, Inherits<>, Joined (inheritance.h).
template <typename T, typename... Items>
constexpr auto Table(const Items&... items) {
  static_assert((orm_internal::ItemType<Items>::kHasPrimaryKey || ...) ||
                    !std::is_void_v<typename orm_internal::BaseAmong<
                        orm_internal::ItemType<Items>...>::Type>,
                "cupel: this mapping has no primary key: put PrimaryKey() into "
                "a Column<>, or PrimaryKey<&T::a, &T::b>() into the Table<>");
  return orm_internal::MakeTable<T, false>(orm_internal::AsItem(items)...);
}

// Columns, constraints and relationships for the tables of all classes that
// derive from Base and say Include<Base>().
template <typename Base, typename... Items>
constexpr auto Mixin(const Items&... items) {
  return orm_internal::MakeTable<Base, true>(orm_internal::AsItem(items)...);
}
template <typename Base>
constexpr auto Include() {
  return orm_internal::IncludeItem<Base>{};
}

// The schema that the table lies in.
constexpr auto Schema(absl::string_view name) {
  return orm_internal::HeadItemFor<&orm_internal::MappingView::schema>{name};
}

// Which of the database's binds (see DatabaseConfig) holds the table.
constexpr auto BindKey(absl::string_view key) {
  return orm_internal::HeadItemFor<&orm_internal::MappingView::bind_key>{key};
}

// Which rule names the table after the class.
constexpr auto NamedBy(TableNameRule rule) {
  return orm_internal::HeadItemFor<&orm_internal::MappingView::legacy_name>{
      rule == TableNameRule::kLegacy};
}

// What the schema layer can say of a table and no other item does: options of
// one dialect, indexes of expressions, exclusion constraints, hooks.
//
//   TableArgs([](schema::TableDefinition& table) {
//     table.dialect_options = {{"mydialect", "ENGINE", "InnoDB"}};
//   })
//
// `change` is called once, with what the other items say filled in; what it
// leaves is checked like every definition. Needs "cupel/schema/table.h".
constexpr auto TableArgs(void (*change)(schema::TableDefinition&)) {
  return orm_internal::HeadItemFor<&orm_internal::MappingView::table_args>{
      change};
}

namespace orm_internal {

// For a column or a table.
struct CommentOption : HeadItemFor<&MappingView::comment> {
  constexpr void Apply(ColumnSpec& spec) const { spec.comment = value; }
};

}  // namespace orm_internal

constexpr auto Comment(absl::string_view text) {
  return orm_internal::CommentOption{{text}};
}

// A condition that every row meets: SQL text, put into the table as it is.
constexpr auto Check(absl::string_view sql, absl::string_view name = {}) {
  orm_internal::ConstraintSpec spec;
  spec.name = name;
  spec.check_text = sql;
  return orm_internal::ConstraintItem<false>{spec};
}
// The same from an expression: Check([] { return col<&Line::number> > 0; }).
template <orm_internal::Captureless Function>
constexpr auto Check(Function, absl::string_view name = {}) {
  orm_internal::ConstraintSpec spec;
  spec.name = name;
  spec.check = &orm_internal::CallForSql<Function>;
  return orm_internal::ConstraintItem<false>{spec};
}

// A list of members, for CompositeForeignKey.
template <auto... kMembers>
struct MemberSet {};

// A foreign key of several columns:
//   CompositeForeignKey<MemberSet<&Line::shop, &Line::order>,
//                       MemberSet<&Order::shop, &Order::number>>()
template <typename Own, typename Referred>
struct CompositeForeignKeyOf;
template <auto... kOwn, auto kFirst, auto... kReferred>
struct CompositeForeignKeyOf<MemberSet<kOwn...>,
                             MemberSet<kFirst, kReferred...>> {
  static_assert(sizeof...(kOwn) == sizeof...(kReferred) + 1,
                "cupel: a foreign key has as many columns as its target");
  static constexpr auto Make(ForeignKeyOptions options) {
    orm_internal::ConstraintSpec spec;
    spec.kind = orm_internal::ConstraintKind::kForeignKey;
    spec.name = options.name;
    spec.members = orm_internal::NamesOf<kOwn...>();
    spec.foreign_key = ForeignKey<kFirst>(options).spec;
    spec.foreign_key.referred_members =
        orm_internal::NamesOf<kFirst, kReferred...>();
    return orm_internal::ConstraintItem<false>{spec};
  }
};
template <typename Own, typename Referred>
constexpr auto CompositeForeignKey(ForeignKeyOptions options = {}) {
  return CompositeForeignKeyOf<Own, Referred>::Make(options);
}

}  // namespace cupel

#endif  // CUPEL_ORM_MAPPING_H_
