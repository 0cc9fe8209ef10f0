#include "cupel/engine/dialects/postgresql/sql_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/sql_scanner.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ErrorKind;
using engine::SqlScanner;
using engine::Token;
using engine::TokenKind;

constexpr engine::Lexis kLexis;

// At the start of a statement.
constexpr absl::string_view kSessionVerbs[] = {
    "call", "declare", "discard", "do",       "listen",
    "load", "prepare", "reset",   "unlisten",
};

// Behind SET, when it ends with the transaction.
constexpr absl::string_view kOfTheTransaction[] = {"constraints", "local",
                                                   "transaction"};

// Anywhere in it.
constexpr absl::string_view kSessionWords[] = {
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_temp",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "set_config",
    "temp",
    "temporary",
};

constexpr absl::string_view kDefinitionVerbs[] = {"alter", "create", "drop"};

constexpr absl::string_view kQueryVerbs[] = {"select", "values", "with"};

// Anywhere in a query that does more than read.
constexpr absl::string_view kChangingWords[] = {"delete", "insert", "merge",
                                                "share", "update"};

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

template <size_t size>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[size]) {
  return std::any_of(std::begin(words), std::end(words),
                     [word](absl::string_view candidate) {
                       return absl::EqualsIgnoreCase(word, candidate);
                     });
}

// Whether one of the words stands anywhere, in quotes and comments too: what is
// a quote depends on the session.
template <size_t size>
bool HoldsOneOf(absl::string_view sql, const absl::string_view (&words)[size]) {
  for (size_t i = 0; i < sql.size();) {
    size_t end = i;
    while (end < sql.size() && IsWordCharacter(sql[end])) ++end;
    if (end > i && IsOneOf(sql.substr(i, end - i), words)) return true;
    i = end + 1;
  }
  return false;
}

// At the first word, behind comments and parentheses.
SqlScanner AtFirstWord(absl::string_view sql) {
  SqlScanner scanner(sql, kLexis);
  while (scanner.current().kind == TokenKind::kSymbol) scanner.Next();
  return scanner;
}

// The "$tag$" that opens a text in dollar quotes; empty when `token` is no such
// thing.
absl::string_view DollarQuoteOf(const Token& token) {
  if (token.kind != TokenKind::kWord || token.text[0] != '$') return "";
  const size_t end = token.text.find('$', 1);
  return end == token.text.npos ? "" : token.text.substr(0, end + 1);
}

// n of "$n", one more than there may be for any greater number; 0 for another
// token.
size_t NumberOf(const Token& token) {
  if (token.kind != TokenKind::kWord || token.text[0] != '$') return 0;
  size_t number = 0;
  for (const char c : token.text.substr(1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) break;
    number = number * 10 + static_cast<size_t>(c - '0');
    if (number > kMaxParameters) return kMaxParameters + 1;
  }
  return number;
}

}  // namespace

size_t HighestParameter(absl::string_view sql) {
  // Most have none.
  if (!absl::StrContains(sql, '$')) return 0;
  size_t highest = 0;
  SqlScanner scanner(sql, kLexis);
  while (!scanner.at_end()) {
    const absl::string_view quote = DollarQuoteOf(scanner.current());
    if (quote.empty()) {
      highest = std::max(highest, NumberOf(scanner.current()));
      scanner.Next();
      continue;
    }
    const absl::string_view all = scanner.sql();
    const size_t end = all.find(quote, scanner.position() + quote.size());
    if (end == all.npos) break;
    scanner = SqlScanner(all.substr(end + quote.size()), kLexis);
  }
  return highest;
}

absl::Status CheckSqlText(absl::string_view sql) {
  if (sql.size() > kMaxMessageBytes) {
    return engine::MakeError(ErrorKind::kTooBig, "the SQL text is too long");
  }
  if (absl::StrContains(sql, '\0')) {
    return engine::MakeError(ErrorKind::kInvalidValue,
                             "the SQL text holds NUL");
  }
  if (HighestParameter(sql) > kMaxParameters) {
    return engine::MakeError(ErrorKind::kTooBig,
                             absl::StrCat("the statement has more than ",
                                          kMaxParameters, " parameters"));
  }
  return absl::OkStatus();
}

bool ChangesSession(absl::string_view sql) {
  SqlScanner scanner = AtFirstWord(sql);
  if (scanner.Consume("SET")) {
    return !IsOneOf(scanner.current().text, kOfTheTransaction);
  }
  return IsOneOf(scanner.current().text, kSessionVerbs) ||
         HoldsOneOf(sql, kSessionWords);
}

bool ChangesSchema(absl::string_view sql) {
  return IsOneOf(AtFirstWord(sql).current().text, kDefinitionVerbs);
}

bool OnlyReads(absl::string_view sql) {
  return IsOneOf(AtFirstWord(sql).current().text, kQueryVerbs) &&
         !HoldsOneOf(sql, kChangingWords);
}

std::string QuoteLiteral(absl::string_view text) {
  return absl::StrCat(absl::StrContains(text, '\\') ? " E'" : "'",
                      absl::StrReplaceAll(text, {{"'", "''"}, {"\\", "\\\\"}}),
                      "'");
}

}  // namespace cupel::postgresql_internal
