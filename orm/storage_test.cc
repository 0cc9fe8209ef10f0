// How each database keeps rich values, in types of its own or in plain ones,
// and what becomes of those that no value of Cupel's can be.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace app {
enum class Shade { kDark, kLight };
}  // namespace app

template <>
inline constexpr auto cupel::kEnumerators<app::Shade> =
    cupel::Enumerators<app::Shade::kDark, app::Shade::kLight>();

namespace cupel::orm_test {
namespace {

using engine::Value;
using ::testing::ElementsAreArray;
using testing::IsOkAndHolds;
using testing::StatusIs;

struct Rich {
  int64_t id = 0;
  bool flag = false;
  Decimal price;
  app::Shade shade = app::Shade::kDark;
  Uuid uuid;
  absl::CivilDay day;
  TimeOfDay clock;
  absl::Time moment;
  absl::Duration span;
  nlohmann::json json;

  static constexpr auto Mapping() {
    return Table<Rich>(
        Column<&Rich::id>(PrimaryKey()), Column<&Rich::flag>(),
        Column<&Rich::price>(Numeric(10, 2)), Column<&Rich::shade>(),
        Column<&Rich::uuid>(), Column<&Rich::day>(), Column<&Rich::clock>(),
        Column<&Rich::moment>(), Column<&Rich::span>(), Column<&Rich::json>());
  }
};

class StorageTest : public ::testing::Test {
 protected:
  StorageTest()
      : db_(Database::Open({.uri = testing::MemoryUrl()}, Models<Rich>())
                .value()) {
    CUPEL_EXPECT_OK(db_.CreateAll());
  }
  Database db_;
};

constexpr char kUuid[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

// What a connection reads of the row below.
std::vector<Value> StoredBy(absl::string_view dialect) {
  if (dialect == "sqlite") {
    return {Value::Int64(1),
            Value::Int64(1250),
            Value::Text("kLight"),
            Value::Text("6ba7b8109dad11d180b400c04fd430c8"),
            Value::Text("2026-03-04"),
            Value::Text("05:06:07.000000"),
            Value::Text("2026-03-04 05:06:07.000000"),
            Value::Text("1970-01-02 00:00:05.000000"),
            Value::Text("[1,\"x\"]")};
  }
  const Value price = Value::Decimal(Decimal::Parse("12.50").value());
  const int64_t second = 1'000'000;
  const int64_t clock = (5 * 3600 + 6 * 60 + 7) * second;
  const int64_t span = (24 * 3600 + 5) * second;
  const auto days = static_cast<int32_t>(absl::CivilDay(2026, 3, 4) -
                                         absl::CivilDay(1970, 1, 1));
  const Value day = Value::Date(days);
  const Value moment = Value::Timestamp(days * 24 * 3600 * second + clock);
  if (dialect == "mariadb") {
    return {Value::Int64(1),
            price,
            Value::Text("kLight"),
            Value::Text(kUuid),
            day,
            Value::Time(clock),
            moment,
            Value::Int64(span),
            Value::Text("[1,\"x\"]")};
  }
  return {Value::Bool(true),
          price,
          Value::Text("kLight"),
          Value::Uuid(Uuid::Parse(kUuid).value()),
          day,
          Value::Time(clock),
          moment,
          Value::Interval(span),
          Value::Json("[1, \"x\"]")};
}

// SCH-10
TEST_F(StorageTest, RichTypesAreStoredInPlainOnes) {
  Session session = db_.NewSession();
  session.Add(
      Rich{.flag = true,
           .price = Decimal::Parse("12.5").value(),
           .shade = app::Shade::kLight,
           .uuid = Uuid::Parse(kUuid).value(),
           .day = absl::CivilDay(2026, 3, 4),
           .clock = TimeOfDay::Create(5, 6, 7).value(),
           .moment = absl::FromCivil(absl::CivilSecond(2026, 3, 4, 5, 6, 7),
                                     absl::UTCTimeZone()),
           .span = absl::Hours(24) + absl::Seconds(5),
           .json = {1, "x"}});
  CUPEL_ASSERT_OK(session.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection connection,
                             db_.engine().Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      engine::Cursor cursor,
      connection.Query("SELECT flag, price, shade, uuid, day, clock, moment, "
                       "span, json FROM rich"));
  CUPEL_ASSERT_OK(cursor.Next());
  EXPECT_THAT(cursor.CopyRow(),
              ElementsAreArray(StoredBy(connection.dialect().name())));
}

// What cannot be read ends the stream at its row, and nothing else.
TEST_F(StorageTest, AStreamEndsAtAValueThatCannotBeRead) {
  Session session = db_.NewSession();
  for (int i = 0; i < 3; ++i) session.Add(Rich());
  CUPEL_ASSERT_OK(session.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection connection,
                             db_.engine().Connect());
  // MariaDB's driver refuses the time itself.
  const absl::string_view unreadable =
      connection.dialect().name() == "mariadb"
          ? "UPDATE rich SET flag = 7 WHERE id = 2"
          : "UPDATE rich SET clock = '24:00:00' WHERE id = 2";
  CUPEL_ASSERT_OK(connection.Execute(unreadable));
  CUPEL_ASSERT_OK(connection.Commit());
  const auto rows =
      session.Select(col<&Rich::id>, col<&Rich::flag>, col<&Rich::clock>)
          .OrderBy(col<&Rich::id>);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto stream, rows.Stream());
  EXPECT_THAT(stream.Next(), IsOkAndHolds(true));
  EXPECT_THAT(stream.Next(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(rows.All(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(session.Query<Rich>().Count(), IsOkAndHolds(3));
}

}  // namespace
}  // namespace cupel::orm_test
