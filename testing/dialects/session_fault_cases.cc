// What becomes of a program whose session the server ends while it works, and
// of a child that inherits its parent's.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/substitute.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::ConnectionState;
using engine::Engine;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::Retry;
using engine::TransactionState;
using ::testing::ElementsAre;

using LostSessionTest = FaultTest;
using ForkTest = FaultTest;

// C-13, E25: in the midst of a long job.
TEST_F(LostSessionTest, HasItsTransactionRunAgain) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection other, engine.Connect());
  int runs = 0;
  std::vector<ErrorKind> told;
  engine::RetryOptions options;
  options.on_retry = [&](int, const absl::Status& error) {
    told.push_back(InfoOf(error).kind);
  };
  const absl::Status status = engine.RunInTransaction(
      [&](Connection& connection) -> absl::Status {
        CUPEL_RETURN_IF_ERROR(
            connection.Execute("UPDATE t SET b = b + 1 WHERE id = 1").status());
        if (++runs == 1) {
          CUPEL_ASSIGN_OR_RETURN(const int64_t session,
                                 SelectInteger(connection, server().session));
          CUPEL_RETURN_IF_ERROR(
              other.Execute(absl::Substitute(server().kill, session)).status());
          // The end takes its time.
          absl::Status lost;
          while (lost.ok()) lost = connection.Execute("SELECT 1").status();
          return lost;
        }
        return connection.Execute("UPDATE t SET b = b + 1 WHERE id = 2")
            .status();
      },
      options);
  CUPEL_EXPECT_OK(status);
  EXPECT_EQ(runs, 2);
  EXPECT_THAT(told, ElementsAre(ErrorKind::kConnectionLost));
  EXPECT_THAT(Ask("SELECT sum(b) FROM t"), IsOkAndHolds(2));
}

// E2: nobody knows how far a statement came that is its own transaction.
TEST_F(LostSessionTest, LeavesAStatementInDoubt) {
  const engine::TransactionOptions autocommit{.isolation =
                                                  IsolationLevel::kAutocommit};
  Engine engine = Open({}, std::nullopt, {.transaction = autocommit});
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t session,
                             SelectInteger(connection, server().session));
  std::thread killer([&] {
    AwaitBusy(session);
    auto other = engine.Connect();
    CUPEL_EXPECT_OK(other->Execute(absl::Substitute(server().kill, session)));
  });
  const absl::Status lost = connection.Execute(server().sleep).status();
  killer.join();
  EXPECT_EQ(InfoOf(lost).kind, ErrorKind::kConnectionLost) << lost;
  EXPECT_EQ(InfoOf(lost).transaction_state, TransactionState::kNone);
  EXPECT_EQ(InfoOf(lost).connection_state, ConnectionState::kDead);
  EXPECT_EQ(InfoOf(lost).retry, Retry::kOnlyIfIdempotent);
}

// F11, E9
TEST_F(ForkTest, AChildMakesConnectionsOfItsOwn) {
  Engine engine = Open({.size = 2});
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection held, engine.Connect());
  const auto use_another = [&engine] {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection another, engine.Connect());
    EXPECT_THAT(SelectInteger(another, "SELECT 1"), IsOkAndHolds(1));
  };
  use_another();
  CUPEL_ASSERT_OK(held.Execute("INSERT INTO t VALUES (3, 0)"));
  const pid_t child = fork();
  if (child == 0) {
    bool good = !held.Execute("SELECT 1").ok();
    {
      auto own = engine.Connect();
      good = good && own.ok() &&
             SelectInteger(*own, "SELECT count(*) FROM t").value_or(0) == 2;
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  CUPEL_EXPECT_OK(held.Execute("INSERT INTO t VALUES (4, 0)"));
  CUPEL_EXPECT_OK(held.Commit());
  use_another();
  EXPECT_EQ(engine.pool().counters().connects, 2u);
  EXPECT_THAT(Ask("SELECT count(*) FROM t"), IsOkAndHolds(4));
}

}  // namespace
}  // namespace cupel::testing
