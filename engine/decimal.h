// Exact decimal numbers of up to 76 digits, for money and other quantities that
// a double would bend.
//
//   CUPEL_ASSIGN_OR_RETURN(Decimal price, Decimal::Parse("19.90"));
//   Decimal total = price * Decimal(3);                     // 59.70
//   CUPEL_ASSIGN_OR_RETURN(Decimal share,
//                          total.Divide(Decimal(7), 2,
//                          RoundingMode::kHalfEven));
//
// A number is unscaled / 10^scale. Nothing is ever rounded unless a
// RoundingMode asks for it, and nothing wraps: what does not fit is
// kOutOfRange.

#ifndef CUPEL_ENGINE_DECIMAL_H_
#define CUPEL_ENGINE_DECIMAL_H_

#include <array>
#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// What happens to digits that the result has no place for.
enum class RoundingMode : uint8_t {
  kExact,       // refuse (kOutOfRange) unless they are zeros
  kHalfEven,    // to nearest, ties to the even digit ("banker's rounding")
  kHalfUp,      // to nearest, ties away from zero
  kTowardZero,  // cut
  kAwayFromZero,
  kFloor,
  kCeiling,
};

// A value. Equality, order and hash go by the number: 1.0 == 1.00. There is one
// zero and neither infinity nor NaN.
class Decimal {
 public:
  static constexpr int kMaxDigits = 76;
  static constexpr int kMaxScale = 76;

  constexpr Decimal() = default;  // 0, scale 0
  // Implicit for integers, so that `price * 3` reads as it should.
  constexpr Decimal(int64_t value)  // NOLINT
      : magnitude_{Magnitude(value), 0, 0, 0}, negative_(value < 0) {}
  constexpr Decimal(int value)  // NOLINT
      : Decimal(static_cast<int64_t>(value)) {}
  Decimal(double) = delete;  // say Parse("0.1") or FromDouble(0.1)
  Decimal(float) = delete;

  // `unscaled` / 10^`scale`. Requires: 0 <= scale <= kMaxScale.
  static Decimal FromInt64(int64_t unscaled, int scale);

  // Reads [+-]digits[.digits][(e|E)[+-]digits]. Digits behind the point are
  // kept, zeros too: "1.50" has scale 2. Errors: kInvalidArgument on other
  // text, kOutOfRange beyond 76 digits.
  static absl::StatusOr<Decimal> Parse(absl::string_view text);

  // The shortest decimal that reads back as `value` (0.1 gives 0.1). Errors:
  // kInvalidArgument unless finite, kOutOfRange beyond 76 digits.
  static absl::StatusOr<Decimal> FromDouble(double value);

  // Plain digits, never an exponent: "-0.05".
  std::string ToString() const;

  // The nearest double.
  double ToDouble() const;

  // The integer n with *this == n / 10^scale. Errors: kOutOfRange when that is
  // no integer or not in 64 bits.
  absl::StatusOr<int64_t> ToUnscaledInt64(int scale) const;

  // The same number (as far as `mode` lets it be) with `scale` digits behind
  // the point. Errors: kOutOfRange.
  absl::StatusOr<Decimal> Rescale(
      int scale, RoundingMode mode = RoundingMode::kExact) const;

  // Sum and difference have the larger scale, a product the sum of both.
  // Errors: kOutOfRange beyond 76 digits; kInvalidArgument: division by zero.
  absl::StatusOr<Decimal> Add(const Decimal& other) const;
  absl::StatusOr<Decimal> Subtract(const Decimal& other) const;
  absl::StatusOr<Decimal> Multiply(const Decimal& other) const;
  absl::StatusOr<Decimal> Divide(const Decimal& divisor, int scale,
                                 RoundingMode mode) const;

  // The same; a result beyond 76 digits ends the program, as a failed check
  // does. Use the functions above where input decides the size.
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  Decimal operator-() const;
  Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
  Decimal& operator-=(const Decimal& other) { return *this = *this - other; }
  Decimal& operator*=(const Decimal& other) { return *this = *this * other; }

  int scale() const { return scale_; }
  bool is_negative() const { return negative_; }
  bool is_zero() const {
    return (magnitude_[0] | magnitude_[1] | magnitude_[2] | magnitude_[3]) == 0;
  }

  // Decimal digits of the unscaled number, 1 for zero: its precision.
  int digits() const;

  // The same number without zeros at the end of its fraction.
  Decimal Normalized() const;

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) {
    return (a <=> b) == 0;
  }

  template <typename H>
  friend H AbslHashValue(H h, const Decimal& decimal) {
    Decimal normal = decimal.Normalized();
    return H::combine(std::move(h), normal.magnitude_, normal.negative_,
                      normal.scale_);
  }

  friend std::ostream& operator<<(std::ostream& out, const Decimal& decimal);

 private:
  friend struct DecimalMath;

  static constexpr uint64_t Magnitude(int64_t value) {
    return value < 0 ? 0 - static_cast<uint64_t>(value)
                     : static_cast<uint64_t>(value);
  }

  std::array<uint64_t, 4> magnitude_ = {};  // least significant first
  int16_t scale_ = 0;
  bool negative_ = false;  // false for zero
};

}  // namespace cupel::engine

namespace cupel {
using engine::Decimal;
using engine::RoundingMode;
}  // namespace cupel

#endif  // CUPEL_ENGINE_DECIMAL_H_
