#include "cupel/engine/dialects/mariadb/sql_scanner.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cupel::mariadb_internal {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "-- " begins a comment, "--1" does not.
bool IsDashComment(absl::string_view rest) {
  return absl::StartsWith(rest, "--") &&
         (rest.size() == 2 || absl::ascii_isspace(rest[2]) ||
          absl::ascii_iscntrl(rest[2]));
}

bool IsAnyOf(const Token& token,
             std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return token.Is(word); });
}

// Behind CREATE, DROP or ALTER: whether a temporary table is meant, which is
// no DDL to a transaction.
bool IsTemporary(SqlScanner scanner) {
  if (scanner.Consume("OR")) scanner.Consume("REPLACE");
  return scanner.current().Is("TEMPORARY");
}

// Functions and settings whose effect outlives the statement.
bool HoldsSessionState(SqlScanner scanner) {
  for (; !scanner.at_end(); scanner.Next()) {
    const Token& token = scanner.current();
    if (token.IsSymbol('@')) {
      // @@name reads a setting, @name is a variable of the session.
      scanner.Next();
      if (!scanner.current().IsSymbol('@')) return true;
      scanner.Next();
    } else if (token.Is("GET_LOCK")) {
      return true;
    }
  }
  return false;
}

// SELECT ... FOR UPDATE, SELECT ... LOCK IN SHARE MODE
bool TakesLocks(SqlScanner scanner) {
  for (; !scanner.at_end(); scanner.Next()) {
    if (IsAnyOf(scanner.current(), {"FOR", "LOCK"})) return true;
  }
  return false;
}

}  // namespace

bool Token::Is(absl::string_view word) const {
  return kind == TokenKind::kWord && absl::EqualsIgnoreCase(text, word);
}

std::string Token::Unquoted() const {
  if (kind != TokenKind::kName && kind != TokenKind::kString) {
    return std::string(text);
  }
  const char close = text[0];
  absl::string_view inner = text.substr(1);
  if (!inner.empty() && inner.back() == close) inner.remove_suffix(1);
  std::string result;
  for (size_t i = 0; i < inner.size(); ++i) {
    result.push_back(inner[i]);
    // A doubled quote stands for one.
    if (inner[i] == close && i + 1 < inner.size() && inner[i + 1] == close) ++i;
  }
  return result;
}

size_t SqlScanner::SkipBlanks(size_t i) {
  while (i < sql_.size()) {
    const absl::string_view rest = sql_.substr(i);
    if (absl::ascii_isspace(sql_[i])) {
      ++i;
    } else if (sql_[i] == '#' || IsDashComment(rest)) {
      i = std::min(sql_.find('\n', i), sql_.size());
    } else if (absl::StartsWith(rest, "/*!") ||
               absl::StartsWith(rest, "/*M!")) {
      i += rest[2] == 'M' ? 4 : 3;
      while (i < sql_.size() && absl::ascii_isdigit(sql_[i])) ++i;
      in_executable_comment_ = true;
    } else if (in_executable_comment_ && absl::StartsWith(rest, "*/")) {
      in_executable_comment_ = false;
      i += 2;
    } else if (absl::StartsWith(rest, "/*")) {
      const size_t end = sql_.find("*/", i + 2);
      i = end == absl::string_view::npos ? sql_.size() : end + 2;
    } else {
      break;
    }
  }
  return i;
}

size_t SqlScanner::EndOfQuoted(size_t i, char close) const {
  for (++i; i < sql_.size(); ++i) {
    if (sql_[i] != close) continue;
    const bool doubled = i + 1 < sql_.size() && sql_[i + 1] == close;
    if (!doubled) return i + 1;
    ++i;
  }
  return std::min(i, sql_.size());
}

size_t SqlScanner::EndOfToken(size_t i, TokenKind* kind) const {
  const char c = sql_[i];
  switch (c) {
    case '\'':
    case '"':
      *kind = TokenKind::kString;
      return EndOfQuoted(i, c);
    case '`':
      *kind = TokenKind::kName;
      return EndOfQuoted(i, c);
    default:
      break;
  }
  if (!IsNameCharacter(c)) {
    *kind = TokenKind::kSymbol;
    return i + 1;
  }
  *kind = absl::ascii_isdigit(c) ? TokenKind::kNumber : TokenKind::kWord;
  while (i < sql_.size() && IsNameCharacter(sql_[i])) ++i;
  return i;
}

void SqlScanner::Next() {
  const size_t begin = SkipBlanks(end_);
  if (begin >= sql_.size()) {
    current_ = Token();
    end_ = begin;
    return;
  }
  end_ = EndOfToken(begin, &current_.kind);
  current_.text = sql_.substr(begin, end_ - begin);
}

bool SqlScanner::Consume(absl::string_view word) {
  if (!current_.Is(word)) return false;
  Next();
  return true;
}

bool SqlScanner::ConsumeSymbol(char symbol) {
  if (!current_.IsSymbol(symbol)) return false;
  Next();
  return true;
}

StatementTraits TraitsOf(absl::string_view sql) {
  SqlScanner scanner(sql);
  while (scanner.ConsumeSymbol(';') || scanner.ConsumeSymbol('(')) {
  }
  const Token first = scanner.current();
  scanner.Next();
  StatementTraits traits;
  if (IsAnyOf(first, {"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN",
                      "DESCRIBE", "DESC", "HELP"})) {
    traits.changes_session = HoldsSessionState(scanner);
    traits.only_reads = !traits.changes_session;
    traits.takes_locks = TakesLocks(scanner);
  } else if (IsAnyOf(first, {"INSERT", "UPDATE", "DELETE", "REPLACE", "DO"})) {
    traits.changes_session = HoldsSessionState(scanner);
  } else if (IsAnyOf(first, {"CREATE", "DROP", "ALTER"})) {
    traits.changes_session = IsTemporary(scanner);
    traits.commits_implicitly = !traits.changes_session;
    traits.is_ddl = traits.commits_implicitly;
  } else if (first.Is("ANALYZE")) {
    traits.commits_implicitly =
        IsAnyOf(scanner.current(),
                {"TABLE", "LOCAL", "NO_WRITE_TO_BINLOG", "PERSISTENT"});
  } else if (IsAnyOf(first,
                     {"RENAME", "TRUNCATE", "GRANT", "REVOKE", "OPTIMIZE",
                      "REPAIR", "CHECK", "CACHE", "INSTALL", "UNINSTALL",
                      "CHANGE", "STOP", "RESET", "FLUSH"})) {
    traits.commits_implicitly = true;
  } else if (IsAnyOf(first, {"LOCK", "UNLOCK"})) {
    traits.commits_implicitly = true;
    traits.changes_session = true;
  } else if (IsAnyOf(first, {"START", "BEGIN"})) {
    // A transaction in a transaction; or START SLAVE, which commits, too.
    traits.commits_implicitly = !scanner.current().Is("NOT");
  } else if (first.Is("SET")) {
    traits.changes_session = !scanner.current().Is("TRANSACTION");
    traits.commits_implicitly =
        IsAnyOf(scanner.current(), {"PASSWORD", "DEFAULT"});
    for (; !scanner.at_end(); scanner.Next()) {
      if (scanner.current().Is("AUTOCOMMIT")) traits.commits_implicitly = true;
    }
  } else if (!IsAnyOf(first,
                      {"COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "KILL"})) {
    // CALL, USE, PREPARE, LOAD, what is not known.
    traits.changes_session = true;
  }
  return traits;
}

namespace {

bool IsName(const Token& token) {
  return token.kind == TokenKind::kName || token.kind == TokenKind::kWord;
}

// name or name.name; the last of them.
std::optional<Token> ConsumeName(SqlScanner* scanner) {
  while (IsName(scanner->current())) {
    const Token name = scanner->current();
    scanner->Next();
    if (!scanner->ConsumeSymbol('.')) return name;
  }
  return std::nullopt;
}

// Goes behind the WHERE that stands in no parentheses.
bool SkipToWhere(SqlScanner* scanner) {
  int depth = 0;
  for (; !scanner->at_end(); scanner->Next()) {
    if (scanner->current().IsSymbol('(')) ++depth;
    if (scanner->current().IsSymbol(')')) --depth;
    if (depth == 0 && scanner->Consume("WHERE")) return true;
  }
  return false;
}

}  // namespace

std::optional<KeyedWrite> KeyedWriteOf(absl::string_view sql) {
  SqlScanner scanner(sql);
  const bool updates = scanner.Consume("UPDATE");
  if (!updates && !(scanner.Consume("DELETE") && scanner.Consume("FROM"))) {
    return std::nullopt;
  }
  KeyedWrite write;
  const char* const begin = scanner.current().text.data();
  if (scanner.at_end() || !ConsumeName(&scanner) || scanner.at_end()) {
    return std::nullopt;
  }
  const char* const end = scanner.current().text.data();
  write.table.assign(begin, static_cast<size_t>(end - begin));
  if (updates ? !scanner.Consume("SET") || !SkipToWhere(&scanner)
              : !scanner.Consume("WHERE")) {
    return std::nullopt;
  }
  do {
    const std::optional<Token> column = ConsumeName(&scanner);
    if (!column || !scanner.ConsumeSymbol('=') || !scanner.ConsumeSymbol('?')) {
      return std::nullopt;
    }
    write.columns.push_back(column->Unquoted());
  } while (scanner.Consume("AND"));
  if (!scanner.at_end()) return std::nullopt;
  return write;
}

}  // namespace cupel::mariadb_internal
