// Two-phase commit, and what became of a commit.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using ::testing::Contains;
using ::testing::Not;

class TwoPhaseTest : public DialectTest {
 protected:
  static constexpr char kId[] = "cupel-suite-1";

  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(CreateItems());
  }
  // Writes a row and prepares it, by `connection`.
  absl::Status Prepare(engine::Connection& connection) {
    CUPEL_RETURN_IF_ERROR(connection.Begin({.two_phase_id = kId}));
    CUPEL_RETURN_IF_ERROR(query::ExecuteToEnd(connection, cache(),
                                              query::Insert(items_->table)
                                                  .Set(items_->id, 1)
                                                  .Set(items_->name, "x"))
                              .status());
    return connection.PrepareCommit();
  }
  absl::StatusOr<int64_t> Committed() {
    engine::Connection other = Connect();
    return Count(other, items_->table);
  }
  std::optional<Items> items_;
};

TEST_F(TwoPhaseTest, IsRefusedWhereThereIsNone) {
  if (can().two_phase_commit) {
    CUPEL_EXPECT_OK(engine().PreparedTransactions());
    return;
  }
  EXPECT_THAT(Prepare(connection()), IsRefused());
  EXPECT_THAT(engine().PreparedTransactions(), IsRefused());
}
TEST_F(TwoPhaseTest, NeedsAName) {
  CUPEL_ASSERT_OK(connection().Begin());
  EXPECT_THAT(connection().PrepareCommit(), Not(IsOk()));
}
TEST_F(TwoPhaseTest, Commits) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  CUPEL_ASSERT_OK(Prepare(connection()));
  EXPECT_THAT(Committed(), IsOkAndHolds(0));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), IsOkAndHolds(1));
}
TEST_F(TwoPhaseTest, RollsBack) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  CUPEL_ASSERT_OK(Prepare(connection()));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), IsOkAndHolds(0));
}
TEST_F(TwoPhaseTest, OnlyTheSecondPhaseIsAccepted) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  CUPEL_ASSERT_OK(Prepare(connection()));
  EXPECT_THAT(Execute("SELECT 1"), Not(IsOk()));
  CUPEL_EXPECT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), IsOkAndHolds(0));
}
TEST_F(TwoPhaseTest, OutlivesItsConnection) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  {
    engine::Connection other = Connect();
    other.Detach();
    CUPEL_ASSERT_OK(Prepare(other));
  }
  EXPECT_THAT(engine().PreparedTransactions(), IsOkAndHolds(Contains(kId)));
  CUPEL_ASSERT_OK(engine().CommitPrepared(kId));
  EXPECT_THAT(engine().PreparedTransactions(),
              IsOkAndHolds(Not(Contains(kId))));
  EXPECT_THAT(Committed(), IsOkAndHolds(1));
}
TEST_F(TwoPhaseTest, IsUndoneByAnother) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  {
    engine::Connection other = Connect();
    other.Detach();
    CUPEL_ASSERT_OK(Prepare(other));
  }
  CUPEL_ASSERT_OK(engine().RollbackPrepared(kId));
  EXPECT_THAT(Committed(), IsOkAndHolds(0));
}
TEST_F(TwoPhaseTest, AnUnknownNameIsNotFound) {
  CUPEL_SUITE_NEEDS(can().two_phase_commit, "two_phase_commit");
  EXPECT_THAT(engine().CommitPrepared("cupel-unheard"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(engine().RollbackPrepared("cupel-unheard"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace cupel::dialect_suite
