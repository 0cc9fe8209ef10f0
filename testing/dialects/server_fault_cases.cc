// What becomes of connections when a server restarts, freezes, or cannot be
// reached, and when there are not enough of them.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::ConnectionState;
using engine::Deadline;
using engine::Engine;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::PoolCounters;
using engine::Retry;
using engine::TransactionState;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Milliseconds(150);

using RestartTest = FaultTest;

// Takes `count` connections at once, uses each, and gives them back. Returns
// how often that failed.
int UseAtOnce(const Engine& engine, int count) {
  std::vector<Connection> held;
  int failures = 0;
  for (int i = 0; i < count; ++i) {
    auto connection = engine.Connect(Deadline::After(kPatience));
    if (!connection.ok() || !SelectInteger(*connection, "SELECT 1").ok()) {
      ++failures;
    }
    if (connection.ok()) held.push_back(*std::move(connection));
  }
  return failures;
}

// E1
TEST_F(RestartTest, IsNotNoticedByWhoFindsItsConnectionIdle) {
  Engine engine = Open({.size = 4, .pre_ping_window = absl::ZeroDuration()});
  ASSERT_EQ(UseAtOnce(engine, 4), 0);
  CUPEL_ASSERT_OK(server().restart());
  EXPECT_EQ(UseAtOnce(engine, 4), 0);
  const PoolCounters counters = engine.pool().counters();
  EXPECT_EQ(counters.connects, 8u);
  // The first that is found dead speaks for those made before it.
  EXPECT_EQ(counters.invalidations, 1u);
  EXPECT_EQ(counters.checked_in, 4u);
}

// E1: without a sign of life the first one to speak learns it, nobody else.
TEST_F(RestartTest, IsNoticedOnceWithoutPings) {
  const engine::TransactionOptions autocommit{.isolation =
                                                  IsolationLevel::kAutocommit};
  Engine engine = Open({.size = 4, .pre_ping = false}, std::nullopt,
                       {.transaction = autocommit});
  ASSERT_EQ(UseAtOnce(engine, 4), 0);
  CUPEL_ASSERT_OK(server().restart());
  EXPECT_EQ(UseAtOnce(engine, 4), 1);
}

// E2
TEST_F(RestartTest, EndsATransactionByOneError) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
  CUPEL_ASSERT_OK(server().restart());

  const absl::Status first = connection.Execute("SELECT 1").status();
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(InfoOf(first).kind, ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(first).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(first).connection_state, ConnectionState::kDead);
  EXPECT_EQ(InfoOf(first).retry, Retry::kTransaction);

  const absl::Status second = connection.Execute("SELECT 1").status();
  EXPECT_EQ(InfoOf(second).kind, ErrorKind::kTransactionPoisoned);
  EXPECT_THAT(second.message(), HasSubstr(first.message()));
  EXPECT_EQ(engine.pool().counters().connects, 1u);
  CUPEL_EXPECT_OK(connection.Rollback());
  EXPECT_THAT(SelectInteger(connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(2));
  EXPECT_EQ(engine.pool().counters().connects, 2u);
}

// E2: the server ends one session.
TEST_F(RestartTest, OfOneSessionIsTheSame) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t session,
                             SelectInteger(connection, server().session));
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection other, engine.Connect());
  CUPEL_ASSERT_OK(other.Execute(absl::Substitute(server().kill, session)));
  // The end takes its time; a lost connection is no answer to COMMIT.
  const absl::Status lost = connection.Commit();
  EXPECT_THAT(InfoOf(lost).kind, AnyOf(ErrorKind::kConnectionLost,
                                       ErrorKind::kCommitOutcomeUnknown));
  EXPECT_EQ(InfoOf(lost).connection_state, ConnectionState::kDead);
  EXPECT_THAT(SelectInteger(connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(2));
}

class SilenceTest : public FaultTest {
 protected:
  void SetUp() override {
    FaultTest::SetUp();
    CUPEL_ASSERT_OK_AND_ASSIGN(proxy_, FaultProxy::Start(server().port));
  }
  // A call on a connection that was good, while `silence` lasts.
  void ExpectTheDeadline(const std::function<void()>& silence,
                         const std::function<void()>& relief) {
    Engine engine = Open({.size = 1, .max_overflow = 0}, proxy_->port());
    {
      CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
      CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
      silence();
      connection.set_deadline(Deadline::After(kTimeout));
      absl::Status status;
      const absl::Duration time =
          TimeOf([&] { status = connection.Execute("SELECT 1").status(); });
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
      EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
      EXPECT_EQ(InfoOf(status).transaction_state,
                TransactionState::kRolledBack);
      EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
      EXPECT_GE(time, kTimeout);
      EXPECT_LT(time, kTooLong);
      EXPECT_FALSE(connection.is_open());
    }
    // The place in the pool is free, the connection is not used again.
    EXPECT_EQ(engine.pool().counters().checked_out, 0u);
    EXPECT_EQ(engine.pool().counters().checked_in, 0u);
    relief();
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection,
                               engine.Connect(Deadline::After(kPatience)));
    EXPECT_THAT(SelectInteger(connection, "SELECT 1"), IsOkAndHolds(1));
    EXPECT_EQ(engine.pool().counters().connects, 2u);
  }
  std::unique_ptr<FaultProxy> proxy_;
};

// E4
TEST_F(SilenceTest, OfAFrozenServerEndsAtTheDeadline) {
  ExpectTheDeadline([] { server().process->Freeze(); },
                    [] { server().process->Thaw(); });
}

// E4
TEST_F(SilenceTest, OfTheNetworkEndsAtTheDeadline) {
  ExpectTheDeadline([this] { proxy_->Break(Fault::kBlackhole); }, [] {});
}

// E4, E5: the sign of life that an idle connection is asked for, and the
// connection in its place.
TEST_F(SilenceTest, OfAnIdleConnectionEndsTheCheckoutAtItsDeadline) {
  Engine engine = Open(
      {.size = 1, .max_overflow = 0, .pre_ping_window = absl::ZeroDuration()},
      proxy_->port());
  ASSERT_EQ(UseAtOnce(engine, 1), 0);
  proxy_->set_welcome(Fault::kBlackhole);
  proxy_->Break(Fault::kBlackhole);
  absl::Status status;
  const absl::Duration time = TimeOf(
      [&] { status = engine.Connect(Deadline::After(kTimeout)).status(); });
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCannotConnect) << status;
  EXPECT_GE(time, kTimeout);
  EXPECT_LT(time, kTooLong);
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
  proxy_->set_welcome(Fault::kNone);
  EXPECT_EQ(UseAtOnce(engine, 1), 0);
}

// E5
TEST_F(SilenceTest, OfAConnectLeavesTheOthersTheirConnections) {
  Engine engine = Open({.size = 2, .max_overflow = 0}, proxy_->port());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection first, engine.Connect());
  auto held = std::make_unique<Connection>(std::move(first));
  proxy_->set_welcome(Fault::kBlackhole);
  std::atomic<bool> hangs = true;
  std::thread hanging([&] {
    const absl::Status status =
        engine.Connect(Deadline::After(absl::Seconds(1))).status();
    EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCannotConnect) << status;
    hangs = false;
  });
  while (proxy_->accepted() < 2) absl::SleepFor(absl::Milliseconds(1));
  std::vector<std::thread> waiters;
  std::atomic<int> served = 0;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      CUPEL_EXPECT_OK(engine.Connect(Deadline::After(kPatience)));
      ++served;
    });
  }
  while (engine.pool().counters().waiting < 3) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(engine.pool().counters().checked_out, 2u);
  EXPECT_EQ(proxy_->accepted(), 2);
  held.reset();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_TRUE(hangs);
  EXPECT_EQ(served, 3);
  hanging.join();
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
}

// More rows than go in one message.
class ManyRows : public engine::BatchSource {
 public:
  size_t size() const override { return 5000; }
  absl::StatusOr<absl::Span<const engine::ValueView>> row(size_t i) override {
    id_ = engine::ValueView::Int64(static_cast<int64_t>(i) + 100);
    return absl::Span<const engine::ValueView>(&id_, 1);
  }

 private:
  engine::ValueView id_;
};

// E4, E23
TEST_F(SilenceTest, EndsEveryKindOfCallAtItsDeadline) {
  const std::string endless =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
      "WHERE i < 900) SELECT a.i FROM n AS a, n AS b, n AS c";
  std::optional<engine::Cursor> cursor;
  ManyRows rows;
  using Call = std::function<absl::Status(Connection&)>;
  struct Case {
    const char* name;
    Call before;
    Call call;
  };
  const Call nothing = [](Connection&) { return absl::OkStatus(); };
  const Case cases[] = {
      {"begin", [](Connection& c) { return c.Rollback(); },
       [](Connection& c) { return c.Begin(); }},
      {"prepare", nothing,
       [](Connection& c) { return c.Prepare("SELECT 2").status(); }},
      {"savepoint", nothing,
       [](Connection& c) { return c.BeginNested().status(); }},
      {"batch", nothing,
       [&](Connection& c) {
         std::string sql = "INSERT INTO t (id) VALUES (";
         c.dialect().AppendPlaceholder(1, &sql);
         return c.ExecuteBatch(sql + ")", rows, nullptr);
       }},
      {"rows",
       [&](Connection& c) -> absl::Status {
         // A cursor's deadline is that of its query.
         c.set_deadline(Deadline::After(10 * kTimeout));
         CUPEL_ASSIGN_OR_RETURN(cursor, c.Query(endless));
         return cursor->Next().status();
       },
       [&](Connection&) {
         absl::StatusOr<bool> more = true;
         while (more.ok() && *more) more = cursor->Next();
         cursor.reset();
         return more.status();
       }},
      {"commit", nothing, [](Connection& c) { return c.Commit(); }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Engine engine = Open({.size = 1, .max_overflow = 0}, proxy_->port());
    {
      CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
      CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
      connection.set_deadline(Deadline::After(kPatience));
      CUPEL_ASSERT_OK(each.before(connection));
      proxy_->Break(Fault::kBlackhole);
      connection.set_deadline(Deadline::After(kTimeout));
      absl::Status status;
      const absl::Duration time =
          TimeOf([&] { status = each.call(connection); });
      EXPECT_THAT(InfoOf(status).kind, AnyOf(ErrorKind::kStatementTimeout,
                                             ErrorKind::kCommitOutcomeUnknown))
          << status;
      EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
      EXPECT_LT(time, kTooLong);
      EXPECT_FALSE(connection.is_open());
    }
    EXPECT_EQ(engine.pool().counters().checked_out, 0u);
    EXPECT_EQ(engine.pool().counters().checked_in, 0u);
  }
}

// E4: what a connection does for itself when it is given back has its own
// limit.
TEST_F(SilenceTest, OfAConnectionThatIsGivenBackIsNotWaitedFor) {
  Engine engine =
      Open({.size = 1, .max_overflow = 0, .reset_timeout = kTimeout},
           proxy_->port());
  for (const bool by_hand : {true, false}) {
    auto connection = engine.Connect();
    CUPEL_ASSERT_OK(connection);
    CUPEL_ASSERT_OK(connection->Execute("INSERT INTO t VALUES (3, 0)"));
    proxy_->Break(Fault::kBlackhole);
    EXPECT_LT(TimeOf([&] {
                if (by_hand) {
                  CUPEL_EXPECT_OK(connection->Rollback());
                }
                connection = absl::CancelledError();
              }),
              kTooLong);
    EXPECT_EQ(engine.pool().counters().checked_in, 0u);
    EXPECT_EQ(engine.pool().counters().checked_out, 0u);
  }
}

// E23, E25
TEST_F(SilenceTest, OfACommitHasNothingRunAgain) {
  for (const bool reaches : {false, true}) {
    SCOPED_TRACE(reaches);
    Engine engine = Open({}, proxy_->port());
    proxy_->Arm(
        {.pattern = "COMMIT", .forward = reaches, .fault = Fault::kReset});
    const std::string insert =
        absl::Substitute("INSERT INTO t VALUES ($0, 0)", reaches ? 4 : 3);
    int runs = 0;
    const absl::Status lost =
        engine.RunInTransaction([&](Connection& connection) {
          ++runs;
          return connection.Execute(insert).status();
        });
    EXPECT_THAT(lost, StatusIs(absl::StatusCode::kUnknown));
    EXPECT_EQ(InfoOf(lost).kind, ErrorKind::kCommitOutcomeUnknown);
    EXPECT_EQ(InfoOf(lost).transaction_state, TransactionState::kUnknown);
    EXPECT_EQ(InfoOf(lost).connection_state, ConnectionState::kDead);
    EXPECT_EQ(InfoOf(lost).retry, Retry::kOnlyIfIdempotent);
    EXPECT_EQ(runs, 1);
    // It waits for the end of the other one, and finds its row or not.
    Engine straight = Open();
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, straight.Connect());
    EXPECT_EQ(InfoOf(connection.Execute(insert).status()).kind,
              reaches ? ErrorKind::kUniqueViolation : ErrorKind::kNone);
  }
}

using ExhaustionTest = FaultTest;

// E6
TEST_F(ExhaustionTest, EverybodyIsServedInTurn) {
  Engine engine = Open({.size = 4, .max_overflow = 0});
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      auto connection = engine.Connect(Deadline::After(kPatience));
      ASSERT_THAT(connection, IsOk());
      const int users = ++now;
      int known = most;
      while (known < users && !most.compare_exchange_weak(known, users)) {
      }
      CUPEL_EXPECT_OK(connection->Execute(server().doze));
      // The first ones wait for each other.
      while (most < 4) absl::SleepFor(absl::Milliseconds(1));
      --now;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 4);
  const PoolCounters counters = engine.pool().counters();
  EXPECT_EQ(counters.connects, 4u);
  EXPECT_EQ(counters.checked_in, 4u);
  EXPECT_EQ(counters.timeouts, 0u);
}

// E6
TEST_F(ExhaustionTest, WhoWaitsInVainIsToldWhoHoldsThem) {
  Engine engine = Open({.size = 2, .max_overflow = 0});
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection one, engine.Connect());
  CUPEL_ASSERT_OK(one.Execute("SELECT 7"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection two, engine.Connect());
  const absl::Status status =
      engine.Connect(Deadline::After(absl::Milliseconds(30))).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kPoolTimeout);
  for (absl::string_view part : {"pool size 2", "checked out 2", "waiting",
                                 "last statement: SELECT 7"}) {
    EXPECT_THAT(status.message(), HasSubstr(part));
  }
}

}  // namespace
}  // namespace cupel::testing
