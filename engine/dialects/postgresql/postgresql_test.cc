#include "cupel/engine/dialects/postgresql/postgresql.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/hostile_texts.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::PostgresqlServer;
using cupel::testing::StatusIs;
using engine::Connection;
using engine::Dialect;
using engine::Engine;
using engine::Type;
using engine::Value;
using engine::ValueView;
using ::testing::HasSubstr;

class PostgresqlDialectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresqlServer::IsInstalled()) {
      GTEST_SKIP() << "PostgreSQL's server is not installed";
    }
    static int count = 0;
    const std::string name = absl::StrCat("dialect_", ++count);
    CUPEL_ASSERT_OK(PostgresqlServer::Shared().CreateDatabase(name));
    auto engine = Engine::Create({.uri = PostgresqlServer::Shared().url(name)});
    CUPEL_ASSERT_OK(engine);
    engine_ = std::make_unique<Engine>(*std::move(engine));
  }

  absl::StatusOr<Value> SelectValue(absl::string_view sql) {
    CUPEL_ASSIGN_OR_RETURN(Connection connection, engine_->Connect());
    CUPEL_ASSIGN_OR_RETURN(auto cursor, connection.Query(sql));
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    if (!more) return absl::NotFoundError("no row");
    return Value(cursor.row()[0]);
  }

  std::unique_ptr<Engine> engine_;
};

const Dialect& Own() { return *PostgresqlDialect(); }

TEST(PostgresqlTypesTest, EveryTypeReadsBackFromItsName) {
  const Type types[] = {engine::Boolean(),
                        engine::SmallInteger(),
                        engine::Integer(),
                        engine::BigInteger(),
                        engine::Float(),
                        engine::Double(),
                        engine::Numeric(10, 2),
                        engine::Numeric(0, 0),
                        engine::String(80),
                        engine::String(),
                        engine::Text(),
                        engine::Binary(),
                        engine::Date(),
                        engine::Time(),
                        engine::Timestamp(),
                        engine::Timestamp(true),
                        engine::Interval(),
                        engine::UuidType(),
                        engine::JsonType(),
                        engine::Array(engine::Integer()),
                        engine::Array(engine::String(80))};
  for (const Type& type : types) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string name, Own().TypeName(type));
    EXPECT_THAT(Own().ParseTypeName(name), IsOkAndHolds(type)) << name;
  }
  EXPECT_THAT(Own().TypeName(Type()), StatusIs(StatusCode::kUnimplemented));
  CUPEL_ASSERT_OK_AND_ASSIGN(const Type other,
                             Own().ParseTypeName("int4range"));
  EXPECT_EQ(other.kind, engine::TypeKind::kUnknown);
  EXPECT_THAT(Own().TypeName(other), IsOkAndHolds("int4range"));
}

TEST_F(PostgresqlDialectTest, TypesReadBackAsTheServerSpellsThem) {
  const Type types[] = {engine::Numeric(10, 2), engine::String(80),
                        engine::Timestamp(),    engine::Timestamp(true),
                        engine::Time(),         engine::Double(),
                        engine::JsonType(),     engine::Binary()};
  for (const Type& type : types) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string name, Own().TypeName(type));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const Value spelt,
        SelectValue(absl::StrCat("SELECT format_type(a.atttypid, a.atttypmod) "
                                 "FROM (SELECT NULL::",
                                 name,
                                 " AS x) AS t, "
                                 "LATERAL (SELECT pg_typeof(t.x)::oid AS "
                                 "atttypid, -1 AS atttypmod) AS a")));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const Type back,
        Own().ParseTypeName(absl::string_view(spelt.view().bytes())));
    EXPECT_EQ(back.kind, type.kind) << name;
    EXPECT_EQ(back.timezone, type.timezone) << name;
  }
}

TEST_F(PostgresqlDialectTest, EveryKeywordWorksAsAName) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto cursor, connection.Query("SELECT word FROM pg_get_keywords()"));
  std::vector<std::string> words;
  while (*cursor.Next()) words.emplace_back(cursor.row()[0].bytes());
  ASSERT_GT(words.size(), 400U);
  for (const std::string& word : words) {
    std::string name;
    CUPEL_ASSERT_OK(Own().AppendIdentifier(word, &name));
    EXPECT_THAT(connection.Execute(absl::StrCat("SELECT ", name, ".", name,
                                                " FROM (SELECT 1 AS ", name,
                                                ") AS ", name)),
                IsOk())
        << word;
  }
}

// F23
TEST_F(PostgresqlDialectTest, F23LongNamesAreRefusedNotCut) {
  std::string out;
  const std::string longest(63, 'n');
  CUPEL_ASSERT_OK(Own().AppendIdentifier(longest, &out));
  EXPECT_THAT(Own().AppendIdentifier(longest + "n", &out),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(Own().AppendIdentifier("", &out),
              StatusIs(StatusCode::kInvalidArgument));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Value kept,
      SelectValue(absl::StrCat("SELECT attname FROM pg_attribute WHERE attname "
                               "= '",
                               longest, "' UNION SELECT '", longest,
                               "'::name::text")));
  EXPECT_EQ(kept, Value::Text(longest));
  // Bytes are counted, not characters.
  std::string wide;
  for (int i = 0; i < 22; ++i) wide += "\xE2\x82\xAC";
  EXPECT_THAT(Own().AppendIdentifier(wide, &out),
              StatusIs(StatusCode::kInvalidArgument));
}

// F24
TEST_F(PostgresqlDialectTest, F24NamesAreQuotedOrRefused) {
  std::string out;
  EXPECT_THAT(Own().AppendIdentifier(absl::string_view("a\0b", 3), &out),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(Own().AppendIdentifier("\xFF", &out),
              StatusIs(StatusCode::kInvalidArgument));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  int tried = 0;
  for (const std::string& text : testing::HostileTexts()) {
    std::string name;
    if (!Own().AppendIdentifier(text, &name).ok()) continue;
    CUPEL_ASSERT_OK_AND_ASSIGN(
        auto cursor, connection.Query(absl::StrCat("SELECT 1 AS ", name)));
    EXPECT_EQ(cursor.columns()[0].name, text);
    ++tried;
  }
  EXPECT_GT(tried, 20);
}

// Q9, D9
TEST_F(PostgresqlDialectTest, LiteralsReadBackAsTheirValues) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const engine::Decimal decimal,
                             engine::Decimal::Parse("-12.50"));
  const engine::Uuid uuid = engine::Uuid::Random();
  struct Row {
    Type type;
    Value value;
  };
  std::vector<Row> rows = {
      {engine::Boolean(), Value::Bool(true)},
      {engine::BigInteger(), Value::Int64(-5)},
      {engine::BigInteger(), Value::Int64(std::numeric_limits<int64_t>::min())},
      {engine::Double(), Value::Double(-0.1)},
      {engine::Double(), Value::Double(5e-324)},
      {engine::Double(),
       Value::Double(-std::numeric_limits<double>::infinity())},
      {engine::Double(), Value::Double(std::nan(""))},
      {engine::Numeric(10, 2), Value::Decimal(decimal)},
      {engine::Binary(), Value::Blob(std::string("\0'\\\xFF", 4))},
      {engine::Date(), Value::Date(-1)},
      {engine::Time(), Value::Time(1)},
      {engine::Timestamp(), Value::Timestamp(-1)},
      {engine::Timestamp(true), Value::Timestamp(1)},
      {engine::Interval(), Value::Interval(-86'400'000'001)},
      {engine::UuidType(), Value::Uuid(uuid)},
      {engine::JsonType(), Value::Json(R"({"a": "it's \\"})")},
  };
  for (const std::string& text : testing::HostileTexts()) {
    rows.push_back({engine::Text(), Value::Text(text)});
  }
  int read = 0;
  for (const Row& row : rows) {
    std::string literal;
    if (!Own().AppendLiteral(row.type, row.value.view(), &literal).ok()) {
      EXPECT_EQ(row.type, engine::Text());
      EXPECT_EQ(literal, "");
      continue;
    }
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string type,
                               Own().TypeName(row.type));
    EXPECT_THAT(
        SelectValue(absl::StrCat("SELECT CAST(", literal, " AS ", type, ")")),
        IsOkAndHolds(row.value))
        << literal;
    ++read;
  }
  EXPECT_GT(read, 30);
}

// E1: a restart while connections are idle.
TEST_F(PostgresqlDialectTest, AnEngineOutlivesARestartOfItsServer) {
  PostgresqlServer server;
  CUPEL_ASSERT_OK(server.Start());
  CUPEL_ASSERT_OK_AND_ASSIGN(Engine engine,
                             Engine::Create({.uri = server.url()}));
  const auto one = [&]() -> absl::StatusOr<int64_t> {
    CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect());
    CUPEL_ASSIGN_OR_RETURN(auto cursor, connection.Query("SELECT 1::bigint"));
    CUPEL_RETURN_IF_ERROR(cursor.Next().status());
    return cursor.row()[0].int64_value();
  };
  EXPECT_THAT(one(), IsOkAndHolds(1));
  for (bool kill : {false, true}) {
    CUPEL_ASSERT_OK(server.Restart(kill));
    EXPECT_THAT(one(), IsOkAndHolds(1));
  }
}

// E28: the connection prepares a stale statement again by itself.
TEST_F(PostgresqlDialectTest, AChangedTableIsNoErrorOutsideOfWork) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine_->Connect());
  const auto run = [&](absl::string_view sql) -> absl::Status {
    CUPEL_RETURN_IF_ERROR(connection.Execute(sql).status());
    return connection.Commit();
  };
  CUPEL_ASSERT_OK(run("CREATE TABLE t (a int)"));
  CUPEL_ASSERT_OK(run("SELECT * FROM t"));
  CUPEL_ASSERT_OK(run("ALTER TABLE t ADD b int"));
  CUPEL_EXPECT_OK(run("SELECT * FROM t"));
}

}  // namespace
}  // namespace cupel::postgresql
