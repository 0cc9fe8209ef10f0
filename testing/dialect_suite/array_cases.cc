// Arrays: kept by every database, with operators where it has arrays of its
// own.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/type_test.h"

namespace cupel::dialect_suite {

struct IntegerArrays : Family<std::vector<std::optional<int64_t>>> {
  static constexpr const char* kName = "IntegerArray";
  static constexpr bool kSorts = false;
  static engine::Type Sql() { return engine::Array(engine::BigInteger()); }
  static std::vector<Value> Values() {
    return {{},
            {1, std::nullopt, -3},
            {std::numeric_limits<int64_t>::min(),
             std::numeric_limits<int64_t>::max()}};
  }
};

struct TextArrays : Family<std::vector<std::string>> {
  static constexpr const char* kName = "TextArray";
  static constexpr bool kSorts = false;
  static engine::Type Sql() { return engine::Array(engine::Text()); }
  static std::vector<Value> Values() {
    return {{""},
            {"NULL", "{}", "it's \"quoted\" \\ 100%, [1]"},
            {"line\nand\ttab", "caf\u00e9 \U0001F600"}};
  }
};

using ArrayFamilies = ::testing::Types<IntegerArrays, TextArrays>;
INSTANTIATE_TYPED_TEST_SUITE_P(Array, TypeTest, ArrayFamilies, FamilyNames);

namespace {

using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Numbers = std::vector<int64_t>;
using Texts = std::vector<std::string>;

// Three boxes: 1 {10,20,30} {red,big}; 2 {} {red}; 3 {30} {}.
class ArrayTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    table_ = &Create(
        Keyed("box")
            .Column({.name = "marks", .type = Array(engine::BigInteger())})
            .Column({.name = "tags", .type = Array(engine::String(20))}));
    id_ = Col<int64_t>(*table_, "id");
    marks_ = Col<Numbers>(*table_, "marks");
    tags_ = Col<Texts>(*table_, "tags");
    Add(1, {10, 20, 30}, {"red", "big"});
    Add(2, {}, {"red"});
    Add(3, {30}, {});
  }
  void Add(int64_t id, const Numbers& marks, const Texts& tags) {
    CUPEL_ASSERT_OK(Execute(query::Insert(*table_)
                                .Set(id_, id)
                                .Set(marks_, marks)
                                .Set(tags_, tags)));
  }

  // The keys of the boxes for which `condition` holds, or the refusal of a
  // database without arrays, which is what is expected there.
  void ExpectIds(const query::TypedExpr<bool>& condition,
                 const std::vector<int64_t>& ids) {
    const auto select = TypedSelect(id_).Where(condition).OrderBy(id_);
    if (!can().native_array) {
      EXPECT_THAT(Sql(select), IsRefused());
    } else {
      EXPECT_THAT(Scalars(select), IsOkAndHolds(ids));
    }
  }

  const schema::Table* table_ = nullptr;
  query::TypedExpr<int64_t> id_;
  query::TypedExpr<Numbers> marks_;
  query::TypedExpr<Texts> tags_;
};

// QRY-48
TEST_F(ArrayTest, Elements) {
  ExpectIds(query::ElementAt(marks_, 1) == 30, {3});
  ExpectIds(query::ElementAt(tags_, 2) == "big", {1});
  ExpectIds(query::ElementAt(marks_, id_ + 2) == 30, {1});
  ExpectIds(query::ElementAt(marks_, 9).IsNull(), {1, 2, 3});
  ExpectIds(query::ElementAt(query::Bind(Numbers{7, 8, 9}), id_) == 8, {2});
}
TEST_F(ArrayTest, Slices) {
  ExpectIds(query::Slice(marks_, 2, 4) == Numbers{20, 30}, {1});
  ExpectIds(query::Slice(tags_, 2, 3) == Texts{}, {2, 3});
}
// QRY-36
TEST_F(ArrayTest, AnyAndAllOfTheElements) {
  ExpectIds(30 == query::Any(marks_), {1, 3});
  ExpectIds(query::Any(tags_) == "big", {1});
  ExpectIds(!(query::Any(tags_) == "big"), {2, 3});
  ExpectIds(query::All(marks_) > 10, {2, 3});
  ExpectIds(query::Any(marks_) < 11, {1});
  ExpectIds(id_ == query::Any(Numbers{3, 1, 7}), {1, 3});
  ExpectIds(id_ != query::All(Numbers{3, 1, 7}), {2});
}
TEST_F(ArrayTest, ContainmentAndOverlap) {
  ExpectIds(query::ArrayContains(marks_, {30, 10}), {1});
  ExpectIds(query::ArrayContains(tags_, {"red"}), {1, 2});
  ExpectIds(query::ArrayContainedBy(marks_, {30, 40}), {2, 3});
  ExpectIds(query::ArrayOverlaps(marks_, Numbers{5, 30}), {1, 3});
  ExpectIds(!query::ArrayOverlaps(tags_, {"big", "old"}), {2, 3});
}
TEST_F(ArrayTest, Unnests) {
  const auto rows = TypedSelect(query::Unnest(marks_)).Where(id_ == 1);
  const query::FromItem tag = query::Unnest(tags_, "tag");
  const auto value = tag.Column<std::string>("value");
  const auto pairs =
      TypedSelect(value).SelectFrom(*table_).SelectFrom(tag).OrderBy(id_,
                                                                     value);
  if (!can().native_array) {
    EXPECT_THAT(Sql(rows), IsRefused());
    EXPECT_THAT(Sql(pairs), IsRefused());
    return;
  }
  EXPECT_THAT(Scalars(rows), IsOkAndHolds(ElementsAre(10, 20, 30)));
  EXPECT_THAT(Scalars(pairs), IsOkAndHolds(ElementsAre("big", "red", "red")));
  const query::FromItem number =
      query::Unnest(query::Bind(Texts{"a", "b"}), "number", true);
  EXPECT_THAT(Scalars(TypedSelect(number.Column<int64_t>("ordinality"))
                          .Where(number.Column<std::string>("value") == "b")),
              IsOkAndHolds(ElementsAre(2)));
}
// QRY-39
TEST_F(ArrayTest, AggregatesRows) {
  const auto ids = query::ArrayAgg(id_);
  CUPEL_ASSERT_OK_AND_ASSIGN(const std::optional<Numbers> found,
                             Scalar(TypedSelect(ids).Where(id_ == 2)));
  EXPECT_EQ(found, Numbers{2});
  const auto ordered = TypedSelect(ids.OrderBy({id_.Desc()}));
  if (!can().aggregate_order_by) {
    EXPECT_THAT(Sql(ordered), IsRefused());
  } else {
    EXPECT_THAT(Scalar(ordered), IsOkAndHolds(Numbers{3, 2, 1}));
  }
}

// QRY-66
TEST_F(ArrayTest, LimitedUpdatesAndDeletes) {
  const auto update = query::Update(*table_)
                          .Set(tags_, Texts{"last"})
                          .OrderBy(id_.Desc())
                          .Limit(1);
  const auto erase = query::Delete(*table_).OrderBy(id_).Limit(2);
  if (!can().update_order_by_limit) {
    EXPECT_THAT(Sql(update), IsRefused());
    EXPECT_THAT(Sql(erase), IsRefused());
    return;
  }
  CUPEL_ASSERT_OK(Execute(update));
  CUPEL_ASSERT_OK(Execute(erase));
  EXPECT_THAT(Scalars(TypedSelect(tags_)),
              IsOkAndHolds(ElementsAre(Texts{"last"})));
}

// QRY-16
TEST_F(ArrayTest, SamplesAndHints) {
  const auto hinted = TypedSelect(id_).Hint("NoIndexScan(box)").OrderBy(id_);
  EXPECT_THAT(Scalars(hinted), IsOkAndHolds(ElementsAre(1, 2, 3)));
  EXPECT_THAT(Scalars(TypedSelect(id_).Hint("*/ x")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const query::FromItem all =
      query::TableSample(*table_, "bernoulli", 100, {.seed = 1});
  const query::FromItem none = query::TableSample(*table_, "bernoulli", 0);
  const auto of_all = TypedSelect(query::Count()).SelectFrom(all);
  const auto of_none = TypedSelect(none.Column<int64_t>(*table_->Find("id")));
  if (!can().tablesample) {
    EXPECT_THAT(Sql(of_all), IsRefused());
    return;
  }
  EXPECT_THAT(Scalar(of_all), IsOkAndHolds(3));
  EXPECT_THAT(Scalars(of_none), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace cupel::dialect_suite
