// Two connections to one database: what each sees of the other, and locks.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using engine::IsolationLevel;
using query::TypedSelect;
using ::testing::AnyOf;
using ::testing::ElementsAre;

class TwoConnectionsTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(FillItems());
    other_ = Connect();
  }
  void Close() override {
    other_.reset();
    DialectTest::Close();
  }
  const Items& i() const { return *items_; }
  engine::Connection& other() { return *other_; }

  absl::Status SetAmount(engine::Connection& connection, int64_t id,
                         int64_t amount) {
    return query::ExecuteToEnd(connection, cache(),
                               query::Update(i().table)
                                   .Set(i().amount, amount)
                                   .Where(i().id == id))
        .status();
  }
  absl::Status Add(engine::Connection& connection, int64_t id) {
    return query::ExecuteToEnd(
               connection, cache(),
               query::Insert(i().table).Set(i().id, id).Set(i().name, "x"))
        .status();
  }
  absl::StatusOr<std::optional<int64_t>> AmountOf(
      engine::Connection& connection, int64_t id) {
    return query::ScalarOne(connection, cache(),
                            TypedSelect(i().amount).Where(i().id == id));
  }
  bool Has(IsolationLevel level) const {
    for (const IsolationLevel known : can().isolation_levels) {
      if (known == level) return true;
    }
    return false;
  }
  static void HurryUp(engine::Connection& connection) {
    connection.set_deadline(engine::Deadline::After(absl::Milliseconds(250)));
  }
  // The ways to say "another one holds the lock".
  static auto IsWaitedOut() {
    return AnyOf(IsKind(ErrorKind::kStatementTimeout),
                 IsKind(ErrorKind::kLockTimeout), IsKind(ErrorKind::kBusy),
                 IsKind(ErrorKind::kSerializationFailure),
                 IsKind(ErrorKind::kDeadlock));
  }

  std::optional<Items> items_;
  std::optional<engine::Connection> other_;
};

using VisibilityTest = TwoConnectionsTest;

TEST_F(VisibilityTest, CommittedWorkIsSeen) {
  CUPEL_ASSERT_OK(Add(connection(), 6));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Count(other(), i().table), IsOkAndHolds(6));
}
TEST_F(VisibilityTest, OpenWorkIsNotSeen) {
  CUPEL_ASSERT_OK(Add(connection(), 6));
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 99));
  EXPECT_THAT(Count(other(), i().table), IsOkAndHolds(5));
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
}
TEST_F(VisibilityTest, UndoneWorkIsNotSeen) {
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 99));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
}
TEST_F(VisibilityTest, ANewTransactionSeesWhatCameBetween) {
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  CUPEL_ASSERT_OK(other().Commit());
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(11));
}
TEST_F(VisibilityTest, NewTablesAreSeen) {
  const schema::Table& fresh = Create(Keyed("fresh"));
  EXPECT_THAT(Count(other(), fresh), IsOkAndHolds(0));
}
TEST_F(VisibilityTest, ReadCommittedSeesEachCommit) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kReadCommitted),
                    "isolation level read committed");
  CUPEL_ASSERT_OK(other().Begin({.isolation = IsolationLevel::kReadCommitted}));
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(11));
}
TEST_F(VisibilityTest, RepeatableReadReadsTheSameAgain) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kRepeatableRead),
                    "isolation level repeatable read");
  CUPEL_ASSERT_OK(
      other().Begin({.isolation = IsolationLevel::kRepeatableRead}));
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  CUPEL_ASSERT_OK(Add(connection(), 6));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  EXPECT_THAT(Count(other(), i().table), IsOkAndHolds(5));
}
TEST_F(VisibilityTest, SerializableNeverMixesTwoStates) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kSerializable),
                    "isolation level serializable");
  CUPEL_ASSERT_OK(other().Begin({.isolation = IsolationLevel::kSerializable}));
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  HurryUp(connection());
  // The writer waits for the reader, or writes what the reader does not see.
  const absl::Status written = SetAmount(connection(), 1, 11);
  if (written.ok()) {
    CUPEL_ASSERT_OK(connection().Commit());
  } else {
    EXPECT_THAT(written, IsWaitedOut());
  }
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
}

using LockTest = TwoConnectionsTest;

TEST_F(LockTest, TwoWritersOfARow) {
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  HurryUp(other());
  const absl::Status status = SetAmount(other(), 1, 12);
  EXPECT_THAT(status, IsWaitedOut());
  CUPEL_ASSERT_OK(connection().Commit());
  other().set_deadline(engine::Deadline::Infinite());
  CUPEL_ASSERT_OK(other().Rollback());
  CUPEL_EXPECT_OK(SetAmount(other(), 1, 12));
  CUPEL_ASSERT_OK(other().Commit());
  EXPECT_THAT(AmountOf(connection(), 1), IsOkAndHolds(12));
}
TEST_F(LockTest, TwoWritersOfAKey) {
  CUPEL_ASSERT_OK(Add(connection(), 6));
  HurryUp(other());
  EXPECT_THAT(Add(other(), 6), IsWaitedOut());
  other().set_deadline(engine::Deadline::Infinite());
  CUPEL_ASSERT_OK(other().Rollback());
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(Add(other(), 6));
}
// F3: whatever the database keeps of it, the user's transaction is over.
TEST_F(LockTest, WhoWaitedInVainKeepsNothing) {
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  HurryUp(other());
  const absl::Status first = SetAmount(other(), 2, 77);
  const absl::Status second = first.ok() ? SetAmount(other(), 1, 12) : first;
  EXPECT_THAT(second, IsWaitedOut());
  EXPECT_FALSE(other().Commit().ok());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(AmountOf(connection(), 2), IsOkAndHolds(20));
}
TEST_F(LockTest, ReadersDoNotWaitForAWriter) {
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  HurryUp(other());
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
}
TEST_F(LockTest, SerializableNeverLosesAnUpdate) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kSerializable),
                    "isolation level serializable");
  const engine::TransactionOptions serializable{
      .isolation = IsolationLevel::kSerializable};
  CUPEL_ASSERT_OK(connection().Begin(serializable));
  CUPEL_ASSERT_OK(other().Begin(serializable));
  EXPECT_THAT(AmountOf(connection(), 1), IsOkAndHolds(10));
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(10));
  HurryUp(connection());
  absl::Status one = SetAmount(connection(), 1, 11);
  if (one.ok()) one = connection().Commit();
  HurryUp(other());
  absl::Status two = SetAmount(other(), 1, 11);
  if (two.ok()) two = other().Commit();
  // Both read 10 and wrote 10 + 1: at most one of them may succeed.
  EXPECT_FALSE(one.ok() && two.ok());
  EXPECT_THAT(one.ok() ? two : one, IsWaitedOut());
}
TEST_F(LockTest, RunInTransactionTriesAgain) {
  // The first attempt meets a conflict as databases report it.
  int attempts = 0;
  CUPEL_ASSERT_OK(engine().RunInTransaction(
      [&](engine::Connection& connection) -> absl::Status {
        CUPEL_RETURN_IF_ERROR(SetAmount(connection, 1, 11 + attempts));
        if (++attempts == 1) {
          engine::ErrorInfo info;
          info.kind = ErrorKind::kSerializationFailure;
          info.retry = engine::Retry::kTransaction;
          return engine::MakeError(info, "made up");
        }
        return absl::OkStatus();
      }));
  EXPECT_EQ(attempts, 2);
  EXPECT_THAT(AmountOf(other(), 1), IsOkAndHolds(12));
}
TEST_F(LockTest, ADeadlockIsBroken) {
  CUPEL_SUITE_NEEDS(can().for_update, "for_update");
  CUPEL_ASSERT_OK(SetAmount(connection(), 1, 11));
  CUPEL_ASSERT_OK(SetAmount(other(), 2, 22));
  HurryUp(connection());
  EXPECT_THAT(SetAmount(connection(), 2, 21), IsWaitedOut());
  CUPEL_ASSERT_OK(connection().Rollback());
  other().set_deadline(engine::Deadline::After(absl::Seconds(20)));
  absl::Status status = SetAmount(other(), 1, 12);
  if (engine::KindOf(status) == ErrorKind::kDeadlock) {
    // A session that had to be given up has waited on.
    CUPEL_ASSERT_OK(other().Rollback());
    status = SetAmount(other(), 1, 12);
  }
  CUPEL_EXPECT_OK(status);
  CUPEL_EXPECT_OK(other().Commit());
}

}  // namespace
}  // namespace cupel::dialect_suite
