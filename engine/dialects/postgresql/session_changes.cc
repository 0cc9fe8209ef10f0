#include "cupel/engine/dialects/postgresql/session_changes.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {
namespace {

// At the start of a statement.
constexpr absl::string_view kVerbs[] = {
    "call", "declare", "discard", "do",       "listen",
    "load", "prepare", "reset",   "unlisten",
};

// Behind SET, when it ends with the transaction.
constexpr absl::string_view kOfTheTransaction[] = {"constraints", "local",
                                                   "transaction"};

// Anywhere in it.
constexpr absl::string_view kWords[] = {
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_temp",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "set_config",
    "temp",
    "temporary",
};

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

template <size_t size>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[size]) {
  for (absl::string_view candidate : words) {
    if (absl::EqualsIgnoreCase(word, candidate)) return true;
  }
  return false;
}

}  // namespace

bool ChangesSession(absl::string_view sql) {
  bool first = true;
  bool after_set = false;
  size_t i = 0;
  while (i < sql.size()) {
    if (!IsWordCharacter(sql[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < sql.size() && IsWordCharacter(sql[end])) ++end;
    const absl::string_view word = sql.substr(i, end - i);
    if (after_set) return !IsOneOf(word, kOfTheTransaction);
    after_set = first && absl::EqualsIgnoreCase(word, "set");
    if (first && IsOneOf(word, kVerbs)) return true;
    // All of them begin with one of three letters.
    const char letter = absl::ascii_tolower(static_cast<unsigned char>(sql[i]));
    if ((letter == 'p' || letter == 's' || letter == 't') &&
        IsOneOf(word, kWords)) {
      return true;
    }
    first = false;
    i = end;
  }
  return false;
}

bool ChangesSchema(absl::string_view sql) {
  for (absl::string_view verb : {"CREATE", "ALTER", "DROP"}) {
    if (absl::StartsWithIgnoreCase(sql, verb)) return true;
  }
  return false;
}

}  // namespace cupel::postgresql_internal
