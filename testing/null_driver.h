// A driver that does nothing, as fast as possible: what is measured with it is
// the cost of what lies above.

#ifndef CUPEL_TESTING_NULL_DRIVER_H_
#define CUPEL_TESTING_NULL_DRIVER_H_

#include <memory>

#include "cupel/engine/engine.h"

namespace cupel::testing {

// A dialect named "null". Statements take no parameters and give no rows.
std::shared_ptr<const engine::Dialect> NullDialect();

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_NULL_DRIVER_H_
