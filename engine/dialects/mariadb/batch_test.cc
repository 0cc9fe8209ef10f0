// Many rows of parameters for one statement.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::DriverConnection;
using engine::ErrorKind;
using engine::KindOf;
using engine::Value;
using engine::ValueView;
using testing::IsOk;
using testing::IsOkAndHolds;

class RowSource final : public engine::BatchSource {
 public:
  explicit RowSource(Rows rows) : rows_(std::move(rows)) {}

  size_t size() const override { return rows_.size(); }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    views_.clear();
    for (const Value& value : rows_[i]) views_.push_back(value.view());
    return absl::MakeConstSpan(views_);
  }

 private:
  Rows rows_;
  std::vector<ValueView> views_;
};

class ResultSink final : public engine::BatchSink {
 public:
  absl::Status OnRow(size_t i, const engine::ExecuteResult& result,
                     absl::Span<const ValueView> returned) override {
    EXPECT_EQ(i, results.size());
    results.push_back(result);
    if (!returned.empty()) keys.push_back(returned[0].int64_value());
    return absl::OkStatus();
  }

  std::vector<engine::ExecuteResult> results;
  std::vector<int64_t> keys;
};

class BatchTest : public DriverTest {
 protected:
  // How many commands the server has got on this connection.
  int64_t Commands(DriverConnection& db) {
    auto rows = Select(db, "SHOW SESSION STATUS LIKE 'Questions'");
    EXPECT_THAT(rows, IsOk());
    int64_t count = 0;
    EXPECT_TRUE(absl::SimpleAtoi((*rows)[0][1].view().bytes(), &count));
    return count;
  }

  absl::Status Run(DriverConnection& db, absl::string_view sql, Rows rows,
                   engine::BatchSink* sink = nullptr,
                   engine::ExecuteResult* result = nullptr) {
    auto statement = db.Prepare(sql, {});
    if (!statement.ok()) return statement.status();
    RowSource source(std::move(rows));
    absl::Status status = (*statement)->ExecuteBatch(source, sink, {});
    if (result != nullptr) *result = (*statement)->result();
    return status;
  }
};

TEST_F(BatchTest, SendsManyRowsInFewMessages) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20))"});
  Rows rows;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back({Value::Int64(i), i % 3 == 0
                                         ? Value::Null()
                                         : Value::Text(absl::StrCat("n", i))});
  }
  const int64_t before = Commands(*db);
  engine::ExecuteResult result;
  ASSERT_THAT(Run(*db, "INSERT INTO t VALUES (?, ?)", rows, nullptr, &result),
              IsOk());
  EXPECT_LE(Commands(*db) - before, 5);
  EXPECT_EQ(result.affected_rows, 1000);
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(a) FROM t"), IsOkAndHolds(499500));
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t WHERE b IS NULL"),
              IsOkAndHolds(334));
  EXPECT_THAT(SelectInteger(*db, "SELECT a FROM t WHERE b = 'n998'"),
              IsOkAndHolds(998));
}

TEST_F(BatchTest, SendsAllKindsInBulk) {
  auto db = OpenWith(
      {"CREATE TABLE t (a INT PRIMARY KEY, d DOUBLE, n DECIMAL(30, 10), s TEXT "
       "CHARACTER SET utf8mb4, b BLOB, dt DATE, ti TIME(6), ts DATETIME(6), bo "
       "BOOLEAN, x INT)"});
  const engine::Decimal decimal =
      *engine::Decimal::Parse("12345678901234567890.5");
  Rows rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back({Value::Int64(i), Value::Double(i + 0.5),
                    Value::Decimal(decimal), Value::Text("\xF0\x9F\x98\x80"),
                    Value::Blob(std::string("\0\xff", 2)), Value::Date(i - 1),
                    Value::Time(i), Value::Timestamp(i - 1),
                    Value::Bool(i == 1), Value::Null()});
  }
  ASSERT_THAT(
      Run(*db, "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows),
      IsOk());
  auto read = Select(*db, "SELECT * FROM t ORDER BY a");
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), 3u);
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 10; ++k) {
      if (k == 8) continue;
      EXPECT_EQ((*read)[i][k], rows[i][k]) << i << " " << k;
    }
    EXPECT_EQ((*read)[i][8], Value::Int64(i == 1));
  }
}

TEST_F(BatchTest, UpdatesAndDeletesInBulk) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b INT)",
                      "INSERT INTO t SELECT seq, 0 FROM seq_1_to_100"});
  Rows rows;
  for (int i = 1; i <= 100; ++i) rows.push_back({Value::Int64(i)});
  engine::ExecuteResult result;
  ASSERT_THAT(
      Run(*db, "UPDATE t SET b = a WHERE a = ?", rows, nullptr, &result),
      IsOk());
  EXPECT_EQ(result.affected_rows, 100);
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(b) FROM t"), IsOkAndHolds(5050));
  rows.resize(40);
  ASSERT_THAT(Run(*db, "DELETE FROM t WHERE a = ?", rows, nullptr, &result),
              IsOk());
  EXPECT_EQ(result.affected_rows, 40);
}

TEST_F(BatchTest, RowsOfOtherKindsGoInMessagesOfTheirOwn) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20))"});
  ASSERT_THAT(Run(*db, "INSERT INTO t VALUES (?, ?)",
                  {{Value::Int64(1), Value::Text("x")},
                   {Value::Int64(2), Value::Int64(5)},
                   {Value::Int64(3), Value::Null()},
                   {Value::Int64(4), Value::Double(0.5)}}),
              IsOk());
  EXPECT_THAT(SelectText(*db, "SELECT GROUP_CONCAT(b ORDER BY a) FROM t"),
              IsOkAndHolds("x,5,0.5"));
}

TEST_F(BatchTest, RowsBeyondAMessageGoInSeveral) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b LONGBLOB)"});
  Rows rows;
  for (int i = 0; i < 10; ++i) {
    rows.push_back({Value::Int64(i), Value::Blob(std::string(3 << 20, 'x'))});
  }
  ASSERT_THAT(Run(*db, "INSERT INTO t VALUES (?, ?)", rows), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(LENGTH(b)) FROM t"),
              IsOkAndHolds(int64_t{10} * (3 << 20)));
}

TEST_F(BatchTest, TellsWhatEachRowDid) {
  auto db =
      OpenWith({"CREATE TABLE t (a INT PRIMARY KEY AUTO_INCREMENT, b INT)"});
  ResultSink sink;
  ASSERT_THAT(Run(*db, "INSERT INTO t (b) VALUES (?)",
                  {{Value::Int64(7)}, {Value::Int64(8)}}, &sink),
              IsOk());
  ASSERT_EQ(sink.results.size(), 2u);
  EXPECT_EQ(sink.results[0].last_insert_id, 1);
  EXPECT_EQ(sink.results[1].last_insert_id, 2);
  ResultSink returning;
  ASSERT_THAT(Run(*db, "INSERT INTO t (b) VALUES (?) RETURNING a",
                  {{Value::Int64(9)}, {Value::Int64(10)}}, &returning),
              IsOk());
  EXPECT_EQ(returning.keys, (std::vector<int64_t>{3, 4}));
}

TEST_F(BatchTest, ValuesThatNothingTakesAreRefused) {
  auto db = Open();
  EXPECT_EQ(KindOf(Run(*db, "PREPARE s FROM 'SELECT 1'", {{Value::Int64(1)}})),
            ErrorKind::kMisuse);
}

TEST_F(BatchTest, TellsWhatRowsByKeyDidFromTheirSum) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b INT)",
                      "INSERT INTO t SELECT seq, 0 FROM seq_1_to_100"});
  Rows rows;
  for (int i = 1; i <= 100; ++i) rows.push_back({Value::Int64(i)});
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ResultSink sink;
  const int64_t before = Commands(*db);
  ASSERT_THAT(Run(*db, "UPDATE t SET b = a WHERE a = ?", rows, &sink), IsOk());
  EXPECT_LE(Commands(*db) - before, 8);
  ASSERT_EQ(sink.results.size(), 100u);
  EXPECT_EQ(sink.results[99].affected_rows, 1);
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(b) FROM t"), IsOkAndHolds(5050));
  // What is the same already counts as well.
  ResultSink same;
  ASSERT_THAT(Run(*db, "UPDATE t SET b = a WHERE a = ?", rows, &same), IsOk());
  EXPECT_EQ(same.results[50].affected_rows, 1);
  // When one is not there, the sum does not say which.
  rows[70] = {Value::Int64(1000)};
  ResultSink missing;
  ASSERT_THAT(Run(*db, "DELETE FROM `t` WHERE `a` = ?", rows, &missing),
              IsOk());
  ASSERT_EQ(missing.results.size(), 100u);
  EXPECT_EQ(missing.results[69].affected_rows, 1);
  EXPECT_EQ(missing.results[70].affected_rows, 0);
  EXPECT_EQ(missing.results[71].affected_rows, 1);
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(a) FROM t"), IsOkAndHolds(71));
}

TEST_F(BatchTest, AsksRowByRowWhereTheSumTellsNothing) {
  auto db =
      OpenWith({"CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a, b))",
                "INSERT INTO t SELECT (seq - 1) DIV 2, seq, 0 FROM seq_1_to_40",
                "CREATE VIEW v AS SELECT a, c FROM t"});
  Rows rows;
  for (int i = 0; i < 40; ++i) rows.push_back({Value::Int64(i)});
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  // Two rows for half of the keys, and none for the others.
  for (absl::string_view sql :
       {"UPDATE t SET c = 1 WHERE a = ?", "UPDATE v SET c = 2 WHERE a = ?"}) {
    ResultSink sink;
    ASSERT_THAT(Run(*db, sql, rows, &sink), IsOk());
    ASSERT_EQ(sink.results.size(), 40u);
    EXPECT_EQ(sink.results[0].affected_rows, 2) << sql;
    EXPECT_EQ(sink.results[39].affected_rows, 0) << sql;
  }
}

TEST_F(BatchTest, AnErrorInRowsByKeyIsThatOfTheRow) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE)",
                      "INSERT INTO t SELECT seq, seq FROM seq_1_to_40"});
  Rows rows;
  for (int i = 1; i <= 40; ++i) {
    rows.push_back({Value::Int64(i == 30 ? 1 : 100 + i), Value::Int64(i)});
  }
  rows[5][0] = Value::Int64(1);
  rows[0][0] = Value::Int64(1);
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ResultSink sink;
  EXPECT_EQ(KindOf(Run(*db, "UPDATE t SET b = ? WHERE a = ?", rows, &sink)),
            ErrorKind::kUniqueViolation);
  EXPECT_EQ(sink.results.size(), 5u);
  EXPECT_TRUE(db->in_transaction());
}

TEST_F(BatchTest, EndsAtTheFirstError) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY)"});
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  const absl::Status status =
      Run(*db, "INSERT INTO t VALUES (?)",
          {{Value::Int64(1)}, {Value::Int64(1)}, {Value::Int64(2)}});
  EXPECT_EQ(KindOf(status), ErrorKind::kUniqueViolation);
  EXPECT_EQ(InfoOf(status).constraint, "PRIMARY");
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(0));
  // The statement's single form is not disturbed.
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (?)", {ValueView::Int64(5)}),
              IsOk());
}

}  // namespace
}  // namespace cupel::mariadb_internal
