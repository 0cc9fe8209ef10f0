#include "cupel/engine/dialects/postgresql/catalog.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/catalog_rows.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialects/postgresql/catalog_queries.h"
#include "cupel/engine/dialects/postgresql/types.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::CatalogColumn;
using engine::CatalogEnum;
using engine::CatalogExclude;
using engine::CatalogForeignKey;
using engine::CatalogIndex;
using engine::CatalogIndexPart;
using engine::CatalogTable;
using engine::CatalogTableKind;
using engine::CatalogView;
using engine::Connection;
using engine::ValueView;
using engine_internal::BoolOf;
using engine_internal::ForEachRow;
using engine_internal::IntegerOf;
using engine_internal::NoSuchTable;
using engine_internal::ReadTexts;
using engine_internal::TextOf;

using Cells = absl::Span<const ValueView>;

// A row of pg_class.
struct Relation {
  int64_t id = 0;
  std::string schema;
  char kind = 'r';
  bool temporary = false;
  std::string comment;
  // It is where a name without a schema is looked for first.
  bool in_default_schema = false;

  bool is_view() const { return kind == 'v' || kind == 'm'; }
};

absl::StatusOr<std::optional<Relation>> FindRelation(Connection& connection,
                                                     absl::string_view schema,
                                                     absl::string_view name) {
  std::optional<Relation> found;
  CUPEL_RETURN_IF_ERROR(ForEachRow(
      connection, kRelationQuery,
      {ValueView::Text(name), ValueView::Text(schema)}, [&](Cells row) {
        const std::string kind = TextOf(row[2]);
        found = Relation{.id = IntegerOf(row[0]),
                         .schema = TextOf(row[1]),
                         .kind = kind.empty() ? 'r' : kind[0],
                         .temporary = TextOf(row[3]) == "t",
                         .comment = TextOf(row[4]),
                         .in_default_schema = BoolOf(row[5])};
      }));
  return found;
}

std::string ActionOf(const std::string& code) {
  if (code == "r") return "RESTRICT";
  if (code == "c") return "CASCADE";
  if (code == "n") return "SET NULL";
  if (code == "d") return "SET DEFAULT";
  return "";
}

std::string MatchOf(const std::string& code) {
  if (code == "f") return "FULL";
  if (code == "p") return "PARTIAL";
  return "";
}

// Reads all about one table.
class TableReader {
 public:
  TableReader(Connection& connection, const Relation& relation,
              absl::string_view name)
      : connection_(connection), relation_(relation) {
    table_.schema = relation.in_default_schema ? "" : relation.schema;
    table_.name = std::string(name);
    table_.comment = relation.comment;
    table_.kind = relation.is_view()   ? CatalogTableKind::kView
                  : relation.temporary ? CatalogTableKind::kTemporary
                                       : CatalogTableKind::kTable;
  }

  absl::StatusOr<CatalogTable> Read() {
    CUPEL_RETURN_IF_ERROR(ReadColumns());
    CUPEL_RETURN_IF_ERROR(ReadEnums());
    if (relation_.is_view()) return std::move(table_);
    CUPEL_RETURN_IF_ERROR(ReadConstraints());
    CUPEL_RETURN_IF_ERROR(ReadExcludes());
    CUPEL_RETURN_IF_ERROR(ReadIndexes());
    return std::move(table_);
  }

 private:
  ValueView id() const { return ValueView::Int64(relation_.id); }

  absl::Status ReadColumns() {
    return ForEachRow(connection_, kColumnsQuery, {id()}, [this](Cells row) {
      table_.columns.push_back(ColumnOf(row));
    });
  }

  // What is an enum among the columns of types that nobody knows.
  absl::Status ReadEnums() {
    if (std::none_of(table_.columns.begin(), table_.columns.end(),
                     [](const CatalogColumn& column) {
                       return column.type.kind == engine::TypeKind::kUnknown;
                     })) {
      return absl::OkStatus();
    }
    struct Found {
      std::string name;
      bool visible = false;
      std::vector<std::string> labels;
    };
    std::map<std::string, Found> enums;  // by column
    CUPEL_RETURN_IF_ERROR(
        ForEachRow(connection_, kColumnEnumsQuery, {id()}, [&](Cells row) {
          Found& found = enums[TextOf(row[0])];
          found.name = TextOf(row[1]);
          found.visible = BoolOf(row[2]);
          found.labels.push_back(TextOf(row[3]));
        }));
    for (CatalogColumn& column : table_.columns) {
      const auto found = enums.find(column.name);
      if (found == enums.end()) continue;
      const engine::EnumDescriptor* enumerators =
          engine::InternEnumerators(found->second.labels);
      if (found->second.visible) {
        column.type = engine::NamedEnumType(
            engine::InternTypeName(found->second.name), enumerators);
      } else {
        // Its name needs the schema's, which is no part of a type.
        column.type =
            engine::ExactType(engine::InternTypeName(column.declared_type),
                              engine::TypeKind::kEnum);
        column.type.enumerators = enumerators;
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadExcludes() {
    if (!has_excludes_) return absl::OkStatus();
    return ForEachRow(connection_, kExcludesQuery, {id()}, [this](Cells row) {
      const std::string name = TextOf(row[0]);
      if (table_.excludes.empty() || table_.excludes.back().name != name) {
        CatalogExclude& added = table_.excludes.emplace_back();
        added.name = name;
        added.method = TextOf(row[1]);
        added.where = TextOf(row[2]);
        added.deferrable = BoolOf(row[3]);
        added.initially_deferred = BoolOf(row[4]);
      }
      engine::CatalogExcludePart& part =
          table_.excludes.back().parts.emplace_back();
      part.column = TextOf(row[5]);
      if (part.column.empty()) part.expression = TextOf(row[6]);
      part.op = TextOf(row[7]);
    });
  }

  // For a column that has a sequence of its own.
  static void SetCounter(Cells row, bool always, CatalogColumn* column) {
    column->autoincrement = true;
    const engine::CatalogIdentity found = {.always = always,
                                           .start = IntegerOf(row[8]),
                                           .increment = IntegerOf(row[9])};
    // One like any other is how a key is made that fills itself.
    if (always || found.start != 1 || found.increment != 1) {
      column->identity = found;
    }
  }

  static CatalogColumn ColumnOf(Cells row) {
    CatalogColumn column;
    column.name = TextOf(row[0]);
    column.declared_type = TextOf(row[1]);
    column.type = TypeFromName(column.declared_type);
    column.nullable = !BoolOf(row[2]);
    column.collation = TextOf(row[6]);
    column.comment = TextOf(row[7]);
    const std::string identity = TextOf(row[4]);
    if (TextOf(row[5]) == "s") {
      column.computed = {.expression = TextOf(row[3]), .stored = true};
    } else if (!identity.empty()) {
      SetCounter(row, identity == "a", &column);
    } else if (!row[3].is_null()) {
      std::string expression = TextOf(row[3]);
      if (!row[8].is_null() && absl::StartsWith(expression, "nextval(")) {
        SetCounter(row, /*always=*/false, &column);
      } else {
        column.server_default = std::move(expression);
      }
    }
    return column;
  }

  struct Constraint {
    std::vector<std::string> columns;
    std::vector<std::string> referred;
  };

  absl::Status ReadConstraints() {
    std::map<int64_t, Constraint> parts;
    CUPEL_RETURN_IF_ERROR(ForEachRow(
        connection_, kConstraintColumnsQuery, {id()}, [&](Cells row) {
          Constraint& constraint = parts[IntegerOf(row[0])];
          constraint.columns.push_back(TextOf(row[1]));
          if (!row[2].is_null()) {
            constraint.referred.push_back(TextOf(row[2]));
          }
        }));
    return ForEachRow(connection_, kConstraintsQuery, {id()}, [&](Cells row) {
      AddConstraint(row, std::move(parts[IntegerOf(row[0])]));
    });
  }

  void AddConstraint(Cells row, Constraint parts) {
    const std::string name = TextOf(row[1]);
    const std::string type = TextOf(row[2]);
    if (type == "p") {
      table_.primary_key = {.name = name, .columns = parts.columns};
      for (size_t i = 0; i < parts.columns.size(); ++i) {
        for (CatalogColumn& column : table_.columns) {
          if (column.name == parts.columns[i]) {
            column.primary_key_position = static_cast<int>(i) + 1;
          }
        }
      }
    } else if (type == "u") {
      table_.uniques.push_back(
          {.name = name, .columns = std::move(parts.columns)});
    } else if (type == "c") {
      table_.checks.push_back({.name = name, .expression = TextOf(row[10])});
    } else if (type == "x") {
      has_excludes_ = true;
    } else {
      AddForeignKey(row, name, std::move(parts));
    }
  }

  void AddForeignKey(Cells row, const std::string& name, Constraint parts) {
    CatalogForeignKey key;
    key.name = name;
    key.columns = std::move(parts.columns);
    key.referred_columns = std::move(parts.referred);
    key.deferrable = BoolOf(row[3]);
    key.initially_deferred = BoolOf(row[4]);
    key.on_update = ActionOf(TextOf(row[5]));
    key.on_delete = ActionOf(TextOf(row[6]));
    key.match = MatchOf(TextOf(row[7]));
    key.referred_schema = TextOf(row[8]);
    key.referred_table = TextOf(row[9]);
    if (table_.schema.empty() && key.referred_schema == relation_.schema) {
      key.referred_schema.clear();
    }
    table_.foreign_keys.push_back(std::move(key));
  }

  absl::Status ReadIndexes() {
    std::map<int64_t, std::vector<CatalogIndexPart>> parts;
    CUPEL_RETURN_IF_ERROR(
        ForEachRow(connection_, kIndexPartsQuery, {id()}, [&](Cells row) {
          CatalogIndexPart part;
          part.column = TextOf(row[1]);
          if (part.column.empty()) part.expression = TextOf(row[2]);
          part.descending = BoolOf(row[3]);
          part.collation = TextOf(row[4]);
          parts[IntegerOf(row[0])].push_back(std::move(part));
        }));
    return ForEachRow(connection_, kIndexesQuery, {id()}, [&](Cells row) {
      CatalogIndex index;
      index.name = TextOf(row[1]);
      index.unique = BoolOf(row[2]);
      index.method = TextOf(row[3]);
      if (index.method == "btree") index.method.clear();
      index.where = TextOf(row[4]);
      index.parts = std::move(parts[IntegerOf(row[0])]);
      table_.indexes.push_back(std::move(index));
    });
  }

  Connection& connection_;
  const Relation& relation_;
  bool has_excludes_ = false;
  CatalogTable table_;
};

class PostgresqlCatalog final : public engine::Catalog {
 public:
  absl::StatusOr<std::string> DefaultSchema(Connection& connection) override {
    CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> names,
                           ReadTexts(connection, kDefaultSchemaQuery, {}));
    return names.empty() ? "" : std::move(names[0]);
  }

  absl::StatusOr<std::vector<std::string>> SchemaNames(
      Connection& connection) override {
    return ReadTexts(connection, kSchemasQuery, {});
  }

  absl::StatusOr<std::vector<std::string>> TableNames(
      Connection& connection, absl::string_view schema) override {
    return Names(connection, schema, kTablesQuery);
  }

  absl::StatusOr<std::vector<std::string>> ViewNames(
      Connection& connection, absl::string_view schema) override {
    return Names(connection, schema, kViewsQuery);
  }

  absl::StatusOr<std::vector<std::string>> TemporaryTableNames(
      Connection& connection) override {
    return ReadTexts(connection, kTemporaryTablesQuery, {});
  }

  absl::StatusOr<std::vector<std::string>> SequenceNames(
      Connection& connection, absl::string_view schema) override {
    return Names(connection, schema, kSequencesQuery);
  }

  absl::StatusOr<std::vector<CatalogEnum>> EnumTypes(
      Connection& connection, absl::string_view schema) override {
    CUPEL_ASSIGN_OR_RETURN(const std::string name,
                           SchemaOr(connection, schema));
    std::vector<CatalogEnum> types;
    CUPEL_RETURN_IF_ERROR(ForEachRow(
        connection, kEnumsQuery, {ValueView::Text(name)}, [&](Cells row) {
          const std::string type = TextOf(row[0]);
          if (types.empty() || types.back().name != type) {
            types.push_back(
                {.schema = BoolOf(row[2]) ? "" : TextOf(row[1]), .name = type});
          }
          if (!row[3].is_null()) types.back().names.push_back(TextOf(row[3]));
        }));
    return types;
  }

  absl::StatusOr<bool> HasTable(Connection& connection,
                                absl::string_view schema,
                                absl::string_view table) override {
    CUPEL_ASSIGN_OR_RETURN(const auto relation,
                           FindRelation(connection, schema, table));
    return relation.has_value();
  }

  absl::StatusOr<CatalogTable> ReadTable(Connection& connection,
                                         absl::string_view schema,
                                         absl::string_view table) override {
    CUPEL_ASSIGN_OR_RETURN(const auto relation,
                           FindRelation(connection, schema, table));
    if (!relation) return NoSuchTable(connection, table);
    return TableReader(connection, *relation, table).Read();
  }

  absl::StatusOr<CatalogView> ReadView(Connection& connection,
                                       absl::string_view schema,
                                       absl::string_view view) override {
    CUPEL_ASSIGN_OR_RETURN(const auto relation,
                           FindRelation(connection, schema, view));
    if (!relation || !relation->is_view()) return NoSuchTable(connection, view);
    CUPEL_ASSIGN_OR_RETURN(
        std::vector<std::string> texts,
        ReadTexts(connection, kViewQuery, {ValueView::Int64(relation->id)}));
    CatalogView result;
    result.schema = relation->in_default_schema ? "" : relation->schema;
    result.name = std::string(view);
    if (!texts.empty()) result.definition = std::move(texts[0]);
    return result;
  }

 private:
  // The default schema where none is given.
  absl::StatusOr<std::string> SchemaOr(Connection& connection,
                                       absl::string_view schema) {
    if (!schema.empty()) return std::string(schema);
    return DefaultSchema(connection);
  }

  absl::StatusOr<std::vector<std::string>> Names(Connection& connection,
                                                 absl::string_view schema,
                                                 absl::string_view sql) {
    CUPEL_ASSIGN_OR_RETURN(const std::string name,
                           SchemaOr(connection, schema));
    return ReadTexts(connection, sql, {ValueView::Text(name)});
  }
};

}  // namespace

std::unique_ptr<engine::Catalog> MakePostgresqlCatalog() {
  return std::make_unique<PostgresqlCatalog>();
}

}  // namespace cupel::postgresql_internal
