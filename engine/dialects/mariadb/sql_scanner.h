// Looks at SQL text of MariaDB's dialect, as far as the driver has to know what
// a statement is.
//
// https://mariadb.com/kb/en/comment-syntax/

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cupel::mariadb_internal {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,    // a keyword or a name without quotes
  kName,    // `name`
  kString,  // 'text', "text"
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

// Reads token after token, over blanks and comments; what stands in an
// executable comment (/*! ... */) is read like the rest. Backslashes in strings
// are ordinary characters, as the driver's sql_mode has it. Never fails: what
// is not closed goes to the end of the text. A value, cheap to copy; the text
// must outlive it.
class SqlScanner {
 public:
  explicit SqlScanner(absl::string_view sql) : sql_(sql) { Next(); }

  const Token& current() const { return current_; }
  bool at_end() const { return current_.kind == TokenKind::kEnd; }

  void Next();
  // Steps over `word` or `symbol` if that is the current token.
  bool Consume(absl::string_view word);
  bool ConsumeSymbol(char symbol);

 private:
  size_t SkipBlanks(size_t i);
  size_t EndOfToken(size_t i, TokenKind* kind) const;
  size_t EndOfQuoted(size_t i, char close) const;

  absl::string_view sql_;
  Token current_;
  size_t end_ = 0;
  bool in_executable_comment_ = false;
};

// What executing a statement means for its connection.
struct StatementTraits {
  // It ends the transaction that is open, as DDL does.
  bool commits_implicitly = false;
  // It makes, changes or drops an object, and gives no rows.
  bool is_ddl = false;
  // A query that locks what it reads.
  bool takes_locks = false;
  // It may leave traces on the connection besides those of its transaction: a
  // setting, a user variable, a lock, a temporary table.
  bool changes_session = false;
  // It cannot change any table: stopping it half-way loses nothing.
  bool only_reads = false;
};

StatementTraits TraitsOf(absl::string_view sql);

// An UPDATE or DELETE of one table with conditions on columns alone, all of
// which hold:
//   UPDATE t SET ... WHERE a = ? AND b = ?
struct KeyedWrite {
  std::string table;  // as it stands in the SQL
  std::vector<std::string> columns;
};

// std::nullopt for any other statement.
std::optional<KeyedWrite> KeyedWriteOf(absl::string_view sql);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_
