// Types of columns, and values at their edges: what a column of each must give
// back to the bit, and what it may also refuse.

#ifndef CUPEL_TESTING_DIALECT_SUITE_BOUNDARY_VALUES_H_
#define CUPEL_TESTING_DIALECT_SUITE_BOUNDARY_VALUES_H_

#include <string>
#include <vector>

#include "cupel/engine/engine.h"

namespace cupel::dialect_suite {

struct BoundaryValues {
  std::string name;
  engine::Type type;
  std::vector<engine::Value> kept;   // by every database
  std::vector<engine::Value> edges;  // kept as they are, or refused

  size_t size() const { return kept.size() + edges.size(); }
};

// A row a type. NULL is among what is kept.
const std::vector<BoundaryValues>& AllBoundaryValues();

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_BOUNDARY_VALUES_H_
