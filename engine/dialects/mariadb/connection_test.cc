#include "cupel/engine/dialects/mariadb/connection.h"

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::DriverConnection;
using engine::ErrorKind;
using engine::KindOf;
using engine::ValueView;
using testing::IsOk;
using testing::IsOkAndHolds;

class ConnectionTest : public DriverTest {};

// F28, F31
TEST_F(ConnectionTest, SetsWhatIsNeededWhateverTheServerSays) {
  testing::MariadbServer odd(
      {.arguments = {"--sql-mode=ANSI_QUOTES", "--default-time-zone=+05:00",
                     "--character-set-server=latin1"}});
  ASSERT_THAT(odd.Start(), IsOk());
  auto db = OpenUrl(odd.url());
  ASSERT_THAT(db, IsOk());
  EXPECT_THAT(SelectText(**db, "SELECT @@time_zone"), IsOkAndHolds("+00:00"));
  EXPECT_THAT(SelectText(**db, "SELECT @@collation_connection"),
              IsOkAndHolds("utf8mb4_nopad_bin"));
  const auto mode = SelectText(**db, "SELECT @@sql_mode");
  ASSERT_THAT(mode, IsOk());
  EXPECT_TRUE(absl::StrContains(*mode, "STRICT_ALL_TABLES"));
  EXPECT_TRUE(absl::StrContains(*mode, "NO_BACKSLASH_ESCAPES"));
  EXPECT_FALSE(absl::StrContains(*mode, "ANSI_QUOTES"));
  EXPECT_THAT(SelectInteger(**db, "SELECT 'a' = 'A'"), IsOkAndHolds(0));
  EXPECT_THAT(SelectInteger(**db, "SELECT 'a' = 'a '"), IsOkAndHolds(0));
}

TEST_F(ConnectionTest, OpensByPortAndBySocket) {
  EXPECT_THAT(OpenUrl(server().url("driver_test")), IsOk());
  EXPECT_THAT(OpenUrl(server().socket_url("driver_test")), IsOk());
  // A name like others, not the socket of whatever server has the usual one.
  EXPECT_THAT(OpenUrl(absl::StrCat("mariadb://cupel@localhost:",
                                   server().port(), "/driver_test")),
              IsOk());
}

// A key that a program gives is kept, whatever it is.
TEST_F(ConnectionTest, AKeyOfZeroStaysZero) {
  auto db = OpenWith({"CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY)"});
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (0)"), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t () VALUES ()"), IsOk());
  EXPECT_THAT(SelectText(*db, "SELECT GROUP_CONCAT(a ORDER BY a) FROM t"),
              IsOkAndHolds("0,1"));
}

// E31, S11: no secret in what is said.
TEST_F(ConnectionTest, RefusedPasswordIsNoPartOfTheError) {
  const std::string url = absl::StrCat(
      "mariadb://guarded:wrong-canary@127.0.0.1:", server().port(), "/test");
  const absl::Status status = OpenUrl(url).status();
  EXPECT_EQ(KindOf(status), ErrorKind::kAuthentication);
  EXPECT_EQ(InfoOf(status).native_code, "1045");
  EXPECT_FALSE(absl::StrContains(status.ToString(), "canary"));
  EXPECT_THAT(OpenUrl(absl::StrCat("mariadb://guarded:",
                                   testing::MariadbServer::kGuardedPassword,
                                   "@127.0.0.1:", server().port(), "/test")),
              IsOk());
}

// E31
TEST_F(ConnectionTest, TellsWhyItCannotOpen) {
  EXPECT_EQ(KindOf(OpenUrl("mariadb://cupel@127.0.0.1:1/test").status()),
            ErrorKind::kCannotConnect);
  EXPECT_EQ(
      KindOf(OpenUrl("mariadb://cupel@/test?unix_socket=/nowhere").status()),
      ErrorKind::kCannotConnect);
  EXPECT_EQ(KindOf(OpenUrl(server().url("no_such_database")).status()),
            ErrorKind::kNoSuchTable);
}

// G22
TEST_F(ConnectionTest, WhatAUserMayNotIsRefused) {
  OpenWith({"CREATE TABLE t (a INT)"});
  auto db = OpenUrl(absl::StrCat(
      "mariadb://guarded:", testing::MariadbServer::kGuardedPassword,
      "@127.0.0.1:", server().port(), "/test"));
  ASSERT_THAT(db, IsOk());
  const absl::Status status = Exec(**db, "SELECT * FROM driver_test.t");
  EXPECT_EQ(KindOf(status), ErrorKind::kPermission) << status;
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(InfoOf(status).native_code, "1142");
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kOk);
}

// S6: a server without TLS is not talked to in clear.
TEST_F(ConnectionTest, RequiredTlsIsNotGivenUp) {
  const absl::Status status =
      OpenUrl(server().url("driver_test", "tls=required")).status();
  EXPECT_EQ(KindOf(status), ErrorKind::kCannotConnect) << status;
}

// E3
TEST_F(ConnectionTest, TooManyConnectionsAreWorthAnotherTry) {
  testing::MariadbServer small({.arguments = {"--max-connections=10"}});
  ASSERT_THAT(small.Start(), IsOk());
  std::vector<std::unique_ptr<DriverConnection>> open;
  absl::Status status;
  // One more is let in for the superuser.
  for (int i = 0; i < 15 && status.ok(); ++i) {
    auto db = OpenUrl(small.url());
    status = db.status();
    if (db.ok()) open.push_back(*std::move(db));
  }
  EXPECT_EQ(InfoOf(status).native_code, "1040");
  EXPECT_EQ(InfoOf(status).retry, engine::Retry::kAfterBackoff);
}

// E26
TEST_F(ConnectionTest, ResetTakesBackWhatAStatementSet) {
  auto db = OpenWith({"CREATE TABLE t (a INT)"});
  auto statement = db->Prepare("SELECT ?", {});
  ASSERT_THAT(statement, IsOk());
  ASSERT_THAT(Exec(*db, "SET @x = 5"), IsOk());
  ASSERT_THAT(Exec(*db, "SET sql_mode = ''"), IsOk());
  ASSERT_THAT(Exec(*db, "CREATE TEMPORARY TABLE u (a INT)"), IsOk());
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(db->Reset({}), IsOk());
  EXPECT_THAT(SelectText(*db, "SELECT @x IS NULL"), IsOkAndHolds("1"));
  EXPECT_EQ(KindOf(Exec(*db, "SELECT * FROM u")), ErrorKind::kNoSuchTable);
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(0));
  EXPECT_THAT(
      SelectInteger(*db, "SELECT @@sql_mode LIKE '%STRICT_ALL_TABLES%'"),
      IsOkAndHolds(1));
  EXPECT_THAT(SelectText(*db, "SELECT @@time_zone"), IsOkAndHolds("+00:00"));

  // What was prepared before goes on.
  ASSERT_THAT((*statement)->Execute({{ValueView::Int64(3)}}, {}), IsOk());
  ASSERT_THAT((*statement)->Next({}), IsOkAndHolds(true));
  EXPECT_EQ((*statement)->row()[0].int64_value(), 3);
}

TEST_F(ConnectionTest, ResetCostsNothingWhenNothingChanged) {
  auto db = OpenWith({"CREATE TABLE t (a INT)"});
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(Exec(*db, "SET @x = 1"), IsOk());
  ASSERT_THAT(db->Reset({}), IsOk());
  const std::string questions =
      "SELECT variable_value + 0 FROM information_schema.session_status "
      "WHERE variable_name = 'QUESTIONS'";
  ASSERT_THAT(SelectText(*db, questions), IsOk());
  auto count = db->Prepare(questions, {});
  ASSERT_THAT(count, IsOk());
  double counts[2];
  for (double& each : counts) {
    ASSERT_THAT(db->Reset({}), IsOk());
    ASSERT_THAT((*count)->Execute({}, {}), IsOk());
    ASSERT_THAT((*count)->Next({}), IsOkAndHolds(true));
    each = (*count)->row()[0].double_value();
    (*count)->Reset();
  }
  EXPECT_EQ(counts[1] - counts[0], 1);
}

TEST_F(ConnectionTest, Pings) {
  auto db = Open();
  EXPECT_THAT(db->Ping({}), IsOk());
}

// E1, E2
TEST_F(ConnectionTest, NoticesThatTheServerHasGone) {
  testing::MariadbServer other;
  ASSERT_THAT(other.Start(), IsOk());
  auto db = OpenUrl(other.url());
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(other.Restart(), IsOk());
  EXPECT_EQ(KindOf((*db)->Ping({})), ErrorKind::kConnectionLost);
  EXPECT_FALSE((*db)->is_alive());
  EXPECT_THAT(OpenUrl(other.url()), IsOk());
}

// E9: a child forgets the connection, and its parent's goes on.
TEST_F(ConnectionTest, ChildAbandonsItsParentsConnection) {
  auto db = Open();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  const pid_t child = fork();
  if (child == 0) {
    db->Abandon();
    _exit(db->is_alive() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
  EXPECT_TRUE(db->in_transaction());
}

// C8: threads come and go; a connection is used by one after the other.
TEST_F(ConnectionTest, IsUsedByManyThreadsInTurn) {
  auto db = Open();
  for (int i = 0; i < 200; ++i) {
    std::thread([&] {
      EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
    }).join();
  }
}

}  // namespace
}  // namespace cupel::mariadb_internal
