#include "cupel/query/select.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
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

class SelectTest : public ::testing::Test {
 protected:
  TestDatabase database_;
  Employee e_;
  Team t_;
};

// QRY-01
TEST_F(SelectTest, DerivesIndependentStatementsFromOneBase) {
  const auto base = TypedSelect(e_.name).OrderBy(e_.id);
  const auto young = base.Where(e_.age < 30);
  const auto old = base.Where(e_.age > 40);
  EXPECT_THAT(database_.Scalars(base), IsOkAndHolds(SizeIs(5)));
  EXPECT_THAT(database_.Scalars(young),
              IsOkAndHolds(ElementsAre("bob", "eve")));
  EXPECT_THAT(database_.Scalars(old), IsOkAndHolds(ElementsAre("dan")));
}

// QRY-02
TEST_F(SelectTest, JoinsConditionsByAnd) {
  EXPECT_EQ(
      database_.Sql(TypedSelect(e_.name).Where(e_.id > 1).Where(e_.id < 9)),
      "SELECT employee.name FROM employee WHERE employee.id > ? AND "
      "employee.id < ?");
}

// QRY-03
TEST_F(SelectTest, SortsByColumnsLabelsAndNullsAsAsked) {
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).OrderBy(
                  e_.age.Desc().NullsLast(), e_.name.Asc())),
              IsOkAndHolds(ElementsAre("dan", "ada", "bob", "eve", "cyd")));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).OrderBy(
                  e_.age.Asc().NullsFirst(), e_.name.Desc())),
              IsOkAndHolds(ElementsAre("cyd", "eve", "bob", "ada", "dan")));
  const auto doubled = (e_.id * 2).Label("doubled");
  EXPECT_EQ(database_.Sql(TypedSelect(doubled).OrderBy("doubled")),
            "SELECT employee.id * ? AS doubled FROM employee ORDER BY doubled");
  EXPECT_THAT(Compile(TypedSelect(doubled).OrderBy("id; DROP TABLE employee"),
                      database_.dialect()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// QRY-04
TEST_F(SelectTest, GroupsAndRestrictsGroups) {
  EXPECT_THAT(
      database_.All(
          TypedSelect(e_.age, Count()).GroupBy(e_.age).Having(Count() > 1)),
      IsOkAndHolds(ElementsAre(std::make_tuple(25, 2))));
}

// QRY-05
TEST_F(SelectTest, BindsLimitsAndCompilesThemOnce) {
  for (int64_t n = 1; n <= 3; ++n) {
    EXPECT_THAT(
        database_.Scalars(TypedSelect(e_.id).OrderBy(e_.id).Limit(n).Offset(1)),
        IsOkAndHolds(SizeIs(n)));
  }
  EXPECT_EQ(database_.cache().counters().compiles, 1);
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.id).OrderBy(e_.id).Slice(1, 3)),
              IsOkAndHolds(ElementsAre(2, 3)));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.id).Offset(4)),
              IsOkAndHolds(SizeIs(1)));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.id).Limit(-1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// QRY-07
TEST_F(SelectTest, JoinsAlongTheForeignKeyOrAnExplicitCondition) {
  EXPECT_EQ(database_.Sql(TypedSelect(e_.name, t_.title).Join(t_.table)),
            "SELECT employee.name, team.title FROM employee JOIN team ON "
            "employee.team_id = team.id");
  EXPECT_THAT(
      database_.All(
          TypedSelect(e_.name, t_.title.Coerce<std::optional<std::string>>())
              .OuterJoin(t_.table, e_.team_id == t_.id)
              .Where(e_.id == 4)),
      IsOkAndHolds(ElementsAre(std::make_tuple("dan", std::nullopt))));
  const FromItem other = Alias(e_.table, "other");
  EXPECT_THAT(Compile(TypedSelect(e_.name).Join(other), database_.dialect()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "cupel: the join between employee and other has no "
                       "foreign key; say its ON condition"));
}

// QRY-07
TEST_F(SelectTest, RefusesAJoinWithTwoForeignKeysUnlessToldWhich) {
  const auto letter = BuildTable(
      schema::TableBuilder("letter")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "sender_id",
                   .type = engine::BigInteger(),
                   .foreign_keys = {{.referred_table = &EmployeeTable}}})
          .Column({.name = "reader_id",
                   .type = engine::BigInteger(),
                   .foreign_keys = {{.referred_table = &EmployeeTable}}}));
  database_.Must(
      "CREATE TABLE letter (id INTEGER PRIMARY KEY, sender_id INTEGER, "
      "reader_id INTEGER)");
  database_.Must("INSERT INTO letter VALUES (1, 2, 5)");
  const auto names =
      TypedSelect(ColumnExpr<int64_t>(*letter->Find("id")), e_.name);
  EXPECT_THAT(Compile(names.Join(e_.table), database_.dialect()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "cupel: the join between letter and employee is "
                       "ambiguous: there are 2 foreign keys; say its ON "
                       "condition"));
  const auto sender = ColumnExpr<int64_t>(*letter->Find("sender_id"));
  const auto reader = ColumnExpr<int64_t>(*letter->Find("reader_id"));
  EXPECT_THAT(database_.All(names.Join(e_.table, sender == e_.id)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, "bob"))));
  EXPECT_THAT(database_.All(names.Join(e_.table, reader == e_.id)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, "eve"))));
}

// SCH-05
TEST_F(SelectTest, FindsAColumnByItsKeyAndWritesItsName) {
  const auto member = BuildTable(
      schema::TableBuilder("member")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "e_mail", .key = "email", .type = engine::Text()}));
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(member));
  CUPEL_ASSERT_OK(metadata.CreateAll(database_.connection()));
  const auto email = ColumnExpr<std::string>(*member->Find("email"));
  const auto insert = Insert(*member).Set(email, "a@example.com");
  EXPECT_EQ(database_.Sql(insert), "INSERT INTO member (e_mail) VALUES (?)");
  CUPEL_EXPECT_OK(database_.Execute(insert));
  EXPECT_EQ(database_.Sql(TypedSelect(email)),
            "SELECT member.e_mail FROM member");
  EXPECT_THAT(database_.Scalars(TypedSelect(email)),
              IsOkAndHolds(ElementsAre("a@example.com")));
}

// QRY-09
TEST_F(SelectTest, JoinsATableToItself) {
  const FromItem boss = Alias(e_.table, "boss");
  const auto boss_id = boss.Column<int64_t>("id");
  const auto boss_name = boss.Column<std::string>("name");
  EXPECT_THAT(database_.All(TypedSelect(e_.name, boss_name)
                                .Join(boss, e_.manager_id == boss_id)
                                .OrderBy(e_.id)
                                .Limit(2)),
              IsOkAndHolds(ElementsAre(std::make_tuple("bob", "ada"),
                                       std::make_tuple("cyd", "ada"))));
  const FromItem anonymous = Alias(e_.table);
  EXPECT_THAT(database_.Sql(TypedSelect(anonymous.Column<int64_t>("id"))),
              "SELECT employee_1.id FROM employee AS employee_1");
}

// QRY-10
TEST_F(SelectTest, CorrelatesSubqueriesByItself) {
  const FromItem other = Alias(e_.table, "other");
  const auto oldest =
      TypedSelect(Max(other.Column<std::optional<int64_t>>("age")))
          .Where(other.Column<std::optional<int64_t>>("team_id") == e_.team_id);
  EXPECT_THAT(
      database_.Scalars(TypedSelect(e_.name)
                            .Where(e_.age == oldest.ScalarSubquery<int64_t>())
                            .OrderBy(e_.id)),
      IsOkAndHolds(ElementsAre("ada", "eve")));
  const auto has_people = TypedSelect(e_.id).Where(e_.team_id == t_.id);
  EXPECT_THAT(
      database_.Scalars(TypedSelect(t_.title).Where(!has_people.Exists())),
      IsOkAndHolds(ElementsAre("none")));
  const FromItem ages = TypedSelect(e_.team_id, Count().Label("n"))
                            .Where(e_.age > 20)
                            .GroupBy(e_.team_id)
                            .Subquery("ages");
  EXPECT_THAT(
      database_.All(TypedSelect(t_.title, ages.Column<int64_t>("n"))
                        .Join(ages, ages.Column<int64_t>("team_id") == t_.id)
                        .OrderBy(t_.id)),
      IsOkAndHolds(
          ElementsAre(std::make_tuple("red", 2), std::make_tuple("blue", 1))));
}

// QRY-12
TEST_F(SelectTest, WalksATreeByARecursiveCte) {
  const auto base =
      TypedSelect(e_.id.Label("id"), Bind(int64_t{0}).Label("depth"))
          .Where(e_.manager_id == std::nullopt);
  const FromItem tree = RecursiveCte("tree", base, [&](const FromItem& self) {
    return TypedSelect(e_.id, self.Column<int64_t>("depth") + 1)
        .Join(self, e_.manager_id == self.Column<int64_t>("id"));
  });
  EXPECT_THAT(
      database_.All(
          TypedSelect(tree.Column<int64_t>("id"), tree.Column<int64_t>("depth"))
              .OrderBy(tree.Column("id"))),
      IsOkAndHolds(ElementsAre(std::make_tuple(1, 0), std::make_tuple(2, 1),
                               std::make_tuple(3, 1), std::make_tuple(4, 2),
                               std::make_tuple(5, 2))));
}

TEST_F(SelectTest, BindsTheValuesOfCtesOnce) {
  for (int64_t limit : {26, 40}) {
    const FromItem young =
        TypedSelect(e_.id, e_.name).Where(e_.age < limit).Cte("young");
    EXPECT_THAT(database_.Scalars(TypedSelect(young.Column<std::string>("name"))
                                      .Where(young.Column<int64_t>("id") > 0)
                                      .OrderBy(young.Column("id"))),
                IsOkAndHolds(SizeIs(limit == 26 ? 2 : 3)));
  }
  EXPECT_EQ(database_.cache().counters().compiles, 1);
}

// QRY-13
TEST_F(SelectTest, CombinesResults) {
  const auto young = TypedSelect(e_.name).Where(e_.age < 30);
  const auto first = TypedSelect(e_.name).OrderBy(e_.id).Limit(1);
  EXPECT_THAT(database_.Scalars(young.Union(first).OrderBy("name")),
              IsOkAndHolds(ElementsAre("ada", "bob", "eve")));
  EXPECT_THAT(database_.Scalars(young.UnionAll(young).Limit(3)),
              IsOkAndHolds(SizeIs(3)));
  EXPECT_THAT(
      database_.Scalars(TypedSelect(e_.name).Except(young).OrderBy(e_.name)),
      IsOkAndHolds(ElementsAre("ada", "cyd", "dan")));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).Intersect(young)),
              IsOkAndHolds(SizeIs(2)));
}

// QRY-14
TEST_F(SelectTest, ReadsRowsOfValues) {
  const Expr rows[] = {Tuple({Bind(int64_t{1}), Bind("x")}),
                       Tuple({Bind(int64_t{2}), Bind("y")})};
  const FromItem values = Values("v", {"a", "b"}, rows);
  EXPECT_THAT(database_.All(TypedSelect(values.Column<int64_t>("a"),
                                        values.Column<std::string>("b"))),
              IsOkAndHolds(ElementsAre(std::make_tuple(1, "x"),
                                       std::make_tuple(2, "y"))));
}

// QRY-15
TEST_F(SelectTest, ReadsTableFunctions) {
  const FromItem each = TableFunction(
      Function<std::string>("json_each", std::string("[2, 4]")), "each");
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).Join(
                  each, e_.id == each.Column<int64_t>("value"))),
              IsOkAndHolds(ElementsAre("bob", "dan")));
}

// QRY-18, ENG-62
TEST_F(SelectTest, AddressesColumnsByPositionLabelAndHandle) {
  auto cursor =
      Execute(database_.connection(), database_.cache(),
              Select(e_.id, e_.name, t_.id).Join(t_.table).OrderBy(e_.id));
  CUPEL_ASSERT_OK(cursor.status());
  ASSERT_THAT(cursor->Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor->Get<std::string>(1), IsOkAndHolds("ada"));
  EXPECT_THAT(cursor->Get<std::string>("name"), IsOkAndHolds("ada"));
  EXPECT_THAT(cursor->Get<std::string>(e_.name), IsOkAndHolds("ada"));
  EXPECT_THAT(cursor->Get<int64_t>("id"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(cursor->Get<int64_t>(t_.id), IsOkAndHolds(1));
  EXPECT_FALSE(cursor->Get<int64_t>(9).ok());
}

// QRY-41
TEST_F(SelectTest, ComputesRunningTotals) {
  const auto total =
      Sum(e_.id).Over({.order_by = {e_.id.Asc()}, .frame = Rows(Preceding(1))});
  EXPECT_EQ(database_.Sql(TypedSelect(total)),
            "SELECT sum(employee.id) OVER (ORDER BY employee.id ROWS BETWEEN ? "
            "PRECEDING AND CURRENT ROW) FROM employee");
  EXPECT_THAT(database_.Scalars(TypedSelect(total).OrderBy(e_.id)),
              IsOkAndHolds(ElementsAre(1, 3, 5, 7, 9)));
}

// QRY-52
TEST_F(SelectTest, ReadsTypedRowsOfText) {
  const auto text =
      Text(
          "SELECT id, name FROM employee WHERE age = :age AND "
          "':x' <> name -- :y")
          .Bind("age", int64_t{25})
          .Columns(TextColumn<int64_t>("id"), TextColumn<std::string>("name"));
  EXPECT_THAT(database_.All(text),
              IsOkAndHolds(ElementsAre(std::make_tuple(2, "bob"),
                                       std::make_tuple(5, "eve"))));
  EXPECT_THAT(database_.Execute(Text("SELECT :a")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(database_.Execute(Text("SELECT 'x")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// QRY-53
TEST_F(SelectTest, RendersLiterals) {
  EXPECT_THAT(RenderLiteral(TypedSelect(e_.id).Where(e_.name == "it's"),
                            database_.dialect()),
              IsOkAndHolds("SELECT employee.id FROM employee WHERE "
                           "employee.name = 'it''s'"));
  const auto at = Bind(absl::FromCivil(absl::CivilSecond(2026, 3, 4, 5, 6, 7),
                                       absl::UTCTimeZone()));
  EXPECT_THAT(RenderLiteral(TypedSelect(at, Bind(absl::CivilDay(2026, 3, 4))),
                            database_.dialect()),
              IsOkAndHolds("SELECT '2026-03-04 05:06:07.000000', "
                           "'2026-03-04'"));
}

// ENG-61
TEST_F(SelectTest, ReadsWholeResultsInSeveralWays) {
  auto& connection = database_.connection();
  auto& cache = database_.cache();
  const auto none = TypedSelect(e_.id).Where(e_.id == 99);
  const auto all = TypedSelect(e_.id).OrderBy(e_.id);
  const absl::Status missing = One(connection, cache, none).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(engine::KindOf(missing), engine::ErrorKind::kNotFound);
  const absl::Status several = One(connection, cache, all).status();
  EXPECT_EQ(several.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(engine::KindOf(several), engine::ErrorKind::kMultipleRows);
  EXPECT_THAT(OneOrNone(connection, cache, none), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(First(connection, cache, all), IsOkAndHolds(std::make_tuple(1)));
  EXPECT_THAT(ScalarOne(connection, cache, all.Limit(1)), IsOkAndHolds(1));
  const FromItem other = Alias(e_.table);
  std::vector<size_t> sizes;
  CUPEL_EXPECT_OK(
      ForEachPartition(connection, cache, all.Join(other, True()), 10,
                       [&sizes](absl::Span<std::tuple<int64_t>> part) {
                         sizes.push_back(part.size());
                         return absl::OkStatus();
                       }));
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
}

TEST_F(SelectTest, NamesTheTablesItReads) {
  const auto compiled = Compile(
      TypedSelect(e_.id).Join(t_.table).Where(TypedSelect(t_.id).Exists()),
      database_.dialect());
  CUPEL_ASSERT_OK(compiled.status());
  EXPECT_THAT((*compiled)->tables_read, ElementsAre(&e_.table, &t_.table));
}

// C-18
TEST_F(SelectTest, KnowsTheTypesOfRowsOfAnyWidth) {
  static_assert(
      std::is_same_v<decltype(TypedSelect(e_.id))::Row, std::tuple<int64_t>>);
  static_assert(std::is_same_v<decltype(TypedSelect(e_.id, e_.age))::Row,
                               std::tuple<int64_t, std::optional<int64_t>>>);
  const auto& i = e_.id;
  const auto wide = TypedSelect(i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i,
                                i, i, i, e_.name);
  static_assert(std::tuple_size_v<decltype(wide)::Row> == 20);
  static_assert(std::is_same_v<std::tuple_element_t<19, decltype(wide)::Row>,
                               std::string>);
  EXPECT_THAT(database_.All(wide), IsOkAndHolds(SizeIs(5)));
}

}  // namespace
}  // namespace cupel::query
