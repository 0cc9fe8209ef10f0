#include "cupel/testing/dialect_suite/type_families.h"
#include "cupel/testing/dialect_suite/type_test.h"

namespace cupel::dialect_suite {

using TimeFamilies =
    ::testing::Types<Dates, Times, Timestamps, ZonedTimestamps, Intervals>;
INSTANTIATE_TYPED_TEST_SUITE_P(Time, TypeTest, TimeFamilies, FamilyNames);

}  // namespace cupel::dialect_suite
