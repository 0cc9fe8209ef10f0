// How a database without types of its own for them keeps rich values, and what
// becomes of those that no value of Cupel's can be.

#include <cstdint>
#include <string>

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

using ::testing::ElementsAre;
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

// SCH-10
TEST_F(StorageTest, RichTypesAreStoredInPlainOnes) {
  Session session = db_.NewSession();
  session.Add(
      Rich{.flag = true,
           .price = Decimal::Parse("12.5").value(),
           .shade = app::Shade::kLight,
           .uuid = Uuid::Parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8").value(),
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
  using engine::Value;
  EXPECT_THAT(
      cursor.CopyRow(),
      ElementsAre(Value::Int64(1), Value::Int64(1250), Value::Text("kLight"),
                  Value::Text("6ba7b8109dad41d180b400c04fd430c8"),
                  Value::Text("2026-03-04"), Value::Text("05:06:07.000000"),
                  Value::Text("2026-03-04 05:06:07.000000"),
                  Value::Text("1970-01-02 00:00:05.000000"),
                  Value::Text("[1,\"x\"]")));
}

// What cannot be read ends the stream at its row, and nothing else.
TEST_F(StorageTest, AStreamEndsAtAValueThatCannotBeRead) {
  Session session = db_.NewSession();
  for (int i = 0; i < 3; ++i) session.Add(Rich());
  CUPEL_ASSERT_OK(session.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection connection,
                             db_.engine().Connect());
  CUPEL_ASSERT_OK(
      connection.Execute("UPDATE rich SET uuid = x'ff' WHERE id = 2"));
  CUPEL_ASSERT_OK(connection.Commit());
  const auto rows =
      session.Select(col<&Rich::id>, col<&Rich::uuid>).OrderBy(col<&Rich::id>);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto stream, rows.Stream());
  EXPECT_THAT(stream.Next(), IsOkAndHolds(true));
  EXPECT_THAT(stream.Next(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(rows.All(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(session.Query<Rich>().Count(), IsOkAndHolds(3));
}

}  // namespace
}  // namespace cupel::orm_test
