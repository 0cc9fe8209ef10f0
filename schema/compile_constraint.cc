// The constraint clauses of DdlCompiler.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/constraint.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/render.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

absl::string_view ActionText(ForeignKeyAction action) {
  switch (action) {
    case ForeignKeyAction::kNone:
      break;
    case ForeignKeyAction::kNoAction:
      return "NO ACTION";
    case ForeignKeyAction::kRestrict:
      return "RESTRICT";
    case ForeignKeyAction::kCascade:
      return "CASCADE";
    case ForeignKeyAction::kSetNull:
      return "SET NULL";
    case ForeignKeyAction::kSetDefault:
      return "SET DEFAULT";
  }
  return "";
}

absl::string_view MatchText(Match match) {
  switch (match) {
    case Match::kNone:
      break;
    case Match::kSimple:
      return " MATCH SIMPLE";
    case Match::kPartial:
      return " MATCH PARTIAL";
    case Match::kFull:
      return " MATCH FULL";
  }
  return "";
}

absl::string_view OnConflictText(OnConflict on_conflict) {
  switch (on_conflict) {
    case OnConflict::kNone:
      break;
    case OnConflict::kRollback:
      return " ON CONFLICT ROLLBACK";
    case OnConflict::kAbort:
      return " ON CONFLICT ABORT";
    case OnConflict::kFail:
      return " ON CONFLICT FAIL";
    case OnConflict::kIgnore:
      return " ON CONFLICT IGNORE";
    case OnConflict::kReplace:
      return " ON CONFLICT REPLACE";
  }
  return "";
}

std::string Describe(const Constraint& constraint) {
  return absl::StrCat("constraint \"", constraint.name(), "\" of table \"",
                      constraint.table().full_name(), "\"");
}

}  // namespace

absl::Status DdlCompiler::AppendConstraintName(const Constraint& constraint,
                                               std::string* out) const {
  CUPEL_ASSIGN_OR_RETURN(std::string name, NameOf(constraint));
  if (name.empty()) return absl::OkStatus();
  *out += "CONSTRAINT ";
  CUPEL_RETURN_IF_ERROR(AppendName(name, out));
  *out += ' ';
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::ConstraintText(
    const Constraint& constraint) const {
  std::string sql;
  CUPEL_RETURN_IF_ERROR(AppendConstraintName(constraint, &sql));
  switch (constraint.kind()) {
    case Constraint::Kind::kPrimaryKey:
      CUPEL_RETURN_IF_ERROR(
          AppendPrimaryKey(static_cast<const PrimaryKey&>(constraint), &sql));
      break;
    case Constraint::Kind::kUnique:
      CUPEL_RETURN_IF_ERROR(
          AppendUnique(static_cast<const Unique&>(constraint), &sql));
      break;
    case Constraint::Kind::kExclude:
      CUPEL_RETURN_IF_ERROR(
          AppendExclude(static_cast<const Exclude&>(constraint), &sql));
      break;
    case Constraint::Kind::kForeignKey:
      CUPEL_RETURN_IF_ERROR(
          AppendForeignKey(static_cast<const ForeignKey&>(constraint), &sql));
      break;
    case Constraint::Kind::kCheck: {
      CUPEL_ASSIGN_OR_RETURN(
          std::string condition,
          schema_internal::RenderClause(
              static_cast<const Check&>(constraint).condition(), dialect_,
              Describe(constraint)));
      if (condition.empty()) return "";
      absl::StrAppend(&sql, "CHECK (", condition, ")");
      break;
    }
  }
  return sql;
}

absl::Status DdlCompiler::AppendPrimaryKey(const PrimaryKey& key,
                                           std::string* out) const {
  *out += "PRIMARY KEY ";
  CUPEL_RETURN_IF_ERROR(AppendColumnNames(key.columns(), out));
  return AppendOnConflict(key.on_conflict(), key.table(), out);
}

absl::Status DdlCompiler::AppendUnique(const Unique& unique,
                                       std::string* out) const {
  *out += "UNIQUE ";
  CUPEL_RETURN_IF_ERROR(AppendColumnNames(unique.columns(), out));
  CUPEL_RETURN_IF_ERROR(
      AppendDeferrable(unique.options().deferrable, unique.table(), out));
  return AppendOnConflict(unique.options().on_conflict, unique.table(), out);
}

absl::Status DdlCompiler::AppendExclude(const Exclude& exclude,
                                        std::string* out) const {
  const ExcludeOptions& options = exclude.options();
  if (!dialect_.capabilities().exclude_constraints) {
    return schema_internal::Lacks(dialect_, "exclude constraints",
                                  Describe(exclude));
  }
  *out += "EXCLUDE ";
  if (!options.method.empty()) {
    *out += "USING ";
    CUPEL_RETURN_IF_ERROR(AppendName(options.method, out));
    *out += ' ';
  }
  absl::string_view separator = "(";
  for (size_t i = 0; i < options.parts.size(); ++i) {
    const ExcludePartOptions& part = options.parts[i];
    out->append(separator);
    separator = ", ";
    if (const Column* column = exclude.parts()[i]) {
      CUPEL_RETURN_IF_ERROR(AppendName(column->name(), out));
    } else {
      CUPEL_ASSIGN_OR_RETURN(const std::string expression,
                             schema_internal::RenderClause(
                                 part.expression, dialect_, Describe(exclude)));
      absl::StrAppend(out, "(", expression, ")");
    }
    if (!part.operator_class.empty()) {
      *out += ' ';
      CUPEL_RETURN_IF_ERROR(AppendName(part.operator_class, out));
    }
    absl::StrAppend(out, " WITH ", part.op);
  }
  *out += ')';
  if (!options.where.empty()) {
    CUPEL_ASSIGN_OR_RETURN(const std::string where,
                           schema_internal::RenderClause(
                               options.where, dialect_, Describe(exclude)));
    absl::StrAppend(out, " WHERE (", where, ")");
  }
  return AppendDeferrable(options.deferrable, exclude.table(), out);
}

absl::Status DdlCompiler::AppendForeignKey(const ForeignKey& key,
                                           std::string* out) const {
  *out += "FOREIGN KEY ";
  CUPEL_RETURN_IF_ERROR(AppendColumnNames(key.columns(), out));
  *out += " REFERENCES ";
  CUPEL_RETURN_IF_ERROR(AppendReferredTable(key, out));
  absl::StrAppend(out, MatchText(key.options().match));
  if (key.on_delete() != ForeignKeyAction::kNone) {
    absl::StrAppend(out, " ON DELETE ", ActionText(key.on_delete()));
  }
  if (key.on_update() != ForeignKeyAction::kNone) {
    absl::StrAppend(out, " ON UPDATE ", ActionText(key.on_update()));
  }
  return AppendDeferrable(key.options().deferrable, key.table(), out);
}

absl::Status DdlCompiler::AppendReferredTable(const ForeignKey& key,
                                              std::string* out) const {
  absl::string_view schema = key.referred_schema();
  if (!dialect_.capabilities().qualified_references) {
    if (schema != key.table().schema()) {
      return schema_internal::Lacks(
          dialect_, "foreign keys from one schema to another", Describe(key));
    }
    schema = "";
  }
  CUPEL_RETURN_IF_ERROR(AppendQualified(schema, key.referred_name(), out));
  const Table* referred = key.referred_table();
  if (metadata_ != nullptr) {
    CUPEL_ASSIGN_OR_RETURN(referred, metadata_->ReferredTable(key));
  }
  if (referred != nullptr) {
    CUPEL_ASSIGN_OR_RETURN(std::vector<const Column*> columns,
                           key.ReferredColumns(*referred));
    *out += ' ';
    return AppendColumnNames(columns, out);
  }
  absl::string_view separator = " (";
  for (const std::string& name : key.options().referred_columns) {
    out->append(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(AppendName(name, out));
  }
  if (separator == ", ") *out += ')';
  return absl::OkStatus();
}

absl::Status DdlCompiler::AppendDeferrable(Deferrable deferrable,
                                           const Table& table,
                                           std::string* out) const {
  if (deferrable == Deferrable::kNone) return absl::OkStatus();
  if (!dialect_.capabilities().deferrable_constraints) {
    return schema_internal::Lacks(
        dialect_, "deferrable constraints",
        absl::StrCat("table \"", table.full_name(), "\""));
  }
  switch (deferrable) {
    case Deferrable::kNone:
      break;
    case Deferrable::kNotDeferrable:
      *out += " NOT DEFERRABLE";
      break;
    case Deferrable::kInitiallyImmediate:
      *out += " DEFERRABLE INITIALLY IMMEDIATE";
      break;
    case Deferrable::kInitiallyDeferred:
      *out += " DEFERRABLE INITIALLY DEFERRED";
      break;
  }
  return absl::OkStatus();
}

absl::Status DdlCompiler::AppendOnConflict(OnConflict on_conflict,
                                           const Table& table,
                                           std::string* out) const {
  if (on_conflict == OnConflict::kNone) return absl::OkStatus();
  if (!dialect_.capabilities().conflict_clauses) {
    return schema_internal::Lacks(
        dialect_, "ON CONFLICT in constraints",
        absl::StrCat("table \"", table.full_name(), "\""));
  }
  absl::StrAppend(out, OnConflictText(on_conflict));
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::AddConstraint(
    const Constraint& constraint) const {
  if (!dialect_.capabilities().alter_add_constraint) {
    return schema_internal::Lacks(dialect_, "ALTER TABLE ADD CONSTRAINT",
                                  Describe(constraint));
  }
  std::string sql = "ALTER TABLE ";
  CUPEL_RETURN_IF_ERROR(AppendTable(constraint.table(), &sql));
  CUPEL_ASSIGN_OR_RETURN(std::string text, ConstraintText(constraint));
  return absl::StrCat(sql, " ADD ", text);
}

absl::StatusOr<std::string> DdlCompiler::DropConstraint(
    const Constraint& constraint) const {
  if (!dialect_.capabilities().alter_add_constraint) {
    return schema_internal::Lacks(dialect_, "ALTER TABLE DROP CONSTRAINT",
                                  Describe(constraint));
  }
  CUPEL_ASSIGN_OR_RETURN(std::string name, NameOf(constraint));
  if (name.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a constraint of table \"", constraint.table().full_name(),
        "\" has no name and cannot be dropped: name it, or use a naming "
        "convention"));
  }
  std::string sql = "ALTER TABLE ";
  CUPEL_RETURN_IF_ERROR(AppendTable(constraint.table(), &sql));
  sql += " DROP CONSTRAINT ";
  CUPEL_RETURN_IF_ERROR(AppendName(name, &sql));
  return sql;
}

}  // namespace cupel::schema
