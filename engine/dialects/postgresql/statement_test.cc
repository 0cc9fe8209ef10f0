// Rows as they come, several statements at a time, and batches.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::ErrorKind;
using engine::Value;
using engine::ValueView;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr char kMillion[] =
    "SELECT i FROM generate_series(1, 1000000) AS s (i)";

class PostgresqlStatementTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (IsSkipped()) return;
    connection_ = Open();
    CUPEL_ASSERT_OK(
        Exec(*connection_, "CREATE TABLE t (a int PRIMARY KEY, b text)"));
  }

  std::unique_ptr<engine::DriverStatement> Prepare(absl::string_view sql) {
    auto statement = connection_->Prepare(sql, {});
    EXPECT_THAT(statement, IsOk());
    return *std::move(statement);
  }

  std::unique_ptr<engine::DriverConnection> connection_;
};

TEST_F(PostgresqlStatementTest, DescribesItsColumnsAndParameters) {
  auto statement = Prepare("SELECT a AS x, b FROM t WHERE a = $1 AND b < $2");
  EXPECT_EQ(statement->parameter_count(), 2);
  ASSERT_EQ(statement->columns().size(), 2U);
  EXPECT_EQ(statement->columns()[0].name, "x");
  EXPECT_EQ(statement->columns()[0].declared_type, "integer");
  EXPECT_EQ(statement->columns()[1].declared_type, "text");
  EXPECT_TRUE(Prepare("INSERT INTO t VALUES (1)")->columns().empty());
}

// The columns of a statement that is prepared again, or is not kept prepared,
// are those of the table as it is now.
TEST_F(PostgresqlStatementTest, ReadsTheColumnsOfATableThatChanges) {
  const struct {
    const char* change;
    Value a;
    size_t columns;
  } cases[] = {
      {"ALTER TABLE t ALTER a TYPE bigint", Value::Int64(1), 2},
      {"ALTER TABLE t ALTER a TYPE text USING a::text", Value::Text("1"), 2},
      {"ALTER TABLE t ADD c int", Value::Text("1"), 3},
      {"ALTER TABLE t ALTER a TYPE date USING '1970-01-06'", Value::Date(5), 3},
      {"ALTER TABLE t DROP b", Value::Date(5), 2},
  };
  for (absl::string_view options :
       {"", "prepare=off", "fetch_size=10", "prepare=off&fetch_size=10"}) {
    SCOPED_TRACE(options);
    CUPEL_ASSERT_OK(Exec(*connection_, "DROP TABLE t"));
    CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t (a int, b text)"));
    CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1, 'x')"));
    auto reader = Open(options);
    CUPEL_ASSERT_OK_AND_ASSIGN(auto all,
                               reader->Prepare("SELECT * FROM t", {}));
    const auto read_all = [&]() -> absl::StatusOr<std::vector<Value>> {
      absl::Status status = all->Execute({}, {});
      // What the engine would do.
      if (InfoOf(status).retry == engine::Retry::kStatement) {
        status = all->Execute({}, {});
      }
      if (!status.ok()) return status;
      EXPECT_THAT(all->Next({}), IsOkAndHolds(true));
      std::vector<Value> row;
      for (const ValueView& cell : all->row()) row.emplace_back(cell);
      EXPECT_EQ(all->columns().size(), row.size());
      EXPECT_THAT(all->Next({}), IsOkAndHolds(false));
      return row;
    };
    CUPEL_ASSERT_OK_AND_ASSIGN(std::vector<Value> row, read_all());
    EXPECT_EQ(row[0], Value::Int64(1));
    for (const auto& each : cases) {
      SCOPED_TRACE(each.change);
      CUPEL_ASSERT_OK(Exec(*connection_, each.change));
      CUPEL_ASSERT_OK(reader->Begin({}, {}));
      CUPEL_ASSERT_OK_AND_ASSIGN(row, read_all());
      CUPEL_ASSERT_OK(reader->Commit({}));
      EXPECT_EQ(row[0], each.a);
      EXPECT_EQ(row.size(), each.columns);
    }
    // Of a type that no row gives in binary: an error, or text, never bytes.
    CUPEL_ASSERT_OK(Exec(*connection_,
                         "ALTER TABLE t ALTER a TYPE inet USING '127.0.0.1'"));
    CUPEL_ASSERT_OK(reader->Begin({}, {}));
    auto last = read_all();
    if (!last.ok()) {
      EXPECT_EQ(InfoOf(last.status()).retry, engine::Retry::kOnlyIfIdempotent);
      last = read_all();
    }
    CUPEL_ASSERT_OK(last);
    EXPECT_EQ((*last)[0], Value::Text("127.0.0.1"));
    CUPEL_ASSERT_OK(reader->Commit({}));
  }
}

TEST_F(PostgresqlStatementTest, TellsWhatWasDone) {
  auto statement = Prepare(
      "INSERT INTO t SELECT i FROM generate_series(1, 3) "
      "AS s (i) RETURNING a");
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  int64_t rows = 0;
  while (*statement->Next({})) ++rows;
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(statement->result().affected_rows, 3);
  auto update = Prepare("UPDATE t SET b = b");
  CUPEL_ASSERT_OK(update->Execute({}, {}));
  EXPECT_THAT(update->Next({}), IsOkAndHolds(false));
  EXPECT_EQ(update->result().affected_rows, 3);
  auto select = Prepare("SELECT a FROM t");
  CUPEL_ASSERT_OK(select->Execute({}, {}));
  while (*select->Next({})) {
  }
  EXPECT_EQ(select->result().affected_rows, 0);
}

TEST_F(PostgresqlStatementTest, StreamsAMillionRows) {
  auto statement = Prepare(kMillion);
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  int64_t sum = 0;
  while (true) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const bool more, statement->Next({}));
    if (!more) break;
    sum += statement->row()[0].int64_value();
  }
  EXPECT_EQ(sum, int64_t{500000500000});
}

TEST_F(PostgresqlStatementTest, AnErrorAmongTheRowsIsTold) {
  auto statement =
      Prepare("SELECT 10 / (3 - i) FROM generate_series(1, 5) AS s (i)");
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(statement->row()[0], ValueView::Int64(5));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  const auto failed = statement->Next({});
  EXPECT_EQ(InfoOf(failed.status()).native_code, "22012");
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

TEST_F(PostgresqlStatementTest, StatementsInterleave) {
  auto outer = Prepare("SELECT i FROM generate_series(1, 100) AS s (i)");
  CUPEL_ASSERT_OK(outer->Execute({}, {}));
  auto inner = Prepare("SELECT i FROM generate_series(1, $1::int) AS s (i)");
  int64_t outer_rows = 0;
  int64_t inner_rows = 0;
  while (true) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const bool more, outer->Next({}));
    if (!more) break;
    EXPECT_EQ(outer->row()[0], ValueView::Int64(++outer_rows));
    const ValueView limit = outer->row()[0];
    CUPEL_ASSERT_OK(inner->Execute({&limit, 1}, {}));
    while (*inner->Next({})) ++inner_rows;
    // The row of the other is still there.
    EXPECT_EQ(outer->row()[0], ValueView::Int64(outer_rows));
  }
  EXPECT_EQ(outer_rows, 100);
  EXPECT_EQ(inner_rows, 5050);
}

TEST_F(PostgresqlStatementTest, AnErrorOfAnInterruptedReaderIsItsOwn) {
  auto failing =
      Prepare("SELECT 10 / (3 - i) FROM generate_series(1, 5) AS s (i)");
  CUPEL_ASSERT_OK(failing->Execute({}, {}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 7"), IsOkAndHolds(7));
  EXPECT_THAT(failing->Next({}), IsOkAndHolds(true));
  EXPECT_THAT(failing->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(InfoOf(failing->Next({}).status()).native_code, "22012");
  EXPECT_THAT(failing->Next({}), IsOkAndHolds(false));
}

// E27
TEST_F(PostgresqlStatementTest, AbandonedRowsAreInNobodysWay) {
  {
    // Few of them are on their way when the server is stopped.
    auto statement =
        Prepare("SELECT repeat('x', 10000) FROM generate_series(1, 1000000)");
    CUPEL_ASSERT_OK(statement->Execute({}, {}));
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  }
  EXPECT_TRUE(connection_->is_alive());
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
  // In a transaction its work survives.
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  auto statement = Prepare(kMillion);
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  statement->Reset();
  CUPEL_ASSERT_OK(connection_->Commit({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(1));
}

// Rows (i, "text i").
class Numbers : public engine::BatchSource {
 public:
  explicit Numbers(size_t size, size_t duplicate = SIZE_MAX)
      : size_(size), duplicate_(duplicate) {}
  size_t size() const override { return size_; }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    text_ = absl::StrCat("text ", i);
    row_ = {ValueView::Int64(i == duplicate_ ? 0 : static_cast<int64_t>(i)),
            ValueView::Text(text_)};
    return absl::Span<const ValueView>(row_);
  }

 private:
  const size_t size_;
  const size_t duplicate_;
  std::string text_;
  std::vector<ValueView> row_;
};

class Answers : public engine::BatchSink {
 public:
  absl::Status OnRow(size_t i, const engine::ExecuteResult& result,
                     absl::Span<const ValueView> returned) override {
    if (i == fails_at) return absl::DataLossError("the sink");
    in_order = in_order && i == rows++;
    affected += result.affected_rows;
    if (!returned.empty()) sum += returned[0].int64_value();
    return absl::OkStatus();
  }
  size_t fails_at = SIZE_MAX;
  size_t rows = 0;
  int64_t affected = 0;
  int64_t sum = 0;
  bool in_order = true;
};

TEST_F(PostgresqlStatementTest, ABatchTellsOfEachRow) {
  auto statement = Prepare("INSERT INTO t VALUES ($1, $2) RETURNING a");
  Numbers rows(10'000);
  Answers answers;
  CUPEL_ASSERT_OK(statement->ExecuteBatch(rows, &answers, {}));
  EXPECT_TRUE(answers.in_order);
  EXPECT_EQ(answers.rows, 10000U);
  EXPECT_EQ(answers.affected, 10'000);
  EXPECT_EQ(answers.sum, 49'995'000);
  EXPECT_EQ(statement->result().affected_rows, 10'000);
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(DISTINCT b) FROM t"),
              IsOkAndHolds(10'000));
}

TEST_F(PostgresqlStatementTest, AnErrorEndsABatch) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  auto statement = Prepare("INSERT INTO t VALUES ($1, $2) RETURNING a");
  Numbers rows(5000, /*duplicate=*/1234);
  Answers answers;
  const absl::Status status = statement->ExecuteBatch(rows, &answers, {});
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kUniqueViolation);
  EXPECT_EQ(answers.rows, 1234U);
  EXPECT_EQ(InfoOf(status).transaction_state,
            engine::TransactionState::kPoisoned);
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

TEST_F(PostgresqlStatementTest, ASinkEndsABatch) {
  auto statement = Prepare("INSERT INTO t VALUES ($1, $2)");
  Numbers rows(100);
  Answers answers;
  answers.fails_at = 10;
  EXPECT_THAT(statement->ExecuteBatch(rows, &answers, {}),
              StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

TEST_F(PostgresqlStatementTest, LargeRowsOfABatchDoNotPileUp) {
  class Large : public engine::BatchSource {
   public:
    size_t size() const override { return 200; }
    absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
      row_ = {ValueView::Int64(static_cast<int64_t>(i)),
              ValueView::Text(text_)};
      return absl::Span<const ValueView>(row_);
    }

   private:
    const std::string text_ = std::string(300'000, 'x');
    std::vector<ValueView> row_;
  };
  auto statement = Prepare("INSERT INTO t VALUES ($1, $2) RETURNING b");
  Large rows;
  CUPEL_ASSERT_OK(statement->ExecuteBatch(rows, nullptr, {}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT sum(length(b)) FROM t"),
              IsOkAndHolds(60'000'000));
}

TEST_F(PostgresqlStatementTest, ABatchMayChangeTheTypesOfItsValues) {
  class Mixed : public engine::BatchSource {
   public:
    size_t size() const override { return 4; }
    absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
      row_ = i % 2 == 0 ? ValueView::Int64(1) : ValueView::Text("x");
      return absl::Span<const ValueView>(&row_, 1);
    }

   private:
    ValueView row_;
  };
  class Kinds : public engine::BatchSink {
   public:
    absl::Status OnRow(size_t, const engine::ExecuteResult&,
                       absl::Span<const ValueView> returned) override {
      kinds.push_back(returned[0].kind());
      return absl::OkStatus();
    }
    std::vector<engine::ValueKind> kinds;
  };
  Mixed rows;
  Kinds kinds;
  CUPEL_ASSERT_OK(Prepare("SELECT $1")->ExecuteBatch(rows, &kinds, {}));
  EXPECT_THAT(kinds.kinds,
              ElementsAre(engine::ValueKind::kInt64, engine::ValueKind::kText,
                          engine::ValueKind::kInt64, engine::ValueKind::kText));
}

// E29
TEST_F(PostgresqlStatementTest, WhatIsTooLongIsNotSent) {
  const std::string long_text(size_t{1} << 30, 'x');
  EXPECT_THAT(SelectValue(*connection_, "SELECT length($1)",
                          {ValueView::Text(long_text)}),
              StatusIs(StatusCode::kOutOfRange));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

}  // namespace
}  // namespace cupel::postgresql_internal
