// Figures of faults: how exactly calls keep their deadlines, and what a pool
// loses under restarts of its server.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/dialects/stall_watch.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::Deadline;
using engine::Engine;
using ::testing::Not;

constexpr int kLanes = 5;
constexpr int kCalls = 10;  // of each lane, in each round of a situation

// How many times as much as is usual is done: --test_env=CUPEL_TEST_SCALE=10.
int Scale() {
  const char* text = std::getenv("CUPEL_TEST_SCALE");
  int scale = 1;
  if (text != nullptr && absl::SimpleAtoi(text, &scale)) {
    return std::max(scale, 1);
  }
  return 1;
}

// 400 calls of each server.
int Rounds() { return 2 * Scale(); }

constexpr absl::Duration kTimeout = absl::Milliseconds(80);
// max(50 ms, 10 %)
constexpr absl::Duration kOverrun = absl::Milliseconds(50);

class DeadlineAccuracyTest : public FaultTest {
 protected:
  using Call = std::function<absl::Status(int lane, int i)>;

  void SetUp() override {
    FaultTest::SetUp();
    CUPEL_ASSERT_OK_AND_ASSIGN(proxy_, FaultProxy::Start(server().port));
  }

  // Makes 50 calls, each of which gives up after kTimeout. What the machine
  // itself was late is not the library's; one call may meet what the watch does
  // not see.
  void Measure(const Call& call) {
    StallWatch watch;
    std::vector<std::thread> lanes;
    std::atomic<int> late = 0;
    for (int lane = 0; lane < kLanes; ++lane) {
      lanes.emplace_back([&, lane] {
        for (int i = 0; i < kCalls; ++i) {
          const CallWatch measured(watch);
          const absl::Status status = call(lane, i);
          const absl::Duration time = measured.Elapsed();
          EXPECT_THAT(status, Not(IsOk()));
          EXPECT_GE(time, kTimeout);
          EXPECT_LT(time, kTooLong) << status;
          const absl::Duration stalled = measured.Stalled();
          if (time <= kTimeout + kOverrun + stalled) continue;
          ++late;
          std::cout << "took " << time << ", of which the machine " << stalled
                    << ": " << status << "\n";
        }
      });
    }
    for (std::thread& lane : lanes) lane.join();
    EXPECT_LE(late, 1);
  }

  // As many connections as there are calls, all used once. The server has to
  // have noticed the end of earlier ones: it takes only so many.
  std::vector<Connection> Connections(const Engine& engine) {
    EXPECT_THAT(AwaitSessions(0), IsOkAndHolds(0));
    std::vector<Connection> connections;
    for (int i = 0; i < kLanes * kCalls; ++i) {
      auto connection = engine.Connect();
      EXPECT_THAT(connection, IsOk());
      EXPECT_THAT(SelectInteger(*connection, "SELECT 1"), IsOkAndHolds(1));
      connections.push_back(*std::move(connection));
    }
    return connections;
  }

  static Call SelectOn(std::vector<Connection>& connections) {
    return [&connections](int lane, int i) {
      Connection& connection = connections[lane * kCalls + i];
      connection.set_deadline(Deadline::After(kTimeout));
      return connection.Execute("SELECT 1").status();
    };
  }

  std::unique_ptr<FaultProxy> proxy_;
};

// G7, E4
TEST_F(DeadlineAccuracyTest, WhenTheNetworkIsSilent) {
  for (int round = 0; round < Rounds(); ++round) {
    CUPEL_ASSERT_OK_AND_ASSIGN(proxy_, FaultProxy::Start(server().port));
    Engine engine = Open({.size = 50}, proxy_->port());
    std::vector<Connection> connections = Connections(engine);
    proxy_->Break(Fault::kBlackhole);
    Measure(SelectOn(connections));
  }
}

// G7, E4
TEST_F(DeadlineAccuracyTest, WhenTheServerIsFrozen) {
  for (int round = 0; round < Rounds(); ++round) {
    Engine engine = Open({.size = 50});
    std::vector<Connection> connections = Connections(engine);
    server().process->Freeze();
    Measure(SelectOn(connections));
    server().process->Thaw();
  }
}

// G7, E6
TEST_F(DeadlineAccuracyTest, WhenThePoolIsExhausted) {
  Engine engine = Open({.size = 1, .max_overflow = 0});
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection held, engine.Connect());
  for (int round = 0; round < Rounds(); ++round) {
    Measure([&](int, int) {
      return engine.Connect(Deadline::After(kTimeout)).status();
    });
  }
}

// G7, E5
TEST_F(DeadlineAccuracyTest, WhenConnectingHangs) {
  Engine engine = Open({.size = 50}, proxy_->port());
  proxy_->set_welcome(Fault::kBlackhole);
  for (int round = 0; round < Rounds(); ++round) {
    Measure([&](int, int) {
      return engine.Connect(Deadline::After(kTimeout)).status();
    });
  }
  EXPECT_EQ(engine.pool().counters().checked_out, 0u);
}

// What became of transactions that each write two rows.
struct Tally {
  std::vector<int64_t> committed;
  std::vector<int64_t> failed;
  absl::Duration longest_call;  // without what the machine took

  void Add(const Tally& other) {
    committed.insert(committed.end(), other.committed.begin(),
                     other.committed.end());
    failed.insert(failed.end(), other.failed.begin(), other.failed.end());
    longest_call = std::max(longest_call, other.longest_call);
  }
};

class RestartLoadTest : public FaultTest {
 protected:
  static constexpr int kThreads = 16;
  static constexpr size_t kPoolSize = 8;
  static constexpr int kRestarts = 6;
  // Before each restart and after the last one: a thousand and more in all.
  static constexpr int kCommits = 150;
  static constexpr absl::Duration kLimit = absl::Seconds(2);

  void SetUp() override {
    FaultTest::SetUp();
    Engine engine = FaultTest::Open();
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    for (absl::string_view sql : {"DROP TABLE IF EXISTS unit",
                                  "CREATE TABLE unit (id BIGINT, part INTEGER, "
                                  "PRIMARY KEY (id, part))"}) {
      CUPEL_ASSERT_OK(connection.Execute(sql));
      CUPEL_ASSERT_OK(connection.Commit());
    }
  }

  // Both rows of a unit; and in between a read, as half of the load.
  absl::Status Write(Connection& connection, int64_t unit) {
    for (int64_t part : {1, 2}) {
      CUPEL_RETURN_IF_ERROR(
          connection
              .Execute(absl::Substitute("INSERT INTO unit VALUES ($0, $1)",
                                        unit, part))
              .status());
      CUPEL_RETURN_IF_ERROR(SelectInteger(connection, "SELECT 1").status());
    }
    return connection.Commit();
  }

  absl::Status WriteOnce(const Engine& engine, int64_t unit) {
    const Deadline deadline = Deadline::After(kLimit);
    CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect(deadline));
    connection.set_deadline(deadline);
    return Write(connection, unit);
  }

  void Work(const Engine& engine, int thread, Tally* tally) {
    for (int i = 0; !over_; ++i) {
      const int64_t unit = int64_t{1000000} * (thread + 1) + i;
      const CallWatch call(watch_);
      const absl::Status status = WriteOnce(engine, unit);
      tally->longest_call =
          std::max(tally->longest_call, call.Elapsed() - call.Stalled());
      if (status.ok()) {
        tally->committed.push_back(unit);
        ++committed_;
      } else if (!absl::IsUnknown(status)) {
        tally->failed.push_back(unit);
      }
    }
  }

  // Waits until so many more transactions have been committed.
  void AwaitMore(int count) {
    const int wanted = committed_ + count;
    while (committed_ < wanted) absl::SleepFor(absl::Milliseconds(1));
  }

  StallWatch watch_;
  std::atomic<bool> over_ = false;
  std::atomic<int> committed_ = 0;
};

// G5, E1, E2
TEST_F(RestartLoadTest, LosesNeitherConnectionsNorTransactions) {
  Engine engine = Open({.size = kPoolSize, .max_overflow = 0});
  Tally tallies[kThreads];
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { Work(engine, i, &tallies[i]); });
  }
  for (int i = 0; i < kRestarts * Scale(); ++i) {
    AwaitMore(kCommits);
    CUPEL_EXPECT_OK(server().restart());
    // The longest pause between two tries to connect is a second.
    const CallWatch recovery(watch_);
    AwaitMore(1);
    const absl::Duration time = recovery.Elapsed();
    EXPECT_LT(time, absl::Milliseconds(1500) + recovery.Stalled());
  }
  AwaitMore(kCommits);
  over_ = true;
  for (std::thread& thread : threads) thread.join();
  Tally all;
  for (const Tally& tally : tallies) all.Add(tally);

  EXPECT_GE(all.committed.size(), 1000u);
  EXPECT_LE(all.longest_call, kLimit * 1.1);
  const engine::PoolCounters counters = engine.pool().counters();
  EXPECT_EQ(counters.checked_out, 0u);
  EXPECT_LE(counters.checked_in, kPoolSize);
  const auto idle = static_cast<int64_t>(counters.checked_in);
  EXPECT_THAT(AwaitSessions(idle), IsOkAndHolds(idle));

  // Whole units only; those that are told to be there, and none that is not.
  auto of = [](const std::vector<int64_t>& units) {
    return absl::StrCat("SELECT count(*) FROM unit WHERE id IN (0, ",
                        absl::StrJoin(units, ", "), ")");
  };
  EXPECT_THAT(Ask("SELECT count(*) FROM (SELECT id FROM unit GROUP BY id "
                  "HAVING count(*) <> 2) AS broken"),
              IsOkAndHolds(0));
  EXPECT_THAT(Ask(of(all.committed)), IsOkAndHolds(2 * all.committed.size()));
  all.failed.push_back(0);
  EXPECT_THAT(Ask(of(all.failed)), IsOkAndHolds(0));
}

}  // namespace
}  // namespace cupel::testing
