#include "cupel/engine/decimal.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;

Decimal D(absl::string_view text) {
  absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  EXPECT_THAT(decimal, IsOk()) << text;
  return decimal.ok() ? *decimal : Decimal();
}

const std::string& Nines() {
  static const auto* const text = new std::string(76, '9');
  return *text;
}

// C-12
TEST(DecimalTest, OneTenthTenTimesIsExactlyOne) {
  Decimal sum;
  for (int i = 0; i < 10; ++i) sum += D("0.1");
  EXPECT_EQ(sum, Decimal(1));
  EXPECT_EQ(sum.ToString(), "1.0");
}

// SCH-11
TEST(DecimalTest, SumOfOneAndTwoTenthsKeepsItsScale) {
  EXPECT_EQ((D("0.10") + D("0.20")).ToString(), "0.30");
}

TEST(DecimalTest, WritesWhatItRead) {
  for (absl::string_view text :
       {"0", "1", "-1", "0.05", "-0.05", "1.50", "100", "12345678901234567890",
        "0.000000000000000000000000000000000000000001"}) {
    EXPECT_EQ(D(text).ToString(), text);
  }
  EXPECT_EQ(D(Nines()).ToString(), Nines());
  EXPECT_EQ(D("-0." + Nines()).ToString(), "-0." + Nines());
}

TEST(DecimalTest, ReadsOtherSpellings) {
  EXPECT_EQ(D("+1.5").ToString(), "1.5");
  EXPECT_EQ(D("-0").ToString(), "0");
  EXPECT_EQ(D("-0.00").ToString(), "0.00");
  EXPECT_EQ(D(".5").ToString(), "0.5");
  EXPECT_EQ(D("5.").ToString(), "5");
  EXPECT_EQ(D("1.5e3").ToString(), "1500");
  EXPECT_EQ(D("15E-3").ToString(), "0.015");
  EXPECT_EQ(D("1e+2").ToString(), "100");
  EXPECT_EQ(D(std::string(200, '0') + "7").ToString(), "7");
  EXPECT_EQ(D("0e999").ToString(), "0");
}

TEST(DecimalTest, RefusesWhatIsNoNumber) {
  for (absl::string_view text :
       {"",     "+",     "-",     ".",     "-.",    "e5",   "1e",
        "1e+",  "1e++2", "1e-+2", "1.2.3", " 1",    "1 ",   "1,5",
        "0x10", "nan",   "inf",   "--1",   "1_000", "1e5.0"}) {
    EXPECT_THAT(Decimal::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(DecimalTest, RefusesMoreThan76Digits) {
  EXPECT_THAT(Decimal::Parse("1" + std::string(76, '0')),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Decimal::Parse("0." + std::string(76, '0') + "1"),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Decimal::Parse("1e76"), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Decimal::Parse("1e-77"), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Decimal::Parse("1e99999999999"),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D(Nines()).Add(Decimal(1)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D(Nines()).Multiply(Decimal(2)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D("-" + Nines()).Subtract(Decimal(1)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D(Nines()).Rescale(1), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(DecimalTest, RoundsAsAsked) {
  struct Case {
    RoundingMode mode;
    std::vector<absl::string_view> rounded;  // of the numbers below
  };
  const absl::string_view numbers[] = {"2.5", "3.5", "-2.5", "2.4", "-2.6"};
  const Case cases[] = {
      {RoundingMode::kHalfEven, {"2", "4", "-2", "2", "-3"}},
      {RoundingMode::kHalfUp, {"3", "4", "-3", "2", "-3"}},
      {RoundingMode::kTowardZero, {"2", "3", "-2", "2", "-2"}},
      {RoundingMode::kAwayFromZero, {"3", "4", "-3", "3", "-3"}},
      {RoundingMode::kFloor, {"2", "3", "-3", "2", "-3"}},
      {RoundingMode::kCeiling, {"3", "4", "-2", "3", "-2"}},
  };
  for (const Case& c : cases) {
    for (size_t i = 0; i < c.rounded.size(); ++i) {
      EXPECT_THAT(D(numbers[i]).Rescale(0, c.mode),
                  IsOkAndHolds(D(c.rounded[i])))
          << numbers[i] << " mode " << static_cast<int>(c.mode);
    }
  }
}

TEST(DecimalTest, RoundsOnlyIfAsked) {
  EXPECT_THAT(D("1.25").Rescale(1), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D("1.20").Rescale(1), IsOkAndHolds(D("1.2")));
}

TEST(DecimalTest, Divides) {
  EXPECT_THAT(Decimal(1).Divide(Decimal(3), 5, RoundingMode::kHalfEven),
              IsOkAndHolds(D("0.33333")));
  EXPECT_THAT(Decimal(2).Divide(Decimal(-3), 2, RoundingMode::kHalfUp),
              IsOkAndHolds(D("-0.67")));
  EXPECT_THAT(D("1.00").Divide(D("0.25"), 0, RoundingMode::kExact),
              IsOkAndHolds(Decimal(4)));
  EXPECT_THAT(Decimal(1).Divide(Decimal(3), 5, RoundingMode::kExact),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Decimal(1).Divide(Decimal(0), 2, RoundingMode::kFloor),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Decimal(1).Divide(D("0." + std::string(70, '3')), 20,
                                RoundingMode::kTowardZero),
              IsOkAndHolds(Decimal(3)));
}

TEST(DecimalTest, EqualityOrderAndHashGoByTheNumber) {
  EXPECT_EQ(D("1.0"), D("1.00"));
  EXPECT_LT(D("-2"), D("-1.99"));
  EXPECT_LT(D("-1"), Decimal(0));
  EXPECT_GT(D(Nines()), D("0." + Nines()));
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Decimal(), D("0.00"), D("1"), D("1.0"), D("-1"), D("10"), D("0.1"),
       D(Nines())}));
}

TEST(DecimalTest, ConvertsToIntegersExactly) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Decimal(kMin).ToUnscaledInt64(0), IsOkAndHolds(kMin));
  EXPECT_THAT(Decimal(kMax).ToUnscaledInt64(0), IsOkAndHolds(kMax));
  EXPECT_EQ(Decimal(kMin).ToString(), "-9223372036854775808");
  EXPECT_EQ(Decimal::FromInt64(kMin, 2).ToString(), "-92233720368547758.08");
  EXPECT_THAT((Decimal(kMax) + 1).ToUnscaledInt64(0),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT((Decimal(kMin) - 1).ToUnscaledInt64(0),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(D("19.90").ToUnscaledInt64(2), IsOkAndHolds(1990));
  EXPECT_THAT(D("19.905").ToUnscaledInt64(2),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(DecimalTest, TakesTheShortestTextOfADouble) {
  EXPECT_THAT(Decimal::FromDouble(0.1), IsOkAndHolds(D("0.1")));
  EXPECT_THAT(Decimal::FromDouble(1e20), IsOkAndHolds(D("1e20")));
  EXPECT_THAT(Decimal::FromDouble(-0.0), IsOkAndHolds(Decimal(0)));
  EXPECT_THAT(Decimal::FromDouble(std::nan("")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Decimal::FromDouble(1e300),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(D("0.1").ToDouble(), 0.1);
}

TEST(DecimalDeathTest, OperatorsEndTheProgramRatherThanWrap) {
  EXPECT_DEATH((void)(D(Nines()) + Decimal(1)), "decimal sum out of range");
}

// A number of up to `digits` digits with a point somewhere.
std::string RandomNumber(std::mt19937_64& random, size_t digits) {
  std::string text(1 + random() % digits, '0');
  for (char& c : text) c = static_cast<char>('0' + random() % 10);
  text.insert(1 + random() % text.size(), ".");
  if (text.back() == '.') text += '0';
  size_t zeros = text.find_first_not_of('0');
  text.erase(0, text[zeros] == '.' ? zeros - 1 : zeros);
  return text;
}

TEST(DecimalTest, PropertyArithmeticUndoesItself) {
  std::mt19937_64 random(20260102);
  for (int i = 0; i < 2000; ++i) {
    std::string text = RandomNumber(random, 36);
    Decimal a = D(text);
    Decimal b = -D(RandomNumber(random, 36));
    ASSERT_EQ(a.ToString(), text);
    ASSERT_EQ(a + b - b, a) << a << " " << b;
    ASSERT_EQ(a + b, b + a);
    ASSERT_EQ(a * b, b * a);
    ASSERT_EQ(a > b, (a - b) > Decimal(0));
    if (!b.is_zero()) {
      ASSERT_THAT((a * b).Divide(b, a.scale(), RoundingMode::kExact),
                  IsOkAndHolds(a));
    }
  }
}

TEST(DecimalTest, PropertyParserTakesAnyBytesWithoutHarm) {
  constexpr absl::string_view kAlphabet = "0123456789.eE+-x ";
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 90, '\0');
    for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
    absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
    if (decimal.ok()) {
      ASSERT_THAT(Decimal::Parse(decimal->ToString()), IsOkAndHolds(*decimal));
    } else {
      // Errors never repeat what was given.
      ASSERT_TRUE(text.size() < 8 || decimal.status().message().find(text) ==
                                         absl::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace cupel::engine
