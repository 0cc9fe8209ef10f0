// CREATE TABLE, DROP TABLE and comments of DdlCompiler.

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sql_text.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

absl::Status CallCompileHooks(absl::Span<const CompileHook> hooks,
                              const engine::Dialect& dialect,
                              const Table& table, std::string* sql) {
  for (const CompileHook& hook : hooks) {
    if (hook.create_table == nullptr ||
        (!hook.dialects.empty() &&
         !absl::c_linear_search(hook.dialects, dialect.name()))) {
      continue;
    }
    CUPEL_ASSIGN_OR_RETURN(*sql,
                           hook.create_table(dialect, table, std::move(*sql)));
  }
  return absl::OkStatus();
}

// One or more words without quotes.
bool IsOptionName(absl::string_view name) {
  return !name.empty() && absl::c_all_of(name, [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == ' ';
  });
}

}  // namespace

absl::StatusOr<std::string> DdlCompiler::CreateTable(
    const Table& table, const CreateTableOptions& options) const {
  std::vector<std::string> parts;
  const auto add = [&](absl::StatusOr<std::string> part) {
    if (part.ok() && !part->empty()) parts.push_back(*part);
    return part.status();
  };
  bool inline_primary_key = table.primary_key().empty();
  for (const Column& column : table.columns()) {
    if (column.options().system) continue;
    CUPEL_RETURN_IF_ERROR(add(ColumnText(column)));
    inline_primary_key = inline_primary_key || HasInlinePrimaryKey(column);
  }
  if (!inline_primary_key) {
    CUPEL_RETURN_IF_ERROR(add(ConstraintText(table.primary_key())));
  }
  for (const Unique& unique : table.uniques()) {
    CUPEL_RETURN_IF_ERROR(add(ConstraintText(unique)));
  }
  for (const Check& check : table.checks()) {
    CUPEL_RETURN_IF_ERROR(add(ConstraintText(check)));
  }
  for (const ForeignKey& key : table.foreign_keys()) {
    if (absl::c_linear_search(options.without, &key)) continue;
    CUPEL_RETURN_IF_ERROR(add(ConstraintText(key)));
  }
  for (const Exclude& exclude : table.excludes()) {
    CUPEL_RETURN_IF_ERROR(add(ConstraintText(exclude)));
  }
  std::string sql =
      absl::StrCat("CREATE ", table.definition().temporary ? "TEMPORARY " : "",
                   "TABLE ", options.if_not_exists ? "IF NOT EXISTS " : "");
  CUPEL_RETURN_IF_ERROR(AppendTable(table, &sql));
  absl::StrAppend(&sql, " (\n  ", absl::StrJoin(parts, ",\n  "), "\n)");
  CUPEL_RETURN_IF_ERROR(AppendTableOptions(table, &sql));
  CUPEL_RETURN_IF_ERROR(CallCompileHooks(table.definition().compile_hooks,
                                         dialect_, table, &sql));
  if (metadata_ != nullptr) {
    CUPEL_RETURN_IF_ERROR(
        CallCompileHooks(metadata_->compile_hooks(), dialect_, table, &sql));
  }
  return sql;
}

absl::Status DdlCompiler::AppendTableOptions(const Table& table,
                                             std::string* out) const {
  const engine::Syntax& syntax = dialect_.syntax();
  CUPEL_RETURN_IF_ERROR(AppendDefaultTableOptions(table, out));
  CUPEL_RETURN_IF_ERROR(
      AppendInlineComment(syntax.inline_table_comment, table.comment(), out));
  absl::string_view separator = " ";
  for (const std::string& option : table.definition().options) {
    const std::string word = absl::AsciiStrToUpper(option);
    if (!absl::c_linear_search(syntax.table_options, word)) {
      return absl::UnimplementedError(absl::StrCat(
          "dialect ", dialect_.name(), " has no table option \"", option,
          "\" (table \"", table.full_name(),
          "\"); it knows: ", absl::StrJoin(syntax.table_options, ", ")));
    }
    absl::StrAppend(out, separator, word);
    separator = syntax.table_option_separator;
  }
  for (const DialectOption& option : table.definition().dialect_options) {
    if (option.dialect != dialect_.name()) continue;
    CUPEL_ASSIGN_OR_RETURN(const std::string text, DialectOptionText(option));
    absl::StrAppend(out, separator, text);
    separator = syntax.table_option_separator;
  }
  return absl::OkStatus();
}

// Those in whose place the table says nothing of its own.
absl::Status DdlCompiler::AppendDefaultTableOptions(const Table& table,
                                                    std::string* out) const {
  for (const engine::TableOption& option :
       dialect_.syntax().default_table_options) {
    const auto replaces = [&](const DialectOption& own) {
      return own.dialect == dialect_.name() &&
             absl::EqualsIgnoreCase(own.name, option.name);
    };
    if (absl::c_any_of(table.definition().dialect_options, replaces)) continue;
    CUPEL_ASSIGN_OR_RETURN(
        const std::string text,
        DialectOptionText({.name = std::string(option.name),
                           .value = std::string(option.value)}));
    absl::StrAppend(out, " ", text);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DdlCompiler::DialectOptionText(
    const DialectOption& option) const {
  const engine::Syntax& syntax = dialect_.syntax();
  if (!IsOptionName(option.name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", option.name, "\" is no table option: it takes plain words"));
  }
  if (option.value.empty()) return option.name;
  const absl::Status status = schema_internal::CheckSelfContained(
      option.value, syntax.backslash_escapes);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("table option \"", option.name, "\": ", status.message()));
  }
  return absl::StrCat(option.name, syntax.table_option_assignment,
                      option.value);
}

absl::StatusOr<std::string> DdlCompiler::DropTable(const Table& table,
                                                   bool if_exists) const {
  std::string sql = "DROP TABLE ";
  if (if_exists) sql += "IF EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendTable(table, &sql));
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::EmptyTable(const Table& table) const {
  std::string sql = "DELETE FROM ";
  CUPEL_RETURN_IF_ERROR(AppendTable(table, &sql));
  return sql;
}

absl::StatusOr<std::vector<std::string>> DdlCompiler::Comments(
    const Table& table) const {
  std::vector<std::string> statements;
  if (!dialect_.capabilities().comments ||
      !dialect_.syntax().inline_column_comment.empty()) {
    return statements;
  }
  std::string table_name;
  CUPEL_RETURN_IF_ERROR(AppendTable(table, &table_name));
  CUPEL_RETURN_IF_ERROR(
      AppendComment("TABLE", table_name, table.comment(), &statements));
  for (const Column& column : table.columns()) {
    std::string name = table_name + ".";
    CUPEL_RETURN_IF_ERROR(AppendName(column.name(), &name));
    CUPEL_RETURN_IF_ERROR(
        AppendComment("COLUMN", name, column.comment(), &statements));
  }
  const auto comment_on_constraint = [&](const Constraint& constraint,
                                         absl::string_view comment) {
    const absl::StatusOr<std::string> given = NameOf(constraint);
    if (!given.ok()) return given.status();
    if (given->empty()) return absl::OkStatus();
    std::string name;
    CUPEL_RETURN_IF_ERROR(AppendName(*given, &name));
    absl::StrAppend(&name, " ON ", table_name);
    return AppendComment("CONSTRAINT", name, comment, &statements);
  };
  for (const Unique& unique : table.uniques()) {
    CUPEL_RETURN_IF_ERROR(
        comment_on_constraint(unique, unique.options().comment));
  }
  for (const Check& check : table.checks()) {
    CUPEL_RETURN_IF_ERROR(comment_on_constraint(check, check.comment()));
  }
  for (const Exclude& exclude : table.excludes()) {
    CUPEL_RETURN_IF_ERROR(
        comment_on_constraint(exclude, exclude.options().comment));
  }
  for (const ForeignKey& key : table.foreign_keys()) {
    CUPEL_RETURN_IF_ERROR(comment_on_constraint(key, key.options().comment));
  }
  return statements;
}

absl::Status DdlCompiler::CheckComment(absl::string_view comment) const {
  if (absl::StrContains(comment, '\0')) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "a comment holds NUL");
  }
  // A first byte of four.
  const auto is_long = [](char c) {
    return static_cast<unsigned char>(c) >= 0xF0;
  };
  if (!dialect_.capabilities().comments_beyond_bmp &&
      absl::c_any_of(comment, is_long)) {
    return engine::MakeError(
        engine::ErrorKind::kInvalidValue,
        absl::StrCat("a comment holds a character beyond U+FFFF, which ",
                     dialect_.name(), " would not keep: leave it out"));
  }
  return absl::OkStatus();
}

// `words` are empty where comments are statements of their own.
absl::Status DdlCompiler::AppendInlineComment(absl::string_view words,
                                              absl::string_view comment,
                                              std::string* out) const {
  if (words.empty() || comment.empty()) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(CheckComment(comment));
  // Here databases take a plain literal, no expression that yields the text.
  absl::StrAppend(out, " ", words);
  return dialect_.AppendLiteral(engine::Text(),
                                engine::ValueView::Text(comment), out);
}

absl::Status DdlCompiler::AppendComment(absl::string_view object,
                                        absl::string_view name,
                                        absl::string_view comment,
                                        std::vector<std::string>* out) const {
  if (comment.empty()) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(CheckComment(comment));
  std::string sql = absl::StrCat("COMMENT ON ", object, " ", name, " IS ");
  CUPEL_RETURN_IF_ERROR(dialect_.AppendLiteral(
      engine::Text(), engine::ValueView::Text(comment), &sql));
  out->push_back(std::move(sql));
  return absl::OkStatus();
}

}  // namespace cupel::schema
