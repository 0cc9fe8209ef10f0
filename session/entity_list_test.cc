#include "cupel/session/entity_list.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cupel/session/entity_state.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::testing::ElementsAreArray;

// Addresses only: nobody looks behind them.
EntityState* At(uint64_t address) {
  return reinterpret_cast<EntityState*>(static_cast<uintptr_t>(address));
}

constexpr uint64_t kBase = uint64_t{1} << 40;
constexpr uint64_t kReach = uint64_t{16} << 30;

std::vector<EntityState*> Contents(const EntityList& list) {
  std::vector<EntityState*> contents;
  for (size_t i = 0; i < list.size(); ++i) contents.push_back(list[i]);
  return contents;
}

TEST(EntityListTest, GivesBackWhatLiesNear) {
  const std::vector<EntityState*> states = {
      At(kBase), At(kBase + 8), At(kBase - 8), At(kBase + kReach - 8),
      At(kBase - kReach + 8)};
  EntityList list;
  for (EntityState* state : states) list.push_back(state);
  EXPECT_THAT(Contents(list), ElementsAreArray(states));
}

TEST(EntityListTest, GivesBackWhatLiesFar) {
  for (const uint64_t far :
       {kBase + kReach, kBase - kReach, uint64_t{4096}, kBase << 6}) {
    std::vector<EntityState*> states = {At(kBase), At(kBase + 64), At(far),
                                        At(kBase + 128)};
    EntityList list;
    for (EntityState* state : states) list.push_back(state);
    EXPECT_THAT(Contents(list), ElementsAreArray(states));
    list.Leave(1);
    list.shrink_to_fit();
    states[1] = nullptr;
    EXPECT_THAT(Contents(list), ElementsAreArray(states));
  }
}

TEST(EntityListTest, KeepsPlacesOfThoseThatStay) {
  EntityList list;
  for (const uint64_t i : {0, 1, 2}) list.push_back(At(kBase + 64 * i));
  list.Leave(0);
  EXPECT_EQ(list[0], nullptr);
  EXPECT_EQ(list[1], At(kBase + 64));
  EXPECT_EQ(list[2], At(kBase + 128));
}

}  // namespace
}  // namespace cupel::session
