// Runs the program and compares what it prints, which is the same on all
// databases.

#include <array>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "cupel/testing/golden.h"
#include "cupel/testing/temp_database.h"
#include "gtest/gtest.h"

namespace cupel {
namespace {

// ORM-06, FSA-22: the whole program needs one include and no constructor.
TEST(QuickstartTest, PrintsWhatItDid) {
  const std::string url = testing::MemoryUrl();
  // SQLite is what it takes without being told.
  const std::string argument =
      url == "sqlite://" ? "" : absl::StrCat("'", url, "'");
  const std::string command =
      absl::StrCat("examples/quickstart/quickstart ", argument, " 2>&1");
  FILE* const pipe = popen(command.c_str(), "r");
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
