#include "cupel/session/topological_sort.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::testing::ElementsAre;

TEST(TopologicalSortTest, PutsWhatIsNeededFirst) {
  const std::vector<Dependency> dependencies = {{2, 1}, {1, 0}};
  EXPECT_THAT(ComponentsInOrder(3, dependencies),
              ElementsAre(ElementsAre(2), ElementsAre(1), ElementsAre(0)));
}

TEST(TopologicalSortTest, KeepsTheOrderOfIndependentItems) {
  EXPECT_THAT(ComponentsInOrder(3, {}),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST(TopologicalSortTest, GathersACycleInOneComponent) {
  const std::vector<Dependency> dependencies = {{0, 1}, {1, 2}, {2, 1}, {2, 3}};
  EXPECT_THAT(ComponentsInOrder(4, dependencies),
              ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3)));
}

TEST(TopologicalSortTest, CountsLevelsFromTheRoots) {
  const std::vector<Dependency> dependencies = {{0, 1}, {1, 2}, {0, 2}};
  EXPECT_THAT(Levels(4, dependencies), ElementsAre(0, 1, 2, 0));
}

TEST(TopologicalSortTest, MarksACycleAndWhatIsBehindIt) {
  const std::vector<Dependency> dependencies = {{0, 1}, {1, 0}, {1, 2}};
  EXPECT_THAT(Levels(4, dependencies),
              ElementsAre(kOnCycle, kOnCycle, kOnCycle, 0));
}

TEST(TopologicalSortTest, DoesNotRecurse) {
  constexpr uint32_t kCount = 1000000;
  std::vector<Dependency> chain;
  for (uint32_t i = 1; i < kCount; ++i) chain.push_back({i, i - 1});
  EXPECT_EQ(ComponentsInOrder(kCount, chain).size(), kCount);
  EXPECT_EQ(Levels(kCount, chain)[0], kCount - 1);
}

}  // namespace
}  // namespace cupel::session
