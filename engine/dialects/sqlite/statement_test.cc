#include "cupel/engine/dialects/sqlite/statement.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::ExecuteResult;
using engine::TransactionState;
using engine::Value;
using engine::ValueKind;
using engine::ValueView;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StatementTest : public ::testing::Test {
 protected:
  StatementTest() : connection_(OpenUrl("sqlite://").value()) {}

  std::unique_ptr<engine::DriverStatement> Prepare(absl::string_view sql) {
    return connection_->Prepare(sql, {}).value();
  }

  std::unique_ptr<DriverConnection> connection_;
};

// F27, F28
TEST_F(StatementTest, ValuesComeBackAsTheyWent) {
  const std::string large(100'000, 'x');
  const ValueView values[] = {
      ValueView::Null(),
      ValueView::Int64(0),
      ValueView::Int64(std::numeric_limits<int64_t>::min()),
      ValueView::Int64(std::numeric_limits<int64_t>::max()),
      ValueView::Double(0.1),
      ValueView::Double(-0.0),
      ValueView::Double(5e-324),
      ValueView::Double(std::numeric_limits<double>::max()),
      ValueView::Double(std::numeric_limits<double>::infinity()),
      ValueView::Text(""),
      ValueView::Text(absl::string_view()),
      ValueView::Text("grüße 👋"),
      ValueView::Text(absl::string_view("ab\0cd", 5)),
      ValueView::Text(large),
      ValueView::Blob(""),
      ValueView::Blob(absl::string_view("\0\xff\x80", 3)),
      ValueView::Blob(large),
  };
  auto statement = Prepare("SELECT ?");
  for (const ValueView& value : values) {
    SCOPED_TRACE(value.DebugString());
    CUPEL_ASSERT_OK(statement->Execute({value}, {}));
    ASSERT_THAT(statement->Next({}), IsOkAndHolds(true));
    EXPECT_EQ(statement->row()[0], value);
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  }
}

TEST_F(StatementTest, BooleansAreIntegersAndJsonIsText) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Rows rows, Select(*connection_, "SELECT ?, ?, ?",
                              {ValueView::Bool(true), ValueView::Bool(false),
                               ValueView::Json("[1]")}));
  EXPECT_EQ(rows[0][0], Value::Int64(1));
  EXPECT_EQ(rows[0][1], Value::Int64(0));
  EXPECT_EQ(rows[0][2], Value::Text("[1]"));
}

// F27
TEST_F(StatementTest, NotANumberIsRefusedNotStoredAsNull) {
  EXPECT_THAT(Exec(*connection_, "SELECT ?", {ValueView::Double(std::nan(""))}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("NaN")));
}

TEST_F(StatementTest, RefusesWhatHasNoForm) {
  EXPECT_THAT(Exec(*connection_, "SELECT ?", {ValueView::Date(1)}),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("codec")));
}

TEST_F(StatementTest, RefusesTheWrongNumberOfParameters) {
  EXPECT_THAT(Exec(*connection_, "SELECT ?, ?", {ValueView::Int64(1)}),
              StatusIs(StatusCode::kFailedPrecondition,
                       HasSubstr("2 parameters, 1 values")));
}

// F19
TEST_F(StatementTest, TooManyParametersAreOutOfRange) {
  const int limit =
      sqlite3_limit(static_cast<sqlite3*>(connection_->native_handle()),
                    SQLITE_LIMIT_VARIABLE_NUMBER, -1);
  EXPECT_THAT(Exec(*connection_, absl::StrCat("SELECT ?", limit + 1)),
              StatusIs(StatusCode::kOutOfRange));
}

// F20
TEST_F(StatementTest, TooDeepExpressionsAreOutOfRange) {
  std::string deep = "1";
  for (int i = 0; i < 200; ++i) deep = absl::StrCat("(", deep, ")");
  EXPECT_THAT(Exec(*connection_, absl::StrCat("SELECT ", deep)),
              StatusIs(StatusCode::kOutOfRange));
  std::string chain = "1";
  for (int i = 0; i < 1100; ++i) chain += " AND 1";
  EXPECT_THAT(Exec(*connection_, absl::StrCat("SELECT ", chain)),
              StatusIs(StatusCode::kOutOfRange));
}

TEST_F(StatementTest, NamesItsColumns) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t(a VARCHAR(5), \"b.c\")"));
  auto statement = Prepare("SELECT a, \"b.c\", 1 + 1 AS \"d?\" FROM t");
  ASSERT_THAT(statement->columns(), SizeIs(3));
  EXPECT_EQ(statement->columns()[0].name, "a");
  EXPECT_EQ(statement->columns()[0].declared_type, "VARCHAR(5)");
  EXPECT_EQ(statement->columns()[1].name, "b.c");
  EXPECT_EQ(statement->columns()[2].name, "d?");
  EXPECT_EQ(statement->columns()[2].declared_type, "");
  EXPECT_THAT(Prepare("DELETE FROM t")->columns(), IsEmpty());
}

// ENG-63
TEST_F(StatementTest, CountsRowsAndKnowsTheLastId) {
  CUPEL_ASSERT_OK(
      Exec(*connection_,
           "CREATE TABLE one(id INTEGER PRIMARY KEY AUTOINCREMENT, a)"));
  auto first = Prepare("INSERT INTO one(a) VALUES ('x')");
  CUPEL_ASSERT_OK(first->Execute({}, {}));
  EXPECT_EQ(first->result().affected_rows, 1);
  EXPECT_EQ(first->result().last_insert_id, 1);
  CUPEL_ASSERT_OK(
      Exec(*connection_, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)"));
  auto insert = Prepare("INSERT INTO t(a) VALUES (1), (1), (2)");
  CUPEL_ASSERT_OK(insert->Execute({}, {}));
  EXPECT_THAT(insert->Next({}), IsOkAndHolds(false));
  EXPECT_EQ(insert->result().affected_rows, 3);
  EXPECT_EQ(insert->result().last_insert_id, 3);
  // Rows that an UPDATE leaves as they were count, too.
  auto update = Prepare("UPDATE t SET a = a WHERE a = 1");
  CUPEL_ASSERT_OK(update->Execute({}, {}));
  EXPECT_EQ(update->result().affected_rows, 2);
  auto all = Prepare("UPDATE t SET a = a + 1");
  CUPEL_ASSERT_OK(all->Execute({}, {}));
  EXPECT_EQ(all->result().affected_rows, 3);
  auto nothing = Prepare("DELETE FROM t WHERE a = 9");
  CUPEL_ASSERT_OK(nothing->Execute({}, {}));
  EXPECT_EQ(nothing->result().affected_rows, 0);
  auto ddl = Prepare("CREATE TABLE u(a)");
  CUPEL_ASSERT_OK(ddl->Execute({}, {}));
  EXPECT_EQ(ddl->result().affected_rows, 0);
}

TEST_F(StatementTest, ReturningGivesRows) {
  CUPEL_ASSERT_OK(
      Exec(*connection_, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Rows rows,
      Select(*connection_, "INSERT INTO t(a) VALUES (5), (6) RETURNING id, a"));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[1][0], Value::Int64(2));
  EXPECT_EQ(rows[1][1], Value::Int64(6));
}

// E27, ENG-64
TEST_F(StatementTest, AbandonedRowsHoldNoLocks) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1), (2), (3)"));
  auto statement = Prepare("SELECT a FROM t");
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  // E11: the own cursor is in the way, which is not worth waiting for.
  const absl::Status status = Exec(*connection_, "DROP TABLE t");
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable, HasSubstr("cursor")));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kLocked);
  statement->Reset();
  CUPEL_EXPECT_OK(Exec(*connection_, "DROP TABLE t"));
}

// ENG-64
TEST_F(StatementTest, StreamsAMillionRows) {
  auto statement = Prepare(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
      " WHERE i < 1000000) SELECT i, 'some text of the row' FROM n");
  const int64_t before = sqlite3_memory_used();
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  int64_t sum = 0;
  int64_t peak = 0;
  for (int64_t rows = 1;; ++rows) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const bool more, statement->Next({}));
    if (!more) break;
    sum += statement->row()[0].int64_value();
    if (rows % 10000 == 0)
      peak = std::max<int64_t>(peak, sqlite3_memory_used());
  }
  EXPECT_EQ(sum, 500'000'500'000);
  EXPECT_LT(peak - before, 1 << 20);
}

// ENG-79
TEST_F(StatementTest, AViolationTellsAll) {
  CUPEL_ASSERT_OK(Exec(*connection_,
                       "CREATE TABLE author(id INTEGER PRIMARY KEY,"
                       " email TEXT NOT NULL UNIQUE,"
                       " age INT CONSTRAINT grown CHECK (age > 17))"));
  constexpr absl::string_view kInsert = "INSERT INTO author VALUES (?, ?, ?)";
  const ValueView email = ValueView::Text("hunter2@example.com");
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, kInsert,
                       {ValueView::Int64(1), email, ValueView::Int64(20)}));
  absl::Status status =
      Exec(*connection_, kInsert,
           {ValueView::Int64(2), email, ValueView::Int64(20)});
  EXPECT_EQ(status.code(), StatusCode::kAlreadyExists);
  engine::ErrorInfo info = InfoOf(status);
  EXPECT_EQ(info.native_code, "2067");
  EXPECT_EQ(info.table, "author");
  EXPECT_EQ(info.column, "email");
  EXPECT_EQ(info.statement, kInsert);
  EXPECT_EQ(info.transaction_state, TransactionState::kActive);
  EXPECT_THAT(status.ToString(), ::testing::Not(HasSubstr("hunter2")));

  status = Exec(*connection_, kInsert,
                {ValueView::Int64(1), ValueView::Text("x"), ValueView::Null()});
  EXPECT_EQ(InfoOf(status).native_code, "1555");
  status = Exec(*connection_, kInsert,
                {ValueView::Int64(3), ValueView::Null(), ValueView::Null()});
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kNotNullViolation);
  EXPECT_EQ(InfoOf(status).column, "email");
  status =
      Exec(*connection_, kInsert,
           {ValueView::Int64(3), ValueView::Text("x"), ValueView::Int64(3)});
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCheckViolation);
  EXPECT_EQ(InfoOf(status).constraint, "grown");
  EXPECT_EQ(InfoOf(Exec(*connection_, "SELEC 1")).kind, ErrorKind::kSyntax);
  EXPECT_EQ(InfoOf(Exec(*connection_, "CREATE TABLE author(a)")).kind,
            ErrorKind::kAlreadyExists);
}

// F28
TEST_F(StatementTest, AStrictTableRefusesTextInAnIntegerColumn) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t(a INTEGER) STRICT"));
  const absl::Status status =
      Exec(*connection_, "INSERT INTO t VALUES (?)", {ValueView::Text("x")});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(InfoOf(status).native_code, "3091");
}

// QPSG: see ENG-82.
TEST_F(StatementTest, ANewLikePatternDoesNotCompileTheStatementAgain) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t(a TEXT)"));
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE INDEX i ON t(a COLLATE NOCASE)"));
  auto statement = Prepare("SELECT a FROM t WHERE a LIKE ?");
  for (absl::string_view pattern : {"a%", "b%", "c%"}) {
    CUPEL_ASSERT_OK(statement->Execute({ValueView::Text(pattern)}, {}));
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  }
  auto* handle = static_cast<sqlite3*>(connection_->native_handle());
  sqlite3_stmt* raw = nullptr;
  int prepared = 0;
  while ((raw = sqlite3_next_stmt(handle, raw)) != nullptr) {
    prepared += sqlite3_stmt_status(raw, SQLITE_STMTSTATUS_REPREPARE, 0);
  }
  EXPECT_EQ(prepared, 0);
}

// A batch of (key, text) rows.
class Source : public engine::BatchSource {
 public:
  explicit Source(std::vector<std::pair<ValueView, ValueView>> rows)
      : rows_(std::move(rows)) {}
  size_t size() const override { return rows_.size(); }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    current_[0] = rows_[i].first;
    current_[1] = rows_[i].second;
    return absl::MakeConstSpan(current_);
  }

 private:
  const std::vector<std::pair<ValueView, ValueView>> rows_;
  ValueView current_[2];
};

class Sink : public engine::BatchSink {
 public:
  absl::Status OnRow(size_t i, const ExecuteResult& result,
                     absl::Span<const ValueView> returned) override {
    EXPECT_EQ(i, ids.size());
    EXPECT_EQ(result.affected_rows, 1);
    ids.push_back(result.last_insert_id);
    if (!returned.empty()) returned_ids.push_back(returned[0].int64_value());
    return i == fail_at ? absl::CancelledError("enough") : absl::OkStatus();
  }

  std::vector<int64_t> ids;
  std::vector<int64_t> returned_ids;
  size_t fail_at = 1000;
};

class BatchTest : public StatementTest {
 protected:
  BatchTest() {
    EXPECT_THAT(Exec(*connection_,
                     "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL)"),
                IsOk());
  }
  Source source_{{{ValueView::Null(), ValueView::Text("a")},
                  {ValueView::Int64(10), ValueView::Text("b")},
                  {ValueView::Null(), ValueView::Text("c")}}};
  Sink sink_;
};

// ENG-60
TEST_F(BatchTest, ExecutesEachRowAndTellsItsId) {
  CUPEL_ASSERT_OK(Prepare("INSERT INTO t VALUES (?, ?)")
                      ->ExecuteBatch(source_, &sink_, {}));
  EXPECT_THAT(sink_.ids, ::testing::ElementsAre(1, 10, 11));
  EXPECT_THAT(sink_.returned_ids, IsEmpty());
  EXPECT_THAT(SelectText(*connection_, "SELECT group_concat(a) FROM t"),
              IsOkAndHolds("a,b,c"));
}

TEST_F(BatchTest, HandsReturnedRowsToTheSink) {
  CUPEL_ASSERT_OK(Prepare("INSERT INTO t VALUES (?, ?) RETURNING id, a")
                      ->ExecuteBatch(source_, &sink_, {}));
  EXPECT_THAT(sink_.returned_ids, ::testing::ElementsAre(1, 10, 11));
}

TEST_F(BatchTest, NeedsNoSink) {
  CUPEL_ASSERT_OK(Prepare("INSERT INTO t VALUES (?, ?) RETURNING id")
                      ->ExecuteBatch(source_, nullptr, {}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(3));
}

TEST_F(BatchTest, StopsAtTheFirstError) {
  Source bad({{ValueView::Null(), ValueView::Text("a")},
              {ValueView::Null(), ValueView::Null()},
              {ValueView::Null(), ValueView::Text("c")}});
  EXPECT_THAT(
      Prepare("INSERT INTO t VALUES (?, ?)")->ExecuteBatch(bad, &sink_, {}),
      StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_THAT(sink_.ids, SizeIs(1));
}

TEST_F(BatchTest, AnErrorOfTheSinkEndsIt) {
  sink_.fail_at = 1;
  auto statement = Prepare("INSERT INTO t VALUES (?, ?) RETURNING id");
  EXPECT_THAT(statement->ExecuteBatch(source_, &sink_, {}),
              StatusIs(StatusCode::kCancelled, "enough"));
  EXPECT_THAT(sink_.ids, SizeIs(2));
  // The statement is usable and holds no lock.
  CUPEL_EXPECT_OK(Exec(*connection_, "DROP TABLE t"));
}

// Payloads that every build tests; CUPEL_CORPUS names a file with more.
std::vector<std::string> Payloads() {
  std::vector<std::string> payloads = {
      "'", "''", "\"", "\"\"", "`", "[", "]", "\\", "\\'", "a'b\"c`d",
      "' OR 1=1 --", "'; DROP TABLE orm_canary; --",
      "\"; DROP TABLE orm_canary; --", "]; DROP TABLE orm_canary; --",
      "*/; DROP TABLE orm_canary; /*", "1; DELETE FROM orm_canary",
      "x' UNION SELECT sql FROM sqlite_master --", "?", ":p1", "$1", "@x",
      "%s%n%x", "{0}", "a.b", " ", "\t\n\r", "--", "/*", "NULL", "null", "0x41",
      "1e309", "-9223372036854775808", "SELECT", "grüße", "\xF0\x9F\x92\xA9",
      "\xE2\x80\xAE"
      "abc",
      "\xEF\xBB\xBF"
      "bom",
      std::string("nul\0inside", 10), std::string("\0", 1),
      std::string(70000, '\''),
      // Not UTF-8: as a value, refused above the driver; as a name, refused.
      "\xC0\xA7 OR 1=1", "\xED\xA0\x80", "\xFF\xFE"};
  const char* path = std::getenv("CUPEL_CORPUS");
  if (path == nullptr || *path == '\0') {
    std::cout << "CUPEL_CORPUS is not set: only the payloads of this file\n";
    return payloads;
  }
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  const size_t own = payloads.size();
  for (std::string line; std::getline(file, line);) {
    std::string payload;
    EXPECT_TRUE(absl::CUnescape(line, &payload)) << line;
    payloads.push_back(std::move(payload));
  }
  EXPECT_GT(payloads.size(), own);
  std::cout << payloads.size() - own << " payloads from CUPEL_CORPUS\n";
  return payloads;
}

// Q1, F25, F26
TEST_F(StatementTest, EveryPayloadIsStoredAndReadBitEqual) {
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE orm_canary(x)"));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO orm_canary VALUES (42)"));
  CUPEL_ASSERT_OK(
      Exec(*connection_, "CREATE TABLE v(id INTEGER PRIMARY KEY, t TEXT, b)"));
  auto insert = Prepare("INSERT INTO v(id, t, b) VALUES (?, ?, ?)");
  auto select = Prepare("SELECT t, b FROM v WHERE id = ? AND t = ? AND b = ?");
  int64_t id = 0;
  for (const std::string& payload : Payloads()) {
    SCOPED_TRACE(absl::CHexEscape(payload.substr(0, 100)));
    const ValueView text = ValueView::Text(payload);
    const ValueView blob = ValueView::Blob(payload);
    CUPEL_ASSERT_OK(insert->Execute({ValueView::Int64(++id), text, blob}, {}));
    CUPEL_ASSERT_OK(select->Execute({ValueView::Int64(id), text, blob}, {}));
    ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
    EXPECT_EQ(select->row()[0], text);
    EXPECT_EQ(select->row()[1], blob);
    ASSERT_THAT(select->Next({}), IsOkAndHolds(false));
  }
  EXPECT_THAT(SelectInteger(*connection_, "SELECT sum(x) FROM orm_canary"),
              IsOkAndHolds(42));
}

}  // namespace
}  // namespace cupel::sqlite_internal
