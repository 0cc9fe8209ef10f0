#include "cupel/query/insert.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class InsertTest : public ::testing::Test {
 protected:
  TestDatabase database_;
  Employee e_;
  Team t_;
};

// QRY-60
TEST_F(InsertTest, TakesValuesFromEverySource) {
  CUPEL_EXPECT_OK(database_.Execute(Insert(t_.table).Set(t_.title, "green")));
  CUPEL_EXPECT_OK(database_.Execute(Insert(t_.table)
                                        .Values({Assign(t_.title, "a")})
                                        .AddRow({Assign(t_.title, "b")})));
  CUPEL_EXPECT_OK(database_.Execute(Insert(t_.table).FromSelect(
      {t_.title}, TypedSelect(e_.name).Where(e_.id < 3))));
  database_.Must("CREATE TABLE blank (id INTEGER PRIMARY KEY)");
  const auto blank = BuildTable(schema::TableBuilder("blank").Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true}));
  CUPEL_EXPECT_OK(database_.Execute(Insert(*blank)));
  EXPECT_THAT(database_.Scalars(TypedSelect(t_.title).Where(t_.id > 3)),
              IsOkAndHolds(ElementsAre("green", "a", "b", "ada", "bob")));
  EXPECT_THAT(database_.Execute(Insert(t_.table)
                                    .Values({Assign(t_.title, "a")})
                                    .AddRow({Assign(t_.id, 7)})),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// QRY-61
TEST_F(InsertTest, UpdatesWithExpressionsInOrder) {
  EXPECT_EQ(
      database_.Sql(Update(e_.table).Set(e_.age, e_.age + 1).Where(e_.id == 1)),
      "UPDATE employee SET age = age + ? WHERE id = ?");
  EXPECT_EQ(
      database_.Sql(Update(t_.table).Set(t_.title, "x").Set(t_.id, t_.id + 1)),
      "UPDATE team SET title = ?, id = id + ?");
  auto updated = database_.Execute(
      Update(e_.table).Set(e_.age, e_.age + 1).Where(e_.id < 4));
  CUPEL_ASSERT_OK(updated.status());
  EXPECT_EQ(updated->affected_rows, 3);
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.age).Where(e_.id == 1)),
              IsOkAndHolds(ElementsAre(37)));
  EXPECT_THAT(database_.Execute(Update(e_.table).Set(
                  e_.age, TypedSelect(Max(t_.id)).ScalarSubquery<int64_t>())),
              ::cupel::testing::IsOk());
}

// QRY-62
TEST_F(InsertTest, ReturnsRowsOfAllThree) {
  EXPECT_THAT(
      database_.All(
          Insert(t_.table).Set(t_.title, "green").Returning(t_.id, t_.title)),
      IsOkAndHolds(ElementsAre(std::make_tuple(4, "green"))));
  EXPECT_THAT(database_.All(Update(t_.table)
                                .Set(t_.title, t_.title + "!")
                                .Where(t_.id == 4)
                                .Returning(t_.title)),
              IsOkAndHolds(ElementsAre(std::make_tuple("green!"))));
  EXPECT_THAT(
      database_.All(Delete(t_.table).Where(t_.id >= 3).Returning(t_.title)),
      IsOkAndHolds(
          ElementsAre(std::make_tuple("none"), std::make_tuple("green!"))));
}

// QRY-63
TEST_F(InsertTest, ReturnsWhatTheDatabaseDecidedWithoutNamingIt) {
  auto cursor =
      Execute(database_.connection(), database_.cache(),
              Insert(t_.table).Set(t_.title, "x").ReturningDefaults());
  CUPEL_ASSERT_OK(cursor.status());
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor->Get<int64_t>("id"), IsOkAndHolds(4));
}

// QRY-64, C-14
TEST_F(InsertTest, UpdatesTheRowInPlaceOnAConflict) {
  const auto upsert = [&](int64_t id, absl::string_view title) {
    return Insert(t_.table)
        .Set(t_.id, id)
        .Set(t_.title, title)
        .OnConflictDoUpdate({.columns = {t_.id}},
                            {Assign(t_.title, Excluded(t_.title))});
  };
  EXPECT_EQ(database_.Sql(upsert(1, "x")),
            "INSERT INTO team (id, title) VALUES (?, ?) ON CONFLICT (id) DO "
            "UPDATE SET title = excluded.title");
  CUPEL_EXPECT_OK(database_.Execute(upsert(1, "crimson")));
  CUPEL_EXPECT_OK(database_.Execute(upsert(9, "new")));
  EXPECT_THAT(database_.Scalars(TypedSelect(t_.title).Where(t_.id.In({1, 9}))),
              IsOkAndHolds(ElementsAre("crimson", "new")));
  CUPEL_EXPECT_OK(database_.Execute(Insert(t_.table)
                                        .Set(t_.id, 1)
                                        .Set(t_.title, "no")
                                        .OnConflictDoNothing()));
  CUPEL_EXPECT_OK(database_.Execute(
      Insert(t_.table)
          .FromSelect({t_.id, t_.title}, TypedSelect(e_.id, e_.name))
          .OnConflictDoNothing()));
}

// QRY-64
TEST_F(InsertTest, ReturnsTheRowOfAnUpsertAndUpdatesOnlyWhereTold) {
  const auto upsert = [&](absl::string_view title) {
    return Insert(t_.table)
        .Set(t_.id, 1)
        .Set(t_.title, title)
        .OnConflictDoUpdate({.columns = {t_.id}},
                            {Assign(t_.title, Excluded(t_.title))},
                            t_.title != "final")
        .Returning(t_.id, t_.title);
  };
  EXPECT_EQ(database_.Sql(upsert("x")),
            "INSERT INTO team (id, title) VALUES (?, ?) ON CONFLICT (id) DO "
            "UPDATE SET title = excluded.title WHERE team.title <> ? "
            "RETURNING id, title");
  EXPECT_THAT(database_.All(upsert("final")),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, "final"))));
  EXPECT_THAT(database_.All(upsert("late")), IsOkAndHolds(SizeIs(0)));
  EXPECT_THAT(database_.Scalars(TypedSelect(t_.title).Where(t_.id == 1)),
              IsOkAndHolds(ElementsAre("final")));
}

// SCH-43
TEST_F(InsertTest, WritesToAReflectedTableWithATypeOfItsOwn) {
  database_.Must(
      "CREATE TABLE found (id INTEGER PRIMARY KEY, price INTEGER NOT NULL)");
  schema::ReflectOptions options;
  options.overrides = {{.name = "price", .type = engine::Numeric(10, 2)}};
  schema::Inspector inspector(database_.connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto found,
                             inspector.ReflectTable("found", options));
  const auto id = ColumnExpr<int64_t>(*found->Find("id"));
  const auto price = ColumnExpr<engine::Decimal>(*found->Find("price"));
  CUPEL_ASSERT_OK_AND_ASSIGN(const engine::Decimal ten,
                             engine::Decimal::Parse("10.50"));
  CUPEL_EXPECT_OK(database_.Execute(Insert(*found).Set(price, ten)));
  EXPECT_THAT(database_.All(TypedSelect(id, price)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, ten))));
}

// QRY-65
TEST_F(InsertTest, UpdatesAndDeletesByOtherTables) {
  CUPEL_EXPECT_OK(database_.Execute(Update(e_.table)
                                        .Set(e_.name, e_.name + t_.title)
                                        .From(t_.table)
                                        .Where(e_.team_id == t_.id)));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).OrderBy(e_.id)),
              IsOkAndHolds(ElementsAre("adared", "bobred", "cydblue", "dan",
                                       "eveblue")));
  CUPEL_EXPECT_OK(database_.Execute(Delete(e_.table).Using(t_.table).Where(
      e_.team_id == t_.id && t_.title == "red")));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.id)), IsOkAndHolds(SizeIs(3)));
}

// QRY-67
TEST_F(InsertTest, DeletesByACte) {
  const FromItem young = TypedSelect(e_.id).Where(e_.age < 30).Cte("young");
  const auto ids = TypedSelect(young.Column<int64_t>("id"));
  CUPEL_EXPECT_OK(
      database_.Execute(Delete(e_.table).With(young).Where(e_.id.In(ids))));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.id)), IsOkAndHolds(SizeIs(3)));
}

TEST_F(InsertTest, RunsManyRowsAsOneBatch) {
  std::vector<Statement> rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back(Insert(t_.table).Set(t_.title, std::to_string(i)));
  }
  engine::StatementRecorder recorder(database_.engine());
  auto result = ExecuteMany(database_.connection(), database_.cache(), rows);
  CUPEL_ASSERT_OK(result.status());
  EXPECT_EQ(result->affected_rows, 3);
  EXPECT_EQ(recorder.count(), 1);
}

class ClientDefaultTest : public ::testing::Test {
 protected:
  ClientDefaultTest() {
    database_.Must(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT, stamp INTEGER, "
        "copy TEXT)");
  }

  TestDatabase database_;
  int64_t clock_ = 100;
  std::shared_ptr<const schema::Table> note_ = BuildTable(
      schema::TableBuilder("note")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "body", .type = engine::String(5)})
          .Column({.name = "stamp",
                   .type = engine::BigInteger(),
                   .client_default = schema::ClientDefault::Function(
                       [this] { return engine::Value::Int64(clock_++); }),
                   .client_on_update = schema::ClientDefault::Function(
                       [this] { return engine::Value::Int64(clock_++); })})
          .Column({.name = "copy",
                   .type = engine::Text(),
                   .client_default = schema::ClientDefault::WithContext(
                       [](const schema::DefaultContext& context)
                           -> absl::StatusOr<engine::Value> {
                         const auto body = context.Parameter(
                             *context.column().table().Find("body"));
                         if (!body) return engine::Value::Null();
                         return engine::Value(*body);
                       })}));
  TypedExpr<int64_t> id_ = ColumnExpr<int64_t>(*note_->Find("id"));
  TypedExpr<std::string> body_ = ColumnExpr<std::string>(*note_->Find("body"));
  TypedExpr<int64_t> stamp_ = ColumnExpr<int64_t>(*note_->Find("stamp"));
  TypedExpr<std::string> copy_ = ColumnExpr<std::string>(*note_->Find("copy"));
};

// SCH-20
TEST_F(ClientDefaultTest, FillsColumnsLeftOutOnceARow) {
  CUPEL_EXPECT_OK(database_.Execute(Insert(*note_)
                                        .Values({Assign(body_, "a")})
                                        .AddRow({Assign(body_, "b")})));
  EXPECT_THAT(database_.All(TypedSelect(stamp_, copy_).OrderBy(id_)),
              IsOkAndHolds(ElementsAre(std::make_tuple(100, "a"),
                                       std::make_tuple(101, "b"))));
}

// QRY-60
TEST_F(ClientDefaultTest, FillsTheRowsOfAnInsertFromASelect) {
  const Team t;
  CUPEL_EXPECT_OK(database_.Execute(
      Insert(*note_).FromSelect({body_}, TypedSelect(t.title).OrderBy(t.id))));
  EXPECT_THAT(database_.All(TypedSelect(body_, stamp_).OrderBy(id_)),
              IsOkAndHolds(ElementsAre(std::make_tuple("red", 100),
                                       std::make_tuple("blue", 100),
                                       std::make_tuple("none", 100))));
}

// SCH-21
TEST_F(ClientDefaultTest, StampsUpdatesAndUpserts) {
  CUPEL_EXPECT_OK(database_.Execute(
      Insert(*note_).Set(id_, 1).Set(body_, "a").Set(stamp_, 1)));
  CUPEL_EXPECT_OK(database_.Execute(Update(*note_).Set(body_, "b")));
  EXPECT_THAT(database_.Scalars(TypedSelect(stamp_)),
              IsOkAndHolds(ElementsAre(100)));
  CUPEL_EXPECT_OK(database_.Execute(Update(*note_).Set(stamp_, 7)));
  EXPECT_THAT(database_.Scalars(TypedSelect(stamp_)),
              IsOkAndHolds(ElementsAre(7)));
  CUPEL_EXPECT_OK(database_.Execute(
      Insert(*note_)
          .Set(id_, 1)
          .Set(body_, "c")
          .Set(stamp_, 1)
          .OnConflictDoUpdate({.columns = {id_}},
                              {Assign(body_, Excluded(body_))})));
  EXPECT_THAT(database_.Scalars(TypedSelect(stamp_)),
              IsOkAndHolds(ElementsAre(101)));
}

TEST_F(ClientDefaultTest, RefusesWhatTheColumnWouldNotKeep) {
  EXPECT_THAT(database_.Execute(Insert(*note_).Set(body_, "too long")),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("note.body")));
}

// QRY-51
TEST_F(ClientDefaultTest, SeesAndChecksTheValuesOfParameters) {
  const auto insert = Insert(*note_).Set(body_, Parameter<std::string>("body"));
  EXPECT_THAT(database_.Execute(insert),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("parameter \"body\" has no value")));
  EXPECT_EQ(clock_, 100) << "a default was made in vain";
  const auto run = [&](std::string body) {
    const ParameterValue values[] = {
        {"body", engine::Value::Text(std::move(body))}};
    return ExecuteToEnd(database_.connection(), database_.cache(), insert,
                        values);
  };
  CUPEL_EXPECT_OK(run("abc").status());
  EXPECT_THAT(database_.Scalars(TypedSelect(copy_)),
              IsOkAndHolds(ElementsAre("abc")));
  EXPECT_THAT(run("too long"),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("note.body")));
}

}  // namespace
}  // namespace cupel::query
