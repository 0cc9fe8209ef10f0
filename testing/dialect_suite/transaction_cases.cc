// Transactions and savepoints of one connection.

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using engine::IsolationLevel;
using ::testing::ElementsAre;

class ItemTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(CreateItems());
  }
  absl::Status Add(engine::Connection& connection, int64_t id) {
    return query::ExecuteToEnd(connection, cache(),
                               query::Insert(items_->table)
                                   .Set(items_->id, id)
                                   .Set(items_->name, "x"))
        .status();
  }
  absl::Status Add(int64_t id) { return Add(connection(), id); }
  // What another connection sees.
  std::vector<int64_t> Committed() {
    engine::Connection other = Connect();
    return query::Scalars(other, cache(),
                          query::TypedSelect(items_->id).OrderBy(items_->id))
        .value_or(std::vector<int64_t>{-1});
  }

  std::optional<Items> items_;
};

using TransactionTest = ItemTest;

TEST_F(TransactionTest, CommitKeepsTheWork) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_TRUE(connection().in_transaction());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_FALSE(connection().in_transaction());
  EXPECT_THAT(Committed(), ElementsAre(1));
}

TEST_F(TransactionTest, RollbackUndoesTheWork) {
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK(connection().Commit());
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK(Execute(query::Update(items_->table).Set(items_->name, "y")));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), ElementsAre(1));
  EXPECT_THAT(Scalars(query::TypedSelect(items_->name)),
              IsOkAndHolds(ElementsAre("x")));
}

TEST_F(TransactionTest, TheEndOfAConnectionRollsBack) {
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK(Add(other, 1));
  }
  EXPECT_THAT(Committed(), ElementsAre());
}

TEST_F(TransactionTest, ReadsItsOwnWrites) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Count(items_->table), IsOkAndHolds(1));
}

TEST_F(TransactionTest, EndsWithoutHavingBegun) {
  CUPEL_EXPECT_OK(connection().Commit());
  CUPEL_EXPECT_OK(connection().Rollback());
}

TEST_F(TransactionTest, RefusesToBeginTwice) {
  CUPEL_ASSERT_OK(connection().Begin());
  EXPECT_THAT(connection().Begin(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  CUPEL_EXPECT_OK(connection().Commit());
}

TEST_F(TransactionTest, AScopeRollsBackUnlessItCommits) {
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Transaction scope,
                               connection().BeginTransaction());
    CUPEL_ASSERT_OK(Add(1));
  }
  EXPECT_THAT(Committed(), ElementsAre());
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Transaction scope,
                               connection().BeginTransaction());
    CUPEL_ASSERT_OK(Add(2));
    CUPEL_ASSERT_OK(scope.Commit());
    EXPECT_FALSE(scope.is_active());
  }
  EXPECT_THAT(Committed(), ElementsAre(2));
}

TEST_F(TransactionTest, ManyFollowOneAnother) {
  for (int64_t id = 1; id <= 20; ++id) {
    CUPEL_ASSERT_OK(Add(id));
    CUPEL_ASSERT_OK(id % 2 == 0 ? connection().Commit()
                                : connection().Rollback());
  }
  EXPECT_EQ(Committed().size(), 10u);
}

TEST_F(TransactionTest, TheEngineRunsABodyAndCommits) {
  CUPEL_EXPECT_OK(engine().RunInTransaction(
      [&](engine::Connection& connection) { return Add(connection, 1); }));
  EXPECT_THAT(engine().RunInTransaction([&](engine::Connection& connection) {
    EXPECT_THAT(Add(connection, 2), IsOk());
    return absl::CancelledError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(Committed(), ElementsAre(1));
}

TEST_F(TransactionTest, TheEndCutsCursors) {
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      query::ResultCursor cursor,
      query::Execute(connection(), cache(), query::TypedSelect(items_->id)));
  EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(cursor.Next(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(TransactionTest, KnowsWhetherItMayHaveWritten) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_TRUE(connection().may_have_written());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_FALSE(connection().may_have_written());
}

// --- A failed statement -----------------------------------------------------

using PoisonTest = ItemTest;

TEST_F(PoisonTest, AfterAnErrorOnlyARollbackIsAccepted) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_TRUE(connection().is_poisoned());
  EXPECT_THAT(Add(2), IsKind(ErrorKind::kTransactionPoisoned));
  EXPECT_THAT(Count(items_->table), IsKind(ErrorKind::kTransactionPoisoned));
  CUPEL_EXPECT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(Add(3));
}

TEST_F(PoisonTest, ItCannotBeCommitted) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_THAT(connection().Commit(), IsKind(ErrorKind::kTransactionPoisoned));
  EXPECT_FALSE(connection().in_transaction());
  EXPECT_THAT(Committed(), ElementsAre());
}

TEST_F(PoisonTest, ItTellsTheFirstError) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_THAT(connection().poisoning_error(),
              IsKind(ErrorKind::kUniqueViolation));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(connection().poisoning_error());
}

TEST_F(PoisonTest, AWrongTextPoisonsToo) {
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Execute("SELEKT 1"), IsKind(ErrorKind::kSyntax));
  EXPECT_THAT(Add(2), IsKind(ErrorKind::kTransactionPoisoned));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), ElementsAre());
}

// --- Savepoints -------------------------------------------------------------

class SavepointTest : public ItemTest {};

TEST_F(SavepointTest, AreRefusedWhereThereAreNone) {
  if (can().savepoints) {
    CUPEL_EXPECT_OK(connection().BeginNested());
  } else {
    EXPECT_THAT(connection().BeginNested(), IsRefused());
  }
}

TEST_F(SavepointTest, CommitKeepsItsWorkInTheTransaction) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  EXPECT_TRUE(connection().in_nested_transaction());
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK(inner.Commit());
  EXPECT_FALSE(connection().in_nested_transaction());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(1, 2));
}

TEST_F(SavepointTest, RollbackUndoesItsWorkOnly) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK(inner.Rollback());
  CUPEL_ASSERT_OK(Add(3));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(1, 3));
}

TEST_F(SavepointTest, AScopeRollsBackUnlessItCommits) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                               connection().BeginNested());
    CUPEL_ASSERT_OK(Add(1));
  }
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(2));
}

TEST_F(SavepointTest, ARollbackOutsideUndoesWhatWasCommittedInside) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint outer,
                             connection().BeginNested());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK(inner.Commit());
  CUPEL_ASSERT_OK(outer.Rollback());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre());
}

TEST_F(SavepointTest, TheEndOfAnOuterOneEndsTheInner) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint outer,
                             connection().BeginNested());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK(outer.Commit());
  EXPECT_FALSE(inner.is_active());
  EXPECT_THAT(inner.Commit(), IsKind(ErrorKind::kMisuse));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(1));
}

TEST_F(SavepointTest, HealsTheTransactionFromAnError) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_THAT(inner.Commit(), IsKind(ErrorKind::kTransactionPoisoned));
  CUPEL_ASSERT_OK(inner.Rollback());
  EXPECT_FALSE(connection().is_poisoned());
  CUPEL_ASSERT_OK(Add(2));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(1, 2));
}

TEST_F(SavepointTest, DoesNotHealAnErrorFromBefore) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  EXPECT_THAT(connection().BeginNested(),
              IsKind(ErrorKind::kTransactionPoisoned));
}

TEST_F(SavepointTest, NestsDeeply) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  std::vector<engine::Savepoint> scopes;
  for (int64_t depth = 1; depth <= 40; ++depth) {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                               connection().BeginNested());
    scopes.push_back(std::move(inner));
    CUPEL_ASSERT_OK(Add(depth));
    EXPECT_EQ(connection().savepoint_depth(), depth);
  }
  // 21 and what came after it go.
  CUPEL_ASSERT_OK(scopes[20].Rollback());
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_EQ(Committed().size(), 20u);
}

TEST_F(SavepointTest, ManyFollowOneAnother) {
  CUPEL_SUITE_NEEDS(can().savepoints, "savepoints");
  for (int64_t id = 1; id <= 30; ++id) {
    CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint scope,
                               connection().BeginNested());
    CUPEL_ASSERT_OK(Add(id));
    CUPEL_ASSERT_OK(id % 3 == 0 ? scope.Rollback() : scope.Commit());
  }
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_EQ(Committed().size(), 20u);
}

// --- Isolation levels -------------------------------------------------------

class IsolationLevelTest : public ItemTest {
 protected:
  bool Has(IsolationLevel level) const {
    for (const IsolationLevel known : can().isolation_levels) {
      if (known == level) return true;
    }
    return level == IsolationLevel::kDefault;
  }
  void ExpectRunsOrIsRefused(IsolationLevel level) {
    const absl::Status begun = connection().Begin({.isolation = level});
    if (!Has(level)) {
      EXPECT_THAT(begun, IsRefused());
      return;
    }
    CUPEL_ASSERT_OK(begun);
    CUPEL_ASSERT_OK(Add(1));
    EXPECT_THAT(Count(items_->table), IsOkAndHolds(1));
    CUPEL_ASSERT_OK(connection().Commit());
    EXPECT_THAT(Committed(), ElementsAre(1));
    // The next transaction is an ordinary one again.
    CUPEL_ASSERT_OK(Add(2));
    CUPEL_ASSERT_OK(connection().Rollback());
    EXPECT_THAT(Committed(), ElementsAre(1));
  }
};

TEST_F(IsolationLevelTest, Default) {
  ExpectRunsOrIsRefused(IsolationLevel::kDefault);
}
TEST_F(IsolationLevelTest, ReadUncommitted) {
  ExpectRunsOrIsRefused(IsolationLevel::kReadUncommitted);
}
TEST_F(IsolationLevelTest, ReadCommitted) {
  ExpectRunsOrIsRefused(IsolationLevel::kReadCommitted);
}
TEST_F(IsolationLevelTest, RepeatableRead) {
  ExpectRunsOrIsRefused(IsolationLevel::kRepeatableRead);
}
TEST_F(IsolationLevelTest, Serializable) {
  ExpectRunsOrIsRefused(IsolationLevel::kSerializable);
}

TEST_F(IsolationLevelTest, TheConnectionKeepsItsLevel) {
  for (const IsolationLevel level : can().isolation_levels) {
    if (level == IsolationLevel::kAutocommit) continue;
    CUPEL_ASSERT_OK(connection().set_transaction_options({.isolation = level}));
    CUPEL_EXPECT_OK(Count(items_->table));
    EXPECT_THAT(connection().set_transaction_options({}),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    CUPEL_ASSERT_OK(connection().Commit());
  }
}

class AutocommitTest : public IsolationLevelTest {
 protected:
  absl::Status SetAutocommit(engine::Connection& connection) {
    return connection.set_transaction_options(
        {.isolation = IsolationLevel::kAutocommit});
  }
};

TEST_F(AutocommitTest, AStatementStandsForItself) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kAutocommit), "autocommit");
  CUPEL_ASSERT_OK(SetAutocommit(connection()));
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Committed(), ElementsAre(1));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), ElementsAre(1));
}

TEST_F(AutocommitTest, AnErrorDoesNotPoison) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kAutocommit), "autocommit");
  CUPEL_ASSERT_OK(SetAutocommit(connection()));
  CUPEL_ASSERT_OK(Add(1));
  EXPECT_THAT(Add(1), IsKind(ErrorKind::kUniqueViolation));
  CUPEL_EXPECT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(Add(2));
  EXPECT_THAT(Committed(), ElementsAre(1, 2));
}

TEST_F(AutocommitTest, TheNextUserOfTheConnectionHasTransactions) {
  CUPEL_SUITE_NEEDS(Has(IsolationLevel::kAutocommit), "autocommit");
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK(SetAutocommit(other));
    CUPEL_ASSERT_OK(Add(other, 1));
  }
  {
    engine::Connection other = Connect();
    CUPEL_ASSERT_OK(Add(other, 2));
  }
  EXPECT_THAT(Committed(), ElementsAre(1));
}

// --- DDL --------------------------------------------------------------------

class TransactionalDdlTest : public ItemTest {
 protected:
  bool HasTable(absl::string_view name) {
    schema::Inspector inspector(connection());
    return inspector.HasTable(name).value_or(false);
  }
};

TEST_F(TransactionalDdlTest, RollbackUndoesCreateTable) {
  CUPEL_SUITE_NEEDS(can().transactional_ddl, "transactional_ddl");
  CUPEL_ASSERT_OK(Execute("CREATE TABLE fleeting (a INTEGER)"));
  EXPECT_TRUE(HasTable("fleeting"));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_FALSE(HasTable("fleeting"));
}

TEST_F(TransactionalDdlTest, RollbackUndoesDropTable) {
  CUPEL_SUITE_NEEDS(can().transactional_ddl, "transactional_ddl");
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK(connection().Commit());
  CUPEL_ASSERT_OK(Execute("DROP TABLE item"));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(Committed(), ElementsAre(1));
}

TEST_F(TransactionalDdlTest, RollbackUndoesAddColumn) {
  CUPEL_SUITE_NEEDS(can().transactional_ddl, "transactional_ddl");
  CUPEL_ASSERT_OK(Execute("ALTER TABLE item ADD COLUMN extra INTEGER"));
  CUPEL_ASSERT_OK(connection().Rollback());
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasColumn("item", "extra"), IsOkAndHolds(false));
}

TEST_F(TransactionalDdlTest, RollbackUndoesCreateIndex) {
  CUPEL_SUITE_NEEDS(can().transactional_ddl, "transactional_ddl");
  CUPEL_ASSERT_OK(Execute("CREATE INDEX fleeting_ix ON item (amount)"));
  CUPEL_ASSERT_OK(connection().Rollback());
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasIndex("item", "fleeting_ix"), IsOkAndHolds(false));
}

TEST_F(TransactionalDdlTest, SavepointsCoverDdl) {
  CUPEL_SUITE_NEEDS(can().transactional_ddl && can().savepoints,
                    "transactional_ddl");
  CUPEL_ASSERT_OK(Add(1));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Savepoint inner,
                             connection().BeginNested());
  CUPEL_ASSERT_OK(Execute("CREATE TABLE fleeting (a INTEGER)"));
  CUPEL_ASSERT_OK(inner.Rollback());
  EXPECT_FALSE(HasTable("fleeting"));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Committed(), ElementsAre(1));
}

}  // namespace
}  // namespace cupel::dialect_suite
