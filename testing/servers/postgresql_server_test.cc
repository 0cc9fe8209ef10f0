#include "cupel/testing/servers/postgresql_server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cupel/testing/servers/server_process.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

class PostgresqlServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresqlServer::IsInstalled()) {
      GTEST_SKIP() << "PostgreSQL's server is not installed";
    }
  }
};

TEST_F(PostgresqlServerTest, AnswersAndKeepsItsDataOverARestart) {
  PostgresqlServer server;
  CUPEL_ASSERT_OK(server.Start());
  CUPEL_ASSERT_OK(server.CreateDatabase("shop"));
  CUPEL_ASSERT_OK(server.Execute("CREATE TABLE t (a int)", "shop"));
  const int port = server.port();
  CUPEL_ASSERT_OK(server.Restart());
  EXPECT_EQ(server.port(), port);
  CUPEL_EXPECT_OK(server.Execute("SELECT a FROM t", "shop"));
  EXPECT_FALSE(server.Execute("SELECT b FROM t", "shop").ok());
}

TEST_F(PostgresqlServerTest, NothingOutlivesIt) {
  std::string folder;
  pid_t pid = 0;
  {
    PostgresqlServer server;
    CUPEL_ASSERT_OK(server.Start());
    folder = server.process().folder();
    pid = server.process().pid();
    ASSERT_TRUE(std::filesystem::exists(folder));
    ASSERT_EQ(kill(pid, 0), 0);
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(PostgresqlServerTest, SaysWhyItDoesNotStart) {
  PostgresqlServer server({.settings = {"nonsense = 1"}});
  const absl::Status status = server.Start();
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("nonsense"));
  EXPECT_FALSE(server.process().is_running());
}

TEST(ServerProcessTest, RunsProgramsAndTellsTheirFailure) {
  ServerProcess process;
  CUPEL_EXPECT_OK(process.Run({"/bin/sh", "-c", "touch mine"}));
  EXPECT_TRUE(std::filesystem::exists(process.Path("mine")));
  const absl::Status status =
      process.Run({"/bin/sh", "-c", "echo because; exit 3"});
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("because"));
}

TEST(ServerProcessTest, NeverRunsAsTheSuperuser) {
  ServerProcess process;
  CUPEL_EXPECT_OK(process.Run({"/bin/sh", "-c", "test \"$(id -u)\" != 0"}));
}

TEST(ServerProcessTest, KillsDescendantsThatLeftItsGroup) {
  ServerProcess process;
  const std::string script =
      "setsid sleep 1000 & echo $! > child; touch ready; wait";
  CUPEL_ASSERT_OK(
      process.Start({.arguments = {"/bin/sh", "-c", script}, .is_ready = [&] {
                       return std::filesystem::exists(process.Path("ready"));
                     }}));
  process.Kill();
  CUPEL_EXPECT_OK(
      process.Run({"/bin/sh", "-c",
                   "! kill -0 $(cat child) 2>/dev/null || sleep 0.2; "
                   "! kill -0 $(cat child) 2>/dev/null"}));
}

}  // namespace
}  // namespace cupel::testing
