// Statements and cursors: prepared, repeated, streamed, abandoned, cancelled.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::ValueView;
using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class FilledTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(FillItems());
  }
  const Items& i() const { return *items_; }
  query::ResultCursor Start() {
    return *query::Execute(connection(), cache(),
                           TypedSelect(i().id).OrderBy(i().id));
  }
  // "SELECT name FROM item WHERE id = ?".
  std::string ByIdSql() {
    std::string sql = "SELECT name FROM item WHERE id = ";
    dialect().AppendPlaceholder(1, &sql);
    return sql;
  }
  // Rows beyond counting, from tables that are planned in no time.
  std::string EndlessSql() {
    std::string sql = "SELECT count(*) FROM item AS t0";
    for (int n = 1; n < 13; ++n) absl::StrAppend(&sql, ", item AS t", n);
    return sql;
  }
  std::optional<Items> items_;
};

using PingTest = FilledTest;

TEST_F(PingTest, AConnectionAnswers) {
  CUPEL_EXPECT_OK(Execute("SELECT 1"));
  EXPECT_TRUE(connection().is_open());
}
TEST_F(PingTest, AnotherConnectionIsAnother) {
  engine::Connection other = Connect();
  EXPECT_NE(other.id(), connection().id());
}
TEST_F(PingTest, AnInvalidatedConnectionIsReplaced) {
  const uint64_t id = connection().id();
  connection().Invalidate();
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_ASSERT_OK(Execute("SELECT 1"));
  EXPECT_NE(connection().id(), id);
}
TEST_F(PingTest, TheNativeHandleIsThere) {
  EXPECT_NE(connection().native_handle(), nullptr);
}

using PreparedStatementTest = FilledTest;

TEST_F(PreparedStatementTest, RunsWithOtherValues) {
  const std::string sql = ByIdSql();
  for (const auto& [id, name] :
       {std::make_pair(int64_t{1}, "ant"), std::make_pair(int64_t{2}, "bee"),
        std::make_pair(int64_t{1}, "ant")}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Cursor cursor,
                               connection().Query(sql, {ValueView::Int64(id)}));
    ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
    EXPECT_EQ(cursor.row()[0].bytes(), name);
  }
}
TEST_F(PreparedStatementTest, KnowsItsParametersAndColumns) {
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Statement * statement,
                             connection().Prepare(ByIdSql()));
  EXPECT_EQ(statement->parameter_count(), 1);
  ASSERT_EQ(statement->columns().size(), 1u);
  EXPECT_EQ(statement->columns()[0].name, "name");
}
TEST_F(PreparedStatementTest, SurvivesAnEndOfTheTransaction) {
  const std::string sql = ByIdSql();
  for (int round = 0; round < 3; ++round) {
    CUPEL_ASSERT_OK(connection().Execute(sql, {ValueView::Int64(1)}));
    CUPEL_ASSERT_OK(round == 1 ? connection().Rollback()
                               : connection().Commit());
  }
}
TEST_F(PreparedStatementTest, SurvivesAChangeOfTheTable) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto before, Cells("SELECT * FROM item"));
  EXPECT_EQ(before.size(), 15u);
  CUPEL_ASSERT_OK(Execute("ALTER TABLE item ADD COLUMN extra INTEGER"));
  CUPEL_ASSERT_OK(connection().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto after, Cells("SELECT * FROM item"));
  EXPECT_EQ(after.size(), 20u);
}
TEST_F(PreparedStatementTest, SurvivesATableThatWasMadeAnew) {
  const schema::Table& table =
      Create(Keyed("anew").Column({.name = "n", .type = engine::Integer()}));
  CUPEL_ASSERT_OK(
      Execute(query::Insert(table).Set(Col<int64_t>(table, "n"), int64_t{1})));
  CUPEL_EXPECT_OK(Cells("SELECT n FROM anew"));
  CUPEL_ASSERT_OK(connection().Commit());
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK(other.Execute("DROP TABLE anew"));
    CUPEL_ASSERT_OK(other.Execute("CREATE TABLE anew (n VARCHAR(20))"));
    CUPEL_ASSERT_OK(other.Execute("INSERT INTO anew VALUES ('text')"));
    CUPEL_ASSERT_OK(other.Commit());
  }
  // The first use may have to tell that the statement is not what it was.
  if (!Cells("SELECT n FROM anew").ok()) {
    CUPEL_ASSERT_OK(connection().Rollback());
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto cells, Cells("SELECT n FROM anew"));
  ASSERT_THAT(cells, SizeIs(1));
  EXPECT_EQ(cells[0], engine::Value::Text("text"));
}
TEST_F(PreparedStatementTest, WorksAgainAfterAnError) {
  const auto row = query::Insert(i().table).Set(i().id, 1).Set(i().name, "x");
  EXPECT_THAT(Execute(row), IsKind(ErrorKind::kUniqueViolation));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_ASSERT_OK(Execute(query::Delete(i().table).Where(i().id == 1)));
  CUPEL_EXPECT_OK(Execute(row));
}
TEST_F(PreparedStatementTest, MoreTextsThanAreKept) {
  for (int64_t n = 0; n < 400; ++n) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const auto cells,
                               Cells(absl::StrCat("SELECT ", n)));
    ASSERT_THAT(cells, SizeIs(1));
  }
}
TEST_F(PreparedStatementTest, ParametersOfEachKindInOneStatement) {
  EXPECT_THAT(
      All(TypedSelect(query::Bind(int64_t{1}), query::Bind(2.5),
                      query::Bind("three"), query::Bind(true))),
      IsOkAndHolds(ElementsAre(std::make_tuple(1, 2.5, "three", true))));
}
TEST_F(PreparedStatementTest, ManyParameters) {
  const size_t count = std::min<size_t>(can().max_bind_parameters, 900);
  std::vector<query::Expr> terms;
  for (size_t n = 0; n < count; ++n) {
    terms.push_back(i().id == static_cast<int64_t>(n));
  }
  EXPECT_THAT(Scalars(TypedSelect(i().id).Where(query::Or(terms))),
              IsOkAndHolds(SizeIs(5)));
}

using CursorTest = FilledTest;

TEST_F(CursorTest, ReadsToTheEnd) {
  query::ResultCursor cursor = Start();
  for (int64_t id = 1; id <= 5; ++id) {
    ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
    EXPECT_THAT(cursor.Get<int64_t>(0), IsOkAndHolds(id));
  }
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(false));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(false));
}
TEST_F(CursorTest, OfNoRows) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(),
                     TypedSelect(i().id).Where(i().id > 99)));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(false));
}
TEST_F(CursorTest, NamesColumns) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(
          connection(), cache(),
          TypedSelect(i().id, (i().id * 2).Label("twice")).Where(i().id == 4)));
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor.Get<int64_t>("id"), IsOkAndHolds(4));
  EXPECT_THAT(cursor.Get<int64_t>("twice"), IsOkAndHolds(8));
  EXPECT_THAT(cursor.Get<int64_t>(i().id), IsOkAndHolds(4));
}
TEST_F(CursorTest, TwoColumnsOfOneName) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      engine::Cursor cursor,
      connection().Query("SELECT id AS a, name AS a FROM item WHERE "
                         "id = 1"));
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  ASSERT_EQ(cursor.row().size(), 2u);
  EXPECT_EQ(cursor.row()[1].bytes(), "ant");
}
TEST_F(CursorTest, NullIsNoDefault) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(),
                     TypedSelect(i().amount).Where(i().id == 3)));
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor.Get<int64_t>(0), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(cursor.Get<std::optional<int64_t>>(0),
              IsOkAndHolds(std::nullopt));
}
TEST_F(CursorTest, AbandonedInTheMiddle) {
  for (int round = 0; round < 5; ++round) {
    query::ResultCursor cursor = Start();
    ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
    EXPECT_THAT(cursor.Get<int64_t>(0), IsOkAndHolds(1));
  }
  EXPECT_THAT(Count(i().table), IsOkAndHolds(5));
  CUPEL_EXPECT_OK(connection().Commit());
}
TEST_F(CursorTest, FinishDropsTheRest) {
  query::ResultCursor cursor = Start();
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  CUPEL_EXPECT_OK(cursor.Finish());
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(false));
}
TEST_F(CursorTest, TwoAtOnce) {
  query::ResultCursor one = Start();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor two,
      query::Execute(connection(), cache(),
                     TypedSelect(i().name).OrderBy(i().id)));
  for (int64_t id = 1; id <= 5; ++id) {
    ASSERT_THAT(one.Next(), IsOkAndHolds(true));
    ASSERT_THAT(two.Next(), IsOkAndHolds(true));
    EXPECT_THAT(one.Get<int64_t>(0), IsOkAndHolds(id));
  }
  EXPECT_THAT(two.Get<std::string>(0), IsOkAndHolds("eel"));
}
TEST_F(CursorTest, TwoOfTheSameStatement) {
  query::ResultCursor one = Start();
  ASSERT_THAT(one.Next(), IsOkAndHolds(true));
  ASSERT_THAT(one.Next(), IsOkAndHolds(true));
  query::ResultCursor two = Start();
  ASSERT_THAT(two.Next(), IsOkAndHolds(true));
  EXPECT_THAT(two.Get<int64_t>(0), IsOkAndHolds(1));
  ASSERT_THAT(one.Next(), IsOkAndHolds(true));
  EXPECT_THAT(one.Get<int64_t>(0), IsOkAndHolds(3));
}
TEST_F(CursorTest, AWriteWhileReading) {
  query::ResultCursor cursor = Start();
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  CUPEL_ASSERT_OK(Execute(
      query::Update(i().table).Set(i().name, "changed").Where(i().id == 1)));
  size_t rest = 0;
  while (*cursor.Next()) ++rest;
  EXPECT_EQ(rest, 4u);
}
TEST_F(CursorTest, AnErrorBesideAnOpenCursor) {
  query::ResultCursor cursor = Start();
  ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  EXPECT_THAT(Execute("SELECT * FROM no_such_table"),
              IsKind(ErrorKind::kNoSuchTable));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Count(i().table), IsOkAndHolds(5));
}
TEST_F(CursorTest, OutlivesItsConnectionSafely) {
  std::optional<engine::Connection> other = Connect();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(*other, cache(), TypedSelect(i().id)));
  other.reset();
  EXPECT_THAT(cursor.Next(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

class LargeResultTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(CreateItems());
    std::vector<query::Statement> inserts;
    for (int64_t n = 1; n <= 3000; ++n) {
      inserts.push_back(query::Insert(items_->table)
                            .Set(items_->id, n)
                            .Set(items_->name, absl::StrCat("row ", n)));
    }
    CUPEL_ASSERT_OK(query::ExecuteMany(connection(), cache(), inserts));
  }
  std::optional<Items> items_;
};

TEST_F(LargeResultTest, IsStreamed) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(
          connection(), cache(),
          TypedSelect(items_->id, items_->name).OrderBy(items_->id)));
  int64_t sum = 0;
  for (int64_t n = 1; n <= 3000; ++n) {
    ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
    CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t id, cursor.Get<int64_t>(0));
    sum += id;
  }
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(false));
  EXPECT_EQ(sum, 3000 * 3001 / 2);
}
TEST_F(LargeResultTest, ComesInParts) {
  size_t parts = 0;
  size_t rows = 0;
  CUPEL_ASSERT_OK(query::ForEachPartition(
      connection(), cache(), TypedSelect(items_->id).OrderBy(items_->id), 700,
      [&](absl::Span<std::tuple<int64_t>> part) {
        ++parts;
        rows += part.size();
        return absl::OkStatus();
      }));
  EXPECT_EQ(parts, 5u);
  EXPECT_EQ(rows, 3000u);
}
TEST_F(LargeResultTest, AbandonedEarly) {
  EXPECT_THAT(query::First(connection(), cache(),
                           TypedSelect(items_->id).OrderBy(items_->id)),
              IsOkAndHolds(std::make_tuple(1)));
  EXPECT_THAT(Count(items_->table), IsOkAndHolds(3000));
}
TEST_F(LargeResultTest, AnErrorOfTheReaderEndsIt) {
  EXPECT_THAT(query::ForEachPartition(connection(), cache(),
                                      TypedSelect(items_->id), 10,
                                      [](absl::Span<std::tuple<int64_t>>) {
                                        return absl::CancelledError("enough");
                                      }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Count(items_->table), IsOkAndHolds(3000));
}

using FetchTest = FilledTest;

TEST_F(FetchTest, First) {
  EXPECT_THAT(query::First(connection(), cache(),
                           TypedSelect(i().id).Where(i().id > 99)),
              IsOkAndHolds(std::nullopt));
}
TEST_F(FetchTest, One) {
  EXPECT_THAT(query::One(connection(), cache(),
                         TypedSelect(i().name).Where(i().id == 1)),
              IsOkAndHolds(std::make_tuple("ant")));
  EXPECT_THAT(query::One(connection(), cache(),
                         TypedSelect(i().name).Where(i().id == 99)),
              IsKind(ErrorKind::kNotFound));
  EXPECT_THAT(query::One(connection(), cache(), TypedSelect(i().name)),
              IsKind(ErrorKind::kMultipleRows));
}
TEST_F(FetchTest, OneOrNone) {
  EXPECT_THAT(query::OneOrNone(connection(), cache(),
                               TypedSelect(i().name).Where(i().id == 99)),
              IsOkAndHolds(std::nullopt));
  EXPECT_THAT(query::OneOrNone(connection(), cache(), TypedSelect(i().name)),
              IsKind(ErrorKind::kMultipleRows));
}
TEST_F(FetchTest, ErasedStatements) {
  const query::Select all = query::Select::AllOf(i().table);
  EXPECT_THAT(
      (query::All<int64_t, std::string, std::optional<int64_t>>(
          connection(), cache(), all.Where(i().id == 3))),
      IsOkAndHolds(ElementsAre(std::make_tuple(3, "cat", std::nullopt))));
}
TEST_F(FetchTest, AWrongNumberOfColumnsIsRefused) {
  EXPECT_THAT((query::All<int64_t>(connection(), cache(),
                                   query::Select::AllOf(i().table))),
              ::testing::Not(IsOk()));
}

using DeadlineTest = FilledTest;

TEST_F(DeadlineTest, OneThatIsOverSendsNothing) {
  connection().set_deadline(Deadline::After(-absl::Seconds(1)));
  EXPECT_THAT(Execute("SELECT 1"),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  connection().set_deadline(Deadline::Infinite());
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(Execute("SELECT 1"));
}
TEST_F(DeadlineTest, EndsALongStatement) {
  const absl::Time start = absl::Now();
  connection().set_deadline(Deadline::After(absl::Milliseconds(150)));
  EXPECT_THAT(Execute(EndlessSql()), IsKind(ErrorKind::kStatementTimeout));
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}
TEST_F(DeadlineTest, TheConnectionIsGoodAfterARollback) {
  connection().set_deadline(Deadline::After(absl::Milliseconds(100)));
  EXPECT_THAT(Execute(EndlessSql()), IsKind(ErrorKind::kStatementTimeout));
  connection().set_deadline(Deadline::Infinite());
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Count(i().table), IsOkAndHolds(5));
}

using CancelTest = FilledTest;

TEST_F(CancelTest, AStoppedTokenRefusesStatements) {
  std::stop_source source;
  connection().set_stop_token(source.get_token());
  CUPEL_EXPECT_OK(Execute("SELECT 1"));
  source.request_stop();
  EXPECT_THAT(Execute("SELECT 1"), StatusIs(absl::StatusCode::kCancelled));
  CUPEL_ASSERT_OK(connection().Rollback());
  connection().set_stop_token(std::stop_token());
  CUPEL_EXPECT_OK(Execute("SELECT 1"));
}
TEST_F(CancelTest, StopsARunningStatement) {
  std::stop_source source;
  connection().set_stop_token(source.get_token());
  // Another thread stops it once it has started.
  absl::Notification started;
  std::thread stopper([&] {
    started.WaitForNotification();
    source.request_stop();
  });
  const engine::Subscription subscription =
      engine().events().OnStatementStart([&](engine::StatementStart&) {
        if (!started.HasBeenNotified()) started.Notify();
        return absl::OkStatus();
      });
  connection().set_deadline(Deadline::After(absl::Minutes(1)));
  EXPECT_THAT(Execute(EndlessSql()), StatusIs(absl::StatusCode::kCancelled));
  stopper.join();
  connection().set_stop_token(std::stop_token());
  CUPEL_ASSERT_OK(connection().Rollback());
}

class PoolResetTest : public FilledTest {};

TEST_F(PoolResetTest, TemporaryTablesDoNotPassOn) {
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK(
        other.Execute("CREATE TEMPORARY TABLE fleeting (a INTEGER)"));
    CUPEL_ASSERT_OK(other.Commit());
  }
  // The pool may hand out the same connection, or another one.
  std::vector<engine::Connection> others;
  for (int n = 0; n < 3; ++n) {
    others.push_back(Connect());
    EXPECT_THAT(others.back().Execute("SELECT * FROM fleeting"),
                IsKind(ErrorKind::kNoSuchTable));
  }
}
TEST_F(PoolResetTest, DeadlinesAndOptionsDoNotPassOn) {
  {
    engine::Connection other = Connect();
    other.set_deadline(Deadline::After(-absl::Seconds(1)));
  }
  engine::Connection other = Connect();
  CUPEL_EXPECT_OK(other.Execute("SELECT 1"));
}
TEST_F(PoolResetTest, OpenCursorsDoNotPassOn) {
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Cursor cursor,
                               other.Query("SELECT id FROM item"));
    ASSERT_THAT(cursor.Next(), IsOkAndHolds(true));
  }
  engine::Connection other = Connect();
  EXPECT_FALSE(other.in_transaction());
  EXPECT_THAT(Count(other, i().table), IsOkAndHolds(5));
}

}  // namespace
}  // namespace cupel::dialect_suite
