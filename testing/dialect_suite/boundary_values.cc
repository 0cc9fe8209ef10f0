#include "cupel/testing/dialect_suite/boundary_values.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "cupel/engine/engine.h"

namespace cupel::dialect_suite {
namespace {

using engine::Type;
using engine::Value;
using Values = std::vector<Value>;

constexpr int64_t kMin64 = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax64 = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin32 = std::numeric_limits<int32_t>::min();
constexpr int64_t kMax32 = std::numeric_limits<int32_t>::max();
constexpr int64_t kSecond = 1000000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;

template <typename T>
T Checked(absl::StatusOr<T> parsed) {
  if (parsed.ok()) return *std::move(parsed);
  std::fprintf(stderr, "boundary values: %s\n",
               parsed.status().ToString().c_str());
  std::abort();
}

Values Bools() { return {Value::Bool(false), Value::Bool(true)}; }

Values Ints(std::initializer_list<int64_t> numbers) {
  Values values;
  for (const int64_t number : numbers) values.push_back(Value::Int64(number));
  return values;
}

Values Doubles(std::initializer_list<double> numbers) {
  Values values;
  for (const double number : numbers) values.push_back(Value::Double(number));
  return values;
}

Values Floats(std::initializer_list<float> numbers) {
  Values values;
  for (const float number : numbers) values.push_back(Value::Double(number));
  return values;
}

Values Decimals(std::initializer_list<const char*> numbers) {
  Values values;
  for (const char* number : numbers) {
    values.push_back(Value::Decimal(Checked(engine::Decimal::Parse(number))));
  }
  return values;
}

Values Texts(std::initializer_list<absl::string_view> texts) {
  Values values;
  for (const absl::string_view text : texts) {
    values.push_back(Value::Text(std::string(text)));
  }
  return values;
}

Values Blobs(std::initializer_list<absl::string_view> blobs) {
  Values values;
  for (const absl::string_view blob : blobs) {
    values.push_back(Value::Blob(std::string(blob)));
  }
  return values;
}

Values Jsons(std::initializer_list<absl::string_view> documents) {
  Values values;
  for (const absl::string_view document : documents) {
    values.push_back(Value::Json(std::string(document)));
  }
  return values;
}

Values Uuids(std::initializer_list<const char*> uuids) {
  Values values;
  for (const char* uuid : uuids) {
    values.push_back(Value::Uuid(Checked(engine::Uuid::Parse(uuid))));
  }
  return values;
}

Values Dates(std::initializer_list<absl::CivilDay> days) {
  Values values;
  for (const absl::CivilDay day : days) {
    values.push_back(Value::Date(static_cast<int32_t>(day - absl::CivilDay())));
  }
  return values;
}

Values Times(std::initializer_list<int64_t> all_micros) {
  Values values;
  for (const int64_t micros : all_micros) {
    values.push_back(Value::Time(micros));
  }
  return values;
}

Values Intervals(std::initializer_list<int64_t> all_micros) {
  Values values;
  for (const int64_t micros : all_micros) {
    values.push_back(Value::Interval(micros));
  }
  return values;
}

Value At(absl::CivilSecond second, int64_t micros = 0) {
  return Value::Timestamp((second - absl::CivilSecond()) * kSecond + micros);
}

Values Add(Values values, const Values& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

const Values kNoEdges;

// Among them the hours in which clocks are set, the end of 32 bits, and the
// ends of what databases count.
Values Moments() {
  using absl::CivilSecond;
  return {At(CivilSecond(1001, 1, 1)),
          At(CivilSecond(1582, 10, 4, 23, 59, 59), 999999),
          At(CivilSecond(1582, 10, 15)),
          At(CivilSecond(1899, 12, 31, 23, 59, 59)),
          At(CivilSecond(1900, 2, 28, 23, 59, 59), 1),
          At(CivilSecond(1901, 12, 13, 20, 45, 51)),
          At(CivilSecond(1969, 12, 31, 23, 59, 59), 999999),
          At(CivilSecond(1970, 1, 1)),
          At(CivilSecond(1970, 1, 1), 1),
          At(CivilSecond(2000, 2, 29, 12)),
          At(CivilSecond(2016, 12, 31, 23, 59, 59), 999999),
          At(CivilSecond(2021, 3, 14, 7)),
          At(CivilSecond(2021, 3, 28, 0, 59, 59), 999999),
          At(CivilSecond(2021, 3, 28, 1)),
          At(CivilSecond(2021, 3, 28, 2, 30)),
          At(CivilSecond(2021, 10, 31, 0, 30)),
          At(CivilSecond(2021, 10, 31, 1)),
          At(CivilSecond(2021, 11, 7, 6)),
          At(CivilSecond(2024, 2, 29, 23, 59, 59), 500000),
          At(CivilSecond(2038, 1, 19, 3, 14, 7), 999999),
          At(CivilSecond(2038, 1, 19, 3, 14, 8)),
          At(CivilSecond(2106, 2, 7, 6, 28, 16)),
          At(CivilSecond(9999, 12, 31, 23, 59, 59), 999999)};
}

Values MomentEdges() {
  using absl::CivilSecond;
  return {At(CivilSecond(1, 1, 1)),      At(CivilSecond(0, 12, 31, 23, 59, 59)),
          At(CivilSecond(-1, 1, 1)),     At(CivilSecond(10000, 1, 1)),
          At(CivilSecond(200000, 1, 1)), Value::Timestamp(kMin64),
          Value::Timestamp(kMax64)};
}

// At most 60 characters.
Values ShortTexts() {
  std::string controls;
  for (char c = 1; c < ' '; ++c) controls.push_back(c);
  std::string wide;
  for (int i = 0; i < 60; ++i) absl::StrAppend(&wide, "\U0001F600");
  return Add(Texts({"",
                    " ",
                    "plain",
                    "  blanks around  ",
                    "blanks at the end   ",
                    "it's \"quoted\" `too`",
                    "''",
                    "\\",
                    "back\\slash \\' \\n \\0",
                    "100% _under_ [a-z]",
                    "line\nand\ttab\r\n",
                    "\x7f",
                    "caf\u00e9",
                    "cafe\u0301",
                    "\u4e2d\u6587 \u05d0\u05d1 \ud55c",
                    "\U0001F469\u200D\U0001F680",
                    "\ufeff with a mark",
                    "\ufffd \uffff",
                    "\U0010FFFF",
                    "\u202eright to left",
                    "NULL",
                    "0",
                    "1e5",
                    "2024-02-29",
                    "true",
                    "? :a $1 %s {0} @p",
                    "-- /* no comment */ ;",
                    "$$ $a$"}),
             {Value::Text(controls), Value::Text(wide),
              Value::Text(std::string(60, 'x'))});
}

Values TextEdges() {
  using absl::string_view;
  return Texts({string_view("a\0b", 3), string_view("\0", 1),
                string_view("end\0", 4), "\xff", "\xc0\xaf", "\xed\xa0\x80",
                "ab\xe2\x82", "\xf4\x90\x80\x80"});
}

Values SomeBlobs() {
  using absl::string_view;
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  return Add(Blobs({"", string_view("\0", 1), string_view("\0\0\0", 3), "\xff",
                    "'", "\\", "\"", "\\x41", "\\000", "x'41'", "0x41", "plain",
                    "caf\u00e9", "\xc0\xaf", "\x1a", " ", "blank ",
                    string_view("a\0b", 3), "%_?"}),
             {Value::Blob(all), Value::Blob(all + all),
              Value::Blob(std::string(70000, '\xa5'))});
}

const engine::EnumDescriptor* Moods() {
  return engine::InternEnumerators({"happy", "sad", "it's so", "two words",
                                    "caf\u00e9", "a,b", "100%", "\"quoted\"",
                                    "0", "NULL"});
}
Values MoodNames() {
  return Texts({"happy", "sad", "it's so", "two words", "caf\u00e9", "a,b",
                "100%", "\"quoted\"", "0", "NULL"});
}
Values NoMoods() {
  return Texts(
      {"", "angry", "HAPPY", "happy ", " happy", "1", "happy,sad", "cafe"});
}

std::vector<BoundaryValues> NumberRows() {
  const Values small = Ints({-32768, -32767, -256, -255, -129, -128, -127, -2,
                             -1, 0, 1, 2, 127, 128, 255, 256, 32766, 32767});
  const Values integers =
      Add(small, Ints({kMin32, kMin32 + 1, -65536, -32769, 32768, 65535, 65536,
                       16777217, kMax32 - 1, kMax32}));
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {
      {"Boolean", engine::Boolean(), Bools(), kNoEdges},
      {"SmallInteger", engine::SmallInteger(), small,
       Ints({-32769, 32768, 40000, 65535, 65536, kMin32, kMax32, kMin64,
             kMax64})},
      {"Integer", engine::Integer(), integers,
       Ints({kMin32 - 1, kMax32 + 1, int64_t{1} << 32, int64_t{1} << 40, kMin64,
             kMax64})},
      {"BigInteger", engine::BigInteger(),
       Add(integers, Ints({kMin64, kMin64 + 1, -9007199254740993, kMin32 - 1,
                           kMax32 + 1, int64_t{1} << 32, 9007199254740992,
                           9007199254740993, kMax64 - 1, kMax64})),
       kNoEdges},
      {"Float", engine::Float(),
       Floats({-1.5e10f, -1.0f, -0.25f, 0.0f, 0.1f, 0.2f, 1.0f / 3, 1.0f, 1.5f,
               3.14159274f, 16777215.0f, 16777216.0f, 1e10f, 1.5e30f,
               1.17549435e-38f, 3.40282347e38f, -3.40282347e38f}),
       Add(Floats({-0.0f, 1e-45f, -1e-45f}),
           Doubles({infinity, -infinity, nan}))},
      {"Double", engine::Double(),
       Doubles({-1.7976931348623157e308,
                -1.5,
                -1.0,
                -0.1,
                0.0,
                2.2250738585072014e-308,
                1e-300,
                1e-10,
                0.1,
                0.2,
                0.3,
                1.0 / 3,
                0.1 + 0.2,
                1.0,
                1.5,
                3.0,
                15.7563,
                123456789.123456789,
                4294967296.0,
                9007199254740991.0,
                9007199254740992.0,
                9007199254740994.0,
                9.2233720368547758e18,
                1e15,
                1e16,
                1e17,
                1e22,
                1e23,
                1e300,
                1.7976931348623157e308}),
       Doubles({-0.0, 5e-324, -5e-324, 2.2250738585072009e-308, infinity,
                -infinity, nan})},
      {"Numeric", engine::Numeric(12, 2),
       Decimals({"-9999999999.99", "-1234567.89", "-100", "-1.10", "-0.99",
                 "-0.01", "0.00", "0.01", "0.10", "0.33", "1", "19.90", "99.99",
                 "100.00", "9007199254.99", "9999999999.98", "9999999999.99"}),
       Decimals({"0.001", "0.005", "-0.005", "1.115", "10000000000.00",
                 "99999999999.99", "1e20"})},
      {"WholeNumeric", engine::Numeric(18, 0),
       Decimals({"-999999999999999999", "-1", "0", "1", "10", "1000000000",
                 "9007199254740993", "123456789012345678",
                 "999999999999999999"}),
       Decimals({"0.1", "0.5", "1000000000000000000", "9223372036854775808"})},
      {"LongNumeric", engine::Numeric(38, 10, engine::NumericStorage::kText),
       Decimals({"-9999999999999999999999999999.9999999999", "-0.0000000001",
                 "0", "0.0000000001", "0.1", "3.1415926535", "1",
                 "9007199254740993.0000000001",
                 "1234567890123456789012345678.0123456789",
                 "9999999999999999999999999999.9999999999"}),
       Decimals({"0.00000000001", "10000000000000000000000000000"})},
      {"FloatingNumeric",
       engine::Numeric(15, 4, engine::NumericStorage::kFloating),
       Decimals({"-99999999999.9999", "-0.1", "-0.0001", "0", "0.0001", "0.1",
                 "0.3", "1.005", "12345.6789", "99999999999.9999"}),
       Decimals({"0.00001", "1.00005", "1000000000000"})},
  };
}

std::vector<BoundaryValues> TextRows() {
  const Values lengthy = {Value::Text(std::string(70000, 'x')),
                          Value::Text(std::string(300, '\'')),
                          Value::Text(std::string(256, ' '))};
  return {
      {"String", engine::String(60), ShortTexts(),
       Add(TextEdges(), {Value::Text(std::string(61, 'x')),
                         Value::Text(std::string(60, 'x') + " "),
                         Value::Text(std::string(5000, 'y'))})},
      {"Text", engine::Text(), Add(ShortTexts(), lengthy), TextEdges()},
      {"Binary", engine::Binary(), SomeBlobs(), kNoEdges},
      {"ShortBinary",
       engine::Binary(16),
       Add(Blobs({"", "a", "\\", "'", " ", absl::string_view("\0\0", 2)}),
           {Value::Blob(std::string(16, '\0')),
            Value::Blob(std::string(16, '\xff'))}),
       {Value::Blob(std::string(17, 'x')), Value::Blob(std::string(17, '\0'))}},
      {"Uuid", engine::UuidType(),
       Uuids({"00000000-0000-0000-0000-000000000000",
              "00000000-0000-0000-0000-000000000001",
              "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
              "5c275c27-225c-4027-8027-27005c22275c",
              "01020304-0506-4708-8900-0a0b0c0d0e0f",
              "018e4e2c-0f5a-7cc3-98c4-dc0c0c07398f",
              "80000000-0000-0000-8000-000000000000",
              "20202020-2020-2020-2020-202020202020",
              "abcdefab-cdef-abcd-efab-cdefabcdefab",
              "ffffffff-ffff-ffff-ffff-ffffffffffff"}),
       kNoEdges},
      {"Json", engine::JsonType(),
       Jsons({"null",
              "true",
              "false",
              "0",
              "-1",
              "17",
              "-0.5",
              "1.50",
              "9007199254740993",
              "9223372036854775807",
              "-9223372036854775808",
              "\"\"",
              "\"text\"",
              "\"it's \\\"quoted\\\"\"",
              "\"back\\\\slash\"",
              "\"line\\nand\\ttab\"",
              "\"caf\u00e9 \U0001F600\"",
              "\" : , [ ] { } \"",
              "[]",
              "{}",
              "[1,\"two\",null,[]]",
              "[[[[[[[[1]]]]]]]]",
              "{\"\":1}",
              "{\"a\":1,\"bb\":[1,2,{}]}",
              "{\"it's\":{\"a.b\":null,\"$[0]\":\"%\"}}",
              "\"? :a $1 %s\""}),
       Jsons({"", "[", "{\"a\":}", "\"\\u0000\"", "\"\xff\"", "NaN"})},
      {"Enum", engine::EnumType(Moods()), MoodNames(), NoMoods()},
      {"TextEnum", engine::EnumType(Moods(), /*native=*/false), MoodNames(),
       NoMoods()},
      {"NamedEnum", engine::NamedEnumType("boundary_mood", Moods()),
       MoodNames(), NoMoods()},
  };
}

std::vector<BoundaryValues> TimeRows() {
  using absl::CivilDay;
  return {
      {"Date", engine::Date(),
       Dates({CivilDay(1001, 1, 1), CivilDay(1582, 10, 4),
              CivilDay(1582, 10, 15), CivilDay(1600, 2, 29),
              CivilDay(1899, 12, 30), CivilDay(1900, 2, 28),
              CivilDay(1900, 3, 1), CivilDay(1969, 12, 31),
              CivilDay(1970, 1, 1), CivilDay(1970, 1, 2),
              CivilDay(1999, 12, 31), CivilDay(2000, 2, 29),
              CivilDay(2024, 2, 29), CivilDay(2024, 12, 31),
              CivilDay(2038, 1, 20), CivilDay(9999, 12, 31)}),
       Add(Dates({CivilDay(1, 1, 1), CivilDay(0, 12, 31), CivilDay(0, 1, 1),
                  CivilDay(-1, 1, 1), CivilDay(10000, 1, 1),
                  CivilDay(12345, 6, 7)}),
           {Value::Date(std::numeric_limits<int32_t>::min()),
            Value::Date(std::numeric_limits<int32_t>::max())})},
      {"Time", engine::Time(),
       Times({0, 1, 999, 1000, 999999, kSecond, 59 * kSecond + 999999,
              60 * kSecond, kHour - 1, kHour, 12 * kHour,
              12 * kHour + 1800 * kSecond + 500000, 23 * kHour, kDay - kSecond,
              kDay - 1}),
       Times({-1, kDay, kDay + 1, 25 * kHour, kMin64, kMax64})},
      {"Timestamp", engine::Timestamp(), Moments(), MomentEdges()},
      {"ZonedTimestamp", engine::Timestamp(/*timezone=*/true), Moments(),
       MomentEdges()},
      {"Interval", engine::Interval(),
       Intervals({-36500 * kDay,
                  -50 * kHour,
                  -kDay,
                  -kHour,
                  -kSecond,
                  -1,
                  0,
                  1,
                  999999,
                  kSecond,
                  1500000,
                  kHour,
                  kDay - 1,
                  kDay,
                  kDay + 1,
                  31 * kDay,
                  365 * kDay,
                  400 * kDay,
                  838 * kHour + 59 * 60 * kSecond + 59 * kSecond,
                  839 * kHour,
                  36500 * kDay + 1}),
       Intervals({kMin64, kMin64 + 1, kMax64 - 1, kMax64})},
  };
}

std::vector<BoundaryValues> MakeAll() {
  std::vector<BoundaryValues> all = NumberRows();
  for (auto* more : {&TextRows, &TimeRows}) {
    for (BoundaryValues& row : more()) all.push_back(std::move(row));
  }
  for (BoundaryValues& row : all) row.kept.push_back(Value::Null());
  return all;
}

}  // namespace

const std::vector<BoundaryValues>& AllBoundaryValues() {
  static const auto* const all = new std::vector<BoundaryValues>(MakeAll());
  return *all;
}

}  // namespace cupel::dialect_suite
