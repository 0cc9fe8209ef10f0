#include "cupel/query/statement_cache.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"
#include "cupel/testing/heap_counter.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query {
namespace {

using ::cupel::testing::IsOkAndHolds;

class StatementCacheTest : public ::testing::Test {
 protected:
  TypedSelect<std::string> TenFilters(int64_t value, bool odd) const {
    TypedSelect<std::string> select(e_.name);
    for (int i = 0; i < 10; ++i) {
      if (i % 2 == 0 || odd) {
        select = std::move(select).Where(e_.age > value + i);
      }
    }
    return std::move(select).Where(e_.name != "nobody").Limit(20);
  }

  TestDatabase database_;
  Employee e_;
};

// ENG-65
TEST_F(StatementCacheTest, CompilesAShapeOnce) {
  for (int64_t i = 0; i < 100; ++i) {
    bool cached = false;
    CUPEL_ASSERT_OK(
        database_.cache()
            .GetOrCompile(TenFilters(i, true), database_.dialect(), &cached)
            .status());
    EXPECT_EQ(cached, i > 0);
  }
  const auto counters = database_.cache().counters();
  EXPECT_EQ(counters.compiles, 1);
  EXPECT_EQ(counters.hits, 99);
}

TEST_F(StatementCacheTest, ServesListsOfAnyLengthWithOneEntry) {
  for (int n = 0; n < 50; ++n) {
    const std::vector<int64_t> ids(n, 2);
    EXPECT_THAT(database_.Scalars(TypedSelect(e_.id).Where(e_.id.In(ids))),
                IsOkAndHolds(::testing::SizeIs(n == 0 ? 0 : 1)));
  }
  EXPECT_EQ(database_.cache().counters().compiles, 1);
}

TEST_F(StatementCacheTest, BuildsAKnownShapeWithoutAllocating) {
  for (int i = 0; i < 3; ++i) TenFilters(i, true);
  testing::HeapCounter heap;
  for (int i = 0; i < 10; ++i) {
    const auto statement = TenFilters(i, true);
    ASSERT_TRUE(statement.shape_hash() != 0);
  }
  const int64_t made = heap.allocations();
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
  EXPECT_GT(made, 0);  // blocks are not kept there
#else
  EXPECT_EQ(made, 0);
#endif
}

TEST_F(StatementCacheTest, TellsStatementsApartThatShareTheirPartsDifferently) {
  const FromItem a = Alias(e_.table);
  const FromItem b = Alias(e_.table);
  const auto of = [](const FromItem& from) {
    return from.Column<int64_t>("id");
  };
  const auto two = TypedSelect(of(a)).Where(of(a) == of(b));
  const auto one = TypedSelect(of(a)).Where(of(a) == of(a));
  EXPECT_NE(database_.Sql(two), database_.Sql(one));
  EXPECT_THAT(database_.Scalars(two), IsOkAndHolds(::testing::SizeIs(5)));
  EXPECT_THAT(database_.Scalars(one), IsOkAndHolds(::testing::SizeIs(5)));
  EXPECT_EQ(database_.cache().counters().compiles, 2);
}

// C-16
TEST_F(StatementCacheTest, StaysBelowItsBoundOverManyShapes) {
  StatementCache cache({.max_bytes = 1 << 20});
  for (int i = 0; i < 100000; ++i) {
    CUPEL_ASSERT_OK(
        cache
            .GetOrCompile(TypedSelect(e_.id.Label(absl::StrCat("n", i))),
                          database_.dialect())
            .status());
    ASSERT_LE(cache.counters().bytes, 1 << 20);
  }
  EXPECT_GT(cache.counters().evictions, 1000);
  StatementCache none({.max_bytes = 0});
  for (int i = 0; i < 2; ++i) {
    CUPEL_ASSERT_OK(
        none.GetOrCompile(TypedSelect(e_.id), database_.dialect()).status());
  }
  EXPECT_EQ(none.counters().compiles, 2);
}

}  // namespace
}  // namespace cupel::query
