#include "cupel/engine/dialects/sqlite/regexp.h"

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "re2/re2.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

// Where RE2 runs out of memory for the states of a pattern, a match takes some
// 10 to 30 nanoseconds for each instruction of its program and byte of the
// text: about a second with these.
constexpr size_t kMaxProduct = 50'000'000;

const char* Explain(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid regular expression: bad escape sequence";
    case RE2::ErrorBadCharClass:
    case RE2::ErrorBadCharRange:
      return "invalid regular expression: bad character class";
    case RE2::ErrorMissingBracket:
      return "invalid regular expression: missing ]";
    case RE2::ErrorMissingParen:
      return "invalid regular expression: missing )";
    case RE2::ErrorTrailingBackslash:
      return "invalid regular expression: trailing backslash";
    case RE2::ErrorRepeatArgument:
    case RE2::ErrorRepeatOp:
      return "invalid regular expression: bad repetition";
    case RE2::ErrorRepeatSize:
      return "invalid regular expression: repetition too large";
    case RE2::ErrorBadUTF8:
      return "invalid regular expression: invalid UTF-8";
    case RE2::ErrorPatternTooLarge:
      return "invalid regular expression: too large";
    default:
      return "invalid regular expression";
  }
}

// The bytes of a text or blob; a null view when memory ran out.
re2::StringPiece Bytes(sqlite3_value* value) {
  const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {data, static_cast<size_t>(sqlite3_value_bytes(value))};
}

void Regexp(sqlite3_context* context, int /*argument_count*/,
            sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL ||
      sqlite3_value_type(arguments[1]) == SQLITE_NULL) {
    return;  // the result is NULL
  }
  // SQLite keeps the compiled pattern while the argument stays the same.
  const RE2* regexp = static_cast<RE2*>(sqlite3_get_auxdata(context, 0));
  std::unique_ptr<RE2> compiled;
  if (regexp == nullptr) {
    const re2::StringPiece pattern = Bytes(arguments[0]);
    if (pattern.data() == nullptr) {
      return sqlite3_result_error_nomem(context);
    }
    compiled = std::make_unique<RE2>(pattern, RE2::Quiet);
    if (!compiled->ok()) {
      return sqlite3_result_error(context, Explain(compiled->error_code()), -1);
    }
    regexp = compiled.get();
  }
  const re2::StringPiece text = Bytes(arguments[1]);
  if (text.data() == nullptr) return sqlite3_result_error_nomem(context);
  const size_t size = static_cast<size_t>(regexp->ProgramSize());
  if (size > 0 && text.size() > kMaxProduct / size) {
    return sqlite3_result_error(
        context, "invalid regular expression: too large for such a long text",
        -1);
  }
  sqlite3_result_int(context, RE2::PartialMatch(text, *regexp) ? 1 : 0);
  if (compiled != nullptr) {
    sqlite3_set_auxdata(context, 0, compiled.release(),
                        [](void* data) { delete static_cast<RE2*>(data); });
  }
}

}  // namespace

int AddRegexpFunction(sqlite3* connection) {
  // Innocuous: a CHECK constraint may use it although schemas are not trusted.
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_function_v2(connection, "regexp", 2, kFlags, nullptr,
                                    Regexp, nullptr, nullptr, nullptr);
}

}  // namespace cupel::sqlite_internal
