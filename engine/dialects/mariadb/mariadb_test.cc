#include "cupel/engine/dialects/mariadb/mariadb.h"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::mariadb {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::MariadbServer;
using cupel::testing::StatusIs;
using engine::Connection;
using engine::Dialect;
using engine::Engine;
using engine::ErrorKind;
using engine::TransactionState;
using engine::Value;
using engine::ValueView;
using ::testing::ElementsAre;

// All cells of the first column.
absl::StatusOr<std::vector<Value>> Column(
    Connection& connection, absl::string_view sql,
    std::initializer_list<ValueView> parameters = {}) {
  CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor,
                         connection.Query(sql, parameters));
  std::vector<Value> cells;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    if (!more) return cells;
    cells.emplace_back(cursor.row()[0]);
  }
}

class MariadbTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MariadbServer::IsInstalled()) GTEST_SKIP() << "no MariaDB here";
    ASSERT_THAT(server().CreateDatabase("dialect"), IsOk());
  }

  MariadbServer& server() { return MariadbServer::Shared(); }
  Engine Open(absl::string_view options = "") {
    return Engine::Create({.uri = server().url("dialect", options)}).value();
  }
  // A connection without transactions, for DDL.
  Connection Autocommit(const Engine& engine) {
    Connection connection = engine.Connect().value();
    EXPECT_THAT(connection.set_transaction_options(
                    {.isolation = engine::IsolationLevel::kAutocommit}),
                IsOk());
    return connection;
  }
  void MakeTable(const Engine& engine) {
    Connection connection = Autocommit(engine);
    ASSERT_THAT(connection.Execute("CREATE TABLE t (a INT PRIMARY KEY, b INT)"),
                IsOk());
    ASSERT_THAT(connection.Execute("INSERT INTO t VALUES (1, 0), (2, 0)"),
                IsOk());
  }
};

TEST(MariadbDialectTest, IsRegisteredByLinkingIt) {
  CUPEL_EXPECT_OK(engine::FindDialect("mariadb"));
}

// F2
TEST_F(MariadbTest, NothingIsStoredAfterADeadlock) {
  Engine engine = Open();
  MakeTable(engine);
  Connection victim = engine.Connect().value();
  Connection other = engine.Connect().value();
  ASSERT_THAT(other.Execute("UPDATE t SET b = 8 WHERE a = 2"), IsOk());
  ASSERT_THAT(other.Execute("INSERT INTO t VALUES (10, 0), (11, 0), (12, 0)"),
              IsOk());
  ASSERT_THAT(victim.Execute("UPDATE t SET b = 7 WHERE a = 1"), IsOk());
  absl::Status of_other;
  std::thread waiter([&] {
    of_other = other.Execute("UPDATE t SET b = 8 WHERE a = 1").status();
    EXPECT_THAT(other.Rollback(), IsOk());
  });
  const absl::Status status =
      victim.Execute("UPDATE t SET b = 7 WHERE a = 2").status();
  Connection& loser = status.ok() ? other : victim;
  // One of the two is the victim, whoever came first.
  if (status.ok()) {
    EXPECT_THAT(victim.Rollback(), IsOk());
  }
  waiter.join();
  const absl::Status& error = status.ok() ? of_other : status;
  ASSERT_EQ(engine::KindOf(error), ErrorKind::kDeadlock);
  EXPECT_EQ(engine::GetErrorInfo(error)->transaction_state,
            TransactionState::kRolledBack);
  if (&loser == &victim) {
    EXPECT_EQ(engine::KindOf(
                  victim.Execute("UPDATE t SET b = 9 WHERE a = 1").status()),
              ErrorKind::kTransactionPoisoned);
    EXPECT_EQ(engine::KindOf(victim.Commit()), ErrorKind::kTransactionPoisoned);
  }
  Connection reader = engine.Connect().value();
  EXPECT_THAT(Column(reader, "SELECT SUM(b) FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(0))));
}

// F3
TEST_F(MariadbTest, LockTimeoutRollsTheTransactionBack) {
  Engine engine = Open("lock_wait_timeout=0");
  MakeTable(engine);
  Connection holder = engine.Connect().value();
  ASSERT_THAT(holder.Execute("UPDATE t SET b = 1 WHERE a = 1"), IsOk());
  Connection waiter = engine.Connect().value();
  ASSERT_THAT(waiter.Execute("UPDATE t SET b = 2 WHERE a = 2"), IsOk());
  const absl::Status status =
      waiter.Execute("UPDATE t SET b = 2 WHERE a = 1").status();
  EXPECT_EQ(engine::KindOf(status), ErrorKind::kLockTimeout);
  EXPECT_EQ(engine::GetErrorInfo(status)->transaction_state,
            TransactionState::kRolledBack);
  EXPECT_FALSE(waiter.Commit().ok());
  ASSERT_THAT(holder.Rollback(), IsOk());
  EXPECT_THAT(Column(holder, "SELECT SUM(b) FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(0))));
}

// F9
TEST_F(MariadbTest, DdlInATransactionIsRefusedUnlessAllowed) {
  Engine engine = Open();
  MakeTable(engine);
  Connection connection = engine.Connect().value();
  ASSERT_THAT(connection.Execute("INSERT INTO t VALUES (3, 0)"), IsOk());
  EXPECT_EQ(
      engine::KindOf(connection.Execute("CREATE TABLE u (a INT)").status()),
      ErrorKind::kMisuse);
  ASSERT_THAT(connection.Rollback(), IsOk());
  EXPECT_THAT(Column(connection, "SELECT COUNT(*) FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(2))));
}

// F23, F24: names.
TEST_F(MariadbTest, NamesAreKeptOrRefused) {
  Engine engine = Open();
  Connection connection = Autocommit(engine);
  const Dialect& dialect = connection.dialect();
  int number = 0;
  for (const std::string name :
       {"select", "with blank", "quote`tick", "double\"quote", "it's",
        "back\\slash", "percent%s", "dot.dot", "\xC3\xA9t\xC3\xA9", "UPPER",
        "question?", "colon:x", "-- x", "a/*b*/"}) {
    std::string quoted;
    ASSERT_THAT(dialect.AppendIdentifier(name, &quoted), IsOk());
    ASSERT_THAT(connection.Execute(absl::StrCat("CREATE TABLE n", ++number,
                                                " (", quoted, " INT)")),
                IsOk())
        << name;
    EXPECT_THAT(
        Column(connection,
               "SELECT column_name FROM information_schema.columns WHERE "
               "table_schema = DATABASE() AND table_name = ?",
               {ValueView::Text(absl::StrCat("n", number))}),
        IsOkAndHolds(ElementsAre(Value::Text(name))));
  }
  std::string out;
  for (const std::string& bad : {std::string(), std::string("a\0b", 3),
                                 std::string("a\xff"), std::string(65, 'x')}) {
    EXPECT_THAT(dialect.AppendIdentifier(bad, &out),
                StatusIs(StatusCode::kInvalidArgument));
  }
  // The server refuses these, nothing is stored under another name.
  for (const char* name : {"\xF0\x9F\x98\x80", "blank at end "}) {
    std::string quoted;
    ASSERT_THAT(dialect.AppendIdentifier(name, &quoted), IsOk());
    EXPECT_FALSE(
        connection.Execute(absl::StrCat("CREATE TABLE bad (", quoted, " INT)"))
            .ok())
        << name;
  }
}

TEST_F(MariadbTest, EveryReservedWordIsQuoted) {
  Engine engine = Open();
  Connection connection = Autocommit(engine);
  const Dialect& dialect = connection.dialect();
  const auto words =
      Column(connection, "SELECT LOWER(word) FROM information_schema.keywords");
  ASSERT_THAT(words, IsOk());
  std::string columns;
  for (const Value& word : *words) {
    const std::string name(word.view().bytes());
    std::string quoted;
    ASSERT_THAT(dialect.AppendIdentifier(name, &quoted), IsOk());
    EXPECT_THAT(connection.Execute(absl::StrCat("SELECT t.", quoted, ", ",
                                                quoted, " FROM (SELECT 1 AS ",
                                                quoted, ") AS t")),
                IsOk())
        << name;
  }
}

// Q9, D9, F25: the one writer of literals.
TEST_F(MariadbTest, LiteralsAreReadAsTheValuesTheyWereMadeOf) {
  Engine engine = Open();
  Connection connection = Autocommit(engine);
  const Dialect& dialect = connection.dialect();
  for (const std::string& text :
       {std::string("it's"), std::string("back\\slash\\"),
        std::string("\\' OR 1 -- "), std::string("\"double\""),
        std::string("line\nbreak\r\t"), std::string("nul\0inside", 10),
        std::string("\xF0\x9F\x98\x80"), std::string("%_?:x"), std::string()}) {
    std::string sql = "SELECT ";
    ASSERT_THAT(
        dialect.AppendLiteral(engine::Text(), ValueView::Text(text), &sql),
        IsOk());
    EXPECT_THAT(Column(connection, sql),
                IsOkAndHolds(ElementsAre(Value::Text(text))));
  }
  for (const int64_t number :
       {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
        std::numeric_limits<int64_t>::max()}) {
    std::string sql = "SELECT 5 -";
    ASSERT_THAT(dialect.AppendLiteral(engine::BigInteger(),
                                      ValueView::Int64(number), &sql),
                IsOk());
    sql = absl::StrCat("SELECT ", sql.substr(10));
    EXPECT_THAT(Column(connection, sql),
                IsOkAndHolds(ElementsAre(Value::Int64(number))));
  }
  const std::string bytes("\0\xff'\\", 4);
  std::string sql = "SELECT ";
  ASSERT_THAT(
      dialect.AppendLiteral(engine::Binary(), ValueView::Blob(bytes), &sql),
      IsOk());
  EXPECT_THAT(Column(connection, sql),
              IsOkAndHolds(ElementsAre(Value::Blob(bytes))));
}

// F21
TEST_F(MariadbTest, OffsetAloneNeedsANumber) {
  Engine engine = Open();
  Connection connection = engine.Connect().value();
  EXPECT_THAT(
      Column(connection,
             absl::StrCat("SELECT seq FROM seq_1_to_5 LIMIT ",
                          connection.dialect().syntax().no_limit, " OFFSET 3")),
      IsOkAndHolds(ElementsAre(Value::Int64(4), Value::Int64(5))));
}

// F32: a key with a quote is reachable when its quote is escaped.
TEST_F(MariadbTest, KeysOfJsonWithQuotesAreReached) {
  Engine engine = Open();
  Connection connection = engine.Connect().value();
  EXPECT_EQ(connection.dialect().syntax().json_path,
            engine::JsonPathStyle::kDollarEscaped);
  EXPECT_THAT(Column(connection, "SELECT JSON_UNQUOTE(JSON_EXTRACT(?, ?))",
                     {ValueView::Text(R"({"a\"b": "found"})"),
                      ValueView::Text(R"($."a\"b")")}),
              IsOkAndHolds(ElementsAre(Value::Text("found"))));
}

// F33: a pattern that ends in its escape character is no error there.
TEST_F(MariadbTest, PatternEndingInItsEscapeCharacterMatchesNothingElse) {
  Engine engine = Open();
  Connection connection = engine.Connect().value();
  EXPECT_THAT(Column(connection, "SELECT 'zzz' LIKE ? ESCAPE '/'",
                     {ValueView::Text("a/")}),
              IsOkAndHolds(ElementsAre(Value::Int64(0))));
}

// QRY-46
TEST_F(MariadbTest, SearchesFullText) {
  Engine engine = Open();
  Connection connection = Autocommit(engine);
  ASSERT_THAT(connection.Execute("CREATE TABLE f (a TEXT, FULLTEXT (a))"),
              IsOk());
  ASSERT_THAT(
      connection.Execute("INSERT INTO f VALUES ('gold and silver'), ('lead')"),
      IsOk());
  std::string form(connection.dialect().FunctionNameFor("match"));
  form.replace(form.find("{}"), 2, "f.a");
  form.replace(form.find("{}"), 2, "?");
  EXPECT_THAT(Column(connection, absl::StrCat("SELECT a FROM f WHERE ", form),
                     {ValueView::Text("silver")}),
              IsOkAndHolds(ElementsAre(Value::Text("gold and silver"))));
}

TEST_F(MariadbTest, ComparesNullsAndTextsExactly) {
  Engine engine = Open();
  Connection connection = engine.Connect().value();
  EXPECT_THAT(Column(connection, "SELECT NULL <=> NULL"),
              IsOkAndHolds(ElementsAre(Value::Int64(1))));
  EXPECT_THAT(Column(connection, "SELECT NOT (1 <=> NULL)"),
              IsOkAndHolds(ElementsAre(Value::Int64(1))));
  EXPECT_THAT(Column(connection, "SELECT ? = ?",
                     {ValueView::Text("a"), ValueView::Text("A")}),
              IsOkAndHolds(ElementsAre(Value::Int64(0))));
}

// E1: the pool replaces what a restart has cut.
TEST_F(MariadbTest, GoesOnAfterARestartOfTheServer) {
  MariadbServer other;
  ASSERT_THAT(other.Start(), IsOk());
  Engine engine =
      Engine::Create({.uri = other.url(),
                      .pool = {.pre_ping_window = absl::ZeroDuration()}})
          .value();
  { Connection first = engine.Connect().value(); }
  ASSERT_THAT(other.Restart(), IsOk());
  Connection again = engine.Connect().value();
  EXPECT_THAT(Column(again, "SELECT 7"),
              IsOkAndHolds(ElementsAre(Value::Int64(7))));
}

}  // namespace
}  // namespace cupel::mariadb
