// Locks, deadlines and cancelling: two connections and more.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/fake_clock.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::Deadline;
using engine::ErrorKind;
using engine::LockMode;
using engine::Retry;
using engine::TransactionState;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Stands still but for what sleeps; does something before the first sleep.
class WaitClock : public cupel::testing::FakeClock {
 public:
  explicit WaitClock(std::function<void()> before_sleep = nullptr)
      : before_sleep_(std::move(before_sleep)) {}

  void Sleep(absl::Duration duration) override {
    if (before_sleep_ != nullptr) std::exchange(before_sleep_, nullptr)();
    FakeClock::Sleep(duration);
  }
  absl::Duration slept() const {
    absl::Duration sum;
    for (const absl::Duration sleep : sleeps()) sum += sleep;
    return sum;
  }
  // Late enough for every test.
  Deadline Patience() { return Deadline::After(absl::Hours(1), *this); }

 private:
  std::function<void()> before_sleep_;
};

// Never ends by itself.
constexpr absl::string_view kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT count(*) FROM n";

class ConcurrencyTest : public DriverTest {
 protected:
  void SetUp() override {
    CUPEL_ASSERT_OK(Exec(*Open(), "CREATE TABLE t(a)"));
    CUPEL_ASSERT_OK(Exec(*Open(), "INSERT INTO t VALUES (1)"));
  }
};

// E10
TEST_F(ConcurrencyTest, AWriterGivesUpAtItsBusyDeadline) {
  auto a = Open();
  auto b = Open("?busy_timeout=60");
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kImmediate}, {}));
  WaitClock clock;
  const absl::Status status =
      Exec(*b, "INSERT INTO t VALUES (2)", {}, clock.Patience());
  EXPECT_EQ(clock.slept(), absl::Milliseconds(60));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kBusy);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  CUPEL_ASSERT_OK(a->Commit({}));
  CUPEL_EXPECT_OK(Exec(*b, "INSERT INTO t VALUES (2)"));
}

// E10
TEST_F(ConcurrencyTest, ACallGivesUpAtItsOwnDeadlineFirst) {
  auto a = Open();
  auto b = Open();  // would wait five seconds
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kImmediate}, {}));
  WaitClock clock;
  EXPECT_THAT(Exec(*b, "INSERT INTO t VALUES (2)", {},
                   Deadline::After(absl::Milliseconds(50), clock)),
              StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(clock.slept(), absl::Milliseconds(50));
  EXPECT_TRUE(b->is_alive());
}

// E10
TEST_F(ConcurrencyTest, AWriterGetsTheLockWhenItIsFree) {
  auto a = Open();
  auto b = Open();
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kImmediate}, {}));
  WaitClock clock([&] { CUPEL_EXPECT_OK(a->Commit({})); });
  CUPEL_EXPECT_OK(Exec(*b, "INSERT INTO t VALUES (2)", {}, clock.Patience()));
  EXPECT_THAT(clock.sleeps(), SizeIs(1));
}

// F8
TEST_F(ConcurrencyTest, AnOldSnapshotCannotWriteAndFailsAtOnce) {
  auto a = Open();
  auto b = Open();
  CUPEL_ASSERT_OK(a->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*a, "SELECT * FROM t"));
  CUPEL_ASSERT_OK(Exec(*b, "INSERT INTO t VALUES (2)"));
  WaitClock clock;
  const absl::Status status =
      Exec(*a, "INSERT INTO t VALUES (3)", {}, clock.Patience());
  EXPECT_THAT(clock.sleeps(), IsEmpty());
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(InfoOf(status).native_code, "517");
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  CUPEL_ASSERT_OK(a->Rollback({}));
  CUPEL_EXPECT_OK(Exec(*a, "INSERT INTO t VALUES (3)"));
}

// F7
TEST_F(ConcurrencyTest, ABusyCommitWaitsForItsReaders) {
  auto a = Open("?journal_mode=delete");
  auto b = Open("?journal_mode=delete");
  CUPEL_ASSERT_OK(b->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*b, "SELECT * FROM t"));
  CUPEL_ASSERT_OK(a->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*a, "INSERT INTO t VALUES (2)"));
  WaitClock clock([&] { CUPEL_EXPECT_OK(b->Commit({})); });
  CUPEL_EXPECT_OK(a->Commit(clock.Patience()));
  EXPECT_THAT(clock.sleeps(), SizeIs(1));
}

// F7, E21
TEST_F(ConcurrencyTest, ACommitThatStaysBusyIsRolledBack) {
  auto a = Open("?journal_mode=delete&busy_timeout=30");
  auto b = Open("?journal_mode=delete");
  CUPEL_ASSERT_OK(b->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*b, "SELECT * FROM t"));
  CUPEL_ASSERT_OK(a->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*a, "INSERT INTO t VALUES (2)"));
  WaitClock clock;
  const absl::Status status = a->Commit(clock.Patience());
  EXPECT_EQ(clock.slept(), absl::Milliseconds(30));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, Retry::kTransaction);
  EXPECT_FALSE(a->in_transaction());
  CUPEL_ASSERT_OK(b->Commit({}));
  EXPECT_THAT(SelectInteger(*b, "SELECT count(*) FROM t"), IsOkAndHolds(1));
}

// E19
TEST_F(ConcurrencyTest, AnEndlessQueryEndsAtItsDeadline) {
  auto connection = Open();
  const absl::Time start = absl::Now();
  const absl::Status status =
      Exec(*connection, kEndless, {}, Deadline::After(absl::Milliseconds(50)));
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_TRUE(connection->is_alive());
  EXPECT_THAT(SelectInteger(*connection, "SELECT a FROM t"), IsOkAndHolds(1));
}

// E18
TEST_F(ConcurrencyTest, CancellingEndsTheRunningStatement) {
  auto connection = Open();
  absl::Notification running;
  ASSERT_EQ(sqlite3_create_function(
                static_cast<sqlite3*>(connection->native_handle()), "announce",
                0, SQLITE_UTF8, &running,
                [](sqlite3_context* context, int, sqlite3_value**) {
                  static_cast<absl::Notification*>(sqlite3_user_data(context))
                      ->Notify();
                },
                nullptr, nullptr),
            SQLITE_OK);
  auto canceller = connection->canceller();
  std::thread other([&] {
    running.WaitForNotification();
    canceller->Cancel();
  });
  const absl::Status status = Exec(
      *connection,
      "WITH RECURSIVE n(i) AS (SELECT announce() UNION ALL SELECT i FROM n)"
      " SELECT count(*) FROM n");
  other.join();
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
  EXPECT_TRUE(connection->is_alive());
}

// E18
TEST_F(ConcurrencyTest, ALateCancelDoesNotHitTheNextStatement) {
  auto connection = Open();
  auto canceller = connection->canceller();
  CUPEL_ASSERT_OK(Exec(*connection, "SELECT 1"));
  canceller->Cancel();
  for (int i = 0; i < 100; ++i) {
    CUPEL_ASSERT_OK(Exec(*connection,
                         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
                         " i + 1 FROM n WHERE i < 3000) SELECT sum(i) FROM n"));
    canceller->Cancel();
  }
}

// E18
TEST_F(ConcurrencyTest, CancellingBetweenTwoRowsEndsTheStatement) {
  auto connection = Open();
  auto canceller = connection->canceller();
  auto statement =
      connection
          ->Prepare(
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
              " FROM n) SELECT i FROM n",
              {})
          .value();
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  canceller->Cancel();
  EXPECT_THAT(statement->Next({}), StatusIs(StatusCode::kCancelled));
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
}

// E18, F4
TEST_F(ConcurrencyTest, AnInterruptedWriteSaysWhatBecameOfItsTransaction) {
  auto connection = Open();
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (2)"));
  const absl::Status status =
      Exec(*connection,
           "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
           " SELECT i + 1 FROM n) SELECT i FROM n",
           {}, Deadline::After(absl::Milliseconds(30)));
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  CUPEL_EXPECT_OK(connection->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(1));
}

// C-12
TEST(MemoryConcurrencyTest, EightThreadsWriteToOneDatabaseInMemory) {
  auto scope = std::make_shared<engine::DriverScope>();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto first, OpenUrl("sqlite://", scope));
  CUPEL_ASSERT_OK(Exec(*first, "CREATE TABLE t(a)"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto connection = OpenUrl("sqlite://?busy_timeout=30000", scope).value();
      for (int k = 0; k < 50; ++k) {
        EXPECT_THAT(connection->Begin({.lock = LockMode::kImmediate}, {}),
                    testing::IsOk());
        EXPECT_THAT(Exec(*connection, "INSERT INTO t VALUES (1)"),
                    testing::IsOk());
        EXPECT_THAT(connection->Commit({}), testing::IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(SelectInteger(*first, "SELECT count(*) FROM t"),
              IsOkAndHolds(400));
}

}  // namespace
}  // namespace cupel::sqlite_internal
