// The pool under several threads, several processes, and all kinds of trouble.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
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
using ::testing::ElementsAre;

using PoolConcurrencyTest = PoolTest;

// E32
TEST_F(PoolConcurrencyTest, CloseCancelsWaitersAndLetsHoldersFinish) {
  Engine engine = MakeEngine({.size = 1, .max_overflow = 0});
  std::optional<Connection> held = Take(engine);
  absl::Status waited;
  std::thread waiter([&] { waited = engine.Connect().status(); });
  clock_.AwaitWaiters(1);
  engine.Close();
  waiter.join();
  EXPECT_THAT(waited,
              StatusIs(absl::StatusCode::kCancelled,
                       "the engine is closed: create another one to connect"));
  EXPECT_THAT(held->Execute("SELECT 1").status(), IsOk());
  held.reset();
  EXPECT_EQ(fake_->open_connections(), 0);
  EXPECT_THAT(engine.Connect().status(),
              StatusIs(absl::StatusCode::kCancelled));
}

// C5, C-11
TEST_F(PoolConcurrencyTest, StopTokenEndsAWaitAndLosesNoSlot) {
  Engine engine = MakeEngine({.size = 1, .max_overflow = 0});
  std::optional<Connection> held = Take(engine);
  std::stop_source stop;
  absl::Status waited;
  std::thread waiter(
      [&] { waited = engine.Connect(Deadline(), stop.get_token()).status(); });
  clock_.AwaitWaiters(1);
  stop.request_stop();
  waiter.join();
  EXPECT_THAT(waited,
              StatusIs(absl::StatusCode::kCancelled,
                       "waiting for a connection was stopped by its stop "
                       "token"));
  held.reset();
  EXPECT_THAT(engine.Connect().status(), IsOk());
}

// C6, E6
TEST_F(PoolConcurrencyTest, ServesThreadsInTheOrderOfTheirArrival) {
  Engine engine = MakeEngine({.size = 1, .max_overflow = 0});
  std::optional<Connection> held = Take(engine);
  absl::Mutex mutex;
  std::vector<int> served;
  std::vector<std::thread> waiters;
  for (int i = 0; i < 5; ++i) {
    waiters.emplace_back([&, i] {
      Connection connection = Take(engine);
      absl::MutexLock lock(&mutex);
      served.push_back(i);
    });
    clock_.AwaitWaiters(i + 1);
  }
  held.reset();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_THAT(served, ElementsAre(0, 1, 2, 3, 4));
}

// E5
TEST_F(PoolConcurrencyTest,
       HangingConnectsStayWithinTheLimitAndWaitersAreServed) {
  Engine engine = MakeEngine({.size = 2, .max_overflow = 0});
  std::optional<Connection> held = Take(engine);
  absl::Notification hanging, go_on;
  fake_->OnCall(FakeCall::kOpen, [&] {
    hanging.Notify();
    go_on.WaitForNotification();
  });
  std::thread opener([&] { Take(engine); });
  hanging.WaitForNotification();
  uint64_t served = 0;
  std::thread waiter([&] { served = Take(engine).id(); });
  clock_.AwaitWaiters(1);
  const uint64_t id = held->id();
  held.reset();
  waiter.join();
  EXPECT_EQ(served, id);
  go_on.Notify();
  opener.join();
  EXPECT_EQ(fake_->most_open_connections(), 2);
}

// E9, ENG-52
TEST_F(PoolConcurrencyTest, ChildOfAForkLeavesInheritedConnectionsAlone) {
  Engine engine = MakeEngine({});
  Connection held = Take(engine);
  ASSERT_THAT(held.Execute("SELECT 1").status(), IsOk());
  { Connection idle = Take(engine); }
  fake_->ClearLog();
  const pid_t child = fork();
  if (child == 0) {
    const auto fail = [](int code) { _exit(code); };
    const absl::Status status = held.Execute("SELECT 1").status();
    if (status.code() != absl::StatusCode::kFailedPrecondition) fail(1);
    auto own = engine.Connect();
    if (!own.ok() || !own->Execute("SELECT 2").ok()) fail(2);
    if (fake_->Count("open") != 1) fail(3);
    if (fake_->Count("abandon") != 1) fail(4);  // the idle one
    if (fake_->Count("close") != 0) fail(5);
    { Connection dropped = std::move(held); }
    if (fake_->Count("abandon") != 2 || fake_->Count("rollback") != 0) fail(6);
    if (engine.pool().counters().checked_out != 1) fail(7);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(held.Execute("SELECT 3").status(), IsOk());
}

// G6: all kinds of trouble at once, from one thread; the time of waits is
// skipped.
TEST_F(PoolConcurrencyTest, KeepsItsBooksOverRandomTrouble) {
  clock_.set_skips_waits(true);
  std::mt19937 random(7);
  Engine engine = MakeEngine({.size = 2,
                              .max_overflow = 2,
                              .recycle = absl::Seconds(30),
                              .pre_ping_window = absl::Milliseconds(100)});
  std::vector<Connection> held;
  const auto sometimes = [&](FakeCall call) {
    if (random() % 20 == 0) {
      fake_->FailNext(call, FakeError(ErrorKind::kConnectionLost, true));
    }
  };
  for (int i = 0; i < 20000; ++i) {
    sometimes(FakeCall::kOpen);
    sometimes(FakeCall::kExecute);
    if (i % 50 == 0) sometimes(FakeCall::kReset);
    if (i % 50 == 1) sometimes(FakeCall::kRollback);
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: {
        auto connection =
            engine.Connect(Deadline::After(absl::Milliseconds(10), clock_));
        if (connection.ok()) held.push_back(*std::move(connection));
        break;
      }
      case 3:
      case 4:
        if (!held.empty()) {
          held.erase(held.begin() + static_cast<long>(random() % held.size()));
        }
        break;
      case 5:
        if (!held.empty()) {
          held[random() % held.size()].Execute("SELECT 1").IgnoreError();
        }
        break;
      case 6:
        clock_.Advance(absl::Milliseconds(random() % 500));
        break;
      case 7:
        if (random() % 10 == 0) engine.Dispose();
        if (!held.empty() && random() % 10 == 0) held.back().Invalidate();
        if (random() % 10 == 0) fake_->KillConnections();
        break;
    }
    const PoolCounters counters = engine.pool().counters();
    ASSERT_EQ(counters.checked_out, held.size()) << i;
    ASSERT_LE(counters.checked_in + counters.checked_out, 4u) << i;
    ASSERT_LE(counters.checked_in, 2u) << i;
    ASSERT_LE(static_cast<size_t>(fake_->open_connections()),
              counters.checked_in + counters.checked_out)
        << i;
    if (i % 100 == 0) {
      fake_->ClearLog();
      fake_->ClearFailures();
    }
  }
  held.clear();
  engine.Close();
  EXPECT_EQ(fake_->open_connections(), 0);
  EXPECT_EQ(fake_->open_statements(), 0);
  EXPECT_LE(fake_->most_open_connections(), 4);
}

// E6, C1: for the thread sanitizer, and for lost wake-ups, which would hang.
TEST_F(PoolConcurrencyTest, ServesManyThreadsUnderTrouble) {
  Engine engine = MakeEngine(
      {.size = 2, .max_overflow = 1, .timeout = absl::InfiniteDuration()});
  std::atomic<int> in_use{0};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < 200; ++i) {
        if (random() % 16 == 0) {
          fake_->FailNext(FakeCall::kExecute,
                          FakeError(ErrorKind::kConnectionLost, true));
        }
        if (random() % 16 == 0) {
          fake_->FailNext(FakeCall::kOpen,
                          FakeError(ErrorKind::kCannotConnect));
        }
        auto connection = engine.Connect();
        if (!connection.ok()) continue;
        EXPECT_LE(in_use.fetch_add(1) + 1, 3);
        ++served;
        connection->Execute("SELECT 1").IgnoreError();
        if (random() % 8 == 0) connection->Commit().IgnoreError();
        if (random() % 32 == 0) engine.pool().Status();
        if (random() % 32 == 0) engine.pool().Holders();
        if (random() % 32 == 0) engine.Dispose();
        in_use.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(served.load(), 0);
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
  EXPECT_EQ(engine.pool().counters().waiting, 0u);
  EXPECT_LE(fake_->most_open_connections(), 3);
  engine.Close();
  EXPECT_EQ(fake_->open_connections(), 0);
}

}  // namespace
}  // namespace cupel::engine
