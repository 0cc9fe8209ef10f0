// Batches that go as COPY do what they do row by row.

#include <sys/types.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/dialects/postgresql/plain_insert.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using cupel::testing::IsOkAndHolds;
using engine::Deadline;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::Value;
using engine::ValueView;
using ::testing::StartsWith;

constexpr size_t kMany = 1200;

using MakeRow = std::function<std::vector<Value>(size_t)>;

class Source : public engine::BatchSource {
 public:
  Source(size_t size, MakeRow make) : size_(size), make_(std::move(make)) {}
  size_t size() const override { return size_; }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    EXPECT_EQ(i, asked_++);
    values_ = make_(i);
    if (values_.empty()) return absl::DataLossError("the source");
    views_.clear();
    for (const Value& value : values_) views_.push_back(value.view());
    return absl::Span<const ValueView>(views_);
  }

 private:
  const size_t size_;
  const MakeRow make_;
  size_t asked_ = 0;
  std::vector<Value> values_;
  std::vector<ValueView> views_;
};

class Sink : public engine::BatchSink {
 public:
  absl::Status OnRow(size_t i, const engine::ExecuteResult& result,
                     absl::Span<const ValueView> returned) override {
    EXPECT_EQ(i, rows++);
    EXPECT_EQ(result.affected_rows, 1);
    EXPECT_TRUE(returned.empty());
    return absl::OkStatus();
  }
  size_t rows = 0;
};

class PostgresqlCopyTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (IsSkipped()) return;
    watcher_ = Open();
  }

  // What the server works on for `connection`.
  std::string QueryOf(DriverConnection& connection) {
    return *SelectText(*watcher_, pid_query_[&connection]);
  }
  std::unique_ptr<DriverConnection> OpenWatched(absl::string_view options) {
    auto connection = Open(options);
    pid_query_[connection.get()] =
        absl::StrCat("SELECT query FROM pg_stat_activity WHERE pid = ",
                     *SelectInteger(*connection, "SELECT pg_backend_pid()"));
    return connection;
  }
  // Sends rows; `query`, if not null, is what the server does meanwhile.
  absl::Status Batch(DriverConnection& connection, absl::string_view sql,
                     const MakeRow& make, std::string* query = nullptr,
                     Deadline deadline = {}, size_t size = kMany) {
    auto statement = connection.Prepare(sql, deadline);
    if (!statement.ok()) return statement.status();
    Source source(size, [&](size_t i) {
      if (query != nullptr && i == size - 1) *query = QueryOf(connection);
      return make(i);
    });
    sink_ = Sink();
    absl::Status status = (*statement)->ExecuteBatch(source, &sink_, deadline);
    if (status.ok()) {
      EXPECT_EQ(sink_.rows, size);
      EXPECT_EQ((*statement)->result().affected_rows,
                static_cast<int64_t>(size));
    }
    return status;
  }

  std::unique_ptr<DriverConnection> watcher_;
  std::map<DriverConnection*, std::string> pid_query_;
  Sink sink_;
};

// Columns of every type, and what goes in.
struct Column {
  absl::string_view type;
  std::vector<Value> values;
};

Value DecimalValue(absl::string_view text) {
  return Value::Decimal(*engine::Decimal::Parse(text));
}

std::vector<Column> AllColumns() {
  using Limits = std::numeric_limits<int64_t>;
  const double infinity = std::numeric_limits<double>::infinity();
  return {
      {"boolean", {Value::Bool(true), Value::Bool(false)}},
      {"smallint", {Value::Int64(-32768), DecimalValue("7.0")}},
      {"integer", {Value::Int64(2147483647), Value::Double(-5)}},
      {"bigint", {Value::Int64(Limits::min()), Value::Text("12")}},
      {"oid", {Value::Int64(4294967295), Value::Text("5")}},
      {"real", {Value::Double(0.1), Value::Int64(3), Value::Double(-infinity)}},
      {"double precision",
       {Value::Double(1e300), Value::Double(infinity), Value::Double(-0.0)}},
      {"numeric",
       {DecimalValue("-12345678901234567890.000120"), Value::Int64(10000),
        DecimalValue("0.00"), Value::Double(infinity)}},
      {"numeric(7, 2)", {DecimalValue("12.345"), DecimalValue("-0.005")}},
      {"text", {Value::Text(""), Value::Text("h\xc3\xa4 \t\\N\n\"'")}},
      {"varchar(5)", {Value::Text("ab   "), Value::Text("abc       ")}},
      {"char(4)", {Value::Text("x"), Value::Int64(12)}},
      {"\"char\"", {Value::Text("x")}},
      {"name", {Value::Text("a_name")}},
      {"xml", {Value::Text("<a>&amp;</a>")}},
      {"bytea", {Value::Blob(std::string("\0\xff\\x", 4)), Value::Blob("")}},
      {"date", {Value::Date(-800'000), Value::Text("2024-02-29")}},
      {"time", {Value::Time(86'399'999'999)}},
      {"time(0)", {Value::Time(1'600'000)}},
      {"timestamp", {Value::Timestamp(1'700'000'000'123'456)}},
      {"timestamp(3)", {Value::Timestamp(-1'500)}},
      {"timestamptz", {Value::Timestamp(1'700'000'000'123'456)}},
      {"interval", {Value::Interval(-90'061'000'001)}},
      {"uuid",
       {Value::Uuid(
           *engine::Uuid::Parse("00112233-4455-6677-8899-aabbccddeeff"))}},
      {"json", {Value::Json("{\"a\" : [1, null]}")}},
      {"jsonb", {Value::Json("{\"b\": 2, \"a\": 1e2}"), Value::Text("[]")}},
      {"mood", {Value::Text("so, so"), Value::Text("glad")}},
  };
}

TEST_F(PostgresqlCopyTest, BothWaysStoreTheSame) {
  const std::vector<Column> columns = AllColumns();
  std::string definitions;
  std::string names;
  std::string parameters;
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&definitions, ", c", i, " ", columns[i].type);
    absl::StrAppend(&names, i == 0 ? "c" : ", c", i);
    absl::StrAppend(&parameters, i == 0 ? "$" : ", $", i + 1);
  }
  CUPEL_ASSERT_OK(Exec(*watcher_,
                       "CREATE TYPE mood AS ENUM ('so, so', "
                       "'glad')"));
  const auto make = [&](size_t i) {
    std::vector<Value> row;
    for (size_t k = 0; k < columns.size(); ++k) {
      const auto& values = columns[k].values;
      const size_t pick = (i + k) % (values.size() + 1);
      row.push_back(pick == 0 ? Value() : values[pick - 1]);
    }
    return row;
  };
  for (absl::string_view way : {"on", "off"}) {
    auto connection = OpenWatched(absl::StrCat("copy=", way));
    const std::string table = absl::StrCat("copy_\"\"", way, " ", way);
    CUPEL_ASSERT_OK(
        Exec(*connection,
             absl::StrCat("CREATE TABLE public.\"", table,
                          "\" (id integer GENERATED BY DEFAULT AS IDENTITY, "
                          "made text DEFAULT 'here'",
                          definitions, ")")));
    std::string query;
    CUPEL_ASSERT_OK(Batch(*connection,
                          absl::StrCat("INSERT INTO public.\"", table, "\" (",
                                       names, ") VALUES (", parameters, ")"),
                          make, &query));
    EXPECT_THAT(query, StartsWith(way == "on" ? "COPY" : "INSERT"));
  }
  EXPECT_THAT(SelectInteger(*watcher_,
                            "SELECT count(*) FROM \"copy_\"\"on on\" "
                            "WHERE made = 'here' AND id BETWEEN 1 AND 1200"),
              IsOkAndHolds(static_cast<int64_t>(kMany)));
  // As text, digit for digit: some types have no equality.
  EXPECT_THAT(
      SelectInteger(*watcher_,
                    "SELECT count(*) FROM (SELECT r::text "
                    "FROM \"copy_\"\"on on\" AS r EXCEPT ALL SELECT r::text "
                    "FROM \"copy_\"\"off off\" AS r) AS d"),
      IsOkAndHolds(0));
}

struct Outcome {
  engine::ErrorInfo info;
  int64_t rows_left = 0;
};

TEST_F(PostgresqlCopyTest, BothWaysFailTheSame) {
  CUPEL_ASSERT_OK(Exec(*watcher_, "CREATE TABLE parent (id int PRIMARY KEY)"));
  CUPEL_ASSERT_OK(Exec(*watcher_, "INSERT INTO parent VALUES (1)"));
  CUPEL_ASSERT_OK(
      Exec(*watcher_,
           "CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, a text NOT "
           "NULL, b int CONSTRAINT t_check CHECK (b < 100), c varchar(3), d "
           "numeric(4, 2), e int CONSTRAINT t_parent REFERENCES parent, f "
           "json)"));
  using Change = std::function<void(std::vector<Value>&)>;
  struct Case {
    absl::string_view code;
    Change change;
  };
  const Case cases[] = {
      {"23505", [](auto& row) { row[0] = Value::Int64(0); }},
      {"23502", [](auto& row) { row[1] = Value(); }},
      {"23514", [](auto& row) { row[2] = Value::Int64(100); }},
      {"22001", [](auto& row) { row[3] = Value::Text("long"); }},
      {"22003", [](auto& row) { row[4] = DecimalValue("100.00"); }},
      {"23503", [](auto& row) { row[5] = Value::Int64(2); }},
      {"22P02", [](auto& row) { row[6] = Value::Json("{"); }},
      // Ours: what came before stays, and the transaction is good.
      {"", [](auto& row) { row[1] = Value::Text(std::string(1, '\0')); }},
      {"", [](auto& row) { row.clear(); }},
  };
  const auto run = [&](absl::string_view options, bool in_transaction,
                       const Change& change) {
    auto connection = OpenWatched(options);
    if (in_transaction) {
      CUPEL_EXPECT_OK(connection->Begin({}, {}));
    }
    const absl::Status status =
        Batch(*connection,
              "INSERT INTO t (id, a, b, c, d, e, f) VALUES "
              "($1, $2, $3, $4, $5, $6, $7)",
              [&](size_t i) {
                std::vector<Value> row = {Value::Int64(static_cast<int64_t>(i)),
                                          Value::Text("a"),
                                          Value::Int64(1),
                                          Value::Text("c"),
                                          DecimalValue("1.5"),
                                          Value::Int64(1),
                                          Value::Json("1")};
                if (i == 800) change(row);
                return row;
              });
    EXPECT_FALSE(status.ok());
    Outcome outcome{.info = InfoOf(status)};
    if (connection->in_transaction() &&
        outcome.info.transaction_state == engine::TransactionState::kPoisoned) {
      CUPEL_EXPECT_OK(connection->Rollback({}));
    }
    const auto rows = SelectInteger(*connection, "SELECT count(*) FROM t");
    EXPECT_THAT(rows, cupel::testing::IsOk());
    outcome.rows_left = rows.value_or(-1);
    if (connection->in_transaction()) {
      CUPEL_EXPECT_OK(connection->Commit({}));
    }
    CUPEL_EXPECT_OK(Exec(*connection, "DELETE FROM t"));
    return outcome;
  };
  for (const Case& one : cases) {
    for (const bool in_transaction : {false, true}) {
      const Outcome slow = run("copy=off", in_transaction, one.change);
      const Outcome fast = run("copy=on", in_transaction, one.change);
      SCOPED_TRACE(absl::StrCat(one.code, " ", in_transaction));
      // The one thing that differs: none of the rows counted as done.
      EXPECT_TRUE(one.code.empty() || sink_.rows == 0);
      EXPECT_EQ(fast.info.native_code, one.code);
      EXPECT_EQ(fast.info.native_code, slow.info.native_code);
      EXPECT_EQ(fast.info.kind, slow.info.kind);
      EXPECT_EQ(fast.info.constraint, slow.info.constraint);
      EXPECT_EQ(fast.info.table, slow.info.table);
      EXPECT_EQ(fast.info.column, slow.info.column);
      EXPECT_EQ(fast.info.statement, slow.info.statement);
      EXPECT_EQ(fast.info.retry, slow.info.retry);
      EXPECT_EQ(fast.info.transaction_state, slow.info.transaction_state);
      EXPECT_EQ(fast.rows_left, slow.rows_left);
      EXPECT_EQ(fast.rows_left, one.code.empty() ? 800 : 0);
    }
  }
}

TEST_F(PostgresqlCopyTest, RowsThatTheServerConvertsGoOneByOne) {
  CUPEL_ASSERT_OK(Exec(*watcher_, "CREATE TABLE t (a text)"));
  auto connection = OpenWatched("");
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  std::string query;
  CUPEL_ASSERT_OK(Batch(
      *connection, "INSERT INTO t (a) VALUES ($1)",
      [](size_t i) {
        return std::vector<Value>{i == 1000 ? Value::Double(1.5)
                                            : Value::Text(absl::StrCat(i))};
      },
      &query));
  EXPECT_THAT(query, StartsWith("INSERT"));
  EXPECT_THAT(SelectInteger(*connection,
                            "SELECT count(*) FROM t WHERE a = '1.5' OR a ~ "
                            "'^[0-9]+$'"),
              IsOkAndHolds(static_cast<int64_t>(kMany)));
}

TEST_F(PostgresqlCopyTest, IsLeftWhereItWouldDoSomethingElse) {
  for (absl::string_view sql :
       {"CREATE TABLE t (a int, b int DEFAULT 7)",
        "CREATE TABLE triggered (a int, b int)",
        "CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.b := 2 * NEW.a; RETURN NEW; END'",
        "CREATE TRIGGER twice BEFORE INSERT ON triggered FOR EACH ROW "
        "EXECUTE FUNCTION twice()",
        "CREATE TABLE ruled (a int, b int)",
        "CREATE RULE also AS ON INSERT TO ruled DO ALSO INSERT INTO t VALUES "
        "(NEW.a, -1)",
        "CREATE TABLE guarded_rows (a int, b int)",
        "ALTER TABLE guarded_rows ENABLE ROW LEVEL SECURITY",
        "CREATE VIEW seen AS SELECT a, b FROM t",
        "CREATE DOMAIN small AS int CHECK (VALUE < 1000000)",
        "CREATE TABLE watched (a int, b int)",
        "CREATE TRIGGER twice BEFORE UPDATE ON watched FOR EACH ROW "
        "EXECUTE FUNCTION twice()",
        "CREATE TABLE parts (a int, b int) PARTITION BY RANGE (a)",
        "CREATE TABLE part PARTITION OF parts DEFAULT"}) {
    CUPEL_ASSERT_OK(Exec(*watcher_, sql)) << sql;
  }
  struct Case {
    absl::string_view sql;
    bool copies;
  };
  for (const Case& one : {
           Case{"INSERT INTO t (a) VALUES ($1)", true},
           Case{"INSERT INTO watched (a) VALUES ($1)", true},
           Case{"INSERT INTO triggered (a) VALUES ($1)", false},
           Case{"INSERT INTO ruled (a) VALUES ($1)", false},
           Case{"INSERT INTO guarded_rows (a) VALUES ($1)", false},
           Case{"INSERT INTO seen (a) VALUES ($1)", false},
           Case{"INSERT INTO parts (a) VALUES ($1)", false},
           Case{"INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING", false},
           Case{"INSERT INTO t (a) VALUES ($1 + 1)", false},
       }) {
    auto connection = OpenWatched("");
    std::string query;
    CUPEL_ASSERT_OK(Batch(
        *connection, one.sql,
        [](size_t i) {
          return std::vector<Value>{Value::Int64(static_cast<int64_t>(i))};
        },
        &query))
        << one.sql;
    EXPECT_THAT(query, StartsWith(one.copies ? "COPY" : "INSERT")) << one.sql;
  }
  EXPECT_THAT(SelectInteger(*watcher_,
                            "SELECT count(*) FROM triggered WHERE b = 2 * a"),
              IsOkAndHolds(static_cast<int64_t>(kMany)));
}

// COPY writes identities that an INSERT may not.
TEST_F(PostgresqlCopyTest, LeavesIdentitiesAlone) {
  CUPEL_ASSERT_OK(Exec(*watcher_, "CREATE TABLE t (id int NOT NULL)"));
  auto connection = OpenWatched("");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto statement,
      connection->Prepare("INSERT INTO t (id) VALUES ($1)", {}));
  CUPEL_ASSERT_OK(Exec(
      *watcher_, "ALTER TABLE t ALTER id ADD GENERATED ALWAYS AS IDENTITY"));
  Source source(kMany, [](size_t i) {
    return std::vector<Value>{Value::Int64(static_cast<int64_t>(i))};
  });
  EXPECT_EQ(InfoOf(statement->ExecuteBatch(source, nullptr, {})).native_code,
            "428C9");
}

TEST_F(PostgresqlCopyTest, FewRowsGoOneByOne) {
  CUPEL_ASSERT_OK(Exec(*watcher_, "CREATE TABLE t (a int)"));
  auto connection = OpenWatched("");
  for (const size_t size : {767, 768}) {
    std::string query;
    CUPEL_ASSERT_OK(Batch(
        *connection, "INSERT INTO t (a) VALUES ($1)",
        [](size_t i) {
          return std::vector<Value>{Value::Int64(static_cast<int64_t>(i))};
        },
        &query, {}, size));
    EXPECT_EQ(absl::StartsWith(query, "COPY"), size == 768);
  }
}

// A COPY that waits for another transaction's row while 50 MB come behind: the
// server looks at keys after every 1,000 rows.
class BlockedCopyTest : public PostgresqlCopyTest {
 protected:
  static constexpr size_t kBlockedRows = 2000;

  void SetUp() override {
    PostgresqlCopyTest::SetUp();
    if (IsSkipped()) return;
    CUPEL_ASSERT_OK(Exec(*watcher_,
                         "CREATE TABLE t (a int PRIMARY KEY, b "
                         "text)"));
    other_ = Open();
    CUPEL_ASSERT_OK(other_->Begin({}, {}));
    CUPEL_ASSERT_OK(Exec(*other_, "INSERT INTO t VALUES (3, 'x')"));
    connection_ = OpenWatched("");
  }
  absl::Status Run(Deadline deadline) {
    const Value text = Value::Text(std::string(50'000, 'x'));
    return Batch(
        *connection_, "INSERT INTO t (a, b) VALUES ($1, $2)",
        [&](size_t i) {
          sent_ = i;
          if (i == 2 && backend_ != 0) kill(backend_, SIGSTOP);
          return std::vector<Value>{Value::Int64(static_cast<int64_t>(i)),
                                    text};
        },
        nullptr, deadline, kBlockedRows);
  }
  void ExpectNothingDone() {
    EXPECT_LT(sent_, kBlockedRows - 200);
    EXPECT_THAT(SelectInteger(*watcher_, "SELECT count(*) FROM t"),
                IsOkAndHolds(0));
  }

  std::unique_ptr<DriverConnection> other_;
  std::unique_ptr<DriverConnection> connection_;
  size_t sent_ = 0;
  pid_t backend_ = 0;  // frozen in the midst, if there is one
};

TEST_F(BlockedCopyTest, EndsAtItsDeadline) {
  const absl::Status status = Run(Deadline::After(absl::Milliseconds(300)));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
  // What is on its way has to be read by the server first: it may be too much
  // for the time that is left for an answer.
  EXPECT_EQ(InfoOf(status).connection_state == engine::ConnectionState::kOk,
            connection_->is_alive());
  ExpectNothingDone();
}

// E4: nothing takes what is sent any more, and nobody answers.
TEST_F(BlockedCopyTest, EndsAtItsDeadlineOnAFrozenServer) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const int64_t pid,
      SelectInteger(*connection_, "SELECT pg_backend_pid()"));
  backend_ = static_cast<pid_t>(pid);
  const absl::Time start = absl::Now();
  const absl::Status status = Run(Deadline::After(absl::Milliseconds(300)));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout) << status;
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kDead);
  EXPECT_FALSE(connection_->is_alive());
  kill(backend_, SIGCONT);
  ExpectNothingDone();
}

TEST_F(BlockedCopyTest, IsCancelled) {
  const auto canceller = connection_->canceller();
  std::thread other([&] {
    const std::string waits =
        absl::StrReplaceAll(pid_query_[connection_.get()],
                            {{"SELECT query", "SELECT count(*)"}}) +
        " AND wait_event_type = 'Lock'";
    while (*SelectInteger(*watcher_, waits) == 0) std::this_thread::yield();
    canceller->Cancel();
  });
  const absl::Status status = Run({});
  other.join();
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
  EXPECT_EQ(InfoOf(status).native_code, "57014");
  ExpectNothingDone();
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

// The server waits for data then, and hears nothing else.
TEST_F(PostgresqlCopyTest, ACancelWhileTheSourceWorksEndsIt) {
  CUPEL_ASSERT_OK(Exec(*watcher_, "CREATE TABLE t (a int)"));
  auto connection = OpenWatched("");
  const auto canceller = connection->canceller();
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  const absl::Status status =
      Batch(*connection, "INSERT INTO t (a) VALUES ($1)", [&](size_t i) {
        if (i == kMany - 1) {
          std::thread([&] { canceller->Cancel(); }).join();
        }
        return std::vector<Value>{Value::Int64(static_cast<int64_t>(i))};
      });
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
  EXPECT_EQ(InfoOf(status).transaction_state,
            engine::TransactionState::kPoisoned);
  CUPEL_ASSERT_OK(connection->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

TEST(PlainInsertTest, KnowsWhatItMayRewrite) {
  const auto insert = ParsePlainInsert(
      "INSERT INTO \"A \"\"b\".t (\"x, y\", z) VALUES ($1, "
      "$2)");
  ASSERT_TRUE(insert.has_value());
  EXPECT_EQ(insert->CopySql(),
            "COPY \"A \"\"b\".t (\"x, y\", z) FROM STDIN (FORMAT binary)");
  EXPECT_THAT(insert->names, ::testing::ElementsAre("x, y", "z"));
  for (absl::string_view sql : {
           "INSERT INTO t VALUES ($1)",
           "INSERT INTO t (a) VALUES ($1) RETURNING a",
           "INSERT INTO t (a) VALUES ($1), ($2)",
           "INSERT INTO t (a) VALUES ($2)",
           "INSERT INTO t (a, b) VALUES ($1, 2)",
           "INSERT INTO t (a, b) VALUES ($1)",
           "INSERT INTO t (a, b) VALUES ($2, $1)",
           "INSERT INTO t (a[1]) VALUES ($1)",
           "INSERT INTO t AS u (a) VALUES ($1)",
           "INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES ($1)",
           "INSERT INTO T (a) VALUES ($1)",
           "INSERT INTO \"t (a) VALUES ($1)",
           "INSERT INTO (a) VALUES ($1)",
           "INSERT INTO t (\"\") VALUES ($1)",
           "INSERT INTO t (a) VALUES ($1);",
           "UPDATE t SET a = $1",
       }) {
    EXPECT_FALSE(ParsePlainInsert(sql).has_value()) << sql;
  }
}

}  // namespace
}  // namespace cupel::postgresql_internal
