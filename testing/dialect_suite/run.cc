#include "cupel/testing/dialect_suite/run.h"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/testing/dialect_suite/gap_ledger.h"
#include "cupel/testing/dialect_suite/subject.h"
#include "cupel/testing/dialect_suite/suite_case.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

std::vector<std::string> LinkedCases() {
  std::vector<std::string> cases;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      cases.push_back(
          absl::StrCat(suite.name(), ".", suite.GetTestInfo(j)->name()));
    }
  }
  return cases;
}

}  // namespace

int RunDialectSuite(int argc, char** argv, DialectUnderTest subject) {
  ::testing::InitGoogleMock(&argc, argv);
  absl::StatusOr<GapLedger> ledger =
      GapLedger::Create(subject.gaps, LinkedCases());
  if (!ledger.ok()) {
    std::cerr << ledger.status().message() << "\n";
    return 1;
  }
  dialect_suite::Ledger() = *std::move(ledger);
  dialect_suite::Subject::Get().Set(std::move(subject));
  const int result = RUN_ALL_TESTS();
  // Connections close before what they rest on goes.
  dialect_suite::Subject::Get().Replace();
  if (!::testing::GTEST_FLAG(list_tests)) {
    std::cout << dialect_suite::Ledger().Report();
  }
  return result;
}

}  // namespace cupel::testing
