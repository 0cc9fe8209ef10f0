// Runs the program and compares what it prints.

#include <array>
#include <cstdio>
#include <string>

#include "cupel/testing/golden.h"
#include "gtest/gtest.h"

namespace cupel {
namespace {

// ORM-06, FSA-22: the whole program needs one include and no constructor.
TEST(QuickstartTest, PrintsWhatItDid) {
  FILE* const pipe = popen("examples/quickstart/quickstart 2>&1", "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  EXPECT_EQ(pclose(pipe), 0) << output;
  testing::GoldenFile("examples/quickstart/quickstart.golden")
      .Expect("output", output);
}

}  // namespace
}  // namespace cupel
