// Splits SQL text into tokens, for dialects whose drivers have to know what a
// statement is, or whose catalogues keep text.
//
//   inline constexpr Lexis kLexis = {.double_quotes = TokenKind::kName};
//   SqlScanner scanner(sql, kLexis);
//   if (scanner.Consume("DROP") && scanner.Consume("TABLE")) ...

#ifndef CUPEL_ENGINE_SQL_SCANNER_H_
#define CUPEL_ENGINE_SQL_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::engine {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,    // a keyword or a name without quotes
  kName,    // a name in quotes
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

// In what the text of databases differs. Static data.
struct Lexis {
  TokenKind double_quotes = TokenKind::kName;
  bool brackets = false;       // [name]
  bool hash_comments = false;  // # to the end of the line
  // "-- " begins a comment, "--1" does not.
  bool dashes_need_blank = false;
  // What stands in /*! ... */ and /*M! ... */ is read like the rest.
  bool executable_comments = false;
};

// Reads token after token, over blanks and comments. Backslashes in quotes are
// ordinary characters. Never fails: what is not closed goes to the end of the
// text. A value, cheap to copy; the text and the lexis must outlive it.
class SqlScanner {
 public:
  SqlScanner(absl::string_view sql, const Lexis& lexis)
      : lexis_(&lexis), sql_(sql) {
    Next();
  }

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
  size_t SkipBlanks(size_t i);
  size_t EndOfToken(size_t i, TokenKind* kind) const;
  size_t EndOfQuoted(size_t i, char close) const;
  bool IsLineComment(absl::string_view rest) const;

  const Lexis* lexis_;
  absl::string_view sql_;
  Token current_;
  size_t position_ = 0;
  size_t end_ = 0;
  size_t previous_end_ = 0;
  bool in_executable_comment_ = false;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_SQL_SCANNER_H_
