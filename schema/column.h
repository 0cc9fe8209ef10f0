// A column of a table: its definition, its table and its place in it.
//
//   TableBuilder("user")
//       .Column({.name = "id", .type = engine::BigInteger(),
//                .primary_key = true})
//       .Column({.name = "e_mail", .key = "email",
//                .type = engine::String(120), .unique = true});
//   table->Find("email")->name()  // "e_mail"

#ifndef CUPEL_SCHEMA_COLUMN_H_
#define CUPEL_SCHEMA_COLUMN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"
#include "cupel/schema/client_default.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema {

class Table;

// Whether the database makes the values of a key column.
enum class Autoincrement : uint8_t {
  // For the only column of the primary key, if it is an integer without
  // foreign key and without default.
  kAuto,
  // As kAuto, also if the column has a foreign key.
  kIgnoreForeignKey,
  // Also for a column of a composite key.
  kYes,
  kNo,
};

enum class ComputedStorage : uint8_t { kDefault, kVirtual, kStored };

// GENERATED ALWAYS AS (expression): the database computes the value, which
// cannot be set.
struct ComputedOptions {
  SqlFragment expression;
  ComputedStorage storage = ComputedStorage::kDefault;
};

// GENERATED ... AS IDENTITY. A dialect without identity columns treats it as
// Autoincrement::kYes.
struct IdentityOptions {
  bool always = false;
  std::optional<int64_t> start;
  std::optional<int64_t> increment;
  std::optional<int64_t> minimum;
  std::optional<int64_t> maximum;
  std::optional<int64_t> cache;
  bool cycle = false;
};

// Another type on one dialect. Values are converted as ever: DDL refuses a type
// that is stored otherwise than the column's own.
struct ColumnVariant {
  std::string dialect;
  engine::Type type;
};

// What a program says about a column; everything but name and type is optional.
struct ColumnOptions {
  std::string name;
  // What code calls the column; the name when empty.
  std::string key;
  engine::Type type;
  // What DDL declares in place of `type`, each on its dialect only.
  std::vector<ColumnVariant> variants;
  // Default: the column is nullable unless it is part of the primary key.
  std::optional<bool> nullable;
  bool primary_key = false;
  // A unique constraint, an index, or with both a unique index on this column.
  bool unique = false;
  bool index = false;
  Autoincrement autoincrement = Autoincrement::kAuto;
  // Keys of deleted rows are never given again, where that costs extra.
  bool never_reuse_keys = false;
  // One-column foreign keys; their `columns` stay empty.
  std::vector<ForeignKeyOptions> foreign_keys;
  // DDL DEFAULT.
  SqlFragment server_default;
  // The database sets the value on INSERT / UPDATE in a way not told here (a
  // trigger): it is fetched after the statement.
  bool fetched_on_insert = false;
  bool fetched_on_update = false;
  ClientDefault client_default;
  ClientDefault client_on_update;
  std::optional<ComputedOptions> computed;
  std::optional<IdentityOptions> identity;
  // DEFAULT is the next value of this sequence. As a key, of an integer column,
  // it is made by the database like that of an autoincrement column.
  std::optional<Sequence> sequence;
  // A boolean column gets CHECK (name IN (0, 1)). (An enum's type says so
  // itself: engine::Type::enum_check.)
  bool boolean_check = false;
  std::string collation;
  std::string comment;
  // For people and programs; not sent to the database.
  std::string doc;
  std::map<std::string, std::string> info;
  // Present in the database without being created (a row id, say): never part
  // of CREATE TABLE.
  bool system = false;
};

// Owned by its table, immutable, at a stable address; lives as long as the
// table. Thread-safe.
class Column {
 public:
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  Column(Column&&) = default;

  // What the database calls the column, and what code calls it.
  const std::string& name() const { return options_->name; }
  const std::string& key() const {
    return options_->key.empty() ? options_->name : options_->key;
  }

  const engine::Type& type() const { return options_->type; }
  // The type as that dialect declares it; elsewhere the same.
  const engine::Type& TypeFor(absl::string_view dialect) const;
  bool nullable() const { return nullable_; }
  // Part of the primary key.
  bool primary_key() const { return primary_key_; }
  // The database makes the value when an INSERT leaves it out: the table's
  // autoincrement_column() is this one.
  bool autoincrement() const { return autoincrement_; }

  const SqlFragment& server_default() const { return options_->server_default; }
  const ClientDefault& client_default() const {
    return options_->client_default;
  }
  const ClientDefault& client_on_update() const {
    return options_->client_on_update;
  }
  // Null unless the column is computed / an identity column.
  const ComputedOptions* computed() const {
    return options_->computed ? &*options_->computed : nullptr;
  }
  const IdentityOptions* identity() const {
    return options_->identity ? &*options_->identity : nullptr;
  }
  // Null unless a sequence makes the values.
  const Sequence* sequence() const {
    return options_->sequence ? &*options_->sequence : nullptr;
  }

  // Whether the database decides the value of a row inserted without it
  // (updated by others), so that it has to be fetched.
  bool has_server_value_on_insert() const {
    return autoincrement_ || options_->fetched_on_insert || computed() ||
           !server_default().empty() || sequence();
  }
  bool has_server_value_on_update() const {
    return options_->fetched_on_update || computed();
  }

  const std::string& comment() const { return options_->comment; }
  // Everything as given.
  const ColumnOptions& options() const { return *options_; }

  const Table& table() const { return *table_; }
  // Place among table().columns(), from 0.
  int index() const { return index_; }

 private:
  friend class Table;
  Column(const Table* table, int index, const ColumnOptions* options)
      : table_(table), options_(options), index_(index) {}

  const Table* table_;
  const ColumnOptions* options_;
  int index_;
  bool nullable_ = true;
  bool primary_key_ = false;
  bool autoincrement_ = false;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_COLUMN_H_
