#include "cupel/engine/dialects/postgresql/options.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using cupel::testing::IsOk;
using cupel::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<Options> Parse(absl::string_view url,
                              const engine::ConnectOptions& arguments = {}) {
  auto parsed = engine::Url::Parse(url);
  if (!parsed.ok()) return parsed.status();
  return ParseOptions(*parsed, arguments);
}

std::string Get(const Options& options, absl::string_view name) {
  for (const auto& [key, value] : options.parameters) {
    if (key == name) return value;
  }
  return "(none)";
}

TEST(PostgresqlOptionsTest, SwitchesOfTheDriverAreRead) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const Options usual, Parse("postgresql://h/d"));
  EXPECT_TRUE(usual.copy);
  EXPECT_TRUE(usual.commit_tokens);
  EXPECT_TRUE(usual.session_settings);
  EXPECT_EQ(usual.fetch_size, 0);
  CUPEL_ASSERT_OK_AND_ASSIGN(const Options options,
                             Parse("postgresql://h/d?copy=off&fetch_size=500"));
  EXPECT_FALSE(options.copy);
  EXPECT_EQ(options.fetch_size, 500);
  for (absl::string_view bad : {"copy=maybe", "fetch_size=-1",
                                "fetch_size=many", "fetch_size=1000001"}) {
    EXPECT_THAT(Parse(absl::StrCat("postgresql://h/d?", bad)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(PostgresqlOptionsTest, PartsOfTheUrlReachTheClient) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Options options,
      Parse("postgresql://ann:p%40ss@db.example:6432/shop?sslmode=require&"
            "connect_timeout=2.5&cancel_grace=0.3&prepare=off"));
  EXPECT_EQ(Get(options, "host"), "db.example");
  EXPECT_EQ(Get(options, "port"), "6432");
  EXPECT_EQ(Get(options, "user"), "ann");
  EXPECT_EQ(Get(options, "password"), "p@ss");
  EXPECT_EQ(Get(options, "dbname"), "shop");
  EXPECT_EQ(Get(options, "sslmode"), "require");
  EXPECT_EQ(options.server, "db.example:6432");
  EXPECT_EQ(options.connect_timeout, absl::Seconds(2.5));
  EXPECT_EQ(options.cancel_grace, absl::Seconds(0.3));
  EXPECT_FALSE(options.prepare);
}

TEST(PostgresqlOptionsTest, TheSessionIsSetUpByTheFirstPacket) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Options options,
                             Parse("postgresql://h/d?search_path=a%20b,c%5C"));
  EXPECT_EQ(Get(options, "client_encoding"), "UTF8");
  EXPECT_THAT(Get(options, "options"), HasSubstr("-c TimeZone=UTC"));
  EXPECT_THAT(Get(options, "options"), HasSubstr(R"(search_path=a\ b,c\\)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(options,
                             Parse("postgresql://h/d?session_settings=off"));
  EXPECT_EQ(Get(options, "options"), "(none)");
  EXPECT_FALSE(options.session_settings);
}

TEST(PostgresqlOptionsTest, OptionsOfTheClientArePassedOn) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const Options options,
      Parse("postgresql:///d?host=a,b&port=1,65535&keepalives_idle=30&"
            "target_session_attrs=read-write&channel_binding=require"));
  EXPECT_EQ(Get(options, "port"), "1,65535");
  EXPECT_EQ(Get(options, "keepalives_idle"), "30");
  EXPECT_EQ(Get(options, "target_session_attrs"), "read-write");
  EXPECT_EQ(Get(options, "channel_binding"), "require");
}

TEST(PostgresqlOptionsTest, ArgumentsWinOverTheUrl) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const Options options,
                             Parse("postgresql://h/d?application_name=a",
                                   {.arguments = {{"application_name", "b"}}}));
  EXPECT_EQ(Get(options, "application_name"), "b");
}

// S5
TEST(PostgresqlOptionsTest, UnknownOptionsAreErrors) {
  for (absl::string_view option : {"passfile=/etc/passwd",
                                   "service=x",
                                   "options=-c%20x=y",
                                   "user=u",
                                   "password=hunter2",
                                   "dbname=host%3Devil",
                                   "nonsense=1",
                                   "client_encoding=LATIN1",
                                   "sslmode=maybe-hunter2",
                                   "prepare=hunter2",
                                   "cancel_grace=0",
                                   "cancel_grace=hunter2",
                                   "connect_timeout=-1",
                                   "connect_timeout=nan",
                                   "connect_timeout=x",
                                   "session_settings=hunter2",
                                   "commit_tokens=hunter2",
                                   "channel_binding=hunter2",
                                   "target_session_attrs=hunter2",
                                   "target_session_attrs=any,standby",
                                   "keepalives=hunter2",
                                   "keepalives_idle=-1",
                                   "tcp_user_timeout=",
                                   "port=hunter2",
                                   "host=a,b&port=1,",
                                   "port=65536"}) {
    const absl::Status status =
        Parse(absl::StrCat("postgresql://h/d?", option)).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << option;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
  }
}

// S7
TEST(PostgresqlOptionsTest, LineBreaksAndNulAreRefused) {
  for (absl::string_view url :
       {"postgresql://u%0A@h/d", "postgresql://u@h/d%0D",
        "postgresql://u:p%0A@h/d", "postgresql://h/d?application_name=a%0Ab"}) {
    EXPECT_THAT(Parse(url), StatusIs(absl::StatusCode::kInvalidArgument))
        << url;
  }
  EXPECT_THAT(Parse("postgresql://h/d?application_name=a%00b"), Not(IsOk()));
}

TEST(PostgresqlOptionsTest, AHostIsNamedOnce) {
  EXPECT_THAT(Parse("postgresql://h/d?host=/tmp"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  CUPEL_ASSERT_OK_AND_ASSIGN(const Options options,
                             Parse("postgresql:///d?host=/tmp&port=5433"));
  EXPECT_EQ(options.server, "/tmp:5433");
}

}  // namespace
}  // namespace cupel::postgresql_internal
