// How the store spells the names of its tables and columns. Its scripts are of
// two minds: SQLite's and MariaDB's say InvoiceLine, PostgreSQL's says
// invoice_line. The models are written once, in the first, and told which.

#ifndef CUPEL_EXAMPLES_CHINOOK_SPELLING_H_
#define CUPEL_EXAMPLES_CHINOOK_SPELLING_H_

#include <algorithm>
#include <cstddef>

namespace chinook {

enum class Spelling { kPascalCase, kSnakeCase };

// A name as a template argument.
template <size_t kSize>
struct FixedName {
  char text[kSize] = {};

  constexpr FixedName() = default;
  constexpr FixedName(const char (&name)[kSize]) {  // NOLINT
    std::copy_n(name, kSize, text);
  }
};

constexpr bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

// "InvoiceLine" becomes "invoice_line".
template <size_t kSize>
constexpr FixedName<2 * kSize> SnakeCase(const FixedName<kSize>& name) {
  FixedName<2 * kSize> result;
  size_t size = 0;
  for (size_t i = 0; i < kSize; ++i) {
    const char c = name.text[i];
    if (IsCapital(c) && i > 0) result.text[size++] = '_';
    result.text[size++] = IsCapital(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

template <FixedName kName>
inline constexpr auto kSnakeCased = SnakeCase(kName);
template <FixedName kName>
inline constexpr auto kAsItIs = kName;

// The name as the database has it.
template <Spelling kSpelling, FixedName kName>
constexpr const char* Spelled() {
  if constexpr (kSpelling == Spelling::kSnakeCase) {
    return kSnakeCased<kName>.text;
  } else {
    return kAsItIs<kName>.text;
  }
}

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_SPELLING_H_
