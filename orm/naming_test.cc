#include "cupel/orm/naming.h"

#include <string>
#include <utility>
#include <vector>

#include "cupel/orm/member.h"
#include "gtest/gtest.h"

namespace cupel {
namespace {

using Cases = std::vector<std::pair<std::string, std::string>>;

// FSA-24
TEST(NamingTest, SplitsClassNamesIntoSnakeCase) {
  for (const auto& [name, table] : Cases{{"User", "user"},
                                         {"BazBar", "baz_bar"},
                                         {"FOOBar", "foo_bar"},
                                         {"HTTPServer", "http_server"},
                                         {"APIKey", "api_key"},
                                         {"OAuth2Token", "o_auth2_token"},
                                         {"_Hidden", "hidden"},
                                         {"already_snake", "already_snake"}}) {
    EXPECT_EQ(TableNameFor(name), table);
  }
}

// FSA-25
TEST(NamingTest, OffersBothRulesForOddNames) {
  for (const auto& [name, table] : Cases{{"UserID", "user_id"},
                                         {"MyURL", "my_url"},
                                         {"AB", "ab"},
                                         {"HTTP2Request", "http2_request"}}) {
    EXPECT_EQ(TableNameFor(name), table);
  }
  for (const auto& [name, table] : Cases{{"UserID", "userID"},
                                         {"MyURL", "myURL"},
                                         {"AB", "AB"},
                                         {"BazBar", "baz_bar"},
                                         {"FOOBar", "foo_bar"},
                                         {"HTTPServer", "http_server"},
                                         {"OAuth2Token", "o_auth2_token"},
                                         {"HTTP2Request", "htt_p2_request"}}) {
    EXPECT_EQ(TableNameFor(name, TableNameRule::kLegacy), table);
  }
}

struct Base {
  int created = 0;
};

template <typename T>
struct Box : Base {
  T first_value;
  static inline int shared = 0;
};

struct Local {
  int id = 0;
  std::string email_address;
};

// ORM-01
TEST(MemberTest, KnowsNamesAtCompileTime) {
  static_assert(kMemberName<&Local::id> == "id");
  static_assert(kMemberName<&Local::email_address> == "email_address");
  static_assert(kMemberName<&Box<std::vector<int>>::first_value> ==
                "first_value");
  static_assert(kTypeName<Local> == "Local");
  static_assert(kTypeName<Box<std::string>> == "Box");
}

TEST(MemberTest, KnowsTypesAndOffsets) {
  static_assert(std::is_same_v<MemberType<&Local::email_address>, std::string>);
  static_assert(std::is_same_v<MemberClass<&Box<int>::created>, Base>);
  EXPECT_EQ(orm_internal::MemberOffsetOf<&Local::id>()(), 0u);
  EXPECT_EQ(orm_internal::MemberOffsetOf<&Local::email_address>()(),
            offsetof(Local, email_address));
  EXPECT_EQ((orm_internal::BaseOffsetOf<Box<int>, Base>()()), 0u);
}

}  // namespace
}  // namespace cupel
