#include "cupel/testing/heap_counter.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

TEST(HeapCounterTest, CountsAllocationsSinceItBegan) {
  const auto before = std::make_unique<std::string>(100, 'x');
  HeapCounter heap;
  EXPECT_EQ(heap.allocations(), 0);
  const auto owned = std::make_unique<std::string>(100, 'x');
  EXPECT_EQ(heap.allocations(), 2);
  std::vector<int64_t> numbers(10);
  EXPECT_EQ(heap.allocations(), 3);
}

TEST(HeapCounterTest, KnowsWhatIsStillHeld) {
  HeapCounter heap;
  auto numbers = std::make_unique<std::vector<int64_t>>(1000);
  EXPECT_GE(heap.live_bytes(), 8000);
  EXPECT_LT(heap.live_bytes(), 8200);
  numbers.reset();
  EXPECT_EQ(heap.live_bytes(), 0);
}

TEST(HeapCounterTest, CountersDoNotDisturbEachOther) {
  HeapCounter outer;
  const std::string first(100, 'x');
  {
    HeapCounter inner;
    const std::string second(100, 'x');
    EXPECT_EQ(inner.allocations(), 1);
  }
  EXPECT_EQ(outer.allocations(), 2);
  EXPECT_EQ(outer.live_bytes(), HeapBytes(first));
}

TEST(HeapCounterTest, AShortStringHasNothingOnTheHeap) {
  EXPECT_EQ(HeapBytes("short"), 0);
  EXPECT_GT(HeapBytes(std::string(100, 'x')), 100);
}

}  // namespace
}  // namespace cupel::testing
