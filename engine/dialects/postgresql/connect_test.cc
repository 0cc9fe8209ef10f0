// Opening connections, and why that may fail.

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/servers/server_process.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::ConnectionState;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::Retry;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlConnectTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (!IsSkipped()) connection_ = Open();
  }

  std::unique_ptr<DriverConnection> connection_;
};

// E31, S11
TEST_F(PostgresqlConnectTest, WhyItCannotConnectIsTold) {
  CUPEL_ASSERT_OK(
      server().Execute("DO $$BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles "
                       "WHERE rolname = 'guarded') THEN CREATE ROLE guarded "
                       "LOGIN PASSWORD 'right'; END IF; END$$"));
  const std::string at = absl::StrCat("@127.0.0.1:", server().port(), "/");
  const auto wrong =
      OpenUrl(absl::StrCat("postgresql://guarded:hunter2", at, "postgres"));
  EXPECT_THAT(wrong, StatusIs(StatusCode::kUnauthenticated));
  EXPECT_THAT(wrong.status().ToString(), Not(HasSubstr("hunter2")));
  // Words are in the server's language, and where in its source says nothing.
  EXPECT_EQ(InfoOf(wrong.status()).native_code, "28P01");
  EXPECT_EQ(InfoOf(wrong.status()).retry, Retry::kNo);
  EXPECT_THAT(std::string(wrong.status().message()), Not(HasSubstr(".c:")));
  EXPECT_THAT(
      OpenUrl(absl::StrCat("postgresql://guarded:right", at, "postgres")),
      IsOk());
  EXPECT_THAT(OpenUrl(absl::StrCat("postgresql://cupel", at, "nosuch")),
              StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(OpenUrl(absl::StrCat("postgresql://nobody", at, "postgres")),
              StatusIs(StatusCode::kUnauthenticated));
  const auto nobody = OpenUrl(absl::StrCat(
      "postgresql://127.0.0.1:", testing::FreeLoopbackPort(), "/d"));
  EXPECT_EQ(InfoOf(nobody.status()).kind, ErrorKind::kCannotConnect);
  EXPECT_EQ(InfoOf(nobody.status()).retry, Retry::kAfterBackoff);
  // Nothing that another attempt would change.
  const absl::Status plain = OpenUrl(Url("sslmode=require")).status();
  EXPECT_THAT(plain, StatusIs(StatusCode::kUnimplemented));
  EXPECT_EQ(InfoOf(plain).retry, Retry::kNo);
  EXPECT_THAT(std::string(plain.message()), HasSubstr("say sslmode=prefer"));
}

// What the URL leaves out comes from the environment, with the same care.
TEST_F(PostgresqlConnectTest, TheEnvironmentNamesTheServer) {
  const auto open = [](absl::string_view url) {
    return OpenUrl(url, engine::Deadline::After(absl::Seconds(2))).status();
  };
  setenv("PGPORT", absl::StrCat(server().port()).c_str(), 1);
  CUPEL_EXPECT_OK(open("postgresql://cupel@127.0.0.1/postgres"));
  constexpr char kTwice[] =
      "postgresql://cupel@/postgres?host=127.0.0.1,127.0.0.1";
  CUPEL_EXPECT_OK(open(kTwice));
  const absl::Status ports = open(absl::StrCat(kTwice, "&port=1,2,3"));
  EXPECT_EQ(InfoOf(ports).kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(InfoOf(ports).retry, Retry::kNo);
  // Names are looked up within the deadline, also beside a folder.
  setenv("PGHOST", "nosuch.invalid", 1);
  EXPECT_THAT(std::string(open("postgresql://cupel@/postgres").message()),
              HasSubstr("cannot look up the host"));
  unsetenv("PGHOST");
  EXPECT_THAT(
      std::string(
          open("postgresql://cupel@/postgres?host=nosuch.invalid,/nosuch")
              .message()),
      Not(HasSubstr("translate")));
  unsetenv("PGPORT");
}

// G22: by the role's limit, by the database's, and by the server's.
TEST_F(PostgresqlConnectTest, TooManyConnectionsSayWhatToDo) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const std::string name,
      SelectText(*connection_, "SELECT current_database()"));
  CUPEL_ASSERT_OK(
      server().Execute("DROP ROLE IF EXISTS limited;"
                       "CREATE ROLE limited LOGIN CONNECTION LIMIT 1;"
                       "DROP ROLE IF EXISTS many; CREATE ROLE many LOGIN"));
  const std::string host = absl::StrCat("@127.0.0.1:", server().port(), "/");
  const std::string as_limited = absl::StrCat("postgresql://limited", host);
  const std::string as_many = absl::StrCat("postgresql://many", host);
  const auto expect_refusal = [](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted));
    EXPECT_EQ(InfoOf(status).native_code, "53300");
    EXPECT_EQ(InfoOf(status).retry, Retry::kAfterBackoff);
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("make pools smaller (PoolOptions::size), or raise"));
  };
  std::vector<std::unique_ptr<DriverConnection>> open;
  CUPEL_ASSERT_OK_AND_ASSIGN(open.emplace_back(), OpenUrl(as_limited + name));
  expect_refusal(OpenUrl(as_limited + name).status());
  CUPEL_ASSERT_OK(Exec(*connection_, absl::StrCat("ALTER DATABASE ", name,
                                                  " CONNECTION LIMIT 0")));
  expect_refusal(OpenUrl(as_many + name).status());
  auto another = OpenUrl(as_many + "postgres");
  for (int i = 0; another.ok() && i < 100; ++i) {
    open.push_back(*std::move(another));
    another = OpenUrl(as_many + "postgres");
  }
  expect_refusal(another.status());
}

TEST_F(PostgresqlConnectTest, AUnixSocketWorks) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto connection,
                             OpenUrl(server().socket_url("postgres")));
  EXPECT_THAT(SelectInteger(*connection, "SELECT 1"), IsOkAndHolds(1));
}

// S3, S4
TEST_F(PostgresqlConnectTest, ASessionThatReadsBackslashesIsNotUsed) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const std::string name,
      SelectText(*connection_, "SELECT current_database()"));
  CUPEL_ASSERT_OK(Exec(*connection_,
                       absl::StrCat("ALTER DATABASE ", name,
                                    " SET standard_conforming_strings = off")));
  // Our own setting comes with the first packet, and wins.
  EXPECT_THAT(OpenUrl(Url()), IsOk());
  EXPECT_EQ(InfoOf(OpenUrl(Url("session_settings=off")).status()).kind,
            ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace cupel::postgresql_internal
