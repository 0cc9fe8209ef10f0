// Transactions of a session: savepoints, and transactions of the caller that a
// session joins.

#include <string>
#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::SizeIs;

class TransactionsTest : public SessionTest {
 protected:
  EntityRef AddUser(std::string name) {
    return Add(*model_.user, User{.name = std::move(name)});
  }
};

// SES-12
TEST_F(TransactionsTest, ASavepointUndoesItsPartOnly) {
  EntityRef outer = AddUser("outer");
  EntityRef changed = AddUser("before");
  ASSERT_THAT(session_->Flush(), IsOk());
  {
    auto savepoint = session_->BeginNested();
    ASSERT_THAT(savepoint, IsOk());
    EXPECT_TRUE(session_->in_nested_transaction());
    EntityRef inner = AddUser("inner");
    Edit<User>(changed).name = "after";
    ASSERT_THAT(session_->Flush(), IsOk());
    ASSERT_THAT(savepoint->Rollback(), IsOk());
    EXPECT_EQ(inner.lifecycle(), Lifecycle::kTransient);
    EXPECT_FALSE(outer.needs_load());
    ASSERT_THAT(changed.Load(), IsOk());
    EXPECT_EQ(As<User>(changed).name, "before");
  }
  {
    auto savepoint = session_->BeginNested();
    ASSERT_THAT(savepoint, IsOk());
    AddUser("kept");
    ASSERT_THAT(savepoint->Commit(), IsOk());
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 3);
}

// SES-12
TEST_F(TransactionsTest, ASavepointRollsBackWhenItGoesOutOfScope) {
  {
    auto savepoint = session_->BeginNested();
    ASSERT_THAT(savepoint, IsOk());
    AddUser("inner");
    ASSERT_THAT(session_->Flush(), IsOk());
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 0);
}

// SES-12
TEST_F(TransactionsTest, CommitKeepsWhatOpenSavepointsHold) {
  auto outer = session_->BeginNested();
  ASSERT_THAT(outer, IsOk());
  EntityRef user = AddUser("outer");
  auto inner = session_->BeginNested();
  ASSERT_THAT(inner, IsOk());
  AddUser("inner");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_FALSE(outer->is_open());
  EXPECT_FALSE(inner->is_open());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kPersistent);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 2);
}

// SES-12
TEST_F(TransactionsTest, AnOuterSavepointEndsInnerOnesAsItself) {
  for (bool commit : {true, false}) {
    auto outer = session_->BeginNested();
    ASSERT_THAT(outer, IsOk());
    AddUser("outer");
    auto inner = session_->BeginNested();
    ASSERT_THAT(inner, IsOk());
    EntityRef user = AddUser("inner");
    ASSERT_THAT(session_->Flush(), IsOk());
    ASSERT_THAT(commit ? outer->Commit() : outer->Rollback(), IsOk());
    EXPECT_FALSE(inner->is_open());
    EXPECT_EQ(user.lifecycle(),
              commit ? Lifecycle::kPersistent : Lifecycle::kTransient);
    ASSERT_THAT(session_->Commit(), IsOk());
    EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 2);
  }
}

// A session on a connection of the caller, which is in a transaction.
class JoinedSessionTest : public TransactionsTest {
 protected:
  JoinedSessionTest() : connection_(engine_.Connect().value()) {
    EXPECT_THAT(connection_.Begin(), IsOk());
  }
  ~JoinedSessionTest() override { session_ = nullptr; }
  void Join(JoinMode mode) {
    SessionOptions options;
    options.connection = &connection_;
    options.join_mode = mode;
    Reopen(std::move(options));
  }
  int64_t Users() {
    session_ = nullptr;
    return Scalar("SELECT COUNT(*) FROM users");
  }
  engine::Connection connection_;
};

// SES-13
TEST_F(JoinedSessionTest, CommitLeavesTheDecisionToTheCaller) {
  for (JoinMode mode : {JoinMode::kConditionalSavepoint,
                        JoinMode::kRollbackOnly, JoinMode::kCreateSavepoint}) {
    ASSERT_THAT(connection_.Rollback(), IsOk());
    ASSERT_THAT(connection_.Begin(), IsOk());
    Join(mode);
    EntityRef user = AddUser("a");
    ASSERT_THAT(session_->Commit(), IsOk());
    EXPECT_EQ(user.lifecycle(), Lifecycle::kPersistent);
    EXPECT_FALSE(session_->in_transaction());
    EXPECT_TRUE(connection_.in_transaction());
    // The next transaction joins again.
    Edit<User>(user).name = "b";
    ASSERT_THAT(session_->Commit(), IsOk());
    ASSERT_THAT(connection_.Rollback(), IsOk());
    EXPECT_EQ(Users(), 0);
  }
}

// SES-13
TEST_F(JoinedSessionTest, ASavepointOfItsOwnRollsBackAlone) {
  ASSERT_THAT(connection_.Execute("INSERT INTO users VALUES (7, 'x', NULL)"),
              IsOk());
  Join(JoinMode::kCreateSavepoint);
  AddUser("a");
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(session_->Rollback(), IsOk());
  AddUser("b");
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(connection_.Commit(), IsOk());
  EXPECT_EQ(Users(), 2);
}

// SES-13
TEST_F(JoinedSessionTest, InASavepointTheDefaultIsOneOfItsOwn) {
  auto savepoint = connection_.BeginNested();
  ASSERT_THAT(savepoint, IsOk());
  Join(JoinMode::kConditionalSavepoint);
  AddUser("a");
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(session_->Rollback(), IsOk());
  EXPECT_TRUE(savepoint->is_active());
}

// SES-13
TEST_F(JoinedSessionTest, RollbackEndsTheTransactionOfTheCaller) {
  for (JoinMode mode :
       {JoinMode::kConditionalSavepoint, JoinMode::kControlFully}) {
    if (!connection_.in_transaction()) {
      ASSERT_THAT(connection_.Begin(), IsOk());
    }
    Join(mode);
    AddUser("a");
    ASSERT_THAT(session_->Flush(), IsOk());
    ASSERT_THAT(session_->Rollback(), IsOk());
    EXPECT_FALSE(connection_.in_transaction());
  }
}

// SES-13
TEST_F(JoinedSessionTest, ControlsTheTransactionOfTheCallerIfAsked) {
  Join(JoinMode::kControlFully);
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_FALSE(connection_.in_transaction());
  EXPECT_EQ(Users(), 1);
}

// SES-13
TEST_F(JoinedSessionTest, ClosingKeepsWhatTheCallerBegan) {
  Join(JoinMode::kRollbackOnly);
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  AddUser("never committed");
  ASSERT_THAT(session_->Close(), IsOk());
  EXPECT_TRUE(connection_.in_transaction());
  ASSERT_THAT(connection_.Commit(), IsOk());
  EXPECT_EQ(Users(), 1);
}

// SES-13
TEST_F(JoinedSessionTest, WithoutATransactionToJoinItHasItsOwn) {
  ASSERT_THAT(connection_.Rollback(), IsOk());
  Join(JoinMode::kRollbackOnly);
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_FALSE(connection_.in_transaction());
  EXPECT_EQ(Users(), 1);
}

// The first write of a transaction needs no savepoint everywhere, and may fail.
using FirstWriteTest = SessionTest;

// SES-47
TEST_F(FirstWriteTest, FailureLeavesAUsableSession) {
  EntityRef a = Add(*model_.tag, Tag{.label = "a"});
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  a = Get(*model_.tag, 1);
  EntityRef b = Add(*model_.tag, Tag{.label = "b"});
  EntityRef repeated = Add(*model_.tag, Tag{.label = "a"});
  EXPECT_FALSE(session_->Flush().ok());
  // As before the flush, and the entity that was read is still there.
  EXPECT_EQ(As<Tag>(b).id, 0);
  EXPECT_EQ(As<Tag>(a).label, "a");
  Edit<Tag>(repeated).label = "c";
  Edit<Tag>(a).label = "first";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags"), 3);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags WHERE label = 'first'"), 1);
}

TEST_F(FirstWriteTest, FailureLaterKeepsWhatWasWritten) {
  Add(*model_.tag, Tag{.label = "a"});
  ASSERT_THAT(session_->Flush(), IsOk());
  EntityRef repeated = Add(*model_.tag, Tag{.label = "a"});
  EXPECT_FALSE(session_->Flush().ok());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags"), 1);
  Edit<Tag>(repeated).label = "b";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags"), 2);
}

TEST_F(FirstWriteTest, FailureKeepsATransactionThatWasBegun) {
  Add(*model_.tag, Tag{.label = "a"});
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(session_->Begin(), IsOk());
  ASSERT_THAT(All(*model_.tag), SizeIs(1));
  Add(*model_.tag, Tag{.label = "a"});
  EXPECT_FALSE(session_->Flush().ok());
  EXPECT_TRUE(session_->in_transaction());
}

}  // namespace
}  // namespace cupel::session
