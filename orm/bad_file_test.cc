// What a program is told whose database is a file that is not there, is none,
// or cannot be written: only a database that lives in a file has these
// mistakes.

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/orm/test_models.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using absl::StatusCode;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::cupel::testing::TempDatabase;

absl::StatusOr<Database> OpenUsers(const std::string& uri) {
  return Database::Open({.uri = uri}, Models<User>());
}

// The first error of a database: of opening it, or of using it.
absl::Status Use(const std::string& uri) {
  CUPEL_ASSIGN_OR_RETURN(Database db, OpenUsers(uri));
  return db.CreateAll();
}

std::string Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

TEST(BadFileTest, SaysWhatIsWrongAndWhatToDo) {
  const TempDatabase temp;
  const std::string folder = temp.directory().path();
  const std::string text = temp.directory().Path("text.db");
  std::ofstream(text) << std::string(1000, 'x');
  const struct {
    std::string uri;
    StatusCode code;
    std::string message;
  } kCases[] = {
      {absl::StrCat("sqlite:///", folder, "/no/such/app.db"),
       StatusCode::kNotFound,
       absl::StrCat("cannot open the database: the directory ", folder,
                    "/no/such/ does not exist; create it")},
      {absl::StrCat("sqlite:///", folder), StatusCode::kNotFound,
       absl::StrCat("cannot open the database: ", folder,
                    " is a directory; name a file in it")},
      {absl::StrCat("sqlite:///", folder, "/app.db?create=off"),
       StatusCode::kNotFound,
       absl::StrCat("the database file ", folder,
                    "/app.db does not exist, and the options do not ask to "
                    "create it")},
      {absl::StrCat("sqlite:///", text), StatusCode::kDataLoss,
       absl::StrCat("cannot open the database ", text,
                    ": file is not a database; check the path")},
      {temp.url("jornal_mode=wal"), StatusCode::kInvalidArgument,
       "unknown option in the URL of a sqlite database; known are begin, "
       "busy_timeout, cache, cache_size, create, foreign_keys, immutable, "
       "journal_mode, mmap_size, mode, nolock, psow, quick_check, "
       "synchronous, temp_store, uri, vfs"},
  };
  for (const auto& [uri, code, message] : kCases) {
    EXPECT_THAT(Use(uri), StatusIs(code, message)) << uri;
  }
  // Nothing was made, and nothing was written over.
  EXPECT_EQ(Content(text), std::string(1000, 'x'));
  EXPECT_NE(access(temp.directory().Path("no").c_str(), F_OK), 0);
  EXPECT_NE(access(temp.directory().Path("app.db").c_str(), F_OK), 0);
}

TEST(BadFileTest, AReadOnlyFile) {
  const TempDatabase temp;
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(Database db, OpenUsers(temp.url()));
    CUPEL_ASSERT_OK(db.CreateAll());
    Session session = db.NewSession();
    session.Add(User{.username = "ada", .email = "ada@example.com"});
    CUPEL_ASSERT_OK(session.Commit());
  }
  ASSERT_EQ(chmod(temp.path().c_str(), 0444), 0);
  // No mode of a file keeps the superuser from writing it.
  const bool is_root = geteuid() == 0;
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db, OpenUsers(is_root ? temp.url("mode=ro") : temp.url()));
  Session session = db.NewSession();
  const Ref<User> bob =
      session.Add(User{.username = "bob", .email = "bob@example.com"});
  EXPECT_THAT(session.Commit(),
              StatusIs(StatusCode::kPermissionDenied,
                       "inserting User: attempt to write a readonly database; "
                       "open it for writing"));
  EXPECT_EQ(bob.lifecycle(), Lifecycle::kPending);
  // It still reads.
  CUPEL_EXPECT_OK(session.Rollback());
  EXPECT_THAT(session.Query<User>().Count(), IsOkAndHolds(1));
}

}  // namespace
}  // namespace cupel::orm_test
