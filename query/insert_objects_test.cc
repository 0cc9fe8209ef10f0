#include "cupel/query/insert_objects.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Reading {
  std::string sensor;
  std::optional<int64_t> value;
  bool valid = false;
  absl::Time at;
};

// reading(id, sensor, value, valid, at, unit with a default of the program)
const schema::Table& ReadingTable(bool with_unit) {
  static const auto make = [](bool unit) {
    schema::TableBuilder builder(unit ? "unit_reading" : "reading");
    builder
        .Column(
            {.name = "id", .type = engine::BigInteger(), .primary_key = true})
        .Column(
            {.name = "sensor", .type = engine::String(20), .nullable = false})
        .Column({.name = "value", .type = engine::BigInteger()})
        .Column({.name = "valid", .type = engine::Boolean(), .nullable = false})
        .Column({.name = "at", .type = engine::Timestamp()});
    if (unit) {
      builder.Column({.name = "unit",
                      .type = engine::Text(),
                      .client_default = schema::ClientDefault::Constant(
                          engine::Value::Text("volt"))});
    }
    return BuildTable(builder);
  };
  static const auto& plain =
      *new std::shared_ptr<const schema::Table>(make(false));
  static const auto& unit =
      *new std::shared_ptr<const schema::Table>(make(true));
  return with_unit ? *unit : *plain;
}

class InsertObjectsTest : public ::testing::TestWithParam<bool> {
 protected:
  InsertObjectsTest() {
    database_.Must(
        "CREATE TABLE reading (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, "
        "value INTEGER, valid INTEGER NOT NULL, at TEXT)");
    database_.Must(
        "CREATE TABLE unit_reading (id INTEGER PRIMARY KEY, sensor TEXT NOT "
        "NULL, value INTEGER, valid INTEGER NOT NULL, at TEXT, unit TEXT)");
  }

  static std::vector<Reading> Readings(int count) {
    std::vector<Reading> readings;
    for (int i = 0; i < count; ++i) {
      Reading& reading = readings.emplace_back();
      reading.sensor = absl::StrCat("sensor ", i);
      if (i % 3 != 0) reading.value = i * 7;
      reading.valid = i % 2 == 0;
      reading.at = absl::FromUnixMicros(1'767'323'045'123'456 + i);
    }
    return readings;
  }

  absl::Status InsertAll(const std::vector<Reading>& readings,
                         size_t page_rows) {
    return InsertObjects(
        database_.connection(), database_.cache(),
        absl::MakeConstSpan(readings),
        {From(at_, &Reading::at), From(sensor_, &Reading::sensor),
         From(value_, &Reading::value), From(valid_, &Reading::valid)},
        page_rows);
  }
  auto Stored() {
    return database_.All(
        TypedSelect(id_, sensor_, value_, valid_, at_).OrderBy(id_));
  }

  TestDatabase database_;
  const schema::Table& table_ = ReadingTable(GetParam());
  TypedExpr<int64_t> id_ = ColumnExpr<int64_t>(*table_.Find("id"));
  TypedExpr<std::string> sensor_ =
      ColumnExpr<std::string>(*table_.Find("sensor"));
  TypedExpr<std::optional<int64_t>> value_ =
      ColumnExpr<std::optional<int64_t>>(*table_.Find("value"));
  TypedExpr<bool> valid_ = ColumnExpr<bool>(*table_.Find("valid"));
  TypedExpr<absl::Time> at_ = ColumnExpr<absl::Time>(*table_.Find("at"));
};

// QRY-68
TEST_P(InsertObjectsTest, StoresWhatAStatementForEachRowStores) {
  const std::vector<Reading> readings = Readings(257);
  for (const Reading& reading : readings) {
    CUPEL_ASSERT_OK(database_
                        .Execute(Insert(table_)
                                     .Set(sensor_, reading.sensor)
                                     .Set(value_, reading.value)
                                     .Set(valid_, reading.valid)
                                     .Set(at_, reading.at))
                        .status());
  }
  const auto expected = Stored();
  ASSERT_THAT(expected, IsOkAndHolds(SizeIs(257)));
  for (size_t page_rows : {0, 1, 2, 100, 257, 1000}) {
    database_.Must(absl::StrCat("DELETE FROM ", table_.name()));
    CUPEL_ASSERT_OK(InsertAll(readings, page_rows));
    EXPECT_THAT(Stored(), IsOkAndHolds(*expected)) << page_rows;
  }
}

TEST_P(InsertObjectsTest, TakesFewStatements) {
  int statements = 0;
  const auto subscription = database_.engine().events().OnStatement(
      [&](const engine::StatementEvent&) { ++statements; });
  CUPEL_ASSERT_OK(InsertAll(Readings(1000), 100));
  EXPECT_EQ(statements, 10);
  EXPECT_THAT(Stored(), IsOkAndHolds(SizeIs(1000)));
}

TEST_P(InsertObjectsTest, NamesTheObjectThatDoesNotFit) {
  std::vector<Reading> readings = Readings(10);
  readings[7].sensor = std::string(21, 'x');
  EXPECT_THAT(
      InsertAll(readings, 100),
      StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("object 7, column")));
  readings[7].sensor = "\xff";
  EXPECT_THAT(InsertAll(readings, 100),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("object 7, column")));
  EXPECT_THAT(Stored(), IsOkAndHolds(SizeIs(0)));
}

TEST_P(InsertObjectsTest, RefusesColumnsOfSeveralTables) {
  const std::vector<Reading> readings = Readings(2);
  const Employee employee;
  EXPECT_THAT(
      InsertObjects(database_.connection(), database_.cache(),
                    absl::MakeConstSpan(readings),
                    {From(sensor_, &Reading::sensor),
                     From(employee.name, &Reading::sensor)}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one table")));
  EXPECT_THAT(InsertObjects(database_.connection(), database_.cache(),
                            {readings.data(), 2, sizeof(Reading)}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  CUPEL_EXPECT_OK(InsertObjects(database_.connection(), database_.cache(),
                                {readings.data(), 0, sizeof(Reading)}, {}));
}

// With a default of the program the rows go another way.
INSTANTIATE_TEST_SUITE_P(WithAndWithoutDefault, InsertObjectsTest,
                         ::testing::Bool());

}  // namespace
}  // namespace cupel::query
