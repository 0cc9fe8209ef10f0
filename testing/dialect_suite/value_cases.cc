// What is special about a type: limits, odd values, arithmetic.

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/type_families.h"
#include "nlohmann/json.hpp"

namespace cupel::dialect_suite {
namespace {

using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// A table of one value column.
template <typename T>
class ValueTest : public DialectTest {
 protected:
  using Nullable = std::optional<T>;

  void Make(const engine::Type& type) {
    table_ =
        &Create(Keyed("value_holder").Column({.name = "value", .type = type}));
    id_ = Col<int64_t>(*table_, "id");
    value_ = Col<T>(*table_, "value");
  }
  absl::Status Add(int64_t id, const T& value) {
    return Execute(query::Insert(*table_).Set(id_, id).Set(value_, value))
        .status();
  }
  absl::Status Add(const T& value) {
    return Execute(query::Insert(*table_).Set(value_, value)).status();
  }
  auto Only() { return Scalar(TypedSelect(value_)); }
  auto Find(const query::Expr& condition) {
    return Scalars(TypedSelect(id_).Where(condition).OrderBy(id_));
  }
  // A value that the column must keep or refuse, never change.
  void ExpectKeptOrRefused(const T& value) {
    if (!Add(value).ok()) {
      EXPECT_THAT(connection().Rollback(), IsOk());
      return;
    }
    CUPEL_ASSERT_OK_AND_ASSIGN(const T found, Only());
    EXPECT_TRUE(engine_internal::Equal<T>(found, value));
    CUPEL_EXPECT_OK(connection().Rollback());
  }

  const schema::Table* table_ = nullptr;
  query::TypedExpr<int64_t> id_;
  query::TypedExpr<T> value_;
};

using IntegerTest = ValueTest<int64_t>;

// F28
TEST_F(IntegerTest, TooLargeForASmallInteger) {
  Make(engine::SmallInteger());
  ExpectKeptOrRefused(40000);
}
TEST_F(IntegerTest, TooLargeForAnInteger) {
  Make(engine::Integer());
  ExpectKeptOrRefused(int64_t{1} << 40);
}
TEST_F(IntegerTest, ALargeSumIsExactOrRefused) {
  Make(engine::BigInteger());
  CUPEL_ASSERT_OK(Add(1, std::numeric_limits<int64_t>::max()));
  CUPEL_ASSERT_OK(Add(2, 1));
  const auto sum = Scalar(TypedSelect(query::Sum(value_)));
  EXPECT_THAT(sum, Not(IsOk()));
}
TEST_F(IntegerTest, SumOfMany) {
  Make(engine::Integer());
  for (int64_t n = 1; n <= 10; ++n) CUPEL_ASSERT_OK(Add(n, 2000000000));
  EXPECT_THAT(Scalar(TypedSelect(query::Sum(value_))),
              IsOkAndHolds(20000000000));
}
TEST_F(IntegerTest, AsATextualParameterStaysANumber) {
  Make(engine::BigInteger());
  CUPEL_ASSERT_OK(Add(1, 10));
  CUPEL_ASSERT_OK(Add(2, 9));
  EXPECT_THAT(Find(value_ > 9), IsOkAndHolds(ElementsAre(1)));
}

using DoubleTest = ValueTest<double>;

// F27
TEST_F(DoubleTest, Infinity) {
  Make(engine::Double());
  const double infinity = std::numeric_limits<double>::infinity();
  if (can().keeps_non_finite) {
    CUPEL_ASSERT_OK(Add(infinity));
    EXPECT_THAT(Only(), IsOkAndHolds(infinity));
  } else {
    EXPECT_THAT(Add(infinity), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}
TEST_F(DoubleTest, NotANumber) {
  Make(engine::Double());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (can().keeps_non_finite) {
    CUPEL_ASSERT_OK(Add(nan));
    CUPEL_ASSERT_OK_AND_ASSIGN(const double found, Only());
    EXPECT_TRUE(std::isnan(found));
  } else {
    EXPECT_THAT(Add(nan), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}
TEST_F(DoubleTest, ShortestDigitsSurvive) {
  Make(engine::Double());
  int64_t id = 0;
  const std::vector<double> values = {0.1, 1.0 / 3, 1e-10, 123456789.123456789,
                                      5e-324};
  for (const double value : values) CUPEL_ASSERT_OK(Add(++id, value));
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto found,
                             Scalars(TypedSelect(value_).OrderBy(id_)));
  EXPECT_EQ(found, values);
}
TEST_F(DoubleTest, AnIntegralValueStaysADouble) {
  Make(engine::Double());
  CUPEL_ASSERT_OK(Add(3.0));
  EXPECT_THAT(Only(), IsOkAndHolds(3.0));
  EXPECT_THAT(Scalar(TypedSelect(value_ / 2.0)), IsOkAndHolds(1.5));
}

using NumericTest = ValueTest<Decimal>;

TEST_F(NumericTest, ComparesAsANumber) {
  Make(engine::Numeric(10, 2));
  CUPEL_ASSERT_OK(Add(1, Digits("9.50")));
  CUPEL_ASSERT_OK(Add(2, Digits("10.25")));
  CUPEL_ASSERT_OK(Add(3, Digits("-3.00")));
  EXPECT_THAT(Find(value_ > Digits("9.5")), IsOkAndHolds(ElementsAre(2)));
  EXPECT_THAT(Find(value_ == Digits("9.5")), IsOkAndHolds(ElementsAre(1)));
  EXPECT_THAT(Find(value_ < 0), IsOkAndHolds(ElementsAre(3)));
}
TEST_F(NumericTest, SumsExactly) {
  Make(engine::Numeric(10, 2));
  for (int64_t n = 1; n <= 10; ++n) CUPEL_ASSERT_OK(Add(n, Digits("0.10")));
  EXPECT_THAT(Scalar(TypedSelect(query::Sum(value_))),
              IsOkAndHolds(Digits("1.00")));
}
TEST_F(NumericTest, AddsAndSubtracts) {
  Make(engine::Numeric(10, 2));
  CUPEL_ASSERT_OK(Add(Digits("19.90")));
  EXPECT_THAT(Scalar(TypedSelect(value_ + Digits("0.10"))),
              IsOkAndHolds(Digits("20.00")));
  EXPECT_THAT(Scalar(TypedSelect(value_ - Digits("20.00"))),
              IsOkAndHolds(Digits("-0.10")));
}
TEST_F(NumericTest, TooManyDigitsAreRefused) {
  Make(engine::Numeric(6, 2));
  EXPECT_THAT(Add(Digits("12345.00")), Not(IsOk()));
}
TEST_F(NumericTest, TooFineAFractionIsRefused) {
  Make(engine::Numeric(10, 2));
  EXPECT_THAT(Add(Digits("0.125")), Not(IsOk()));
}
TEST_F(NumericTest, WithoutAFraction) {
  Make(engine::Numeric(18, 0));
  CUPEL_ASSERT_OK(Add(Digits("123456789012345678")));
  EXPECT_THAT(Only(), IsOkAndHolds(Digits("123456789012345678")));
}
TEST_F(NumericTest, LeastAndGreatest) {
  Make(engine::Numeric(10, 2));
  CUPEL_ASSERT_OK(Add(1, Digits("9.50")));
  CUPEL_ASSERT_OK(Add(2, Digits("10.25")));
  EXPECT_THAT(All(TypedSelect(query::Min(value_), query::Max(value_))),
              IsOkAndHolds(ElementsAre(
                  std::make_tuple(Digits("9.50"), Digits("10.25")))));
}

using TextTest = ValueTest<std::string>;

TEST_F(TextTest, EmptyIsNotNull) {
  Make(engine::String(20));
  CUPEL_ASSERT_OK(Add(1, ""));
  EXPECT_THAT(Find(value_.IsNull()), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(value_ == ""), IsOkAndHolds(ElementsAre(1)));
}
TEST_F(TextTest, BlanksAtTheEndAreKept) {
  Make(engine::String(20));
  CUPEL_ASSERT_OK(Add(1, "a  "));
  EXPECT_THAT(Only(), IsOkAndHolds("a  "));
}
// F25
TEST_F(TextTest, WithNul) {
  Make(engine::Text());
  const std::string text("ab\0cd", 5);
  if (can().keeps_nul_in_text) {
    CUPEL_ASSERT_OK(Add(text));
    EXPECT_THAT(Only(), IsOkAndHolds(text));
  } else {
    EXPECT_THAT(Add(text), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}
// F26
TEST_F(TextTest, ThatIsNoUtf8IsRefused) {
  Make(engine::Text());
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "ab\xe2\x82"}) {
    EXPECT_THAT(Add(bad), StatusIs(absl::StatusCode::kInvalidArgument));
    CUPEL_ASSERT_OK(connection().Rollback());
  }
}
TEST_F(TextTest, TooLong) {
  Make(engine::String(5));
  const absl::Status status = Add("sixsix");
  if (can().enforces_string_length) {
    EXPECT_THAT(status, Not(IsOk()));
  } else if (status.ok()) {
    EXPECT_THAT(Only(), IsOkAndHolds("sixsix"));
  }
}
TEST_F(TextTest, LengthCountsCharacters) {
  Make(engine::String(5));
  CUPEL_ASSERT_OK(Add("\u00e4\u00f6\u00fc\u00df\u20ac"));
  EXPECT_THAT(Only(), IsOkAndHolds("\u00e4\u00f6\u00fc\u00df\u20ac"));
}
// F31
TEST_F(TextTest, EveryPlaneOfUnicode) {
  Make(engine::String(40));
  const std::string text =
      "\u0416 \u05d0 \u3042 \ud55c \U0001F469\u200D\U0001F680 \U00024B62";
  CUPEL_ASSERT_OK(Add(1, text));
  EXPECT_THAT(Only(), IsOkAndHolds(text));
  EXPECT_THAT(Find(value_ == text), IsOkAndHolds(ElementsAre(1)));
}
TEST_F(TextTest, EveryPrintableCharacter) {
  Make(engine::String(120));
  std::string text;
  for (char c = ' '; c <= '~'; ++c) text.push_back(c);
  CUPEL_ASSERT_OK(Add(1, text));
  EXPECT_THAT(Find(value_ == text), IsOkAndHolds(ElementsAre(1)));
}
TEST_F(TextTest, ControlCharacters) {
  Make(engine::String(40));
  std::string text;
  for (char c = 1; c < ' '; ++c) text.push_back(c);
  CUPEL_ASSERT_OK(Add(text));
  EXPECT_THAT(Only(), IsOkAndHolds(text));
}
TEST_F(TextTest, AMegabyte) {
  Make(engine::Text());
  const std::string text(1 << 20, 'm');
  CUPEL_ASSERT_OK(Add(text));
  EXPECT_THAT(Only(), IsOkAndHolds(text));
}
TEST_F(TextTest, HostileTextsAreOnlyTexts) {
  Make(engine::Text());
  int64_t id = 0;
  for (const char* text :
       {"'; DROP TABLE value_holder; --", "\\'; SELECT 1; --", "' OR '1'='1",
        "${x} %s %d {0} :name $1 ?1 @p", "\"\"\"'''```", "NULL", "0x00"}) {
    CUPEL_ASSERT_OK(Add(++id, text));
    EXPECT_THAT(Scalar(TypedSelect(value_).Where(id_ == id)),
                IsOkAndHolds(text));
    EXPECT_THAT(Find(value_ == text && id_ == id),
                IsOkAndHolds(ElementsAre(id)));
  }
}

using BinaryTest = ValueTest<Bytes>;

TEST_F(BinaryTest, ZeroBytesAreKept) {
  Make(engine::Binary());
  CUPEL_ASSERT_OK(Add(Bytes(300, 0)));
  EXPECT_THAT(Only(), IsOkAndHolds(Bytes(300, 0)));
}
TEST_F(BinaryTest, EmptyIsNotNull) {
  Make(engine::Binary());
  CUPEL_ASSERT_OK(Add(1, Bytes()));
  EXPECT_THAT(Find(value_.IsNull()), IsOkAndHolds(IsEmpty()));
}
TEST_F(BinaryTest, AMegabyte) {
  Make(engine::Binary());
  const Bytes bytes(1 << 20, 0xa5);
  CUPEL_ASSERT_OK(Add(bytes));
  EXPECT_THAT(Only(), IsOkAndHolds(bytes));
}

using DateTest = ValueTest<absl::CivilDay>;

TEST_F(DateTest, ComparesAsADay) {
  Make(engine::Date());
  CUPEL_ASSERT_OK(Add(1, absl::CivilDay(999, 12, 31)));
  CUPEL_ASSERT_OK(Add(2, absl::CivilDay(2024, 2, 29)));
  EXPECT_THAT(Find(value_ > absl::CivilDay(1000, 1, 1)),
              IsOkAndHolds(ElementsAre(2)));
  EXPECT_THAT(Find(value_.Between(absl::CivilDay(2024, 2, 29),
                                  absl::CivilDay(2024, 2, 29))),
              IsOkAndHolds(ElementsAre(2)));
}
TEST_F(DateTest, BeyondTheYear9999IsKeptOrRefused) {
  Make(engine::Date());
  ExpectKeptOrRefused(absl::CivilDay(12345, 6, 7));
}
TEST_F(DateTest, BeforeTheYearOneIsKeptOrRefused) {
  Make(engine::Date());
  ExpectKeptOrRefused(absl::CivilDay(0, 1, 1));
}

using TimestampTest = ValueTest<absl::Time>;

// F29
TEST_F(TimestampTest, FinerThanAMicrosecondIsRounded) {
  Make(engine::Timestamp());
  CUPEL_ASSERT_OK(Add(absl::FromUnixNanos(1700000000123456789)));
  EXPECT_THAT(Only(), IsOkAndHolds(absl::FromUnixMicros(1700000000123457)));
}
// F30
TEST_F(TimestampTest, Beyond2038) {
  Make(engine::Timestamp());
  const absl::Time late = absl::FromUnixSeconds(int64_t{1} << 33);
  CUPEL_ASSERT_OK(Add(late));
  EXPECT_THAT(Only(), IsOkAndHolds(late));
}
TEST_F(TimestampTest, InTheGapOfSummerTime) {
  Make(engine::Timestamp());
  // 2024-03-31 02:30 does not exist in half of Europe.
  const absl::Time gap = absl::FromCivil(absl::CivilSecond(2024, 3, 31, 2, 30),
                                         absl::UTCTimeZone());
  CUPEL_ASSERT_OK(Add(gap));
  EXPECT_THAT(Only(), IsOkAndHolds(gap));
}
TEST_F(TimestampTest, InfiniteTimesAreRefused) {
  Make(engine::Timestamp());
  EXPECT_THAT(Add(absl::InfiniteFuture()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(TimestampTest, ZonedAndUnzonedAreTheSameInstant) {
  const absl::Time moment = absl::FromUnixMicros(1700000000123456);
  const schema::Table& both =
      Create(Keyed("both")
                 .Column({.name = "plain", .type = engine::Timestamp()})
                 .Column({.name = "zoned", .type = engine::Timestamp(true)}));
  const auto plain = Col<absl::Time>(both, "plain");
  const auto zoned = Col<absl::Time>(both, "zoned");
  CUPEL_ASSERT_OK(
      Execute(query::Insert(both).Set(plain, moment).Set(zoned, moment)));
  EXPECT_THAT(All(TypedSelect(plain, zoned)),
              IsOkAndHolds(ElementsAre(std::make_tuple(moment, moment))));
}

using BooleanTest = ValueTest<bool>;

TEST_F(BooleanTest, AsACondition) {
  Make(engine::Boolean());
  CUPEL_ASSERT_OK(Add(1, true));
  CUPEL_ASSERT_OK(Add(2, false));
  EXPECT_THAT(Find(value_), IsOkAndHolds(ElementsAre(1)));
  EXPECT_THAT(Find(!value_), IsOkAndHolds(ElementsAre(2)));
  EXPECT_THAT(Find(value_ == true), IsOkAndHolds(ElementsAre(1)));
  EXPECT_THAT(Find(value_ == false), IsOkAndHolds(ElementsAre(2)));
}
TEST_F(BooleanTest, OfAComparison) {
  Make(engine::Boolean());
  CUPEL_ASSERT_OK(Execute(query::Insert(*table_).Set(id_, 1).Set(
      value_, query::Bind(int64_t{2}) > 1)));
  EXPECT_THAT(Only(), IsOkAndHolds(true));
}

using UuidTest = ValueTest<Uuid>;

TEST_F(UuidTest, ManyAreFound) {
  Make(engine::UuidType());
  std::vector<Uuid> uuids;
  for (int64_t n = 1; n <= 20; ++n) {
    uuids.push_back(Uuid::Random());
    CUPEL_ASSERT_OK(Add(n, uuids.back()));
  }
  EXPECT_THAT(Find(value_.In({uuids[3], uuids[17]})),
              IsOkAndHolds(ElementsAre(4, 18)));
}

using EnumTest = ValueTest<Color>;

TEST_F(EnumTest, IsFoundByItsEnumerator) {
  Make(TypeTraits<Color>::SqlType());
  CUPEL_ASSERT_OK(Add(1, Color::kRed));
  CUPEL_ASSERT_OK(Add(2, Color::kBlue));
  EXPECT_THAT(Find(value_ == Color::kBlue), IsOkAndHolds(ElementsAre(2)));
  EXPECT_THAT(Find(value_.In({Color::kRed, Color::kGreen})),
              IsOkAndHolds(ElementsAre(1)));
}
TEST_F(EnumTest, OtherTextsAreRefused) {
  Make(TypeTraits<Color>::SqlType());
  EXPECT_THAT(Execute("INSERT INTO value_holder (id, value) VALUES (1, "
                      "'kPurple')"),
              Not(IsOk()));
}

class JsonTest : public ValueTest<nlohmann::json> {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    Make(engine::JsonType());
    CUPEL_ASSERT_OK(Add(1, nlohmann::json::parse(
                               R"({"name": "Ada", "age": 36, "tall": true,
                                   "height": 1.75, "none": null,
                                   "tags": ["x", "y"],
                                   "deep": {"er": {"value": 7}},
                                   "odd key": 1, "\u00fc": 2})")));
  }
};

TEST_F(JsonTest, LeavesByTheirTypes) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  EXPECT_THAT(
      All(TypedSelect(value_["name"].AsText(), value_["age"].AsInteger(),
                      value_["height"].AsDouble(), value_["tall"].AsBoolean())),
      IsOkAndHolds(ElementsAre(std::make_tuple("Ada", 36, 1.75, true))));
}
TEST_F(JsonTest, NestedPathsAndIndexes) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  EXPECT_THAT(All(TypedSelect(value_["deep"]["er"]["value"].AsInteger(),
                              value_["tags"][1].AsText())),
              IsOkAndHolds(ElementsAre(std::make_tuple(7, "y"))));
}
TEST_F(JsonTest, WhatIsNotThereIsNull) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  EXPECT_THAT(
      All(TypedSelect(value_["nothing"].AsText(), value_["tags"][9].AsText(),
                      value_["none"].AsText())),
      IsOkAndHolds(ElementsAre(
          std::make_tuple(std::nullopt, std::nullopt, std::nullopt))));
}
TEST_F(JsonTest, OddKeys) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  EXPECT_THAT(All(TypedSelect(value_["odd key"].AsInteger(),
                              value_["\u00fc"].AsInteger())),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, 2))));
}
// F32
TEST_F(JsonTest, AKeyWithAQuoteIsReachedOrRefused) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  CUPEL_ASSERT_OK(Add(2, nlohmann::json{{"a\"b", 5}}));
  const auto found =
      Scalar(TypedSelect(value_["a\"b"].AsInteger()).Where(id_ == 2));
  if (syntax().json_path != engine::JsonPathStyle::kDollar) {
    EXPECT_THAT(found, IsOkAndHolds(5));
  } else {
    EXPECT_THAT(found, StatusIs(absl::StatusCode::kInvalidArgument));
  }
}
TEST_F(JsonTest, InAFilter) {
  CUPEL_SUITE_NEEDS(!syntax().json_get_text.empty(), "json paths");
  EXPECT_THAT(Find(value_["age"].AsInteger() > 30),
              IsOkAndHolds(ElementsAre(1)));
  EXPECT_THAT(Find(value_["name"].AsText() == "Bob"), IsOkAndHolds(IsEmpty()));
}
TEST_F(JsonTest, ASubdocument) {
  CUPEL_SUITE_NEEDS(!syntax().json_get.empty(), "json paths");
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto deep,
                             Scalar(TypedSelect(value_["deep"])));
  ASSERT_TRUE(deep.has_value());
  EXPECT_EQ(*deep, nlohmann::json::parse(R"({"er": {"value": 7}})"));
}
TEST_F(JsonTest, JsonNullIsNotSqlNull) {
  CUPEL_ASSERT_OK(Add(3, nlohmann::json(nullptr)));
  EXPECT_THAT(Find(value_.IsNull()), IsOkAndHolds(IsEmpty()));
}
TEST_F(JsonTest, LargeNumbersAreExact) {
  CUPEL_ASSERT_OK(Add(4, nlohmann::json(9007199254740993)));
  EXPECT_THAT(Scalar(TypedSelect(value_).Where(id_ == 4)),
              IsOkAndHolds(nlohmann::json(9007199254740993)));
}
TEST_F(JsonTest, ADeepDocument) {
  std::string text = "1";
  for (int depth = 0; depth < 60; ++depth) text = absl::StrCat("[", text, "]");
  CUPEL_ASSERT_OK(Add(5, nlohmann::json::parse(text)));
  EXPECT_THAT(Scalar(TypedSelect(value_).Where(id_ == 5)),
              IsOkAndHolds(nlohmann::json::parse(text)));
}

}  // namespace
}  // namespace cupel::dialect_suite
