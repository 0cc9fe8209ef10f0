#include "cupel/schema/naming_rule.h"

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

struct Names {
  absl::string_view class_name;
  absl::string_view by_rule_3;
  absl::string_view by_rule_2;
};

constexpr Names kNames[] = {
    {"BazBar", "baz_bar", "baz_bar"},
    {"FOOBar", "foo_bar", "foo_bar"},
    {"HTTPServer", "http_server", "http_server"},
    {"APIKey", "api_key", "api_key"},
    {"OAuth2Token", "o_auth2_token", "o_auth2_token"},
    {"UserID", "user_id", "userID"},
    {"MyURL", "my_url", "myURL"},
    {"AB", "ab", "AB"},
    {"HTTP2Request", "http2_request", "htt_p2_request"},
    {"User", "user", "user"},
    {"_Hidden", "hidden", "hidden"},
    {"already_snake", "already_snake", "already_snake"},
    {"", "", ""},
};

// FSA-24, FSA-25
TEST(NamingRuleTest, DefaultsToTheRuleOfVersion3) {
  for (const Names& names : kNames) {
    EXPECT_EQ(TableNameOf(names.class_name), names.by_rule_3);
  }
}

// FSA-24, FSA-25
TEST(NamingRuleTest, OffersTheRuleOfVersion2) {
  for (const Names& names : kNames) {
    EXPECT_EQ(TableNameOf(names.class_name, NamingRule::kFlask2),
              names.by_rule_2);
  }
}

}  // namespace
}  // namespace cupel::schema
