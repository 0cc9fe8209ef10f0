// Primary key, unique, check, foreign key and exclusion constraints of a table.
//
// The ...Options structs are what a program writes; the classes are what a
// built Table offers, with the columns resolved:
//
//   TableBuilder("post")
//       .Column({.name = "author_id", .type = engine::BigInteger()})
//       .ForeignKey({.columns = {"author_id"},
//                    .referred_table = "author",
//                    .referred_columns = {"id"},
//                    .on_delete = ForeignKeyAction::kCascade})
//       .Check({.name = "known", .condition = SqlFragment::Text("...")});
//
// Columns are named by key, or by name where no key fits. A constraint without
// a name is named by the MetaData's NamingConvention when DDL is made.

#ifndef CUPEL_SCHEMA_CONSTRAINT_H_
#define CUPEL_SCHEMA_CONSTRAINT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/schema/foreign_key_action.h"  // IWYU pragma: export
#include "cupel/schema/sql_fragment.h"
#include "cupel/schema/table_reference.h"

namespace cupel::schema {

class Column;
class Table;

// How a key that is NULL in part is matched; kNone writes no clause (SIMPLE).
enum class Match : uint8_t { kNone, kSimple, kPartial, kFull };

// What the database does with a row that violates a constraint, where it has
// ON CONFLICT clauses in constraints; kNone writes no clause (ABORT then).
enum class OnConflict : uint8_t {
  kNone,
  kRollback,
  kAbort,
  kFail,
  kIgnore,
  kReplace,
};

struct PrimaryKeyOptions {
  std::string name;
  bool name_is_final = false;  // Constraint::name_is_final()
  // Empty: the columns flagged primary_key, in the table's order.
  std::vector<std::string> columns;
  OnConflict on_conflict = OnConflict::kNone;
};

struct UniqueOptions {
  std::string name;
  bool name_is_final = false;  // Constraint::name_is_final()
  std::vector<std::string> columns;
  Deferrable deferrable = Deferrable::kNone;
  OnConflict on_conflict = OnConflict::kNone;
  std::string comment;
};

struct CheckOptions {
  std::string name;
  bool name_is_final = false;  // Constraint::name_is_final()
  SqlFragment condition;
  std::string comment;
};

struct ForeignKeyOptions {
  std::string name;
  bool name_is_final = false;  // Constraint::name_is_final()
  std::vector<std::string> columns;
  TableReference referred_table;
  // Keys or names; empty: the primary key of the referred table.
  std::vector<std::string> referred_columns;
  ForeignKeyAction on_delete = ForeignKeyAction::kNone;
  ForeignKeyAction on_update = ForeignKeyAction::kNone;
  Deferrable deferrable = Deferrable::kNone;
  Match match = Match::kNone;
  // Created after all tables, by ALTER, where the dialect can: breaks a cycle
  // of tables at this key.
  bool use_alter = false;
  std::string comment;
};

// Two rows for which the operator holds in every part: `column` (by key or
// name) or `expression`, and the operator, such as "=" or "&&".
struct ExcludePartOptions {
  std::string column;
  SqlFragment expression;
  std::string op;
  std::string operator_class;
};

// EXCLUDE: no two rows may be such that all parts hold.
struct ExcludeOptions {
  std::string name;
  bool name_is_final = false;  // Constraint::name_is_final()
  std::string method;          // of the index behind it; empty: the default
  std::vector<ExcludePartOptions> parts;
  // Only among rows for which this holds.
  SqlFragment where;
  Deferrable deferrable = Deferrable::kNone;
  std::string comment;
};

// What constraints share. Owned by its table, immutable, at a stable address;
// lives as long as the table.
class Constraint {
 public:
  enum class Kind : uint8_t {
    kPrimaryKey,
    kUnique,
    kCheck,
    kForeignKey,
    kExclude,
  };

  Constraint(const Constraint&) = delete;
  Constraint& operator=(const Constraint&) = delete;
  Constraint(Constraint&&) = default;

  Kind kind() const { return kind_; }
  const Table& table() const { return *table_; }

  // The name as given; often empty. NamingConvention::NameOf() tells the name
  // that the database gets.
  const std::string& name() const { return name_; }
  // The name is meant as it is: no naming convention touches it.
  bool name_is_final() const { return name_is_final_; }

  // The constrained columns of table(); empty for a check. Of an exclusion
  // constraint those of the parts that are no expressions.
  absl::Span<const Column* const> columns() const { return columns_; }

 protected:
  friend class Table;
  Constraint(Kind kind, const Table* table, std::string name,
             bool name_is_final, std::vector<const Column*> columns)
      : kind_(kind),
        name_is_final_(name_is_final),
        table_(table),
        name_(std::move(name)),
        columns_(std::move(columns)) {}
  ~Constraint() = default;

 private:
  Kind kind_;
  bool name_is_final_;
  const Table* table_;
  std::string name_;
  std::vector<const Column*> columns_;
};

class PrimaryKey final : public Constraint {
 public:
  OnConflict on_conflict() const { return options_.on_conflict; }
  bool empty() const { return columns().empty(); }

 private:
  friend class Table;
  PrimaryKey(const Table* table, PrimaryKeyOptions options,
             std::vector<const Column*> columns)
      : Constraint(Kind::kPrimaryKey, table, options.name,
                   options.name_is_final, std::move(columns)),
        options_(std::move(options)) {}

  PrimaryKeyOptions options_;
};

class Unique final : public Constraint {
 public:
  const UniqueOptions& options() const { return options_; }

 private:
  friend class Table;
  Unique(const Table* table, UniqueOptions options,
         std::vector<const Column*> columns)
      : Constraint(Kind::kUnique, table, options.name, options.name_is_final,
                   std::move(columns)),
        options_(std::move(options)) {}

  UniqueOptions options_;
};

class Check final : public Constraint {
 public:
  const SqlFragment& condition() const { return options_.condition; }
  const std::string& comment() const { return options_.comment; }

 private:
  friend class Table;
  Check(const Table* table, CheckOptions options)
      : Constraint(Kind::kCheck, table, options.name, options.name_is_final,
                   {}),
        options_(std::move(options)) {}

  CheckOptions options_;
};

class Exclude final : public Constraint {
 public:
  const ExcludeOptions& options() const { return options_; }
  // The column of each part of options().parts; null for an expression.
  absl::Span<const Column* const> parts() const { return parts_; }

 private:
  friend class Table;
  Exclude(const Table* table, ExcludeOptions options,
          std::vector<const Column*> parts, std::vector<const Column*> columns)
      : Constraint(Kind::kExclude, table, options.name, options.name_is_final,
                   std::move(columns)),
        options_(std::move(options)),
        parts_(std::move(parts)) {}

  ExcludeOptions options_;
  std::vector<const Column*> parts_;
};

// A foreign key. The referred table may be known by name only: the functions
// that need it take it, and MetaData::ReferredTable() finds it.
class ForeignKey final : public Constraint {
 public:
  const ForeignKeyOptions& options() const { return options_; }
  ForeignKeyAction on_delete() const { return options_.on_delete; }
  ForeignKeyAction on_update() const { return options_.on_update; }

  // The referred table when it was given by a function or is the own table,
  // else null: then MetaData::ReferredTable() finds it by name.
  const Table* referred_table() const;

  // Schema and name of the referred table, with the own schema filled in.
  absl::string_view referred_schema() const;
  absl::string_view referred_name() const;

  // Whether this key points to `candidate`. By name where given by name.
  bool RefersTo(const Table& candidate) const;

  // The columns of `referred` (to which this key refers), pairwise with
  // columns().
  //
  // Errors: kNotFound naming the missing column; kInvalidArgument when the
  // numbers of columns differ.
  absl::StatusOr<std::vector<const Column*>> ReferredColumns(
      const Table& referred) const;

 private:
  friend class Table;
  ForeignKey(const Table* table, ForeignKeyOptions options,
             std::vector<const Column*> columns)
      : Constraint(Kind::kForeignKey, table, options.name,
                   options.name_is_final, std::move(columns)),
        options_(std::move(options)) {}

  ForeignKeyOptions options_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_CONSTRAINT_H_
