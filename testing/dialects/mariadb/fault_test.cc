// Faults of a MariaDB server, and what they are to a program.

#include <string>

#include "absl/status/status.h"
#include "cupel/engine/dialects/mariadb/mariadb.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {

FaultyServer& GetFaultyServer() {
  static auto* const server = [] {
    MariadbServer& shared = MariadbServer::Shared();
    return new FaultyServer{
        .restart = [&shared] { return shared.Restart(); },
        .process = &shared.process(),
        .url = shared.url(),
        .port = shared.port(),
        .sleep = "SELECT SLEEP(60)",
        .doze = "SELECT SLEEP(0.005)",
        .slow_rows = "SELECT seq, SLEEP(0.01) FROM seq_1_to_1000",
        .session = "SELECT CONNECTION_ID()",
        .is_busy =
            "SELECT COUNT(*) FROM information_schema.processlist "
            "WHERE id = $0 AND command IN ('Query', 'Execute') AND "
            "state <> ''",
        .kill = "KILL $0",
        .sessions =
            "SELECT COUNT(*) FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        .limit_statements = "SET max_statement_time = 0.1",
        .limit_locks = "SET innodb_lock_wait_timeout = 0",
    };
  }();
  return *server;
}

namespace {

using engine::Connection;
using engine::Engine;
using engine::ErrorKind;

using MariadbFaultTest = FaultTest;

// E21: a backup holds commits back for longer than the session will wait.
TEST_F(MariadbFaultTest, ACommitThatMayNotWaitRollsBack) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection backup, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(backup.set_transaction_options(
      {.isolation = engine::IsolationLevel::kAutocommit}));
  CUPEL_ASSERT_OK(connection.Execute("SET lock_wait_timeout = 0"));
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
  CUPEL_ASSERT_OK(backup.Execute("FLUSH TABLES WITH READ LOCK"));
  const absl::Status failed = connection.Commit();
  CUPEL_ASSERT_OK(backup.Execute("UNLOCK TABLES"));
  EXPECT_EQ(InfoOf(failed).kind, ErrorKind::kLockTimeout) << failed;
  EXPECT_EQ(InfoOf(failed).transaction_state,
            engine::TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(failed).retry, engine::Retry::kTransaction);
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_THAT(SelectInteger(connection, "SELECT COUNT(*) FROM t"),
              IsOkAndHolds(2));
}

}  // namespace
}  // namespace cupel::testing
