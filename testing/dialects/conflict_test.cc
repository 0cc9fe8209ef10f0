// A transaction that another one has overtaken, on each database: what its
// error says, and how the engine runs it again.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::Deadline;
using engine::Engine;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::RetryOptions;
using engine::TransactionState;
using ::testing::HasSubstr;

absl::StatusOr<int64_t> Integer(Connection& connection, absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection.Query(sql));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  if (!found) return absl::NotFoundError("no row");
  return cursor.row()[0].int64_value();
}

ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(ErrorInfo());
}

class ConflictTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CUPEL_ASSERT_OK_AND_ASSIGN(Engine engine,
                               Engine::Create({.uri = database_.url()}));
    engine_ = std::make_unique<Engine>(engine);
    for (absl::string_view sql :
         {"CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)",
          "INSERT INTO t VALUES (1, 0), (2, 0)"}) {
      CUPEL_ASSERT_OK(Run(sql));
    }
  }

  // On a connection of its own.
  absl::Status Run(absl::string_view sql) {
    CUPEL_ASSIGN_OR_RETURN(Connection connection, engine_->Connect());
    CUPEL_RETURN_IF_ERROR(connection.Execute(sql).status());
    return connection.Commit();
  }
  absl::StatusOr<int64_t> Ask(absl::string_view sql) {
    CUPEL_ASSIGN_OR_RETURN(Connection connection, engine_->Connect());
    return Integer(connection, sql);
  }

  // Reads the row, is overtaken by another transaction that adds 10 to it, if
  // `overtaken`, and adds 1 to what was read.
  absl::Status Add(Connection& connection, bool overtaken) {
    if (engine_->dialect().name() == "mariadb") {
      // Else it would overwrite what it has not seen.
      CUPEL_RETURN_IF_ERROR(
          connection.Execute("SET innodb_snapshot_isolation = ON").status());
    }
    CUPEL_ASSIGN_OR_RETURN(const int64_t b,
                           Integer(connection, "SELECT b FROM t WHERE id = 1"));
    if (overtaken) {
      CUPEL_RETURN_IF_ERROR(Run("UPDATE t SET b = b + 10 WHERE id = 1"));
    }
    return connection
        .Execute(absl::StrCat("UPDATE t SET b = ", b + 1, " WHERE id = 1"))
        .status();
  }

  RetryOptions Options() {
    RetryOptions options;
    for (const IsolationLevel level :
         engine_->dialect().capabilities().isolation_levels) {
      if (level == IsolationLevel::kRepeatableRead) {
        options.transaction.isolation = level;
      }
    }
    options.first_pause = absl::Milliseconds(1);
    options.longest_pause = absl::Milliseconds(2);
    return options;
  }

  TempDatabase database_;
  std::unique_ptr<Engine> engine_;
};

MATCHER(IsAConflict, "") {
  const ErrorInfo info = InfoOf(arg);
  *result_listener << arg;
  return absl::IsAborted(arg) &&
         info.kind == ErrorKind::kSerializationFailure &&
         info.retry == engine::Retry::kTransaction &&
         info.transaction_state == TransactionState::kRolledBack;
}

// E20
TEST_F(ConflictTest, RollsTheTransactionBack) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  CUPEL_ASSERT_OK(connection.Begin(Options().transaction));
  const absl::Status status = Add(connection, true);
  EXPECT_THAT(status, IsAConflict());
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kOk);
  const absl::Status next =
      connection.Execute("UPDATE t SET b = 7 WHERE id = 2").status();
  EXPECT_EQ(InfoOf(next).kind, ErrorKind::kTransactionPoisoned);
  EXPECT_THAT(next.message(), HasSubstr(status.message()));
  // E22
  const absl::Status commit = connection.Commit();
  EXPECT_THAT(commit, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(InfoOf(commit).transaction_state, TransactionState::kRolledBack);
  EXPECT_THAT(commit.message(), HasSubstr(status.message()));
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_THAT(Integer(connection, "SELECT sum(b) FROM t"), IsOkAndHolds(10));
}

// E22, F1
TEST_F(ConflictTest, AFailedTransactionIsNotCommitted) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  CUPEL_ASSERT_OK(connection.Execute("UPDATE t SET b = 7 WHERE id = 2"));
  const absl::Status first =
      connection.Execute("INSERT INTO t VALUES (1, 0)").status();
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kAlreadyExists));
  const absl::Status commit = connection.Commit();
  EXPECT_THAT(commit, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr(first.message())));
  EXPECT_EQ(InfoOf(commit).transaction_state, TransactionState::kRolledBack);
  EXPECT_THAT(Integer(connection, "SELECT sum(b) FROM t"), IsOkAndHolds(0));
}

// E24
TEST_F(ConflictTest, AnErrorBehindASavepointLeavesTheRest) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 3)"));
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint outer,
                               connection.BeginNested());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (4, 40)"));
    {
      CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                                 connection.BeginNested());
      CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (5, 500)"));
      const absl::Status error =
          connection.Execute("INSERT INTO t VALUES (6, 0), (1, 0)").status();
      EXPECT_THAT(error, StatusIs(absl::StatusCode::kAlreadyExists));
      EXPECT_EQ(InfoOf(error).transaction_state, TransactionState::kPoisoned);
      EXPECT_FALSE(connection.Execute("SELECT 1").ok());
      EXPECT_FALSE(inner.Commit().ok());
      CUPEL_ASSERT_OK(inner.Rollback());
    }
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (7, 7000)"));
    CUPEL_ASSERT_OK(outer.Commit());
  }
  CUPEL_ASSERT_OK(connection.Commit());
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(7043));
}

// E25
TEST_F(ConflictTest, IsRunAgainOnWhatIsThereThen) {
  std::vector<int> told;
  RetryOptions options = Options();
  options.on_retry = [&](int attempt, const absl::Status& error) {
    told.push_back(attempt);
    EXPECT_THAT(error, IsAConflict());
  };
  int runs = 0;
  CUPEL_EXPECT_OK(engine_->RunInTransaction(
      [&](Connection& connection) { return Add(connection, ++runs < 4); },
      options));
  EXPECT_EQ(runs, 4);
  EXPECT_THAT(told, ::testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(31));
}

// E25
TEST_F(ConflictTest, IsRunAgainSoOftenAndNotMore) {
  RetryOptions options = Options();
  options.max_attempts = 3;
  int runs = 0;
  const absl::Status status = engine_->RunInTransaction(
      [&](Connection& connection) {
        ++runs;
        return Add(connection, true);
      },
      options);
  EXPECT_THAT(status, IsAConflict());
  EXPECT_EQ(InfoOf(status).attempts, 3);
  EXPECT_EQ(runs, 3);
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(30));
}

// E25
TEST_F(ConflictTest, IsNotRunAgainBeyondTheDeadline) {
  RetryOptions options = Options();
  options.max_attempts = 1000000;
  options.first_pause = options.longest_pause = absl::Seconds(100);
  options.deadline = Deadline::After(absl::Seconds(20));
  int runs = 0;
  EXPECT_THAT(engine_->RunInTransaction(
                  [&](Connection& connection) {
                    ++runs;
                    return Add(connection, true);
                  },
                  options),
              IsAConflict());
  EXPECT_EQ(runs, 1);
}

// E25
TEST_F(ConflictTest, OtherErrorsPassAsTheyAre) {
  int runs = 0;
  const absl::Status own = absl::NotFoundError("mine");
  EXPECT_EQ(engine_->RunInTransaction([&](Connection&) {
    ++runs;
    return own;
  }),
            own);
  EXPECT_THAT(engine_->RunInTransaction([&](Connection& connection) {
    ++runs;
    return connection.Execute("INSERT INTO t VALUES (1, 0)").status();
  }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  // Swallowed by the program, but not by the transaction.
  EXPECT_EQ(InfoOf(engine_->RunInTransaction([&](Connection& connection) {
              ++runs;
              connection.Execute("INSERT INTO t VALUES (1, 0)")
                  .status()
                  .IgnoreError();
              return absl::OkStatus();
            })).kind,
            ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace cupel::testing
