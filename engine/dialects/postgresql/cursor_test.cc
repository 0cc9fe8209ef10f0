// Results that are read through a cursor of the server.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using cupel::testing::IsOkAndHolds;
using engine::ErrorKind;
using engine::ValueView;

constexpr int64_t kRows = 100'000;
constexpr char kSeries[] =
    "SELECT i, 'row ' || i FROM generate_series(1, $1::bigint) AS s (i)";
constexpr char kOpenCursors[] =
    "SELECT count(*) FROM pg_cursors WHERE name LIKE 'cupel%'";

class PostgresqlCursorTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (!IsSkipped()) Begin("fetch_size=100");
  }

  void Begin(absl::string_view options) {
    connection_ = Open(options);
    CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  }
  std::unique_ptr<engine::DriverStatement> Prepare(absl::string_view sql) {
    auto statement = connection_->Prepare(sql, {});
    EXPECT_THAT(statement, cupel::testing::IsOk());
    return std::move(statement).value();
  }
  std::unique_ptr<engine::DriverStatement> Start(int64_t rows) {
    auto statement = Prepare(kSeries);
    const ValueView parameter = ValueView::Int64(rows);
    CUPEL_EXPECT_OK(statement->Execute({&parameter, 1}, {}));
    return statement;
  }
  static size_t MostRowsKept(const engine::DriverStatement& statement) {
    return dynamic_cast<const PostgresqlStatement&>(statement).most_rows_kept();
  }
  // Reads two results in turns; the rows of both.
  int64_t ReadTwo(engine::DriverStatement& one, engine::DriverStatement& two) {
    int64_t rows = 0;
    bool more_of_one = true;
    bool more_of_two = true;
    while (more_of_one || more_of_two) {
      more_of_one = *one.Next({});
      if (more_of_one) {
        EXPECT_EQ(one.row()[0].int64_value(), rows++ / 2 + 1);
      }
      more_of_two = *two.Next({});
      if (more_of_two) {
        EXPECT_EQ(two.row()[0].int64_value(), rows++ / 2 + 1);
      }
    }
    return rows;
  }

  std::unique_ptr<engine::DriverConnection> connection_;
};

// ENG-64
TEST_F(PostgresqlCursorTest, TwoLargeResultsInTurnsAreNotKept) {
  auto one = Start(kRows);
  auto two = Start(kRows);
  EXPECT_EQ(ReadTwo(*one, *two), 2 * kRows);
  EXPECT_EQ(MostRowsKept(*one), 100U);
  EXPECT_EQ(MostRowsKept(*two), 100U);
  EXPECT_THAT(SelectInteger(*connection_, kOpenCursors), IsOkAndHolds(1));
}

TEST_F(PostgresqlCursorTest, WithoutItTheRestIsKept) {
  Begin("");
  auto one = Start(kRows);
  auto two = Start(kRows);
  EXPECT_EQ(ReadTwo(*one, *two), 2 * kRows);
  EXPECT_EQ(MostRowsKept(*one), static_cast<size_t>(kRows) - 1);
}

TEST_F(PostgresqlCursorTest, GivesEveryNumberOfRows) {
  for (const int64_t rows : {0, 1, 99, 100, 101, 200, 250}) {
    auto statement = Start(rows);
    for (int64_t i = 1; i <= rows; ++i) {
      EXPECT_THAT(statement->Next({}), IsOkAndHolds(true)) << rows;
      EXPECT_EQ(statement->row()[0], ValueView::Int64(i));
    }
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(false)) << rows;
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(false)) << rows;
  }
}

TEST_F(PostgresqlCursorTest, IsClosedHalfWay) {
  auto statement = Start(kRows);
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  statement->Reset();
  // The question is a cursor, too.
  EXPECT_THAT(SelectInteger(*connection_, kOpenCursors), IsOkAndHolds(1));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  CUPEL_EXPECT_OK(connection_->Commit({}));
}

TEST_F(PostgresqlCursorTest, AnErrorHalfWayIsItsOwnAndPoisons) {
  auto statement =
      Prepare("SELECT 10 / (150 - i) FROM generate_series(1, 500) AS s (i)");
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  }
  const auto info = InfoOf(statement->Next({}).status());
  EXPECT_EQ(info.native_code, "22012");
  EXPECT_EQ(info.transaction_state, engine::TransactionState::kPoisoned);
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

TEST_F(PostgresqlCursorTest, EndsWithItsTransaction) {
  auto statement = Start(kRows);
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  CUPEL_ASSERT_OK(connection_->Commit({}));
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  // The page that was fetched is still there.
  for (int i = 1; i < 100; ++i) {
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  }
  const auto failed = statement->Next({}).status();
  EXPECT_EQ(InfoOf(failed).kind, ErrorKind::kMisuse);
  EXPECT_THAT(std::string(failed.message()),
              ::testing::HasSubstr("the transaction in which"));
  EXPECT_FALSE(*statement->Next({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
  CUPEL_EXPECT_OK(connection_->Commit({}));
}

// What a statement does besides reading is done when it was executed.
TEST_F(PostgresqlCursorTest, WhatChangesOrLocksIsExecutedWhole) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t (a int)"));
  CUPEL_ASSERT_OK(
      Exec(*connection_, "INSERT INTO t SELECT generate_series(1, 300)"));
  for (absl::string_view sql :
       {"SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR SHARE",
        "WITH d AS (DELETE FROM t RETURNING a) SELECT a FROM d",
        "INSERT INTO t SELECT generate_series(1, 300) RETURNING a"}) {
    auto statement = Prepare(sql);
    CUPEL_ASSERT_OK(statement->Execute({}, {})) << sql;
    int rows = 0;
    while (*statement->Next({})) ++rows;
    EXPECT_EQ(rows, 300) << sql;
    EXPECT_EQ(MostRowsKept(*statement), 0U) << sql;
  }
}

TEST_F(PostgresqlCursorTest, IsNotUsedOutsideOfTransactions) {
  CUPEL_ASSERT_OK(connection_->Commit({}));
  auto statement = Start(1000);
  while (*statement->Next({})) {
  }
  EXPECT_EQ(MostRowsKept(*statement), 0U);
}

}  // namespace
}  // namespace cupel::postgresql_internal
