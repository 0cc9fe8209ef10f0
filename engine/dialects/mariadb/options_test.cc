#include "cupel/engine/dialects/mariadb/options.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::ErrorKind;
using engine::KindOf;
using testing::IsOk;

absl::StatusOr<Options> Parse(absl::string_view url,
                              const engine::ConnectOptions& arguments = {}) {
  auto parsed = engine::Url::Parse(url);
  if (!parsed.ok()) return parsed.status();
  return ParseOptions(*parsed, arguments);
}

TEST(OptionsTest, HaveTheirDefaults) {
  const auto options = Parse("mariadb://me@/shop");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->host, "127.0.0.1");
  EXPECT_EQ(options->port, 3306);
  EXPECT_EQ(options->user, "me");
  EXPECT_EQ(options->password, "");
  EXPECT_EQ(options->database, "shop");
  EXPECT_EQ(options->tls, TlsMode::kOff);
  EXPECT_FALSE(options->allow_implicit_commit);
  EXPECT_EQ(options->connect_timeout, absl::Seconds(10));
}

TEST(OptionsTest, ReadTheWholeUrl) {
  const auto options = Parse(
      "mariadb://me:s%40crt@db.example:3307/shop?unix_socket=/run/s"
      "&connect_timeout=2.5&cancel_grace=0.3&lock_wait_timeout=3&max_statement_"
      "time=0.5"
      "&implicit_commit=allow&compress=on&program_name=till&tls=verify"
      "&tls_ca=/ca.pem&tls_cert=/c.pem&tls_key=/k.pem");
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->host, "db.example");
  EXPECT_EQ(options->port, 3307);
  EXPECT_EQ(options->password, "s@crt");
  EXPECT_EQ(options->unix_socket, "/run/s");
  EXPECT_EQ(options->connect_timeout, absl::Milliseconds(2500));
  EXPECT_EQ(options->cancel_grace, absl::Milliseconds(300));
  EXPECT_EQ(options->lock_wait_timeout_seconds, 3);
  EXPECT_EQ(options->max_statement_time, absl::Milliseconds(500));
  EXPECT_TRUE(options->allow_implicit_commit);
  EXPECT_TRUE(options->compress);
  EXPECT_EQ(options->program_name, "till");
  EXPECT_EQ(options->tls, TlsMode::kVerify);
  EXPECT_EQ(options->tls_ca, "/ca.pem");
}

TEST(OptionsTest, ArgumentsWinOverTheUrl) {
  engine::ConnectOptions arguments;
  arguments.arguments["lock_wait_timeout"] = "7";
  const auto options =
      Parse("mariadb://me@h/shop?lock_wait_timeout=3", arguments);
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->lock_wait_timeout_seconds, 7);
}

// S5, S7, S11
TEST(OptionsTest, RefuseWhatTheyDoNotKnow) {
  for (const char* url :
       {"mariadb://me:canary@h/shop?local_infile=1",
        "mariadb://me:canary@h/shop?init_command=canary",
        "mariadb://me:canary@h/shop?read_default_file=canary",
        "mariadb://me:canary@h/shop?lock_wait_timeout=canary",
        "mariadb://me:canary@h/shop?lock_wait_timeout=-1",
        "mariadb://me:canary@h/shop?cancel_grace=0",
        "mariadb://me:canary@h/shop?connect_timeout=0",
        "mariadb://me:canary@h/shop?tls=canary",
        "mariadb://me:canary@h/shop?tls_ca=/canary",
        "mariadb://me:canary@h/shop?implicit_commit=canary",
        "mariadb://me:canary@h/shop?program_name=canary%00"}) {
    const absl::Status status = Parse(url).status();
    EXPECT_EQ(KindOf(status), ErrorKind::kInvalidValue) << url;
    EXPECT_FALSE(absl::StrContains(status.ToString(), "canary")) << status;
  }
}

TEST(OptionsTest, ASocketsPathIsNotCut) {
  const std::string longest = "/" + std::string(106, 's');
  EXPECT_THAT(Parse("mariadb://me@/shop?unix_socket=" + longest), IsOk());
  EXPECT_EQ(
      KindOf(Parse("mariadb://me@/shop?unix_socket=" + longest + "s").status()),
      ErrorKind::kInvalidValue);
}

}  // namespace
}  // namespace cupel::mariadb_internal
