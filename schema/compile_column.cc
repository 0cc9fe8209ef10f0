// The column clause of DdlCompiler.

#include <string>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/column.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/index.h"
#include "cupel/schema/render.h"
#include "cupel/schema/sql_text.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

std::string Describe(const Column& column) {
  return absl::StrCat("column \"", column.table().full_name(), ".",
                      column.name(), "\"");
}

std::string IdentityText(const IdentityOptions& identity) {
  const std::string options =
      schema_internal::CountingText({.start = identity.start,
                                     .increment = identity.increment,
                                     .minimum = identity.minimum,
                                     .maximum = identity.maximum,
                                     .cache = identity.cache,
                                     .cycle = identity.cycle});
  return absl::StrCat(" GENERATED ", identity.always ? "ALWAYS" : "BY DEFAULT",
                      " AS IDENTITY", options.empty() ? "" : " (", options,
                      options.empty() ? "" : ")");
}

bool HasColumn(absl::Span<const Column* const> columns, const Column& column) {
  return absl::c_linear_search(columns, &column);
}

// Whether a key or an index of the table has the column.
bool IsIndexed(const Column& column) {
  const Table& table = column.table();
  const auto has = [&column](const auto& key) {
    return HasColumn(key.columns(), column);
  };
  return column.primary_key() || absl::c_any_of(table.uniques(), has) ||
         absl::c_any_of(table.foreign_keys(), has) ||
         absl::c_any_of(table.indexes(), has);
}

}  // namespace

absl::StatusOr<std::string> DdlCompiler::ColumnText(
    const Column& column) const {
  std::string sql;
  CUPEL_RETURN_IF_ERROR(AppendName(column.name(), &sql));
  CUPEL_ASSIGN_OR_RETURN(const std::string type, ColumnType(column));
  if (!type.empty()) absl::StrAppend(&sql, " ", type);
  if (!column.options().collation.empty()) {
    sql += " COLLATE ";
    CUPEL_RETURN_IF_ERROR(AppendName(column.options().collation, &sql));
  }
  CUPEL_RETURN_IF_ERROR(AppendDefault(column, &sql));
  CUPEL_RETURN_IF_ERROR(AppendComputed(column, &sql));
  const engine::Capabilities& can = dialect_.capabilities();
  if (!column.nullable() &&
      (column.computed() == nullptr || can.not_null_computed_columns)) {
    sql += " NOT NULL";
  }
  CUPEL_RETURN_IF_ERROR(AppendGenerated(column, &sql));
  CUPEL_RETURN_IF_ERROR(AppendInlineComment(
      dialect_.syntax().inline_column_comment, column.comment(), &sql));
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::ColumnType(
    const Column& column) const {
  const engine::Type& type = column.TypeFor(dialect_.name());
  if (dialect_.CodecFor(type) != dialect_.CodecFor(column.type())) {
    return absl::InvalidArgumentError(absl::StrCat(
        Describe(column), ": dialect ", dialect_.name(), " stores ",
        type.DebugString(), " otherwise than ", column.type().DebugString(),
        ", of which it cannot be a variant"));
  }
  return dialect_.TypeName(
      type,
      {.primary_key = column.primary_key(),
       .autoincrement = column.autoincrement(),
       .sole_primary_key = column.primary_key() &&
                           column.table().primary_key().columns().size() == 1,
       .indexed = IsIndexed(column)});
}

absl::Status DdlCompiler::AppendDefault(const Column& column,
                                        std::string* out) const {
  if (const Sequence* sequence = column.sequence()) {
    CUPEL_ASSIGN_OR_RETURN(const std::string next, NextValue(*sequence));
    absl::StrAppend(out, " DEFAULT (", next, ")");
    return absl::OkStatus();
  }
  if (column.server_default().empty()) return absl::OkStatus();
  CUPEL_ASSIGN_OR_RETURN(std::string value, schema_internal::RenderClause(
                                                column.server_default(),
                                                dialect_, Describe(column)));
  if (schema_internal::IsPlainDefault(value,
                                      dialect_.syntax().backslash_escapes)) {
    absl::StrAppend(out, " DEFAULT ", value);
  } else {
    absl::StrAppend(out, " DEFAULT (", value, ")");
  }
  return absl::OkStatus();
}

absl::Status DdlCompiler::AppendComputed(const Column& column,
                                         std::string* out) const {
  const ComputedOptions* computed = column.computed();
  if (computed == nullptr) return absl::OkStatus();
  if (!dialect_.capabilities().computed_columns) {
    return schema_internal::Lacks(dialect_, "computed columns",
                                  Describe(column));
  }
  CUPEL_ASSIGN_OR_RETURN(std::string expression,
                         schema_internal::RenderClause(
                             computed->expression, dialect_, Describe(column)));
  absl::StrAppend(out, " GENERATED ALWAYS AS (", expression, ")");
  const bool has_virtual = dialect_.capabilities().virtual_computed_columns;
  switch (computed->storage) {
    case ComputedStorage::kDefault:
      if (!has_virtual) *out += " STORED";
      break;
    case ComputedStorage::kStored:
      *out += " STORED";
      break;
    case ComputedStorage::kVirtual:
      if (!has_virtual) {
        return schema_internal::Lacks(dialect_, "virtual computed columns",
                                      Describe(column));
      }
      *out += " VIRTUAL";
      break;
  }
  return absl::OkStatus();
}

bool DdlCompiler::HasInlinePrimaryKey(const Column& column) const {
  return column.autoincrement() && column.primary_key() &&
         column.table().primary_key().columns().size() == 1 &&
         column.options().never_reuse_keys &&
         dialect_.syntax().autoincrement_after_primary_key;
}

absl::Status DdlCompiler::AppendGenerated(const Column& column,
                                          std::string* out) const {
  if (column.identity() != nullptr &&
      dialect_.capabilities().identity_columns) {
    absl::StrAppend(out, IdentityText(*column.identity()));
    return absl::OkStatus();
  }
  if (!column.autoincrement()) return absl::OkStatus();
  const engine::Syntax& syntax = dialect_.syntax();
  if (HasInlinePrimaryKey(column)) {
    *out += ' ';
    CUPEL_RETURN_IF_ERROR(
        AppendConstraintName(column.table().primary_key(), out));
    *out += "PRIMARY KEY";
    CUPEL_RETURN_IF_ERROR(AppendOnConflict(
        column.table().primary_key().on_conflict(), column.table(), out));
  }
  const absl::string_view words =
      column.options().never_reuse_keys &&
              !syntax.autoincrement_never_reuse.empty()
          ? syntax.autoincrement_never_reuse
          : syntax.autoincrement;
  if (!words.empty()) absl::StrAppend(out, " ", words);
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::AddColumn(const Column& column) const {
  std::string sql = "ALTER TABLE ";
  CUPEL_RETURN_IF_ERROR(AppendTable(column.table(), &sql));
  CUPEL_ASSIGN_OR_RETURN(std::string text, ColumnText(column));
  return absl::StrCat(sql, " ADD COLUMN ", text);
}

absl::StatusOr<std::string> DdlCompiler::DropColumn(
    const Column& column) const {
  if (!dialect_.capabilities().alter_drop_column) {
    return schema_internal::Lacks(dialect_, "DROP COLUMN", Describe(column));
  }
  std::string sql = "ALTER TABLE ";
  CUPEL_RETURN_IF_ERROR(AppendTable(column.table(), &sql));
  sql += " DROP COLUMN ";
  CUPEL_RETURN_IF_ERROR(AppendName(column.name(), &sql));
  return sql;
}

}  // namespace cupel::schema
