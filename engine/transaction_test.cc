#include "cupel/engine/transaction.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/fake_clock.h"
#include "cupel/testing/fake_driver.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::FakeCall;
using ::cupel::testing::FakeClock;
using ::cupel::testing::FakeDatabase;
using ::cupel::testing::FakeError;
using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;

class TransactionTest : public ::testing::Test {
 protected:
  explicit TransactionTest(
      Capabilities capabilities = FakeDatabase::DefaultCapabilities())
      : fake_(FakeDatabase::Create(std::move(capabilities))),
        engine_(*Engine::Create(
            {.uri = "fake://", .dialect = fake_->dialect(), .clock = &clock_})),
        connection_(*engine_.Connect()) {
    fake_->ClearLog();
  }

  absl::Status Run(absl::string_view sql) {
    return connection_.Execute(sql).status();
  }

  FakeClock clock_;
  const std::shared_ptr<FakeDatabase> fake_;
  Engine engine_;
  Connection connection_;
};

Capabilities WithTwoPhaseCommit() {
  Capabilities capabilities = FakeDatabase::DefaultCapabilities();
  capabilities.two_phase_commit = true;
  return capabilities;
}

class TwoPhaseTest : public TransactionTest {
 protected:
  TwoPhaseTest() : TransactionTest(WithTwoPhaseCommit()) {}
};

// ENG-21
TEST_F(TransactionTest, ScopeCommitsOrRollsBack) {
  {
    auto transaction = connection_.BeginTransaction();
    ASSERT_THAT(Run("A"), IsOk());
    EXPECT_THAT(transaction->Commit(), IsOk());
    EXPECT_FALSE(transaction->is_active());
  }
  {
    auto transaction = connection_.BeginTransaction();
    ASSERT_THAT(Run("A"), IsOk());
  }
  EXPECT_THAT(fake_->log(),
              ElementsAre("begin", "prepare A", "execute A", "commit", "begin",
                          "execute A", "rollback"));
}

// ENG-22
TEST_F(TransactionTest, SecondBeginIsRefused) {
  ASSERT_THAT(connection_.Begin(), IsOk());
  EXPECT_THAT(connection_.Begin(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "a transaction has already begun on this connection: "
                       "commit it or roll it back first, or use a savepoint"));
}

// ENG-23
TEST_F(TransactionTest, SavepointsNest) {
  ASSERT_THAT(Run("A"), IsOk());
  {
    auto outer = connection_.BeginNested();
    EXPECT_EQ(outer->name(), "cupel_savepoint_1");
    auto inner = connection_.BeginNested();
    EXPECT_EQ(connection_.savepoint_depth(), 2);
    ASSERT_THAT(inner->Rollback(), IsOk());
    ASSERT_THAT(outer->Commit(), IsOk());
  }
  ASSERT_THAT(connection_.Commit(), IsOk());
  EXPECT_THAT(
      fake_->log(),
      ElementsAre("begin", "prepare A", "execute A",
                  "SAVEPOINT cupel_savepoint_1", "SAVEPOINT cupel_savepoint_2",
                  "ROLLBACK TO SAVEPOINT cupel_savepoint_2",
                  "RELEASE SAVEPOINT cupel_savepoint_2",
                  "RELEASE SAVEPOINT cupel_savepoint_1", "commit"));
}

// A name is a depth, so those that follow one another are prepared once.
TEST_F(TransactionTest, SavepointsOfOneDepthShareTheirName) {
  auto first = connection_.BeginNested();
  ASSERT_THAT(first->Commit(), IsOk());
  auto outer = connection_.BeginNested();
  EXPECT_EQ(outer->name(), "cupel_savepoint_1");
  // What has ended does not answer for its successor.
  EXPECT_FALSE(first->is_active());
  EXPECT_THAT(first->Rollback(), IsOk());
  EXPECT_FALSE(first->Commit().ok());
  auto inner = connection_.BeginNested();
  auto innermost = connection_.BeginNested();
  EXPECT_EQ(innermost->name(), "cupel_savepoint_3");
  ASSERT_THAT(inner->Commit(), IsOk());  // ends the innermost, too
  auto next = connection_.BeginNested();
  EXPECT_EQ(next->name(), "cupel_savepoint_2");
  EXPECT_FALSE(innermost->is_active());
  ASSERT_THAT(next->Rollback(), IsOk());
  EXPECT_TRUE(outer->is_active());
  ASSERT_THAT(outer->Commit(), IsOk());
  EXPECT_THAT(
      fake_->log(),
      ElementsAre(
          "begin", "SAVEPOINT cupel_savepoint_1",
          "RELEASE SAVEPOINT cupel_savepoint_1", "SAVEPOINT cupel_savepoint_1",
          "SAVEPOINT cupel_savepoint_2", "SAVEPOINT cupel_savepoint_3",
          "RELEASE SAVEPOINT cupel_savepoint_2", "SAVEPOINT cupel_savepoint_2",
          "ROLLBACK TO SAVEPOINT cupel_savepoint_2",
          "RELEASE SAVEPOINT cupel_savepoint_2",
          "RELEASE SAVEPOINT cupel_savepoint_1"));
}

// ENG-28
TEST_F(TwoPhaseTest, TwoPhasesPrepareAndThenCommit) {
  ASSERT_THAT(connection_.Begin({.two_phase_id = "t1"}), IsOk());
  ASSERT_THAT(Run("A"), IsOk());
  ASSERT_THAT(connection_.PrepareCommit(), IsOk());
  EXPECT_TRUE(connection_.in_transaction());
  EXPECT_THAT(Run("A"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the transaction is prepared: commit it or roll it "
                       "back"));
  EXPECT_THAT(connection_.PrepareCommit(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(connection_.Commit(), IsOk());
  EXPECT_FALSE(connection_.in_transaction());
  ASSERT_THAT(connection_.Begin({.two_phase_id = "t2"}), IsOk());
  ASSERT_THAT(connection_.PrepareCommit(), IsOk());
  ASSERT_THAT(connection_.Rollback(), IsOk());
  EXPECT_THAT(fake_->log(),
              ElementsAre("begin", "prepare A", "execute A",
                          "prepare commit t1", "commit prepared t1", "begin",
                          "prepare commit t2", "rollback prepared t2"));
}

// ENG-28
TEST_F(TransactionTest, ADatabaseWithoutTwoPhaseCommitSaysSo) {
  EXPECT_THAT(connection_.Begin({.two_phase_id = "t"}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "fake has no two-phase commit"));
}

// ENG-28
TEST_F(TwoPhaseTest, OnlyANamedTransactionCanBePrepared) {
  EXPECT_THAT(connection_.PrepareCommit(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(connection_.Begin(), IsOk());
  EXPECT_THAT(connection_.PrepareCommit(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(connection_.Rollback(), IsOk());
}

TEST_F(TwoPhaseTest, WhatIsPreparedOutlivesItsConnection) {
  {
    Connection connection = *engine_.Connect();
    ASSERT_THAT(connection.Begin({.two_phase_id = "t"}), IsOk());
    ASSERT_THAT(connection.PrepareCommit(), IsOk());
    fake_->ClearLog();
  }
  EXPECT_THAT(fake_->log(), ElementsAre("reset"));
  EXPECT_THAT(*engine_.PreparedTransactions(), ElementsAre("left"));
  fake_->ClearLog();
  EXPECT_THAT(engine_.CommitPrepared("left"), IsOk());
  EXPECT_THAT(engine_.RollbackPrepared("other"), IsOk());
  EXPECT_THAT(fake_->log(), ElementsAre("commit prepared left", "reset",
                                        "rollback prepared other", "reset"));
}

TEST_F(TwoPhaseTest, AFailedPhaseLeavesARollbackOrAQuestion) {
  ASSERT_THAT(connection_.Begin({.two_phase_id = "t"}), IsOk());
  fake_->FailNext(FakeCall::kTwoPhase, FakeError(ErrorKind::kUniqueViolation));
  EXPECT_EQ(KindOf(connection_.PrepareCommit()), ErrorKind::kUniqueViolation);
  EXPECT_TRUE(connection_.is_poisoned());
  ASSERT_THAT(connection_.Rollback(), IsOk());

  ASSERT_THAT(connection_.Begin({.two_phase_id = "t"}), IsOk());
  ASSERT_THAT(connection_.PrepareCommit(), IsOk());
  fake_->FailNext(FakeCall::kTwoPhase,
                  FakeError(ErrorKind::kConnectionLost, true));
  const absl::Status lost = connection_.Commit();
  EXPECT_EQ(KindOf(lost), ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(GetErrorInfo(lost)->retry, Retry::kOnlyIfIdempotent);
  EXPECT_FALSE(connection_.in_transaction());
}

MATCHER(HasUnknownOutcome, "") {
  const ErrorInfo info = GetErrorInfo(arg).value_or(ErrorInfo());
  *result_listener << arg;
  return info.transaction_state == TransactionState::kUnknown &&
         info.retry == Retry::kOnlyIfIdempotent &&
         info.connection_state == ConnectionState::kDead &&
         absl::StrContains(arg.message(), "may be prepared or rolled back");
}

// E23
TEST_F(TwoPhaseTest, ALostPreparationIsUnknownForAllThatFollows) {
  for (const bool commits : {true, false}) {
    SCOPED_TRACE(commits);
    ASSERT_THAT(connection_.Begin({.two_phase_id = "t"}), IsOk());
    ASSERT_THAT(Run("A"), IsOk());
    fake_->FailNext(FakeCall::kTwoPhase,
                    FakeError(ErrorKind::kCommitOutcomeUnknown, true));
    const absl::Status lost = connection_.PrepareCommit();
    EXPECT_EQ(KindOf(lost), ErrorKind::kCommitOutcomeUnknown);
    EXPECT_THAT(lost, HasUnknownOutcome());
    EXPECT_EQ(connection_.poisoning_error(), lost);
    for (const absl::Status& next :
         {Run("B"), connection_.BeginNested().status(),
          connection_.PrepareCommit()}) {
      EXPECT_EQ(KindOf(next), ErrorKind::kTransactionPoisoned);
      EXPECT_THAT(next, HasUnknownOutcome());
    }
    EXPECT_THAT(commits ? connection_.Commit() : connection_.Rollback(),
                HasUnknownOutcome());
    EXPECT_FALSE(connection_.in_transaction());
    // It is the transaction's, not the connection's.
    EXPECT_THAT(connection_.Rollback(), IsOk());
    EXPECT_THAT(Run("A"), IsOk());
    fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kCheckViolation));
    EXPECT_FALSE(Run("A").ok());
    EXPECT_EQ(GetErrorInfo(Run("A"))->transaction_state,
              TransactionState::kPoisoned);
    EXPECT_THAT(connection_.Rollback(), IsOk());
  }
  EXPECT_EQ(fake_->Count("execute B"), 0);
  EXPECT_EQ(fake_->Count("rollback"), 2);
}

// E23
TEST_F(TransactionTest, AsksWhatBecameOfACommit) {
  EXPECT_EQ(*engine_.ResolveCommit("770"), CommitOutcome::kCommitted);
  ErrorInfo info;
  info.kind = ErrorKind::kCommitOutcomeUnknown;
  info.commit_token = "770";
  EXPECT_EQ(GetErrorInfo(MakeError(info, "lost"))->commit_token, "770");
}

// ENG-29
TEST_F(TransactionTest, FlagsFollowTheTransaction) {
  EXPECT_FALSE(connection_.in_transaction());
  auto savepoint = connection_.BeginNested();
  EXPECT_TRUE(connection_.in_transaction());
  EXPECT_TRUE(connection_.in_nested_transaction());
  EXPECT_TRUE(savepoint->is_active());
  ASSERT_THAT(savepoint->Commit(), IsOk());
  EXPECT_FALSE(savepoint->is_active());
  EXPECT_FALSE(connection_.in_nested_transaction());
  EXPECT_TRUE(connection_.in_transaction());
  ASSERT_THAT(connection_.Rollback(), IsOk());
  EXPECT_FALSE(connection_.in_transaction());
}

TEST_F(TransactionTest, EndedScopesRefuseCommitAndIgnoreRollback) {
  auto savepoint = connection_.BeginNested();
  auto inner = connection_.BeginNested();
  ASSERT_THAT(savepoint->Commit(), IsOk());
  EXPECT_THAT(inner->Commit(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the savepoint has ended: it was committed or rolled "
                       "back, or an enclosing one was"));
  EXPECT_THAT(inner->Rollback(), IsOk());
  ASSERT_THAT(connection_.Commit(), IsOk());
  auto transaction = connection_.BeginTransaction();
  ASSERT_THAT(connection_.Rollback(), IsOk());
  EXPECT_THAT(transaction->Commit(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(transaction->Rollback(), IsOk());
}

TEST_F(TransactionTest, ScopesMayOutliveTheirConnection) {
  std::optional<Connection> other = *engine_.Connect();
  auto transaction = other->BeginTransaction();
  auto savepoint = other->BeginNested();
  other.reset();
  EXPECT_FALSE(transaction->is_active());
  EXPECT_THAT(savepoint->Commit(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the savepoint's transaction has ended already"));
}

// E24
TEST_F(TransactionTest, RollbackToASavepointHealsTheTransaction) {
  ASSERT_THAT(Run("A"), IsOk());
  {
    auto savepoint = connection_.BeginNested();
    fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kUniqueViolation));
    EXPECT_THAT(Run("B"), StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_TRUE(connection_.is_poisoned());
    EXPECT_THAT(savepoint->Commit(),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         "an earlier error has ended the transaction, roll it "
                         "back in full or to a savepoint to go on; the error "
                         "was: the fake database failed"));
  }
  EXPECT_FALSE(connection_.is_poisoned());
  EXPECT_THAT(Run("C"), IsOk());
  EXPECT_THAT(connection_.Commit(), IsOk());
}

// E24
TEST_F(TransactionTest, ErrorWithoutSavepointPoisonsUntilRollback) {
  fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kCheckViolation));
  EXPECT_THAT(Run("A"), StatusIs(absl::StatusCode::kFailedPrecondition));
  const absl::Status next = Run("B");
  EXPECT_EQ(KindOf(next), ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(KindOf(connection_.poisoning_error()), ErrorKind::kCheckViolation);
  EXPECT_EQ(KindOf(connection_.BeginNested().status()),
            ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(fake_->Count("execute B"), 0);
  ASSERT_THAT(connection_.Rollback(), IsOk());
  EXPECT_THAT(Run("B"), IsOk());
}

// E22
TEST_F(TransactionTest, CommitOfAFailedTransactionIsNeverOk) {
  fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kCheckViolation));
  EXPECT_THAT(Run("A"), StatusIs(absl::StatusCode::kFailedPrecondition));
  const absl::Status status = connection_.Commit();
  EXPECT_EQ(KindOf(status), ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(GetErrorInfo(status)->transaction_state,
            TransactionState::kRolledBack);
  EXPECT_EQ(fake_->Count("commit"), 0);
  EXPECT_EQ(fake_->Count("rollback"), 1);
  EXPECT_FALSE(connection_.in_transaction());
}

// F4: the database has rolled back behind our back; what follows must not run
// outside of a transaction.
TEST_F(TransactionTest, TransactionEndedByTheDatabaseAcceptsOnlyRollback) {
  auto savepoint = connection_.BeginNested();
  fake_->FailNextAndEndTransaction(FakeCall::kExecute,
                                   FakeError(ErrorKind::kDiskFull));
  const absl::Status full = Run("A");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetErrorInfo(full)->transaction_state,
            TransactionState::kRolledBack);
  EXPECT_EQ(KindOf(Run("B")), ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(KindOf(savepoint->Rollback()), ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(fake_->Count("execute B"), 0);
  ASSERT_THAT(connection_.Rollback(), IsOk());
  EXPECT_THAT(Run("B"), IsOk());
}

// E20, F3
TEST_F(TransactionTest, DeadlockAndLockTimeoutRollBackAtOnce) {
  for (const ErrorKind kind : {ErrorKind::kDeadlock, ErrorKind::kLockTimeout,
                               ErrorKind::kSerializationFailure}) {
    fake_->ClearLog();
    fake_->FailNext(FakeCall::kExecute,
                    FakeError(kind, false, Retry::kTransaction));
    const absl::Status status = Run("A");
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(GetErrorInfo(status)->transaction_state,
              TransactionState::kRolledBack);
    EXPECT_EQ(GetErrorInfo(status)->retry, Retry::kTransaction);
    EXPECT_EQ(fake_->Count("rollback"), 1);
    ASSERT_THAT(connection_.Rollback(), IsOk());
    EXPECT_EQ(fake_->Count("rollback"), 1);
  }
}

// E21, F6
TEST_F(TransactionTest, FailedCommitRollsBackAndNamesTheCause) {
  ASSERT_THAT(Run("A"), IsOk());
  fake_->FailNext(FakeCall::kCommit,
                  FakeError(ErrorKind::kForeignKeyViolation));
  const absl::Status status = connection_.Commit();
  EXPECT_EQ(KindOf(status), ErrorKind::kForeignKeyViolation);
  EXPECT_EQ(GetErrorInfo(status)->transaction_state,
            TransactionState::kRolledBack);
  EXPECT_EQ(GetErrorInfo(status)->statement, "COMMIT");
  EXPECT_FALSE(connection_.in_transaction());
  EXPECT_EQ(fake_->Count("rollback"), 1);
}

// E23
TEST_F(TransactionTest, ConnectionLostDuringCommitLeavesTheOutcomeUnknown) {
  ASSERT_THAT(Run("A"), IsOk());
  fake_->FailNext(FakeCall::kCommit,
                  FakeError(ErrorKind::kConnectionLost, true));
  const absl::Status status = connection_.Commit();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kUnknown,
                       "the connection was lost during commit, which may or "
                       "may not have happened: the fake database failed"));
  const auto info = GetErrorInfo(status);
  EXPECT_EQ(info->kind, ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(info->transaction_state, TransactionState::kUnknown);
  EXPECT_EQ(info->retry, Retry::kOnlyIfIdempotent);
  EXPECT_EQ(info->connection_state, ConnectionState::kDead);
}

TEST_F(TransactionTest, FailedRollbackClosesTheConnection) {
  ASSERT_THAT(Run("A"), IsOk());
  fake_->FailNext(FakeCall::kRollback, FakeError(ErrorKind::kIoError));
  EXPECT_THAT(connection_.Rollback(), IsOk());
  EXPECT_EQ(fake_->Count("close"), 1);
  EXPECT_THAT(Run("A"), IsOk());
}

// ENG-83, C-13
TEST_F(TransactionTest, RunnerRepeatsWhatMaySucceed) {
  int runs = 0;
  std::vector<int> reported;
  fake_->FailNext(FakeCall::kExecute,
                  FakeError(ErrorKind::kBusy, false, Retry::kTransaction), 1);
  fake_->FailNext(FakeCall::kCommit, FakeError(ErrorKind::kSerializationFailure,
                                               false, Retry::kTransaction));
  RetryOptions options;
  options.on_retry = [&](int attempt, const absl::Status&) {
    reported.push_back(attempt);
  };
  const absl::Status status = engine_.RunInTransaction(
      [&](Connection& connection) {
        ++runs;
        CUPEL_RETURN_IF_ERROR(connection.Execute("A").status());
        return connection.Execute("B").status();
      },
      options);
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(runs, 3);
  EXPECT_THAT(reported, ElementsAre(1, 2));
  EXPECT_EQ(clock_.sleeps().size(), 2u);
  EXPECT_EQ(fake_->Count("commit"), 2);
}

// C-13
TEST_F(TransactionTest, RunnerSurvivesALostConnection) {
  int runs = 0;
  fake_->FailNext(FakeCall::kExecute,
                  FakeError(ErrorKind::kConnectionLost, true), 1);
  EXPECT_THAT(engine_.RunInTransaction([&](Connection& connection) {
    ++runs;
    CUPEL_RETURN_IF_ERROR(connection.Execute("A").status());
    return connection.Execute("B").status();
  }),
              IsOk());
  EXPECT_EQ(runs, 2);
}

// ENG-83, E25
TEST_F(TransactionTest, RunnerGivesUpWithTheNumberOfAttempts) {
  fake_->FailNext(FakeCall::kExecute,
                  FakeError(ErrorKind::kBusy, false, Retry::kTransaction), 0,
                  100);
  int runs = 0;
  const absl::Status status = engine_.RunInTransaction(
      [&](Connection& connection) {
        ++runs;
        return connection.Execute("A").status();
      },
      {.max_attempts = 4});
  EXPECT_EQ(KindOf(status), ErrorKind::kBusy);
  EXPECT_EQ(GetErrorInfo(status)->attempts, 4);
  EXPECT_EQ(runs, 4);
}

// E23, E25
TEST_F(TransactionTest, RunnerNeverRepeatsAnUnknownCommitNorOtherErrors) {
  fake_->FailNext(FakeCall::kCommit,
                  FakeError(ErrorKind::kConnectionLost, true));
  int runs = 0;
  EXPECT_EQ(KindOf(engine_.RunInTransaction([&](Connection& connection) {
              ++runs;
              return connection.Execute("A").status();
            })),
            ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(runs, 1);
  const absl::Status own = absl::OutOfRangeError("not today");
  EXPECT_EQ(engine_.RunInTransaction([&](Connection&) { return own; }), own);
}

}  // namespace
}  // namespace cupel::engine
