// Values on their way to the server and back.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/dialects/postgresql/moments.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::Decimal;
using engine::Uuid;
using engine::Value;
using engine::ValueKind;
using engine::ValueView;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

class PostgresqlValuesTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (!IsSkipped()) connection_ = Open();
  }

  // Stores a value in a column and reads it back; the same through RETURNING.
  void ExpectKept(absl::string_view type, const Value& value) {
    SCOPED_TRACE(absl::StrCat(type, " ", value.DebugString()));
    CUPEL_ASSERT_OK(Exec(*connection_, "DROP TABLE IF EXISTS v"));
    CUPEL_ASSERT_OK(
        Exec(*connection_, absl::StrCat("CREATE TABLE v (a ", type, ")")));
    EXPECT_THAT(
        SelectValue(*connection_, "INSERT INTO v VALUES ($1) RETURNING a",
                    {value.view()}),
        IsOkAndHolds(value));
    EXPECT_THAT(SelectValue(*connection_, "SELECT a FROM v"),
                IsOkAndHolds(value));
    // Another column that has no binary reader turns the row into text.
    EXPECT_THAT(SelectValue(*connection_, "SELECT a, '127.0.0.1'::inet FROM v"),
                IsOkAndHolds(value));
    if (type != "json") {
      EXPECT_THAT(SelectValue(*connection_,
                              "SELECT count(*) FROM v WHERE a = $1 OR a <> a",
                              {value.view()}),
                  IsOkAndHolds(Value::Int64(1)));
    }
  }

  // A cast of the parameter to `type` is refused and nothing is sent.
  void ExpectRefused(absl::string_view type, const ValueView& value,
                     absl::StatusCode code) {
    EXPECT_THAT(
        SelectValue(*connection_, absl::StrCat("SELECT $1::", type), {value}),
        StatusIs(code))
        << type << " " << value.DebugString();
  }

  std::unique_ptr<engine::DriverConnection> connection_;
};

TEST_F(PostgresqlValuesTest, NumbersComeBackExactly) {
  for (int64_t value : {int64_t{-32768}, int64_t{0}, int64_t{32767}}) {
    ExpectKept("smallint", Value::Int64(value));
  }
  for (int64_t value : {int64_t{-2147483648}, int64_t{2147483647}}) {
    ExpectKept("integer", Value::Int64(value));
  }
  for (int64_t value : {std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()}) {
    ExpectKept("bigint", Value::Int64(value));
  }
  ExpectKept("boolean", Value::Bool(true));
  ExpectKept("boolean", Value::Bool(false));
  for (double value :
       {1e308, 5e-324, -1.5, 0.1, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    ExpectKept("double precision", Value::Double(value));
  }
  ExpectKept("real", Value::Double(double{0.1F}));
}

// F27: NaN is stored, and -0.0 keeps its sign.
TEST_F(PostgresqlValuesTest, F27NonFiniteNumbersAreKept) {
  ExpectKept("double precision", Value::Double(std::nan("")));
  const auto zero = SelectValue(*connection_, "SELECT $1::double precision",
                                {ValueView::Double(-0.0)});
  CUPEL_ASSERT_OK(zero);
  EXPECT_TRUE(std::signbit(zero->view().double_value()));
  // No decimal says them: they come as text.
  for (absl::string_view text : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_THAT(
        SelectText(*connection_, absl::StrCat("SELECT '", text, "'::numeric")),
        IsOkAndHolds(std::string(text)));
  }
}

TEST_F(PostgresqlValuesTest, DecimalsKeepEveryDigitAndTheirScale) {
  for (absl::string_view text :
       {"0", "0.00", "1", "-1", "10000", "9999.9999", "0.0001", "-0.00010",
        "12345678901234567890.123456789012345678901234567890", "100000000",
        "1000000000000000000000000000000000000000000",
        "0.00000000000000000000000000000000000000000000000000000001"}) {
    SCOPED_TRACE(text);
    CUPEL_ASSERT_OK_AND_ASSIGN(const Decimal decimal, Decimal::Parse(text));
    EXPECT_THAT(SelectValue(*connection_, "SELECT $1::numeric::text",
                            {ValueView::Decimal(&decimal)}),
                IsOkAndHolds(Value::Text(std::string(text))));
  }
  for (absl::string_view text : {"0", "-0.00010", "9999.9999",
                                 "12345678901234567890.12345678901234567"}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const Decimal decimal, Decimal::Parse(text));
    ExpectKept("numeric(60, 20)", Value::Decimal(decimal));
  }
  // The digits of the column, not of the value.
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Value value, SelectValue(*connection_, "SELECT 1.5::numeric(9,3)"));
  EXPECT_EQ(value.view().decimal().ToString(), "1.500");
}

TEST_F(PostgresqlValuesTest, SumsOfIntegersAreIntegers) {
  EXPECT_THAT(SelectInteger(*connection_,
                            "SELECT sum(a::bigint) FROM (VALUES (1), (2)) "
                            "AS t (a)"),
              IsOkAndHolds(3));
  EXPECT_THAT(SelectInteger(*connection_,
                            "SELECT sum(a) FROM (VALUES "
                            "(-9223372036854775807), (-1)) AS t (a)"),
              IsOkAndHolds(std::numeric_limits<int64_t>::min()));
  // As text, too.
  EXPECT_THAT(SelectInteger(*connection_,
                            "SELECT sum(a::bigint), '::1'::inet FROM (VALUES "
                            "(1), (2)) AS t (a)"),
              IsOkAndHolds(3));
}

TEST_F(PostgresqlValuesTest, TextAndBytesComeBackExactly) {
  std::string long_text;
  for (int i = 0; i < 100'000; ++i) long_text += "\xF0\x9F\x90\x98";
  for (const std::string& text :
       {std::string(), std::string("it's \\ \"q\" $1 ? :x"),
        std::string("\xE2\x82\xAC\xF0\x9F\x90\x98\n\t"), long_text}) {
    ExpectKept("text", Value::Text(text));
    ExpectKept("varchar", Value::Text(text));
  }
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes.push_back(static_cast<char>(i));
  ExpectKept("bytea", Value::Blob(bytes));
  ExpectKept("bytea", Value::Blob(""));
}

TEST_F(PostgresqlValuesTest, UuidAndJsonComeBackExactly) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Uuid uuid, Uuid::Parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8"));
  ExpectKept("uuid", Value::Uuid(uuid));
  ExpectKept("jsonb", Value::Json(R"({"a": [1, null, "\"x"]})"));
  ExpectKept("json", Value::Json(R"({"b":1,  "a":[]})"));
}

TEST_F(PostgresqlValuesTest, MomentsComeBackToTheMicrosecond) {
  for (int32_t days : {0, -1, 10957, 2932896 /* 9999-12-31 */, -719162}) {
    ExpectKept("date", Value::Date(days));
  }
  for (int64_t micros : {int64_t{0}, int64_t{1}, kDay - 1}) {
    ExpectKept("time", Value::Time(micros));
  }
  for (int64_t micros :
       {int64_t{0}, int64_t{-1}, int64_t{1}, 946684800 * kSecond,
        -62135596800 * kSecond, 253402300799 * kSecond + 999999}) {
    ExpectKept("timestamp", Value::Timestamp(micros));
    ExpectKept("timestamptz", Value::Timestamp(micros));
  }
  // What is not in the ranges of ISO text still is one of the binary form.
  EXPECT_THAT(
      SelectValue(*connection_, "SELECT $1::date", {ValueView::Date(-800000)}),
      IsOkAndHolds(Value::Date(-800000)));
  for (int64_t micros : {int64_t{0}, int64_t{-1}, 1000 * kDay + 1}) {
    EXPECT_THAT(SelectValue(*connection_, "SELECT $1::interval",
                            {ValueView::Interval(micros)}),
                IsOkAndHolds(Value::Interval(micros)));
  }
  for (int64_t micros : {int64_t{0}, int64_t{-1}, kDay, -25 * kDay / 24 - 1}) {
    ExpectKept("interval", Value::Interval(micros));
  }
  // In binary, and as text beside what has no binary form that is known.
  const std::pair<const char*, Value> intervals[] = {
      {"2 days 1 second", Value::Interval(2 * kDay + kSecond)},
      {"-1 days +02:03:04.5",
       Value::Interval(-kDay + 7384 * kSecond + kSecond / 2)},
      {"1 day -100:00", Value::Interval(kDay - 360'000 * kSecond)},
      {"-3 days", Value::Interval(-3 * kDay)},
  };
  for (const auto& [text, value] : intervals) {
    const std::string sql = absl::StrCat("SELECT '", text, "'::interval");
    EXPECT_THAT(SelectValue(*connection_, sql), IsOkAndHolds(value)) << text;
    EXPECT_THAT(SelectValue(*connection_, sql + ", '::1'::inet"),
                IsOkAndHolds(value))
        << text;
  }
}

// What no count of microseconds can say is text, whatever the server counts.
TEST_F(PostgresqlValuesTest, IntervalsThatAreTooLongAreText) {
  for (absl::string_view text :
       {"200000000 days", "-200000000 days", "106751991 days 05:00", "1 month",
        "1 year 2 mons 3 days"}) {
    for (absl::string_view more : {"", ", '::1'::inet"}) {
      CUPEL_ASSERT_OK_AND_ASSIGN(
          const Value value,
          SelectValue(*connection_,
                      absl::StrCat("SELECT '", text, "'::interval", more)));
      EXPECT_EQ(value.view().kind(), ValueKind::kText) << text << more;
    }
  }
  // Of a server that is none.
  ValueView value;
  EXPECT_FALSE(ReadMoment(kDateId, "\x7f\xff\xff\xf0", &value));
}

// The text of values does not depend on what a role or a database has set.
TEST_F(PostgresqlValuesTest, SettingsOfTheDatabaseDoNotMatter) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const std::string name,
      SelectText(*connection_, "SELECT current_database()"));
  for (absl::string_view setting :
       {"IntervalStyle = iso_8601", "extra_float_digits = -10",
        "DateStyle = German", "bytea_output = escape", "TimeZone = 'UTC-7'"}) {
    CUPEL_ASSERT_OK(Exec(
        *connection_, absl::StrCat("ALTER DATABASE ", name, " SET ", setting)));
  }
  connection_ = Open();
  ExpectKept("interval", Value::Interval(kDay + 1));
  ExpectKept("double precision", Value::Double(0.1 + 0.2));
  ExpectKept("date", Value::Date(1));
  ExpectKept("bytea", Value::Blob("\xFF'"));
  ExpectKept("timestamptz", Value::Timestamp(1));
}

// F30: no value that the server interprets: the session counts in UTC, and the
// values that stand for infinity are not made by accident.
TEST_F(PostgresqlValuesTest, F30MomentsMeanWhatTheySay) {
  EXPECT_THAT(SelectText(*connection_, "SHOW TimeZone"), IsOkAndHolds("UTC"));
  EXPECT_THAT(SelectValue(*connection_, "SELECT $1::timestamptz::text",
                          {ValueView::Timestamp(0)}),
              IsOkAndHolds(Value::Text("1970-01-01 00:00:00+00")));
  ExpectRefused("timestamp",
                ValueView::Timestamp(std::numeric_limits<int64_t>::min()),
                absl::StatusCode::kOutOfRange);
  EXPECT_THAT(
      SelectValue(*connection_, "SELECT $1::timestamp = 'infinity'",
                  {ValueView::Timestamp(std::numeric_limits<int64_t>::max())}),
      IsOkAndHolds(Value::Bool(false)));
  ExpectRefused("date", ValueView::Date(std::numeric_limits<int32_t>::max()),
                absl::StatusCode::kOutOfRange);
  ExpectRefused("time", ValueView::Time(kDay), absl::StatusCode::kOutOfRange);
  for (absl::string_view word : {"now", "today", "infinity", "23:59:60"}) {
    EXPECT_THAT(SelectValue(*connection_, "SELECT $1::timestamp",
                            {ValueView::Text(word)}),
                Not(IsOk()))
        << word;
  }
  EXPECT_THAT(SelectValue(*connection_, "SELECT $1::date",
                          {ValueView::Text("2026-01-02")}),
              IsOkAndHolds(Value::Date(20455)));
  EXPECT_THAT(SelectText(*connection_, "SELECT 'infinity'::timestamp"),
              IsOkAndHolds("infinity"));
  EXPECT_THAT(SelectText(*connection_, "SELECT '-infinity'::date"),
              IsOkAndHolds("-infinity"));
}

// F29: there is nothing beyond microseconds to round.
TEST_F(PostgresqlValuesTest, F29NothingIsRounded) {
  EXPECT_THAT(SelectValue(*connection_, "SELECT $1::timestamp::text",
                          {ValueView::Timestamp(999999)}),
              IsOkAndHolds(Value::Text("1970-01-01 00:00:00.999999")));
}

// F25
TEST_F(PostgresqlValuesTest, F25NulIsNeverCut) {
  const std::string text("ab\0cd", 5);
  ExpectRefused("text", ValueView::Text(text),
                absl::StatusCode::kInvalidArgument);
  ExpectRefused("jsonb", ValueView::Json(text),
                absl::StatusCode::kInvalidArgument);
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TYPE mood AS ENUM ('ab')"));
  ExpectRefused("mood", ValueView::Text(text),
                absl::StatusCode::kInvalidArgument);
  ExpectKept("bytea", Value::Blob(text));
}

// F26
TEST_F(PostgresqlValuesTest, F26TextIsUtf8) {
  for (absl::string_view text :
       {"\xFF", "\xC0\x80", "\xED\xA0\x80", "a\xE2\x82"}) {
    ExpectRefused("text", ValueView::Text(text),
                  absl::StatusCode::kInvalidArgument);
  }
  // Refused by us: the connection has seen no error.
  EXPECT_TRUE(connection_->is_alive());
}

TEST_F(PostgresqlValuesTest, ValuesOutOfRangeAreRefusedBeforeSending) {
  ExpectRefused("smallint", ValueView::Int64(32768),
                absl::StatusCode::kOutOfRange);
  ExpectRefused("integer", ValueView::Int64(int64_t{1} << 31),
                absl::StatusCode::kOutOfRange);
  ExpectRefused("real", ValueView::Double(1e300),
                absl::StatusCode::kOutOfRange);
  ExpectRefused("integer", ValueView::Double(1.5),
                absl::StatusCode::kInvalidArgument);
  ExpectRefused("integer", ValueView::Bool(true),
                absl::StatusCode::kInvalidArgument);
  ExpectRefused("boolean", ValueView::Text("yes"),
                absl::StatusCode::kInvalidArgument);
}

TEST_F(PostgresqlValuesTest, ParametersWithoutATypeTakeThatOfTheirValue) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement,
                             connection_->Prepare("SELECT $1", {}));
  CUPEL_ASSERT_OK_AND_ASSIGN(const Decimal decimal, Decimal::Parse("1.50"));
  const Value values[] = {
      Value::Int64(5),     Value::Int64(int64_t{1} << 40),
      Value::Text("x"),    Value::Bool(true),
      Value::Double(0.5),  Value::Decimal(decimal),
      Value::Blob("\xFF"), Value::Date(3),
      Value::Timestamp(5), Value::Null(),
      Value::Int64(6),
  };
  for (const Value& value : values) {
    SCOPED_TRACE(value.DebugString());
    const ValueView view = value.view();
    CUPEL_ASSERT_OK(statement->Execute({&view, 1}, {}));
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
    EXPECT_EQ(Value(statement->row()[0]), value);
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  }
}

// What the server cannot understand without types waits for the values, and the
// attempt to find out harms no transaction.
TEST_F(PostgresqlValuesTest, ExpressionsOfNothingButParametersWork) {
  for (bool in_transaction : {false, true}) {
    if (in_transaction) {
      CUPEL_ASSERT_OK(connection_->Begin({}, {}));
    }
    const ValueView big = ValueView::Int64(int64_t{1} << 31);
    const ValueView two = ValueView::Int64(2);
    EXPECT_THAT(SelectValue(*connection_, "SELECT $1 * $2", {big, two}),
                IsOkAndHolds(Value::Int64(int64_t{1} << 32)));
    EXPECT_THAT(SelectValue(*connection_, "SELECT concat($1, $2)",
                            {two, ValueView::Text("x")}),
                IsOkAndHolds(Value::Text("2x")));
    EXPECT_THAT(SelectValue(*connection_,
                            "WITH RECURSIVE r AS (SELECT $1 AS n UNION ALL "
                            "SELECT n + $2 FROM r WHERE n < $3) "
                            "SELECT max(n) FROM r",
                            {two, two, ValueView::Int64(9)}),
                IsOkAndHolds(Value::Int64(10)));
    EXPECT_TRUE(!in_transaction || connection_->in_transaction());
    if (in_transaction) {
      CUPEL_ASSERT_OK(connection_->Commit({}));
    }
  }
  EXPECT_THAT(
      SelectValue(*connection_, "SELECT nosuch($1)", {ValueView::Int64(1)}),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

// SCH-08: in binary and in text.
TEST_F(PostgresqlValuesTest, ArraysAreJson) {
  const std::pair<const char*, const char*> arrays[] = {
      {"bigint[]", "[-9223372036854775808,9223372036854775807,null]"},
      {"smallint[]", "[]"},
      {"integer[]", "[1]"},
      {"boolean[]", "[true,null,false]"},
      {"real[]", "[0.1,-1.5,1e+30]"},
      {"double precision[]", "[0.1,-0,1.7976931348623157e+308]"},
      {"numeric[]", "[1.50,-0.001,12345678901234567890]"},
      {"numeric(6, 2)[]", "[1.50,null]"},
      {"text[]", "[\"a\",\"\",\"NULL\",null,\"q\\\" b\\\\ ,{}'\\u0001\"]"},
      {"varchar(9)[]", "[\"\u00fc\u4e2d\"]"},
      {"date[]", "[\"2024-02-29\",null]"},
      {"timestamp[]", "[\"2024-02-29 12:30:00.500000\"]"},
      {"timestamptz[]", "[\"1969-12-31 23:59:59.999999\"]"},
      {"uuid[]", "[\"6ba7b810-9dad-41d1-80b4-00c04fd430c8\"]"},
  };
  for (const auto& [type, json] : arrays) ExpectKept(type, Value::Json(json));
}

TEST_F(PostgresqlValuesTest, ArraysThatTheServerMadeAreRead) {
  const std::pair<const char*, Value> arrays[] = {
      {"'{{1,2},{3,NULL}}'::int[]", Value::Json("[[1,2],[3,null]]")},
      {"'[0:1]={1,2}'::int[]", Value::Json("[1,2]")},
      {"'{1,NaN,NULL}'::float8[]", Value::Text("{1,NaN,NULL}")},
      {"'{1.5,-Infinity}'::numeric[]", Value::Text("{1.5,-Infinity}")},
      {"'{infinity}'::date[]", Value::Json("[\"infinity\"]")},
  };
  for (const auto& [sql, value] : arrays) {
    EXPECT_THAT(SelectValue(*connection_, absl::StrCat("SELECT ", sql)),
                IsOkAndHolds(value))
        << sql;
    EXPECT_THAT(SelectValue(*connection_,
                            absl::StrCat("SELECT ", sql, ", '::1'::inet")),
                IsOkAndHolds(value))
        << sql;
  }
}

TEST_F(PostgresqlValuesTest, ElementsThatDoNotFitAreRefused) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  constexpr auto kRange = absl::StatusCode::kOutOfRange;
  const struct {
    const char* type;
    const char* json;
    absl::StatusCode code;
  } rows[] = {
      {"integer[]", "[1.5]", kInvalid},
      {"integer[]", "[\"1\"]", kInvalid},
      {"integer[]", "[2147483648]", kRange},
      {"bigint[]", "[9223372036854775808]", kRange},
      {"boolean[]", "[1]", kInvalid},
      {"text[]", "[1]", kInvalid},
      {"text[]", "[\"\\u0000\"]", kInvalid},
      {"date[]", "[\"now\"]", absl::StatusCode::kDataLoss},
      {"bigint[]", "[[1]]", kInvalid},
      {"bigint[]", "{}", kInvalid},
      {"real[]", "[1e300]", kRange},
  };
  for (const auto& row : rows) {
    ExpectRefused(row.type, ValueView::Json(row.json), row.code);
  }
}

TEST_F(PostgresqlValuesTest, EnumerationsAndOtherArraysAreTheirText) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TYPE mood AS ENUM ('sad', 'ok')"));
  // Beside an enumeration others stay binary.
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Rows rows,
      Select(*connection_, "SELECT 'ok'::mood, 5::numeric, NULL::mood"));
  EXPECT_THAT(rows[0],
              ElementsAre(Value::Text("ok"), Value::Int64(5), Value::Null()));
  EXPECT_THAT(
      SelectValue(*connection_, "SELECT $1::mood", {ValueView::Text("ok")}),
      IsOkAndHolds(Value::Text("ok")));
  EXPECT_THAT(SelectValue(*connection_, "SELECT $1::inet[]",
                          {ValueView::Text("{::1,NULL}")}),
              IsOkAndHolds(Value::Text("{::1,NULL}")));
  EXPECT_THAT(SelectValue(*connection_, "SELECT $1::jsonb #>> $2",
                          {ValueView::Json(R"({"a": {"b\"": "x"}})"),
                           ValueView::Text(R"({"a","b\""})")}),
              IsOkAndHolds(Value::Text("x")));
}

}  // namespace
}  // namespace cupel::postgresql_internal
