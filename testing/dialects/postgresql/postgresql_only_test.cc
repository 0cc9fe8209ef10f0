// What the layers above the engine do on PostgreSQL alone.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/postgresql/postgresql.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

enum class Mood { kGlad, kSad };
template <>
inline constexpr auto cupel::kEnumerators<Mood> =
    cupel::Enumerators<Mood::kSad, Mood::kGlad>("sad", "it's fine");

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::ErrorKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PostgresqlOnlyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static int count = 0;
    const std::string database = absl::StrCat("only_", ++count);
    PostgresqlServer& server = PostgresqlServer::Shared();
    CUPEL_ASSERT_OK(server.CreateDatabase(database));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        auto engine, engine::Engine::Create({.uri = server.url(database)}));
    engine_.emplace(std::move(engine));
    CUPEL_ASSERT_OK_AND_ASSIGN(auto connection, engine_->Connect());
    connection_.emplace(std::move(connection));
  }

  std::optional<engine::Engine> engine_;
  std::optional<Connection> connection_;
  query::StatementCache cache_;
};

struct Post {
  std::string title;
  std::optional<int64_t> likes;
};

std::vector<Post> Posts(int64_t count) {
  std::vector<Post> posts;
  for (int64_t i = 0; i < count; ++i) {
    posts.push_back({absl::StrCat("post ", i),
                     i % 2 == 0 ? std::optional<int64_t>(i) : std::nullopt});
  }
  return posts;
}

// Many rows reach the driver as one batch, which it loads by COPY.
TEST_F(PostgresqlOnlyTest, ManyObjectsAreOneBatch) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto post,
      schema::TableBuilder("post")
          .Column({.name = "id", .type = BigInteger(), .primary_key = true})
          .Column({.name = "title", .type = Text()})
          .Column({.name = "likes", .type = BigInteger()})
          .Build());
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(post));
  CUPEL_ASSERT_OK(metadata.CreateAll(*connection_));
  const auto id = query::ColumnExpr<int64_t>(*post->Find("id"));
  const auto title = query::ColumnExpr<std::string>(*post->Find("title"));
  const auto likes =
      query::ColumnExpr<std::optional<int64_t>>(*post->Find("likes"));
  struct Case {
    int64_t rows;
    size_t statements;
  };
  for (const Case& one : {Case{1024, 1}, Case{1023, 11}}) {
    const std::vector<Post> posts = Posts(one.rows);
    engine::StatementRecorder recorder(*engine_);
    CUPEL_ASSERT_OK(query::InsertObjects(
        *connection_, cache_, absl::MakeConstSpan(posts),
        {query::From(title, &Post::title), query::From(likes, &Post::likes)}));
    EXPECT_EQ(recorder.statements().size(), one.statements);
    EXPECT_EQ(recorder.statements()[0].rows, one.rows == 1024 ? 1024U : 1U);
    CUPEL_ASSERT_OK_AND_ASSIGN(
        auto rows, query::All(*connection_, cache_,
                              query::TypedSelect(title, likes).OrderBy(id)));
    ASSERT_EQ(rows.size(), posts.size());
    for (size_t i = 0; i < posts.size(); ++i) {
      EXPECT_EQ(rows[i], std::make_tuple(posts[i].title, posts[i].likes));
    }
    CUPEL_ASSERT_OK(connection_->Execute("DELETE FROM post"));
  }
}

// QRY-46
TEST_F(PostgresqlOnlyTest, SearchesFullText) {
  CUPEL_ASSERT_OK(connection_->Execute("CREATE TABLE page (body text)"));
  CUPEL_ASSERT_OK(connection_->Execute(
      "INSERT INTO page VALUES ('gold and silver'), ('lead'), ('golden')"));
  const auto page =
      *schema::TableBuilder("page")
           .Column({.name = "body", .type = Text(), .primary_key = true})
           .Build();
  const auto body = query::ColumnExpr<std::string>(*page->Find("body"));
  EXPECT_THAT(
      query::Scalars(*connection_, cache_,
                     query::TypedSelect(body).Where(body.Match("silver gold"))),
      IsOkAndHolds(ElementsAre("gold and silver")));
}

// SCH-12
TEST_F(PostgresqlOnlyTest, NamedEnumsAreTypesOfTheDatabase) {
  const auto build = [](const char* name) {
    return *schema::TableBuilder(name)
                .Column(
                    {.name = "id", .type = BigInteger(), .primary_key = true})
                .Column({.name = "mood",
                         .type = engine::NamedEnumType("Mood",
                                                       &kEnumDescriptor<Mood>)})
                .Build();
  };
  const auto day = build("day");
  const auto night = build("night");
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(day));
  CUPEL_ASSERT_OK(metadata.Add(night));
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::vector<std::string> statements,
                             metadata.CreateStatements(connection_->dialect()));
  EXPECT_EQ(statements[0],
            "CREATE TYPE \"Mood\" AS ENUM ('sad', 'it''s fine')");
  EXPECT_THAT(statements[1], HasSubstr("mood \"Mood\""));
  EXPECT_THAT(statements[1], Not(HasSubstr("CHECK")));
  EXPECT_EQ(statements.size(), 3U);

  // What exists is left alone, and costs no transaction.
  const schema::CreateOptions only_day{.tables = {day.get()}};
  CUPEL_ASSERT_OK(metadata.CreateAll(*connection_, only_day));
  CUPEL_ASSERT_OK(metadata.CreateAll(*connection_));
  CUPEL_ASSERT_OK(metadata.CreateAll(*connection_));

  const auto id = query::ColumnExpr<int64_t>(*day->Find("id"));
  const auto mood = query::ColumnExpr<Mood>(*day->Find("mood"));
  for (const auto& [key, value] :
       {std::pair{1, Mood::kGlad}, std::pair{2, Mood::kSad}}) {
    CUPEL_ASSERT_OK(
        query::ExecuteToEnd(*connection_, cache_,
                            query::Insert(*day).Set(id, key).Set(mood, value)));
  }
  // In the order of the type, not of the alphabet.
  EXPECT_THAT(query::All(*connection_, cache_,
                         query::TypedSelect(id, mood)
                             .Where(mood.In({Mood::kGlad, Mood::kSad}))
                             .OrderBy(mood)),
              IsOkAndHolds(ElementsAre(std::make_tuple(2, Mood::kSad),
                                       std::make_tuple(1, Mood::kGlad))));
  CUPEL_ASSERT_OK(connection_->Commit());
  EXPECT_THAT(connection_->Execute("INSERT INTO day VALUES (3, 'odd')"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  CUPEL_ASSERT_OK(connection_->Rollback());

  // The type goes with its last table.
  const char* const types =
      "SELECT typname FROM pg_type WHERE typname = 'Mood'";
  const auto exists = [&] {
    auto cursor = connection_->Query(types);
    return cursor.ok() && *cursor->Next();
  };
  const schema::DropOptions drop_day{.tables = {day.get()}};
  CUPEL_ASSERT_OK(metadata.DropAll(*connection_, drop_day));
  EXPECT_TRUE(exists());
  CUPEL_ASSERT_OK(connection_->Commit());
  CUPEL_ASSERT_OK(metadata.DropAll(*connection_));
  EXPECT_FALSE(exists());
}

// SCH-17: named enums and exclusion constraints come back as they were made.
TEST_F(PostgresqlOnlyTest, EnumTypesAreReflected) {
  CUPEL_ASSERT_OK(connection_->Execute("CREATE SCHEMA app"));
  CUPEL_ASSERT_OK(
      connection_->Execute("CREATE TYPE app.far AS ENUM ('x', 'y')"));
  CUPEL_ASSERT_OK(connection_->Execute("CREATE TYPE empty AS ENUM ()"));
  const engine::Type mood =
      engine::NamedEnumType("Mood", &kEnumDescriptor<Mood>);
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(
      *schema::TableBuilder("day")
           .Column({.name = "id", .type = BigInteger(), .primary_key = true})
           .Column({.name = "mood",
                    .type = mood,
                    .server_default = schema::SqlFragment::Literal(
                        mood, engine::Value::Text("it's fine"))})
           .Column({.name = "far", .type = engine::ExactType("app.far")})
           .Column({.name = "span", .type = engine::ExactType("int4range")})
           .Exclude({.name = "ex_span",
                     .method = "gist",
                     .parts = {{.column = "span", .op = "&&"}},
                     .deferrable = schema::Deferrable::kInitiallyDeferred})
           .Build()));
  CUPEL_ASSERT_OK(metadata.CreateAll(*connection_));
  schema::Inspector inspector(*connection_);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto types, inspector.EnumTypes());
  ASSERT_EQ(types.size(), 2U);
  EXPECT_EQ(types[0].name, "Mood");
  EXPECT_EQ(types[0].schema, "");
  EXPECT_THAT(types[0].names, ElementsAre("sad", "it's fine"));
  EXPECT_EQ(types[1].name, "empty");
  EXPECT_TRUE(types[1].names.empty());
  CUPEL_ASSERT_OK_AND_ASSIGN(types, inspector.EnumTypes("app"));
  ASSERT_EQ(types.size(), 1U);
  EXPECT_EQ(types[0].schema, "app");

  CUPEL_ASSERT_OK_AND_ASSIGN(const auto day, inspector.ReflectTable("day"));
  const engine::Type& found = day->Find("mood")->type();
  EXPECT_EQ(found.kind, engine::TypeKind::kEnum);
  EXPECT_EQ(found.enum_name, "Mood");
  EXPECT_EQ(found.exact_name, "");
  EXPECT_THAT(found.enumerators->names, ElementsAre("sad", "it's fine"));
  EXPECT_EQ(day->Find("far")->type().exact_name, "app.far");
  EXPECT_THAT(day->Find("far")->type().enumerators->names,
              ElementsAre("x", "y"));

  // What was read makes the same again, type and all.
  const auto definition_of = [&] {
    schema::Inspector fresh(*connection_);
    auto table = fresh.ReflectTable("day");
    return table.ok() ? schema::DdlCompiler(connection_->dialect())
                            .CreateTable(**table)
                            .value_or("")
                      : table.status().ToString();
  };
  const std::string before = definition_of();
  EXPECT_THAT(before, HasSubstr("mood \"Mood\" DEFAULT"));
  EXPECT_THAT(before, HasSubstr("far app.far"));
  EXPECT_THAT(before,
              HasSubstr("CONSTRAINT ex_span EXCLUDE USING gist (span WITH &&) "
                        "DEFERRABLE INITIALLY DEFERRED"));
  CUPEL_ASSERT_OK(metadata.DropAll(*connection_));
  schema::MetaData again;
  CUPEL_ASSERT_OK(again.Add(day));
  CUPEL_ASSERT_OK(again.CreateAll(*connection_));
  EXPECT_EQ(definition_of(), before);
  CUPEL_ASSERT_OK(
      connection_->Execute("INSERT INTO day (id, span) VALUES (1, '[1,5)')"));
  CUPEL_ASSERT_OK(
      connection_->Execute("INSERT INTO day (id, span) VALUES (2, '[4,6)')"));
  EXPECT_EQ(engine::KindOf(connection_->Commit()),
            ErrorKind::kExclusionViolation);
}

// What a reflected table does not bring along is never another thing.
TEST_F(PostgresqlOnlyTest, AReflectedTableIsCreatedElsewhere) {
  for (const char* sql :
       {"CREATE TABLE ticket (code text PRIMARY KEY, n serial)",
        "ALTER SEQUENCE ticket_n_seq START 50 INCREMENT 5", "CREATE SCHEMA app",
        "CREATE TYPE app.far AS ENUM ('x', 'y')",
        "CREATE TABLE person (id bigint PRIMARY KEY, far app.far)",
        "CREATE SEQUENCE counted START 9",
        "CREATE TABLE bill (id bigint PRIMARY KEY, n int8 DEFAULT "
        "nextval('counted'))"}) {
    CUPEL_ASSERT_OK(connection_->Execute(sql));
  }
  PostgresqlServer& server = PostgresqlServer::Shared();
  CUPEL_ASSERT_OK(server.CreateDatabase("elsewhere"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto engine, engine::Engine::Create({.uri = server.url("elsewhere")}));
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection elsewhere, engine.Connect());
  schema::Inspector inspector(*connection_);
  const auto create = [&](const char* name) -> absl::Status {
    schema::MetaData metadata;
    CUPEL_ASSIGN_OR_RETURN(auto table, inspector.ReflectTable(name));
    CUPEL_RETURN_IF_ERROR(metadata.Add(table));
    return metadata.CreateAll(elsewhere);
  };

  CUPEL_ASSERT_OK(create("ticket"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      engine::Cursor cursor,
      elsewhere.Query(
          "INSERT INTO ticket (code) VALUES ('a'), ('b') RETURNING n"));
  for (const int64_t n : {50, 55}) {
    EXPECT_THAT(cursor.Next(), IsOkAndHolds(true));
    EXPECT_EQ(cursor.row()[0].int64_value(), n);
  }
  CUPEL_ASSERT_OK(cursor.Finish());
  CUPEL_ASSERT_OK(elsewhere.Commit());
  for (const char* lacking : {"person", "bill"}) {
    EXPECT_THAT(create(lacking), StatusIs(absl::StatusCode::kNotFound));
    CUPEL_ASSERT_OK(elsewhere.Rollback());
  }
}

}  // namespace
}  // namespace cupel::testing
