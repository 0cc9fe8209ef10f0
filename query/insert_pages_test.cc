// INSERTs of many rows in few statements.

#include "cupel/query/insert_pages.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/altered_dialect.h"
#include "cupel/testing/fake_driver.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::AlteredDialect;
using ::cupel::testing::FakeDatabase;
using ::cupel::testing::StatusIs;
using engine::Value;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Affected rows of each statement.
std::vector<int64_t> PagesOf(const engine::StatementRecorder& recorder) {
  std::vector<int64_t> pages;
  for (const auto& statement : recorder.statements()) {
    pages.push_back(statement.affected_rows);
  }
  return pages;
}

class InsertPagesTest : public ::testing::Test {
 protected:
  Insert TeamRow(int64_t i) const {
    return Insert(t_.table).Set(t_.title, absl::StrCat("team ", i));
  }
  std::vector<Statement> Teams(int64_t count) const {
    std::vector<Statement> rows;
    for (int64_t i = 0; i < count; ++i) {
      rows.push_back(TeamRow(i).Returning(t_.id, t_.title));
    }
    return rows;
  }
  // What Teams(...) gave back is right, and what the database has.
  void ExpectTeams(
      TestDatabase& database,
      const absl::StatusOr<std::vector<std::tuple<int64_t, std::string>>>&
          returned,
      size_t count) {
    CUPEL_ASSERT_OK(returned.status());
    ASSERT_THAT(*returned, SizeIs(count));
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(std::get<1>((*returned)[i]), absl::StrCat("team ", i));
    }
    const auto stored = database.All(
        TypedSelect(t_.id, t_.title).Where(t_.id > 3).OrderBy(t_.id));
    CUPEL_ASSERT_OK(stored.status());
    EXPECT_TRUE(*stored == *returned);
  }

  Team t_;
  Employee e_;
};

// ENG-71
TEST_F(InsertPagesTest, TwoAndAHalfThousandKeysTakeThreeStatements) {
  TestDatabase database;
  const std::vector<Statement> rows = Teams(2500);
  engine::StatementRecorder recorder(database.engine());
  const auto returned = InsertMany<int64_t, std::string>(
      database.connection(), database.cache(), rows);
  EXPECT_THAT(PagesOf(recorder), ElementsAre(1000, 1000, 500));
  ExpectTeams(database, returned, 2500);
}

// ENG-73
TEST_F(InsertPagesTest, TheSizeOfAPageIsUpToTheCaller) {
  TestDatabase database;
  const std::vector<Statement> rows = Teams(250);
  engine::StatementRecorder recorder(database.engine());
  ExpectTeams(database,
              InsertMany<int64_t, std::string>(
                  database.connection(), database.cache(), rows, {.rows = 100}),
              250);
  EXPECT_THAT(recorder.sql(),
              ElementsAre(HasSubstr("), ("), HasSubstr("), ("),
                          HasSubstr("), ("), HasSubstr("SELECT")));
  database.Must("DELETE FROM team WHERE id > 3");
  recorder.Clear();
  ExpectTeams(database,
              InsertMany<int64_t, std::string>(
                  database.connection(), database.cache(), rows, {.rows = 1}),
              250);
  EXPECT_EQ(recorder.statements()[0].rows, 250);
  EXPECT_EQ(recorder.statements()[0].sql,
            "INSERT INTO team (title) VALUES (?) RETURNING id, title");
}

// ENG-71
TEST_F(InsertPagesTest, APageKeepsToTheLimitOfParameters) {
  TestDatabase database(
      AlteredDialect([](engine::Capabilities& can, engine::Syntax& syntax) {
        can.max_bind_parameters = 999;
        syntax.placeholder = engine::PlaceholderStyle::kNumberedQuestion;
      }));
  std::vector<Statement> rows;
  for (int64_t i = 0; i < 1000; ++i) {
    rows.push_back(Insert(e_.table)
                       .Set(e_.name, absl::StrCat("e", i))
                       .Set(e_.age, i)
                       .Returning(e_.name, e_.age, e_.id));
  }
  engine::StatementRecorder recorder(database.engine());
  const auto returned =
      InsertMany<std::string, std::optional<int64_t>, int64_t>(
          database.connection(), database.cache(), rows);
  CUPEL_ASSERT_OK(returned.status());
  EXPECT_THAT(PagesOf(recorder), ElementsAre(499, 499, 2));
  EXPECT_THAT(recorder.sql()[0], HasSubstr("(?997, ?998) RETURNING"));
  for (int64_t i = 0; i < 1000; ++i) {
    EXPECT_EQ((*returned)[i],
              std::make_tuple(absl::StrCat("e", i), std::optional<int64_t>(i),
                              i + 6));
  }
}

TEST_F(InsertPagesTest, APageKeepsToTheLengthOfAStatement) {
  TestDatabase database(
      AlteredDialect([](engine::Capabilities& can, engine::Syntax&) {
        can.max_statement_bytes = 200;
      }));
  engine::StatementRecorder recorder(database.engine());
  const std::vector<Statement> rows = Teams(40);
  ExpectTeams(database,
              InsertMany<int64_t, std::string>(database.connection(),
                                               database.cache(), rows),
              40);
  EXPECT_GT(recorder.count(), 2);
  EXPECT_LT(recorder.count(), 20);
  for (const std::string& sql : recorder.sql()) EXPECT_LE(sql.size(), 200);
}

// ENG-71: what cannot be matched with the rows given is not guessed.
TEST_F(InsertPagesTest, WithoutAKeyEachRowGoesByItself) {
  TestDatabase database;
  std::vector<Statement> rows;
  for (int64_t i = 0; i < 10; ++i) {
    rows.push_back(TeamRow(i).Returning(t_.title));
  }
  engine::StatementRecorder recorder(database.engine());
  auto titles =
      InsertMany<std::string>(database.connection(), database.cache(), rows);
  CUPEL_ASSERT_OK(titles.status());
  EXPECT_EQ(recorder.statements()[0].rows, 10);
  EXPECT_EQ(std::get<0>((*titles)[7]), "team 7");

  recorder.Clear();
  CUPEL_EXPECT_OK(InsertMany<std::string>(database.connection(),
                                          database.cache(), rows,
                                          {.in_order = false})
                      .status());
  EXPECT_THAT(PagesOf(recorder), ElementsAre(10));
}

TEST_F(InsertPagesTest, AnUpsertGoesRowByRow) {
  TestDatabase database;
  std::vector<Statement> rows;
  for (int64_t i = 0; i < 3; ++i) {
    rows.push_back(
        Insert(t_.table)
            .Set(t_.id, i + 2)
            .Set(t_.title, "new")
            .OnConflictDoUpdate({.columns = {t_.id}}, {Assign(t_.title, "old")})
            .Returning(t_.title));
  }
  const auto titles =
      InsertMany<std::string>(database.connection(), database.cache(), rows);
  CUPEL_ASSERT_OK(titles.status());
  EXPECT_THAT(*titles,
              ElementsAre(std::make_tuple("old"), std::make_tuple("old"),
                          std::make_tuple("new")));
}

TEST_F(InsertPagesTest, ClientDefaultsAreMadeForEachRow) {
  TestDatabase database;
  database.Must("CREATE TABLE stamp (id TEXT PRIMARY KEY, at INTEGER, n TEXT)");
  int64_t clock = 0;
  const auto table = BuildTable(
      schema::TableBuilder("stamp")
          .Column({.name = "id",
                   .type = engine::Text(),
                   .primary_key = true,
                   .client_default = schema::ClientDefault::Function([&] {
                     return Value::Text(absl::StrCat("key ", 9 - clock));
                   })})
          .Column({.name = "at",
                   .type = engine::BigInteger(),
                   .client_default = schema::ClientDefault::Function(
                       [&] { return Value::Int64(clock++); })})
          .Column({.name = "n", .type = engine::Text()}));
  const auto n = ColumnExpr<std::string>(*table->Find("n"));
  const auto id = ColumnExpr<std::string>(*table->Find("id"));
  const auto at = ColumnExpr<int64_t>(*table->Find("at"));
  std::vector<Statement> rows;
  for (int64_t i = 0; i < 5; ++i) {
    rows.push_back(Insert(*table).Set(n, absl::StrCat(i)).Returning(n, id, at));
  }
  engine::StatementRecorder recorder(database.engine());
  const auto returned = InsertMany<std::string, std::string, int64_t>(
      database.connection(), database.cache(), rows);
  CUPEL_ASSERT_OK(returned.status());
  EXPECT_EQ(recorder.count(), 1);
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*returned)[i],
              std::make_tuple(absl::StrCat(i), absl::StrCat("key ", 9 - i), i));
  }
}

TEST_F(InsertPagesTest, ExpressionsAndLiteralsAreRepeated) {
  TestDatabase database;
  std::vector<Statement> rows;
  for (int64_t i = 0; i < 3; ++i) {
    rows.push_back(Insert(e_.table)
                       .Set(e_.name, absl::StrCat("(?, ", i))
                       .Set(e_.age, Bind<int64_t>(i) + 40)
                       .Returning(e_.id, e_.name, e_.age));
  }
  engine::StatementRecorder recorder(database.engine());
  const auto returned =
      InsertMany<int64_t, std::string, std::optional<int64_t>>(
          database.connection(), database.cache(), rows);
  CUPEL_ASSERT_OK(returned.status());
  EXPECT_EQ(recorder.count(), 1);
  EXPECT_EQ((*returned)[2], std::make_tuple(int64_t{8}, std::string("(?, 2"),
                                            std::optional<int64_t>(42)));
}

TEST_F(InsertPagesTest, RefusesOtherStatements) {
  TestDatabase database;
  std::vector<Statement> rows = Teams(2);
  engine::StatementRecorder recorder(database.engine());
  const auto run = [&] {
    return InsertMany<int64_t>(database.connection(), database.cache(), rows)
        .status();
  };
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("1 columns were asked for")));
  rows[1] = Insert(e_.table).Set(e_.name, "x").Returning(e_.id);
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("differ in values only")));
  rows = {Insert(t_.table)
              .Set(t_.title, Parameter<std::string>("title"))
              .Returning(t_.id)};
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("\"title\"")));
  rows = {TypedSelect(t_.id)};
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kInvalidArgument));
  rows.clear();
  CUPEL_EXPECT_OK(run());
  EXPECT_EQ(recorder.count(), 0);
}

// What a database answers that keeps no order: `rows` of id and title.
class UnorderedTest : public InsertPagesTest {
 protected:
  absl::StatusOr<std::vector<std::tuple<int64_t, std::string>>> Insert3(
      engine::GeneratedKeys keys, bool with_key,
      std::vector<std::vector<Value>> returned) {
    engine::Capabilities can = FakeDatabase::DefaultCapabilities();
    can.returning = true;
    can.generated_keys = keys;
    auto fake = FakeDatabase::Create(can);
    auto engine =
        engine::Engine::Create({.uri = "fake://", .dialect = fake->dialect()});
    auto connection = engine->Connect();
    std::vector<Statement> rows;
    for (int64_t i = 0; i < 3; ++i) {
      Insert row = TeamRow(i);
      if (with_key) row = row.Set(t_.id, 10 * i);
      rows.push_back(row.Returning(t_.id, t_.title));
    }
    fake->Answer(
        with_key ? "INSERT INTO team (title, id) VALUES (?, ?), (?, ?), (?, ?)"
                   " RETURNING id, title"
                 : "INSERT INTO team (title) VALUES (?), (?), (?)"
                   " RETURNING id, title",
        {.columns = {"id", "title"}, .rows = std::move(returned)});
    StatementCache cache;
    return InsertMany<int64_t, std::string>(*connection, cache, rows);
  }
  static std::vector<Value> Row(int64_t id, const char* title) {
    return {Value::Int64(id), Value::Text(title)};
  }
};

// ENG-72
TEST_F(UnorderedTest, GeneratedKeysPutTheRowsInOrder) {
  for (const auto keys : {engine::GeneratedKeys::kAscending,
                          engine::GeneratedKeys::kConsecutive}) {
    const auto rows =
        Insert3(keys, false, {Row(9, "c"), Row(7, "a"), Row(8, "b")});
    CUPEL_ASSERT_OK(rows.status());
    EXPECT_THAT(*rows,
                ElementsAre(std::make_tuple(7, "a"), std::make_tuple(8, "b"),
                            std::make_tuple(9, "c")));
  }
}

// ENG-72
TEST_F(UnorderedTest, GivenKeysPutTheRowsInOrder) {
  const auto rows = Insert3(engine::GeneratedKeys::kUnordered, true,
                            {Row(20, "c"), Row(0, "a"), Row(10, "b")});
  CUPEL_ASSERT_OK(rows.status());
  EXPECT_THAT(*rows,
              ElementsAre(std::make_tuple(0, "a"), std::make_tuple(10, "b"),
                          std::make_tuple(20, "c")));
}

TEST_F(UnorderedTest, RowsThatCannotBeToldApartAreAnError) {
  using engine::GeneratedKeys;
  EXPECT_THAT(
      Insert3(GeneratedKeys::kConsecutive, false,
              {Row(9, "c"), Row(7, "a"), Row(1, "b")}),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("not consecutive")));
  EXPECT_THAT(
      Insert3(GeneratedKeys::kAscending, false, {Row(9, "c"), Row(7, "a")}),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("not as many")));
  EXPECT_THAT(
      Insert3(GeneratedKeys::kUnordered, true,
              {Row(0, "c"), Row(0, "a"), Row(10, "b")}),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("other keys")));
}

}  // namespace
}  // namespace cupel::query
