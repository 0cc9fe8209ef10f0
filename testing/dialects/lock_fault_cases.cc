// Transactions that are in each other's way: deadlocks, locks that do not come.

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/substitute.h"
#include "absl/synchronization/barrier.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::Deadline;
using engine::Engine;
using engine::ErrorKind;
using engine::TransactionState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DeadlockTest : public FaultTest {
 protected:
  static absl::Status Increase(Connection& connection, int id) {
    return connection
        .Execute(absl::Substitute("UPDATE t SET b = b + 1 WHERE id = $0", id))
        .status();
  }
};

// E20, F2: the victim's transaction is over, whatever its server says.
TEST_F(DeadlockTest, RollsItsVictimBack) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection one, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection two, engine.Connect());
  CUPEL_ASSERT_OK(Increase(one, 1));
  CUPEL_ASSERT_OK(Increase(two, 2));
  absl::Status of_one;
  std::thread thread([&] { of_one = Increase(one, 2); });
  const absl::Status of_two = Increase(two, 1);
  thread.join();
  ASSERT_NE(of_one.ok(), of_two.ok()) << of_one << "; " << of_two;
  Connection& victim = of_one.ok() ? two : one;
  const absl::Status status = of_one.ok() ? of_two : of_one;
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kDeadlock);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, engine::Retry::kTransaction);
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kOk);
  // Nothing is let through that the server would execute for itself.
  EXPECT_EQ(InfoOf(Increase(victim, 1)).kind, ErrorKind::kTransactionPoisoned);
  const absl::Status commit = victim.Commit();
  EXPECT_EQ(InfoOf(commit).kind, ErrorKind::kTransactionPoisoned);
  EXPECT_THAT(commit.message(), HasSubstr(status.message()));
  CUPEL_EXPECT_OK((of_one.ok() ? one : two).Commit());
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(2));
  CUPEL_EXPECT_OK(Increase(victim, 1));
  CUPEL_EXPECT_OK(victim.Commit());
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(3));
}

// E20, E25
TEST_F(DeadlockTest, IsTriedAgainByItsVictim) {
  Engine engine = Open();
  absl::Barrier* const both = new absl::Barrier(2);
  std::atomic<int> deadlocks = 0;
  std::atomic<int> runs = 0;
  auto run = [&](int first, int second) {
    bool waited = false;
    engine::RetryOptions options;
    options.on_retry = [&](int attempt, const absl::Status& error) {
      EXPECT_EQ(attempt, 1);
      EXPECT_EQ(InfoOf(error).kind, ErrorKind::kDeadlock) << error;
      ++deadlocks;
    };
    return engine.RunInTransaction(
        [&](Connection& connection) -> absl::Status {
          ++runs;
          CUPEL_RETURN_IF_ERROR(Increase(connection, first));
          // The first time each has its row before it wants the other one.
          if (!std::exchange(waited, true) && both->Block()) delete both;
          return Increase(connection, second);
        },
        options);
  };
  absl::Status other;
  std::thread thread([&] { other = run(2, 1); });
  CUPEL_EXPECT_OK(run(1, 2));
  thread.join();
  CUPEL_EXPECT_OK(other);
  EXPECT_EQ(deadlocks, 1);
  EXPECT_EQ(runs, 3);
  EXPECT_THAT(Ask("SELECT min(b) FROM t"), IsOkAndHolds(2));
  EXPECT_THAT(Ask("SELECT max(b) FROM t"), IsOkAndHolds(2));
}

// E20, F3: MariaDB would keep what was done before.
TEST_F(DeadlockTest, ALockThatDoesNotComeRollsBack) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection holder, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute(server().limit_locks));
  CUPEL_ASSERT_OK(connection.Commit());
  CUPEL_ASSERT_OK(Increase(holder, 1));
  CUPEL_ASSERT_OK(Increase(connection, 2));
  const absl::Status status = Increase(connection, 1);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kLockTimeout) << status;
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, engine::Retry::kTransaction);
  // Its own locks have gone with it.
  CUPEL_EXPECT_OK(Increase(holder, 2));
  CUPEL_EXPECT_OK(holder.Commit());
  EXPECT_EQ(InfoOf(connection.Commit()).kind, ErrorKind::kTransactionPoisoned);
  EXPECT_THAT(SelectInteger(connection, "SELECT sum(b) FROM t"),
              IsOkAndHolds(2));
}

}  // namespace
}  // namespace cupel::testing
