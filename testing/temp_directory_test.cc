#include "cupel/testing/temp_directory.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

TEST(TempDirectoryTest, IsRemovedWithItsContent) {
  std::string path;
  {
    TempDirectory directory;
    path = directory.path();
    std::filesystem::create_directory(directory.Path("sub"));
    std::ofstream(directory.Path("sub/file")) << "text";
    EXPECT_TRUE(std::filesystem::exists(path + "/sub/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TempDirectoryTest, IsNewEachTime) {
  TempDirectory a;
  TempDirectory b;
  EXPECT_NE(a.path(), b.path());
}

}  // namespace
}  // namespace cupel::testing
