// Numbers as PostgreSQL's binary formats hold them: most significant byte
// first. Decimals are digits to the base of 10,000.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_WIRE_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>

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
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
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
