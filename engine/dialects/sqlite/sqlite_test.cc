#include "cupel/engine/dialects/sqlite/sqlite.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::Connection;
using engine::Dialect;
using engine::Engine;
using engine::ErrorKind;
using engine::Value;
using engine::ValueView;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

class SqliteTest : public ::testing::Test {
 protected:
  Engine Open(absl::string_view options = "") {
    return Engine::Create({.uri = absl::StrCat(
                               "sqlite:///", directory_.Path("t.db"), options)})
        .value();
  }

  testing::TempDirectory directory_;
};

TEST_F(SqliteTest, IsRegisteredByLinkingIt) {
  CUPEL_EXPECT_OK(engine::FindDialect("sqlite"));
  CUPEL_EXPECT_OK(Register());
  CUPEL_EXPECT_OK(Register());
}

// ENG-10
TEST_F(SqliteTest, TheVersionTellsWhatItCanDo) {
  EXPECT_FALSE(CapabilitiesOf(3034001).returning);
  EXPECT_TRUE(CapabilitiesOf(3035000).returning);
  EXPECT_FALSE(CapabilitiesOf(3032000).update_from);
  EXPECT_TRUE(CapabilitiesOf(3033000).update_from);
  EXPECT_FALSE(CapabilitiesOf(3038000).full_join);
  EXPECT_TRUE(CapabilitiesOf(3039000).full_join);
  EXPECT_EQ(SqliteDialect()->capabilities().returning,
            sqlite3_libversion_number() >= 3035000);
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  EXPECT_EQ(SqliteDialect()->capabilities().max_bind_parameters,
            static_cast<size_t>(
                sqlite3_limit(database, SQLITE_LIMIT_VARIABLE_NUMBER, -1)));
  EXPECT_EQ(SqliteDialect()->capabilities().max_expression_depth,
            static_cast<size_t>(
                sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, -1)));
  EXPECT_EQ(
      SqliteDialect()->capabilities().max_columns,
      static_cast<size_t>(sqlite3_limit(database, SQLITE_LIMIT_COLUMN, -1)));
  sqlite3_close(database);
}

// ENG-11, D1
TEST_F(SqliteTest, EveryKeywordWorksAsAName) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  for (int i = 0; i < sqlite3_keyword_count(); ++i) {
    const char* text = nullptr;
    int length = 0;
    ASSERT_EQ(sqlite3_keyword_name(i, &text, &length), SQLITE_OK);
    const std::string word =
        absl::AsciiStrToLower(absl::string_view(text, length));
    std::string name;
    CUPEL_ASSERT_OK(SqliteDialect()->AppendIdentifier(word, &name));
    SCOPED_TRACE(name);
    CUPEL_ASSERT_OK(connection.Execute(
        absl::StrCat("CREATE TABLE ", name, "(", name, " INT)")));
    CUPEL_ASSERT_OK(connection.Execute(
        absl::StrCat("INSERT INTO ", name, "(", name, ") VALUES (7)")));
    EXPECT_THAT(
        Column(connection,
               absl::StrCat("SELECT ", name, ".", name, " AS ", name, " FROM ",
                            name, " AS ", name, " WHERE ", name,
                            " = 7 GROUP BY ", name, " ORDER BY ", name)),
        IsOkAndHolds(ElementsAre(Value::Int64(7))));
    CUPEL_ASSERT_OK(connection.Execute(absl::StrCat("DROP TABLE ", name)));
  }
}

std::vector<std::string> Payloads() {
  std::vector<std::string> payloads = {"'",
                                       "''",
                                       "\"",
                                       "\"\"",
                                       "`",
                                       "[",
                                       "]",
                                       "\\",
                                       "a'b\"c`d]e",
                                       "' OR 1=1 --",
                                       "'; DROP TABLE orm_canary; --",
                                       "\"; DROP TABLE orm_canary; --",
                                       "*/; DROP TABLE orm_canary; /*",
                                       "?",
                                       ":p1",
                                       "$1",
                                       "@x",
                                       "%s%n",
                                       "{0}",
                                       "a.b",
                                       " ",
                                       "\t\n\r",
                                       "--",
                                       "select",
                                       "SELECT",
                                       "rowid",
                                       "sqlite_master",
                                       "grüße",
                                       "\xF0\x9F\x92\xA9",
                                       "\xE2\x80\xAE"
                                       "abc",
                                       std::string("a\0b", 3),
                                       "",
                                       "\xC0\xA7",
                                       "\xED\xA0\x80",
                                       "\xFF\xFE",
                                       std::string(3000, 'x'),
                                       std::string(100, '"')};
  const char* path = std::getenv("CUPEL_CORPUS");
  if (path == nullptr || *path == '\0') {
    std::cout << "CUPEL_CORPUS is not set: only the payloads of this file\n";
    return payloads;
  }
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << "cannot read " << path;
  for (std::string line; std::getline(file, line);) {
    std::string payload;
    EXPECT_TRUE(absl::CUnescape(line, &payload)) << line;
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

// Q2, F24: a name comes back byte by byte, or is refused.
TEST_F(SqliteTest, EveryPayloadIsANameOrRefused) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE orm_canary(x)"));
  auto catalog = SqliteDialect()->MakeCatalog();
  int refused = 0;
  int kept = 0;
  for (const std::string& payload : Payloads()) {
    SCOPED_TRACE(absl::CHexEscape(payload.substr(0, 80)));
    std::string quoted;
    const absl::Status status =
        SqliteDialect()->AppendIdentifier(payload, &quoted);
    if (!status.ok()) {
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
      EXPECT_EQ(quoted, "");
      ++refused;
      continue;
    }
    // A prefix keeps names apart from SQLite's own (sqlite_...).
    std::string table;
    CUPEL_ASSERT_OK(
        SqliteDialect()->AppendIdentifier(absl::StrCat("t", payload), &table));
    CUPEL_ASSERT_OK(connection.Execute(
        absl::StrCat("CREATE TABLE ", table, "(", quoted, " TEXT)")));
    CUPEL_ASSERT_OK(connection.Execute(
        absl::StrCat("INSERT INTO ", table, "(", quoted, ") VALUES (?)"),
        {ValueView::Text("x")}));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        engine::Cursor cursor,
        connection.Query(
            absl::StrCat("SELECT ", quoted, " AS ", quoted, " FROM ", table)));
    EXPECT_EQ(cursor.columns()[0].name, payload);
    cursor.Close();
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const engine::CatalogTable read,
        catalog->ReadTable(connection, "", absl::StrCat("t", payload)));
    EXPECT_EQ(read.name, absl::StrCat("t", payload));
    ASSERT_EQ(read.columns.size(), 1);
    EXPECT_EQ(read.columns[0].name, payload);
    CUPEL_ASSERT_OK(connection.Execute(absl::StrCat("DROP TABLE ", table)));
    ++kept;
  }
  EXPECT_GT(refused, 4);  // empty, NUL, not UTF-8
  EXPECT_GT(kept, 25);
  EXPECT_THAT(catalog->HasTable(connection, "", "orm_canary"),
              IsOkAndHolds(true));
}

// Q9: the literal of a value is that value.
TEST_F(SqliteTest, EveryPayloadIsALiteralOrRefused) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  for (const std::string& payload : Payloads()) {
    SCOPED_TRACE(absl::CHexEscape(payload.substr(0, 80)));
    const ValueView text = ValueView::Text(payload);
    std::string sql = "SELECT ";
    const absl::Status status =
        SqliteDialect()->AppendLiteral(engine::Text(), text, &sql);
    if (!status.ok()) {
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
      continue;
    }
    EXPECT_THAT(Column(connection, sql),
                IsOkAndHolds(ElementsAre(Value(text))));
    sql = "SELECT ";
    const ValueView blob = ValueView::Blob(payload);
    CUPEL_ASSERT_OK(
        SqliteDialect()->AppendLiteral(engine::Binary(), blob, &sql));
    EXPECT_THAT(Column(connection, sql),
                IsOkAndHolds(ElementsAre(Value(blob))));
  }
}

// F28, Q9
TEST_F(SqliteTest, NumbersAreLiteralsWithoutLoss) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  const std::pair<engine::Type, ValueView> values[] = {
      {engine::BigInteger(), ValueView::Int64(INT64_MIN)},
      {engine::BigInteger(), ValueView::Int64(INT64_MAX)},
      {engine::BigInteger(), ValueView::Int64(-1)},
      {engine::Double(), ValueView::Double(0.1)},
      {engine::Double(), ValueView::Double(-1.5e300)},
      {engine::Double(), ValueView::Double(3.0)},
      {engine::Double(), ValueView::Double(5e-324)},
  };
  for (const auto& [type, value] : values) {
    std::string sql = "SELECT ";
    CUPEL_ASSERT_OK(SqliteDialect()->AppendLiteral(type, value, &sql));
    EXPECT_THAT(Column(connection, sql),
                IsOkAndHolds(ElementsAre(Value(value))))
        << sql;
    // Behind a minus no comment begins.
    sql = "SELECT 0 -";
    CUPEL_ASSERT_OK(SqliteDialect()->AppendLiteral(type, value, &sql));
    CUPEL_EXPECT_OK(Column(connection, sql)) << sql;
  }
}

// ENG-20
TEST_F(SqliteTest, WorkThatIsNotCommittedIsRolledBack) {
  Engine engine = Open();
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE t(a)"));
    CUPEL_ASSERT_OK(connection.Commit());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (1)"));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection other, engine.Connect());
  EXPECT_THAT(Column(other, "SELECT count(*) FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(0))));
  CUPEL_ASSERT_OK(other.Execute("INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK(other.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection third, engine.Connect());
  EXPECT_THAT(Column(third, "SELECT count(*) FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(1))));
}

// ENG-23, E24
TEST_F(SqliteTest, NestedTransactionsRollBackAlone) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE t(a INTEGER UNIQUE)"));
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (1)"));
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto savepoint, connection.BeginNested());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (2)"));
    EXPECT_THAT(connection.Execute("INSERT INTO t VALUES (1)"),
                StatusIs(StatusCode::kAlreadyExists));
  }
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto savepoint, connection.BeginNested());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3)"));
    CUPEL_ASSERT_OK(savepoint.Commit());
  }
  CUPEL_ASSERT_OK(connection.Commit());
  EXPECT_THAT(Column(connection, "SELECT a FROM t ORDER BY a"),
              IsOkAndHolds(ElementsAre(Value::Int64(1), Value::Int64(3))));
}

// ENG-01
TEST_F(SqliteTest, AnEngineOpensNothingBeforeTheFirstConnect) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Engine engine,
      Engine::Create({.uri = absl::StrCat("sqlite:///",
                                          directory_.Path("no/such/t.db"))}));
  const absl::Status status = engine.Connect().status();
  EXPECT_THAT(status,
              StatusIs(StatusCode::kNotFound,
                       absl::StrCat("cannot open the database: the directory ",
                                    directory_.Path("no/such/"),
                                    " does not exist; create it")));
  Engine lazy = Open();
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("t.db")));
  CUPEL_ASSERT_OK(lazy.Connect());
  EXPECT_TRUE(std::filesystem::exists(directory_.Path("t.db")));
}

// ENG-21
TEST_F(SqliteTest, AScopeThatIsLeftEarlyIsRolledBack) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE t(a INTEGER UNIQUE)"));
  CUPEL_ASSERT_OK(connection.Commit());
  const auto insert = [&](int64_t second) -> absl::Status {
    CUPEL_ASSIGN_OR_RETURN(auto transaction, connection.BeginTransaction());
    CUPEL_RETURN_IF_ERROR(
        connection.Execute("INSERT INTO t VALUES (1)").status());
    CUPEL_RETURN_IF_ERROR(
        connection
            .Execute("INSERT INTO t VALUES (?)", {ValueView::Int64(second)})
            .status());
    return transaction.Commit();
  };
  EXPECT_THAT(insert(1), StatusIs(StatusCode::kAlreadyExists));
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_THAT(Column(connection, "SELECT a FROM t"),
              IsOkAndHolds(ElementsAre()));
  CUPEL_ASSERT_OK(connection.Rollback());
  CUPEL_EXPECT_OK(insert(2));
  EXPECT_THAT(Column(connection, "SELECT a FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(1), Value::Int64(2))));
}

// ENG-74
TEST_F(SqliteTest, NeitherLogNorErrorHoldsAValue) {
  std::vector<std::string> log;
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Engine engine,
      Engine::Create(
          {.uri = absl::StrCat("sqlite:///", directory_.Path("t.db")),
           .echo = engine::EchoMode::kDebug,
           .log = [&log](absl::string_view line) { log.emplace_back(line); }}));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE t(a TEXT UNIQUE)"));
  const ValueView secret = ValueView::Text("hunter2");
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (?)", {secret}));
  const absl::Status status =
      connection.Execute("INSERT INTO t VALUES (?)", {secret}).status();
  EXPECT_EQ(status.message(),
            "UNIQUE constraint failed: t.a; choose another key, or upsert");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(engine::GetErrorInfo(status)->statement,
              "INSERT INTO t VALUES (?)");
  CUPEL_ASSERT_OK(connection.Rollback());
  EXPECT_THAT(Column(connection, "SELECT ?", {secret}),
              IsOkAndHolds(ElementsAre(Value(secret))));
  EXPECT_THAT(log, Contains(HasSubstr("INSERT INTO t VALUES (?)")));
  EXPECT_THAT(log, Each(Not(HasSubstr("hunter2"))));
}

// ENG-26
TEST_F(SqliteTest, UnderAutocommitOthersSeeTheWorkAtOnce) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection a, engine.Connect());
  engine::TransactionOptions options;
  options.isolation = engine::IsolationLevel::kAutocommit;
  CUPEL_ASSERT_OK(a.set_transaction_options(options));
  CUPEL_ASSERT_OK(a.Execute("CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(a.Execute("INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection b, engine.Connect());
  EXPECT_THAT(Column(b, "SELECT a FROM t"),
              IsOkAndHolds(ElementsAre(Value::Int64(1))));
}

// ENG-31
TEST_F(SqliteTest, GivesTheRawHandle) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("PRAGMA user_version"));
  auto* handle = static_cast<sqlite3*>(connection.native_handle());
  ASSERT_NE(handle, nullptr);
  EXPECT_EQ(sqlite3_db_readonly(handle, "main"), 0);
}

// ENG-51, E15, E16: one error, then a new connection.
TEST_F(SqliteTest, APoolReplacesAConnectionThatIsDead) {
  Engine engine = Open();
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    CUPEL_ASSERT_OK(connection.Execute("CREATE TABLE t(a)"));
    CUPEL_ASSERT_OK(connection.Commit());
    connection.Invalidate();
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection next, engine.Connect());
  CUPEL_EXPECT_OK(Column(next, "SELECT * FROM t"));
}

// E26
TEST_F(SqliteTest, SettingsAndTemporaryTablesDoNotLeakToTheNextUser) {
  Engine engine = Open();
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    CUPEL_ASSERT_OK(connection.Execute("CREATE TEMP TABLE scratch(a)"));
    CUPEL_ASSERT_OK(connection.Commit());
    CUPEL_ASSERT_OK(connection.Execute("PRAGMA case_sensitive_like=ON"));
    CUPEL_ASSERT_OK(connection.Commit());
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection next, engine.Connect());
  EXPECT_THAT(next.Execute("SELECT * FROM scratch"),
              StatusIs(StatusCode::kNotFound));
  CUPEL_ASSERT_OK(next.Rollback());
  EXPECT_THAT(Column(next, "SELECT 'a' LIKE 'A'"),
              IsOkAndHolds(ElementsAre(Value::Int64(1))));
}

// C-12
TEST_F(SqliteTest, TenTimesATenthIsExactlyOne) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Engine engine,
                             Engine::Create({.uri = "sqlite://"}));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  const engine::Type type = engine::Numeric(10, 2);
  const engine::Codec* codec = SqliteDialect()->CodecFor(type);
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::string name,
                             SqliteDialect()->TypeName(type));
  CUPEL_ASSERT_OK(
      connection.Execute(absl::StrCat("CREATE TABLE t(a ", name, ")")));
  CUPEL_ASSERT_OK_AND_ASSIGN(const engine::Decimal tenth,
                             engine::Decimal::Parse("0.10"));
  engine::BoundValue stored;
  CUPEL_ASSERT_OK(codec->Encode(ValueView::Decimal(&tenth), &stored));
  for (int i = 0; i < 10; ++i) {
    CUPEL_ASSERT_OK(
        connection.Execute("INSERT INTO t VALUES (?)", {stored.view}));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::vector<Value> sum,
                             Column(connection, "SELECT sum(a) FROM t"));
  engine::BoundValue logical;
  CUPEL_ASSERT_OK(codec->Decode(sum[0].view(), &logical));
  EXPECT_EQ(logical.view.decimal().ToString(), "1.00");
}

}  // namespace
}  // namespace cupel::sqlite
