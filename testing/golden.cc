#include "cupel/testing/golden.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Where the file is read: in the runfiles of the test, else in the workspace.
std::string Resolve(absl::string_view path) {
  const std::string workspace = Environment("BUILD_WORKSPACE_DIRECTORY");
  if (!workspace.empty()) return absl::StrCat(workspace, "/", path);
  const std::string runfiles = Environment("TEST_SRCDIR");
  if (runfiles.empty()) return std::string(path);
  return absl::StrCat(runfiles, "/", Environment("TEST_WORKSPACE"), "/", path);
}

// The name of the section that `line` opens, or empty.
absl::string_view SectionOf(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "== ") ||
      !absl::ConsumeSuffix(&line, " ==")) {
    return "";
  }
  return line;
}

std::string WithoutFinalNewlines(absl::string_view text) {
  while (absl::ConsumeSuffix(&text, "\n")) {
  }
  return std::string(text);
}

std::map<std::string, std::string> ReadSections(const std::string& path) {
  std::map<std::string, std::string> sections;
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  std::string section;
  std::string body;
  const auto finish = [&] {
    if (!section.empty()) sections[section] = WithoutFinalNewlines(body);
    body.clear();
  };
  for (absl::string_view line : absl::StrSplit(text.str(), '\n')) {
    if (absl::string_view name = SectionOf(line); !name.empty()) {
      finish();
      section = std::string(name);
    } else {
      absl::StrAppend(&body, line, "\n");
    }
  }
  finish();
  return sections;
}

}  // namespace

GoldenFile::GoldenFile(absl::string_view path)
    : path_(Resolve(path)),
      blessing_(!Environment("CUPEL_BLESS").empty()),
      sections_(ReadSections(path_)) {}

GoldenFile::~GoldenFile() {
  if (!blessing_) return;
  std::ofstream file(path_, std::ios::binary);
  for (const auto& [name, text] : sections_) {
    file << "== " << name << " ==\n" << text << "\n";
  }
  file.close();
  EXPECT_TRUE(file.good()) << "cannot write " << path_;
}

void GoldenFile::Expect(absl::string_view section, absl::string_view actual) {
  const std::string text = WithoutFinalNewlines(actual);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_EQ(SectionOf(line), "") << "this line would split the section";
  }
  std::string& expected = sections_[std::string(section)];
  if (blessing_) {
    expected = text;
    return;
  }
  EXPECT_EQ(text, expected)
      << "section '" << section << "' of " << path_
      << " differs; run the test with `bazel run` and CUPEL_BLESS=1 to accept";
}

}  // namespace cupel::testing
