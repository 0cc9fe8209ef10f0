#include "cupel/engine/dialects/sqlite/sql_scanner.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cupel::sqlite_internal {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

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

bool Token::Is(absl::string_view word) const {
  return kind == TokenKind::kWord && absl::EqualsIgnoreCase(text, word);
}

std::string Token::Unquoted() const {
  if (kind != TokenKind::kName && kind != TokenKind::kString) {
    return std::string(text);
  }
  const char close = text[0] == '[' ? ']' : text[0];
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

size_t SqlScanner::SkipBlanks(size_t i) const {
  while (i < sql_.size()) {
    if (absl::ascii_isspace(sql_[i])) {
      ++i;
    } else if (absl::StartsWith(sql_.substr(i), "--")) {
      i = std::min(sql_.find('\n', i), sql_.size());
    } else if (absl::StartsWith(sql_.substr(i), "/*")) {
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
    const bool doubled =
        close != ']' && i + 1 < sql_.size() && sql_[i + 1] == close;
    if (!doubled) return i + 1;
    ++i;
  }
  return i;
}

size_t SqlScanner::EndOfToken(size_t i, TokenKind* kind) const {
  const char c = sql_[i];
  switch (c) {
    case '\'':
      *kind = TokenKind::kString;
      return EndOfQuoted(i, c);
    case '"':
    case '`':
      *kind = TokenKind::kName;
      return EndOfQuoted(i, c);
    case '[':
      *kind = TokenKind::kName;
      return EndOfQuoted(i, ']');
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
  previous_end_ = end_;
  position_ = SkipBlanks(end_);
  if (position_ >= sql_.size()) {
    current_ = Token();
    end_ = position_;
    return;
  }
  end_ = EndOfToken(position_, &current_.kind);
  current_.text = sql_.substr(position_, end_ - position_);
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

absl::string_view SqlScanner::ConsumeParentheses() {
  const size_t begin = position_ + 1;
  size_t end = begin;
  int depth = 0;
  while (!at_end()) {
    if (current_.IsSymbol('(')) ++depth;
    if (current_.IsSymbol(')') && --depth == 0) break;
    Next();
  }
  end = position_;
  Next();
  return absl::StripAsciiWhitespace(sql_.substr(begin, end - begin));
}

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
