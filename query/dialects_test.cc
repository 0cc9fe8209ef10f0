// What each dialect that is linked makes of one construct: a golden file a
// construct, a section a dialect.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/testing/golden.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

class DialectsTest : public ::testing::Test {
 protected:
  static void Expect(absl::string_view construct, const Statement& statement) {
    testing::GoldenFile golden(
        absl::StrCat("query/testdata/dialects/", construct, ".golden"));
    for (const std::string& name : engine::RegisteredDialects()) {
      const auto dialect = engine::FindDialect(name);
      ASSERT_TRUE(dialect.ok());
      const auto sql = SqlOf(statement, **dialect);
      golden.Expect(name, sql.ok() ? *sql : sql.status().ToString());
    }
  }

  static void ExpectLiteral(absl::string_view construct,
                            const Statement& statement) {
    testing::GoldenFile golden(
        absl::StrCat("query/testdata/dialects/", construct, ".golden"));
    for (const std::string& name : engine::RegisteredDialects()) {
      const auto sql = RenderLiteral(statement, **engine::FindDialect(name));
      golden.Expect(name,
                    sql.ok() ? *sql : std::string(sql.status().message()));
    }
  }

  Employee e_;
  Team t_;
  TypedSelect<std::string> names_ = TypedSelect(e_.name);
};

// ENG-12
TEST_F(DialectsTest, Placeholders) {
  Expect("placeholders",
         names_.Where(e_.id.In({1, 2, 3}) && e_.age == 4 && e_.name != "x"));
}

// ENG-12
TEST_F(DialectsTest, ParameterStyles) {
  const Statement statement =
      names_.Where(e_.id.In({1, 2}) && e_.age % 7 == Parameter<int64_t>("rest"))
          .Limit(3);
  const std::pair<ParameterStyle, absl::string_view> styles[] = {
      {ParameterStyle::kQuestion, "(?, ?) AND employee.age % ? = ? LIMIT ?"},
      {ParameterStyle::kNumeric,
       "(:1, :2) AND employee.age % :3 = :4 LIMIT :5"},
      {ParameterStyle::kDollar, "($1, $2) AND employee.age % $3 = $4 LIMIT $5"},
      {ParameterStyle::kNamed,
       "(:p1_1, :p1_2) AND employee.age % :p2 = :rest LIMIT :p4"},
      {ParameterStyle::kFormat,
       "(%s, %s) AND employee.age %% %s = %s LIMIT %s"},
      {ParameterStyle::kPyformat,
       "(%(p1_1)s, %(p1_2)s) AND employee.age %% %(p2)s = %(rest)s LIMIT "
       "%(p4)s"},
  };
  for (const std::string& name : engine::RegisteredDialects()) {
    const auto dialect = engine::FindDialect(name);
    ASSERT_TRUE(dialect.ok());
    for (const auto& [style, end] : styles) {
      const auto sql = RenderParameters(statement, **dialect, style);
      ASSERT_TRUE(sql.ok()) << sql.status();
      EXPECT_EQ(*sql, absl::StrCat("SELECT employee.name FROM employee WHERE "
                                   "employee.id IN ",
                                   end));
    }
  }
}

// ENG-09, QRY-05
TEST_F(DialectsTest, LimitAndOffset) {
  Expect("limit", names_.OrderBy(e_.id).Limit(10));
  Expect("limit_offset", names_.OrderBy(e_.id).Limit(10).Offset(20));
  Expect("offset", names_.OrderBy(e_.id).Offset(20));
  Expect("limit_with_ties", names_.OrderBy(e_.age).LimitWithTies(3));
}

// QRY-06
TEST_F(DialectsTest, Distinct) {
  Expect("distinct", names_.Distinct());
  Expect("distinct_on", names_.DistinctOn(e_.age).OrderBy(e_.age));
}

// QRY-11
TEST_F(DialectsTest, Lateral) {
  const FromItem last = TypedSelect(t_.title.Label("title"))
                            .Where(t_.id == e_.team_id)
                            .Limit(1)
                            .Subquery("last")
                            .Lateral();
  Expect("lateral", names_.Join(last, True()));
}

// QRY-17
TEST_F(DialectsTest, RowLocks) {
  Expect("for_update", names_.ForUpdate());
  Expect("for_update_nowait", names_.ForUpdate({.nowait = true}));
  Expect("for_update_of",
         names_.ForUpdate({.skip_locked = true, .of = {e_.table}}));
  Expect("for_share", names_.ForUpdate({.share = true}));
}

TEST_F(DialectsTest, Joins) {
  Expect("join", names_.Join(t_.table));
  Expect("outer_join", names_.OuterJoin(t_.table));
  Expect("full_join", names_.FullJoin(t_.table));
  Expect("cross_join", names_.CrossJoin(t_.table));
}

// QRY-13
TEST_F(DialectsTest, Compounds) {
  Expect("union", names_.Union(TypedSelect(t_.title)).OrderBy("name"));
  Expect("union_of_limited",
         names_.Limit(1).UnionAll(TypedSelect(t_.title)).OrderBy("name"));
  Expect("intersect", names_.Intersect(TypedSelect(t_.title)));
  Expect("except_all", names_.ExceptAll(TypedSelect(t_.title)));
}

// QRY-12
TEST_F(DialectsTest, CommonTableExpressions) {
  Expect("cte", Select::AllOf(names_.Cte("n")));
  Expect("cte_materialized", Select::AllOf(names_.Cte("n").Materialized()));
  const FromItem numbers =
      RecursiveCte("numbers", Select(Bind(int64_t{1}).Label("n")),
                   [](const FromItem& self) -> Statement {
                     const auto n = self.Column<int64_t>("n");
                     return TypedSelect(n + 1).Where(n < 10);
                   });
  Expect("cte_recursive", Select::AllOf(numbers));
}

// QRY-30
TEST_F(DialectsTest, Comparisons) {
  Expect("is_distinct_from", names_.Where(e_.age.IsDistinctFrom(3)));
  Expect("in_empty", names_.Where(e_.id.In(std::vector<int64_t>())));
  const engine::ValueView pair[] = {engine::ValueView::Int64(1),
                                    engine::ValueView::Int64(2)};
  Expect("in_tuples", names_.Where(TypedExpr<bool>(InValues(
                          Tuple({e_.id, e_.age}), pair, nullptr, 2, false))));
  Expect("like", names_.Where(e_.name.Like("a%")));
  Expect("contains", names_.Where(e_.name.Contains("50%_x")));
  Expect("ilike", names_.Where(e_.name.ILike("a%")));
  Expect("icontains", names_.Where(e_.name.IContains("x")));
  Expect("regexp", names_.Where(e_.name.RegexMatch("^a")));
  // QRY-46
  Expect("full_text", names_.Where(!e_.name.Match("gold") || e_.id == 1));
  Expect("nulls_last", names_.OrderBy(e_.age.Desc().NullsLast()));
}

// QRY-36
TEST_F(DialectsTest, AnyAndAll) {
  const auto any = TypedSelect(t_.id).Any<int64_t>();
  Expect("any_on_the_left", names_.Where(any < e_.id));
  Expect("any_negated", names_.Where(!(e_.id == any)));
  Expect("any", names_.Where(e_.id == TypedSelect(t_.id).Any<int64_t>()));
  Expect("all", names_.Where(e_.id > TypedSelect(t_.id).All<int64_t>()));
}

TEST_F(DialectsTest, Arithmetic) {
  Expect("concat", TypedSelect(e_.name.Concat("!")));
  Expect("division", TypedSelect(e_.id / 2));
  Expect("floor_division", TypedSelect(e_.id.FloorDivide(2)));
  Expect("modulo", TypedSelect(e_.id % 2));
  Expect("bit_xor", TypedSelect(e_.id.BitXor(2)));
  Expect("cast", TypedSelect(e_.id.Cast<std::string>()));
  Expect("cast_to_double", TypedSelect(e_.name.Cast<double>()));
}

// QRY-40
TEST_F(DialectsTest, Aggregates) {
  Expect("aggregate_strings", TypedSelect(AggregateStrings(e_.name, ",")));
  Expect("aggregate_strings_ordered",
         TypedSelect(AggregateStrings(e_.name, ",").OrderBy({e_.age.Desc()})));
  Expect("aggregate_filter", TypedSelect(Count().Filter(e_.age > 18)));
  Expect("within_group",
         TypedSelect(
             Function<double>("percentile_cont", 0.5).WithinGroup({e_.age})));
  Expect(
      "window",
      TypedSelect(Count().Over({.partition_by = {e_.team_id},
                                .order_by = {e_.age},
                                .frame = Rows(Preceding(2), CurrentRow())})));
}

// QRY-42
TEST_F(DialectsTest, GroupingSetsOfAnyKind) {
  Expect("rollup", names_.GroupBy(Rollup({e_.name, e_.age})));
  Expect("cube", names_.GroupBy(Cube({e_.name, e_.age})));
  Expect("grouping_sets",
         names_.GroupBy(GroupingSets({Tuple({e_.name}), Tuple({})})));
}

TEST_F(DialectsTest, Values) {
  Expect("values",
         Select::AllOf(Values("v", {"a", "b"},
                              {Tuple({Bind(int64_t{1}), Bind("x")}),
                               Tuple({Bind(int64_t{2}), Bind("y")})})));
}

TEST_F(DialectsTest, Inserts) {
  Expect("insert", Insert(t_.table).Set(t_.id, 1).Set(t_.title, "a"));
  Expect("insert_rows", Insert(t_.table)
                            .AddRow({Assign(t_.id, 1), Assign(t_.title, "a")})
                            .AddRow({Assign(t_.id, 2), Assign(t_.title, "b")}));
  Expect("insert_defaults", Insert(t_.table));
  Expect("insert_from_select", Insert(t_.table).FromSelect({t_.title}, names_));
  Expect("insert_returning",
         Insert(t_.table).Set(t_.title, "a").Returning(t_.id));
}

// QRY-64
TEST_F(DialectsTest, Upserts) {
  const Insert insert = Insert(t_.table).Set(t_.id, 1).Set(t_.title, "a");
  Expect("upsert_nothing", insert.OnConflictDoNothing({.columns = {t_.id}}));
  Expect("upsert_update",
         insert.OnConflictDoUpdate({.columns = {t_.id}},
                                   {Assign(t_.title, Excluded(t_.title))}));
}

// QRY-65, QRY-67
TEST_F(DialectsTest, UpdatesAndDeletes) {
  Expect("update", Update(e_.table).Set(e_.age, 4).Where(e_.id == 1));
  Expect("update_from", Update(e_.table)
                            .Set(e_.name, t_.title)
                            .From(t_.table)
                            .Where(e_.team_id == t_.id));
  Expect("update_returning",
         Update(e_.table).Set(e_.age, 4).Returning(e_.name));
  Expect("delete", Delete(e_.table).Where(e_.id == 1));
  Expect("delete_using",
         Delete(e_.table).Using(t_.table).Where(e_.team_id == t_.id));
  Expect("delete_returning",
         Delete(e_.table).Where(e_.id == 1).Returning(e_.name));
  const FromItem gone =
      Delete(t_.table).Where(t_.id == 1).ReturningExprs({{t_.id}}).Cte("gone");
  Expect("delete_in_cte",
         Insert(t_.table).FromSelect({t_.id}, Select::AllOf(gone)));
}

// QRY-47
TEST_F(DialectsTest, Json) {
  const auto table = BuildTable(
      schema::TableBuilder("doc")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "body", .type = engine::JsonType()}));
  const Expr body = ColumnOf(*table->Find("body"));
  Expect("json_text", TypedSelect(TypedExpr<std::optional<std::string>>(JsonAs(
                          JsonPath(JsonPath(body, "a b"), 0), JsonLeaf::kText,
                          query_internal::StaticType<std::string>()))));
  Expect("json_integer", TypedSelect(TypedExpr<std::optional<int64_t>>(
                             JsonAs(JsonPath(body, "n"), JsonLeaf::kInteger,
                                    query_internal::StaticType<int64_t>()))));
}

// QRY-36, QRY-39, QRY-48
TEST_F(DialectsTest, Arrays) {
  using Numbers = std::vector<int64_t>;
  using Texts = std::vector<std::string>;
  const auto table = BuildTable(
      schema::TableBuilder("box")
          .Column(
              {.name = "id", .type = engine::BigInteger(), .primary_key = true})
          .Column({.name = "marks", .type = Array(engine::BigInteger())})
          .Column({.name = "tags", .type = Array(engine::String(20))}));
  const auto id = ColumnExpr<int64_t>(*table->Find("id"));
  const auto marks = ColumnExpr<Numbers>(*table->Find("marks"));
  const auto tags = ColumnExpr<Texts>(*table->Find("tags"));
  const auto ids = TypedSelect(id);
  Expect("array_element", TypedSelect(ElementAt(marks, 1)));
  Expect("array_element_of_value",
         TypedSelect(ElementAt(Bind(Numbers{4, 5}), id)));
  Expect("array_slice", TypedSelect(Slice(marks, 2, 4)));
  Expect("array_any", ids.Where(5 == Any(marks)));
  Expect("array_all", ids.Where(All(marks) > 5));
  Expect("array_not_any", ids.Where(!(Any(tags) == "red")));
  Expect("array_any_of_values", ids.Where(id == Any(Numbers{1, 2})));
  Expect("array_contains", ids.Where(ArrayContains(tags, {"red", "big"})));
  Expect("array_contained_by", ids.Where(ArrayContainedBy(marks, {1, 2})));
  Expect("array_overlaps",
         ids.Where(!ArrayOverlaps(marks, Slice(marks, id, id + 1))));
  Expect("array_equal", ids.Where(marks == Numbers{1, 2}));
  Expect("array_agg", TypedSelect(ArrayAgg(e_.age)));
  Expect("array_agg_ordered",
         TypedSelect(ArrayAgg(e_.name).OrderBy({e_.age.Desc()})));
  Expect("array_cast", TypedSelect(Bind(Texts{"a"}).Cast<Numbers>()));
  Expect("unnest", TypedSelect(Unnest(marks)));
  const FromItem mark = Unnest(marks, "mark", /*with_ordinality=*/true);
  Expect("unnest_from", TypedSelect(id, mark.Column<int64_t>("value"),
                                    mark.Column<int64_t>("ordinality"))
                            .SelectFrom(*table)
                            .SelectFrom(mark));
  const FromItem number = Unnest(Bind(Numbers{1, 2}), "number");
  Expect("unnest_values", TypedSelect(number.Column<int64_t>("value")));
}

// QRY-16
TEST_F(DialectsTest, Decorations) {
  Expect("prefix", names_.Prefix("SQL_NO_CACHE").Distinct());
  Expect("prefix_of_one_dialect", names_.Prefix("SQL_NO_CACHE", "mariadb"));
  Expect("suffix", names_.Where(e_.id == 1).Limit(2).Suffix("FOR XML"));
  Expect("suffix_in_union",
         names_.Suffix("WITH UR").Union(TypedSelect(t_.title)));
  Expect("hint", names_.Hint("SeqScan(employee)").Distinct());
  Expect("hint_with_comment", names_.Hint("a */ DROP TABLE t /*"));
  const FromItem some =
      TableSample(e_.table, "system", 10, {.name = "some", .seed = 7});
  Expect("tablesample",
         TypedSelect(some.Column<std::string>(*e_.table.Find("name")))
             .Where(some.Column<int64_t>(*e_.table.Find("id")) > 3));
  const FromItem unnamed = TableSample(e_.table, "bernoulli", 1.5);
  Expect("tablesample_unnamed",
         TypedSelect(unnamed.Column<int64_t>(*e_.table.Find("id"))));
}

// QRY-20
TEST_F(DialectsTest, ClausesOfTheProgram) {
  const auto place = RowNumber().Over({.order_by = {e_.age}});
  Expect("own_clause",
         names_.Where(e_.id > 1)
             .AddClause(ClausePoint::kAfterHaving, "QUALIFY", {place <= 3})
             .OrderBy(e_.name)
             .Limit(2));
}

// QRY-66
TEST_F(DialectsTest, LimitedUpdatesAndDeletes) {
  Expect("update_limit", Update(e_.table)
                             .Set(e_.age, 4)
                             .Where(e_.id > 1)
                             .OrderBy(e_.id.Desc())
                             .Limit(5));
  Expect("delete_limit", Delete(e_.table).OrderBy(e_.id).Limit(5));
}

// QRY-53
TEST_F(DialectsTest, Literals) {
  const absl::CivilDay day(2026, 3, 4);
  ExpectLiteral("literals",
                TypedSelect(Bind("it's \\ \"q\""), Bind(day),
                            Bind(absl::FromCivil(day, absl::UTCTimeZone())),
                            Bind(true), Bind(-0.5), -Bind<int64_t>(-1))
                    .Limit(3));
  ExpectLiteral("literal_with_nul", TypedSelect(Bind(std::string("a\0b", 3))));
}

// ENG-11
TEST_F(DialectsTest, QuotedNames) {
  Expect("quoted_label",
         TypedSelect(e_.id.Label("select"), e_.age.Label("Mixed Case\"`")));
}

}  // namespace
}  // namespace cupel::query
