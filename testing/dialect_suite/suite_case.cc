#include "cupel/testing/dialect_suite/suite_case.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/dialect_suite/gap_ledger.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace cupel::dialect_suite {

using testing::CaseOutcome;
using testing::GapLedger;

GapLedger& Ledger() {
  static auto* const ledger = new GapLedger;
  return *ledger;
}

// Keeps the failures of a case to itself.
class SuiteCase::Watch {
 public:
  Watch()
      : reporter_(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS,
            &results_) {}

  int failures() const {
    int count = 0;
    for (int i = 0; i < results_.size(); ++i) {
      count += results_.GetTestPartResult(i).failed();
    }
    return count;
  }
  std::string first_failure() const {
    for (int i = 0; i < results_.size(); ++i) {
      const ::testing::TestPartResult& result = results_.GetTestPartResult(i);
      if (result.failed()) return result.message();
    }
    return "";
  }

 private:
  ::testing::TestPartResultArray results_;
  ::testing::ScopedFakeTestPartResultReporter reporter_;
};

SuiteCase::SuiteCase() = default;
SuiteCase::~SuiteCase() = default;

std::string SuiteCase::CaseName() {
  const ::testing::TestInfo& info =
      *::testing::UnitTest::GetInstance()->current_test_info();
  return absl::StrCat(info.test_suite_name(), ".", info.name());
}

void SuiteCase::LeaveOut(absl::string_view capability) {
  left_out_ = true;
  Ledger().LeftOut(capability, CaseName());
}

void SuiteCase::SetUp() {
  if (Ledger().Find(CaseName()) != nullptr) watch_ = std::make_unique<Watch>();
  Open();
  // A case that was not prepared must not run.
  if (watch_ != nullptr && watch_->failures() > 0) Settle();
}

void SuiteCase::TearDown() {
  Close();
  if (watch_ != nullptr) Settle();
}

void SuiteCase::Settle() {
  const int failures = watch_->failures();
  const std::string message = watch_->first_failure();
  watch_ = nullptr;
  const absl::Status settled =
      Ledger().Settle(CaseName(), failures > 0 ? CaseOutcome::kFailed
                                  : left_out_  ? CaseOutcome::kNotApplicable
                                               : CaseOutcome::kPassed);
  if (!settled.ok()) FAIL() << settled.message();
  GTEST_SKIP() << "declared gap: " << Ledger().Find(CaseName())->reason << "\n"
               << message;
}

}  // namespace cupel::dialect_suite
