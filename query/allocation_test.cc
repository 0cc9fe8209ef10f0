// How much memory queries take from the heap: counts, not times.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/config.h"
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
using ::testing::ElementsAre;

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || \
    defined(ABSL_HAVE_THREAD_SANITIZER) || !defined(__GLIBCXX__)
// Nodes are not kept for their like there: the calls are made, not counted.
constexpr bool kCounts = false;
#else
constexpr bool kCounts = true;
#endif

class AllocationTest : public ::testing::Test {
 protected:
  static constexpr int kTimes = 20;

  // Allocations of the call after some to warm up, on average.
  template <typename Call>
  static double AllocationsOf(const Call& call) {
    for (int i = 0; i < 5; ++i) call(i);
    testing::HeapCounter heap;
    for (int i = 0; i < kTimes; ++i) call(i);
    return kCounts ? static_cast<double>(heap.allocations()) / kTimes : 0;
  }

  TypedSelect<int64_t> TenFilters(int64_t value) const {
    TypedSelect<int64_t> select(e_.id);
    for (int64_t i = 0; i < 10; ++i) {
      select = std::move(select).Where(e_.age > value + i);
    }
    return std::move(select).OrderBy(e_.id).Limit(20);
  }

  TestDatabase database_;
  Employee e_;
};

TEST_F(AllocationTest, BuildingAndFindingAQueryTakesNone) {
  EXPECT_EQ(
      AllocationsOf([this](int i) {
        CUPEL_ASSERT_OK(database_.cache()
                            .GetOrCompile(TenFilters(i), database_.dialect())
                            .status());
      }),
      0);
}

TEST_F(AllocationTest, FillingTheParametersOfAQueryTakesNone) {
  EXPECT_EQ(AllocationsOf([this](int i) {
              const auto statement = TenFilters(i);
              auto compiled = database_.cache().GetOrCompile(
                  statement, database_.dialect());
              CUPEL_ASSERT_OK(compiled.status());
              BoundParameters bound;
              CUPEL_ASSERT_OK(bound.Fill(**compiled, statement));
              ASSERT_EQ(bound.values().size(), 11);
            }),
            0);
}

TEST_F(AllocationTest, RunningACachedQueryTakesNone) {
  EXPECT_EQ(AllocationsOf([this](int i) {
              auto cursor =
                  Execute(database_.connection(), database_.cache(),
                          TypedSelect(e_.id, e_.name).Where(e_.id > i));
              CUPEL_ASSERT_OK(cursor.status());
              while (true) {
                auto more = cursor->Next();
                CUPEL_ASSERT_OK(more.status());
                if (!*more) break;
                int64_t id = 0;
                CUPEL_ASSERT_OK(cursor->Read(0, &id));
              }
            }),
            0);
}

TEST_F(AllocationTest, ReadingRowsTakesOneForEachGrowthOfTheResult) {
  // Five rows: capacities 1, 2, 4 and 8. The names are short.
  EXPECT_LE(AllocationsOf([this](int i) {
              const auto rows = database_.All(
                  TypedSelect(e_.id, e_.name).Where(e_.id > i % 1));
              CUPEL_ASSERT_OK(rows.status());
              ASSERT_EQ(rows->size(), 5);
            }),
            4);
}

TEST_F(AllocationTest, AnUpdateThatIsKnownTakesNone) {
  EXPECT_EQ(
      AllocationsOf([this](int i) {
        CUPEL_ASSERT_OK(
            database_
                .Execute(
                    Update(e_.table).Set(e_.age, int64_t{i}).Where(e_.id == 1))
                .status());
      }),
      0);
}

// The quick way through the cache gives what compiling anew gives.
TEST_F(AllocationTest, AQueryFromTheCacheIsTheSameAsOneCompiledAnew) {
  for (int i = 0; i < 1 << 6; ++i) {
    const auto filtered = [&](int64_t shift) {
      TypedSelect<int64_t> select(e_.id);
      for (int64_t k = 0; k < 6; ++k) {
        if ((i >> k & 1) == 0) continue;
        select = k % 2 == 0 ? std::move(select).Where(e_.age > k + shift)
                            : std::move(select).Where(
                                  e_.name != absl::StrCat("n", k + shift));
      }
      return std::move(select).OrderBy(e_.id);
    };
    for (int64_t shift : {0, 20}) {
      const auto statement = filtered(shift);
      auto cached =
          database_.cache().GetOrCompile(statement, database_.dialect());
      auto anew = Compile(statement, database_.dialect());
      CUPEL_ASSERT_OK(cached.status());
      CUPEL_ASSERT_OK(anew.status());
      EXPECT_EQ((*cached)->sql, (*anew)->sql);
      BoundParameters of_cached;
      BoundParameters of_anew;
      CUPEL_ASSERT_OK(of_cached.Fill(**cached, statement));
      CUPEL_ASSERT_OK(of_anew.Fill(**anew, statement));
      EXPECT_EQ(of_cached.values(), of_anew.values());
      StatementCache none({.max_bytes = 0});
      auto rows = query::Scalars(database_.connection(), none, statement);
      CUPEL_ASSERT_OK(rows.status());
      EXPECT_THAT(database_.Scalars(statement), IsOkAndHolds(*rows));
    }
  }
  // Two kinds of filters in turn, each there or not: as many shapes as there
  // are different sequences.
  EXPECT_EQ(database_.cache().counters().compiles, 33);
}

// A cursor outlives the statement it came from, and its values.
TEST_F(AllocationTest, ACursorKeepsWhatItsStatementBinds) {
  auto cursor = [this] {
    const std::string name(100, 'n');
    return Execute(database_.connection(), database_.cache(),
                   TypedSelect(e_.id).Where(e_.name != name).OrderBy(e_.id));
  }();
  CUPEL_ASSERT_OK(cursor.status());
  ResultCursor moved = *std::move(cursor);
  std::vector<int64_t> ids;
  while (true) {
    const auto more = moved.Next();
    CUPEL_ASSERT_OK(more.status());
    if (!*more) break;
    // Other nodes would take the memory of freed ones.
    const auto other = TypedSelect(e_.id).Where(e_.name != "other");
    ids.push_back(moved.cells()[0].int64_value());
  }
  EXPECT_THAT(ids, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(AllocationTest, TheCacheKeepsWhatIsUsedAndDropsTheRest) {
  const auto used = TypedSelect(e_.id).Where(e_.age > 1);
  StatementCache cache({.max_bytes = 64 << 10});
  for (int i = 0; i < 5000; ++i) {
    bool cached = false;
    CUPEL_ASSERT_OK(
        cache.GetOrCompile(used, database_.dialect(), &cached).status());
    EXPECT_EQ(cached, i > 0);
    CUPEL_ASSERT_OK(
        cache
            .GetOrCompile(TypedSelect(e_.id.Label(absl::StrCat("n", i))),
                          database_.dialect())
            .status());
    ASSERT_LE(cache.counters().bytes, 64 << 10);
  }
  EXPECT_GT(cache.counters().evictions, 1000);
}

}  // namespace
}  // namespace cupel::query
