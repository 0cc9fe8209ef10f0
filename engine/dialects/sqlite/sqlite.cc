#include "cupel/engine/dialects/sqlite/sqlite.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/dialects/sqlite/catalog.h"
#include "cupel/engine/dialects/sqlite/driver.h"
#include "cupel/engine/dialects/sqlite/types.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "sqlite3.h"

namespace cupel::sqlite {
namespace {

using engine::Capabilities;
using engine::Syntax;

// Keywords that cannot stand for a name everywhere.
constexpr absl::string_view kReservedWords[] = {
    "add",          "all",
    "alter",        "and",
    "as",           "autoincrement",
    "between",      "case",
    "cast",         "check",
    "collate",      "column",
    "commit",       "constraint",
    "create",       "cross",
    "current",      "current_date",
    "current_time", "current_timestamp",
    "default",      "deferrable",
    "deferred",     "delete",
    "distinct",     "drop",
    "else",         "end",
    "escape",       "except",
    "exists",       "false",
    "filter",       "following",
    "foreign",      "from",
    "full",         "glob",
    "group",        "having",
    "if",           "in",
    "index",        "indexed",
    "inner",        "insert",
    "intersect",    "into",
    "is",           "isnull",
    "join",         "left",
    "like",         "limit",
    "match",        "natural",
    "not",          "nothing",
    "notnull",      "null",
    "on",           "or",
    "order",        "outer",
    "over",         "primary",
    "raise",        "references",
    "regexp",       "replace",
    "returning",    "right",
    "rollback",     "select",
    "set",          "table",
    "then",         "to",
    "transaction",  "true",
    "union",        "unique",
    "update",       "using",
    "values",       "when",
    "where",        "window",
    "with",         "without",
};

constexpr engine::FunctionName kFunctions[] = {
    {"array_agg", "json_group_array"},
    {"bool_and", "min"},
    {"bool_or", "max"},
    {"char_length", "length"},
    {"extract_day", "CAST(strftime('%d', {}) AS INTEGER)"},
    {"extract_dow", "CAST(strftime('%w', {}) AS INTEGER)"},
    {"extract_doy", "CAST(strftime('%j', {}) AS INTEGER)"},
    {"extract_hour", "CAST(strftime('%H', {}) AS INTEGER)"},
    {"extract_minute", "CAST(strftime('%M', {}) AS INTEGER)"},
    {"extract_month", "CAST(strftime('%m', {}) AS INTEGER)"},
    {"extract_second", "CAST(strftime('%S', {}) AS INTEGER)"},
    {"extract_year", "CAST(strftime('%Y', {}) AS INTEGER)"},
    {"greatest", "max"},
    {"least", "min"},
    {"match", "MATCH"},
    {"string_agg", "group_concat"},
    {"substring", "substr"},
    {"unnest", ""},
};

constexpr absl::string_view kTableOptions[] = {"STRICT", "WITHOUT ROWID"};

// A limit that SQLite was built with, e.g. MAX_VARIABLE_NUMBER=250000.
size_t BuiltLimit(absl::string_view name, size_t otherwise) {
  const char* option;
  for (int i = 0; (option = sqlite3_compileoption_get(i)) != nullptr; ++i) {
    absl::string_view text = option;
    int64_t value;
    if (absl::ConsumePrefix(&text, name) && absl::ConsumePrefix(&text, "=") &&
        absl::SimpleAtoi(text, &value) && value > 0) {
      return static_cast<size_t>(value);
    }
  }
  return otherwise;
}

Syntax MakeSyntax() {
  Syntax syntax;
  syntax.true_literal = "1";
  syntax.false_literal = "0";
  syntax.is_distinct_from = "IS NOT";
  syntax.is_not_distinct_from = "IS";
  syntax.regexp_match = "REGEXP";
  syntax.not_regexp_match = "NOT REGEXP";
  syntax.json_get = "->";
  syntax.json_get_text = "->>";
  syntax.json_scalars_keep_type = true;
  syntax.functions = kFunctions;
  syntax.no_limit = "-1";
  syntax.for_update = "";
  syntax.for_share = "";
  // A key declared INTEGER PRIMARY KEY fills itself.
  syntax.autoincrement = "";
  syntax.autoincrement_never_reuse = "AUTOINCREMENT";
  syntax.autoincrement_after_primary_key = true;
  syntax.index_name_has_schema = true;
  syntax.table_options = kTableOptions;
  syntax.table_option_separator = ", ";
  syntax.defer_foreign_keys = "PRAGMA defer_foreign_keys=ON";
  syntax.explain = "EXPLAIN QUERY PLAN ";
  syntax.reserved_words = kReservedWords;
  return syntax;
}

class Sqlite final : public engine::Dialect {
 public:
  Sqlite()
      : Dialect("sqlite", CapabilitiesOf(sqlite3_libversion_number()),
                MakeSyntax()) {}

  engine::Driver& driver() const override { return driver_; }

  absl::StatusOr<std::string> TypeName(
      const engine::Type& type,
      const engine::TypeContext& context) const override {
    return sqlite_internal::TypeNameOf(
        type, context.autoincrement && context.sole_primary_key);
  }

  absl::StatusOr<engine::Type> ParseTypeName(
      absl::string_view declared) const override {
    return sqlite_internal::TypeFromName(declared);
  }

  const engine::Codec* CodecFor(const engine::Type& type) const override {
    return sqlite_internal::CodecOf(type);
  }

  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return sqlite_internal::MakeSqliteCatalog();
  }

 protected:
  absl::Status AppendStoredLiteral(const engine::ValueView& stored,
                                   std::string* out) const override {
    // SQL text cannot hold NUL.
    if (stored.kind() == engine::ValueKind::kText &&
        absl::StrContains(stored.bytes(), '\0') &&
        engine::FindInvalidUtf8(stored.bytes()) == absl::string_view::npos) {
      absl::StrAppend(out, "CAST(x'", absl::BytesToHexString(stored.bytes()),
                      "' AS TEXT)");
      return absl::OkStatus();
    }
    return Dialect::AppendStoredLiteral(stored, out);
  }

 private:
  mutable sqlite_internal::SqliteDriver driver_;
};

}  // namespace

Capabilities CapabilitiesOf(int version) {
  Capabilities can;
  can.returning = version >= 3035000;
  can.last_insert_id = true;
  can.insert_strategy = engine::InsertStrategy::kMultiRowForeseenKeys;
  // The next key is the largest plus one; the order of RETURNING is undefined.
  can.generated_keys = engine::GeneratedKeys::kConsecutive;
  can.upsert = version >= 3024000 ? engine::UpsertStyle::kOnConflict
                                  : engine::UpsertStyle::kNone;
  can.several_on_conflict = version >= 3035000;
  can.update_from = version >= 3033000;
  can.update_order_by_limit =
      sqlite3_compileoption_used("ENABLE_UPDATE_DELETE_LIMIT") != 0;
  can.nulls_first_last = version >= 3030000;
  can.full_join = version >= 3039000;
  can.right_join = version >= 3039000;
  can.window_functions = version >= 3028000;
  can.aggregate_filter = version >= 3030000;
  can.materialized_cte = version >= 3035000;
  can.parenthesized_compound = false;
  can.table_functions = true;
  can.alter_add_constraint = false;
  can.alter_drop_column = version >= 3035000;
  can.alter_column_type = false;
  can.create_schema = false;  // a schema is an attached database
  can.computed_columns = version >= 3031000;
  can.partial_indexes = true;
  can.expression_indexes = true;
  can.deferrable_constraints = true;
  can.forward_references_in_create = true;
  can.case_insensitive_names = true;
  can.qualified_references = false;
  can.conflict_clauses = true;
  can.keeps_nul_in_text = true;
  can.enforces_string_length = false;
  can.isolation_levels = {engine::IsolationLevel::kSerializable,
                          engine::IsolationLevel::kAutocommit};
  can.shared_memory_database = true;
  can.max_bind_parameters =
      BuiltLimit("MAX_VARIABLE_NUMBER", version >= 3032000 ? 32766 : 999);
  can.max_expression_depth = BuiltLimit("MAX_EXPR_DEPTH", 1000);
  // The parser's stack of 100: measured.
  can.max_parenthesis_depth = 93;
  can.max_subquery_depth = 15;
  // Each term is one deeper than the one before; half is theirs.
  can.max_chain_terms = can.max_expression_depth / 2;
  can.max_compound_terms = BuiltLimit("MAX_COMPOUND_SELECT", 500);
  can.max_columns = BuiltLimit("MAX_COLUMN", 2000);
  can.max_statement_bytes = BuiltLimit("MAX_SQL_LENGTH", 1'000'000'000);
  return can;
}

std::shared_ptr<const engine::Dialect> SqliteDialect() {
  static const auto* const dialect =
      new std::shared_ptr<const engine::Dialect>(std::make_shared<Sqlite>());
  return *dialect;
}

absl::Status Register() { return engine::RegisterDialect(SqliteDialect()); }

}  // namespace cupel::sqlite
