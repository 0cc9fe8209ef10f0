// Every class of errors, provoked: its code and kind, what becomes of the
// transaction and of the connection, and what may be tried again.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/dialects/default_dialect.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using absl::StatusCode;
using engine::Connection;
using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;
using ::testing::AnyOf;
using ::testing::Eq;

// What fails, in the words of each database; empty where one has no such error.
struct Row {
  const char* sqlite;
  const char* postgresql;
  const char* mariadb;
  ErrorKind kind;
};

Row Everywhere(const char* sql, ErrorKind kind) {
  return {sql, sql, sql, kind};
}

std::vector<Row> Rows() {
  const char* word = "INSERT INTO parent VALUES (4, 'd', 'word')";
  return {
      Everywhere("INSERT INTO parent VALUES (1, 'b', 1)",
                 ErrorKind::kUniqueViolation),
      Everywhere("INSERT INTO parent VALUES (2, 'a', 1)",
                 ErrorKind::kUniqueViolation),
      Everywhere("INSERT INTO child VALUES (2, 99)",
                 ErrorKind::kForeignKeyViolation),
      Everywhere("DELETE FROM parent WHERE id = 1",
                 ErrorKind::kForeignKeyViolation),
      Everywhere("INSERT INTO child VALUES (2, NULL)",
                 ErrorKind::kNotNullViolation),
      Everywhere("INSERT INTO parent VALUES (3, 'c', -1)",
                 ErrorKind::kCheckViolation),
      Everywhere("SELEKT 1", ErrorKind::kSyntax),
      Everywhere(word, ErrorKind::kInvalidValue),
      {"SELECT zeroblob(2000000000)", "SELECT CAST(99999999999 AS INTEGER)",
       "INSERT INTO parent VALUES (4, 'd', 99999999999)", ErrorKind::kTooBig},
      {"", "INSERT INTO parent VALUES (4, 'more than twenty characters', 1)",
       "INSERT INTO parent VALUES (4, 'more than twenty characters', 1)",
       ErrorKind::kTooBig},
      Everywhere("SELECT * FROM no_such_table", ErrorKind::kNoSuchTable),
      Everywhere("SELECT no_such_column FROM parent", ErrorKind::kNoSuchColumn),
  };
}

class ErrorRowsTest : public ::testing::Test {
 protected:
  ErrorRowsTest() {
    auto engine = engine::Engine::Create(
        {.uri = database_.url(is("sqlite") ? "busy_timeout=10" : "")});
    EXPECT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    Connection connection = Connect();
    const std::string strict = is("sqlite") ? " STRICT" : "";
    const std::string text = is("sqlite") ? "TEXT" : "VARCHAR(20)";
    for (const std::string& sql :
         {absl::StrCat("CREATE TABLE parent (id INTEGER PRIMARY KEY, code ",
                       text, " UNIQUE, size INTEGER CHECK (size >= 0))",
                       strict),
          absl::StrCat("CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id "
                       "INTEGER NOT NULL, FOREIGN KEY (parent_id) REFERENCES "
                       "parent (id))",
                       strict),
          std::string("INSERT INTO parent VALUES (1, 'a', 1)"),
          std::string("INSERT INTO child VALUES (1, 1)")}) {
      EXPECT_THAT(connection.Execute(sql), IsOk());
      EXPECT_THAT(connection.Commit(), IsOk());
    }
  }

  bool is(absl::string_view dialect) const {
    return DefaultDialect()->name() == dialect;
  }
  Connection Connect() {
    auto connection = engine_->Connect();
    if (!connection.ok()) std::abort();
    return *std::move(connection);
  }
  static absl::Status Run(Connection& connection, absl::string_view sql) {
    return connection.Execute(sql).status();
  }
  static ErrorInfo InfoOf(const absl::Status& status) {
    return engine::GetErrorInfo(status).value_or(ErrorInfo());
  }
  absl::StatusOr<int64_t> Number(Connection& connection,
                                 absl::string_view sql) {
    CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection.Query(sql));
    CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
    if (!found) return absl::NotFoundError("no row");
    return cursor.row()[0].int64_value();
  }

  // Of a transaction that has written before: it takes a rollback only, and
  // nothing of it stays.
  void ExpectOver(Connection& connection) {
    EXPECT_EQ(engine::KindOf(Run(connection, "SELECT 1")),
              ErrorKind::kTransactionPoisoned);
    EXPECT_EQ(engine::KindOf(connection.Commit()),
              ErrorKind::kTransactionPoisoned);
    EXPECT_THAT(connection.Rollback(), IsOk());
    EXPECT_THAT(Number(connection, "SELECT count(*) FROM parent WHERE id = 50"),
                IsOkAndHolds(0));
    EXPECT_THAT(connection.Rollback(), IsOk());
  }

  TempDatabase database_;
  std::optional<engine::Engine> engine_;
};

// G22
TEST_F(ErrorRowsTest, StatementsThatFail) {
  Connection connection = Connect();
  for (const Row& row : Rows()) {
    const absl::string_view sql = is("sqlite")       ? row.sqlite
                                  : is("postgresql") ? row.postgresql
                                                     : row.mariadb;
    if (sql.empty()) continue;
    SCOPED_TRACE(sql);
    ASSERT_THAT(Run(connection, "INSERT INTO parent VALUES (50, 'x', 1)"),
                IsOk());
    const absl::Status status = Run(connection, sql);
    EXPECT_EQ(engine::KindOf(status), row.kind) << status;
    EXPECT_EQ(status.code(), engine::CodeOf(row.kind));
    const ErrorInfo info = InfoOf(status);
    EXPECT_EQ(info.transaction_state, TransactionState::kPoisoned);
    EXPECT_EQ(info.connection_state, ConnectionState::kOk);
    EXPECT_EQ(info.retry, Retry::kNo);
    EXPECT_NE(info.native_code, "");
    ExpectOver(connection);
  }
}

TEST_F(ErrorRowsTest, WhatExists) {
  Connection connection = Connect();
  const absl::Status status =
      Run(connection, "CREATE TABLE parent (a INTEGER)");
  EXPECT_EQ(status.code(), StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
}

TEST_F(ErrorRowsTest, AReadOnlyTransaction) {
  Connection connection = Connect();
  ASSERT_THAT(connection.Begin({.read_only = true}), IsOk());
  const absl::Status status =
      Run(connection, "INSERT INTO parent VALUES (50, 'x', 1)");
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kReadOnly) << status;
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  ExpectOver(connection);
}

// E20
TEST_F(ErrorRowsTest, AStaleSnapshot) {
  Connection reader = Connect();
  Connection writer = Connect();
  if (is("mariadb")) {
    ASSERT_THAT(Run(reader, "SET SESSION innodb_snapshot_isolation=ON"),
                IsOk());
    ASSERT_THAT(reader.Commit(), IsOk());
  }
  ASSERT_THAT(
      reader.Begin({.isolation = is("sqlite")
                                     ? engine::IsolationLevel::kDefault
                                     : engine::IsolationLevel::kRepeatableRead,
                    .lock = engine::LockMode::kDeferred}),
      IsOk());
  ASSERT_THAT(Number(reader, "SELECT count(*) FROM parent"), IsOkAndHolds(1));
  ASSERT_THAT(Run(writer, "UPDATE parent SET size = 2"), IsOk());
  ASSERT_THAT(writer.Commit(), IsOk());
  const absl::Status status = Run(reader, "UPDATE parent SET size = 3");
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kSerializationFailure) << status;
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  ExpectOver(reader);
}

// E20
TEST_F(ErrorRowsTest, ALockOfAnother) {
  Connection holder = Connect();
  Connection waiter = Connect();
  if (is("postgresql")) {
    ASSERT_THAT(Run(waiter, "SET lock_timeout = '20ms'"), IsOk());
  } else if (is("mariadb")) {
    ASSERT_THAT(Run(waiter, "SET innodb_lock_wait_timeout = 0"), IsOk());
  }
  ASSERT_THAT(waiter.Commit(), IsOk());
  ASSERT_THAT(Run(holder, "UPDATE parent SET size = 2"), IsOk());
  const absl::Status status = Run(waiter, "UPDATE parent SET size = 3");
  // Where the whole database is locked nothing was rolled back for it.
  EXPECT_EQ(status.code(),
            is("sqlite") ? StatusCode::kUnavailable : StatusCode::kAborted)
      << status;
  EXPECT_EQ(engine::KindOf(status),
            is("sqlite") ? ErrorKind::kBusy : ErrorKind::kLockTimeout);
  EXPECT_EQ(InfoOf(status).transaction_state,
            is("sqlite") ? TransactionState::kPoisoned
                         : TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_THAT(waiter.Rollback(), IsOk());
}

TEST_F(ErrorRowsTest, ADeadlineAndAStop) {
  const std::string endless = [] {
    std::string sql =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
        "FROM n WHERE i < 900) SELECT count(*) FROM n AS a";
    for (const char* other : {"b", "c", "d", "e"}) {
      absl::StrAppend(&sql, ", n AS ", other);
    }
    return sql;
  }();
  Connection connection = Connect();
  ASSERT_THAT(Run(connection, "INSERT INTO parent VALUES (50, 'x', 1)"),
              IsOk());
  connection.set_deadline(engine::Deadline::After(absl::Milliseconds(100)));
  absl::Status status = Run(connection, endless);
  connection.set_deadline(engine::Deadline::Infinite());
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kStatementTimeout) << status;
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  // A server that does not stop at once loses the connection.
  EXPECT_THAT(
      InfoOf(status).transaction_state,
      InfoOf(status).connection_state == ConnectionState::kOk
          ? AnyOf(TransactionState::kPoisoned, TransactionState::kRolledBack)
          : AnyOf(TransactionState::kRolledBack,
                  TransactionState::kRolledBack));
  ExpectOver(connection);

  std::stop_source stop;
  connection.set_stop_token(stop.get_token());
  ASSERT_THAT(Run(connection, "INSERT INTO parent VALUES (50, 'x', 1)"),
              IsOk());
  stop.request_stop();
  status = Run(connection, "SELECT 1");
  connection.set_stop_token(std::stop_token());
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kInterrupted) << status;
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_THAT(connection.Rollback(), IsOk());
}

TEST_F(ErrorRowsTest, AConnectionThatIsEnded) {
  if (is("sqlite")) return;  // it has none
  Connection ended = Connect();
  Connection other = Connect();
  const auto number =
      Number(ended, is("postgresql") ? "SELECT CAST(pg_backend_pid() AS BIGINT)"
                                     : "SELECT CONNECTION_ID()");
  ASSERT_THAT(number, IsOk());
  ASSERT_THAT(Run(ended, "INSERT INTO parent VALUES (50, 'x', 1)"), IsOk());
  ASSERT_THAT(
      Run(other, is("postgresql") ? absl::StrCat("SELECT pg_terminate_backend(",
                                                 *number, ")")
                                  : absl::StrCat("KILL ", *number)),
      IsOk());
  absl::Status status;
  while (status.ok()) status = Run(ended, "SELECT 1");
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kConnectionLost) << status;
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  EXPECT_THAT(ended.Rollback(), IsOk());
}

TEST_F(ErrorRowsTest, ADatabaseThatThereIsNot) {
  const std::string url =
      is("sqlite")
          ? absl::StrCat("sqlite:///", database_.directory().Path("none.db"),
                         "?create=off")
          : engine_->url().WithDatabase("no_such_database").ToUnmaskedString();
  auto engine = engine::Engine::Create({.uri = url});
  ASSERT_THAT(engine, IsOk());
  const absl::Status status = engine->Connect().status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound) << status;
  EXPECT_EQ(InfoOf(status).retry, Retry::kNo);
}

TEST_F(ErrorRowsTest, SpaceThatIsUsedUp) {
  Connection connection = Connect();
  if (is("mariadb")) {
    ASSERT_THAT(
        Run(connection, "CREATE TABLE tiny (a CHAR(255)) ENGINE=MEMORY"),
        IsOk());
    ASSERT_THAT(connection.Commit(), IsOk());
  } else if (is("postgresql")) {
    ASSERT_THAT(Run(connection, "SET temp_file_limit = 0"), IsOk());
    ASSERT_THAT(Run(connection, "SET work_mem = '64kB'"), IsOk());
  } else {
    ASSERT_THAT(Run(connection, "PRAGMA max_page_count = 20"), IsOk());
  }
  const absl::Status status = Run(
      connection,
      is("sqlite") ? "INSERT INTO parent SELECT 60, hex(zeroblob(900000)), 1"
      : is("postgresql")
          ? "SELECT count(*) FROM (SELECT i FROM generate_series(1, 100000) AS "
            "g (i) ORDER BY i DESC OFFSET 1) AS s"
          : "INSERT INTO tiny SELECT REPEAT('x', 255) FROM seq_1_to_200000");
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_THAT(connection.Rollback(), IsOk());
}

}  // namespace
}  // namespace cupel::testing
