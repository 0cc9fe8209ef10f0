#include "cupel/engine/dialects/mariadb/sql_scanner.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::mariadb_internal {
namespace {

constexpr engine::Lexis kLexis = {.double_quotes = TokenKind::kString,
                                  .hash_comments = true,
                                  .dashes_need_blank = true,
                                  .executable_comments = true};

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

SqlScanner::SqlScanner(absl::string_view sql)
    : engine::SqlScanner(sql, kLexis) {}

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
  } else if (first.Is("SET") && scanner.current().Is("STATEMENT")) {
    // SET STATEMENT name = value FOR ...: it is what it is for.
    while (!scanner.at_end() && !scanner.Consume("FOR")) scanner.Next();
    return TraitsOf(sql.substr(scanner.position()));
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
