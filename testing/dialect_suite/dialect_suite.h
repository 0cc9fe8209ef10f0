// The compliance suite of dialects: what every database of Cupel has to do, in
// cases that ask the dialect's capabilities and nothing else. A dialect's test
// is a main:
//
//   #include "cupel/testing/dialect_suite/dialect_suite.h"
//
//   int main(int argc, char** argv) {
//     return cupel::testing::RunDialectSuite(
//         argc, argv,
//         {.fresh_database = [] { return std::string("mydb://..."); },
//          .gaps = {{"UpsertTest.Counts", "not before version 9"}}});
//   }
//
// The dialect must be linked, or given. README.md tells what a case may ask of
// a database and how gaps are declared.

#ifndef CUPEL_TESTING_DIALECT_SUITE_DIALECT_SUITE_H_
#define CUPEL_TESTING_DIALECT_SUITE_DIALECT_SUITE_H_

// The target of this header brings the cases along.
#include "cupel/testing/dialect_suite/run.h"  // IWYU pragma: export

#endif  // CUPEL_TESTING_DIALECT_SUITE_DIALECT_SUITE_H_
