#include "cupel/engine/dialects/sqlite/sql_scanner.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cupel::sqlite_internal {
namespace {

constexpr engine::Lexis kLexis = {.brackets = true};

// Pragmas that only read, or work on the database and not on the connection.
// Lower case, sorted.
constexpr absl::string_view kHarmlessPragmas[] = {
    "application_id",    "collation_list",     "compile_options",
    "data_version",      "database_list",      "defer_foreign_keys",
    "foreign_key_check", "foreign_key_list",   "freelist_count",
    "function_list",     "incremental_vacuum", "index_info",
    "index_list",        "index_xinfo",        "integrity_check",
    "module_list",       "optimize",           "page_count",
    "pragma_list",       "quick_check",        "schema_version",
    "table_info",        "table_list",         "table_xinfo",
    "user_version",      "wal_checkpoint",
};

bool PragmaChangesSession(SqlScanner scanner) {
  std::string name = absl::AsciiStrToLower(scanner.current().Unquoted());
  scanner.Next();
  if (scanner.ConsumeSymbol('.')) {
    name = absl::AsciiStrToLower(scanner.current().Unquoted());
    scanner.Next();
  }
  // Without an argument it reads.
  if (scanner.at_end() || scanner.current().IsSymbol(';')) return false;
  return !std::binary_search(std::begin(kHarmlessPragmas),
                             std::end(kHarmlessPragmas), name);
}

}  // namespace

SqlScanner::SqlScanner(absl::string_view sql)
    : engine::SqlScanner(sql, kLexis) {}

bool IsBlankSql(absl::string_view sql) {
  SqlScanner scanner(sql);
  while (scanner.ConsumeSymbol(';')) {
  }
  return scanner.at_end();
}

bool ChangesSession(absl::string_view sql) {
  SqlScanner scanner(sql);
  while (scanner.ConsumeSymbol(';')) {
  }
  if (scanner.Consume("PRAGMA")) return PragmaChangesSession(scanner);
  if (scanner.Consume("CREATE")) {
    // CREATE TEMP TABLE t (...), CREATE TABLE temp.t (...)
    for (; !scanner.at_end() && !scanner.current().IsSymbol('(');
         scanner.Next()) {
      const std::string word = scanner.current().Unquoted();
      if (absl::EqualsIgnoreCase(word, "TEMP") ||
          absl::EqualsIgnoreCase(word, "TEMPORARY")) {
        return true;
      }
    }
    return false;
  }
  return scanner.current().Is("ATTACH") || scanner.current().Is("DETACH");
}

}  // namespace cupel::sqlite_internal
