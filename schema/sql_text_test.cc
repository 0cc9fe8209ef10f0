#include "cupel/schema/sql_text.h"

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::schema_internal {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;

// D4
TEST(SqlTextTest, AcceptsTextThatStaysInItsClause) {
  for (const absl::string_view sql :
       {"price > 0", "name <> ');'", "(a) OR (b)", "\"odd ( name\" IS NULL",
        "E'it\\'s' = x", "a$b > 1", "x = '--'", ""}) {
    EXPECT_THAT(CheckSelfContained(sql), IsOk()) << sql;
  }
  EXPECT_THAT(CheckSelfContained("x = 'it\\'s'", true), IsOk());
}

// D4
TEST(SqlTextTest, RefusesTextThatCouldLeaveItsClause) {
  for (const absl::string_view sql :
       {"1); DROP TABLE user; --", "1 -- ", "1 /* ", "'open", "(1", "1)",
        "a) OR (b", "1; SELECT 2", "$$ ' $$", "\"open", "1 # rest",
        "E'\\' || '); DROP TABLE user; --'"}) {
    EXPECT_THAT(CheckSelfContained(sql),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << sql;
  }
  EXPECT_THAT(CheckSelfContained("'\\' || '); DROP TABLE user'", true),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SqlTextTest, StripsOnlyParenthesesAroundEverything) {
  EXPECT_EQ(StripParentheses(" ((a + b)) "), "a + b");
  EXPECT_EQ(StripParentheses("(a) + (b)"), "(a) + (b)");
  EXPECT_EQ(StripParentheses("(')')"), "')'");
  EXPECT_EQ(StripParentheses("()"), "");
  EXPECT_EQ(StripParentheses("(a"), "(a");
}

TEST(SqlTextTest, KnowsDefaultsThatNeedNoParentheses) {
  for (const absl::string_view sql :
       {"0", "-1.5", "+2e-3", "'it''s'", "CURRENT_TIMESTAMP", "x'00ff'",
        "'a\nb'", "'back\\slash'"}) {
    EXPECT_TRUE(IsPlainDefault(sql)) << sql;
  }
  for (const absl::string_view sql :
       {"1 + 1", "lower('X')", "'a' || 'b'", "- -1", ""}) {
    EXPECT_FALSE(IsPlainDefault(sql)) << sql;
  }
  EXPECT_FALSE(IsPlainDefault("'back\\slash'", true));
}

}  // namespace
}  // namespace cupel::schema_internal
