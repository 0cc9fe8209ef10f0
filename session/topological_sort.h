// Orders items so that each follows what it depends on, by levels; cycles are
// found and reported as groups. Iterative: any depth, linear time and memory.

#ifndef CUPEL_SESSION_TOPOLOGICAL_SORT_H_
#define CUPEL_SESSION_TOPOLOGICAL_SORT_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace cupel::session {

// `second` must come after `first`.
struct Dependency {
  uint32_t first;
  uint32_t second;
};

// The strongly connected components of `count` items in an order in which each
// follows what it depends on; items that are independent keep their order.
// A component of more than one item is a cycle. (Tarjan 1972.)
std::vector<std::vector<uint32_t>> ComponentsInOrder(
    uint32_t count, absl::Span<const Dependency> dependencies);

// The level of each item: 0 for those that depend on nothing, else one more
// than the highest that it depends on. Items on a cycle, or behind one, get
// kOnCycle. (Kahn 1962.)
inline constexpr uint32_t kOnCycle = 0xffffffff;
std::vector<uint32_t> Levels(uint32_t count,
                             absl::Span<const Dependency> dependencies);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_TOPOLOGICAL_SORT_H_
