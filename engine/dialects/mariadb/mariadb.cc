#include "cupel/engine/dialects/mariadb/mariadb.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/dialects/mariadb/catalog.h"
#include "cupel/engine/dialects/mariadb/driver.h"
#include "cupel/engine/dialects/mariadb/reserved_words.h"
#include "cupel/engine/dialects/mariadb/types.h"
#include "cupel/engine/utf8.h"

namespace cupel::mariadb {
namespace {

using engine::Capabilities;
using engine::IsolationLevel;
using engine::Syntax;

constexpr engine::FunctionName kFunctions[] = {
    {"array_agg", "json_arrayagg"},
    {"bool_and", "min"},
    {"bool_or", "max"},
    {"extract_day", "EXTRACT(DAY FROM {})"},
    {"extract_dow", "(DAYOFWEEK({}) - 1)"},
    {"extract_doy", "DAYOFYEAR({})"},
    {"extract_hour", "EXTRACT(HOUR FROM {})"},
    {"extract_minute", "EXTRACT(MINUTE FROM {})"},
    {"extract_month", "EXTRACT(MONTH FROM {})"},
    {"extract_second", "EXTRACT(SECOND FROM {})"},
    {"extract_year", "EXTRACT(YEAR FROM {})"},
    {"length", "char_length"},
    {"match", "MATCH ({}) AGAINST ({})"},
    {"random", "rand"},
    {"string_agg", "GROUP_CONCAT({distinct}{}{order} SEPARATOR {literal})"},
    {"unnest", ""},
};

// Texts are equal when their characters are, whatever the server's default.
constexpr engine::TableOption kTableOptions[] = {
    {"ENGINE", "InnoDB"},
    {"DEFAULT CHARSET", "utf8mb4"},
    {"COLLATE", "utf8mb4_nopad_bin"},
};

Syntax MakeSyntax() {
  Syntax syntax;
  syntax.quote = '`';
  // The driver's sessions have NO_BACKSLASH_ESCAPES.
  syntax.backslash_escapes = false;
  syntax.is_distinct_from = "NOT ({} <=> {})";
  syntax.is_not_distinct_from = "<=>";
  syntax.concat = "CONCAT({}, {})";
  syntax.regexp_match = "REGEXP";
  syntax.not_regexp_match = "NOT REGEXP";
  syntax.bitwise_xor = "^";
  syntax.integer_divide = "DIV";
  syntax.json_get = "JSON_EXTRACT({}, {})";
  syntax.json_get_text = "JSON_VALUE({}, {}) COLLATE utf8mb4_nopad_bin";
  syntax.json_path = engine::JsonPathStyle::kDollarEscaped;
  syntax.functions = kFunctions;
  syntax.tuple_list = "";
  syntax.no_limit = "18446744073709551615";
  syntax.for_share = "LOCK IN SHARE MODE";
  syntax.empty_insert = "() VALUES ()";
  syntax.autoincrement = "AUTO_INCREMENT";
  syntax.table_option_assignment = "=";
  syntax.default_table_options = kTableOptions;
  syntax.inline_column_comment = "COMMENT ";
  syntax.inline_table_comment = "COMMENT=";
  syntax.drop_index_on_table = true;
  syntax.current_timestamp = "CURRENT_TIMESTAMP(6)";
  syntax.reserved_words = mariadb_internal::ReservedWords();
  return syntax;
}

// Of MariaDB 10.11, the oldest that is supported.
Capabilities MakeCapabilities() {
  Capabilities can;
  can.returning = true;
  can.update_returning = false;
  // RETURNING tells more: the last key says nothing of the rows before it.
  can.last_insert_id = false;
  can.insert_strategy = engine::InsertStrategy::kMultiRowReturning;
  can.generated_keys = engine::GeneratedKeys::kAscending;
  can.upsert = engine::UpsertStyle::kOnDuplicateKey;
  can.update_order_by_limit = true;
  can.values_as_table = false;
  can.for_update = true;
  can.for_update_skip_locked = true;
  can.right_join = true;
  can.bound_frames = false;
  can.aggregate_order_by = true;
  can.cte_in_dml = false;
  can.intersect_except_all = true;
  can.transactional_ddl = false;
  can.sequences = true;
  can.comments = true;
  can.comments_beyond_bmp = false;
  can.computed_columns = true;
  can.not_null_computed_columns = false;
  can.case_insensitive_names = true;
  can.native_enum = true;
  can.native_decimal = true;
  can.native_timestamp = true;
  can.native_date = true;
  can.native_time = true;
  can.keeps_nul_in_text = true;
  can.two_phase_commit = true;
  can.isolation_levels = {
      IsolationLevel::kReadUncommitted, IsolationLevel::kReadCommitted,
      IsolationLevel::kRepeatableRead, IsolationLevel::kSerializable,
      IsolationLevel::kAutocommit};
  can.max_identifier_characters = 64;
  can.max_bind_parameters = 65535;
  can.max_columns = 1017;
  // Of a server as it comes; the driver knows the true one.
  can.max_statement_bytes = 16'000'000;
  return can;
}

class Mariadb final : public engine::Dialect {
 public:
  Mariadb() : Dialect("mariadb", MakeCapabilities(), MakeSyntax()) {}

  engine::Driver& driver() const override { return driver_; }

  absl::StatusOr<std::string> TypeName(
      const engine::Type& type,
      const engine::TypeContext& context) const override {
    return context.cast ? mariadb_internal::CastNameOf(type)
                        : mariadb_internal::TypeNameOf(type, context.indexed);
  }

  absl::StatusOr<engine::Type> ParseTypeName(
      absl::string_view declared) const override {
    return mariadb_internal::TypeFromName(declared);
  }

  const engine::Codec* CodecFor(const engine::Type& type) const override {
    return mariadb_internal::CodecOf(type);
  }

  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return mariadb_internal::MakeMariadbCatalog();
  }

 protected:
  absl::Status AppendStoredLiteral(const engine::ValueView& stored,
                                   std::string* out) const override {
    // SQL text cannot hold NUL.
    if (stored.kind() == engine::ValueKind::kText &&
        absl::StrContains(stored.bytes(), '\0') &&
        engine::FindInvalidUtf8(stored.bytes()) == absl::string_view::npos) {
      absl::StrAppend(out, "CONVERT(X'", absl::BytesToHexString(stored.bytes()),
                      "' USING utf8mb4)");
      return absl::OkStatus();
    }
    return Dialect::AppendStoredLiteral(stored, out);
  }

 private:
  mutable mariadb_internal::MariadbDriver driver_;
};

}  // namespace

std::shared_ptr<const engine::Dialect> MariadbDialect() {
  static const auto* const dialect =
      new std::shared_ptr<const engine::Dialect>(std::make_shared<Mariadb>());
  return *dialect;
}

absl::Status Register() { return engine::RegisterDialect(MariadbDialect()); }

}  // namespace cupel::mariadb
