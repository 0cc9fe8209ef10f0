// What a mapping says, as constant data: the descriptions that the mapping
// language (column.h, relationship.h, mapping.h) fills at compile time and that
// the compiled core reads. Users do not name these types.

#ifndef CUPEL_ORM_MAPPING_SPEC_H_
#define CUPEL_ORM_MAPPING_SPEC_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/orm/member.h"

namespace cupel::engine {
class Value;
struct TypeOps;
}  // namespace cupel::engine

namespace cupel::schema {
class Column;
class SqlFragment;
class Table;
struct TableDefinition;
enum class ForeignKeyAction : uint8_t;
enum class Deferrable : uint8_t;
}  // namespace cupel::schema

namespace cupel::session {
enum class Cascade : uint8_t;
enum class LoadStrategy : uint8_t;
enum class PassiveDeletes : uint8_t;
struct ObjectType;
}  // namespace cupel::session

namespace cupel::orm_internal {

struct MappingView;
struct ModelTable;

// A mapped class; its address is the identity of the class. One constant per
// class: kModel<T> in model.h.
struct ModelInfo {
  absl::string_view name;
  const MappingView* view;
  const session::ObjectType* object;
  // The table, once it is made.
  std::atomic<const ModelTable*>* made;

  const MappingView& mapping() const { return *view; }
  const session::ObjectType& object_type() const { return *object; }
  // Made at the first call. Threads: safe.
  const ModelTable& table() const;
};

// Names a class before it is complete.
using ModelGetter = const ModelInfo& (*)();

// A data member of a mapped class.
struct MemberSpec {
  absl::string_view name;
  ModelGetter model = nullptr;
};

// Names of members, in static storage.
struct Members {
  const absl::string_view* names = nullptr;
  size_t size = 0;

  constexpr absl::Span<const absl::string_view> view() const {
    return absl::Span<const absl::string_view>(names, size);
  }
};

inline constexpr size_t kMaxMembers = 8;

// Pairs of members that are equal where two rows are linked.
struct MemberPairs {
  absl::string_view local[kMaxMembers];
  absl::string_view remote[kMaxMembers];
  size_t size = 0;
};

struct ForeignKeySpec {
  ModelGetter referred = nullptr;  // Null: none.
  Members referred_members;
  absl::string_view name;
  schema::ForeignKeyAction on_delete{};
  schema::ForeignKeyAction on_update{};
  schema::Deferrable deferrable{};
};

// Another type on one dialect.
struct VariantSpec {
  absl::string_view dialect;  // Empty: none.
  engine::Type type;
};

inline constexpr size_t kMaxVariants = 3;

// The sequence that makes a column's values.
struct SequenceSpec {
  absl::string_view name;  // Empty: none.
  absl::string_view schema;
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
};

enum class Nullability : uint8_t { kFromType, kNull, kNotNull };
enum class Toggle : uint8_t { kDefault, kOn, kOff };

struct ColumnSpec {
  // The member: its name, its place in the class that declares it, and the
  // place of that class in the entity.
  absl::string_view member;
  MemberOffset offset;
  BaseOffset base_offset;
  const engine::TypeOps& (*ops)() = nullptr;
  // The column.
  absl::string_view name;  // Empty: the member's.
  engine::Type type;       // kUnknown: from the C++ type.
  VariantSpec variants[kMaxVariants];
  Nullability nullability = Nullability::kFromType;
  bool primary_key = false;
  bool unique = false;
  bool index = false;
  Toggle autoincrement = Toggle::kDefault;
  bool version = false;
  bool deferred = false;
  bool slot = false;  // a Deferred<T>
  absl::string_view deferred_group;
  absl::string_view collation;
  absl::string_view comment;
  absl::string_view server_default_text;
  SequenceSpec sequence;
  schema::SqlFragment (*computed)() = nullptr;
  absl::string_view computed_text;
  bool computed_stored = false;
  engine::Value (*default_value)() = nullptr;
  engine::Value (*on_update_value)() = nullptr;
  ForeignKeySpec foreign_key;
};

enum class ConstraintKind : uint8_t {
  kPrimaryKey,
  kUnique,
  kIndex,
  kUniqueIndex,
  kForeignKey,
  kCheck
};

struct ConstraintSpec {
  ConstraintKind kind = ConstraintKind::kCheck;
  absl::string_view name;
  Members members;
  ForeignKeySpec foreign_key;
  absl::string_view check_text;
  schema::SqlFragment (*check)() = nullptr;
};

struct OrderBySpec {
  absl::string_view member;
  bool descending = false;
};

// What may be said of either end of a relationship.
struct RelationshipOptionsSpec {
  std::array<OrderBySpec, 4> order_by{};
  size_t order_by_size = 0;
  session::Cascade cascade{};
  bool has_cascade = false;
  session::LoadStrategy loading{};
  session::PassiveDeletes passive_deletes{};
  bool view_only = false;
  bool post_update = false;
};

// A link member and the class that it links to.
struct LinkSpec {
  absl::string_view member;
  MemberOffset offset;  // in the class that declares it
  bool to_many = false;
};

struct RelationshipSpec {
  LinkSpec link;
  BaseOffset base_offset;  // of that class in the entity
  ModelGetter target = nullptr;
  RelationshipOptionsSpec options;

  // The other end: declared here for both (backref), or by the other class,
  // too (back_populates). No name: there is none.
  LinkSpec reverse;
  bool backref = false;
  RelationshipOptionsSpec reverse_options;

  ModelGetter secondary = nullptr;  // many-to-many by way of a mapped class
  Members foreign_keys;             // members of the class that holds the key
  Members secondary_source;         // members of the secondary class
  Members secondary_target;
  absl::string_view remote_side;  // tells the direction of a self-reference
  MemberPairs on;                 // a join without a foreign key
};

// What rows of a class have in its hierarchy's discriminator.
struct IdentitySpec {
  enum class Kind : uint8_t { kNone, kText, kInteger };
  Kind kind = Kind::kNone;
  absl::string_view text;
  int64_t number = 0;  // also of an enumerator
};

// How a class stands to those that it inherits and that inherit it.
struct InheritanceSpec {
  ModelGetter base = nullptr;  // null: none
  BaseOffset base_offset;      // of the base in the entity
  bool joined = false;         // it has a table of its own
  bool adds_key = false;       // whose key is made after the base's
  IdentitySpec identity;
  absl::string_view discriminator;  // of a root: the member
  // Classes that keep their columns in this one's table.
  absl::Span<const ModelGetter> subclasses;
};

// A whole mapping.
struct MappingView {
  absl::string_view table_name;  // Empty: by the naming rule.
  absl::string_view schema;
  absl::string_view comment;
  absl::string_view bind_key;
  bool legacy_name = false;
  void (*table_args)(schema::TableDefinition&) = nullptr;
  InheritanceSpec inheritance;
  absl::Span<const ColumnSpec> columns;
  absl::Span<const ConstraintSpec> constraints;
  absl::Span<const RelationshipSpec> relationships;
};

}  // namespace cupel::orm_internal

#endif  // CUPEL_ORM_MAPPING_SPEC_H_
