#include "cupel/engine/codec.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;

constexpr absl::StatusCode kOutOfRange = absl::StatusCode::kOutOfRange;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr int64_t kMicrosPerDay = int64_t{86'400} * 1'000'000;

absl::StatusOr<Value> Encode(const Codec& codec, const Value& logical) {
  BoundValue storage;
  CUPEL_RETURN_IF_ERROR(codec.Encode(logical.view(), &storage));
  return Value(storage.view);
}

absl::StatusOr<Value> Decode(const Codec& codec, const Value& storage) {
  BoundValue logical;
  CUPEL_RETURN_IF_ERROR(codec.Decode(storage.view(), &logical));
  return Value(logical.view);
}

void ExpectStored(const Codec& codec, const Value& logical,
                  const Value& storage) {
  EXPECT_THAT(Encode(codec, logical), IsOkAndHolds(storage));
  EXPECT_THAT(Decode(codec, storage), IsOkAndHolds(logical));
}

Value Dec(absl::string_view text) {
  return Value::Decimal(*Decimal::Parse(text));
}

// SCH-10
TEST(CodecTest, StoresRichTypesInPlainOnes) {
  ExpectStored(BoolAsIntegerCodec(), Value::Bool(true), Value::Int64(1));
  ExpectStored(BoolAsIntegerCodec(), Value::Bool(false), Value::Int64(0));
  ExpectStored(DateAsIsoTextCodec(), Value::Date(0), Value::Text("1970-01-01"));
  ExpectStored(TimeAsIsoTextCodec(), Value::Time(3'600'000'007),
               Value::Text("01:00:00.000007"));
  ExpectStored(TimestampAsIsoTextCodec(), Value::Timestamp(-1),
               Value::Text("1969-12-31 23:59:59.999999"));
  ExpectStored(IntervalAsOffsetTextCodec(),
               Value::Interval(kMicrosPerDay + 5'000'000),
               Value::Text("1970-01-02 00:00:05.000000"));
  ExpectStored(
      UuidAsHexTextCodec(),
      Value::Uuid(*Uuid::Parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8")),
      Value::Text("6ba7b8109dad41d180b400c04fd430c8"));
  ExpectStored(JsonAsTextCodec(), Value::Json("{}"), Value::Text("{}"));
  ExpectStored(EnumAsTextCodec(), Value::Text("kRed"), Value::Text("kRed"));
}

// SCH-11
TEST(CodecTest, StoresDecimalsExactly) {
  ExpectStored(DecimalAsScaledIntegerCodec(2), Dec("0.30"), Value::Int64(30));
  ExpectStored(DecimalAsScaledIntegerCodec(2), Dec("-92233720368547758.08"),
               Value::Int64(std::numeric_limits<int64_t>::min()));
  ExpectStored(DecimalAsTextCodec(), Dec("-123456789012345678901234.50"),
               Value::Text("-123456789012345678901234.50"));
  ExpectStored(DecimalAsFloatingCodec(2), Dec("0.1"), Value::Double(0.1));
  EXPECT_THAT(Decode(DecimalAsTextCodec(), Value::Int64(5)),
              IsOkAndHolds(Dec("5")));
  EXPECT_THAT(Decode(DecimalAsFloatingCodec(1), Value::Int64(5)),
              IsOkAndHolds(Dec("5")));
}

TEST(CodecTest, DecimalsAreNeverCut) {
  EXPECT_THAT(Encode(DecimalAsScaledIntegerCodec(2), Dec("0.125")),
              StatusIs(kOutOfRange));
  EXPECT_THAT(
      Encode(DecimalAsScaledIntegerCodec(2), Dec("92233720368547758.08")),
      StatusIs(kOutOfRange));
  EXPECT_THAT(Encode(DecimalAsFloatingCodec(20), Dec("0.12345678901234567890")),
              StatusIs(kOutOfRange));
  EXPECT_THAT(Decode(DecimalAsScaledIntegerCodec(2), Value::Double(0.3)),
              StatusIs(kDataLoss, HasSubstr("NumericStorage::kFloating")));
  EXPECT_THAT(Decode(DecimalAsTextCodec(), Value::Text("1,5")),
              StatusIs(kDataLoss));
}

// What a REAL holds comes as the decimal that it was written from.
TEST(CodecTest, FloatingDecimalsComeBackAtTheirScale) {
  absl::StatusOr<Value> sum =
      Decode(DecimalAsFloatingCodec(2), Value::Double(0.1 + 0.2));
  ASSERT_THAT(sum, IsOk());
  EXPECT_EQ(sum->view().decimal().ToString(), "0.30");
}

TEST(CodecTest, NullStaysNull) {
  for (const Codec* codec :
       {&BoolAsIntegerCodec(), &DateAsIsoTextCodec(), &TimeAsIsoTextCodec(),
        &TimestampAsIsoTextCodec(), &IntervalAsOffsetTextCodec(),
        &UuidAsHexTextCodec(), &JsonAsTextCodec(), &EnumAsTextCodec(),
        &DecimalAsScaledIntegerCodec(2), &DecimalAsTextCodec(),
        &DecimalAsFloatingCodec(2)}) {
    ExpectStored(*codec, Value(), Value());
    // Neither domain has blobs.
    EXPECT_THAT(Encode(*codec, Value::Blob("x")), StatusIs(kInvalid));
    EXPECT_THAT(Decode(*codec, Value::Blob("x")), StatusIs(kDataLoss));
  }
}

TEST(CodecTest, UnreadableStoredValuesAreErrors) {
  EXPECT_THAT(Decode(BoolAsIntegerCodec(), Value::Int64(2)),
              StatusIs(kDataLoss));
  EXPECT_THAT(Decode(UuidAsHexTextCodec(), Value::Text("xyz")),
              StatusIs(kDataLoss));
  for (absl::string_view text :
       {"", "0000-00-00", "2026-02-30", "2026-13-01", "2026-1-1", "26-01-01",
        "2026-01-01x", "2026-01-01 00:00:00", "+2026-01-01"}) {
    EXPECT_THAT(Decode(DateAsIsoTextCodec(), Value::Text(std::string(text))),
                StatusIs(kDataLoss))
        << text;
  }
  for (absl::string_view text :
       {"24:00", "23:60", "23:59:60", "1:00", "01:00:00.", "01:00:00.0000001",
        "01:00:00.0000000000", "01", "-1:00"}) {
    EXPECT_THAT(Decode(TimeAsIsoTextCodec(), Value::Text(std::string(text))),
                StatusIs(kDataLoss))
        << text;
  }
  for (absl::string_view text :
       {"infinity", "2026-01-01", "2026-01-01 00:00:00 UTC",
        "2026-01-01 00:00:00+24:00", "0000-00-00 00:00:00"}) {
    EXPECT_THAT(
        Decode(TimestampAsIsoTextCodec(), Value::Text(std::string(text))),
        StatusIs(kDataLoss))
        << text;
  }
}

TEST(CodecTest, YearsBeyondFourDigitsAreRefused) {
  EXPECT_THAT(Encode(DateAsIsoTextCodec(), Value::Date(2932896)),
              IsOkAndHolds(Value::Text("9999-12-31")));
  EXPECT_THAT(Encode(DateAsIsoTextCodec(), Value::Date(2932897)),
              StatusIs(kOutOfRange));
  EXPECT_THAT(Encode(DateAsIsoTextCodec(), Value::Date(-719162)),
              IsOkAndHolds(Value::Text("0001-01-01")));
  EXPECT_THAT(Encode(DateAsIsoTextCodec(), Value::Date(-719163)),
              StatusIs(kOutOfRange));
  for (int64_t extreme : {std::numeric_limits<int64_t>::min(),
                          std::numeric_limits<int64_t>::max()}) {
    EXPECT_THAT(Encode(TimestampAsIsoTextCodec(), Value::Timestamp(extreme)),
                StatusIs(kOutOfRange));
    EXPECT_THAT(Encode(IntervalAsOffsetTextCodec(), Value::Interval(extreme)),
                StatusIs(kOutOfRange));
  }
}

TEST(IsoTextTest, ReadsOtherSpellingsOfTimestamps) {
  constexpr int64_t kMicros = int64_t{1'767'323'045} * 1'000'000;
  EXPECT_THAT(ParseIsoTimestamp("2026-01-02 03:04:05"), IsOkAndHolds(kMicros));
  EXPECT_THAT(ParseIsoTimestamp("2026-01-02T03:04:05Z"), IsOkAndHolds(kMicros));
  EXPECT_THAT(ParseIsoTimestamp("2026-01-02 04:34:05.000+01:30"),
              IsOkAndHolds(kMicros));
  EXPECT_THAT(ParseIsoTimestamp("2026-01-01 22:04:05-05"),
              IsOkAndHolds(kMicros));
  EXPECT_THAT(ParseIsoTimestamp("2026-01-02 03:04:05.123456000"),
              IsOkAndHolds(kMicros + 123456));
}

TEST(IsoTextTest, PropertyInstantsGoRoundAndSortAsText) {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<int64_t> micros(-719162 * kMicrosPerDay,
                                                2932897 * kMicrosPerDay - 1);
  std::string before = "1970-01-01 00:00:00.000000";
  int64_t before_micros = 0;
  for (int i = 0; i < 5000; ++i) {
    int64_t instant = micros(random);
    std::string text;
    ASSERT_THAT(AppendIsoTimestamp(instant, &text), IsOk());
    ASSERT_THAT(ParseIsoTimestamp(text), IsOkAndHolds(instant));
    ASSERT_EQ(text < before, instant < before_micros);
    before = text;
    before_micros = instant;
    // One character changed: another instant or an error, never a crash.
    text[random() % text.size()] = static_cast<char>(random());
    (void)ParseIsoTimestamp(text);
  }
}

TEST(CheckFitsTest, RefusesWhatAColumnCannotHold) {
  EXPECT_THAT(CheckFits(SmallInteger(), ValueView::Int64(32767)), IsOk());
  EXPECT_THAT(CheckFits(SmallInteger(), ValueView::Int64(32768)),
              StatusIs(kOutOfRange));
  EXPECT_THAT(CheckFits(Integer(), ValueView::Int64(int64_t{1} << 31)),
              StatusIs(kOutOfRange));
  EXPECT_THAT(CheckFits(String(2), ValueView::Text("\u00e9\u00e9")), IsOk());
  EXPECT_THAT(CheckFits(String(2), ValueView::Text("abc")),
              StatusIs(kOutOfRange,
                       "the value does not fit string(2): its length is 3; "
                       "make it fit, or use a wider type"));
  EXPECT_THAT(CheckFits(Binary(2), ValueView::Blob("abc")),
              StatusIs(kOutOfRange));
  EXPECT_THAT(CheckFits(Numeric(4, 2), Dec("99.99").view()), IsOk());
  EXPECT_THAT(CheckFits(Numeric(4, 2), Dec("100").view()),
              StatusIs(kOutOfRange));
  EXPECT_THAT(CheckFits(Numeric(4, 2), Dec("0.125").view()),
              StatusIs(kOutOfRange));
  EXPECT_THAT(CheckFits(Integer(), ValueView::Text("1")), StatusIs(kInvalid));
  EXPECT_THAT(CheckFits(String(2), ValueView::Null()), IsOk());
  EXPECT_THAT(CheckFits(ExactType("ANY"), ValueView::Text("x")), IsOk());
  Type color = EnumType(InternEnumerators({"red", "blue"}));
  EXPECT_THAT(CheckFits(color, ValueView::Text("red")), IsOk());
  EXPECT_THAT(CheckFits(color, ValueView::Text("green")), StatusIs(kInvalid));
}

}  // namespace
}  // namespace cupel::engine
