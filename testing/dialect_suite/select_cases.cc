// SELECT: limits, order, distinct rows, groups, joins and subqueries.

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
  auto Ids() const { return TypedSelect(items_->id).OrderBy(items_->id); }
  const Items& i() const { return *items_; }

  std::optional<Items> items_;
};

using LimitTest = FilledTest;

TEST_F(LimitTest, Limit) {
  EXPECT_THAT(Scalars(Ids().Limit(2)), IsOkAndHolds(ElementsAre(1, 2)));
}
TEST_F(LimitTest, Offset) {
  EXPECT_THAT(Scalars(Ids().Offset(3)), IsOkAndHolds(ElementsAre(4, 5)));
}
TEST_F(LimitTest, LimitAndOffset) {
  EXPECT_THAT(Scalars(Ids().Limit(2).Offset(1)),
              IsOkAndHolds(ElementsAre(2, 3)));
}
TEST_F(LimitTest, LimitOfNone) {
  EXPECT_THAT(Scalars(Ids().Limit(0)), IsOkAndHolds(IsEmpty()));
}
TEST_F(LimitTest, OffsetOfNone) {
  EXPECT_THAT(Scalars(Ids().Limit(2).Offset(0)),
              IsOkAndHolds(ElementsAre(1, 2)));
}
TEST_F(LimitTest, BeyondTheEnd) {
  EXPECT_THAT(Scalars(Ids().Limit(10).Offset(4)), IsOkAndHolds(ElementsAre(5)));
  EXPECT_THAT(Scalars(Ids().Offset(100)), IsOkAndHolds(IsEmpty()));
}
TEST_F(LimitTest, Large) {
  EXPECT_THAT(Scalars(Ids().Limit(INT64_MAX)), IsOkAndHolds(SizeIs(5)));
}
TEST_F(LimitTest, Slice) {
  EXPECT_THAT(Scalars(Ids().Slice(1, 4)), IsOkAndHolds(ElementsAre(2, 3, 4)));
}
TEST_F(LimitTest, ALaterOneReplaces) {
  EXPECT_THAT(Scalars(Ids().Limit(1).Limit(3)),
              IsOkAndHolds(ElementsAre(1, 2, 3)));
}
// F21
TEST_F(LimitTest, NegativeIsRefused) {
  EXPECT_THAT(Scalars(Ids().Limit(-1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Scalars(Ids().Offset(-1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(LimitTest, OneTextForAllCounts) {
  const uint64_t before = cache().counters().compiles;
  for (int64_t n = 1; n <= 4; ++n) {
    EXPECT_THAT(Scalars(Ids().Limit(n).Offset(1)), IsOkAndHolds(SizeIs(n)));
  }
  EXPECT_EQ(cache().counters().compiles, before + 1);
}
TEST_F(LimitTest, InASubquery) {
  const auto first = TypedSelect(i().id).OrderBy(i().id.Desc()).Limit(2);
  const query::FromItem last = first.Subquery("last_two");
  EXPECT_THAT(
      Scalars(
          TypedSelect(last.Column<int64_t>("id")).OrderBy(last.Column("id"))),
      IsOkAndHolds(ElementsAre(4, 5)));
}
TEST_F(LimitTest, InAnInlineSubqueryWithAFilter) {
  const auto first = Ids().Where(i().amount == 20).Limit(1);
  EXPECT_THAT(Scalar(TypedSelect(first.ScalarSubquery<int64_t>())),
              IsOkAndHolds(2));
}
TEST_F(LimitTest, OfDistinctRows) {
  EXPECT_THAT(Scalars(TypedSelect(i().amount)
                          .Where(i().amount.IsNotNull())
                          .Distinct()
                          .OrderBy(i().amount)
                          .Limit(2)),
              IsOkAndHolds(ElementsAre(10, 20)));
}
TEST_F(LimitTest, OfGroups) {
  EXPECT_THAT(Scalars(TypedSelect(i().amount)
                          .GroupBy(i().amount)
                          .OrderBy(i().amount.Desc())
                          .Limit(1)
                          .Having(i().amount < 30)),
              IsOkAndHolds(ElementsAre(20)));
}
TEST_F(LimitTest, WithTies) {
  const auto tied = TypedSelect(i().id)
                        .Where(i().amount.IsNotNull())
                        .OrderBy(i().amount)
                        .LimitWithTies(2);
  if (can().limit_with_ties) {
    EXPECT_THAT(Scalars(tied), IsOkAndHolds(UnorderedElementsAre(1, 2, 4)));
  } else {
    EXPECT_THAT(Sql(tied), IsRefused());
  }
}

using OrderTest = FilledTest;

TEST_F(OrderTest, AscendingAndDescending) {
  EXPECT_THAT(Scalars(TypedSelect(i().id).OrderBy(i().id.Asc())),
              IsOkAndHolds(ElementsAre(1, 2, 3, 4, 5)));
  EXPECT_THAT(Scalars(TypedSelect(i().id).OrderBy(i().id.Desc())),
              IsOkAndHolds(ElementsAre(5, 4, 3, 2, 1)));
}
TEST_F(OrderTest, BySeveralTerms) {
  EXPECT_THAT(Scalars(TypedSelect(i().id)
                          .Where(i().amount.IsNotNull())
                          .OrderBy(i().amount.Desc(), i().id.Desc())),
              IsOkAndHolds(ElementsAre(5, 4, 2, 1)));
}
TEST_F(OrderTest, ByLabel) {
  const auto twice = (i().id * 2).Label("twice");
  EXPECT_THAT(Scalars(TypedSelect(twice).OrderBy("twice").Limit(2)),
              IsOkAndHolds(ElementsAre(2, 4)));
}
TEST_F(OrderTest, ByLabelDescending) {
  const auto twice = (i().id * 2).Label("twice");
  EXPECT_THAT(
      Scalars(TypedSelect(twice)
                  .OrderBy(query::Order(query::LabelName("twice"), true))
                  .Limit(2)),
      IsOkAndHolds(ElementsAre(10, 8)));
}
TEST_F(OrderTest, ByALabelThatNeedsQuotes) {
  const auto twice = (i().id * 2).Label("Two Times");
  EXPECT_THAT(Scalars(TypedSelect(twice).OrderBy("Two Times").Limit(1)),
              IsOkAndHolds(ElementsAre(2)));
}
TEST_F(OrderTest, ByAnUnknownLabelIsRefused) {
  EXPECT_THAT(Sql(TypedSelect(i().id).OrderBy("id; DROP TABLE item")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
TEST_F(OrderTest, ByAnExpression) {
  EXPECT_THAT(Scalars(TypedSelect(i().id).OrderBy((0 - i().id).Asc()).Limit(1)),
              IsOkAndHolds(ElementsAre(5)));
}
TEST_F(OrderTest, ByAColumnThatIsNotSelected) {
  EXPECT_THAT(Scalars(TypedSelect(i().name).OrderBy(i().id.Desc()).Limit(1)),
              IsOkAndHolds(ElementsAre("eel")));
}
TEST_F(OrderTest, NullsFirst) {
  EXPECT_THAT(Scalars(TypedSelect(i().id)
                          .OrderBy(i().amount.Desc().NullsFirst(), i().id)
                          .Limit(2)),
              IsOkAndHolds(ElementsAre(3, 5)));
}
TEST_F(OrderTest, NullsLast) {
  EXPECT_THAT(Scalars(TypedSelect(i().id).OrderBy(i().amount.Asc().NullsLast(),
                                                  i().id)),
              IsOkAndHolds(ElementsAre(1, 2, 4, 5, 3)));
}
TEST_F(OrderTest, ByACase) {
  const auto rank = query::Case<int64_t>().When(i().name == "cat", 0).Else(1);
  EXPECT_THAT(Scalars(TypedSelect(i().id).OrderBy(rank, i().id).Limit(2)),
              IsOkAndHolds(ElementsAre(3, 1)));
}

using DistinctTest = FilledTest;

TEST_F(DistinctTest, Rows) {
  EXPECT_THAT(Scalars(TypedSelect(i().amount).Distinct()),
              IsOkAndHolds(UnorderedElementsAre(10, 20, std::nullopt, 50)));
}
TEST_F(DistinctTest, RowsOfSeveralColumns) {
  EXPECT_THAT(All(TypedSelect(i().amount, i().name).Distinct()),
              IsOkAndHolds(SizeIs(5)));
}
TEST_F(DistinctTest, InAnAggregate) {
  EXPECT_THAT(Scalar(TypedSelect(query::CountDistinct(i().amount))),
              IsOkAndHolds(3));
}
TEST_F(DistinctTest, On) {
  const auto first = TypedSelect(i().id)
                         .Where(i().amount.IsNotNull())
                         .DistinctOn(i().amount)
                         .OrderBy(i().amount, i().id);
  if (can().distinct_on) {
    EXPECT_THAT(Scalars(first), IsOkAndHolds(ElementsAre(1, 2, 5)));
  } else {
    EXPECT_THAT(Sql(first), IsRefused());
  }
}

using GroupTest = FilledTest;

TEST_F(GroupTest, CountsByValue) {
  EXPECT_THAT(
      All(TypedSelect(i().amount, query::Count())
              .Where(i().amount.IsNotNull())
              .GroupBy(i().amount)
              .OrderBy(i().amount)),
      IsOkAndHolds(ElementsAre(std::make_tuple(10, 1), std::make_tuple(20, 2),
                               std::make_tuple(50, 1))));
}
TEST_F(GroupTest, NullIsAGroup) {
  EXPECT_THAT(Scalars(TypedSelect(query::Count())
                          .SelectFrom(i().table)
                          .GroupBy(i().amount)),
              IsOkAndHolds(UnorderedElementsAre(1, 2, 1, 1)));
}
TEST_F(GroupTest, Having) {
  EXPECT_THAT(Scalars(TypedSelect(i().amount)
                          .GroupBy(i().amount)
                          .Having(query::Count() > 1)),
              IsOkAndHolds(ElementsAre(20)));
}
TEST_F(GroupTest, ByAnExpression) {
  EXPECT_THAT(Scalars(TypedSelect(query::Count())
                          .SelectFrom(i().table)
                          .GroupBy(i().id > 3)
                          .OrderBy(query::Count())),
              IsOkAndHolds(ElementsAre(2, 3)));
}
TEST_F(GroupTest, ByLabel) {
  const auto parity = (i().id % 2).Label("parity");
  EXPECT_THAT(
      All(TypedSelect(parity, query::Count())
              .GroupBy(query::LabelName("parity"))
              .OrderBy("parity")),
      IsOkAndHolds(ElementsAre(std::make_tuple(0, 2), std::make_tuple(1, 3))));
}
TEST_F(GroupTest, OfNoRowsIsNone) {
  EXPECT_THAT(
      Scalars(
          TypedSelect(query::Count()).Where(i().id > 99).GroupBy(i().amount)),
      IsOkAndHolds(IsEmpty()));
}
TEST_F(GroupTest, GroupingSets) {
  const auto rolled = TypedSelect(query::Count())
                          .SelectFrom(i().table)
                          .GroupBy(query::Rollup({i().amount}));
  if (can().grouping_sets) {
    EXPECT_THAT(Scalars(rolled), IsOkAndHolds(SizeIs(5)));
  } else {
    EXPECT_THAT(Sql(rolled), IsRefused());
  }
}

using AggregateTest = FilledTest;

TEST_F(AggregateTest, CountLeavesNullOut) {
  EXPECT_THAT(All(TypedSelect(query::Count(), query::Count(i().amount))),
              IsOkAndHolds(ElementsAre(std::make_tuple(5, 4))));
}
TEST_F(AggregateTest, Sum) {
  EXPECT_THAT(Scalar(TypedSelect(query::Sum(i().amount))), IsOkAndHolds(100));
}
TEST_F(AggregateTest, AverageKeepsTheFraction) {
  EXPECT_THAT(Scalar(TypedSelect(query::Avg(i().id)).Where(i().id < 3)),
              IsOkAndHolds(1.5));
}
TEST_F(AggregateTest, LeastAndGreatest) {
  EXPECT_THAT(All(TypedSelect(query::Min(i().amount), query::Max(i().amount))),
              IsOkAndHolds(ElementsAre(std::make_tuple(10, 50))));
}
TEST_F(AggregateTest, OfTexts) {
  EXPECT_THAT(All(TypedSelect(query::Min(i().name), query::Max(i().name))),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", "eel"))));
}
TEST_F(AggregateTest, OfNoRows) {
  EXPECT_THAT(All(TypedSelect(query::Count(), query::Sum(i().amount),
                              query::Max(i().name))
                      .Where(i().id > 99)),
              IsOkAndHolds(
                  ElementsAre(std::make_tuple(0, std::nullopt, std::nullopt))));
}
TEST_F(AggregateTest, JoinsTexts) {
  EXPECT_THAT(Scalar(TypedSelect(query::AggregateStrings(i().name, ", "))
                         .Where(i().id == 2)),
              IsOkAndHolds("bee"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto all,
      Scalar(TypedSelect(query::AggregateStrings(i().name, "+"))));
  EXPECT_EQ(all.value_or("").size(), 19u);
}
TEST_F(AggregateTest, Filter) {
  const auto some = TypedSelect(query::Count().Filter(i().amount == 20));
  // A database without FILTER gets a CASE, or refuses.
  const auto count = Scalar(some);
  if (can().aggregate_filter || count.ok()) {
    EXPECT_THAT(count, IsOkAndHolds(2));
  } else {
    EXPECT_THAT(count, IsRefused());
  }
}
TEST_F(AggregateTest, Order) {
  const auto joined =
      TypedSelect(
          query::AggregateStrings(i().name, ",").OrderBy({i().id.Desc()}))
          .Where(i().id < 4);
  if (can().aggregate_order_by) {
    EXPECT_THAT(Scalar(joined), IsOkAndHolds("cat,bee,ant"));
  } else {
    EXPECT_THAT(Sql(joined), IsRefused());
  }
}

// --- Joins ------------------------------------------------------------------

class JoinTest : public FilledTest {
 protected:
  void Open() override {
    FilledTest::Open();
    if (HasFatalFailure()) return;
    tags_ =
        &Create(Keyed("tag")
                    .Column({.name = "label", .type = engine::String(20)})
                    .Column({.name = "item_id",
                             .type = engine::BigInteger(),
                             .foreign_keys = {{.referred_table = "item",
                                               .referred_columns = {"id"}}}}));
    tag_id_ = Col<int64_t>(*tags_, "id");
    label_ = Col<std::string>(*tags_, "label");
    item_id_ = Col<std::optional<int64_t>>(*tags_, "item_id");
    AddTag(1, "small", 1);
    AddTag(2, "flies", 2);
    AddTag(3, "stings", 2);
    AddTag(4, "free", std::nullopt);
  }
  void AddTag(int64_t id, const char* label, std::optional<int64_t> item) {
    CUPEL_ASSERT_OK(Execute(query::Insert(*tags_)
                                .Set(tag_id_, id)
                                .Set(label_, label)
                                .Set(item_id_, item)));
  }
  auto NullableLabel() const {
    return label_.Coerce<std::optional<std::string>>();
  }
  auto NullableId() const { return i().id.Coerce<std::optional<int64_t>>(); }

  const schema::Table* tags_ = nullptr;
  query::TypedExpr<int64_t> tag_id_;
  query::TypedExpr<std::string> label_;
  query::TypedExpr<std::optional<int64_t>> item_id_;
};

TEST_F(JoinTest, Inner) {
  EXPECT_THAT(All(TypedSelect(i().name, label_)
                      .Join(*tags_, item_id_ == i().id)
                      .OrderBy(tag_id_)),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", "small"),
                                       std::make_tuple("bee", "flies"),
                                       std::make_tuple("bee", "stings"))));
}
TEST_F(JoinTest, AlongTheForeignKey) {
  EXPECT_THAT(
      Scalars(TypedSelect(label_).SelectFrom(*tags_).Join(i().table).Where(
          i().name == "ant")),
      IsOkAndHolds(ElementsAre("small")));
}
TEST_F(JoinTest, Left) {
  EXPECT_THAT(All(TypedSelect(i().name, NullableLabel())
                      .OuterJoin(*tags_, item_id_ == i().id)
                      .Where(i().id.In({1, 3}))
                      .OrderBy(i().id)),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", "small"),
                                       std::make_tuple("cat", std::nullopt))));
}
TEST_F(JoinTest, LeftKeepsRowsThatTheConditionExcludes) {
  EXPECT_THAT(
      Scalars(TypedSelect(i().id)
                  .OuterJoin(*tags_, item_id_ == i().id && label_ == "flies")
                  .Where(tag_id_.IsNull())
                  .OrderBy(i().id)),
      IsOkAndHolds(ElementsAre(1, 3, 4, 5)));
}
TEST_F(JoinTest, Full) {
  const auto full = TypedSelect(NullableId(), NullableLabel())
                        .SelectFrom(i().table)
                        .FullJoin(*tags_, item_id_ == i().id);
  if (can().full_join) {
    EXPECT_THAT(All(full), IsOkAndHolds(SizeIs(7)));
  } else {
    EXPECT_THAT(Sql(full), IsRefused());
  }
}
TEST_F(JoinTest, Cross) {
  EXPECT_THAT(All(TypedSelect(i().id, tag_id_).CrossJoin(*tags_)),
              IsOkAndHolds(SizeIs(20)));
}
TEST_F(JoinTest, ByTheConditionAlone) {
  EXPECT_THAT(All(TypedSelect(i().id, tag_id_).Where(item_id_ == i().id)),
              IsOkAndHolds(SizeIs(3)));
}
TEST_F(JoinTest, WithItself) {
  const query::FromItem other = query::Alias(i().table, "other");
  EXPECT_THAT(
      All(TypedSelect(i().id, other.Column<int64_t>("id"))
              .Join(other, i().amount == other.Column<std::optional<int64_t>>(
                                             "amount") &&
                               i().id < other.Column<int64_t>("id"))),
      IsOkAndHolds(ElementsAre(std::make_tuple(2, 4))));
}
TEST_F(JoinTest, ThreeTimes) {
  const query::FromItem more = query::Alias(*tags_, "more");
  EXPECT_THAT(All(TypedSelect(i().id, tag_id_, more.Column<int64_t>("id"))
                      .Join(*tags_, item_id_ == i().id)
                      .Join(more, more.Column<std::optional<int64_t>>(
                                      "item_id") == i().id)),
              IsOkAndHolds(SizeIs(5)));
}
TEST_F(JoinTest, WithASubquery) {
  const query::FromItem counts =
      TypedSelect(item_id_, query::Count().Label("n"))
          .Where(item_id_.IsNotNull())
          .GroupBy(item_id_)
          .Subquery("counts");
  EXPECT_THAT(All(TypedSelect(i().name, counts.Column<int64_t>("n"))
                      .Join(counts, counts.Column<int64_t>("item_id") == i().id)
                      .OrderBy(i().id)),
              IsOkAndHolds(ElementsAre(std::make_tuple("ant", 1),
                                       std::make_tuple("bee", 2))));
}
TEST_F(JoinTest, Lateral) {
  const query::FromItem first = TypedSelect(label_.Label("label"))
                                    .Where(item_id_ == i().id)
                                    .OrderBy(tag_id_)
                                    .Limit(1)
                                    .Subquery("first_tag")
                                    .Lateral();
  const auto joined = TypedSelect(i().name, first.Column<std::string>("label"))
                          .Join(first, query::True())
                          .OrderBy(i().id);
  if (can().lateral) {
    EXPECT_THAT(All(joined),
                IsOkAndHolds(ElementsAre(std::make_tuple("ant", "small"),
                                         std::make_tuple("bee", "flies"))));
  } else {
    EXPECT_THAT(Sql(joined), IsRefused());
  }
}

// --- Subqueries -------------------------------------------------------------

using SubqueryTest = JoinTest;

TEST_F(SubqueryTest, Scalar) {
  EXPECT_THAT(
      Scalars(TypedSelect(i().id).Where(
          i().amount ==
          TypedSelect(query::Max(i().amount)).ScalarSubquery<int64_t>())),
      IsOkAndHolds(ElementsAre(5)));
}
TEST_F(SubqueryTest, ScalarOfNoRowIsNull) {
  const auto none =
      TypedSelect(tag_id_).Where(tag_id_ > 99).ScalarSubquery<int64_t>();
  EXPECT_THAT(Scalars(TypedSelect(none)),
              IsOkAndHolds(ElementsAre(std::nullopt)));
}
TEST_F(SubqueryTest, Correlated) {
  const auto tags = TypedSelect(query::Count())
                        .SelectFrom(*tags_)
                        .Where(item_id_ == i().id)
                        .ScalarSubquery<int64_t>();
  EXPECT_THAT(
      All(TypedSelect(i().id, tags).OrderBy(i().id).Limit(3)),
      IsOkAndHolds(ElementsAre(std::make_tuple(1, 1), std::make_tuple(2, 2),
                               std::make_tuple(3, 0))));
}
TEST_F(SubqueryTest, Exists) {
  const auto tagged = TypedSelect(tag_id_).Where(item_id_ == i().id);
  EXPECT_THAT(Scalars(Ids().Where(tagged.Exists())),
              IsOkAndHolds(ElementsAre(1, 2)));
}
TEST_F(SubqueryTest, NotExists) {
  const auto tagged = TypedSelect(tag_id_).Where(item_id_ == i().id);
  EXPECT_THAT(Scalars(Ids().Where(!tagged.Exists())),
              IsOkAndHolds(ElementsAre(3, 4, 5)));
}
TEST_F(SubqueryTest, ExistsAsAColumn) {
  EXPECT_THAT(
      Scalars(TypedSelect(TypedSelect(tag_id_).Where(tag_id_ == 1).Exists())),
      IsOkAndHolds(ElementsAre(true)));
}
TEST_F(SubqueryTest, In) {
  const auto tagged = TypedSelect(item_id_).Where(item_id_.IsNotNull());
  EXPECT_THAT(Scalars(Ids().Where(i().id.In(tagged))),
              IsOkAndHolds(ElementsAre(1, 2)));
}
TEST_F(SubqueryTest, NotIn) {
  const auto tagged = TypedSelect(item_id_).Where(item_id_.IsNotNull());
  EXPECT_THAT(Scalars(Ids().Where(i().id.NotIn(tagged))),
              IsOkAndHolds(ElementsAre(3, 4, 5)));
}
TEST_F(SubqueryTest, NotInWithANullIsNeverTrue) {
  EXPECT_THAT(Scalars(Ids().Where(i().id.NotIn(TypedSelect(item_id_)))),
              IsOkAndHolds(IsEmpty()));
}
TEST_F(SubqueryTest, AsATable) {
  const query::FromItem dear =
      TypedSelect(i().id, i().name).Where(i().amount >= 20).Subquery("dear");
  EXPECT_THAT(Scalars(TypedSelect(dear.Column<std::string>("name"))
                          .Where(dear.Column<int64_t>("id") > 2)
                          .OrderBy(dear.Column("id"))),
              IsOkAndHolds(ElementsAre("dog", "eel")));
}
TEST_F(SubqueryTest, InsideASubquery) {
  const auto flying = TypedSelect(item_id_).Where(label_ == "flies");
  const auto same = TypedSelect(i().amount).Where(i().id.In(flying));
  const query::FromItem outer = query::Alias(i().table, "outer_item");
  EXPECT_THAT(
      Scalars(TypedSelect(outer.Column<int64_t>("id"))
                  .Where(outer.Column<std::optional<int64_t>>("amount").In(
                      same.CorrelateExcept({i().table})))
                  .OrderBy(outer.Column("id"))),
      IsOkAndHolds(ElementsAre(2, 4)));
}

// --- Locks ------------------------------------------------------------------

using RowLockTest = FilledTest;

TEST_F(RowLockTest, SelectForUpdate) {
  EXPECT_THAT(Scalars(Ids().Where(i().id == 2).ForUpdate()),
              IsOkAndHolds(ElementsAre(2)));
  CUPEL_EXPECT_OK(
      Execute(query::Update(i().table).Set(i().amount, 21).Where(i().id == 2)));
}
TEST_F(RowLockTest, SelectForShare) {
  EXPECT_THAT(Scalars(Ids().Limit(1).ForUpdate({.share = true})),
              IsOkAndHolds(ElementsAre(1)));
}
TEST_F(RowLockTest, SkipLocked) {
  const auto skipping = Ids().ForUpdate({.skip_locked = true});
  if (can().for_update_skip_locked) {
    CUPEL_ASSERT_OK(Scalars(Ids().Where(i().id < 3).ForUpdate()));
    engine::Connection other = Connect();
    EXPECT_THAT(query::Scalars(other, cache(), skipping),
                IsOkAndHolds(ElementsAre(3, 4, 5)));
  } else if (!can().for_update) {
    EXPECT_THAT(Scalars(skipping), IsOkAndHolds(SizeIs(5)));
  } else {
    EXPECT_THAT(Sql(skipping), IsRefused());
  }
}

}  // namespace
}  // namespace cupel::dialect_suite
