// CREATE INDEX and DROP INDEX of DdlCompiler.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/index.h"
#include "cupel/schema/render.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

std::string Describe(const Index& index) {
  return absl::StrCat("index \"", index.name(), "\" of table \"",
                      index.table().full_name(), "\"");
}

// `index` as the dialect of that name is told of it.
struct Told {
  const SqlFragment* where;
  const std::string* method;
  absl::string_view options;
};

Told ToldOf(const Index& index, absl::string_view dialect) {
  const IndexOptions& options = index.options();
  Told told = {&options.where, &options.method, ""};
  for (const IndexVariant& variant : options.variants) {
    if (variant.dialect != dialect) continue;
    if (!variant.where.empty()) told.where = &variant.where;
    if (!variant.method.empty()) told.method = &variant.method;
    if (!variant.options.empty()) told.options = variant.options;
  }
  return told;
}

// The first construct of `index` that the database lacks, or "".
absl::string_view Missing(const Index& index, const Told& told,
                          const engine::Capabilities& capabilities) {
  const IndexOptions& options = index.options();
  if (!told.where->empty() && !capabilities.partial_indexes) {
    return "partial indexes";
  }
  if (!told.method->empty() && !capabilities.index_method) {
    return "index methods";
  }
  if (!options.include.empty() && !capabilities.index_include) {
    return "INCLUDE in indexes";
  }
  for (const IndexPartOptions& part : options.parts) {
    if (!part.expression.empty() && !capabilities.expression_indexes) {
      return "indexes on expressions";
    }
    if (!part.operator_class.empty() && !capabilities.index_operator_class) {
      return "operator classes";
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> DdlCompiler::CreateIndex(const Index& index,
                                                     bool if_not_exists) const {
  const engine::Capabilities& capabilities = dialect_.capabilities();
  const IndexOptions& options = index.options();
  const Told told = ToldOf(index, dialect_.name());
  if (const absl::string_view missing = Missing(index, told, capabilities);
      !missing.empty()) {
    return schema_internal::Lacks(dialect_, missing, Describe(index));
  }
  // Building without blocking changes no result: left out where unknown.
  std::string sql = absl::StrCat(
      "CREATE ", index.unique() ? "UNIQUE " : "", "INDEX ",
      options.concurrently && capabilities.create_index_concurrently
          ? "CONCURRENTLY "
          : "",
      if_not_exists ? "IF NOT EXISTS " : "");
  const Table& table = index.table();
  const bool schema_on_name = dialect_.syntax().index_name_has_schema;
  CUPEL_ASSIGN_OR_RETURN(std::string name, NameOf(index));
  CUPEL_RETURN_IF_ERROR(
      AppendQualified(schema_on_name ? table.schema() : "", name, &sql));
  sql += " ON ";
  CUPEL_RETURN_IF_ERROR(AppendQualified(schema_on_name ? "" : table.schema(),
                                        table.name(), &sql));
  if (!told.method->empty()) {
    sql += " USING ";
    CUPEL_RETURN_IF_ERROR(AppendName(*told.method, &sql));
  }
  for (size_t i = 0; i < options.parts.size(); ++i) {
    sql += i == 0 ? " (" : ", ";
    CUPEL_RETURN_IF_ERROR(AppendIndexPart(index, i, &sql));
  }
  sql += ')';
  if (!options.include.empty()) {
    sql += " INCLUDE ";
    CUPEL_RETURN_IF_ERROR(AppendColumnNames(index.include(), &sql));
  }
  if (!told.options.empty()) {
    CUPEL_ASSIGN_OR_RETURN(const std::string words,
                           schema_internal::RenderClause(
                               SqlFragment::Text(std::string(told.options)),
                               dialect_, Describe(index)));
    absl::StrAppend(&sql, " ", words);
  }
  if (!told.where->empty()) {
    CUPEL_ASSIGN_OR_RETURN(
        std::string where,
        schema_internal::RenderClause(*told.where, dialect_, Describe(index)));
    absl::StrAppend(&sql, " WHERE ", where);
  }
  return sql;
}

absl::Status DdlCompiler::AppendIndexPart(const Index& index, size_t i,
                                          std::string* out) const {
  const IndexPartOptions& part = index.options().parts[i];
  if (const Column* column = index.columns()[i]) {
    CUPEL_RETURN_IF_ERROR(AppendName(column->name(), out));
  } else {
    CUPEL_ASSIGN_OR_RETURN(std::string expression,
                           schema_internal::RenderClause(
                               part.expression, dialect_, Describe(index)));
    absl::StrAppend(out, "(", expression, ")");
  }
  if (!part.collation.empty()) {
    *out += " COLLATE ";
    CUPEL_RETURN_IF_ERROR(AppendName(part.collation, out));
  }
  if (!part.operator_class.empty()) {
    *out += ' ';
    CUPEL_RETURN_IF_ERROR(AppendName(part.operator_class, out));
  }
  if (part.order == SortOrder::kAscending) *out += " ASC";
  if (part.order == SortOrder::kDescending) *out += " DESC";
  if (part.nulls == NullsOrder::kFirst) *out += " NULLS FIRST";
  if (part.nulls == NullsOrder::kLast) *out += " NULLS LAST";
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::DropIndex(const Index& index,
                                                   bool if_exists) const {
  std::string sql = "DROP INDEX ";
  if (if_exists) sql += "IF EXISTS ";
  CUPEL_ASSIGN_OR_RETURN(std::string name, NameOf(index));
  const Table& table = index.table();
  if (dialect_.syntax().drop_index_on_table) {
    CUPEL_RETURN_IF_ERROR(AppendName(name, &sql));
    sql += " ON ";
    CUPEL_RETURN_IF_ERROR(AppendTable(table, &sql));
  } else {
    CUPEL_RETURN_IF_ERROR(AppendQualified(table.schema(), name, &sql));
  }
  return sql;
}

}  // namespace cupel::schema
