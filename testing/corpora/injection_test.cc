// Every hostile text in every place of a program where a text can go.

#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/testing/corpora/injection_checks.h"
#include "cupel/testing/dialects/test_databases.h"
#include "cupel/testing/hostile_texts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using ::testing::IsEmpty;

// No statement may take the database longer, whatever the text; as a regular
// expression a very long one is a large program.
absl::Duration LongestCall(const std::string& text) {
  return text.size() < 10000 ? absl::Seconds(1) : absl::Seconds(10);
}

// Files that texts would write, if they could, and that are there.
std::vector<std::string> CanaryFiles() {
  constexpr absl::string_view kFolder = "/tmp/";
  std::vector<std::string> files;
  for (const std::string& text : HostileTexts()) {
    const size_t begin = text.find(kFolder);
    if (begin == text.npos) continue;
    size_t end = begin + kFolder.size();
    while (end < text.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) ||
            text[end] == '_' || text[end] == '.')) {
      ++end;
    }
    const std::string file = text.substr(begin, end - begin);
    if (file != kFolder && access(file.c_str(), F_OK) == 0) {
      files.push_back(file);
    }
  }
  return files;
}

class InjectionTest : public ::testing::Test {
 protected:
  ~InjectionTest() override {
    const char* corpus = std::getenv("CUPEL_CORPUS");
    std::cout << HostileTexts().size() << " texts in "
              << checks_.places().size() << " places, " << checks_.cases()
              << " cases of which " << checks_.refused()
              << " refused, longest call " << longest_call_ << " of "
              << absl::CHexEscape(longest_called_)
              << (corpus == nullptr || *corpus == '\0'
                      ? "; CUPEL_CORPUS is not set: the built-in texts only\n"
                      : "\n");
  }

  void Run(void (InjectionChecks::*check)(const std::string&),
           size_t least_places,
           const std::vector<std::string>& texts = HostileTexts()) {
    for (const std::string& text : texts) {
      // More than once the machine may have been busy.
      absl::Duration call = absl::InfiniteDuration();
      for (int i = 0; i < 5 && call > LongestCall(text); ++i) {
        (checks_.*check)(text);
        call = checks_.TakeLongestCall();
      }
      EXPECT_LE(call, LongestCall(text)) << absl::CHexEscape(text);
      if (call > longest_call_) {
        longest_call_ = call;
        longest_called_ = text.substr(0, 40);
      }
    }
    EXPECT_THAT(CanaryFiles(), IsEmpty());
    EXPECT_EQ(absl::StrJoin(checks_.leaks(), "\n"), "");
    EXPECT_GE(checks_.places().size(), least_places);
    // Most are let in: a refusal of everything would be no answer.
    EXPECT_LT(checks_.refused(), checks_.cases() / 3);
  }

  InjectionChecks checks_;
  absl::Duration longest_call_;
  std::string longest_called_;
};

// G13: 65 places and more; orm_injection_test.cc has those of mapped classes.
TEST_F(InjectionTest, OfValues) { Run(&InjectionChecks::CheckValues, 32); }
TEST_F(InjectionTest, OfPatterns) { Run(&InjectionChecks::CheckPatterns, 4); }
TEST_F(InjectionTest, OfMembers) { Run(&InjectionChecks::CheckMembers, 2); }
TEST_F(InjectionTest, OfNames) { Run(&InjectionChecks::CheckNames, 7); }
TEST_F(InjectionTest, OfDefinitions) {
  // Tables take their time on a server.
  Run(&InjectionChecks::CheckSchema, 10,
      TestDatabases::Linked() == nullptr ? HostileTexts()
                                         : FewerHostileTexts());
}
TEST_F(InjectionTest, OfLiterals) { Run(&InjectionChecks::CheckLiterals, 1); }
TEST_F(InjectionTest, OfUrls) { Run(&InjectionChecks::CheckUrls, 1); }

TEST_F(InjectionTest, HarmlessTextsAreLetInAlmostEverywhere) {
  for (const char* text : {"harmless", "Two words"}) checks_.CheckAll(text);
  checks_.CheckNumbers();
  EXPECT_EQ(absl::StrJoin(checks_.leaks(), "\n"), "");
  // What a database cannot do yet.
  EXPECT_LE(checks_.unusable().size(), 4u)
      << absl::StrJoin(checks_.unusable(), ", ");
}

}  // namespace
}  // namespace cupel::testing
