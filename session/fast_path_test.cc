// What is done many at a time, or without a safeguard that costs, gives what
// the slow way gives: the same rows, keys, entities and errors.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "cupel/testing/altered_dialect.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;

constexpr int kUsers = 333;

// A database with one table of users, and new users in a session over it.
class NewUsers {
 public:
  NewUsers(engine::InsertStrategy strategy,
           const std::vector<std::string>& setup)
      : dialect_(testing::AlteredDialect(
            [strategy](engine::Capabilities& can, engine::Syntax&) {
              can.insert_strategy = strategy;
            })),
        engine_(engine::Engine::Create(
                    {.uri = testing::MemoryUrl(), .dialect = dialect_})
                    .value()),
        session_(engine_, TestModel::Get().registry()) {
    for (const std::string& sql : setup) Sql(sql);
    for (int i = 0; i < kUsers; ++i) {
      User user{.name = absl::StrCat("user", i)};
      if (i % 3 == 0) user.email = absl::StrCat(i, "@example.com");
      users_.push_back(session_.Add(*TestModel::Get().user, &user));
    }
  }

  absl::Status Commit() { return session_.Commit(); }
  User& Edit(int i) { return *static_cast<User*>(users_[i].Edit().value()); }
  engine::Engine& engine() { return engine_; }

  // What each entity says of itself.
  std::vector<std::string> Entities() const {
    std::vector<std::string> all;
    for (const EntityRef& ref : users_) {
      const User& user = *static_cast<const User*>(ref.object());
      all.push_back(
          absl::StrCat(user.id, " ", user.name, " ", user.email.value_or("-")));
    }
    return all;
  }

  // What the table holds, in the order of the keys.
  std::vector<std::string> Rows() {
    engine::Connection connection = engine_.Connect().value();
    engine::Cursor rows =
        connection
            .Query(
                "SELECT id || ' ' || name || ' ' || coalesce(email, '-')"
                " FROM users ORDER BY id")
            .value();
    std::vector<std::string> all;
    while (rows.Next().value()) all.emplace_back(rows.row()[0].bytes());
    return all;
  }

 private:
  void Sql(const std::string& sql) {
    engine::Connection connection = engine_.Connect().value();
    ASSERT_THAT(connection.Execute(sql), IsOk());
    ASSERT_THAT(connection.Commit(), IsOk());
  }

  std::shared_ptr<const engine::Dialect> dialect_;
  engine::Engine engine_;
  Session session_;
  std::vector<EntityRef> users_;
};

// The same new rows in runs of foreseen keys, and one by one.
class InsertRunTest : public ::testing::Test {
 protected:
  void Prepare(const std::vector<std::string>& setup) {
    fast_.emplace(engine::InsertStrategy::kMultiRowForeseenKeys, setup);
    slow_.emplace(engine::InsertStrategy::kRowLoopLastId, setup);
  }
  void ExpectSame() {
    EXPECT_EQ(fast_->Rows(), slow_->Rows());
    EXPECT_EQ(fast_->Entities(), slow_->Entities());
  }

  static constexpr char kTable[] =
      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
      " email TEXT)";
  std::optional<NewUsers> fast_, slow_;
};

TEST_F(InsertRunTest, GivesTheRowsAndKeysOfSingleInserts) {
  Prepare({kTable, "INSERT INTO users VALUES (41, 'there', NULL)"});
  engine::StatementRecorder recorder(fast_->engine());
  ASSERT_THAT(fast_->Commit(), IsOk());
  // One row, six pages of fifty, one batch of the rest.
  EXPECT_THAT(recorder.sql(), SizeIs(Lt(12))) << recorder.DebugString();
  EXPECT_THAT(recorder.sql(), Contains(HasSubstr("), (")));
  ASSERT_THAT(slow_->Commit(), IsOk());
  EXPECT_THAT(fast_->Rows(), SizeIs(kUsers + 1));
  ExpectSame();
}

TEST_F(InsertRunTest, NeverUsesAKeyAgainWhereTheTableForbidsIt) {
  Prepare(
      {"CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT,"
       " name TEXT NOT NULL, email TEXT)",
       "INSERT INTO users VALUES (1000, 'gone', NULL)", "DELETE FROM users"});
  ASSERT_THAT(fast_->Commit(), IsOk());
  ASSERT_THAT(slow_->Commit(), IsOk());
  EXPECT_EQ(fast_->Rows().front(), "1001 user0 0@example.com");
  ExpectSame();
}

TEST_F(InsertRunTest, FindsFreeKeysBehindTheLastOne) {
  Prepare(
      {kTable, "INSERT INTO users VALUES (9223372036854775807, 'end', '')"});
  ASSERT_THAT(fast_->Commit(), IsOk());
  // Keys are random now: what counts is that each entity knows its own.
  const std::vector<std::string> rows = fast_->Rows();
  EXPECT_THAT(rows, SizeIs(kUsers + 1));
  for (const std::string& entity : fast_->Entities()) {
    EXPECT_THAT(rows, Contains(entity));
  }
}

TEST_F(InsertRunTest, GivesWayToATriggerThatAddsRows) {
  Prepare({kTable,
           "CREATE TRIGGER shadows AFTER INSERT ON users"
           " WHEN NEW.name LIKE 'user%' BEGIN"
           " INSERT INTO users (name) VALUES ('shadow of ' || NEW.name);"
           " END"});
  ASSERT_THAT(fast_->Commit(), IsOk());
  ASSERT_THAT(slow_->Commit(), IsOk());
  EXPECT_THAT(fast_->Rows(), SizeIs(2 * kUsers));
  ExpectSame();
}

TEST_F(InsertRunTest, GivesWayToATriggerThatTakesAForeseenKey) {
  Prepare({kTable,
           "CREATE TRIGGER shadow AFTER INSERT ON users"
           " WHEN NEW.name = 'user77' BEGIN"
           " INSERT INTO users (name) VALUES ('shadow');"
           " END"});
  ASSERT_THAT(fast_->Commit(), IsOk());
  ASSERT_THAT(slow_->Commit(), IsOk());
  EXPECT_THAT(fast_->Rows(), SizeIs(kUsers + 1));
  ExpectSame();
}

TEST_F(InsertRunTest, FailsInTheMiddleAsSingleInsertsDo) {
  Prepare(
      {"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
       " email TEXT, CHECK (name <> 'user120'))"});
  const absl::Status fast = fast_->Commit();
  const absl::Status slow = slow_->Commit();
  EXPECT_EQ(fast.code(), slow.code());
  EXPECT_EQ(fast.message(), slow.message());
  EXPECT_EQ(engine::GetErrorInfo(fast)->kind, engine::GetErrorInfo(slow)->kind);
  EXPECT_THAT(fast_->Rows(), IsEmpty());
  // No key is left behind, and the corrected rows go in.
  EXPECT_EQ(fast_->Entities(), slow_->Entities());
  EXPECT_EQ(fast_->Entities()[7], "0 user7 -");
  for (NewUsers* users : {&*fast_, &*slow_}) {
    users->Edit(120).name = "corrected";
    ASSERT_THAT(users->Commit(), IsOk());
  }
  EXPECT_THAT(fast_->Rows(), SizeIs(kUsers));
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
