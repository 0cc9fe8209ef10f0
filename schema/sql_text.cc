#include "cupel/schema/sql_text.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "re2/re2.h"

namespace cupel::schema_internal {
namespace {

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The position behind the quoted text that starts at `start`, or npos when it
// does not end. A doubled quote inside is two quoted texts in a row: the same
// to us.
size_t SkipQuoted(absl::string_view sql, size_t start, bool escapes) {
  const char end = sql[start] == '[' ? ']' : sql[start];
  for (size_t i = start + 1; i < sql.size(); ++i) {
    if (escapes && sql[i] == '\\' && end == '\'') {
      ++i;
    } else if (sql[i] == end) {
      return i + 1;
    }
  }
  return absl::string_view::npos;
}

// Whether the string literal at `quote` is of the form E'...'.
bool HasEscapePrefix(absl::string_view sql, size_t quote) {
  return quote > 0 && absl::ascii_tolower(sql[quote - 1]) == 'e' &&
         (quote == 1 || !IsWordCharacter(sql[quote - 2]));
}

bool StartsComment(absl::string_view rest) {
  return rest.substr(0, 2) == "--" || rest.substr(0, 2) == "/*" ||
         rest[0] == '#';
}

// The end of the group that the parenthesis at the start of `sql` opens, or
// npos.
size_t MatchingParenthesis(absl::string_view sql) {
  int depth = 0;
  for (size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      i = SkipQuoted(sql, i, c == '\'' && HasEscapePrefix(sql, i));
      if (i == absl::string_view::npos) return i;
      continue;
    }
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) return i;
    ++i;
  }
  return absl::string_view::npos;
}

}  // namespace

absl::Status CheckSelfContained(absl::string_view sql, bool backslash_escapes) {
  int depth = 0;
  for (size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    if (c == '\'' || c == '"' || c == '`') {
      i = SkipQuoted(sql, i, backslash_escapes || HasEscapePrefix(sql, i));
      if (i == absl::string_view::npos) {
        return absl::InvalidArgumentError("SQL text ends inside quotes");
      }
      continue;
    }
    if (c == ';' || c == '\0' || StartsComment(sql.substr(i)) ||
        (c == '$' && (i == 0 || !IsWordCharacter(sql[i - 1])))) {
      return absl::InvalidArgumentError(
          "SQL text holds a semicolon, a comment or a dollar quote");
    }
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) {
      return absl::InvalidArgumentError(
          "SQL text closes a parenthesis that it did not open");
    }
    ++i;
  }
  if (depth == 0) return absl::OkStatus();
  return absl::InvalidArgumentError("SQL text leaves a parenthesis open");
}

absl::string_view StripParentheses(absl::string_view sql) {
  sql = absl::StripAsciiWhitespace(sql);
  while (!sql.empty() && sql.front() == '(' &&
         MatchingParenthesis(sql) == sql.size() - 1) {
    sql = absl::StripAsciiWhitespace(sql.substr(1, sql.size() - 2));
  }
  return sql;
}

bool IsPlainDefault(absl::string_view sql, bool backslash_escapes) {
  static const RE2& pattern =
      *new RE2(R"((?is)\w+|[+-]?\d[\d.]*(?:e[+-]?\d+)?|x?'(?:[^']|'')*')");
  if (backslash_escapes && absl::StrContains(sql, '\\')) return false;
  return RE2::FullMatch(sql, pattern);
}

}  // namespace cupel::schema_internal
