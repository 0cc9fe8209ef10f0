// What a dialect with every construct gets; the default dialect is tested on
// the real database.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/testing/golden.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::StatusIs;

class NoDriver : public engine::Driver {
 public:
  absl::StatusOr<std::unique_ptr<engine::DriverConnection>> Open(
      const engine::Url&, const engine::ConnectOptions&,
      engine::Deadline) override {
    return absl::UnavailableError("there is no database behind this dialect");
  }
};

class TestDialect : public engine::Dialect {
 public:
  TestDialect(engine::Capabilities capabilities, engine::Syntax syntax)
      : Dialect("test", std::move(capabilities), std::move(syntax)) {}
  engine::Driver& driver() const override { return driver_; }
  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return nullptr;
  }

 private:
  mutable NoDriver driver_;
};

engine::Capabilities Everything() {
  engine::Capabilities can;
  can.returning = true;
  can.upsert = engine::UpsertStyle::kOnConflict;
  can.on_conflict_constraint = true;
  can.several_on_conflict = true;
  can.update_from = can.delete_using = true;
  can.nulls_first_last = can.distinct_on = can.lateral = true;
  can.for_update = can.for_update_skip_locked = true;
  can.full_join = true;
  can.aggregate_filter = can.aggregate_order_by = can.within_group = true;
  can.materialized_cte = can.intersect_except_all = true;
  can.grouping_sets = can.table_functions = can.table_function_columns = true;
  can.ordinality = can.limit_with_ties = can.try_cast = true;
  can.native_boolean = true;
  return can;
}

engine::Syntax Numbered() {
  engine::Syntax syntax;
  syntax.placeholder = engine::PlaceholderStyle::kNumberedDollar;
  syntax.ilike = "ILIKE";
  syntax.not_ilike = "NOT ILIKE";
  syntax.json_get = "{} #> {}";
  syntax.json_get_text = "{} #>> {}";
  syntax.json_path = engine::JsonPathStyle::kTextArray;
  return syntax;
}

class CompileTest : public ::testing::Test {
 protected:
  std::string Sql(const Statement& statement) {
    auto sql = SqlOf(statement, rich_);
    return sql.ok() ? *sql : sql.status().ToString();
  }

  TestDialect rich_{Everything(), Numbered()};
  Employee e_;
  Team t_;
};

TEST_F(CompileTest, WritesWhatOnlySomeDatabasesHave) {
  testing::GoldenFile golden("query/testdata/compile.golden");
  const auto names = TypedSelect(e_.name);
  // QRY-06
  golden.Expect("distinct on", Sql(names.DistinctOn(e_.age)));
  // QRY-11
  const FromItem last = TypedSelect(t_.title.Label("title"))
                            .Where(t_.id == e_.team_id)
                            .Limit(1)
                            .Subquery("last")
                            .Lateral();
  golden.Expect("lateral", Sql(names.Join(last, True())));
  // QRY-05
  golden.Expect("with ties", Sql(names.OrderBy(e_.age).LimitWithTies(3)));
  // QRY-12
  golden.Expect("materialized",
                Sql(Select::AllOf(names.Cte("n").Materialized())));
  // QRY-17
  golden.Expect("for update of",
                Sql(names.ForUpdate({.skip_locked = true, .of = {e_.table}})));
  // QRY-30, QRY-33
  golden.Expect("numbered placeholders",
                Sql(names.Where(e_.id.In({1, 2, 3}) && e_.age == 4).Limit(5)));
  golden.Expect("empty list",
                Sql(names.Where(!e_.id.In(std::vector<int64_t>()))));
  // QRY-32
  golden.Expect("ilike", Sql(names.Where(e_.name.IContains("x"))));
  // QRY-36
  golden.Expect(
      "any", Sql(names.Where(!(e_.id == TypedSelect(t_.id).Any<int64_t>()))));
  // QRY-40
  golden.Expect(
      "within group",
      Sql(TypedSelect(
          Function<double>("percentile_cont", 0.5).WithinGroup({e_.age}))));
  golden.Expect("aggregate order",
                Sql(TypedSelect(
                    AggregateStrings(e_.name, ",").OrderBy({e_.age.Desc()}))));
  // QRY-42
  golden.Expect("rollup", Sql(names.GroupBy(Rollup({e_.name, e_.age}))));
  golden.Expect(
      "grouping sets",
      Sql(names.GroupBy(GroupingSets({Tuple({e_.name}), Tuple({})}))));
  // QRY-13
  golden.Expect("parenthesised compound",
                Sql(names.Limit(1).UnionAll(names).OrderBy("name")));
  // QRY-64
  golden.Expect("on constraint",
                Sql(Insert(t_.table).Set(t_.id, 1).OnConflictDoUpdate(
                    {.constraint = "team_key"}, {Assign(t_.title, "x")},
                    t_.title != "y")));
  // QRY-65
  golden.Expect(
      "delete using",
      Sql(Delete(e_.table).Using(t_.table).Where(e_.team_id == t_.id)));
  // QRY-67
  const FromItem gone =
      Delete(t_.table).Where(t_.id == 1).ReturningExprs({{t_.id}}).Cte("gone");
  golden.Expect("delete in a cte",
                Sql(Insert(t_.table).FromSelect({t_.id}, Select::AllOf(gone))));
}

// ENG-09, QRY-50
TEST_F(CompileTest, WritesOneSelectAsEachDialectWantsIt) {
  const auto page = TypedSelect(e_.name).Where(True()).Limit(10).Offset(20);
  const auto rest = TypedSelect(e_.name).Offset(20);
  EXPECT_EQ(Sql(page),
            "SELECT employee.name FROM employee WHERE TRUE LIMIT $1 OFFSET $2");
  EXPECT_EQ(Sql(rest), "SELECT employee.name FROM employee OFFSET $1");
  TestDatabase database;
  EXPECT_EQ(database.Sql(page),
            "SELECT employee.name FROM employee WHERE 1 LIMIT ? OFFSET ?");
  EXPECT_EQ(database.Sql(rest),
            "SELECT employee.name FROM employee LIMIT -1 OFFSET ?");
}

TEST_F(CompileTest, WritesUpsertsForBothStyles) {
  testing::GoldenFile golden("query/testdata/upsert.golden");
  engine::Capabilities other = Everything();
  other.upsert = engine::UpsertStyle::kOnDuplicateKey;
  engine::Syntax quoted;
  quoted.quote = '`';
  const TestDialect duplicate_key(other, quoted);
  const auto upsert =
      Insert(t_.table)
          .Set(t_.id, 1)
          .Set(t_.title, "a")
          .OnConflictDoUpdate({.columns = {t_.id}},
                              {Assign(t_.title, Excluded(t_.title))});
  golden.Expect("on conflict", Sql(upsert));
  golden.Expect("on duplicate key", *SqlOf(upsert, duplicate_key));
}

TEST_F(CompileTest, SaysWhatADialectLacks) {
  const TestDialect plain({}, engine::Syntax());
  EXPECT_THAT(SqlOf(TypedSelect(e_.name).DistinctOn(e_.age), plain),
              StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(
      SqlOf(Insert(t_.table).Set(t_.id, 1).OnConflictDoNothing(), plain),
      StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_THAT(SqlOf(Delete(t_.table).Returning(t_.id), plain),
              StatusIs(absl::StatusCode::kUnimplemented));
  engine::Capabilities no_update;
  no_update.returning = true;
  no_update.update_returning = false;
  const TestDialect partly(no_update, engine::Syntax());
  EXPECT_THAT(SqlOf(Update(t_.table).Set(t_.id, 1).Returning(t_.id), partly),
              StatusIs(absl::StatusCode::kUnimplemented));
  EXPECT_TRUE(SqlOf(Delete(t_.table).Returning(t_.id), partly).ok());
  // QRY-17: dropped, not refused.
  EXPECT_EQ(*SqlOf(TypedSelect(t_.id).ForUpdate(), plain),
            "SELECT team.id FROM team");
}

}  // namespace
}  // namespace cupel::query
