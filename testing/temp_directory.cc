#include "cupel/testing/temp_directory.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::testing {
namespace {

std::string BaseDirectory() {
  for (const char* variable : {"TEST_TMPDIR", "TMPDIR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return "/tmp";
}

}  // namespace

TempDirectory::TempDirectory()
    : path_(absl::StrCat(BaseDirectory(), "/cupel.XXXXXX")) {
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror(path_.c_str());
    std::abort();
  }
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Path(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace cupel::testing
