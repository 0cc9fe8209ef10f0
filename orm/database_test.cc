#include "cupel/orm/database.h"

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/orm/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using testing::TempDatabase;

struct Archived {
  int64_t id = 0;
  std::string text;
  static constexpr auto Mapping() {
    return Table<Archived>("user", BindKey("archive"),
                           Column<&Archived::id>(PrimaryKey()),
                           Column<&Archived::text>());
  }
};

// FSA-01
TEST(OpenTest, NeedsAUri) {
  const absl::Status status = Database::Open({}, Models<User>()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("DATABASE_URI"));
}

TEST(OpenTest, NamesAnUnknownDialect) {
  EXPECT_THAT(
      Database::Open({.uri = "nosuch://host/db"}, Models<User>()).status(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"nosuch\"")));
}

// FSA-02, FSA-50, FSA-52, FSA-53, FSA-54
TEST(BindTest, EachKeyHasItsEngineAndTables) {
  TempDatabase main, archive;
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db,
      Database::Open({.uri = main.url(), .binds = {{"archive", archive.url()}}},
                     Models<User, Archived>()));
  EXPECT_THAT(db.binds(), ElementsAre("archive"));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Engine one, db.engine("archive"));
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Engine two, db.engine("archive"));
  EXPECT_EQ(one, two);
  EXPECT_FALSE(one == db.engine());
  EXPECT_THAT(std::string(db.engine("nosuch").status().message()),
              HasSubstr("nosuch"));
  EXPECT_THAT(db.CreateAll("nosuch"), StatusIs(absl::StatusCode::kNotFound));

  CUPEL_ASSERT_OK(db.CreateAll("archive"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Session there, db.NewSessionFor("archive"));
  there.Add(Archived{.text = "old"});
  CUPEL_ASSERT_OK(there.Commit());
  EXPECT_THAT(db.NewSession().Query<User>().All(), ::testing::Not(IsOk()));
  CUPEL_ASSERT_OK(db.CreateAll(nullptr));
  CUPEL_EXPECT_OK(db.NewSession().Query<User>().All());
  CUPEL_ASSERT_OK(db.CreateAll({"", "archive"}));
  CUPEL_ASSERT_OK(db.DropAll());
  EXPECT_THAT(db.NewSession().Query<User>().All(), ::testing::Not(IsOk()));

  // null is the default one alone, a list is what it says.
  const auto works = [&db] {
    Session there = db.NewSessionFor("archive").value();
    return std::pair(db.NewSession().Query<User>().All().ok(),
                     there.Query<Archived>().All().ok());
  };
  EXPECT_EQ(works(), std::pair(false, false));
  CUPEL_ASSERT_OK(db.CreateAll(nullptr));
  EXPECT_EQ(works(), std::pair(true, false));
  CUPEL_ASSERT_OK(db.CreateAll({"", "archive"}));
  EXPECT_EQ(works(), std::pair(true, true));
}

TEST(BindTest, AModelOfAnUnknownBindIsAnError) {
  TempDatabase main;
  EXPECT_THAT(
      std::string(Database::Open({.uri = main.url()}, Models<Archived>())
                      .status()
                      .message()),
      HasSubstr("class Archived: no bind \"archive\""));
}

// FSA-03, FSA-06, FSA-07, FSA-08, FSA-09, FSA-12
TEST(ConfigTest, ReadsSettings) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      DatabaseConfig config,
      DatabaseConfig::FromMap({{"SQLALCHEMY_DATABASE_URI", "x://y"},
                               {"CUPEL_BINDS.users", "x://u"},
                               {"ECHO", "debug"},
                               {"POOL_SIZE", "2"},
                               {"MAX_OVERFLOW", "0"},
                               {"POOL_TIMEOUT", "0.05"},
                               {"POOL_RECYCLE", "3600"},
                               {"SQLALCHEMY_NATIVE_UNICODE", "true"},
                               {"SECRET_KEY", "of the program"}}));
  EXPECT_EQ(config.uri, "x://y");
  EXPECT_EQ(config.binds.at("users"), "x://u");
  EXPECT_EQ(config.engine.echo, engine::EchoMode::kDebug);
  EXPECT_EQ(config.engine.pool.size, 2);
  EXPECT_EQ(config.engine.pool.max_overflow, 0);
  EXPECT_EQ(config.engine.pool.timeout, absl::Milliseconds(50));
  EXPECT_EQ(config.engine.pool.recycle, absl::Hours(1));
  EXPECT_EQ(config.notices.size(), 1u);
}

// FSA-12
TEST(ConfigTest, EngineOptionsAreStrongerThanTheOtherKeys) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      DatabaseConfig config,
      DatabaseConfig::FromMap({{"DATABASE_URI", "x://y"},
                               {"ECHO", "true"},
                               {"POOL_SIZE", "2"},
                               {"MAX_OVERFLOW", "1"},
                               {"ENGINE_OPTIONS.pool_size", "7"}}));
  EXPECT_EQ(config.engine.pool.size, 7);
  EXPECT_EQ(config.engine.pool.max_overflow, 1);
  EXPECT_EQ(config.engine.echo, engine::EchoMode::kStatements);
}

TEST(ConfigTest, NamesTheSettingThatDoesNotFit) {
  EXPECT_THAT(
      std::string(
          DatabaseConfig::FromMap({{"POOL_SIZE", "many"}}).status().message()),
      HasSubstr("POOL_SIZE"));
}

class ScopeTest : public DatabaseTest {
 protected:
  int64_t Users() {
    return db().NewSession().Query<User>().Count().value_or(-1);
  }
  static User NewUser(const std::string& name) {
    return User{.username = name, .email = name};
  }
};

// FSA-21
TEST_F(ScopeTest, OutsideOfAScopeTheErrorSaysWhatToDo) {
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition,
                                "no RequestScope of this database is open on "
                                "this thread: make one around the request, or "
                                "use NewSession()");
  EXPECT_THAT(db().session(), refused);
  EXPECT_THAT(db().Query<User>().All(), refused);
}

// FSA-40, FSA-55
TEST_F(ScopeTest, AnEntityOfAnEarlierRequestIsDetached) {
  Ref<User> first;
  {
    RequestScope scope(db());
    first = scope.session().Add(NewUser("a"));
    CUPEL_ASSERT_OK(scope.session().Commit());
    CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> same, db().Query<User>().First());
    EXPECT_EQ(same, first);
  }
  RequestScope scope(db());
  EXPECT_EQ(first.lifecycle(), Lifecycle::kDetached);
  EXPECT_EQ(first->username, "a");
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> again, db().Query<User>().First());
  EXPECT_FALSE(again == first);
}

// FSA-55
TEST_F(ScopeTest, EndsItsSessionOnAnError) {
  const auto handle = [&]() -> absl::Status {
    RequestScope scope(db());
    scope.session().Add(NewUser("a"));
    CUPEL_RETURN_IF_ERROR(scope.session().Flush());
    return absl::InternalError("the request failed");
  };
  EXPECT_THAT(handle(), ::testing::Not(IsOk()));
  EXPECT_EQ(RequestScope::Current(db()), nullptr);
  EXPECT_EQ(Users(), 0);
}

// FSA-56, C-24
TEST_F(ScopeTest, AnInnerScopeLeavesTheOuterOneAlone) {
  RequestScope outer(db());
  const Ref<User> user = outer.session().Add(NewUser("outer"));
  Session* const session = &outer.session();
  {
    RequestScope inner(db());
    EXPECT_NE(&inner.session(), session);
    CUPEL_ASSERT_OK_AND_ASSIGN(Session * current, db().session());
    EXPECT_EQ(current, &inner.session());
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(Session * current, db().session());
  EXPECT_EQ(current, session);
  CUPEL_ASSERT_OK(session->Commit());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kPersistent);
}

// SES-15
TEST_F(ScopeTest, EachThreadHasItsOwnSessionAndRemoveMakesAFreshOne) {
  RequestScope scope(db());
  const Ref<User> user = scope.session().Add(NewUser("a"));
  CUPEL_ASSERT_OK(scope.session().Commit());
  std::thread([&] {
    EXPECT_EQ(RequestScope::Current(db()), nullptr);
    RequestScope job(db());
    EXPECT_NE(&job.session(), &scope.session());
  }).join();
  CUPEL_ASSERT_OK(scope.Remove());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> fresh, scope.session().Get<User>(1));
  EXPECT_FALSE(fresh == user);
}

// C-24
TEST_F(ScopeTest, AJobsConnectionComesBack) {
  std::thread([&] {
    RequestScope job(db());
    CUPEL_EXPECT_OK(job.session().Query<User>().All());
    EXPECT_EQ(db().engine().pool().counters().checked_out, 1u);
  }).join();
  EXPECT_EQ(db().engine().pool().counters().checked_out, 0u);
}

// FSA-11
TEST_F(ScopeTest, CommitsOnTeardownOnlyIfConfiguredAndClean) {
  DatabaseConfig config = db().config();
  config.commit_on_teardown = true;
  TempDatabase other;
  config.uri = other.url();
  CUPEL_ASSERT_OK_AND_ASSIGN(Database db, Database::Open(config, AllModels()));
  CUPEL_ASSERT_OK(db.CreateAll());
  {
    RequestScope scope(db);
    scope.session().Add(NewUser("kept"));
    CUPEL_EXPECT_OK(scope.Finish(absl::OkStatus()));
  }
  {
    RequestScope scope(db);
    scope.session().Add(NewUser("lost"));
    EXPECT_THAT(scope.Finish(absl::InternalError("failed")),
                StatusIs(absl::StatusCode::kInternal));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t users,
                             db.NewSession().Query<User>().Count());
  EXPECT_EQ(users, 1);
}

// FSA-20
TEST(OpenTest, TwoDatabasesShareTheModels) {
  TempDatabase one, two;
  for (const std::string& uri : {one.url(), two.url()}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(Database db,
                               Database::Open({.uri = uri}, AllModels()));
    CUPEL_ASSERT_OK(db.CreateAll());
    Session session = db.NewSession();
    session.Add(User{.username = "a", .email = "b"});
    CUPEL_ASSERT_OK(session.Commit());
    CUPEL_ASSERT_OK_AND_ASSIGN(int64_t users, session.Query<User>().Count());
    EXPECT_EQ(users, 1);
  }
}

}  // namespace
}  // namespace cupel::orm_test
