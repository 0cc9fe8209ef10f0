// Values on their way to a real server and back.

#include "cupel/engine/value.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Decimal;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::KindOf;
using engine::Value;
using engine::ValueKind;
using engine::ValueView;
using testing::IsOk;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
// 9999-12-31 23:59:59.999999 and 0001-01-01.
constexpr int64_t kLastMicros = 253'402'300'799'999'999;
constexpr int64_t kFirstMicros = -62'135'596'800'000'000;

Value DecimalOf(absl::string_view text) {
  return Value::Decimal(*Decimal::Parse(text));
}

class ValueTest : public DriverTest {
 protected:
  // The value after it was stored in a column of the type and read again.
  absl::StatusOr<Value> Store(DriverConnection& db, absl::string_view type,
                              const Value& value) {
    absl::Status status =
        Exec(db, absl::StrCat("CREATE OR REPLACE TABLE v (a ", type,
                              ") CHARACTER SET utf8mb4"));
    if (!status.ok()) return status;
    status = Exec(db, "INSERT INTO v VALUES (?)", {value.view()});
    if (!status.ok()) return status;
    auto rows = Select(db, "SELECT a FROM v");
    if (!rows.ok()) return rows.status();
    return (*rows)[0][0];
  }

  ErrorKind StoreError(DriverConnection& db, absl::string_view type,
                       const Value& value) {
    return KindOf(Store(db, type, value).status());
  }
};

struct RoundTrip {
  const char* type;
  std::vector<Value> values;
};

TEST_F(ValueTest, AreTheSameWhenReadAgain) {
  auto db = Open();
  const std::string all_bytes = [] {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
  }();
  const std::vector<RoundTrip> cases = {
      {"TINYINT", {Value::Int64(-128), Value::Int64(127), Value::Null()}},
      {"TINYINT UNSIGNED", {Value::Int64(0), Value::Int64(255)}},
      {"SMALLINT", {Value::Int64(-32768), Value::Int64(32767)}},
      {"SMALLINT UNSIGNED", {Value::Int64(65535)}},
      {"MEDIUMINT", {Value::Int64(-8388608), Value::Int64(8388607)}},
      {"MEDIUMINT UNSIGNED", {Value::Int64(16777215)}},
      {"INT", {Value::Int64(-2147483648), Value::Int64(2147483647)}},
      {"INT UNSIGNED", {Value::Int64(4294967295)}},
      {"BIGINT", {Value::Int64(kMin), Value::Int64(-1), Value::Int64(kMax)}},
      {"BIGINT UNSIGNED", {Value::Int64(0), Value::Int64(kMax)}},
      {"YEAR", {Value::Int64(1901), Value::Int64(2155)}},
      {"BIT(1)", {Value::Int64(0), Value::Int64(1)}},
      {"BIT(64)", {Value::Int64(5), Value::Int64(kMax)}},
      {"FLOAT", {Value::Double(0.5), Value::Double(-1024.5)}},
      {"DOUBLE",
       {Value::Double(0.1), Value::Double(1.7976931348623157e308),
        Value::Double(2.2250738585072014e-308), Value::Double(-1e-10),
        Value::Double(3.141592653589793), Value::Double(0.0)}},
      {"DECIMAL(65, 0)",
       {DecimalOf("-99999999999999999999999999999999999999999999999999999999999"
                  "999999"),
        DecimalOf("0"), DecimalOf("7")}},
      {"DECIMAL(38, 38)",
       {DecimalOf("0.00000000000000000000000000000000000001")}},
      {"DECIMAL(12, 2)", {DecimalOf("19.90"), DecimalOf("-0.01")}},
      {"VARCHAR(80)",
       {Value::Text(""), Value::Text("plain"), Value::Text(" blank at end "),
        Value::Text("quote ' \" ` \\ %"),
        Value::Text("\xF0\x9F\x98\x80 \xC3\xA9"),
        Value::Text(std::string("nul\0inside", 10))}},
      {"LONGTEXT",
       {Value::Text(std::string(300, 'x')),
        Value::Text(std::string(70000, 'y')),
        Value::Text(std::string(5 << 20, 'z'))}},
      {"LONGBLOB",
       {Value::Blob(""), Value::Blob(all_bytes),
        Value::Blob(std::string(5 << 20, '\xff'))}},
      {"BINARY(3)", {Value::Blob(std::string("\0a\0", 3))}},
      {"DATE",
       {Value::Date(0), Value::Date(-719162), Value::Date(2932896),
        Value::Date(19782)}},
      {"TIME(6)",
       {Value::Time(0), Value::Time(1), Value::Time(86399999999),
        Value::Time(3661000000)}},
      {"DATETIME(6)",
       {Value::Timestamp(0), Value::Timestamp(-1), Value::Timestamp(1),
        Value::Timestamp(kFirstMicros), Value::Timestamp(kLastMicros),
        Value::Timestamp(1700000000000000)}},
      {"TIMESTAMP(6)",
       {Value::Timestamp(1), Value::Timestamp(2147483647000000)}},
  };
  for (const RoundTrip& each : cases) {
    for (const Value& value : each.values) {
      const auto read = Store(*db, each.type, value);
      ASSERT_THAT(read, IsOk()) << each.type << " " << value.DebugString();
      EXPECT_EQ(*read, value) << each.type << " " << value.DebugString()
                              << " became " << read->DebugString();
    }
  }
}

TEST_F(ValueTest, JsonAndEnumAndUuidAreTexts) {
  auto db = Open();
  const Value json = Value::Text(R"({"a": [1, "x\ny"]})");
  EXPECT_EQ(*Store(*db, "JSON", json), json);
  EXPECT_EQ(*Store(*db, "ENUM('a', 'b')", Value::Text("b")), Value::Text("b"));
  const Value uuid = Value::Text("01234567-89ab-4def-8123-456789abcdef");
  EXPECT_EQ(*Store(*db, "UUID", uuid), uuid);
}

// U10, F28
TEST_F(ValueTest, NumbersOutOfRangeAreRefused) {
  auto db = Open();
  EXPECT_EQ(StoreError(*db, "TINYINT", Value::Int64(300)), ErrorKind::kTooBig);
  EXPECT_EQ(StoreError(*db, "INT UNSIGNED", Value::Int64(-1)),
            ErrorKind::kTooBig);
  EXPECT_EQ(StoreError(*db, "DECIMAL(4, 2)", DecimalOf("123.4")),
            ErrorKind::kTooBig);
  EXPECT_EQ(StoreError(*db, "VARCHAR(3)", Value::Text("four")),
            ErrorKind::kTooBig);
  EXPECT_EQ(StoreError(*db, "BINARY(3)", Value::Blob("four")),
            ErrorKind::kTooBig);
  EXPECT_EQ(StoreError(*db, "INT", Value::Text("abc")),
            ErrorKind::kInvalidValue);
}

// U10: never a wrap.
TEST_F(ValueTest, UnsignedNumbersBeyond64BitsWithSignAreAnError) {
  auto db = Open();
  for (const char* sql :
       {"SELECT 18446744073709551615", "SELECT 9223372036854775808",
        "SELECT b'1000000000000000000000000000000000000000000000000000000000000"
        "000' + 0"}) {
    EXPECT_EQ(KindOf(Exec(*db, sql)), ErrorKind::kTooBig) << sql;
  }
  EXPECT_TRUE(db->is_alive());
}

// F27
TEST_F(ValueTest, NumbersThatAreNotFiniteAreRefused) {
  auto db = Open();
  for (const double value : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(KindOf(Exec(*db, "SELECT ?", {ValueView::Double(value)})),
              ErrorKind::kInvalidValue);
  }
}

// F26: what the server itself refuses. (Text is checked above the driver.)
TEST_F(ValueTest, BrokenTextIsRefusedByColumns) {
  auto db = Open();
  EXPECT_EQ(StoreError(*db, "VARCHAR(9)", Value::Text("a\xff")),
            ErrorKind::kInvalidValue);
}

// F29: microseconds are all there is, on both sides.
TEST_F(ValueTest, ColumnsWithFewerDigitsCutTheFraction) {
  auto db = Open();
  EXPECT_EQ(*Store(*db, "DATETIME(3)", Value::Timestamp(1'999'999)),
            Value::Timestamp(1'999'000));
}

// F30: what is stored and is no date gives a status.
TEST_F(ValueTest, ZeroDatesGiveAStatus) {
  auto db =
      OpenWith({"SET sql_mode = ''", "CREATE TABLE z (d DATE, t DATETIME(6))",
                "INSERT INTO z VALUES ('0000-00-00', '2024-00-00')"});
  EXPECT_EQ(KindOf(Exec(*db, "SELECT d FROM z")), ErrorKind::kTypeMismatch);
  EXPECT_EQ(KindOf(Exec(*db, "SELECT t FROM z")), ErrorKind::kTypeMismatch);
  EXPECT_EQ(KindOf(Exec(*db, "SELECT CAST('30:00:00' AS TIME)")),
            ErrorKind::kTypeMismatch);
  EXPECT_THAT(Exec(*db, "SELECT 1"), IsOk());
  auto fresh = Open();
  EXPECT_EQ(KindOf(Exec(*fresh, "INSERT INTO z VALUES ('0000-00-00', NULL)")),
            ErrorKind::kInvalidValue);
}

// F30: a time stamp that the type cannot hold.
TEST_F(ValueTest, TimestampsBeyondTheirTypeAreRefused) {
  auto db = Open();
  EXPECT_EQ(StoreError(*db, "TIMESTAMP(6)", Value::Timestamp(kLastMicros)),
            ErrorKind::kInvalidValue);
  EXPECT_EQ(StoreError(*db, "DATETIME(6)", Value::Timestamp(kLastMicros + 1)),
            ErrorKind::kTooBig);
}

// F31: on a server whose own character set is latin1.
TEST_F(ValueTest, TextOfFourByteCharactersIsKept) {
  auto db = Open();
  ASSERT_EQ(SelectText(*db, "SELECT @@character_set_server").value(), "latin1");
  const Value emoji = Value::Text("\xF0\x9F\x98\x80");
  EXPECT_EQ(*Store(*db, "VARCHAR(1)", emoji), emoji);
}

TEST_F(ValueTest, SumsOfIntegersAreIntegers) {
  auto db = OpenWith({"CREATE TABLE t (a INT, d DECIMAL(10, 0))",
                      "INSERT INTO t VALUES (1, 3), (2, 4)"});
  auto rows = Select(*db, "SELECT SUM(a), AVG(a), d FROM t GROUP BY d");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ((*rows)[0][0], Value::Int64(1));
  EXPECT_EQ((*rows)[0][1].kind(), ValueKind::kDecimal);
  EXPECT_EQ((*rows)[0][2], DecimalOf("3"));
}

TEST_F(ValueTest, KindsWithoutAFormAreRefused) {
  auto db = Open();
  EXPECT_EQ(KindOf(Exec(*db, "SELECT ?", {ValueView::Interval(5)})),
            ErrorKind::kMisuse);
}

}  // namespace
}  // namespace cupel::mariadb_internal
