#include "cupel/engine/pool.h"

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/pool_fixture.h"
#include "cupel/testing/fake_driver.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::FakeCall;
using ::cupel::testing::FakeError;
using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// ENG-01
TEST_F(PoolTest, OpensNothingBeforeTheFirstConnect) {
  fake_->FailNext(FakeCall::kOpen, FakeError(ErrorKind::kCannotConnect));
  Engine engine = MakeEngine({});
  EXPECT_EQ(fake_->Count("open"), 0);
  EXPECT_THAT(engine.Connect().status(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
}

// ENG-40
TEST_F(PoolTest, KeepsFiveConnectionsAndTenMoreForAWhile) {
  clock_.set_skips_waits(true);
  Engine engine = MakeEngine({});
  std::vector<Connection> connections;
  for (int i = 0; i < 15; ++i) connections.push_back(Take(engine));
  EXPECT_THAT(
      engine.Connect().status(),
      StatusIs(absl::StatusCode::kDeadlineExceeded,
               HasSubstr("no connection came free within 30s: pool size 5, "
                         "overflow 10 of 10, checked in 0, checked out 15")));
  connections.clear();
  EXPECT_EQ(engine.pool().counters().checked_in, 5u);
}

// ENG-40, C-05
TEST_F(PoolTest, TimesOutWhenAllConnectionsAreHeld) {
  clock_.set_skips_waits(true);
  Engine engine = MakeEngine(
      {.size = 1, .max_overflow = 0, .timeout = absl::Milliseconds(50)});
  Connection held = Take(engine);
  ASSERT_THAT(held.Execute("SELECT 'x'").status(), IsOk());
  const absl::Status status = engine.Connect().status();
  EXPECT_EQ(KindOf(status), ErrorKind::kPoolTimeout);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(
      std::string(status.message()),
      MatchesRegex(
          "no connection came free within 50ms: pool size 1, overflow 0 of 0, "
          "checked in 0, checked out 1, waiting 1; held by "
          "[^ ]*engine/pool_test\\.cc:[0-9]+ \\(thread [^ ]+, for 50ms, last "
          "statement: SELECT 'x'\\); 1 waits so far, longest 50ms, mean 50ms; "
          "hold connections for a shorter time or raise PoolOptions::size"));
  EXPECT_EQ(engine.pool().counters().timeouts, 1u);
  EXPECT_EQ(engine.pool().counters().waiting, 0u);
}

// C-05
TEST_F(PoolTest, TimeoutNamesAllHoldersTheLongestFirst) {
  clock_.set_skips_waits(true);
  Engine engine = MakeEngine(
      {.size = 2, .max_overflow = 0, .timeout = absl::Milliseconds(50)});
  Connection first = *engine.Connect({}, Location{"orders.cc", 41});
  clock_.Advance(absl::Seconds(2));
  Connection second = *engine.Connect({}, Location{"invoices.cc", 7});
  EXPECT_THAT(std::string(engine.Connect().status().message()),
              AllOf(HasSubstr("orders.cc:41 (thread "),
                    HasSubstr("for 2.05s, no statement yet), invoices.cc:7")));
}

// ENG-40
TEST_F(PoolTest, SizeZeroAndOverflowMinusOneAreWithoutLimit) {
  for (const PoolOptions& options :
       {PoolOptions{.size = 0}, PoolOptions{.size = 1, .max_overflow = -1}}) {
    Engine engine = MakeEngine(options);
    std::vector<Connection> connections;
    for (int i = 0; i < 50; ++i) connections.push_back(Take(engine));
    EXPECT_EQ(engine.pool().counters().checked_out, 50u);
  }
}

// ENG-41, ENG-53
TEST_F(PoolTest, DiscardsOverflowOnReturn) {
  Engine engine = MakeEngine({.size = 1, .max_overflow = 1});
  {
    Connection a = Take(engine);
    Connection b = Take(engine);
    EXPECT_EQ(engine.pool().Status(),
              "pool size 1, overflow 1 of 1, checked in 0, checked out 2, "
              "waiting 0");
  }
  EXPECT_EQ(engine.pool().Status(),
            "pool size 1, overflow 0 of 1, checked in 1, checked out 0, "
            "waiting 0");
  EXPECT_EQ(fake_->Count("close"), 1);
}

// ENG-42
TEST_F(PoolTest, HandsOutTheOldestOrTheNewestFirst) {
  for (const bool lifo : {false, true}) {
    Engine engine = MakeEngine({.size = 2, .last_in_first_out = lifo});
    std::optional<Connection> a = Take(engine);
    std::optional<Connection> b = Take(engine);
    const uint64_t first = a->id();
    const uint64_t last = b->id();
    a.reset();
    b.reset();
    EXPECT_EQ(Take(engine).id(), lifo ? last : first);
  }
}

// ENG-43
TEST_F(PoolTest, NullPoolOpensEachTime) {
  Engine engine = MakeEngine({.kind = PoolKind::kNull});
  for (int i = 0; i < 3; ++i) Take(engine);
  EXPECT_EQ(fake_->Count("open"), 3);
  EXPECT_EQ(fake_->Count("close"), 3);
  EXPECT_EQ(fake_->open_connections(), 0);
}

// ENG-44
TEST_F(PoolTest, StaticPoolSharesOneConnectionInTurns) {
  Engine engine = MakeEngine({.kind = PoolKind::kStatic});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        Connection connection = Take(engine);
        EXPECT_THAT(connection.Execute("SELECT 1").status(), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fake_->Count("open"), 1);
}

// ENG-46
TEST_F(PoolTest, AssertionPoolNamesTheFirstCheckout) {
  Engine engine = MakeEngine({.kind = PoolKind::kAssertion});
  Connection held = *engine.Connect({}, Location{"first.cc", 12});
  EXPECT_THAT(engine.Connect().status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "a connection is already checked out, from first.cc:12; "
                       "the assertion pool allows one at a time"));
}

// ENG-48, E33
TEST_F(PoolTest, RecyclesOldConnectionsAndIgnoresTheWallClock) {
  Engine engine = MakeEngine({.recycle = absl::Seconds(10), .pre_ping = false});
  Take(engine);
  clock_.JumpWallClock(absl::Hours(24 * 365));
  clock_.Advance(absl::Seconds(8));
  Take(engine);
  EXPECT_EQ(fake_->Count("open"), 1);
  clock_.Advance(absl::Seconds(3));
  Take(engine);
  EXPECT_EQ(fake_->Count("open"), 2);
}

// ENG-49, E1
TEST_F(PoolTest, PrePingReplacesAllStaleConnectionsWithOneFailedPing) {
  Engine engine = MakeEngine({.size = 3});
  {
    Connection a = Take(engine);
    Connection b = Take(engine);
    Connection c = Take(engine);
  }
  fake_->KillConnections();
  clock_.Advance(absl::Seconds(2));
  for (int i = 0; i < 3; ++i) {
    Connection connection = Take(engine);
    EXPECT_THAT(connection.Execute("SELECT 1").status(), IsOk());
  }
  EXPECT_EQ(fake_->Count("ping"), 1);
}

TEST_F(PoolTest, DoesNotPingInsideTheWindow) {
  Engine engine = MakeEngine({.pre_ping_window = absl::Seconds(5)});
  Take(engine);
  clock_.Advance(absl::Seconds(5));
  Take(engine);
  EXPECT_EQ(fake_->Count("ping"), 0);
  clock_.Advance(absl::Seconds(6));
  Take(engine);
  EXPECT_EQ(fake_->Count("ping"), 1);
}

// ENG-51
TEST_F(PoolTest, ReconnectsAfterOneErrorOfALostConnection) {
  Engine engine = MakeEngine({.size = 2});
  {
    Connection a = Take(engine);
    Connection b = Take(engine);
  }
  {
    Connection connection = Take(engine);
    fake_->FailNext(FakeCall::kExecute,
                    FakeError(ErrorKind::kConnectionLost, true));
    const absl::Status status = connection.Execute("SELECT 1").status();
    EXPECT_EQ(status.message(),
              "connection invalidated: the fake database failed");
    EXPECT_EQ(GetErrorInfo(status)->connection_state, ConnectionState::kDead);
    EXPECT_EQ(GetErrorInfo(status)->transaction_state,
              TransactionState::kRolledBack);
  }
  fake_->ClearLog();
  EXPECT_THAT(Take(engine).Execute("SELECT 1").status(), IsOk());
  EXPECT_THAT(fake_->log(),
              ElementsAre("close", "open", "begin", "prepare SELECT 1",
                          "execute SELECT 1", "rollback", "reset"));
}

// E3
TEST_F(PoolTest, RetriesAConnectionThatIsRefusedForTheMoment) {
  Engine engine = MakeEngine({});
  fake_->FailNext(
      FakeCall::kOpen,
      FakeError(ErrorKind::kCannotConnect, true, Retry::kAfterBackoff), 0, 3);
  EXPECT_THAT(engine.Connect().status(), IsOk());
  EXPECT_EQ(fake_->Count("open"), 4);
  for (const absl::Duration pause : clock_.sleeps()) {
    EXPECT_GE(pause, absl::Milliseconds(25));
  }
}

TEST_F(PoolTest, GivesUpConnectingAtTheDeadlineWithItsAttempts) {
  Engine engine = MakeEngine({});
  fake_->FailNext(
      FakeCall::kOpen,
      FakeError(ErrorKind::kCannotConnect, true, Retry::kAfterBackoff), 0,
      1000);
  const absl::Status status =
      engine.Connect(Deadline::After(absl::Seconds(5), clock_)).status();
  EXPECT_EQ(KindOf(status), ErrorKind::kCannotConnect);
  EXPECT_GT(GetErrorInfo(status)->attempts, 3);
  EXPECT_LE(clock_.SteadyNow(), absl::Seconds(5));
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
}

// ENG-52
TEST_F(PoolTest, DisposeClosesIdleOnesAndSparesThoseInUse) {
  Engine engine = MakeEngine({});
  std::optional<Connection> held = Take(engine);
  const uint64_t id = held->id();
  { Connection idle = Take(engine); }
  engine.Dispose();
  EXPECT_EQ(fake_->Count("close"), 1);
  EXPECT_THAT(held->Execute("SELECT 1").status(), IsOk());
  held.reset();
  EXPECT_EQ(fake_->Count("close"), 2);
  EXPECT_NE(Take(engine).id(), id);
}

// ENG-54, E7
TEST_F(PoolTest, MovedConnectionsReturnExactlyOnce) {
  Engine engine = MakeEngine({});
  {
    Connection a = Take(engine);
    Connection b = std::move(a);
    a = std::move(b);
    Connection c = Take(engine);
    c = std::move(a);
    EXPECT_EQ(engine.pool().counters().checked_out, 1u);
  }
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
  EXPECT_EQ(engine.pool().counters().checked_in, 2u);
}

// ENG-54, E7
TEST_F(PoolTest, WarnsOnceOfACheckoutThatIsHeldForLong) {
  Engine engine = MakeEngine({.leak_threshold = absl::Seconds(10)});
  Connection leaked = *engine.Connect({}, Location{"leaky.cc", 3});
  clock_.Advance(absl::Seconds(11));
  Take(engine);
  Take(engine);
  EXPECT_THAT(log_,
              ElementsAre("warning: connection 1 has been checked out for 11s "
                          "at leaky.cc:3"));
}

// C-05
TEST_F(PoolTest, WarnsWhenUseReachesTheGivenPart) {
  Engine engine =
      MakeEngine({.size = 2, .max_overflow = 0, .warn_at_use = 1.0});
  Connection a = Take(engine);
  EXPECT_TRUE(log_.empty());
  Connection b = Take(engine);
  EXPECT_THAT(log_, ElementsAre("warning: pool size 2, overflow 0 of 0, "
                                "checked in 0, checked out 2, waiting 0"));
}

// E7
TEST_F(PoolTest, ConnectionsMayOutliveTheEngine) {
  std::optional<Engine> engine = MakeEngine({});
  std::optional<Connection> connection = Take(*engine);
  engine.reset();
  EXPECT_THAT(connection->Execute("SELECT 1").status(), IsOk());
  connection.reset();
  EXPECT_EQ(fake_->open_connections(), 0);
}

// ENG-55
TEST_F(PoolTest, TellsWhatHappensInOrder) {
  Engine engine = MakeEngine({});
  std::vector<std::string> told;
  Subscription subscription = engine.events().OnPool([&](const PoolEvent& e) {
    told.push_back(std::string(PoolActionName(e.action)));
    return absl::OkStatus();
  });
  Take(engine);
  EXPECT_THAT(told, ElementsAre("first connect", "connect", "checkout", "reset",
                                "checkin"));
  told.clear();
  {
    Connection connection = Take(engine);
    connection.Invalidate();
  }
  EXPECT_THAT(told, ElementsAre("checkout", "invalidate", "close", "checkin"));
  told.clear();
  {
    Connection connection = Take(engine);
    connection.Detach();
  }
  EXPECT_THAT(told, ElementsAre("connect", "checkout", "detach", "reset",
                                "close detached"));
  told.clear();
  engine.pool().InvalidateAll();
  EXPECT_THAT(told, ElementsAre("soft invalidate"));
}

TEST_F(PoolTest, ListenerMayRefuseAConnection) {
  Engine engine = MakeEngine({});
  Subscription subscription = engine.events().OnPool([](const PoolEvent& e) {
    return e.action == PoolAction::kConnect
               ? absl::PermissionDeniedError("not this one")
               : absl::OkStatus();
  });
  EXPECT_THAT(engine.Connect().status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "not this one"));
  EXPECT_EQ(fake_->open_connections(), 0);
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
}

TEST(PoolOptionsTest, RefusesImpossibleNumbersByName) {
  EXPECT_THAT(ValidatePoolOptions({.size = -1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "pool option size must be 0 or more"));
  EXPECT_THAT(ValidatePoolOptions({.max_overflow = -2}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "pool option max_overflow must be -1 or more"));
  EXPECT_THAT(ValidatePoolOptions({.statement_cache_size = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "pool option statement_cache_size must be 1 or more"));
}

}  // namespace
}  // namespace cupel::engine
