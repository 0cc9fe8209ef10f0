// Reads what exists in a database: names, raw descriptions, and whole tables
// ready for queries and for CreateAll() elsewhere.
//
//   Inspector inspector(connection);
//   CUPEL_ASSIGN_OR_RETURN(auto names, inspector.TableNames());
//   CUPEL_ASSIGN_OR_RETURN(auto user, inspector.ReflectTable("user"));
//
// Names, defaults, checks and other texts of a database are untrusted: names
// pass the dialect's quoting wherever they are used, and texts are refused by
// DDL when they could leave their clause.

#ifndef CUPEL_SCHEMA_INSPECTOR_H_
#define CUPEL_SCHEMA_INSPECTOR_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/catalog.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/table.h"

namespace cupel::engine {
class Connection;
}  // namespace cupel::engine

namespace cupel::schema {

struct ReflectOptions {
  std::string schema;
  // Called with what was found before the table is built: to override a
  // column's type, to add keys, to leave out columns.
  std::function<void(TableDefinition* definition)> adjust;
  // Columns that win over the found ones of the same name (or are added).
  std::vector<ColumnOptions> overrides;
};

struct ReflectAllOptions {
  std::string schema;
  // Only tables with these names; empty: all.
  std::vector<std::string> only;
  // Only names for which this holds, if given.
  std::function<bool(absl::string_view name)> filter;
  // Also tables that foreign keys of reflected tables lead to.
  bool follow_foreign_keys = true;
  bool views = false;
  // As in ReflectOptions, for every table.
  std::function<void(TableDefinition* definition)> adjust;
  // What happens when the MetaData has the table already.
  IfTaken if_taken = IfTaken::kKeep;
};

// Keeps what it has read until ClearCache(); refers to its connection. Used by
// one thread at a time. An empty schema is the connection's default one.
class Inspector {
 public:
  explicit Inspector(engine::Connection& connection);

  absl::StatusOr<std::string> DefaultSchema();
  absl::StatusOr<std::vector<std::string>> SchemaNames();
  absl::StatusOr<std::vector<std::string>> TableNames(
      absl::string_view schema = "");
  absl::StatusOr<std::vector<std::string>> ViewNames(
      absl::string_view schema = "");
  absl::StatusOr<std::vector<std::string>> TemporaryTableNames();
  // Without those of identity columns; none where there are no sequences.
  absl::StatusOr<std::vector<std::string>> SequenceNames(
      absl::string_view schema = "");
  // Enum types that are objects of the database.
  absl::StatusOr<std::vector<engine::CatalogEnum>> EnumTypes(
      absl::string_view schema = "");
  // Tables by dependency, referred ones first, with cycles as in
  // MetaData::Sort(); names only.
  absl::StatusOr<std::vector<std::string>> SortedTableNames(
      absl::string_view schema = "",
      std::vector<std::string>* cycles = nullptr);

  // Whether a table or view exists, as of the first question.
  absl::StatusOr<bool> HasTable(absl::string_view table,
                                absl::string_view schema = "");
  absl::StatusOr<bool> HasColumn(absl::string_view table,
                                 absl::string_view column,
                                 absl::string_view schema = "");
  absl::StatusOr<bool> HasIndex(absl::string_view table,
                                absl::string_view index,
                                absl::string_view schema = "");

  // All that the database tells about a table or view. The pointer lives until
  // ClearCache(). Errors: kNotFound.
  absl::StatusOr<const engine::CatalogTable*> Describe(
      absl::string_view table, absl::string_view schema = "");
  // The text of a view. Errors: kNotFound.
  absl::StatusOr<std::string> ViewDefinition(absl::string_view view,
                                             absl::string_view schema = "");

  // The table as a definition: a copy of what the database says. A constraint
  // or index keeps its name as final (name_is_final).
  absl::StatusOr<TableDefinition> ReflectDefinition(
      absl::string_view table, absl::string_view schema = "");
  absl::StatusOr<std::shared_ptr<const Table>> ReflectTable(
      absl::string_view table, const ReflectOptions& options = {});
  // Reflects many tables into `metadata`. On an error the tables reflected
  // before it stay there.
  absl::Status ReflectAll(MetaData* metadata,
                          const ReflectAllOptions& options = {});

  // Forgets everything read so far.
  void ClearCache();

 private:
  using Name = std::pair<std::string, std::string>;  // schema, table

  absl::Status ReflectInto(MetaData* metadata, absl::string_view table,
                           const ReflectAllOptions& options,
                           std::vector<Name>* referred);

  engine::Connection& connection_;
  std::unique_ptr<engine::Catalog> catalog_;
  std::map<std::string, std::vector<std::string>> table_names_;
  std::map<std::string, std::vector<std::string>> view_names_;
  std::map<std::string, std::vector<std::string>> sequence_names_;
  std::map<std::string, std::vector<engine::CatalogEnum>> enum_types_;
  std::map<Name, bool> has_table_;
  std::map<Name, engine::CatalogTable> tables_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_INSPECTOR_H_
