// Transactions, sessions, and what becomes of a connection.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
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
using engine::ConnectionState;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::Retry;
using engine::TransactionState;
using engine::Value;
using engine::ValueView;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlConnectionTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (IsSkipped()) return;
    connection_ = Open();
    CUPEL_ASSERT_OK(
        Exec(*connection_, "CREATE TABLE t (a int PRIMARY KEY, b text)"));
  }

  // Ends the session of `connection` from the server's side.
  void Terminate(DriverConnection& connection) {
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const int64_t pid,
        SelectInteger(connection, "SELECT pg_backend_pid()"));
    auto other = Open();
    CUPEL_ASSERT_OK(
        Exec(*other, absl::StrCat("SELECT pg_terminate_backend(", pid, ")")));
    // Gone when the server says so.
    while (*SelectInteger(*other, absl::StrCat("SELECT count(*) FROM "
                                               "pg_stat_activity WHERE pid = ",
                                               pid)) != 0) {
    }
  }

  std::unique_ptr<DriverConnection> connection_;
};

TEST_F(PostgresqlConnectionTest, TransactionsCommitAndRollBack) {
  EXPECT_FALSE(connection_->in_transaction());
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  EXPECT_TRUE(connection_->in_transaction());
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK(connection_->Commit({}));
  EXPECT_FALSE(connection_->in_transaction());
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (2)"));
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(1));
}

TEST_F(PostgresqlConnectionTest, BeginTakesItsOptions) {
  CUPEL_ASSERT_OK(connection_->Begin(
      {.isolation = IsolationLevel::kSerializable, .read_only = true}, {}));
  EXPECT_THAT(SelectText(*connection_, "SHOW transaction_isolation"),
              IsOkAndHolds("serializable"));
  const absl::Status status = Exec(*connection_, "INSERT INTO t VALUES (1)");
  EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied));
  EXPECT_EQ(InfoOf(status).native_code, "25006");
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
}

// F1
TEST_F(PostgresqlConnectionTest, F1CommitOfAFailedTransactionIsAnError) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  EXPECT_THAT(Exec(*connection_, "INSERT INTO t VALUES (1)"),
              StatusIs(StatusCode::kAlreadyExists));
  EXPECT_TRUE(connection_->in_transaction());
  const absl::Status status = connection_->Commit({});
  EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

// F6
TEST_F(PostgresqlConnectionTest, F6ADeferredViolationEndsTheTransaction) {
  CUPEL_ASSERT_OK(Exec(*connection_,
                       "CREATE TABLE c (a int REFERENCES t DEFERRABLE "
                       "INITIALLY DEFERRED)"));
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO c VALUES (7)"));
  const absl::Status status = connection_->Commit({});
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kForeignKeyViolation);
  EXPECT_EQ(InfoOf(status).constraint, "c_a_fkey");
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM c"),
              IsOkAndHolds(0));
}

// F12, E2
TEST_F(PostgresqlConnectionTest, F12ATerminatedSessionIsALostConnection) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  Terminate(*connection_);
  const absl::Status status = Exec(*connection_, "INSERT INTO t VALUES (1)");
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
  EXPECT_FALSE(connection_->is_alive());
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_THAT(connection_->Ping({}), StatusIs(StatusCode::kUnavailable));
  // Known to be lost before: nothing was sent, so nothing is unknown.
  const absl::Status commit = connection_->Commit({});
  EXPECT_EQ(InfoOf(commit).kind, ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(commit).transaction_state, TransactionState::kRolledBack);
}

// F10: the question for the number of the transaction finds out before.
TEST_F(PostgresqlConnectionTest, F10ALossBeforeCommitIsNoLossDuringIt) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  Terminate(*connection_);
  const absl::Status status = connection_->Commit({});
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
}

// F10
TEST_F(PostgresqlConnectionTest, F10ALossDuringCommitIsUnknown) {
  connection_ = Open("commit_tokens=off");
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  Terminate(*connection_);
  const absl::Status status = connection_->Commit({});
  EXPECT_THAT(status, StatusIs(StatusCode::kUnknown));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kUnknown);
  EXPECT_EQ(InfoOf(status).retry, Retry::kOnlyIfIdempotent);
  EXPECT_FALSE(connection_->is_alive());
}

// E23: the number of a transaction tells later what became of it.
TEST_F(PostgresqlConnectionTest, TheOutcomeOfACommitCanBeAskedFor) {
  const auto number = [this] {
    return *SelectText(*connection_, "SELECT pg_current_xact_id()::text");
  };
  auto other = Open();
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  const std::string committed = number();
  EXPECT_THAT(other->ResolveCommit(committed, {}),
              IsOkAndHolds(engine::CommitOutcome::kInProgress));
  CUPEL_ASSERT_OK(connection_->Commit({}));
  EXPECT_THAT(other->ResolveCommit(committed, {}),
              IsOkAndHolds(engine::CommitOutcome::kCommitted));
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  const std::string rolled_back = number();
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  EXPECT_THAT(other->ResolveCommit(rolled_back, {}),
              IsOkAndHolds(engine::CommitOutcome::kRolledBack));
  for (absl::string_view bad : {"", "1'; DROP TABLE t", "x"}) {
    EXPECT_THAT(other->ResolveCommit(bad, {}),
                StatusIs(StatusCode::kInvalidArgument));
  }
}

TEST_F(PostgresqlConnectionTest, APreparedTransactionOutlivesItsConnection) {
  const std::string id = "it's one";
  for (bool commits : {true, false}) {
    CUPEL_ASSERT_OK(connection_->Begin({.two_phase_id = id}, {}));
    CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
    CUPEL_ASSERT_OK(connection_->PrepareCommit(id, {}));
    EXPECT_FALSE(connection_->in_transaction());
    connection_ = Open();
    EXPECT_THAT(connection_->PreparedTransactions({}),
                IsOkAndHolds(::testing::ElementsAre(id)));
    CUPEL_ASSERT_OK(commits ? connection_->CommitPrepared(id, {})
                            : connection_->RollbackPrepared(id, {}));
    EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
                IsOkAndHolds(commits ? 1 : 0));
    CUPEL_ASSERT_OK(Exec(*connection_, "DELETE FROM t"));
  }
  EXPECT_THAT(connection_->CommitPrepared("nosuch", {}),
              StatusIs(StatusCode::kNotFound));
}

// F11, E9
TEST_F(PostgresqlConnectionTest, F11AForkedChildLeavesTheParentAlone) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  const pid_t child = fork();
  if (child == 0) {
    connection_->Abandon();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (2)"));
  CUPEL_EXPECT_OK(connection_->Commit({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(2));
}

// F18
TEST_F(PostgresqlConnectionTest, F18OneStatementAtATime) {
  const absl::Status status = Exec(*connection_, "SELECT 1; DROP TABLE t");
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(InfoOf(status).native_code, "42601");
  EXPECT_THAT(connection_->ExecuteSimple("SELECT 1; DROP TABLE t", {}),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(InfoOf(Exec(*connection_, absl::string_view("SELECT 1\0", 9))).kind,
            ErrorKind::kInvalidValue);
  CUPEL_EXPECT_OK(Exec(*connection_, "SELECT * FROM t"));
}

// F19: the driver knows its limit, and says no before anything is sent.
TEST_F(PostgresqlConnectionTest, F19TheNumberOfParametersIsLimited) {
  const auto list_of = [](size_t count) {
    std::string sql = "SELECT 1 WHERE 1 IN (";
    for (size_t i = 1; i <= count; ++i) {
      absl::StrAppend(&sql, i == 1 ? "$" : ",$", i);
    }
    return sql + ")";
  };
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement,
                             connection_->Prepare(list_of(kMaxParameters), {}));
  EXPECT_EQ(statement->parameter_count(), static_cast<int>(kMaxParameters));
  const std::vector<ValueView> values(kMaxParameters, ValueView::Int64(1));
  CUPEL_ASSERT_OK(statement->Execute(values, {}));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  statement->Reset();
  for (size_t count : {kMaxParameters + 1, size_t{65535}, size_t{65536}}) {
    EXPECT_THAT(connection_->Prepare(list_of(count), {}),
                StatusIs(StatusCode::kOutOfRange));
  }
  EXPECT_THAT(SelectText(*connection_, "SELECT '$99999'"),
              IsOkAndHolds("$99999"));
}

// F21
TEST_F(PostgresqlConnectionTest, F21ANegativeLimitIsAnInvalidValue) {
  const absl::Status status =
      Exec(*connection_, "SELECT a FROM t LIMIT $1", {ValueView::Int64(-1)});
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(InfoOf(status).native_code, "2201W");
}

TEST_F(PostgresqlConnectionTest, ErrorsNameWhatTheyAreAbout) {
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  const absl::Status status =
      Exec(*connection_, "INSERT INTO t VALUES (1, 'hunter2')");
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kUniqueViolation);
  EXPECT_EQ(InfoOf(status).constraint, "t_pkey");
  EXPECT_EQ(InfoOf(status).table, "t");
  EXPECT_THAT(InfoOf(status).detail, HasSubstr("(a)=(1)"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("(1)")));
  EXPECT_EQ(InfoOf(Exec(*connection_, "INSERT INTO t VALUES (NULL)")).column,
            "a");
  EXPECT_EQ(InfoOf(Exec(*connection_, "SELECT * FROM nosuch")).kind,
            ErrorKind::kNoSuchTable);
  EXPECT_EQ(InfoOf(Exec(*connection_, "SELECT nosuch FROM t")).kind,
            ErrorKind::kNoSuchColumn);
  EXPECT_EQ(InfoOf(Exec(*connection_, "CREATE TABLE t (a int)")).kind,
            ErrorKind::kAlreadyExists);
  EXPECT_EQ(InfoOf(Exec(*connection_, "SELEC 1")).kind, ErrorKind::kSyntax);
  const absl::Status parse =
      Exec(*connection_, "SELECT CAST('hunter2' AS int)");
  EXPECT_THAT(parse, StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(InfoOf(parse).detail, HasSubstr("hunter2"));
}

// E20
TEST_F(PostgresqlConnectionTest, SerializationFailuresSayRunItAgain) {
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1, 'x')"));
  auto other = Open();
  const engine::TransactionOptions options = {
      .isolation = IsolationLevel::kRepeatableRead};
  CUPEL_ASSERT_OK(connection_->Begin(options, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "SELECT * FROM t"));
  CUPEL_ASSERT_OK(Exec(*other, "UPDATE t SET b = 'y'"));
  const absl::Status status = Exec(*connection_, "UPDATE t SET b = 'z'");
  EXPECT_THAT(status, StatusIs(StatusCode::kAborted));
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
}

// G22
TEST_F(PostgresqlConnectionTest, WhatARoleMayNotIsRefused) {
  CUPEL_ASSERT_OK(Exec(*connection_, "SET ROLE pg_monitor"));
  for (absl::string_view sql :
       {"SELECT * FROM t", "INSERT INTO t VALUES (1)", "DROP TABLE t"}) {
    const absl::Status status = Exec(*connection_, sql);
    EXPECT_THAT(status, StatusIs(StatusCode::kPermissionDenied)) << sql;
    EXPECT_EQ(InfoOf(status).kind, ErrorKind::kPermission);
    EXPECT_EQ(InfoOf(status).native_code, "42501");
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  }
}

// E26
TEST_F(PostgresqlConnectionTest, ResetUndoesWhatChangedTheSession) {
  auto kept = connection_->Prepare("SELECT 1", {});
  CUPEL_ASSERT_OK(kept);
  CUPEL_ASSERT_OK(Exec(*connection_, "SET work_mem = '1MB'"));
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TEMP TABLE mine (a int)"));
  CUPEL_ASSERT_OK(Exec(*connection_, "SELECT pg_advisory_lock(1)"));
  CUPEL_ASSERT_OK(connection_->Reset({}));
  EXPECT_THAT(SelectText(*connection_, "SHOW work_mem"),
              IsOkAndHolds(Not("1MB")));
  EXPECT_THAT(SelectText(*connection_, "SHOW TimeZone"), IsOkAndHolds("UTC"));
  EXPECT_THAT(Exec(*connection_, "SELECT * FROM mine"),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(SelectInteger(*connection_,
                            "SELECT count(*) FROM pg_locks "
                            "WHERE locktype = 'advisory'"),
              IsOkAndHolds(0));
  CUPEL_EXPECT_OK((*kept)->Execute({}, {}));
}

// E26: a statement that the engine keeps prepared is not prepared again.
TEST_F(PostgresqlConnectionTest, ResetUndoesWhatAKeptStatementHasSetAgain) {
  for (absl::string_view sql :
       {"SET work_mem = '1MB'", "/* who */ SET work_mem = '1MB'",
        "-- who\nSET work_mem = '1MB'"}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto statement, connection_->Prepare(sql, {}));
    for (int i = 0; i < 2; ++i) {
      CUPEL_ASSERT_OK(statement->Execute({}, {}));
      EXPECT_THAT(SelectText(*connection_, "SHOW work_mem"),
                  IsOkAndHolds("1MB"));
      CUPEL_ASSERT_OK(connection_->Reset({}));
      EXPECT_THAT(SelectText(*connection_, "SHOW work_mem"),
                  IsOkAndHolds(Not("1MB")))
          << sql << " " << i;
    }
  }
}

// E28: in a transaction, too, where an error of it harms nobody.
TEST_F(PostgresqlConnectionTest, DestroyedStatementsAreClosedTogether) {
  const auto count = [this] {
    return *SelectInteger(*connection_,
                          "SELECT count(*) FROM pg_prepared_statements");
  };
  const auto use_many = [this] {
    for (int i = 0; i < 100; ++i) {
      CUPEL_ASSERT_OK(connection_->Prepare(absl::StrCat("SELECT ", i), {}));
    }
  };
  use_many();
  EXPECT_LE(count(), 20);
  EXPECT_GE(count(), 1);
  CUPEL_ASSERT_OK(Exec(*connection_, "DEALLOCATE ALL"));
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  use_many();
  // Some are forgotten with those that were closed already.
  EXPECT_LE(count(), 40);
  CUPEL_ASSERT_OK(connection_->Commit({}));
  EXPECT_THAT(SelectInteger(*connection_, "SELECT count(*) FROM t"),
              IsOkAndHolds(1));
}

// E28
TEST_F(PostgresqlConnectionTest, StalePlansArePreparedAgain) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement,
                             connection_->Prepare("SELECT * FROM t", {}));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  statement->Reset();
  auto other = Open();
  CUPEL_ASSERT_OK(Exec(*other, "ALTER TABLE t ADD c int"));
  // Outside of a transaction.
  absl::Status status = statement->Execute({}, {});
  EXPECT_EQ(InfoOf(status).retry, Retry::kStatement);
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  statement->Reset();
  CUPEL_ASSERT_OK(Exec(*other, "ALTER TABLE t ADD d int"));
  // At the beginning of one nothing is lost.
  CUPEL_ASSERT_OK(
      connection_->Begin({.isolation = IsolationLevel::kRepeatableRead}, {}));
  status = statement->Execute({}, {});
  EXPECT_EQ(InfoOf(status).retry, Retry::kStatement);
  EXPECT_THAT(SelectText(*connection_, "SHOW transaction_isolation"),
              IsOkAndHolds("repeatable read"));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  statement->Reset();
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  // Later its work is.
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "SELECT 1"));
  CUPEL_ASSERT_OK(Exec(*other, "ALTER TABLE t ADD e int"));
  status = statement->Execute({}, {});
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  // And then it is prepared anew.
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 5U);
  statement->Reset();
  // Definitions of the same connection are no error at all.
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "/* more */ ALTER TABLE t ADD f int"));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 6U);
  statement->Reset();
  CUPEL_ASSERT_OK(connection_->Rollback({}));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 5U);
  statement->Reset();
  // Nor are those that a failed COMMIT has undone.
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "ALTER TABLE t ADD g int"));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  statement->Reset();
  EXPECT_THAT(Exec(*connection_, "SELECT 1 / 0"), Not(IsOk()));
  EXPECT_THAT(connection_->Commit({}), Not(IsOk()));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 5U);
  statement->Reset();
  CUPEL_ASSERT_OK(Exec(*connection_, "DEALLOCATE ALL"));
  EXPECT_EQ(InfoOf(statement->Execute({}, {})).retry, Retry::kStatement);
}

TEST_F(PostgresqlConnectionTest, TypesOfParametersFollowTheirTable) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto statement,
      connection_->Prepare("INSERT INTO t (a) VALUES ($1)", {}));
  ValueView value = ValueView::Int64(1);
  CUPEL_ASSERT_OK(statement->Execute({&value, 1}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "DROP TABLE t"));
  CUPEL_ASSERT_OK(Exec(*connection_, "CREATE TABLE t (a date)"));
  value = ValueView::Date(1);
  CUPEL_EXPECT_OK(statement->Execute({&value, 1}, {}));
}

// What the server could not convert any more is found out by one error.
TEST_F(PostgresqlConnectionTest, TypesOfParametersRecoverFromAnotherTable) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto statement,
      connection_->Prepare("INSERT INTO t VALUES ($1, $2)", {}));
  const auto insert = [&](int64_t id) {
    const ValueView row[] = {ValueView::Int64(id), ValueView::Json("[1]")};
    return statement->Execute(row, {});
  };
  CUPEL_ASSERT_OK(insert(1));
  CUPEL_ASSERT_OK(
      Exec(*Open(), "ALTER TABLE t ALTER b TYPE jsonb USING b::jsonb"));
  EXPECT_EQ(InfoOf(insert(2)).native_code, "42804");
  CUPEL_EXPECT_OK(insert(3));
}

// Whatever goes wrong when a statement is prepared again is not forgotten.
TEST_F(PostgresqlConnectionTest, AFailedPreparationIsTriedAgain) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto statement, connection_->Prepare("SELECT a FROM t WHERE b = $1", {}));
  const ValueView number = ValueView::Int64(5);
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = statement->Execute({&number, 1}, {});
    EXPECT_EQ(InfoOf(status).native_code, "42883") << i;
    EXPECT_THAT(std::string(status.message()), HasSubstr("type casts"));
  }
  const ValueView text = ValueView::Text("5");
  CUPEL_EXPECT_OK(statement->Execute({&text, 1}, {}));
}

// As above, when it is the question for enumerations that fails.
TEST_F(PostgresqlConnectionTest, AnUnknownTypeIsNeverReadInBinary) {
  auto other = Open();
  for (absl::string_view sql :
       {"CREATE TYPE pair AS (x int, y int)", "GRANT SELECT ON t TO PUBLIC",
        "INSERT INTO t VALUES (1, '(1,2)')",
        "REVOKE SELECT ON pg_catalog.pg_type FROM PUBLIC"}) {
    CUPEL_ASSERT_OK(Exec(*other, sql));
  }
  CUPEL_ASSERT_OK(Exec(*connection_, "SET ROLE pg_monitor"));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement,
                             connection_->Prepare("SELECT b FROM t", {}));
  CUPEL_ASSERT_OK(
      Exec(*other, "ALTER TABLE t ALTER b TYPE pair USING '(1,2)'"));
  EXPECT_EQ(InfoOf(statement->Execute({}, {})).retry, Retry::kStatement);
  EXPECT_EQ(InfoOf(statement->Execute({}, {})).native_code, "42501");
  CUPEL_ASSERT_OK(Exec(*other, "GRANT SELECT ON pg_catalog.pg_type TO PUBLIC"));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(statement->row()[0], ValueView::Text("(1,2)"));
}

TEST_F(PostgresqlConnectionTest, ParametersAreSeenBehindQuotes) {
  const ValueView three = ValueView::Int64(3);
  for (absl::string_view before :
       {"/* it's */ ", "-- it's\n", "SELECT 1 AS \"it's\", ",
        "SELECT $$it's $99999$$, ", "SELECT $a$ $$ it's $a$, "}) {
    const bool selects = absl::StrContains(before, "SELECT");
    auto rows = Select(
        *connection_, absl::StrCat(before, selects ? "" : "SELECT ", "$1 * $2"),
        {three, three});
    CUPEL_ASSERT_OK(rows);
    EXPECT_EQ((*rows)[0].back(), Value::Int64(9)) << before;
  }
}

TEST_F(PostgresqlConnectionTest, ANameKeepsItsBackslashes) {
  const std::string id = "a\\' b\\";
  CUPEL_ASSERT_OK(Exec(*connection_, "SET standard_conforming_strings = off"));
  CUPEL_ASSERT_OK(connection_->Begin({.two_phase_id = id}, {}));
  CUPEL_ASSERT_OK(connection_->PrepareCommit(id, {}));
  EXPECT_THAT(Open()->PreparedTransactions({}),
              IsOkAndHolds(::testing::ElementsAre(id)));
  CUPEL_EXPECT_OK(connection_->RollbackPrepared(id, {}));
}

TEST_F(PostgresqlConnectionTest, ATextWithoutAStatementIsRefused) {
  for (absl::string_view sql : {"", "  ", "-- nothing", ";"}) {
    EXPECT_THAT(Exec(*connection_, sql),
                StatusIs(StatusCode::kInvalidArgument));
  }
}

TEST_F(PostgresqlConnectionTest, WithoutPreparingTheSessionKeepsNothing) {
  auto connection = Open("prepare=off&session_settings=off");
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement,
                             connection->Prepare("SELECT a + $1 FROM t", {}));
  CUPEL_ASSERT_OK(
      Exec(*connection, "INSERT INTO t VALUES ($1)", {ValueView::Int64(1)}));
  for (int64_t i = 0; i < 3; ++i) {
    const ValueView value = ValueView::Int64(i);
    CUPEL_ASSERT_OK(statement->Execute({&value, 1}, {}));
    EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
    EXPECT_EQ(statement->row()[0], ValueView::Int64(1 + i));
    statement->Reset();
  }
  EXPECT_THAT(
      SelectInteger(*connection, "SELECT count(*) FROM pg_prepared_statements"),
      IsOkAndHolds(0));
}

TEST_F(PostgresqlConnectionTest, CopyIsRefusedAndHarmsNobodyElse) {
  const absl::Status status = Exec(*connection_, "COPY t FROM STDIN");
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kUnsupported);
  EXPECT_FALSE(connection_->is_alive());
  EXPECT_EQ(InfoOf(Exec(*Open(), "COPY t TO STDOUT")).kind,
            ErrorKind::kUnsupported);
}

TEST_F(PostgresqlConnectionTest, PingAsksTheServer) {
  CUPEL_EXPECT_OK(connection_->Ping({}));
  Terminate(*connection_);
  EXPECT_THAT(connection_->Ping({}), StatusIs(StatusCode::kUnavailable));
}

}  // namespace
}  // namespace cupel::postgresql_internal
