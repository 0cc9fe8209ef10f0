#include "cupel/session/integer_map.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "cupel/session/entity_state.h"
#include "cupel/testing/heap_counter.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::testing::IsNull;
using ::testing::UnorderedElementsAreArray;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

class IntegerMapTest : public ::testing::Test {
 protected:
  EntityState* Put(int64_t key) {
    EntityState* entity = &entities_.emplace_back();
    const auto [entry, is_new] = map_.Insert(key);
    EXPECT_TRUE(is_new) << key;
    EXPECT_THAT(*entry, IsNull()) << key;
    *entry = entity;
    model_[key] = entity;
    return entity;
  }
  void Drop(int64_t key) {
    map_.Drop(key);
    model_.erase(key);
  }
  void ExpectSame() {
    std::vector<EntityState*> expected, found;
    for (const auto& [key, entity] : model_) {
      EXPECT_EQ(map_.Find(key), entity) << key;
      expected.push_back(entity);
    }
    map_.ForEach([&](EntityState* entity) { found.push_back(entity); });
    EXPECT_THAT(found, UnorderedElementsAreArray(expected));
  }

  std::deque<EntityState> entities_;
  std::map<int64_t, EntityState*> model_;
  IntegerMap map_;
};

TEST_F(IntegerMapTest, KeepsNoMoreOfRowsThatComeInAnotherOrder) {
  constexpr int64_t kPages = 1000;
  constexpr int64_t kPage = 64;
  EntityState entity;
  const auto bytes_by = [&](int64_t pages, int64_t places) {
    testing::HeapCounter heap;
    IntegerMap map;
    for (int64_t i = 0; i < kPages * kPage; ++i) {
      *map.Insert(i % pages * places + i / pages).first = &entity;
    }
    return heap.live_bytes();
  };
  const int64_t in_order = bytes_by(kPages * kPage, 1);
  EXPECT_LT(in_order, 10 * kPages * kPage);
  // One of each page, then the next of each.
  EXPECT_LE(bytes_by(kPages, kPage), in_order + 1000);
}

TEST_F(IntegerMapTest, FindsWhatWasPut) {
  for (int64_t key : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64},
                      int64_t{65}, int64_t{-1}, int64_t{-2}, int64_t{-64},
                      int64_t{-65}, kMax, kMax - 1, kMin, kMin + 1}) {
    EXPECT_THAT(map_.Find(key), IsNull()) << key;
    Put(key);
  }
  ExpectSame();
  EXPECT_THAT(map_.Find(2), IsNull());
  EXPECT_THAT(map_.Find(-3), IsNull());
}

TEST_F(IntegerMapTest, KnowsAnEntryThatIsThere) {
  for (int64_t key : {7, 100, 101}) {
    EntityState* entity = Put(key);
    const auto [entry, is_new] = map_.Insert(key);
    EXPECT_FALSE(is_new);
    EXPECT_EQ(*entry, entity);
  }
}

TEST_F(IntegerMapTest, DropsAnEntryThatWasNotSet) {
  Put(10);
  for (int64_t key : {11, 500}) {
    EXPECT_TRUE(map_.Insert(key).second);
    map_.Drop(key);
    EXPECT_THAT(map_.Find(key), IsNull());
  }
  ExpectSame();
}

// Dense, sparse and mixed keys come and go.
TEST_F(IntegerMapTest, AgreesWithAnOrderedMap) {
  std::mt19937_64 random(42);
  for (int step = 0; step < 20000; ++step) {
    const bool dense = random() % 2 == 0;
    const auto key = static_cast<int64_t>(
        dense ? random() % 300 : random() % 1000 * 1000003 - 500000);
    if (model_.count(key) == 0) {
      EXPECT_THAT(map_.Find(key), IsNull());
      Put(key);
    } else {
      Drop(key);
    }
    if (step % 2000 == 0) ExpectSame();
  }
  ExpectSame();
  while (!model_.empty()) Drop(model_.begin()->first);
  ExpectSame();
  Put(1);
  map_.Clear();
  model_.clear();
  ExpectSame();
}

}  // namespace
}  // namespace cupel::session
