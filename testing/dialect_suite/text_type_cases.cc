#include "cupel/testing/dialect_suite/type_families.h"
#include "cupel/testing/dialect_suite/type_test.h"

namespace cupel::dialect_suite {

using TextFamilies =
    ::testing::Types<Strings, Texts, Binaries, Uuids, Jsons, Enums>;
INSTANTIATE_TYPED_TEST_SUITE_P(Text, TypeTest, TextFamilies, FamilyNames);

}  // namespace cupel::dialect_suite
