#include "cupel/engine/dialects/sqlite/catalog.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/catalog_rows.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/dialects/sqlite/table_definition.h"
#include "cupel/engine/dialects/sqlite/types.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"

namespace cupel::sqlite_internal {
namespace {

using engine::CatalogColumn;
using engine::CatalogIndex;
using engine::CatalogIndexPart;
using engine::CatalogTable;
using engine::CatalogTableKind;
using engine::CatalogView;
using engine::Connection;
using engine::ValueView;
using engine_internal::ForEachRow;
using engine_internal::IntegerOf;
using engine_internal::NoSuchTable;
using engine_internal::ReadTexts;
using engine_internal::TextOf;

constexpr absl::string_view kMain = "main";
constexpr absl::string_view kTemp = "temp";

// Column numbers of pragma_table_xinfo's `hidden` and of pragma_index_xinfo's
// `cid`.
constexpr int64_t kHidden = 1;
constexpr int64_t kComputedVirtual = 2;
constexpr int64_t kComputedStored = 3;
constexpr int64_t kExpressionColumn = -2;

// "schema".sqlite_master, the schema's name quoted: it is data, too.
absl::StatusOr<std::string> SchemaTable(Connection& connection,
                                        absl::string_view schema) {
  std::string result;
  CUPEL_RETURN_IF_ERROR(connection.dialect().AppendIdentifier(
      schema, &result, engine::Quoting::kAlways));
  absl::StrAppend(&result, ".sqlite_master");
  return result;
}

// A row of sqlite_master.
struct SchemaEntry {
  std::string schema;
  std::string type;  // table, view
  std::string name;
  std::string sql;
};

absl::StatusOr<std::optional<SchemaEntry>> FindInSchema(
    Connection& connection, absl::string_view schema, absl::string_view name) {
  CUPEL_ASSIGN_OR_RETURN(const std::string from,
                         SchemaTable(connection, schema));
  std::optional<SchemaEntry> entry;
  CUPEL_RETURN_IF_ERROR(
      ForEachRow(connection,
                 absl::StrCat("SELECT type, name, sql FROM ", from,
                              " WHERE type IN ('table', 'view')"
                              " AND name = ? COLLATE NOCASE"),
                 {ValueView::Text(name)}, [&](auto row) {
                   entry = SchemaEntry{std::string(schema), TextOf(row[0]),
                                       TextOf(row[1]), TextOf(row[2])};
                 }));
  return entry;
}

// Without a schema: a temporary table hides one of main, as in statements.
absl::StatusOr<std::optional<SchemaEntry>> FindEntry(Connection& connection,
                                                     absl::string_view schema,
                                                     absl::string_view name) {
  if (!schema.empty()) return FindInSchema(connection, schema, name);
  CUPEL_ASSIGN_OR_RETURN(std::optional<SchemaEntry> entry,
                         FindInSchema(connection, kTemp, name));
  if (entry.has_value()) return entry;
  return FindInSchema(connection, kMain, name);
}

// Reads one table piece by piece.
class TableReader {
 public:
  TableReader(Connection& connection, SchemaEntry entry)
      : connection_(connection),
        entry_(std::move(entry)),
        definition_(ParseCreateTable(entry_.sql)) {}

  absl::StatusOr<CatalogTable> Read() {
    table_.schema = entry_.schema == kMain ? "" : entry_.schema;
    table_.name = entry_.name;
    table_.kind = Kind();
    CUPEL_RETURN_IF_ERROR(ReadColumns());
    if (table_.kind == CatalogTableKind::kView ||
        table_.kind == CatalogTableKind::kVirtual) {
      return std::move(table_);
    }
    table_.primary_key.name = definition_.primary_key.name;
    table_.foreign_keys = std::move(definition_.foreign_keys);
    table_.uniques = std::move(definition_.uniques);
    table_.checks = std::move(definition_.checks);
    table_.options = std::move(definition_.options);
    CUPEL_RETURN_IF_ERROR(ReadIndexes());
    return std::move(table_);
  }

 private:
  CatalogTableKind Kind() const {
    if (entry_.type == "view") return CatalogTableKind::kView;
    if (absl::StartsWithIgnoreCase(entry_.sql, "CREATE VIRTUAL")) {
      return CatalogTableKind::kVirtual;
    }
    return entry_.schema == kTemp ? CatalogTableKind::kTemporary
                                  : CatalogTableKind::kTable;
  }

  absl::Status ReadColumns() {
    CUPEL_RETURN_IF_ERROR(ForEachRow(
        connection_,
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden"
        " FROM pragma_table_xinfo(?, ?) ORDER BY cid",
        {ValueView::Text(entry_.name), ValueView::Text(entry_.schema)},
        [&](auto row) {
          if (IntegerOf(row[5]) != kHidden) AddColumn(row);
        }));
    table_.primary_key.columns.resize(key_length_);
    for (const CatalogColumn& column : table_.columns) {
      if (column.primary_key_position > 0) {
        table_.primary_key.columns[column.primary_key_position - 1] =
            column.name;
      }
    }
    if (key_length_ == 1) SetRowidKey();
    return absl::OkStatus();
  }

  void AddColumn(absl::Span<const ValueView> row) {
    CatalogColumn column;
    column.name = TextOf(row[0]);
    column.declared_type = TextOf(row[1]);
    column.primary_key_position = static_cast<int>(IntegerOf(row[4]));
    key_length_ = std::max(key_length_, column.primary_key_position);
    column.nullable = IntegerOf(row[2]) == 0;
    if (!row[3].is_null()) column.server_default = TextOf(row[3]);
    const int64_t hidden = IntegerOf(row[5]);
    if (hidden == kComputedVirtual || hidden == kComputedStored) {
      column.computed.emplace();
      column.computed->stored = hidden == kComputedStored;
      // The pragma adds this to the declared type.
      absl::string_view type = column.declared_type;
      if (absl::EndsWithIgnoreCase(type, "GENERATED ALWAYS")) {
        type.remove_suffix(16);
        column.declared_type = std::string(absl::StripAsciiWhitespace(type));
      }
    }
    if (const ColumnDefinition* text = definition_.FindColumn(column.name);
        text != nullptr) {
      column.collation = text->collation;
      column.autoincrement = text->autoincrement;
      column.never_reuses_keys = text->autoincrement;
      if (column.computed.has_value()) {
        column.computed->expression = text->computed;
      }
    }
    column.type = TypeFromName(column.declared_type);
    table_.columns.push_back(std::move(column));
  }

  // INTEGER PRIMARY KEY stands for the rowid: 64 bits, filled by itself, never
  // NULL.
  void SetRowidKey() {
    for (const std::string& option : definition_.options) {
      if (option == "WITHOUT ROWID") return;
    }
    for (CatalogColumn& column : table_.columns) {
      if (column.primary_key_position == 1 &&
          absl::EqualsIgnoreCase(column.declared_type, "INTEGER")) {
        column.type = engine::BigInteger();
        column.nullable = false;
        column.autoincrement = true;
      }
    }
  }

  absl::Status ReadIndexes() {
    CUPEL_ASSIGN_OR_RETURN(const std::string from,
                           SchemaTable(connection_, entry_.schema));
    std::vector<std::string> definitions;
    CUPEL_RETURN_IF_ERROR(ForEachRow(
        connection_,
        absl::StrCat("SELECT l.name, l.\"unique\", m.sql"
                     " FROM pragma_index_list(?, ?) AS l JOIN ",
                     from,
                     " AS m ON m.type = 'index' AND m.name = l.name"
                     " WHERE l.origin = 'c' ORDER BY l.name"),
        {ValueView::Text(entry_.name), ValueView::Text(entry_.schema)},
        [&](auto row) {
          CatalogIndex index;
          index.name = TextOf(row[0]);
          index.unique = IntegerOf(row[1]) != 0;
          definitions.push_back(TextOf(row[2]));
          table_.indexes.push_back(std::move(index));
        }));
    for (size_t i = 0; i < table_.indexes.size(); ++i) {
      CUPEL_RETURN_IF_ERROR(
          ReadParts(ParseCreateIndex(definitions[i]), &table_.indexes[i]));
    }
    return absl::OkStatus();
  }

  absl::Status ReadParts(const IndexDefinition& definition,
                         CatalogIndex* index) {
    index->where = definition.where;
    return ForEachRow(
        connection_,
        "SELECT cid, name, \"desc\", coll FROM pragma_index_xinfo(?, ?)"
        " WHERE key = 1 ORDER BY seqno",
        {ValueView::Text(index->name), ValueView::Text(entry_.schema)},
        [&](auto row) {
          CatalogIndexPart part;
          const size_t number = index->parts.size();
          if (IntegerOf(row[0]) == kExpressionColumn) {
            if (number < definition.parts.size()) {
              part.expression = definition.parts[number];
            }
          } else {
            part.column = TextOf(row[1]);
          }
          part.descending = IntegerOf(row[2]) != 0;
          // The default says nothing.
          if (TextOf(row[3]) != "BINARY") part.collation = TextOf(row[3]);
          index->parts.push_back(std::move(part));
        });
  }

  Connection& connection_;
  const SchemaEntry entry_;
  TableDefinition definition_;
  CatalogTable table_;
  int key_length_ = 0;
};

class SqliteCatalog final : public engine::Catalog {
 public:
  absl::StatusOr<std::string> DefaultSchema(Connection&) override {
    return std::string(kMain);
  }

  absl::StatusOr<std::vector<std::string>> SchemaNames(
      Connection& connection) override {
    return ReadTexts(connection,
                     "SELECT name FROM pragma_database_list"
                     " WHERE name <> 'temp' ORDER BY seq",
                     {});
  }

  absl::StatusOr<std::vector<std::string>> TableNames(
      Connection& connection, absl::string_view schema) override {
    return Names(connection, schema, "table");
  }
  absl::StatusOr<std::vector<std::string>> ViewNames(
      Connection& connection, absl::string_view schema) override {
    return Names(connection, schema, "view");
  }
  absl::StatusOr<std::vector<std::string>> TemporaryTableNames(
      Connection& connection) override {
    return Names(connection, kTemp, "table");
  }

  absl::StatusOr<bool> HasTable(Connection& connection,
                                absl::string_view schema,
                                absl::string_view table) override {
    CUPEL_ASSIGN_OR_RETURN(const auto entry,
                           FindEntry(connection, schema, table));
    return entry.has_value();
  }

  absl::StatusOr<CatalogTable> ReadTable(Connection& connection,
                                         absl::string_view schema,
                                         absl::string_view table) override {
    CUPEL_ASSIGN_OR_RETURN(std::optional<SchemaEntry> entry,
                           FindEntry(connection, schema, table));
    if (!entry.has_value()) return NoSuchTable(connection, table);
    return TableReader(connection, *std::move(entry)).Read();
  }

  absl::StatusOr<CatalogView> ReadView(Connection& connection,
                                       absl::string_view schema,
                                       absl::string_view view) override {
    CUPEL_ASSIGN_OR_RETURN(const std::optional<SchemaEntry> entry,
                           FindEntry(connection, schema, view));
    if (!entry.has_value() || entry->type != "view") {
      return NoSuchTable(connection, view);
    }
    CatalogView result;
    result.schema = entry->schema == kMain ? "" : entry->schema;
    result.name = entry->name;
    result.definition = ParseCreateView(entry->sql);
    return result;
  }

 private:
  absl::StatusOr<std::vector<std::string>> Names(Connection& connection,
                                                 absl::string_view schema,
                                                 absl::string_view type) {
    CUPEL_ASSIGN_OR_RETURN(
        const std::string from,
        SchemaTable(connection, schema.empty() ? kMain : schema));
    return ReadTexts(connection,
                     absl::StrCat("SELECT name FROM ", from,
                                  " WHERE type = ? AND name NOT LIKE"
                                  " 'sqlite\\_%' ESCAPE '\\' ORDER BY name"),
                     {ValueView::Text(type)});
  }
};

}  // namespace

std::unique_ptr<engine::Catalog> MakeSqliteCatalog() {
  return std::make_unique<SqliteCatalog>();
}

}  // namespace cupel::sqlite_internal
