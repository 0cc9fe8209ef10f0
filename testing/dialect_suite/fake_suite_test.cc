// What becomes of gaps, from the outside: by the exit code and the output of a
// suite of made-up cases.

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct SuiteRun {
  int exit_code = -1;
  std::string output;
};

SuiteRun RunFakeSuite(const std::string& arguments) {
  SuiteRun run;
  FILE* const pipe = popen(
      ("testing/dialect_suite/fake_suite " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return run;
  char text[4096];
  size_t size;
  while ((size = fread(text, 1, sizeof(text), pipe)) > 0) {
    run.output.append(text, size);
  }
  const int status = pclose(pipe);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return run;
}

TEST(FakeSuiteTest, FailsWithoutTheGaps) {
  const SuiteRun run = RunFakeSuite("--gtest_filter=FakeTest.*");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("as it must"));
}

TEST(FakeSuiteTest, PassesWithThem) {
  const SuiteRun run =
      RunFakeSuite("--gap=FakeTest.Fails --gap=UnreadyTest.DoesNotRun");
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("declared gaps: 2\n"
                              "  FakeTest.Fails: it is made up\n"
                              "  UnreadyTest.DoesNotRun: it is made up\n"),
                    HasSubstr("capabilities that are off: 1\n"
                              "  more: FakeTest.NeedsMore\n")));
}

TEST(FakeSuiteTest, FailsWhenAGapIsClosed) {
  const SuiteRun run =
      RunFakeSuite("--gap=FakeTest.Passes --gtest_filter=FakeTest.Passes");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("the gap FakeTest.Passes is closed"));
}

TEST(FakeSuiteTest, FailsWhenAGapIsNeedless) {
  const SuiteRun run = RunFakeSuite(
      "--gap=FakeTest.NeedsMore --gtest_filter=FakeTest.NeedsMore");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("the gap FakeTest.NeedsMore is needless"));
}

TEST(FakeSuiteTest, FailsBeforeTheCasesWhenAGapNamesNone) {
  const SuiteRun run = RunFakeSuite("--gap=FakeTest.Unheard");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("gap \"FakeTest.Unheard\" names no case"),
                    Not(HasSubstr("RUN"))));
}

}  // namespace
}  // namespace cupel::testing
