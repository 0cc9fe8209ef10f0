// SQL text of SQLite's dialect: its tokens, and what a statement does.
//
// https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/syntax.html

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_

#include "absl/strings/string_view.h"
#include "cupel/engine/sql_scanner.h"

namespace cupel::sqlite_internal {

using engine::Token;
using engine::TokenKind;

// See engine/sql_scanner.h.
class SqlScanner : public engine::SqlScanner {
 public:
  explicit SqlScanner(absl::string_view sql);
};

// Whether the text holds nothing but blanks, comments and semicolons.
bool IsBlankSql(absl::string_view sql);

// Whether executing the statement may leave traces on the connection besides
// those of its transaction: a setting, an attached database, temporary objects.
bool ChangesSession(absl::string_view sql);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_
