#include "cupel/query/expr.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// The precedence of && over || is what one of the tests is about.
#pragma GCC diagnostic ignored "-Wparentheses"

namespace cupel::query {
namespace {

using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExprTest : public ::testing::Test {
 protected:
  // The condition as SQL with literals, columns bare.
  std::string Sql(const Expr& expr) {
    auto sql = RenderLiteral(expr, database_.dialect());
    return sql.ok() ? *sql : sql.status().ToString();
  }
  std::vector<std::string> Names(const Expr& condition) {
    auto names =
        database_.Scalars(TypedSelect(e_.name).Where(condition).OrderBy(e_.id));
    EXPECT_TRUE(names.ok()) << names.status();
    return names.ok() ? *names : std::vector<std::string>();
  }

  TestDatabase database_;
  Employee e_;
};

// QRY-30
TEST_F(ExprTest, KeepsTheMeaningOfNestedConditionsWithFewParentheses) {
  const auto a = e_.id == 1;
  const auto b = e_.id == 2;
  const auto c = e_.id == 3;
  EXPECT_EQ(Sql((a || b) && c), "(id = 1 OR id = 2) AND id = 3");
  EXPECT_EQ(Sql(a || b && c), "id = 1 OR id = 2 AND id = 3");
  EXPECT_EQ(Sql(a && b || c), "id = 1 AND id = 2 OR id = 3");
  EXPECT_EQ(Sql(a && (b && c)), "id = 1 AND id = 2 AND id = 3");
  EXPECT_EQ(Sql(!(a && b)), "NOT (id = 1 AND id = 2)");
  EXPECT_EQ(Sql(!a), "id <> 1");
  EXPECT_EQ(Sql((e_.id + 1) * 2 > 5), "(id + 1) * 2 > 5");
  EXPECT_EQ(Sql(e_.id - (e_.id - 1) > 0), "id - (id - 1) > 0");
  EXPECT_EQ(Sql(e_.id - 1 - 2 > 0), "id - 1 - 2 > 0");
  EXPECT_EQ(Sql(-(-e_.id) > 0), "-(-id) > 0");
  EXPECT_EQ(Sql(5 < e_.id), "id > 5");
}

TEST_F(ExprTest, LeavesEmptyConditionsOut) {
  EXPECT_EQ(Sql(And({Expr(), e_.id == 1, Expr()})), "id = 1");
  EXPECT_EQ(Sql(And(std::vector<Expr>())), "1");
  EXPECT_EQ(Sql(Or(std::vector<Expr>())), "0");
}

// QRY-31
TEST_F(ExprTest, ComparesWithNullAsAValue) {
  EXPECT_EQ(Sql(e_.age == std::nullopt), "age IS NULL");
  EXPECT_EQ(Sql(e_.age != std::optional<int64_t>()), "age IS NOT NULL");
  EXPECT_EQ(Sql(e_.age == std::optional<int64_t>(3)), "age = 3");
  EXPECT_THAT(Names(e_.age == std::nullopt), ElementsAre("cyd"));
  EXPECT_EQ(Sql(e_.age.IsDistinctFrom(25)), "age IS NOT 25");
  EXPECT_EQ(Sql(e_.age.IsNotDistinctFrom(25)), "age IS 25");
  EXPECT_THAT(Names(e_.age.IsDistinctFrom(25)),
              ElementsAre("ada", "cyd", "dan"));
}

// QRY-32
TEST_F(ExprTest, EscapesWhatIsLiteralInALikePattern) {
  database_.Must("UPDATE employee SET name = 'a%b' WHERE id = 1");
  database_.Must("UPDATE employee SET name = 'axb' WHERE id = 2");
  EXPECT_THAT(Names(e_.name.Contains("a%b")), ElementsAre("a%b"));
  EXPECT_EQ(Sql(e_.name.Contains("a%b")), "name LIKE '%a/%b%' ESCAPE '/'");
  EXPECT_THAT(Names(e_.name.Like("a%b")), ElementsAre("a%b", "axb"));
  EXPECT_THAT(Names(e_.name.StartsWith("a%")), ElementsAre("a%b"));
  EXPECT_THAT(Names(e_.name.EndsWith("_b")), IsEmpty());
  EXPECT_THAT(Names(e_.name.IContains("A%")), ElementsAre("a%b"));
  EXPECT_EQ(Sql(e_.name.ILike("A%")), "lower(name) LIKE lower('A%')");
}

// QRY-33
TEST_F(ExprTest, TakesListsOfAnyLengthAndTheEmptyOneHoldsNothing) {
  EXPECT_THAT(Names(e_.id.In({1, 4})), ElementsAre("ada", "dan"));
  EXPECT_THAT(Names(e_.id.NotIn({1, 4})), ElementsAre("bob", "cyd", "eve"));
  EXPECT_THAT(Names(e_.age.In(std::vector<int64_t>())), IsEmpty());
  EXPECT_EQ(Names(e_.age.NotIn(std::vector<int64_t>())).size(), 5);
  EXPECT_EQ(Names(!e_.age.In(std::vector<int64_t>())).size(), 5);
  EXPECT_EQ(Sql(e_.id.In(std::vector<int64_t>())), "(id IN (NULL) AND 1 = 0)");
  std::vector<int64_t> many;
  for (int64_t i = 3; i < 1003; ++i) many.push_back(i);
  EXPECT_THAT(Names(e_.id.In(many)), ElementsAre("cyd", "dan", "eve"));
}

TEST_F(ExprTest, RefusesAListLongerThanTheDatabaseBinds) {
  const size_t limit = database_.dialect().capabilities().max_bind_parameters;
  const auto ids = [](size_t n) {
    std::vector<int64_t> list(n);
    for (size_t i = 0; i < n; ++i) list[i] = static_cast<int64_t>(i) + 2;
    return list;
  };
  EXPECT_EQ(Names(e_.id.In(ids(limit))).size(), 4);
  EXPECT_THAT(database_.All(TypedSelect(e_.id).Where(e_.id.In(ids(limit + 1)))),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

// QRY-34
TEST_F(ExprTest, FindsTuplesInAList) {
  using engine::ValueView;
  const ValueView pairs[] = {ValueView::Int64(1), ValueView::Int64(36),
                             ValueView::Int64(2), ValueView::Int64(99)};
  const Expr tuple = Tuple({e_.id, e_.age});
  EXPECT_THAT(Names(InValues(tuple, pairs, nullptr, 2, false)),
              ElementsAre("ada"));
  EXPECT_THAT(Names(InValues(tuple, {}, nullptr, 2, false)), IsEmpty());
}

// QRY-35
TEST_F(ExprTest, TestsRanges) {
  EXPECT_THAT(Names(e_.id.Between(2, 4)), ElementsAre("bob", "cyd", "dan"));
  EXPECT_THAT(Names(e_.id.NotBetween(2, 4)), ElementsAre("ada", "eve"));
  EXPECT_THAT(Names(e_.id.BetweenSymmetric(4, 2)),
              ElementsAre("bob", "cyd", "dan"));
}

// QRY-37
TEST_F(ExprTest, CountsGroupsWithCase) {
  const auto count = [](const TypedExpr<bool>& condition) {
    return Sum(Case<int64_t>().When(condition, 1).Else(0));
  };
  EXPECT_THAT(database_.All(TypedSelect(count(e_.age < 30),
                                        count(e_.age.Between(30, 49)),
                                        count(e_.age >= 50))),
              IsOkAndHolds(ElementsAre(std::make_tuple(2, 1, 1))));
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).OrderBy(
                  Case<int64_t>().When(e_.name == "dan", 0).Else(1).Asc(),
                  e_.id.Asc())),
              IsOkAndHolds(ElementsAre("dan", "ada", "bob", "cyd", "eve")));
  EXPECT_THAT(database_.Scalars(
                  TypedSelect(Case<std::string>(e_.id).When(1, "one").End())
                      .OrderBy(e_.id)
                      .Limit(2)),
              IsOkAndHolds(ElementsAre("one", std::nullopt)));
}

// QRY-38
TEST_F(ExprTest, CastsInTheDatabaseAndCoercesInTheProgram) {
  EXPECT_EQ(Sql(e_.id.Cast<std::string>() == "1"), "CAST(id AS TEXT) = '1'");
  EXPECT_THAT(database_.Scalars(
                  TypedSelect(e_.id.Cast<std::string>()).Where(e_.id == 1)),
              IsOkAndHolds(ElementsAre("1")));
  // The same text, another type.
  EXPECT_EQ(database_.Sql(TypedSelect(e_.id.Coerce<double>())),
            database_.Sql(TypedSelect(e_.id)));
  const auto coerced = TypedSelect(e_.id.Coerce<double>()).Where(e_.id == 1);
  static_assert(std::is_same_v<decltype(coerced)::Row, std::tuple<double>>);
  EXPECT_THAT(database_.Scalars(coerced), IsOkAndHolds(ElementsAre(1.0)));
}

// QRY-39
TEST_F(ExprTest, CallsFunctionsByTheirGenericNames) {
  EXPECT_EQ(Sql(Function<int64_t>("soundex", e_.name) == 1),
            "soundex(name) = 1");
  EXPECT_EQ(database_.Sql(TypedSelect(AggregateStrings(e_.name, "-"))),
            "SELECT group_concat(employee.name, ?) FROM employee");
  EXPECT_THAT(database_.Scalars(TypedSelect(AggregateStrings(e_.name, "-"))),
              IsOkAndHolds(ElementsAre("ada-bob-cyd-dan-eve")));
  EXPECT_THAT(database_.Scalars(TypedSelect(Max(e_.age))),
              IsOkAndHolds(ElementsAre(50)));
  EXPECT_THAT(database_.Scalars(
                  TypedSelect(Coalesce(e_.age, int64_t{0})).Where(e_.id == 3)),
              IsOkAndHolds(ElementsAre(0)));
  EXPECT_THAT(Sql(Function<int64_t>("evil(); --")),
              HasSubstr("function's name"));
}

// QRY-40
TEST_F(ExprTest, RestrictsAnAggregateToSomeRows) {
  EXPECT_THAT(database_.All(TypedSelect(Count(), Count().Filter(e_.age == 25))),
              IsOkAndHolds(ElementsAre(std::make_tuple(5, 2))));
}

// QRY-43
TEST_F(ExprTest, DividesAlikeEverywhere) {
  EXPECT_THAT(
      database_.All(TypedSelect(
          Bind(int64_t{5}) / int64_t{2}, Bind(int64_t{5}).FloorDivide(2),
          Bind(int64_t{7}) % 4, Bind(int64_t{6}).BitAnd(3))),
      IsOkAndHolds(ElementsAre(std::make_tuple(2.5, 2, 3, 2))));
}

// QRY-44
TEST_F(ExprTest, JoinsAndCollatesTexts) {
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name + "!").Where(e_.id == 1)),
              IsOkAndHolds(ElementsAre("ada!")));
  EXPECT_EQ(Sql(e_.name.Collate("NOCASE") == "ADA"),
            "name COLLATE \"NOCASE\" = 'ADA'");
  EXPECT_THAT(Names(e_.name.Collate("NOCASE") == "ADA"), ElementsAre("ada"));
  database_.Must("UPDATE employee SET name = 'Bob' WHERE id = 2");
  EXPECT_THAT(database_.Scalars(TypedSelect(e_.name).OrderBy(
                  e_.name.Collate("NOCASE").Asc())),
              IsOkAndHolds(ElementsAre("ada", "Bob", "cyd", "dan", "eve")));
}

// QRY-44
TEST_F(ExprTest, TakesThePartsOfADate) {
  const auto moment = Bind(absl::FromCivil(
      absl::CivilSecond(2026, 3, 4, 5, 6, 7), absl::UTCTimeZone()));
  EXPECT_THAT(database_.All(TypedSelect(moment.Extract(DateField::kYear),
                                        moment.Extract(DateField::kDayOfYear),
                                        moment.Extract(DateField::kSecond))),
              IsOkAndHolds(ElementsAre(std::make_tuple(2026, 63, 7))));
  const auto event = BuildTable(schema::TableBuilder("event").Column(
      {.name = "at", .type = engine::Timestamp(), .primary_key = true}));
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(event));
  CUPEL_ASSERT_OK(metadata.CreateAll(database_.connection()));
  const auto at = ColumnExpr<absl::Time>(*event->Find("at"));
  CUPEL_ASSERT_OK(database_.Execute(Insert(*event).Set(
      at, absl::FromCivil(absl::CivilSecond(1969, 7, 20, 20, 17, 40),
                          absl::UTCTimeZone()))));
  EXPECT_THAT(database_.All(TypedSelect(at.Extract(DateField::kYear),
                                        at.Extract(DateField::kHour))
                                .Where(at.Extract(DateField::kMonth) == 7)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1969, 20))));
}

// QRY-46
TEST_F(ExprTest, SearchesFullText) {
  database_.Must("CREATE VIRTUAL TABLE page USING fts5(body)");
  database_.Must("INSERT INTO page VALUES ('gold and silver'), ('lead')");
  const auto page = BuildTable(schema::TableBuilder("page").Column(
      {.name = "body", .type = engine::Text(), .primary_key = true}));
  const auto body = ColumnExpr<std::string>(*page->Find("body"));
  EXPECT_THAT(database_.Scalars(TypedSelect(body).Where(body.Match("silver"))),
              IsOkAndHolds(ElementsAre("gold and silver")));
}

// QRY-50
TEST_F(ExprTest, WritesConstantsAndLabels) {
  EXPECT_EQ(database_.Sql(TypedSelect(True(), False(), Bind("it's").Label("t"),
                                      LiteralColumn<int64_t>("1 + 1"))),
            "SELECT 1, 0, ? AS t, 1 + 1");
  EXPECT_THAT(database_.All(TypedSelect(True(), Bind("it's").Label("t"),
                                        LiteralColumn<int64_t>("1 + 1"))),
              IsOkAndHolds(ElementsAre(std::make_tuple(true, "it's", 2))));
}

// QRY-45
TEST_F(ExprTest, MatchesRegularExpressions) {
  EXPECT_THAT(Names(e_.name.RegexMatch("^[ab]")), ElementsAre("ada", "bob"));
}

// QRY-49
TEST_F(ExprTest, HonoursThePrecedenceOfCustomOperators) {
  EXPECT_EQ(Sql(e_.id.Op<int64_t>("<->", e_.id + 1) == 2),
            "id <-> (id + 1) = 2");
  EXPECT_THAT(Sql(e_.id.Op<bool>("; DROP", 1)), HasSubstr("custom operator"));
  EXPECT_THAT(Sql(e_.id.Op<bool>("--", 1)), HasSubstr("custom operator"));
}

// QRY-51
TEST_F(ExprTest, RefusesToRunWithoutANamedParameter) {
  const auto statement =
      TypedSelect(e_.name).Where(e_.id == Parameter<int64_t>("id"));
  // Nothing is sent, not even a BEGIN.
  CUPEL_ASSERT_OK(database_.connection().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::Connection other,
                             database_.engine().Connect());
  engine::StatementRecorder recorder(database_.engine());
  const auto missing = StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr("parameter \"id\" has no value"));
  const ParameterValue misspelled[] = {{"ID", engine::Value::Int64(2)}};
  EXPECT_THAT(Execute(other, database_.cache(), statement), missing);
  EXPECT_THAT(Execute(other, database_.cache(), statement, misspelled),
              missing);
  EXPECT_THAT(ExecuteToEnd(other, database_.cache(), statement), missing);
  const Statement batch[] = {
      Delete(e_.table).Where(e_.id == Parameter<int64_t>("id"))};
  EXPECT_THAT(ExecuteMany(other, database_.cache(), batch), missing);
  EXPECT_THAT(RenderLiteral(statement, database_.dialect()), missing);
  EXPECT_EQ(recorder.count(), 0);
  EXPECT_THAT(recorder.control(), IsEmpty());
  EXPECT_FALSE(other.in_transaction());

  const ParameterValue values[] = {{"id", engine::Value::Int64(2)}};
  auto cursor =
      Execute(database_.connection(), database_.cache(), statement, values);
  CUPEL_ASSERT_OK(cursor.status());
  EXPECT_THAT(cursor->Next(), IsOkAndHolds(true));
  EXPECT_THAT(cursor->Get<std::string>("name"), IsOkAndHolds("bob"));
}

// QRY-47
TEST_F(ExprTest, ReadsLeavesOfJsonPathsWhateverTheirNames) {
  database_.Must("CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT)");
  database_.Must(
      R"(INSERT INTO doc VALUES (1, '{"a b": [10, {"x.y": "z"}]}'))");
  const auto table = BuildTable(
      schema::TableBuilder("doc")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "body", .type = engine::JsonType()}));
  const Expr body = ColumnOf(*table->Find("body"));
  const TypedExpr<std::optional<int64_t>> ten(
      JsonAs(JsonPath(JsonPath(body, "a b"), 0), JsonLeaf::kInteger,
             query_internal::StaticType<int64_t>()));
  const TypedExpr<std::optional<std::string>> z(
      JsonAs(JsonPath(JsonPath(JsonPath(body, "a b"), 1), "x.y"),
             JsonLeaf::kText, query_internal::StaticType<std::string>()));
  EXPECT_THAT(database_.All(TypedSelect(ten, z)),
              IsOkAndHolds(ElementsAre(std::make_tuple(10, "z"))));
  const TypedExpr<std::optional<int64_t>> quote(
      JsonAs(JsonPath(body, "a\"b"), JsonLeaf::kInteger,
             query_internal::StaticType<int64_t>()));
  EXPECT_THAT(database_.All(TypedSelect(quote)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ExprTest, WritesAndDestroysVeryLongAndVeryDeepTrees) {
  std::vector<Expr> many;
  for (int64_t i = 0; i < 20000; ++i) many.push_back(e_.id == i + 5);
  EXPECT_THAT(Names(Or(many)), ElementsAre("eve"));
  Expr chain = e_.id == 0;
  for (int i = 0; i < 1000000; ++i) chain = And({chain, e_.id == 1});
  EXPECT_THAT(database_.All(TypedSelect(e_.id).Where(chain)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  TypedExpr<int64_t> deep = e_.id;
  for (int i = 0; i < 100000; ++i) deep = -(deep + 1);
  EXPECT_THAT(database_.All(TypedSelect(deep)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace cupel::query
