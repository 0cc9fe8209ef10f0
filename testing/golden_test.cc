#include "cupel/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "cupel/testing/temp_directory.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

TEST(GoldenFileTest, AcceptsTheTextOfASection) {
  GoldenFile golden("testing/testdata/example.golden");
  golden.Expect("first", "SELECT 1\nFROM t");
  golden.Expect("second", "SELECT 2\n");
}

TEST(GoldenFileTest, FailsOnAnotherText) {
  EXPECT_NONFATAL_FAILURE(
      {
        GoldenFile golden("testing/testdata/example.golden");
        golden.Expect("second", "SELECT 3");
      },
      "differs");
}

TEST(GoldenFileTest, FailsOnASectionThatIsMissing) {
  EXPECT_NONFATAL_FAILURE(
      {
        GoldenFile golden("testing/testdata/example.golden");
        golden.Expect("third", "SELECT 3");
      },
      "differs");
}

TEST(GoldenFileTest, BlessingWritesTheText) {
  TempDirectory workspace;
  setenv("BUILD_WORKSPACE_DIRECTORY", workspace.path().c_str(), 1);
  setenv("CUPEL_BLESS", "1", 1);
  {
    GoldenFile golden("new.golden");
    golden.Expect("b", "two\n\n");
    golden.Expect("a", "one");
  }
  unsetenv("CUPEL_BLESS");
  std::stringstream text;
  text << std::ifstream(workspace.Path("new.golden")).rdbuf();
  EXPECT_EQ(text.str(), "== a ==\none\n== b ==\ntwo\n");
  GoldenFile("new.golden").Expect("b", "two");
  unsetenv("BUILD_WORKSPACE_DIRECTORY");
}

}  // namespace
}  // namespace cupel::testing
