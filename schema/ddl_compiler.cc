#include "cupel/schema/ddl_compiler.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/render.h"
#include "cupel/schema/table.h"

namespace cupel::schema {

absl::StatusOr<std::string> DdlCompiler::NameOf(
    const Constraint& constraint) const {
  const std::string name = metadata_ != nullptr
                               ? metadata_->NameOf(constraint)
                               : NamingConvention().NameOf(constraint);
  if (name.empty() || name == constraint.name()) return name;
  return dialect_.ShortenLabel(name);
}

absl::StatusOr<std::string> DdlCompiler::NameOf(const Index& index) const {
  const std::string name = metadata_ != nullptr
                               ? metadata_->NameOf(index)
                               : NamingConvention().NameOf(index);
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("an index of table \"", index.table().full_name(),
                     "\" has no name, and the naming convention gives none"));
  }
  return name == index.name() ? name : dialect_.ShortenLabel(name);
}

absl::Status DdlCompiler::AppendName(absl::string_view name,
                                     std::string* out) const {
  return dialect_.AppendIdentifier(name, out);
}

absl::Status DdlCompiler::AppendQualified(absl::string_view schema,
                                          absl::string_view name,
                                          std::string* out) const {
  if (!schema.empty()) {
    if (!dialect_.capabilities().schemas) {
      return absl::UnimplementedError(absl::StrCat(
          "dialect ", dialect_.name(), " has no schemas: \"", schema, "\""));
    }
    CUPEL_RETURN_IF_ERROR(AppendName(schema, out));
    *out += '.';
  }
  return AppendName(name, out);
}

absl::Status DdlCompiler::AppendTable(const Table& table,
                                      std::string* out) const {
  return AppendQualified(table.schema(), table.name(), out);
}

absl::Status DdlCompiler::AppendColumnNames(
    absl::Span<const Column* const> columns, std::string* out) const {
  absl::string_view separator = "(";
  for (const Column* column : columns) {
    out->append(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(AppendName(column->name(), out));
  }
  *out += ')';
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::CreateSchema(
    absl::string_view name, bool if_not_exists) const {
  if (!dialect_.capabilities().create_schema) {
    return schema_internal::Lacks(dialect_, "CREATE SCHEMA",
                                  absl::StrCat("schema \"", name, "\""));
  }
  std::string sql = "CREATE SCHEMA ";
  if (if_not_exists) sql += "IF NOT EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendName(name, &sql));
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::DropSchema(absl::string_view name,
                                                    bool if_exists) const {
  std::string sql = "DROP SCHEMA ";
  if (if_exists) sql += "IF EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendName(name, &sql));
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::CreateView(absl::string_view schema,
                                                    absl::string_view name,
                                                    const SqlFragment& query,
                                                    bool if_not_exists) const {
  std::string sql = "CREATE VIEW ";
  if (if_not_exists) sql += "IF NOT EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendQualified(schema, name, &sql));
  CUPEL_ASSIGN_OR_RETURN(
      std::string text,
      schema_internal::RenderClause(query, dialect_,
                                    absl::StrCat("view \"", name, "\"")));
  return absl::StrCat(sql, " AS ", text);
}

absl::StatusOr<std::string> DdlCompiler::DropView(absl::string_view schema,
                                                  absl::string_view name,
                                                  bool if_exists) const {
  std::string sql = "DROP VIEW ";
  if (if_exists) sql += "IF EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendQualified(schema, name, &sql));
  return sql;
}

}  // namespace cupel::schema
