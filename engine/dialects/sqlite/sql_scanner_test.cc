#include "cupel/engine/dialects/sqlite/sql_scanner.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Split(absl::string_view sql) {
  std::vector<std::string> texts;
  for (SqlScanner scanner(sql); !scanner.at_end(); scanner.Next()) {
    texts.push_back(std::string(scanner.current().text));
  }
  return texts;
}

TEST(SqlScannerTest, SplitsWordsQuotesNumbersAndSymbols) {
  EXPECT_THAT(
      Split("SELECT \"a \"\"b\",'it''s',[c d],`e`,x1<=2 -- end\n /* x */ FROM"),
      ElementsAre("SELECT", "\"a \"\"b\"", ",", "'it''s'", ",", "[c d]", ",",
                  "`e`", ",", "x1", "<", "=", "2", "FROM"));
}

TEST(SqlScannerTest, TakesOffQuotes) {
  EXPECT_EQ(SqlScanner("\"a \"\"b\"").current().Unquoted(), "a \"b");
  EXPECT_EQ(SqlScanner("'it''s'").current().Unquoted(), "it's");
  EXPECT_EQ(SqlScanner("[c d]").current().Unquoted(), "c d");
  EXPECT_EQ(SqlScanner("word").current().Unquoted(), "word");
}

TEST(SqlScannerTest, ParenthesesNestAndHideInQuotes) {
  SqlScanner scanner("( a, ')' , (b) ) c");
  EXPECT_EQ(scanner.ConsumeParentheses(), "a, ')' , (b)");
  EXPECT_TRUE(scanner.current().Is("C"));
}

TEST(SqlScannerTest, UnclosedTextEndsWithTheInput) {
  for (absl::string_view sql : {"'abc", "\"abc", "[abc", "/* abc", "(a, (b"}) {
    SqlScanner scanner(sql);
    if (scanner.current().IsSymbol('(')) scanner.ConsumeParentheses();
    for (int i = 0; i < 5 && !scanner.at_end(); ++i) scanner.Next();
    EXPECT_TRUE(scanner.at_end()) << sql;
  }
}

TEST(IsBlankSqlTest, CommentsAndSemicolonsAreBlank) {
  EXPECT_TRUE(IsBlankSql(""));
  EXPECT_TRUE(IsBlankSql(" ; \n; -- comment\n /* ; */ "));
  EXPECT_FALSE(IsBlankSql("; DROP TABLE t"));
  EXPECT_FALSE(IsBlankSql("/* a */ x"));
}

TEST(ChangesSessionTest, TellsSettingsFromQuestions) {
  for (absl::string_view sql :
       {"PRAGMA foreign_keys=OFF", "pragma main.cache_size(5)",
        "ATTACH 'x' AS y", "DETACH y", "CREATE TEMP TABLE t(a)",
        "CREATE TABLE temp.t(a)", "CREATE TABLE \"TEMP\".t(a)"}) {
    EXPECT_TRUE(ChangesSession(sql)) << sql;
  }
  for (absl::string_view sql :
       {"PRAGMA foreign_keys", "PRAGMA table_info('t')",
        "PRAGMA user_version=3", "PRAGMA defer_foreign_keys=ON", "SELECT 1",
        "CREATE TABLE t(temp)", "INSERT INTO t VALUES (1)", ""}) {
    EXPECT_FALSE(ChangesSession(sql)) << sql;
  }
}

}  // namespace
}  // namespace cupel::sqlite_internal
