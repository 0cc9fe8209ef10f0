// The answers of the ORM against plain SQL on the same data.

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/examples/chinook/questions.h"
#include "cupel/examples/chinook/store.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chinook {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;

std::string ScriptPath() {
  const char* folder = std::getenv("CUPEL_DATA_DIR");
  return folder == nullptr ? "" : absl::StrCat(folder, "/chinook-sqlite.sql");
}

// The same store on the C API alone.
sqlite3* OpenPlain() {
  std::ifstream file(ScriptPath());
  std::stringstream script;
  script << file.rdbuf();
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, script.str().c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK);
  return db;
}

// The rows of a query on the C API, fields joined as the answers join them.
Answer PlainSql(sqlite3* db, const std::string& sql) {
  Answer answer;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(db);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const unsigned char* text = sqlite3_column_text(statement, i);
      absl::StrAppend(&line, i > 0 ? " | " : "",
                      text ? reinterpret_cast<const char*>(text) : "");
    }
    answer.push_back(line);
  }
  sqlite3_finalize(statement);
  return answer;
}

TEST(ChinookTest, AnswersAreThoseOfPlainSql) {
  if (!std::filesystem::exists(ScriptPath())) {
    std::cout << "no sample data: set CUPEL_DATA_DIR to the folder that holds "
                 "chinook-sqlite.sql to run this test on it\n";
    return;
  }
  absl::StatusOr<cupel::Database> db = LoadScript(ScriptPath());
  ASSERT_THAT(db, IsOk());
  sqlite3* plain = OpenPlain();
  EXPECT_GE(Questions().size(), 12u);
  for (const Question& question : Questions()) {
    cupel::Session session = db->NewSession();
    const cupel::engine::StatementRecorder recorder(db->engine());
    absl::StatusOr<Answer> answer = question.ask(session);
    ASSERT_THAT(answer, IsOk()) << question.text;
    EXPECT_EQ(*answer, PlainSql(plain, std::string(question.sql)))
        << question.text;
    EXPECT_FALSE(answer->empty()) << question.text;
    // However many rows an answer has, its statements are few.
    EXPECT_LE(recorder.count(), 12) << question.text;
  }
  sqlite3_close(plain);
}

TEST(ChinookTest, AMissingFileIsNotCreated) {
  const std::string path =
      absl::StrCat(::testing::TempDir(), "/no-such-chinook.db");
  absl::StatusOr<cupel::Database> db = OpenFile(path);
  ASSERT_THAT(db, IsOk());  // Nothing is opened before it is used.
  cupel::Session session = db->NewSession();
  EXPECT_THAT(Questions()[0].ask(session),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ChinookTest, AMissingScriptSaysWhatToDo) {
  EXPECT_THAT(LoadScript("/no/such/script.sql"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("give a script by --sql")));
}

}  // namespace
}  // namespace chinook
