// Splits SQL text of SQLite's dialect into tokens.
//
// https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/syntax.html

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::sqlite_internal {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,    // a keyword or a name without quotes
  kName,    // "name", `name`, [name]
  kString,  // 'text'
  kNumber,
  kSymbol,  // one character
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  absl::string_view text;  // as it stands in the SQL

  // Whether it is the keyword `word` (upper case), in any case.
  bool Is(absl::string_view word) const;
  bool IsSymbol(char symbol) const {
    return kind == TokenKind::kSymbol && text[0] == symbol;
  }
  // The name or text without its quotes.
  std::string Unquoted() const;
};

// Reads token after token, over blanks and comments. Never fails: what is not
// closed goes to the end of the text. A value, cheap to copy; the text must
// outlive it.
class SqlScanner {
 public:
  explicit SqlScanner(absl::string_view sql) : sql_(sql) { Next(); }

  const Token& current() const { return current_; }
  bool at_end() const { return current_.kind == TokenKind::kEnd; }
  // Where the current token begins, and where the one before it ended.
  size_t position() const { return position_; }
  size_t previous_end() const { return previous_end_; }
  absl::string_view sql() const { return sql_; }

  void Next();
  // Steps over `word` or `symbol` if that is the current token.
  bool Consume(absl::string_view word);
  bool ConsumeSymbol(char symbol);
  // Requires that the current token is '('. Steps behind the matching ')' and
  // returns the text between them, trimmed.
  absl::string_view ConsumeParentheses();

 private:
  size_t SkipBlanks(size_t i) const;
  size_t EndOfToken(size_t i, TokenKind* kind) const;
  size_t EndOfQuoted(size_t i, char close) const;

  absl::string_view sql_;
  Token current_;
  size_t position_ = 0;
  size_t end_ = 0;
  size_t previous_end_ = 0;
};

// Whether the text holds nothing but blanks, comments and semicolons.
bool IsBlankSql(absl::string_view sql);

// Whether executing the statement may leave traces on the connection besides
// those of its transaction: a setting, an attached database, temporary objects.
bool ChangesSession(absl::string_view sql);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_SQL_SCANNER_H_
