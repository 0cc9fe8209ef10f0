#include "cupel/testing/dialect_suite/gap_ledger.h"

#include <string>
#include <vector>

#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<std::string>& Cases() {
  static const auto& cases =
      *new std::vector<std::string>{"OneTest.A", "OneTest.B"};
  return cases;
}

TEST(GapLedgerTest, AcceptsTheFailureOfADeclaredGap) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      GapLedger ledger,
      GapLedger::Create({{"OneTest.A", "cannot count"}}, Cases()));
  ASSERT_NE(ledger.Find("OneTest.A"), nullptr);
  EXPECT_EQ(ledger.Find("OneTest.A")->reason, "cannot count");
  EXPECT_EQ(ledger.Find("OneTest.B"), nullptr);
  CUPEL_EXPECT_OK(ledger.Settle("OneTest.A", CaseOutcome::kFailed));
}

TEST(GapLedgerTest, RefusesAGapWhoseCasePasses) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      GapLedger ledger,
      GapLedger::Create({{"OneTest.A", "cannot count"}}, Cases()));
  EXPECT_THAT(
      ledger.Settle("OneTest.A", CaseOutcome::kPassed),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is closed")));
  EXPECT_THAT(ledger.Settle("OneTest.A", CaseOutcome::kNotApplicable),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is needless")));
}

TEST(GapLedgerTest, RefusesGapsThatAreNone) {
  EXPECT_THAT(
      GapLedger::Create(
          {{"OneTest.Z", "why"}, {"OneTest.A", ""}, {"OneTest.A", "again"}},
          Cases()),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("\"OneTest.Z\" names no case"),
                     HasSubstr("\"OneTest.A\" has no reason"),
                     HasSubstr("\"OneTest.A\" is declared twice"))));
}

TEST(GapLedgerTest, ReportsWhatIsMissing) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      GapLedger ledger,
      GapLedger::Create({{"OneTest.A", "cannot count"}, {"OneTest.B", "lazy"}},
                        Cases()));
  CUPEL_EXPECT_OK(ledger.Settle("OneTest.A", CaseOutcome::kFailed));
  ledger.LeftOut("sequences", "TwoTest.Y");
  ledger.LeftOut("sequences", "TwoTest.X");
  EXPECT_EQ(ledger.Report(),
            "declared gaps: 2\n"
            "  OneTest.A: cannot count\n"
            "  OneTest.B: lazy (not run)\n"
            "capabilities that are off: 1\n"
            "  sequences: TwoTest.X, TwoTest.Y\n");
}

}  // namespace
}  // namespace cupel::testing
