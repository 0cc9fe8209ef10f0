#include "cupel/engine/dialects/mariadb/sql_scanner.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

std::vector<std::string> Tokens(absl::string_view sql) {
  std::vector<std::string> tokens;
  for (SqlScanner scanner(sql); !scanner.at_end(); scanner.Next()) {
    tokens.emplace_back(scanner.current().text);
  }
  return tokens;
}

TEST(SqlScannerTest, StepsOverBlanksAndComments) {
  EXPECT_EQ(
      Tokens("a /* b */ 'it''s \\' -- c\n \"x\" # d\n `n``n` 5"),
      (std::vector<std::string>{"a", "'it''s \\'", "\"x\"", "`n``n`", "5"}));
  EXPECT_EQ(Tokens("1--1"), (std::vector<std::string>{"1", "-", "-", "1"}));
}

TEST(SqlScannerTest, ReadsExecutableComments) {
  EXPECT_EQ(Tokens("/*!50000 DROP */ /*M! TABLE */ t /* no */"),
            (std::vector<std::string>{"DROP", "TABLE", "t"}));
}

TEST(SqlScannerTest, EndsWithWhatIsNotClosed) {
  EXPECT_EQ(Tokens("'abc").size(), 1u);
  EXPECT_EQ(Tokens("a /* b").size(), 1u);
  EXPECT_EQ(Tokens("").size(), 0u);
}

TEST(SqlScannerTest, TakesQuotesOff) {
  EXPECT_EQ(SqlScanner("`a``b`").current().Unquoted(), "a`b");
  EXPECT_EQ(SqlScanner("'a''b'").current().Unquoted(), "a'b");
}

// F9
TEST(TraitsTest, KnowsWhatCommits) {
  for (const char* sql :
       {"CREATE TABLE t (a INT)", "create or replace table t (a INT)",
        "DROP VIEW v", "ALTER TABLE t ADD b INT", "TRUNCATE TABLE t",
        "RENAME TABLE a TO b", "GRANT ALL ON *.* TO a", "LOCK TABLES t READ",
        "UNLOCK TABLES", "START TRANSACTION", "BEGIN", "SET autocommit=1",
        "SET PASSWORD = 'x'", "OPTIMIZE TABLE t", "ANALYZE TABLE t",
        "SET STATEMENT a = 1, b = 'FOR' FOR DROP TABLE t",
        "/* a */ -- b\n DROP TABLE t", "/*! DROP TABLE t */"}) {
    EXPECT_TRUE(TraitsOf(sql).commits_implicitly) << sql;
  }
  for (const char* sql :
       {"SELECT 1", "INSERT INTO t VALUES ('DROP TABLE t')",
        "CREATE TEMPORARY TABLE t (a INT)", "DROP TEMPORARY TABLE t",
        "SET @a = 1", "SET STATEMENT a = 1 FOR SELECT 1", "ANALYZE SELECT 1",
        "COMMIT", "SAVEPOINT s",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"}) {
    EXPECT_FALSE(TraitsOf(sql).commits_implicitly) << sql;
  }
}

// E26
TEST(TraitsTest, KnowsWhatChangesTheSession) {
  for (const char* sql :
       {"SET sql_mode = ''", "SELECT @a := 1", "SELECT GET_LOCK('a', 1)",
        "CREATE TEMPORARY TABLE t (a INT)", "USE other", "CALL p()",
        "PREPARE s FROM 'SELECT 1'", "LOCK TABLES t READ"}) {
    EXPECT_TRUE(TraitsOf(sql).changes_session) << sql;
  }
  for (const char* sql : {"SELECT a FROM t WHERE b = '@x'", "SELECT @@version",
                          "INSERT INTO t VALUES (?)", "CREATE TABLE t (a INT)",
                          "COMMIT", "SAVEPOINT s"}) {
    EXPECT_FALSE(TraitsOf(sql).changes_session) << sql;
  }
}

TEST(TraitsTest, KnowsWhatOnlyReads) {
  EXPECT_TRUE(TraitsOf("(SELECT 1) UNION (SELECT 2)").only_reads);
  EXPECT_TRUE(TraitsOf("WITH a AS (SELECT 1) SELECT * FROM a").only_reads);
  EXPECT_FALSE(TraitsOf("INSERT INTO t VALUES (1) RETURNING a").only_reads);
  EXPECT_FALSE(TraitsOf("CALL p()").only_reads);
}

TEST(SqlScannerTest, FindsWritesByColumnsAlone) {
  const auto write = KeyedWriteOf(
      "UPDATE `s`.`t` SET a = (SELECT 1 WHERE x = ?), b = ? "
      "WHERE `t`.`i``d` = ? AND v = ?");
  ASSERT_TRUE(write.has_value());
  EXPECT_EQ(write->table, "`s`.`t` ");
  EXPECT_EQ(write->columns, (std::vector<std::string>{"i`d", "v"}));
  EXPECT_TRUE(KeyedWriteOf("DELETE FROM t WHERE id = ?").has_value());
  for (absl::string_view sql :
       {"UPDATE t SET a = ?", "UPDATE t SET a = ? WHERE id = ? OR b = ?",
        "UPDATE t SET a = ? WHERE id = ? LIMIT 1",
        "UPDATE t SET a = ? WHERE id > ?", "UPDATE t, u SET a = 1 WHERE id = ?",
        "DELETE FROM t USING t, u WHERE id = ?", "DELETE t FROM t WHERE id = ?",
        "DELETE FROM t WHERE id = ? RETURNING id", "DELETE FROM t",
        "UPDATE t AS u SET a = ? WHERE id = ?", "UPDATE t SET a = ? WHERE id",
        "INSERT INTO t VALUES (?)", "UPDATE", "DELETE FROM"}) {
    EXPECT_FALSE(KeyedWriteOf(sql).has_value()) << sql;
  }
}

}  // namespace
}  // namespace cupel::mariadb_internal
