// Every hostile text in every place of a program where a text can go.

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "cupel/testing/corpora/injection_checks.h"
#include "cupel/testing/dialects/test_databases.h"
#include "cupel/testing/hostile_texts.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

class InjectionTest : public ::testing::Test {
 protected:
  ~InjectionTest() override {
    const char* corpus = std::getenv("CUPEL_CORPUS");
    std::cout << HostileTexts().size() << " texts in "
              << checks_.places().size() << " places, " << checks_.cases()
              << " cases of which " << checks_.refused() << " refused"
              << (corpus == nullptr || *corpus == '\0'
                      ? "; CUPEL_CORPUS is not set: the built-in texts only\n"
                      : "\n");
  }

  // With every `step`th text.
  void Run(void (InjectionChecks::*check)(const std::string&),
           size_t least_places, size_t step = 1) {
    const std::vector<std::string>& texts = HostileTexts();
    for (size_t i = 0; i < texts.size(); i += step) (checks_.*check)(texts[i]);
    EXPECT_EQ(absl::StrJoin(checks_.leaks(), "\n"), "");
    EXPECT_GE(checks_.places().size(), least_places);
    // Most are let in: a refusal of everything would be no answer.
    EXPECT_LT(checks_.refused(), checks_.cases() / 3);
  }

  InjectionChecks checks_;
};

// G13: 51 places and more.
TEST_F(InjectionTest, OfValues) { Run(&InjectionChecks::CheckValues, 32); }
TEST_F(InjectionTest, OfPatterns) { Run(&InjectionChecks::CheckPatterns, 4); }
TEST_F(InjectionTest, OfMembers) { Run(&InjectionChecks::CheckMembers, 2); }
TEST_F(InjectionTest, OfNames) { Run(&InjectionChecks::CheckNames, 7); }
TEST_F(InjectionTest, OfDefinitions) {
  // Tables take their time on a server: each tenth text there.
  Run(&InjectionChecks::CheckSchema, 9,
      TestDatabases::Linked() != nullptr ? 10 : 1);
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
