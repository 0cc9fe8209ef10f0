// What the dialect suite has to know of the dialect that it is run on.

#ifndef CUPEL_TESTING_DIALECT_SUITE_DIALECT_UNDER_TEST_H_
#define CUPEL_TESTING_DIALECT_SUITE_DIALECT_UNDER_TEST_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialect_suite/gap_ledger.h"

namespace cupel::testing {

struct DialectUnderTest {
  // Makes a database without tables and gives its URL. Called at the beginning,
  // and again after a case that could not clear up. All connections to the URL
  // must see the same database. It may go when the process ends.
  std::function<absl::StatusOr<std::string>()> fresh_database;
  // Cases that fail and why. A case that a missing capability leaves out needs
  // no gap.
  std::vector<DialectGap> gaps;
  // Null: the registered dialect that the URL names.
  std::shared_ptr<const engine::Dialect> dialect;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECT_SUITE_DIALECT_UNDER_TEST_H_
