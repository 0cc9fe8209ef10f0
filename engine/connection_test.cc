#include "cupel/engine/connection.h"

#include <any>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
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
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() : engine_(MakeEngine({})), connection_(Take()) {
    fake_->Answer(
        "SELECT n FROM t",
        {.columns = {"n"}, .rows = {{Value::Int64(1)}, {Value::Int64(2)}}});
    fake_->ClearLog();
  }

  Engine MakeEngine(EngineOptions options) {
    options.uri = "fake://";
    options.dialect = fake_->dialect();
    options.clock = &clock_;
    return *Engine::Create(std::move(options));
  }
  Connection Take() { return *engine_.Connect(); }
  static uint64_t Id(const Connection& connection) { return connection.id(); }

  FakeClock clock_;
  const std::shared_ptr<FakeDatabase> fake_ = FakeDatabase::Create();
  Engine engine_;
  std::optional<Connection> connection_;
};

// ENG-20
TEST_F(ConnectionTest, FirstStatementBeginsAndTheEndRollsBack) {
  ASSERT_THAT(connection_->Execute("INSERT").status(), IsOk());
  EXPECT_TRUE(connection_->in_transaction());
  connection_.reset();
  EXPECT_THAT(fake_->log(), ElementsAre("begin", "prepare INSERT",
                                        "execute INSERT", "rollback", "reset"));
}

// ENG-20
TEST_F(ConnectionTest, CommitEndsTheTransaction) {
  ASSERT_THAT(connection_->Execute("INSERT").status(), IsOk());
  ASSERT_THAT(connection_->Commit(), IsOk());
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_THAT(connection_->Commit(), IsOk());
  connection_.reset();
  EXPECT_EQ(fake_->Count("commit"), 1);
  EXPECT_EQ(fake_->Count("rollback"), 0);
}

// ENG-50
TEST_F(ConnectionTest, ReturnMayCommitOrLeaveSettingsAlone) {
  engine_ = MakeEngine({.pool = {.reset = ResetOnReturn::kCommit}});
  {
    Connection connection = Take();
    ASSERT_THAT(connection.Execute("INSERT").status(), IsOk());
  }
  EXPECT_EQ(fake_->Count("commit"), 1);
  engine_ = MakeEngine({.pool = {.reset = ResetOnReturn::kNone}});
  fake_->ClearLog();
  {
    Connection connection = Take();
    ASSERT_THAT(connection.Execute("INSERT").status(), IsOk());
  }
  EXPECT_EQ(fake_->Count("rollback"), 1);
  EXPECT_EQ(fake_->Count("reset"), 0);
}

// E26
TEST_F(ConnectionTest, FailedResetDiscardsTheConnection) {
  fake_->FailNext(FakeCall::kReset, FakeError(ErrorKind::kInternal));
  connection_.reset();
  EXPECT_EQ(fake_->Count("close"), 1);
  EXPECT_EQ(engine_.pool().counters().checked_in, 0u);
}

// ENG-63, ENG-64
TEST_F(ConnectionTest, CursorReadsRowsFromTheDriver) {
  auto cursor = connection_->Query("SELECT n FROM t");
  ASSERT_THAT(cursor.status(), IsOk());
  EXPECT_EQ(cursor->columns()[0].name, "n");
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(true));
  EXPECT_EQ(cursor->row()[0].int64_value(), 1);
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(true));
  EXPECT_EQ(cursor->CopyRow()[0], Value::Int64(2));
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(false));
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(false));
  EXPECT_EQ(cursor->rows_read(), 2);
}

// ENG-61, ENG-63
TEST_F(ConnectionTest, FinishTellsWhatTheStatementDid) {
  fake_->Answer("INSERT",
                {.result = {.affected_rows = 3, .last_insert_id = 17}});
  auto cursor = connection_->Query("INSERT");
  ASSERT_THAT(cursor.status(), IsOk());
  auto result = cursor->Finish();
  ASSERT_THAT(result.status(), IsOk());
  EXPECT_EQ(result->affected_rows, 3);
  EXPECT_EQ(result->last_insert_id, 17);
}

// E27
TEST_F(ConnectionTest, CursorDroppedHalfwayLeavesTheConnectionUsable) {
  {
    auto cursor = connection_->Query("SELECT n FROM t");
    ASSERT_THAT(cursor->Next(), IsOkAndHolds(true));
  }
  EXPECT_THAT(connection_->Execute("SELECT n FROM t").status(), IsOk());
  EXPECT_EQ(fake_->Count("prepare SELECT n FROM t"), 1);
}

TEST_F(ConnectionTest, CommitRollbackAndReturnCutOpenCursors) {
  auto cursor = connection_->Query("SELECT n FROM t");
  ASSERT_THAT(connection_->Commit(), IsOk());
  EXPECT_THAT(cursor->Next(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the cursor was ended by a commit: execute its "
                       "statement again"));
  cursor = connection_->Query("SELECT n FROM t");
  ASSERT_THAT(connection_->Rollback(), IsOk());
  EXPECT_THAT(cursor->Next(), StatusIs(absl::StatusCode::kFailedPrecondition));
  cursor = connection_->Query("SELECT n FROM t");
  connection_.reset();
  EXPECT_THAT(cursor->Next(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the cursor was ended by the return of its connection: "
                       "execute its statement again"));
}

TEST_F(ConnectionTest, MovedCursorsAndConnectionsStayTogether) {
  auto cursor = connection_->Query("SELECT n FROM t");
  ASSERT_THAT(cursor.status(), IsOk());
  Connection moved = *std::move(connection_);
  connection_.reset();
  Cursor kept = *std::move(cursor);
  EXPECT_THAT(kept.Next(), IsOkAndHolds(true));
  Cursor other = *moved.Query("SELECT n FROM t");
  other = std::move(kept);
  EXPECT_THAT(other.Next(), IsOkAndHolds(true));
  EXPECT_EQ(other.row()[0].int64_value(), 2);
}

// ENG-60
TEST_F(ConnectionTest, PreparesAStatementOnceAndEvictsTheOldest) {
  engine_ = MakeEngine({.pool = {.statement_cache_size = 2}});
  connection_ = Take();
  fake_->ClearLog();
  for (const char* sql : {"A", "B", "A", "C", "A", "B"}) {
    ASSERT_THAT(connection_->Execute(sql).status(), IsOk());
  }
  EXPECT_EQ(fake_->Count("prepare A"), 1);
  EXPECT_EQ(fake_->Count("prepare B"), 2);
  EXPECT_EQ(fake_->open_statements(), 2);
}

TEST_F(ConnectionTest, StatementInUseIsPreparedASecondTime) {
  auto outer = connection_->Query("SELECT n FROM t");
  ASSERT_THAT(outer->Next(), IsOkAndHolds(true));
  {
    auto inner = connection_->Query("SELECT n FROM t");
    ASSERT_THAT(inner->Next(), IsOkAndHolds(true));
    EXPECT_EQ(fake_->open_statements(), 2);
  }
  EXPECT_THAT(outer->Next(), IsOkAndHolds(true));
  EXPECT_EQ(outer->row()[0].int64_value(), 2);
  EXPECT_EQ(fake_->open_statements(), 1);
}

TEST_F(ConnectionTest, PreparedStatementTellsItsShape) {
  auto statement = connection_->Prepare("SELECT n FROM t");
  ASSERT_THAT(statement.status(), IsOk());
  EXPECT_EQ((*statement)->columns().size(), 1u);
  EXPECT_EQ((*statement)->parameter_count(), 0);
  EXPECT_EQ(*connection_->Prepare("SELECT n FROM t"), *statement);
}

TEST_F(ConnectionTest, WrongNumberOfParametersIsRefusedBeforeSending) {
  EXPECT_THAT(connection_->Execute("INSERT ?, ?", {ValueView::Int64(1)}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the statement has 2 parameters, but 1 were given"));
  EXPECT_EQ(fake_->Count("execute INSERT ?, ?"), 0);
  EXPECT_FALSE(connection_->is_poisoned());
}

// E28
TEST_F(ConnectionTest, ForgottenStatementIsPreparedAgainOnlyWithoutWork) {
  ASSERT_THAT(connection_->Execute("A").status(), IsOk());
  ASSERT_THAT(connection_->Commit(), IsOk());
  fake_->FailNext(FakeCall::kExecute,
                  FakeError(ErrorKind::kInternal, false, Retry::kStatement));
  EXPECT_THAT(connection_->Execute("A").status(), IsOk());
  EXPECT_EQ(fake_->Count("prepare A"), 2);
  fake_->FailNext(FakeCall::kExecute,
                  FakeError(ErrorKind::kInternal, false, Retry::kStatement));
  const absl::Status status = connection_->Execute("A").status();
  EXPECT_EQ(GetErrorInfo(status)->retry, Retry::kTransaction);
}

// ENG-79
TEST_F(ConnectionTest, ErrorsCarryStatementAndStates) {
  fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kUniqueViolation));
  const absl::Status status = connection_->Execute("INSERT").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  const auto info = GetErrorInfo(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->statement, "INSERT");
  EXPECT_EQ(info->dialect, "fake");
  EXPECT_EQ(info->native_code, "F0001");
  EXPECT_EQ(info->transaction_state, TransactionState::kPoisoned);
  EXPECT_EQ(info->connection_state, ConnectionState::kOk);
}

// ENG-30
TEST_F(ConnectionTest, InvalidatedConnectionReconnectsOutsideATransaction) {
  const uint64_t id = connection_->id();
  connection_->info()["mark"] = 1;
  connection_->Invalidate();
  EXPECT_FALSE(connection_->is_open());
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
  EXPECT_NE(connection_->id(), id);
  EXPECT_THAT(connection_->info(), IsEmpty());
}

// ENG-30, E2
TEST_F(ConnectionTest, NeverReconnectsInsideATransaction) {
  ASSERT_THAT(connection_->Execute("INSERT").status(), IsOk());
  fake_->KillConnections();
  const absl::Status lost = connection_->Execute("INSERT").status();
  EXPECT_EQ(lost.code(), absl::StatusCode::kUnavailable);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(
        connection_->Execute("INSERT").status(),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 "an earlier error has ended the transaction, roll it back to "
                 "go on; the error was: connection invalidated: the fake "
                 "database failed"));
  }
  EXPECT_EQ(fake_->Count("open"), 0);
  EXPECT_THAT(connection_->Rollback(), IsOk());
  EXPECT_THAT(connection_->Execute("INSERT").status(), IsOk());
  EXPECT_EQ(fake_->Count("open"), 1);
}

// E1
TEST_F(ConnectionTest, ConnectionThatDiedIdleIsReplacedAtBegin) {
  fake_->KillConnections();
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
  EXPECT_EQ(fake_->Count("open"), 1);
}

// ENG-30
TEST_F(ConnectionTest, DetachTakesItOutOfThePool) {
  connection_->Detach();
  EXPECT_EQ(engine_.pool().counters().checked_out, 0u);
  EXPECT_EQ(engine_.pool().counters().detached, 1u);
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
  connection_.reset();
  EXPECT_EQ(engine_.pool().counters().detached, 0u);
  EXPECT_EQ(fake_->open_connections(), 0);
}

// ENG-30
TEST_F(ConnectionTest, InfoStaysWithTheConnectionToTheDatabase) {
  connection_->info()["tenant"] = std::string("a");
  connection_.reset();
  Connection again = Take();
  EXPECT_EQ(std::any_cast<std::string>(again.info()["tenant"]), "a");
}

// C3, E8
TEST_F(ConnectionTest, UseByTwoThreadsAtOnceIsDetected) {
  absl::Notification inside, go_on;
  fake_->OnCall(FakeCall::kExecute, [&] {
    if (inside.HasBeenNotified()) return;
    inside.Notify();
    go_on.WaitForNotification();
  });
  std::thread other([&] { connection_->Execute("SLOW").IgnoreError(); });
  inside.WaitForNotification();
  EXPECT_THAT(connection_->Execute("SELECT 1").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the connection is in use by another call (of another "
                       "thread, or of its own listener): use one connection "
                       "for each"));
  go_on.Notify();
  other.join();
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
}

// E18
TEST_F(ConnectionTest, StopTokenInterruptsAndNeverHitsTheNextStatement) {
  std::stop_source stop;
  connection_->set_stop_token(stop.get_token());
  fake_->OnCall(FakeCall::kExecute, [&] { stop.request_stop(); });
  EXPECT_THAT(connection_->Execute("SLOW").status(),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(fake_->Count("cancel"), 1);
  ASSERT_THAT(connection_->Rollback(), IsOk());
  EXPECT_THAT(connection_->Execute("SELECT 1").status(),
              StatusIs(absl::StatusCode::kCancelled,
                       "the connection's stop token is stopped: set another "
                       "one to go on"));
  connection_->set_stop_token({});
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
}

// E18
TEST_F(ConnectionTest, AStatementThatIsStoppedBeforeItIsSentIsNotSent) {
  std::stop_source stop;
  connection_->set_stop_token(stop.get_token());
  const Subscription subscription =
      engine_.events().OnStatementStart([&](StatementStart&) {
        stop.request_stop();
        return absl::OkStatus();
      });
  EXPECT_THAT(connection_->Execute("SELECT 1").status(),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(fake_->Count("execute SELECT 1"), 0);
  EXPECT_EQ(fake_->Count("cancel"), 0);
  connection_->set_stop_token({});
  EXPECT_THAT(connection_->Execute("SELECT 1").status(), IsOk());
}

// E19
TEST_F(ConnectionTest, StatementTimeoutAndDeadlineEndStatements) {
  ExecutionOptions options;
  options.statement_timeout = absl::Seconds(1);
  connection_->set_options(options);
  fake_->OnCall(FakeCall::kExecute, [&] { clock_.Advance(absl::Seconds(2)); });
  EXPECT_THAT(connection_->Execute("SLOW").status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  ASSERT_THAT(connection_->Rollback(), IsOk());
  connection_->set_deadline(Deadline::After(absl::ZeroDuration(), clock_));
  EXPECT_THAT(connection_->Execute("SELECT 1").status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       "the connection's deadline is over: set another one to "
                       "go on"));
}

// ENG-25, ENG-26
TEST_F(ConnectionTest, AutocommitSendsNoTransactionControl) {
  ASSERT_THAT(connection_->set_transaction_options(
                  {.isolation = IsolationLevel::kAutocommit}),
              IsOk());
  ASSERT_THAT(connection_->Execute("VACUUM").status(), IsOk());
  EXPECT_FALSE(connection_->in_transaction());
  connection_.reset();
  EXPECT_THAT(fake_->log(),
              ElementsAre("prepare VACUUM", "execute VACUUM", "reset"));
}

// ENG-25
TEST_F(ConnectionTest, DerivedEngineHasItsOwnLevelOverTheSamePool) {
  ExecutionOptions options;
  options.transaction =
      TransactionOptions{.isolation = IsolationLevel::kSerializable};
  Engine derived = engine_.WithOptions(options);
  EXPECT_EQ(&derived.pool(), &engine_.pool());
  connection_.reset();
  const uint64_t id = Take().id();
  {
    Connection connection = *derived.Connect();
    EXPECT_EQ(connection.id(), id);
    EXPECT_EQ(connection.transaction_options().isolation,
              IsolationLevel::kSerializable);
  }
  EXPECT_EQ(Take().transaction_options().isolation, IsolationLevel::kDefault);
}

// ENG-25
TEST_F(ConnectionTest, RefusesALevelThatTheDatabaseLacks) {
  EXPECT_THAT(
      connection_->Begin({.isolation = IsolationLevel::kReadUncommitted}),
      StatusIs(absl::StatusCode::kUnimplemented,
               "fake does not offer this isolation level"));
}

// ENG-76
TEST_F(ConnectionTest, OptionsOfTheConnectionOverlayThoseOfTheEngine) {
  ExecutionOptions engine_options;
  engine_options.user["level"] = std::string("engine");
  engine_options.user["kept"] = 1;
  Connection connection = *engine_.WithOptions(engine_options).Connect();
  ExecutionOptions own;
  own.user["level"] = std::string("connection");
  connection.set_options(own);
  EXPECT_EQ(std::any_cast<std::string>(connection.options().user.at("level")),
            "connection");
  EXPECT_EQ(std::any_cast<int>(connection.options().user.at("kept")), 1);
}

class ThreeRows : public BatchSource {
 public:
  size_t size() const override { return 3; }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    value_ = ValueView::Int64(static_cast<int64_t>(i));
    return absl::MakeConstSpan(&value_, 1);
  }

 private:
  ValueView value_;
};

// ENG-60
TEST_F(ConnectionTest, BatchUsesOnePreparedStatement) {
  ThreeRows rows;
  ASSERT_THAT(connection_->ExecuteBatch("INSERT ?", rows, nullptr), IsOk());
  EXPECT_THAT(fake_->log(),
              ElementsAre("begin", "prepare INSERT ?", "batch row INSERT ?",
                          "batch row INSERT ?", "batch row INSERT ?"));
}

}  // namespace
}  // namespace cupel::engine
