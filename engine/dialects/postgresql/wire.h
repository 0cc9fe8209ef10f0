// Numbers as PostgreSQL's binary formats hold them: most significant byte
// first. Decimals are digits to the base of 10,000.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_WIRE_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_WIRE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"

namespace cupel::postgresql_internal {

// Appends the lowest `sizeof(Number)` bytes.
template <typename Number>
void AppendBigEndian(Number value, std::string* out) {
  for (int shift = (static_cast<int>(sizeof(Number)) - 1) * 8; shift >= 0;
       shift -= 8) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
}

// Requires: `bytes` has sizeof(Number) of them.
template <typename Number>
Number ReadBigEndian(const char* bytes) {
  std::make_unsigned_t<Number> value = 0;
  std::memcpy(&value, bytes, sizeof(Number));
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(Number) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(Number) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(Number) == 8) value = __builtin_bswap64(value);
  }
  return static_cast<Number>(value);
}

// Appends the binary form of a decimal, with its scale.
void AppendNumeric(const engine::Decimal& value, std::string* out);

// Appends that of what no decimal can say: NaN and the infinities.
void AppendNonFiniteNumeric(double value, std::string* out);

// Reads the binary form as plain digits ("-0.050"), "NaN", "Infinity" or
// "-Infinity". False when it is not well formed.
bool NumericToText(absl::string_view bytes, std::string* out);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_WIRE_H_
