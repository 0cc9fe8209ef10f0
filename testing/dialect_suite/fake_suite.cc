// A suite of made-up cases. Each argument --gap=Suite.Case declares a gap.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/testing/dialect_suite/run.h"
#include "cupel/testing/dialect_suite/suite_case.h"
#include "gtest/gtest.h"

namespace cupel::dialect_suite {
namespace {

using FakeTest = SuiteCase;

TEST_F(FakeTest, Passes) {}

TEST_F(FakeTest, Fails) { FAIL() << "as it must"; }

TEST_F(FakeTest, NeedsMore) { CUPEL_SUITE_NEEDS(false, "more"); }

class UnreadyTest : public SuiteCase {
 protected:
  void Open() override { FAIL() << "not ready"; }
};

TEST_F(UnreadyTest, DoesNotRun) { std::abort(); }

}  // namespace
}  // namespace cupel::dialect_suite

int main(int argc, char** argv) {
  std::vector<cupel::testing::DialectGap> gaps;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--gap=")) {
      gaps.push_back({std::string(argument), "it is made up"});
    }
  }
  return cupel::testing::RunDialectSuite(argc, argv, {.gaps = gaps});
}
