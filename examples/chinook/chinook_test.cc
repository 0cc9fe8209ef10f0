// The answers of the ORM, on each kind of database, against plain SQL on the
// same data in SQLite.

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
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/examples/chinook/questions.h"
#include "cupel/examples/chinook/store.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/dialects/default_dialect.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chinook {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;

std::string ScriptPath(absl::string_view dialect) {
  const char* folder = std::getenv("CUPEL_DATA_DIR");
  return folder == nullptr ? ""
                           : absl::StrCat(folder, "/chinook-", dialect, ".sql");
}

// The same store on the C API alone.
sqlite3* OpenPlain() {
  std::ifstream file(ScriptPath("sqlite"));
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

class ChinookTest : public ::testing::Test {
 protected:
  static bool HasData() {
    if (std::filesystem::exists(ScriptPath(Dialect())) &&
        std::filesystem::exists(ScriptPath("sqlite"))) {
      return true;
    }
    std::cerr << "\n*** NOT TESTED: THERE IS NO SAMPLE DATA. Set "
                 "CUPEL_DATA_DIR to the folder that holds chinook-"
              << Dialect() << ".sql and chinook-sqlite.sql. ***\n\n";
    return false;
  }
  static std::string Dialect() {
    return std::string(cupel::testing::DefaultDialect()->name());
  }
};

TEST_F(ChinookTest, AnswersAreThoseOfPlainSql) {
  if (!HasData()) return;
  absl::StatusOr<Store> store =
      LoadScript(cupel::testing::DefaultMemoryUrl(), ScriptPath(Dialect()));
  ASSERT_THAT(store, IsOk());
  sqlite3* plain = OpenPlain();
  EXPECT_GE(Questions(store->spelling).size(), 12u);
  for (const Question& question : Questions(store->spelling)) {
    cupel::Session session = store->db.NewSession();
    const cupel::engine::StatementRecorder recorder(store->db.engine());
    absl::StatusOr<Answer> answer = question.ask(session);
    ASSERT_THAT(answer, IsOk()) << question.text;
    EXPECT_EQ(*answer, PlainSql(plain, std::string(question.sql)))
        << question.text;
    EXPECT_FALSE(answer->empty()) << question.text;
    // However many rows an answer has, its statements are few.
    // However many rows an answer has, its statements are few.
    EXPECT_LE(recorder.count(), 20) << question.text;
  }
  sqlite3_close(plain);
}

TEST_F(ChinookTest, AStoreIsFoundByItsUrlAlone) {
  if (!HasData()) return;
  const std::string path = absl::StrCat(::testing::TempDir(), "/chinook.db");
  std::filesystem::remove(path);
  // What is in memory is gone with its engine.
  const std::string url = Dialect() == "sqlite"
                              ? cupel::testing::DefaultFileUrl(path)
                              : cupel::testing::DefaultMemoryUrl();
  EXPECT_THAT(OpenStore(url), StatusIs(absl::StatusCode::kNotFound,
                                       HasSubstr("there is no store")));
  ASSERT_THAT(LoadScript(url, ScriptPath(Dialect())), IsOk());
  absl::StatusOr<Store> store = OpenStore(url);
  ASSERT_THAT(store, IsOk());
  cupel::Session session = store->db.NewSession();
  absl::StatusOr<Answer> answer = Questions(store->spelling)[0].ask(session);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->size(), 10u);
}

TEST_F(ChinookTest, AMissingFileIsNotCreated) {
  const std::string path =
      absl::StrCat(::testing::TempDir(), "/no-such-chinook.db");
  EXPECT_THAT(OpenStore(absl::StrCat("sqlite:///", path, "?create=false")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ChinookTest, AMissingScriptSaysWhatToDo) {
  EXPECT_THAT(LoadScript("sqlite://", "/no/such/script.sql"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("give a script by --sql")));
}

}  // namespace
}  // namespace chinook
