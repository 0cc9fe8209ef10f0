#include "cupel/engine/url.h"

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Url U(absl::string_view text) {
  absl::StatusOr<Url> url = Url::Parse(text);
  EXPECT_THAT(url, IsOk()) << text;
  return url.ok() ? *url : Url();
}

// ENG-02
TEST(UrlTest, ReadsAllParts) {
  Url url = U("server+client://u:p%40w@h:5432/d?sslmode=require");
  EXPECT_EQ(url.dialect(), "server");
  EXPECT_EQ(url.driver(), "client");
  EXPECT_EQ(url.username(), "u");
  EXPECT_EQ(url.password(), "p@w");
  EXPECT_EQ(url.host(), "h");
  EXPECT_EQ(url.port(), 5432);
  EXPECT_EQ(url.database(), "d");
  EXPECT_EQ(url.QueryValue("sslmode"), "require");
  EXPECT_EQ(url.QueryValue("other"), std::nullopt);
}

// ENG-02
TEST(UrlTest, RepeatedKeysMakeLists) {
  Url url = U("x://h/d?a=1&b=2+3&a=4%2B&flag");
  EXPECT_THAT(url.QueryValues("a"), ElementsAre("1", "4+"));
  EXPECT_EQ(url.QueryValue("a"), "4+");
  EXPECT_EQ(url.QueryValue("b"), "2 3");
  EXPECT_EQ(url.QueryValue("flag"), "");
  EXPECT_EQ(url.query().size(), 3u);
}

// ENG-02
TEST(UrlTest, ReadsIpv6Hosts) {
  Url url = U("x://u@[2001:db8::1]:99/d");
  EXPECT_EQ(url.host(), "2001:db8::1");
  EXPECT_EQ(url.port(), 99);
  EXPECT_EQ(url.ToString(), "x://u@[2001:db8::1]:99/d");
  EXPECT_EQ(U("x://[fe80::1%25eth0]/").host(), "fe80::1%eth0");
}

// ENG-04
TEST(UrlTest, ThreeSlashesAreRelativeAndFourAbsolute) {
  EXPECT_EQ(U("x://").database(), "");
  EXPECT_EQ(U("x:///").database(), "");
  EXPECT_EQ(U("x:///:memory:").database(), ":memory:");
  EXPECT_EQ(U("x:///data/app.db").database(), "data/app.db");
  EXPECT_EQ(U("x:////tmp/x.db").database(), "/tmp/x.db");
  Url file = U("x:///file:x.db?mode=ro&uri=true");
  EXPECT_EQ(file.database(), "file:x.db");
  EXPECT_EQ(file.QueryValue("mode"), "ro");
  EXPECT_EQ(file.QueryValue("uri"), "true");
  EXPECT_EQ(U("x:////tmp/x.db").ToString(), "x:////tmp/x.db");
  EXPECT_EQ(file.ToString(), "x:///file:x.db?mode=ro&uri=true");
  EXPECT_EQ(U("x:////a%20b/%3F%25.db").database(), "/a b/?%.db");
}

// ENG-03
TEST(UrlTest, PrintingMasksSecrets) {
  Url url = U("x://u:hunter2@h/d?sslpassword=hunter3&a=b");
  EXPECT_EQ(url.ToString(), "x://u:***@h/d?sslpassword=***&a=b");
  std::ostringstream out;
  out << url;
  EXPECT_EQ(out.str(), url.ToString());
  EXPECT_EQ(url.ToUnmaskedString(),
            "x://u:hunter2@h/d?sslpassword=hunter3&a=b");
}

// ENG-03
TEST(UrlTest, ChangesGiveCopies) {
  const Url url = U("x://u:p@h:1/d?a=1");
  EXPECT_EQ(url.WithDatabase("e").ToUnmaskedString(), "x://u:p@h:1/e?a=1");
  EXPECT_EQ(url.WithUsername("v").WithPassword("q").ToUnmaskedString(),
            "x://v:q@h:1/d?a=1");
  EXPECT_EQ(url.WithPassword(std::nullopt).ToUnmaskedString(),
            "x://u@h:1/d?a=1");
  EXPECT_EQ(url.WithHost("i").WithPort(0).ToString(), "x://u:***@i/d?a=1");
  EXPECT_EQ(url.WithDriver("y").ToString(), "x+y://u:***@h:1/d?a=1");
  EXPECT_EQ(url.WithQueryValue("a", "2").ToString(), "x://u:***@h:1/d?a=2");
  EXPECT_EQ(url.MergeQuery({{"a", {"2"}}, {"b", {"3"}}}).ToString(),
            "x://u:***@h:1/d?a=1&a=2&b=3");
  EXPECT_EQ(url.WithoutQuery("a"), url.WithQuery({}));
  EXPECT_EQ(url, U("x://u:p@h:1/d?a=1"));
}

TEST(UrlTest, DialectsAreLowerCase) {
  EXPECT_EQ(U("X+Y://h").ToString(), "x+y://h");
}

TEST(UrlTest, AnEmptyPasswordIsNotNone) {
  EXPECT_EQ(U("x://u:@h").password(), "");
  EXPECT_EQ(U("x://u@h").password(), std::nullopt);
  EXPECT_EQ(U("x://u:@h").ToUnmaskedString(), "x://u:@h");
}

TEST(UrlTest, RefusesWhatIsNoUrlAndRepeatsNoneOfIt) {
  for (absl::string_view text :
       {"", "secret", "secret:", "//secret", "1x://secret", "x y://secret",
        "x://u:se/cret@h", "x://h:secret/", "x://h:0/", "x://h:65536/",
        "x://h:99999999999/", "x://u:secret%4@h", "x://h/secret%zz",
        "x://[secret/d", "x://u@secret@h", "x://h/d?=secret", "x://h/secret%00",
        "x+://secret"}) {
    EXPECT_THAT(Url::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                           Not(HasSubstr("secret"))))
        << text;
  }
}

TEST(UrlTest, RefusesPartsThatNoTextCouldSay) {
  EXPECT_THAT(Url::Create({}), Not(IsOk()));
  EXPECT_THAT(Url::Create({.dialect = "x", .port = 70000}), Not(IsOk()));
  EXPECT_THAT(Url::Create({.dialect = "x", .host = std::string(1, '\0')}),
              Not(IsOk()));
}

// ENG-03
TEST(UrlTest, PropertyAnyPartsGoRound) {
  std::mt19937_64 random(3);
  const auto text = [&random](size_t most) {
    std::string result(random() % most, '\0');
    // Printable ASCII with all the delimiters, and some letters beyond.
    for (char& c : result) c = static_cast<char>(' ' + random() % 95);
    return random() % 4 == 0 ? result + "\u00e9" : result;
  };
  for (int i = 0; i < 5000; ++i) {
    UrlParts parts;
    parts.dialect = "x";
    if (random() % 2) parts.driver = "y";
    parts.username = text(9);
    if (random() % 2) parts.password = text(9);
    parts.host = random() % 4 == 0 ? "::1" : text(9);
    parts.port = static_cast<int>(random() % 65536);
    parts.database = text(20);
    if (random() % 2)
      parts.query.push_back({"k" + text(4), {text(5), text(5)}});
    CUPEL_ASSERT_OK_AND_ASSIGN(Url url, Url::Create(parts));
    ASSERT_THAT(Url::Parse(url.ToUnmaskedString()), IsOkAndHolds(url))
        << url.ToUnmaskedString();
    ASSERT_THAT(Url::Parse(url.ToString()), IsOk());
  }
}

}  // namespace
}  // namespace cupel::engine
