// Runs the cases of the dialect suite that are linked; dialect_suite.h brings
// all of them.

#ifndef CUPEL_TESTING_DIALECT_SUITE_RUN_H_
#define CUPEL_TESTING_DIALECT_SUITE_RUN_H_

#include "cupel/testing/dialect_suite/dialect_under_test.h"  // IWYU pragma: export

namespace cupel::testing {

// Runs all cases that are linked, with googletest's arguments, prints gaps and
// missing capabilities, and returns what main should. Called once a process.
int RunDialectSuite(int argc, char** argv, DialectUnderTest subject);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECT_SUITE_RUN_H_
