// Fast paths that only SQLite has. Runs of rows whose keys are foreseen
// (InsertStrategy::kMultiRowForeseenKeys) give way where the keys turn out
// otherwise: it takes keys that are free, and its triggers may add to the table
// that fires them. And it tells whether a transaction has written.

#include <string>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/session/new_users.h"
#include "cupel/session/test_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::Contains;
using ::testing::SizeIs;

using ForeseenKeysTest = InsertRunTest;

TEST_F(ForeseenKeysTest, FindsFreeKeysBehindTheLastOne) {
  Create(Table());
  AddRow(9223372036854775807, "end");
  ASSERT_THAT(fast_.Commit(), IsOk());
  // Keys are random now: what counts is that each entity knows its own.
  const std::vector<std::string> rows = fast_.Rows();
  EXPECT_THAT(rows, SizeIs(NewUsers::kCount + 1));
  for (const std::string& entity : fast_.Entities()) {
    EXPECT_THAT(rows, Contains(entity));
  }
}

TEST_F(ForeseenKeysTest, GivesWayToATriggerThatAddsRows) {
  Create(Table());
  Sql("CREATE TRIGGER shadows AFTER INSERT ON users"
      " WHEN NEW.name LIKE 'user%' BEGIN"
      " INSERT INTO users (name) VALUES ('shadow of ' || NEW.name);"
      " END");
  ASSERT_THAT(fast_.Commit(), IsOk());
  ASSERT_THAT(slow_.Commit(), IsOk());
  EXPECT_THAT(fast_.Rows(), SizeIs(2 * NewUsers::kCount));
  ExpectSame();
}

TEST_F(ForeseenKeysTest, GivesWayToATriggerThatTakesAForeseenKey) {
  Create(Table());
  Sql("CREATE TRIGGER shadow AFTER INSERT ON users"
      " WHEN NEW.name = 'user77' BEGIN"
      " INSERT INTO users (name) VALUES ('shadow');"
      " END");
  ASSERT_THAT(fast_.Commit(), IsOk());
  ASSERT_THAT(slow_.Commit(), IsOk());
  EXPECT_THAT(fast_.Rows(), SizeIs(NewUsers::kCount + 1));
  ExpectSame();
}

// A flush in a transaction that has only read does without a savepoint.
using FirstWriteTest = SessionTest;

TEST_F(FirstWriteTest, NeedsNoSavepoint) {
  Add(*model_.tag, Tag{.label = "a"});
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(All(*model_.tag), SizeIs(1));
  engine::Connection& connection = *session_->connection().value();
  EXPECT_TRUE(connection.in_transaction());
  EXPECT_FALSE(connection.may_have_written());
  Add(*model_.tag, Tag{.label = "b"});
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_TRUE(connection.may_have_written());
  EXPECT_EQ(connection.savepoint_depth(), 0);
}

}  // namespace
}  // namespace cupel::session
