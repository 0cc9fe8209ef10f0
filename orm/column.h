// Columns in a mapping: Column<&T::member>(options...), in any order.
//
//   Column<&User::id>(PrimaryKey())
//   Column<&User::email>(String(120), Unique())
//   Column<&User::name>(Name("usr_nm"), ServerDefault("''"))
//   Column<&Post::author_id>(ForeignKey<&User::id>(
//       {.on_delete = ForeignKeyAction::kCascade}))
//
// Name, type and nullability come from the member (std::optional<> is NULL, all
// else NOT NULL); a type such as String(80) and the options below override.

#ifndef CUPEL_ORM_COLUMN_H_
#define CUPEL_ORM_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/type_traits.h"
#include "cupel/orm/collection.h"
#include "cupel/orm/deferred.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"
#include "cupel/schema/foreign_key_action.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::query {
class Expr;
}  // namespace cupel::query

namespace cupel {

using schema::Deferrable;
using schema::ForeignKeyAction;

// What follows the columns of a foreign key.
struct ForeignKeyOptions {
  absl::string_view name;
  ForeignKeyAction on_delete = ForeignKeyAction::kNone;
  ForeignKeyAction on_update = ForeignKeyAction::kNone;
  Deferrable deferrable = Deferrable::kNone;
};

namespace orm_internal {

template <typename Option>
concept AppliesToColumn = requires(const Option& option, ColumnSpec& spec) {
  option.Apply(spec);
};

// A list of columns of a table, or with no member "this column".
template <auto... kMembers>
struct PrimaryKeyOption {
  absl::string_view name;
  constexpr void Apply(ColumnSpec& spec) const
      requires(sizeof...(kMembers) == 0) {
    spec.primary_key = true;
  }
};

template <auto... kMembers>
struct UniqueOption {
  absl::string_view name;
  constexpr void Apply(ColumnSpec& spec) const
      requires(sizeof...(kMembers) == 0) {
    spec.unique = true;
  }
};

template <auto... kMembers>
struct IndexOption {
  absl::string_view name;
  bool unique = false;
  constexpr void Apply(ColumnSpec& spec) const
      requires(sizeof...(kMembers) == 0) {
    spec.index = true;
  }
};

struct ForeignKeyOption {
  ForeignKeySpec spec;
  constexpr void Apply(ColumnSpec& column) const { column.foreign_key = spec; }
};

// An option that sets one field of the column.
template <typename Field, Field ColumnSpec::*kField>
struct FieldOption {
  Field value;
  constexpr void Apply(ColumnSpec& spec) const { spec.*kField = value; }
};

template <auto kField>
using OptionFor =
    FieldOption<typename PointerToMember<decltype(kField)>::Type, kField>;

struct ComputedOption {
  schema::SqlFragment (*expression)();
  absl::string_view text;
  bool stored;
  constexpr void Apply(ColumnSpec& spec) const {
    spec.computed = expression;
    spec.computed_text = text;
    spec.computed_stored = stored;
  }
};

struct VariantOption {
  VariantSpec variant;
  constexpr void Apply(ColumnSpec& spec) const {
    size_t at = 0;
    while (!spec.variants[at].dialect.empty()) ++at;
    spec.variants[at] = variant;
  }
};

struct DeferOption {
  absl::string_view group;
  constexpr void Apply(ColumnSpec& spec) const {
    spec.deferred = true;
    spec.deferred_group = group;
  }
};

// The logical value of the C++ object at `object`.
engine::Value ValueFrom(const engine::TypeOps& ops, const void* object);

// What a condition or expression of a mapping is in the table's SQL: rendered
// when the dialect is known, with its values as literals.
schema::SqlFragment SqlFrom(const query::Expr& expression);
schema::SqlFragment SqlFrom(absl::string_view sql);

// Turns what a captureless function returns into a logical value.
template <typename Function>
engine::Value CallForValue() {
  using Result = std::decay_t<decltype(Function{}())>;
  const Result result = Function{}();
  return ValueFrom(engine::TypeOpsOf<Result>(), &result);
}

// `Function` returns an expression or text.
template <typename Function>
schema::SqlFragment CallForSql() {
  return SqlFrom(Function{}());
}

template <typename Function>
concept Captureless = std::is_empty_v<Function> &&
    std::is_default_constructible_v<Function> && requires(Function f) {
  f();
};

template <auto... kMembers>
inline constexpr absl::string_view kNames[] = {kMemberName<kMembers>...};

template <auto... kMembers>
constexpr Members NamesOf() {
  static_assert(sizeof...(kMembers) <= kMaxMembers,
                "cupel: at most 8 columns are listed here");
  if constexpr (sizeof...(kMembers) > 0) {
    return {kNames<kMembers...>, sizeof...(kMembers)};
  } else {
    return {};
  }
}

// A mapped column of class `C`, to be put into a table.
template <typename C, bool kIsPrimaryKey>
struct ColumnItem {
  using Class = C;
  static constexpr size_t kColumns = 1;
  static constexpr size_t kConstraints = 0;
  static constexpr size_t kRelationships = 0;
  static constexpr bool kHasPrimaryKey = kIsPrimaryKey;

  ColumnSpec spec;

  template <typename Table>
  constexpr void AddTo(Table& table) const {
    table.Add(spec, BaseOffsetOf<typename Table::Entity, C>());
  }
};

constexpr ColumnSpec PlainColumn(absl::string_view member, MemberOffset offset,
                                 const engine::TypeOps& (*ops)(), bool slot) {
  ColumnSpec spec;
  spec.member = member;
  spec.offset = offset;
  spec.ops = ops;
  spec.slot = slot;
  spec.deferred = slot;
  return spec;
}

template <typename Option>
constexpr void ApplyToColumn(const Option& option, ColumnSpec& spec) {
  if constexpr (std::is_same_v<Option, engine::Type>) {
    spec.type = option;
  } else {
    static_assert(AppliesToColumn<Option>,
                  "cupel: this is not an option of Column<>");
    if constexpr (AppliesToColumn<Option>) option.Apply(spec);
  }
}

}  // namespace orm_internal

// Maps a member to a column.
template <auto kMember, typename... Options>
constexpr auto Column(Options... options) {
  using Pointer = orm_internal::PointerToMember<decltype(kMember)>;
  static_assert(Pointer::kValid,
                "cupel: Column<> takes a data member, as in "
                "Column<&User::id>()");
  using Class = typename Pointer::Class;
  using Value = typename Pointer::Type;
  static_assert(!orm_internal::IsLink<Value>,
                "cupel: a Reference or Collection is mapped by "
                "Relationship<>, not by Column<>");
  static_assert(orm_internal::IsLink<Value> || engine::Storable<Value>,
                "cupel: no column type fits this member: specialise "
                "cupel::TypeTraits for its type");
  constexpr bool kIsPrimaryKey =
      (std::is_same_v<Options, orm_internal::PrimaryKeyOption<>> || ...);
  orm_internal::ColumnSpec spec = orm_internal::PlainColumn(
      kMemberName<kMember>, orm_internal::MemberOffsetOf<kMember>(),
      &engine::TypeOpsOf<Value>, orm_internal::IsDeferred<Value>);
  (orm_internal::ApplyToColumn(options, spec), ...);
  return orm_internal::ColumnItem<Class, kIsPrimaryKey>{spec};
}

// For a column: it is the primary key, or a part of it. PrimaryKey<&T::a,
// &T::b>() among the items of a Table gives the key's order.
template <auto... kMembers>
constexpr auto PrimaryKey(absl::string_view name = {}) {
  return orm_internal::PrimaryKeyOption<kMembers...>{name};
}

// For a column; Unique<&T::a, &T::b>() in a Table for several together.
template <auto... kMembers>
constexpr auto Unique(absl::string_view name = {}) {
  return orm_internal::UniqueOption<kMembers...>{name};
}

// For a column; Index<&T::a, &T::b>("name") in a Table for several together.
template <auto... kMembers>
constexpr auto Index(absl::string_view name = {}) {
  return orm_internal::IndexOption<kMembers...>{name, false};
}
template <auto... kMembers>
constexpr auto UniqueIndex(absl::string_view name = {}) {
  return orm_internal::IndexOption<kMembers...>{name, true};
}

// The column refers to the column of `kMember`, a member of `Owner` (to be
// named where the member is inherited).
template <auto kMember, typename Owner = MemberClass<kMember>>
constexpr auto ForeignKey(ForeignKeyOptions options = {}) {
  orm_internal::ForeignKeySpec spec;
  spec.referred = &orm_internal::ModelOf<Owner>;
  spec.referred_members = orm_internal::NamesOf<kMember>();
  spec.name = options.name;
  spec.on_delete = options.on_delete;
  spec.on_update = options.on_update;
  spec.deferrable = options.deferrable;
  return orm_internal::ForeignKeyOption{spec};
}

// The column's name in the database, where it is not the member's.
constexpr auto Name(absl::string_view column) {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::name>{column};
}

// Overrides the nullability that the member's type has.
constexpr auto Nullable(bool nullable = true) {
  using orm_internal::Nullability;
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::nullability>{
      nullable ? Nullability::kNull : Nullability::kNotNull};
}

// Whether the database makes the keys; by default it does for a single integer
// key that is no foreign key.
constexpr auto Autoincrement(bool on = true) {
  using orm_internal::Toggle;
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::autoincrement>{
      on ? Toggle::kOn : Toggle::kOff};
}

// DEFAULT in the table: SQL text, put there as it is.
constexpr auto ServerDefault(absl::string_view sql) {
  return orm_internal::OptionFor<
      &orm_internal::ColumnSpec::server_default_text>{sql};
}

// On the dialect of this name the column is declared as `type`, which has to
// keep values alike: Column<&T::id>(BigInteger(), Variant("mydb", Integer())).
// At most 3 a column.
constexpr auto Variant(absl::string_view dialect, engine::Type type) {
  return orm_internal::VariantOption{{dialect, type}};
}

// What may be said of a sequence; without it the database decides.
struct SequenceOptions {
  absl::string_view schema;
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
};

// The values are those of a sequence, which is created with the table: a key
// that is 0 is made by it. Several columns may name the same one.
constexpr auto FromSequence(absl::string_view name,
                            SequenceOptions options = {}) {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::sequence>{
      {name, options.schema, options.start, options.increment}};
}

// A value for inserts that name none: Default([] { return NewToken(); }). A
// member initialiser does the same for entities.
template <orm_internal::Captureless Function>
constexpr auto Default(Function) {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::default_value>{
      &orm_internal::CallForValue<Function>};
}

// A value for updates that name none: OnUpdate([] { return absl::Now(); }).
template <orm_internal::Captureless Function>
constexpr auto OnUpdate(Function) {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::on_update_value>{
      &orm_internal::CallForValue<Function>};
}

enum class Storage : uint8_t { kVirtual, kStored };

// GENERATED ALWAYS AS (sql): the database computes the column.
constexpr auto Computed(absl::string_view sql,
                        Storage storage = Storage::kVirtual) {
  return orm_internal::ComputedOption{nullptr, sql,
                                      storage == Storage::kStored};
}
// The same from an expression: Computed([] { return col<&T::a> + 1; }).
template <orm_internal::Captureless Function>
constexpr auto Computed(Function, Storage storage = Storage::kVirtual) {
  return orm_internal::ComputedOption{
      &orm_internal::CallForSql<Function>, {}, storage == Storage::kStored};
}

constexpr auto Collation(absl::string_view name) {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::collation>{name};
}

// The member counts the row's versions: an UPDATE or DELETE that meets another
// version than the one that was loaded fails.
constexpr auto VersionId() {
  return orm_internal::OptionFor<&orm_internal::ColumnSpec::version>{true};
}

// A plain member that queries do not select unless they undefer it (or its
// group). A Deferred<T> member is deferred without it.
constexpr auto DeferredColumn(absl::string_view group = {}) {
  return orm_internal::DeferOption{group};
}

}  // namespace cupel

#endif  // CUPEL_ORM_COLUMN_H_
