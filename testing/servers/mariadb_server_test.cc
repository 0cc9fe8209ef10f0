#include "cupel/testing/servers/mariadb_server.h"

#include <csignal>
#include <string>

#include "absl/status/status.h"
#include "cupel/testing/servers/server_process.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

class MariadbServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MariadbServer::IsInstalled()) GTEST_SKIP() << "no MariaDB here";
  }
};

TEST_F(MariadbServerTest, KeepsCommittedDataOverAKill) {
  MariadbServer& server = MariadbServer::Shared();
  const int port = server.port();
  ASSERT_THAT(server.CreateDatabase("shop"), IsOk());
  ASSERT_THAT(server.Execute("CREATE TABLE shop.t (a INT)"), IsOk());
  ASSERT_THAT(server.Execute("INSERT INTO shop.t VALUES (1)"), IsOk());

  ASSERT_THAT(server.Restart(), IsOk());

  EXPECT_EQ(server.port(), port);
  // The second row of the same key proves that the first is there.
  ASSERT_THAT(server.Execute("ALTER TABLE shop.t ADD UNIQUE (a)"), IsOk());
  EXPECT_FALSE(server.Execute("INSERT INTO shop.t VALUES (1)").ok());
}

TEST_F(MariadbServerTest, IsGoneWithItsObject) {
  pid_t pid = 0;
  {
    MariadbServer server;
    ASSERT_THAT(server.Start(), IsOk());
    pid = server.process().pid();
    ASSERT_EQ(kill(pid, 0), 0);
  }
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(MariadbServerTest, SaysWhyItDidNotStart) {
  MariadbServer server({.arguments = {"--no-such-option"}});
  const absl::Status status = server.Start();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("no-such-option"), std::string::npos);
}

}  // namespace
}  // namespace cupel::testing
