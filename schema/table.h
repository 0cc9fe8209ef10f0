// A table's definition, checked and immutable, and its builder.
//
//   CUPEL_ASSIGN_OR_RETURN(
//       std::shared_ptr<const Table> user,
//       TableBuilder("user")
//           .Column({.name = "id", .type = engine::BigInteger(),
//                    .primary_key = true})
//           .Column({.name = "email", .type = engine::String(120),
//                    .nullable = false, .unique = true})
//           .Build());
//   user->Find("email")->index()  // 1
//
// Columns, constraints and indexes live inside their table at addresses that
// never change, so that a `const Column*` identifies a column.

#ifndef CUPEL_SCHEMA_TABLE_H_
#define CUPEL_SCHEMA_TABLE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/schema/column.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/ddl_hook.h"
#include "cupel/schema/index.h"

namespace cupel::schema {

// A word behind CREATE TABLE (...) of one dialect, with a value or without.
struct DialectOption {
  std::string dialect;
  std::string name;
  std::string value;
};

// What a program says about a table: plain data, to be copied and changed.
struct TableDefinition {
  std::string name;
  std::string schema;  // Empty: the connection's default schema.
  std::vector<ColumnOptions> columns;
  PrimaryKeyOptions primary_key;
  std::vector<UniqueOptions> uniques;
  std::vector<CheckOptions> checks;
  std::vector<ForeignKeyOptions> foreign_keys;
  std::vector<ExcludeOptions> excludes;
  std::vector<IndexOptions> indexes;
  // Words behind CREATE TABLE (...); refused unless the dialect lists them.
  std::vector<std::string> options;
  // The same, each on its dialect only: {"mydialect", "ENGINE", "InnoDB"}.
  // Never build them from untrusted data.
  std::vector<DialectOption> dialect_options;
  bool temporary = false;
  // Found in the database as a view: usable in queries, never created.
  bool is_view = false;
  std::string comment;
  std::vector<DdlHook> hooks;
  // In the order in which they are called.
  std::vector<CompileHook> compile_hooks;
  // For people and programs; not sent to the database.
  std::string doc;
  std::map<std::string, std::string> info;
};

// Immutable and thread-safe. Lifetime: everything reached from a table lives as
// long as the table; nothing it refers to by name or function is owned.
class Table {
 public:
  // Checks `definition` and makes the table.
  //
  // Errors: kInvalidArgument listing all that is wrong with it: missing or
  // repeated names, constraints on unknown columns, contradicting options.
  static absl::StatusOr<std::shared_ptr<const Table>> Create(
      TableDefinition definition);

  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const std::string& name() const { return definition_.name; }
  const std::string& schema() const { return definition_.schema; }
  // "schema.name", or the name alone without a schema. For messages and for
  // MetaData's look-up, not for SQL.
  const std::string& full_name() const { return full_name_; }

  absl::Span<const Column> columns() const { return columns_; }

  // The column with this key, or null.
  const Column* Find(absl::string_view key) const;
  // The column with this name in the database, or null.
  const Column* FindByName(absl::string_view name) const;
  // By key, else by name, else null: how constraints name columns.
  const Column* FindByKeyOrName(absl::string_view key_or_name) const;

  // Possibly empty(); never null.
  const PrimaryKey& primary_key() const { return primary_key_.front(); }
  // The column whose values the database makes, or null.
  const Column* autoincrement_column() const { return autoincrement_column_; }

  // Those of columns (ColumnOptions::unique, index, foreign_keys, type checks)
  // first, then those of the table.
  absl::Span<const Unique> uniques() const { return uniques_; }
  absl::Span<const Check> checks() const { return checks_; }
  absl::Span<const ForeignKey> foreign_keys() const { return foreign_keys_; }
  absl::Span<const Exclude> excludes() const { return excludes_; }
  absl::Span<const Index> indexes() const { return indexes_; }

  bool is_view() const { return definition_.is_view; }
  const std::string& comment() const { return definition_.comment; }
  // Everything as given.
  const TableDefinition& definition() const { return definition_; }

 private:
  explicit Table(TableDefinition definition);

  // Each returns through `errors` what is wrong.
  void BuildColumns(std::vector<std::string>* errors);
  void BuildPrimaryKey(std::vector<std::string>* errors);
  void BuildConstraints(std::vector<std::string>* errors);
  void AddExclude(const ExcludeOptions& options,
                  std::vector<std::string>* errors);
  void BuildIndexes(std::vector<std::string>* errors);
  void ChooseAutoincrement(std::vector<std::string>* errors);
  void AddIndex(IndexOptions options, std::vector<std::string>* errors);
  std::vector<const Column*> Resolve(absl::Span<const std::string> columns,
                                     absl::string_view what,
                                     std::vector<std::string>* errors) const;

  const TableDefinition definition_;
  const std::string full_name_;
  std::vector<Column> columns_;
  std::vector<PrimaryKey> primary_key_;  // Always one.
  std::vector<Unique> uniques_;
  std::vector<Check> checks_;
  std::vector<ForeignKey> foreign_keys_;
  std::vector<Exclude> excludes_;
  std::vector<Index> indexes_;
  const Column* autoincrement_column_ = nullptr;
};

// Collects a TableDefinition. Errors wait until Build().
class TableBuilder {
 public:
  explicit TableBuilder(std::string name, std::string schema = "");

  // Starts from what `definition` says.
  explicit TableBuilder(TableDefinition definition);

  // Adds a column.
  TableBuilder& Column(ColumnOptions options);
  // Replaces the column with the same key, or adds it.
  TableBuilder& Override(ColumnOptions options);
  TableBuilder& PrimaryKey(PrimaryKeyOptions options);
  TableBuilder& Unique(UniqueOptions options);
  TableBuilder& Check(CheckOptions options);
  TableBuilder& ForeignKey(ForeignKeyOptions options);
  TableBuilder& Index(IndexOptions options);
  TableBuilder& Exclude(ExcludeOptions options);
  TableBuilder& Option(std::string word);
  // On that dialect only.
  TableBuilder& Option(std::string dialect, std::string name,
                       std::string value = "");
  TableBuilder& Comment(std::string text);
  TableBuilder& Hook(DdlHook hook);
  TableBuilder& Hook(CompileHook hook);

  const TableDefinition& definition() const { return definition_; }

  // See Table::Create(). The builder may be used again.
  absl::StatusOr<std::shared_ptr<const Table>> Build() const;

 private:
  TableDefinition definition_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_TABLE_H_
