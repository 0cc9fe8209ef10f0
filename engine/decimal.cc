#include "cupel/engine/decimal.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <ostream>
#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/fatal.h"
#include "cupel/engine/status_macros.h"

#ifdef BOOST_NO_EXCEPTIONS
namespace boost {
// Boost wants it from a program without exceptions. Out of reach: divisors are
// tested before, and the integers below wrap instead of throwing. Weak, since
// the program may bring its own.
ABSL_ATTRIBUTE_WEAK BOOST_NORETURN void throw_exception(std::exception const&,
                                                        source_location const&);
BOOST_NORETURN void throw_exception(std::exception const&,
                                    source_location const&) {
  std::abort();
}
ABSL_ATTRIBUTE_WEAK BOOST_NORETURN void throw_exception(std::exception const&);
BOOST_NORETURN void throw_exception(std::exception const&) { std::abort(); }
}  // namespace boost
#endif

namespace cupel::engine {
namespace {

// Holds a magnitude scaled up by 10^152, as a division needs: nothing here can
// exceed 768 bits.
using Wide = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<
        768, 768, boost::multiprecision::unsigned_magnitude,
        boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;

const Wide& PowerOfTen(int exponent) {
  static const auto* const powers = [] {
    auto* table = new std::array<Wide, 2 * Decimal::kMaxDigits + 1>;
    (*table)[0] = 1;
    for (size_t i = 1; i < table->size(); ++i) {
      (*table)[i] = (*table)[i - 1] * 10;
    }
    return table;
  }();
  return (*powers)[static_cast<size_t>(exponent)];
}

absl::Status TooManyDigits() {
  return MakeError(ErrorKind::kTooBig,
                   "decimal out of range: at most 76 digits are kept");
}

absl::Status NotADecimal() {
  return MakeError(ErrorKind::kInvalidValue,
                   "not a decimal number: write digits, a point, digits");
}

absl::Status BadScale() {
  return MakeError(ErrorKind::kTooBig,
                   "decimal scale out of range: use 0 to 76");
}

// Whether a quotient's magnitude grows by one, given the remainder.
bool RoundsUp(RoundingMode mode, bool negative, bool odd, const Wide& remainder,
              const Wide& divisor) {
  Wide twice = remainder * 2;
  switch (mode) {
    case RoundingMode::kExact:
    case RoundingMode::kTowardZero:
      return false;
    case RoundingMode::kHalfEven:
      return twice > divisor || (twice == divisor && odd);
    case RoundingMode::kHalfUp:
      return twice >= divisor;
    case RoundingMode::kAwayFromZero:
      return true;
    case RoundingMode::kFloor:
      return negative;
    case RoundingMode::kCeiling:
      return !negative;
  }
  return false;
}

// Divides magnitudes and rounds.
absl::StatusOr<Wide> DivideRounded(const Wide& dividend, const Wide& divisor,
                                   bool negative, RoundingMode mode) {
  Wide quotient;
  Wide remainder;
  boost::multiprecision::divide_qr(dividend, divisor, quotient, remainder);
  if (remainder.is_zero()) return quotient;
  if (mode == RoundingMode::kExact) {
    return MakeError(ErrorKind::kTooBig,
                     "decimal does not fit its scale: round it first");
  }
  bool odd = boost::multiprecision::bit_test(quotient, 0);
  if (RoundsUp(mode, negative, odd, remainder, divisor)) ++quotient;
  return quotient;
}

}  // namespace

// Between a Decimal and the wide integers that calculate.
struct DecimalMath {
  static Wide Magnitude(const Decimal& decimal) {
    Wide wide;
    for (int i = 3; i >= 0; --i) {
      wide <<= 64;
      wide |= decimal.magnitude_[static_cast<size_t>(i)];
    }
    return wide;
  }

  static absl::StatusOr<Decimal> Make(Wide magnitude, bool negative,
                                      int scale) {
    if (scale < 0 || scale > Decimal::kMaxScale) return BadScale();
    if (magnitude >= PowerOfTen(Decimal::kMaxDigits)) return TooManyDigits();
    Decimal decimal;
    decimal.scale_ = static_cast<int16_t>(scale);
    decimal.negative_ = negative && !magnitude.is_zero();
    for (uint64_t& limb : decimal.magnitude_) {
      limb = static_cast<uint64_t>(magnitude &
                                   std::numeric_limits<uint64_t>::max());
      magnitude >>= 64;
    }
    return decimal;
  }

  static bool IsSmall(const Decimal& decimal) {
    return (decimal.magnitude_[1] | decimal.magnitude_[2] |
            decimal.magnitude_[3]) == 0 &&
           decimal.magnitude_[0] <= uint64_t{1} << 62;
  }

  static int64_t SmallValue(const Decimal& decimal) {
    auto value = static_cast<int64_t>(decimal.magnitude_[0]);
    return decimal.negative_ ? -value : value;
  }

  static absl::StatusOr<Decimal> AddSigned(const Decimal& a, const Decimal& b,
                                           bool b_negative) {
    int scale = std::max(a.scale_, b.scale_);
    if (a.scale_ == b.scale_ && IsSmall(a) && IsSmall(b)) {
      int64_t value = SmallValue(b);
      if (b_negative != b.negative_) value = -value;
      return Decimal::FromInt64(SmallValue(a) + value, scale);
    }
    Wide x = Magnitude(a) * PowerOfTen(scale - a.scale_);
    Wide y = Magnitude(b) * PowerOfTen(scale - b.scale_);
    if (a.negative_ == b_negative) return Make(x + y, a.negative_, scale);
    if (x >= y) return Make(x - y, a.negative_, scale);
    return Make(y - x, b_negative, scale);
  }

  static int CompareMagnitudes(const Decimal& a, const Decimal& b) {
    int scale = std::max(a.scale_, b.scale_);
    Wide x = Magnitude(a) * PowerOfTen(scale - a.scale_);
    Wide y = Magnitude(b) * PowerOfTen(scale - b.scale_);
    return x.compare(y);
  }
};

Decimal Decimal::FromInt64(int64_t unscaled, int scale) {
  if (scale < 0 || scale > kMaxScale) {
    engine_internal::Fatal("decimal scale is not 0 to 76");
  }
  Decimal decimal(unscaled);
  decimal.scale_ = static_cast<int16_t>(scale);
  return decimal;
}

absl::StatusOr<Decimal> Decimal::Parse(absl::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Wide magnitude = 0;
  uint64_t chunk = 0;  // digits not yet in `magnitude`
  uint64_t chunk_unit = 1;
  int64_t scale = 0;
  int significant = 0;
  bool any_digit = false;
  bool behind_point = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (c == '.' && !behind_point) {
      behind_point = true;
      continue;
    }
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) break;
    any_digit = true;
    if (behind_point) ++scale;
    if (significant > 0 || c != '0') ++significant;
    if (significant > kMaxDigits) return TooManyDigits();
    chunk = chunk * 10 + static_cast<uint64_t>(c - '0');
    chunk_unit *= 10;
    if (chunk_unit == 1'000'000'000'000'000'000u) {
      magnitude = magnitude * chunk_unit + chunk;
      chunk = 0;
      chunk_unit = 1;
    }
  }
  if (!any_digit) return NotADecimal();
  magnitude = magnitude * chunk_unit + chunk;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return NotADecimal();
    absl::string_view digits = text.substr(i + 1);
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    int exponent = 0;
    const char* end = digits.data() + digits.size();
    std::from_chars_result result =
        std::from_chars(digits.data(), end, exponent);
    if (result.ec == std::errc::result_out_of_range) return TooManyDigits();
    if (result.ec != std::errc() || result.ptr != end) return NotADecimal();
    scale -= exponent;
  }
  if (magnitude.is_zero()) {
    return DecimalMath::Make(
        0, false, static_cast<int>(std::clamp<int64_t>(scale, 0, kMaxScale)));
  }
  if (scale > kMaxScale || scale < -kMaxDigits) return TooManyDigits();
  if (scale < 0) {
    magnitude *= PowerOfTen(static_cast<int>(-scale));
    scale = 0;
  }
  return DecimalMath::Make(magnitude, negative, static_cast<int>(scale));
}

absl::StatusOr<Decimal> Decimal::FromDouble(double value) {
  if (!std::isfinite(value)) {
    return MakeError(ErrorKind::kInvalidValue,
                     "a decimal is finite: the double is not");
  }
  char text[32];
  std::to_chars_result result =
      std::to_chars(std::begin(text), std::end(text), value);
  return Parse(absl::string_view(
      text, static_cast<size_t>(result.ptr - std::begin(text))));
}

std::string Decimal::ToString() const {
  std::string text = DecimalMath::Magnitude(*this).str();
  auto fraction = static_cast<size_t>(scale_);
  if (fraction > 0) {
    if (text.size() <= fraction)
      text.insert(0, fraction + 1 - text.size(), '0');
    text.insert(text.size() - fraction, 1, '.');
  }
  if (negative_) text.insert(0, 1, '-');
  return text;
}

double Decimal::ToDouble() const {
  std::string text = ToString();
  double value = 0;
  absl::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

absl::StatusOr<int64_t> Decimal::ToUnscaledInt64(int scale) const {
  CUPEL_ASSIGN_OR_RETURN(Decimal scaled, Rescale(scale));
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  bool high =
      (scaled.magnitude_[1] | scaled.magnitude_[2] | scaled.magnitude_[3]) != 0;
  uint64_t low = scaled.magnitude_[0];
  if (high || low > kMax + (scaled.negative_ ? 1 : 0)) {
    return MakeError(ErrorKind::kTooBig,
                     "decimal out of range of a 64-bit integer");
  }
  return static_cast<int64_t>(scaled.negative_ ? 0 - low : low);
}

absl::StatusOr<Decimal> Decimal::Rescale(int scale, RoundingMode mode) const {
  if (scale == scale_) return *this;
  if (scale < 0 || scale > kMaxScale) return BadScale();
  Wide magnitude = DecimalMath::Magnitude(*this);
  if (scale > scale_) {
    magnitude *= PowerOfTen(scale - scale_);
  } else {
    CUPEL_ASSIGN_OR_RETURN(
        magnitude,
        DivideRounded(magnitude, PowerOfTen(scale_ - scale), negative_, mode));
  }
  return DecimalMath::Make(std::move(magnitude), negative_, scale);
}

absl::StatusOr<Decimal> Decimal::Add(const Decimal& other) const {
  return DecimalMath::AddSigned(*this, other, other.negative_);
}

absl::StatusOr<Decimal> Decimal::Subtract(const Decimal& other) const {
  return DecimalMath::AddSigned(*this, other, !other.negative_);
}

absl::StatusOr<Decimal> Decimal::Multiply(const Decimal& other) const {
  return DecimalMath::Make(
      DecimalMath::Magnitude(*this) * DecimalMath::Magnitude(other),
      negative_ != other.negative_, scale_ + other.scale_);
}

absl::StatusOr<Decimal> Decimal::Divide(const Decimal& divisor, int scale,
                                        RoundingMode mode) const {
  if (divisor.is_zero()) {
    return MakeError(ErrorKind::kInvalidValue, "division by zero");
  }
  if (scale < 0 || scale > kMaxScale) return BadScale();
  Wide dividend = DecimalMath::Magnitude(*this);
  Wide by = DecimalMath::Magnitude(divisor);
  // this / divisor * 10^scale, in integers.
  int shift = scale + divisor.scale_ - scale_;
  if (shift >= 0) {
    dividend *= PowerOfTen(shift);
  } else {
    by *= PowerOfTen(-shift);
  }
  bool negative = negative_ != divisor.negative_;
  CUPEL_ASSIGN_OR_RETURN(Wide quotient,
                         DivideRounded(dividend, by, negative, mode));
  return DecimalMath::Make(std::move(quotient), negative, scale);
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  absl::StatusOr<Decimal> sum = a.Add(b);
  if (!sum.ok()) engine_internal::Fatal("decimal sum out of range");
  return *sum;
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  absl::StatusOr<Decimal> difference = a.Subtract(b);
  if (!difference.ok())
    engine_internal::Fatal("decimal difference out of range");
  return *difference;
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  absl::StatusOr<Decimal> product = a.Multiply(b);
  if (!product.ok()) engine_internal::Fatal("decimal product out of range");
  return *product;
}

Decimal Decimal::operator-() const {
  Decimal result = *this;
  result.negative_ = !negative_ && !is_zero();
  return result;
}

int Decimal::digits() const {
  if (is_zero()) return 1;
  return static_cast<int>(DecimalMath::Magnitude(*this).str().size());
}

Decimal Decimal::Normalized() const {
  if (scale_ == 0) return *this;
  if (is_zero()) return Decimal();
  Wide magnitude = DecimalMath::Magnitude(*this);
  int scale = scale_;
  Wide quotient;
  Wide remainder;
  while (scale > 0) {
    boost::multiprecision::divide_qr(magnitude, Wide(10), quotient, remainder);
    if (!remainder.is_zero()) break;
    magnitude = quotient;
    --scale;
  }
  return *DecimalMath::Make(std::move(magnitude), negative_, scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.scale_ == b.scale_ && DecimalMath::IsSmall(a) &&
      DecimalMath::IsSmall(b)) {
    return DecimalMath::SmallValue(a) <=> DecimalMath::SmallValue(b);
  }
  if (a.negative_ != b.negative_) {
    return a.negative_ ? std::strong_ordering::less
                       : std::strong_ordering::greater;
  }
  int order = DecimalMath::CompareMagnitudes(a, b);
  return (a.negative_ ? -order : order) <=> 0;
}

std::ostream& operator<<(std::ostream& out, const Decimal& decimal) {
  return out << decimal.ToString();
}

}  // namespace cupel::engine
