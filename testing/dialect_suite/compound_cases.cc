// UNION and its relatives, WITH, window functions and rows of values.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using query::FromItem;
using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class FilledTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(FillItems());
  }
  auto Ids() const { return TypedSelect(items_->id); }
  auto UpTo(int64_t id) const { return Ids().Where(items_->id <= id); }
  auto From(int64_t id) const { return Ids().Where(items_->id >= id); }
  const Items& i() const { return *items_; }

  std::optional<Items> items_;
};

using CompoundTest = FilledTest;

TEST_F(CompoundTest, Union) {
  EXPECT_THAT(Scalars(UpTo(3).Union(From(3)).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 2, 3, 4, 5)));
}
TEST_F(CompoundTest, UnionAll) {
  EXPECT_THAT(Scalars(UpTo(3).UnionAll(From(3)).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 2, 3, 3, 4, 5)));
}
TEST_F(CompoundTest, Intersect) {
  const auto both = UpTo(3).Intersect(From(3));
  if (can().intersect_except) {
    EXPECT_THAT(Scalars(both), IsOkAndHolds(ElementsAre(3)));
  } else {
    EXPECT_THAT(Sql(both), IsRefused());
  }
}
TEST_F(CompoundTest, Except) {
  const auto rest = Ids().Except(From(3)).OrderBy("id");
  if (can().intersect_except) {
    EXPECT_THAT(Scalars(rest), IsOkAndHolds(ElementsAre(1, 2)));
  } else {
    EXPECT_THAT(Sql(rest), IsRefused());
  }
}
TEST_F(CompoundTest, IntersectAllAndExceptAll) {
  const auto twice = UpTo(2).UnionAll(UpTo(2));
  const auto rest = TypedSelect<int64_t>(twice.ExceptAll(UpTo(1)));
  if (can().intersect_except_all) {
    EXPECT_THAT(Scalars(rest), IsOkAndHolds(UnorderedElementsAre(1, 2, 2)));
    EXPECT_THAT(Scalars(TypedSelect<int64_t>(UpTo(1).IntersectAll(UpTo(1)))),
                IsOkAndHolds(ElementsAre(1)));
  } else {
    EXPECT_THAT(Sql(rest), IsRefused());
  }
}
TEST_F(CompoundTest, LimitAndOffsetOfTheWhole) {
  EXPECT_THAT(Scalars(UpTo(2).Union(From(4)).OrderBy("id").Limit(2).Offset(1)),
              IsOkAndHolds(ElementsAre(2, 4)));
}
TEST_F(CompoundTest, LimitOfAPart) {
  const auto last = Ids().OrderBy(i().id.Desc()).Limit(1);
  EXPECT_THAT(Scalars(UpTo(1).Union(last).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 5)));
}
TEST_F(CompoundTest, LimitOfTheFirstPart) {
  const auto last = Ids().OrderBy(i().id.Desc()).Limit(1);
  EXPECT_THAT(Scalars(last.UnionAll(UpTo(1)).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 5)));
}
TEST_F(CompoundTest, OfThree) {
  EXPECT_THAT(Scalars(UpTo(1).Union(From(5)).Union(UpTo(2)).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 2, 5)));
}
TEST_F(CompoundTest, AUnionInsideAnExcept) {
  CUPEL_SUITE_NEEDS(can().intersect_except, "intersect_except");
  // 1..5 without (1 and 5): grouping decides.
  EXPECT_THAT(Scalars(Ids().Except(UpTo(1).Union(From(5))).OrderBy("id")),
              IsOkAndHolds(ElementsAre(2, 3, 4)));
}
TEST_F(CompoundTest, AnIntersectInsideAUnion) {
  CUPEL_SUITE_NEEDS(can().intersect_except, "intersect_except");
  EXPECT_THAT(Scalars(UpTo(1).Union(From(4).Intersect(From(5))).OrderBy("id")),
              IsOkAndHolds(ElementsAre(1, 5)));
}
TEST_F(CompoundTest, AsASubquery) {
  const FromItem both = UpTo(2).Union(From(5)).Subquery("both_ends");
  EXPECT_THAT(Scalars(TypedSelect(query::Sum(both.Column<int64_t>("id")))),
              IsOkAndHolds(ElementsAre(8)));
}
TEST_F(CompoundTest, InAnInList) {
  EXPECT_THAT(
      Scalars(
          Ids().Where(i().id.In(UpTo(1).UnionAll(From(5)))).OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(1, 5)));
}
TEST_F(CompoundTest, DistinctTreatsNullsAsEqual) {
  const auto amounts = TypedSelect(i().amount).Where(i().id == 3);
  EXPECT_THAT(Scalars(amounts.Union(amounts)),
              IsOkAndHolds(ElementsAre(std::nullopt)));
}
// F20
TEST_F(CompoundTest, OfManyParts) {
  auto all = UpTo(1);
  const size_t most = can().max_compound_terms;
  const size_t parts = most == 0 ? 100 : std::min<size_t>(most, 100);
  for (size_t n = 1; n < parts; ++n) all = all.UnionAll(UpTo(1));
  EXPECT_THAT(Scalars(all), IsOkAndHolds(SizeIs(parts)));
}

using CteTest = FilledTest;

TEST_F(CteTest, Plain) {
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  const auto select =
      TypedSelect(dear.Column<int64_t>("id")).OrderBy(dear.Column("id"));
  if (can().cte) {
    EXPECT_THAT(Scalars(select), IsOkAndHolds(ElementsAre(2, 4, 5)));
  } else {
    EXPECT_THAT(Sql(select), IsRefused());
  }
}
TEST_F(CteTest, ReadTwice) {
  CUPEL_SUITE_NEEDS(can().cte, "cte");
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  const FromItem other = query::Alias(dear, "other");
  EXPECT_THAT(
      All(TypedSelect(dear.Column<int64_t>("id"), other.Column<int64_t>("id"))
              .Where(dear.Column<int64_t>("id") < other.Column<int64_t>("id"))),
      IsOkAndHolds(SizeIs(3)));
}
TEST_F(CteTest, OnTopOfAnother) {
  CUPEL_SUITE_NEEDS(can().cte, "cte");
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  const auto dear_id = dear.Column<int64_t>("id");
  const FromItem last =
      TypedSelect(dear_id).Where(dear_id > 2).Cte("dear_last");
  EXPECT_THAT(
      Scalars(
          TypedSelect(last.Column<int64_t>("id")).OrderBy(last.Column("id"))),
      IsOkAndHolds(ElementsAre(4, 5)));
}
TEST_F(CteTest, InsideASubquery) {
  CUPEL_SUITE_NEEDS(can().cte, "cte");
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  EXPECT_THAT(
      Scalars(Ids()
                  .Where(i().id.In(TypedSelect(dear.Column<int64_t>("id"))))
                  .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(2, 4, 5)));
}
TEST_F(CteTest, Recursive) {
  const auto base = TypedSelect(query::Bind(int64_t{1}).Label("n"));
  const FromItem numbers =
      query::RecursiveCte("numbers", base, [](const FromItem& self) {
        const auto n = self.Column<int64_t>("n");
        return TypedSelect(n + 1).Where(n < 6);
      });
  const auto sum = TypedSelect(query::Sum(numbers.Column<int64_t>("n")));
  if (can().recursive_cte) {
    EXPECT_THAT(Scalar(sum), IsOkAndHolds(21));
  } else {
    EXPECT_THAT(Sql(sum), IsRefused());
  }
}
TEST_F(CteTest, RecursiveOverATable) {
  CUPEL_SUITE_NEEDS(can().recursive_cte, "recursive_cte");
  const FromItem chain =
      query::RecursiveCte("chain", UpTo(1), [&](const FromItem& self) {
        return TypedSelect(i().id).Join(
            self, i().id == self.Column<int64_t>("id") + 1);
      });
  EXPECT_THAT(Scalar(TypedSelect(query::Count()).SelectFrom(chain)),
              IsOkAndHolds(5));
}
TEST_F(CteTest, Hints) {
  CUPEL_SUITE_NEEDS(can().cte, "cte");
  for (const FromItem& dear :
       {Ids().Where(i().amount >= 20).Cte("dear").Materialized(),
        Ids().Where(i().amount >= 20).Cte("dear").NotMaterialized()}) {
    EXPECT_THAT(Scalars(TypedSelect(dear.Column<int64_t>("id"))),
                IsOkAndHolds(SizeIs(3)));
  }
}
TEST_F(CteTest, NameThatNeedsQuotes) {
  CUPEL_SUITE_NEEDS(can().cte, "cte");
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("Select Me");
  EXPECT_THAT(Scalars(TypedSelect(dear.Column<int64_t>("id"))),
              IsOkAndHolds(SizeIs(3)));
}
TEST_F(CteTest, InAnInsert) {
  CUPEL_SUITE_NEEDS(can().cte_in_dml, "cte_in_dml");
  const FromItem dear =
      TypedSelect(i().id, i().name).Where(i().amount >= 20).Cte("dear");
  CUPEL_ASSERT_OK(Execute(query::Insert(i().table).FromSelect(
      {i().id, i().name}, TypedSelect(dear.Column<int64_t>("id") + 10,
                                      dear.Column<std::string>("name")))));
  EXPECT_THAT(Count(i().table), IsOkAndHolds(8));
}
TEST_F(CteTest, InAnUpdate) {
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  const auto update =
      query::Update(i().table)
          .Set(i().name, "dear")
          .Where(i().id.In(TypedSelect(dear.Column<int64_t>("id"))));
  if (can().cte_in_dml) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(update));
    EXPECT_EQ(done.affected_rows, 3);
  } else if (!Sql(update).ok()) {
    EXPECT_THAT(Sql(update), IsRefused());
  } else {
    CUPEL_EXPECT_OK(Execute(update));  // the WITH stands in the subquery
  }
}
TEST_F(CteTest, InADelete) {
  const FromItem dear = Ids().Where(i().amount >= 20).Cte("dear");
  const auto removal = query::Delete(i().table).Where(
      i().id.In(TypedSelect(dear.Column<int64_t>("id"))));
  if (can().cte_in_dml) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const auto done, Execute(removal));
    EXPECT_EQ(done.affected_rows, 3);
  } else if (!Sql(removal).ok()) {
    EXPECT_THAT(Sql(removal), IsRefused());
  } else {
    CUPEL_EXPECT_OK(Execute(removal));
  }
}

class WindowTest : public FilledTest {
 protected:
  void Open() override {
    FilledTest::Open();
    if (HasFatalFailure()) return;
    CUPEL_ASSERT_OK(Execute(
        query::Update(i().table).Set(i().amount, 20).Where(i().id == 3)));
  }
};

TEST_F(WindowTest, RowNumber) {
  const auto numbered = TypedSelect(
      i().id, query::RowNumber().Over({.order_by = {i().id.Desc()}}));
  if (!can().window_functions) {
    EXPECT_THAT(Sql(numbered), IsRefused());
    return;
  }
  EXPECT_THAT(
      All(numbered.OrderBy(i().id).Limit(2)),
      IsOkAndHolds(ElementsAre(std::make_tuple(1, 5), std::make_tuple(2, 4))));
}
TEST_F(WindowTest, Ranks) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  const query::Window by_amount{.order_by = {i().amount}};
  EXPECT_THAT(All(TypedSelect(i().id, query::Rank().Over(by_amount),
                              query::DenseRank().Over(by_amount))
                      .OrderBy(i().id)),
              IsOkAndHolds(ElementsAre(
                  std::make_tuple(1, 1, 1), std::make_tuple(2, 2, 2),
                  std::make_tuple(3, 2, 2), std::make_tuple(4, 2, 2),
                  std::make_tuple(5, 5, 3))));
}
TEST_F(WindowTest, Partitions) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  EXPECT_THAT(
      Scalars(TypedSelect(query::RowNumber().Over({.partition_by = {i().amount},
                                                   .order_by = {i().id}}))
                  .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(1, 1, 2, 3, 1)));
}
TEST_F(WindowTest, RunningSum) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  EXPECT_THAT(
      Scalars(TypedSelect(query::Sum(i().amount).Over({.order_by = {i().id}}))
                  .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(10, 30, 50, 70, 120)));
}
TEST_F(WindowTest, RowsOfAFrame) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  EXPECT_THAT(
      Scalars(TypedSelect(query::Sum(i().id).Over(
                              {.order_by = {i().id},
                               .frame = query::Rows(query::Preceding(1),
                                                    query::Following(1))}))
                  .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(3, 6, 9, 12, 9)));
}
TEST_F(WindowTest, RangeToTheEnd) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  EXPECT_THAT(
      Scalars(
          TypedSelect(query::Count().Over(
                          {.order_by = {i().amount},
                           .frame = query::Range(query::CurrentRow(),
                                                 query::UnboundedFollowing())}))
              .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(5, 4, 4, 4, 1)));
}
TEST_F(WindowTest, LagAndLead) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  const query::Window by_id{.order_by = {i().id}};
  EXPECT_THAT(All(TypedSelect(query::Lag(i().id).Over(by_id),
                              query::Lead(i().id, 2).Over(by_id))
                      .OrderBy(i().id)
                      .Limit(1)),
              IsOkAndHolds(ElementsAre(std::make_tuple(std::nullopt, 3))));
}
TEST_F(WindowTest, FirstAndLastValue) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  const query::Window all{.order_by = {i().id},
                          .frame = query::Rows(query::UnboundedPreceding(),
                                               query::UnboundedFollowing())};
  EXPECT_THAT(All(TypedSelect(query::FirstValue(i().name).Over(all),
                              query::LastValue(i().name).Over(all))
                      .Limit(1)),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", "eel"))));
}
TEST_F(WindowTest, Ntile) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  EXPECT_THAT(Scalars(TypedSelect(query::Ntile(2).Over({.order_by = {i().id}}))
                          .OrderBy(i().id)),
              IsOkAndHolds(ElementsAre(1, 1, 1, 2, 2)));
}
TEST_F(WindowTest, PercentRankAndCumeDist) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  const query::Window by_id{.order_by = {i().id}};
  EXPECT_THAT(All(TypedSelect(query::PercentRank().Over(by_id),
                              query::CumeDist().Over(by_id))
                      .OrderBy(i().id.Desc())
                      .Limit(1)),
              IsOkAndHolds(ElementsAre(std::make_tuple(1.0, 1.0))));
}
TEST_F(WindowTest, InASubquery) {
  CUPEL_SUITE_NEEDS(can().window_functions, "window_functions");
  const FromItem ranked =
      TypedSelect(i().id, query::RowNumber()
                              .Over({.partition_by = {i().amount},
                                     .order_by = {i().id}})
                              .Label("place"))
          .Subquery("ranked");
  EXPECT_THAT(Scalars(TypedSelect(ranked.Column<int64_t>("id"))
                          .Where(ranked.Column<int64_t>("place") == 1)
                          .OrderBy(ranked.Column("id"))),
              IsOkAndHolds(ElementsAre(1, 2, 5)));
}

class ValuesTest : public FilledTest {
 protected:
  static FromItem Rows() {
    const query::Expr rows[] = {
        query::Tuple({query::Bind(int64_t{1}), query::Bind("x")}),
        query::Tuple({query::Bind(int64_t{2}), query::Bind("y")})};
    return query::Values("v", {"a", "b"}, rows);
  }
};

TEST_F(ValuesTest, AreRows) {
  const FromItem rows = Rows();
  EXPECT_THAT(
      All(TypedSelect(rows.Column<int64_t>("a"), rows.Column<std::string>("b"))
              .OrderBy(rows.Column("a"))),
      IsOkAndHolds(
          ElementsAre(std::make_tuple(1, "x"), std::make_tuple(2, "y"))));
}
TEST_F(ValuesTest, JoinATable) {
  const FromItem rows = Rows();
  EXPECT_THAT(All(TypedSelect(i().name, rows.Column<std::string>("b"))
                      .Join(rows, rows.Column<int64_t>("a") == i().id)
                      .OrderBy(i().id)),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", "x"),
                                       std::make_tuple("bee", "y"))));
}

using SelectWithoutTableTest = FilledTest;

TEST_F(SelectWithoutTableTest, OfValues) {
  EXPECT_THAT(All(TypedSelect(query::Bind(int64_t{7}), query::Bind("text"))),
              IsOkAndHolds(ElementsAre(std::make_tuple(7, "text"))));
}
TEST_F(SelectWithoutTableTest, WithACondition) {
  EXPECT_THAT(Scalars(TypedSelect(query::Bind(int64_t{7}))
                          .Where(query::Bind(int64_t{1}) == 2)),
              IsOkAndHolds(IsEmpty()));
}
TEST_F(SelectWithoutTableTest, OfAnExpression) {
  EXPECT_THAT(Scalar(TypedSelect(query::Bind(int64_t{6}) * 7)),
              IsOkAndHolds(42));
}

}  // namespace
}  // namespace cupel::dialect_suite
