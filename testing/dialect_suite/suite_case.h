// The base of all cases of the dialect suite: runs the cases of declared gaps
// so that their failure is expected and their success is not.

#ifndef CUPEL_TESTING_DIALECT_SUITE_SUITE_CASE_H_
#define CUPEL_TESTING_DIALECT_SUITE_SUITE_CASE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/testing/dialect_suite/gap_ledger.h"
#include "gtest/gtest.h"

// Leaves the case, and counts it as left out, unless `condition` holds.
// `capability` is the name under which the report lists it.
#define CUPEL_SUITE_NEEDS(condition, capability) \
  do {                                           \
    if (!(condition)) {                          \
      LeaveOut(capability);                      \
      GTEST_SKIP() << "needs " << (capability);  \
    }                                            \
  } while (false)

namespace cupel::dialect_suite {

// The books of this process's run.
testing::GapLedger& Ledger();

class SuiteCase : public ::testing::Test {
 protected:
  SuiteCase();
  ~SuiteCase() override;

  // Runs Open() / Close() and settles a gap.
  void SetUp() final;
  void TearDown() final;

  // Prepares the case, and clears up after it.
  virtual void Open() {}
  virtual void Close() {}

  void LeaveOut(absl::string_view capability);

 private:
  class Watch;

  static std::string CaseName();
  // Ends watching and says what the case comes to.
  void Settle();

  bool left_out_ = false;
  std::unique_ptr<Watch> watch_;  // null: no gap
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_SUITE_CASE_H_
