#include "cupel/engine/dialects/mariadb/catalog.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/catalog_rows.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialects/mariadb/types.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::mariadb_internal {
namespace {

using engine::CatalogCheck;
using engine::CatalogColumn;
using engine::CatalogForeignKey;
using engine::CatalogIndex;
using engine::CatalogTable;
using engine::CatalogTableKind;
using engine::CatalogUnique;
using engine::CatalogView;
using engine::Connection;
using engine::ValueView;
using engine_internal::ForEachRow;
using engine_internal::IntegerOf;
using engine_internal::NoSuchTable;
using engine_internal::ReadTexts;
using engine_internal::TextOf;

// "" is the connection's own database.
#define CUPEL_IN_SCHEMA " = COALESCE(NULLIF(?, ''), DATABASE())"

constexpr absl::string_view kTable =
    "SELECT table_type, table_comment, table_collation"
    " FROM information_schema.tables"
    " WHERE table_schema" CUPEL_IN_SCHEMA " AND table_name = ?";
constexpr absl::string_view kColumns =
    "SELECT column_name, column_type, is_nullable, column_default, extra,"
    " generation_expression, collation_name, column_comment, DATABASE()"
    " FROM information_schema.columns"
    " WHERE table_schema" CUPEL_IN_SCHEMA
    " AND table_name = ?"
    " ORDER BY ordinal_position";
constexpr absl::string_view kIndexes =
    "SELECT index_name, non_unique, column_name, collation, index_type"
    " FROM information_schema.statistics"
    " WHERE table_schema" CUPEL_IN_SCHEMA
    " AND table_name = ?"
    " ORDER BY index_name, seq_in_index";
constexpr absl::string_view kForeignKeys =
    "SELECT r.constraint_name, k.column_name,"
    " NULLIF(k.referenced_table_schema, k.table_schema),"
    " k.referenced_table_name, k.referenced_column_name, r.delete_rule,"
    " r.update_rule FROM information_schema.referential_constraints r"
    " JOIN information_schema.key_column_usage k"
    " ON k.constraint_schema = r.constraint_schema"
    " AND k.constraint_name = r.constraint_name"
    " AND k.table_name = r.table_name"
    " WHERE r.constraint_schema" CUPEL_IN_SCHEMA
    " AND r.table_name = ?"
    " ORDER BY r.constraint_name, k.ordinal_position";
constexpr absl::string_view kChecks =
    "SELECT constraint_name, check_clause, level"
    " FROM information_schema.check_constraints"
    " WHERE constraint_schema" CUPEL_IN_SCHEMA
    " AND table_name = ?"
    " ORDER BY constraint_name";
constexpr absl::string_view kView =
    "SELECT view_definition FROM information_schema.views"
    " WHERE table_schema" CUPEL_IN_SCHEMA " AND table_name = ?";
constexpr absl::string_view kNames =
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema" CUPEL_IN_SCHEMA
    " AND REPLACE(table_type, 'SYSTEM VERSIONED', 'BASE TABLE') = ?"
    " ORDER BY table_name";
constexpr absl::string_view kSchemas =
    "SELECT schema_name FROM information_schema.schemata"
    " WHERE schema_name NOT IN ('information_schema', 'mysql', 'sys',"
    " 'performance_schema') ORDER BY schema_name";

#undef CUPEL_IN_SCHEMA

// What the server does without being told is no action to it.
std::string ActionOf(const ValueView& cell) {
  std::string action = TextOf(cell);
  return action == "RESTRICT" || action == "NO ACTION" ? "" : action;
}

// The check that makes a LONGTEXT a column of JSON.
bool IsJsonCheck(const CatalogCheck& check, absl::string_view column) {
  return check.expression == absl::StrCat("json_valid(`", column, "`)");
}

// A default that draws from a sequence names its database. The connection's own
// is left out: elsewhere the sequence beside the table is meant.
std::string WithoutDatabase(std::string expression,
                            absl::string_view database) {
  const std::string own = absl::StrCat(
      "nextval(`", absl::StrReplaceAll(database, {{"`", "``"}}), "`.`");
  if (absl::StartsWith(expression, own)) {
    expression.replace(0, own.size(), "nextval(`");
  }
  return expression;
}

// Reads one table piece by piece.
class TableReader {
 public:
  TableReader(Connection& connection, absl::string_view schema,
              absl::string_view name)
      : connection_(connection), schema_(schema), name_(name) {}

  absl::StatusOr<CatalogTable> Read() {
    bool found = false;
    CUPEL_RETURN_IF_ERROR(ForEach(kTable, [&](auto row) {
      found = true;
      const std::string type = TextOf(row[0]);
      collation_ = TextOf(row[2]);
      if (absl::StrContains(type, "VIEW")) {
        table_.kind = CatalogTableKind::kView;
      } else {
        table_.comment = TextOf(row[1]);
      }
    }));
    if (!found) return NoSuchTable(connection_, name_);
    table_.schema = schema_;
    table_.name = name_;
    CUPEL_RETURN_IF_ERROR(ForEach(kColumns, [&](auto row) { AddColumn(row); }));
    if (table_.kind == CatalogTableKind::kView) return std::move(table_);
    CUPEL_RETURN_IF_ERROR(
        ForEach(kForeignKeys, [&](auto row) { AddForeignKey(row); }));
    CUPEL_RETURN_IF_ERROR(ForEach(kIndexes, [&](auto row) { AddIndex(row); }));
    CUPEL_RETURN_IF_ERROR(ForEach(kChecks, [&](auto row) { AddCheck(row); }));
    DropServingIndexes();
    return std::move(table_);
  }

 private:
  template <typename Add>
  absl::Status ForEach(absl::string_view sql, Add add) {
    return ForEachRow(connection_, sql,
                      {ValueView::Text(schema_), ValueView::Text(name_)}, add);
  }

  void AddColumn(absl::Span<const ValueView> row) {
    CatalogColumn column;
    column.name = TextOf(row[0]);
    column.declared_type = TextOf(row[1]);
    column.type = TypeFromName(column.declared_type);
    column.nullable = TextOf(row[2]) == "YES";
    const std::string server_default =
        WithoutDatabase(TextOf(row[3]), TextOf(row[8]));
    const bool implied = column.nullable && server_default == "NULL";
    if (!row[3].is_null() && !implied) column.server_default = server_default;
    const std::string extra = TextOf(row[4]);
    column.autoincrement = absl::StrContains(extra, "auto_increment");
    column.never_reuses_keys = column.autoincrement;
    if (absl::StrContains(extra, "GENERATED")) {
      column.computed = {TextOf(row[5]), absl::StrContains(extra, "STORED")};
    }
    // The table's own goes without saying.
    column.collation = TextOf(row[6]);
    if (column.collation == collation_) column.collation.clear();
    column.comment = TextOf(row[7]);
    table_.columns.push_back(std::move(column));
  }

  CatalogColumn* FindColumn(absl::string_view name) {
    for (CatalogColumn& column : table_.columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }

  void AddForeignKey(absl::Span<const ValueView> row) {
    const std::string name = TextOf(row[0]);
    if (table_.foreign_keys.empty() ||
        table_.foreign_keys.back().name != name) {
      CatalogForeignKey key;
      key.name = name;
      key.referred_schema = TextOf(row[2]);
      key.referred_table = TextOf(row[3]);
      key.on_delete = ActionOf(row[5]);
      key.on_update = ActionOf(row[6]);
      table_.foreign_keys.push_back(std::move(key));
    }
    table_.foreign_keys.back().columns.push_back(TextOf(row[1]));
    table_.foreign_keys.back().referred_columns.push_back(TextOf(row[4]));
  }

  void AddIndex(absl::Span<const ValueView> row) {
    const std::string name = TextOf(row[0]);
    const std::string column = TextOf(row[2]);
    if (name == "PRIMARY") {
      table_.primary_key.columns.push_back(column);
      if (CatalogColumn* key = FindColumn(column)) {
        key->primary_key_position =
            static_cast<int>(table_.primary_key.columns.size());
      }
      return;
    }
    if (IntegerOf(row[1]) == 0) {
      if (table_.uniques.empty() || table_.uniques.back().name != name) {
        table_.uniques.push_back({name, {}});
      }
      table_.uniques.back().columns.push_back(column);
      return;
    }
    if (table_.indexes.empty() || table_.indexes.back().name != name) {
      CatalogIndex index;
      index.name = name;
      const std::string method = TextOf(row[4]);
      if (method != "BTREE") index.method = method;
      table_.indexes.push_back(std::move(index));
    }
    table_.indexes.back().parts.push_back(
        {.column = column, .descending = TextOf(row[3]) == "D"});
  }

  void AddCheck(absl::Span<const ValueView> row) {
    CatalogCheck check = {TextOf(row[0]), TextOf(row[1])};
    if (TextOf(row[2]) == "Column") {
      CatalogColumn* const column = FindColumn(check.name);
      if (column != nullptr && IsJsonCheck(check, column->name)) {
        column->type = engine::JsonType();
        column->declared_type = "json";
        column->collation.clear();
        return;
      }
    }
    table_.checks.push_back(std::move(check));
  }

  // The server makes an index for a foreign key that has none.
  void DropServingIndexes() {
    const auto serves = [&](const CatalogIndex& index) {
      std::vector<std::string> columns;
      for (const auto& part : index.parts) columns.push_back(part.column);
      for (const CatalogForeignKey& key : table_.foreign_keys) {
        if (columns == key.columns &&
            (index.name == key.name || index.name == key.columns[0])) {
          return true;
        }
      }
      return false;
    };
    table_.indexes.erase(
        std::remove_if(table_.indexes.begin(), table_.indexes.end(), serves),
        table_.indexes.end());
  }

  Connection& connection_;
  const std::string schema_;
  const std::string name_;
  std::string collation_;  // of the table
  CatalogTable table_;
};

class MariadbCatalog final : public engine::Catalog {
 public:
  absl::StatusOr<std::string> DefaultSchema(Connection& connection) override {
    CUPEL_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           ReadTexts(connection, "SELECT DATABASE()", {}));
    return names.empty() ? "" : names[0];
  }

  absl::StatusOr<std::vector<std::string>> SchemaNames(
      Connection& connection) override {
    return ReadTexts(connection, kSchemas, {});
  }

  absl::StatusOr<std::vector<std::string>> TableNames(
      Connection& connection, absl::string_view schema) override {
    return ReadTexts(connection, kNames,
                     {ValueView::Text(schema), ValueView::Text("BASE TABLE")});
  }
  absl::StatusOr<std::vector<std::string>> ViewNames(
      Connection& connection, absl::string_view schema) override {
    return ReadTexts(connection, kNames,
                     {ValueView::Text(schema), ValueView::Text("VIEW")});
  }
  absl::StatusOr<std::vector<std::string>> SequenceNames(
      Connection& connection, absl::string_view schema) override {
    return ReadTexts(connection, kNames,
                     {ValueView::Text(schema), ValueView::Text("SEQUENCE")});
  }
  absl::StatusOr<std::vector<std::string>> TemporaryTableNames(
      Connection&) override {
    return std::vector<std::string>();
  }

  absl::StatusOr<bool> HasTable(Connection& connection,
                                absl::string_view schema,
                                absl::string_view table) override {
    CUPEL_ASSIGN_OR_RETURN(
        const std::vector<std::string> found,
        ReadTexts(connection, kTable,
                  {ValueView::Text(schema), ValueView::Text(table)}));
    return !found.empty();
  }

  absl::StatusOr<CatalogTable> ReadTable(Connection& connection,
                                         absl::string_view schema,
                                         absl::string_view table) override {
    return TableReader(connection, schema, table).Read();
  }

  absl::StatusOr<CatalogView> ReadView(Connection& connection,
                                       absl::string_view schema,
                                       absl::string_view view) override {
    CUPEL_ASSIGN_OR_RETURN(
        const std::vector<std::string> found,
        ReadTexts(connection, kView,
                  {ValueView::Text(schema), ValueView::Text(view)}));
    if (found.empty()) return NoSuchTable(connection, view);
    return CatalogView{std::string(schema), std::string(view), found[0]};
  }
};

}  // namespace

std::unique_ptr<engine::Catalog> MakeMariadbCatalog() {
  return std::make_unique<MariadbCatalog>();
}

}  // namespace cupel::mariadb_internal
