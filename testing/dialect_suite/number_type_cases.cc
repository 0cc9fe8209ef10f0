#include "cupel/testing/dialect_suite/type_families.h"
#include "cupel/testing/dialect_suite/type_test.h"

namespace cupel::dialect_suite {

using NumberFamilies =
    ::testing::Types<SmallIntegers, Integers, BigIntegers, Floats, Doubles,
                     Numerics, LongNumerics, Booleans>;
INSTANTIATE_TYPED_TEST_SUITE_P(Number, TypeTest, NumberFamilies, FamilyNames);

}  // namespace cupel::dialect_suite
