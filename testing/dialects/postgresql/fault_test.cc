// Faults of a PostgreSQL server, and what they are to a program.

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/postgresql/postgresql.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {

FaultyServer& GetFaultyServer() {
  static auto* const server = [] {
    PostgresqlServer& shared = PostgresqlServer::Shared();
    return new FaultyServer{
        .restart = [&shared] { return shared.Restart(); },
        .process = &shared.process(),
        .url = shared.url(),
        .port = shared.port(),
        .sleep = "SELECT pg_sleep(60)",
        .doze = "SELECT pg_sleep(0.005)",
        .slow_rows =
            "SELECT i, pg_sleep(0.01)::text FROM generate_series(1, 1000) i",
        .session = "SELECT pg_backend_pid()",
        .is_busy =
            "SELECT count(*) FROM pg_stat_activity WHERE pid = $0 AND "
            "state = 'active'",
        .kill = "SELECT pg_terminate_backend($0)",
        .sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE "
            "datname = current_database() AND pid <> pg_backend_pid()",
        .limit_statements = "SET statement_timeout = 100",
        .limit_locks = "SET lock_timeout = 50",
    };
  }();
  return *server;
}

namespace {

using engine::Connection;
using engine::Engine;
using engine::ErrorKind;
using engine::IsolationLevel;

using PostgresqlFaultTest = FaultTest;

// E21: two transactions that each read what the other one writes.
TEST_F(PostgresqlFaultTest, ASerializationFailureAtCommitRollsBack) {
  Engine engine = Open();
  const engine::TransactionOptions serializable{
      .isolation = IsolationLevel::kSerializable};
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection one, engine.Connect());
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection two, engine.Connect());
  for (Connection* each : {&one, &two}) {
    CUPEL_ASSERT_OK(each->Begin(serializable));
    CUPEL_ASSERT_OK(SelectInteger(*each, "SELECT sum(b) FROM t"));
  }
  CUPEL_ASSERT_OK(one.Execute("UPDATE t SET b = 1 WHERE id = 1"));
  CUPEL_ASSERT_OK(two.Execute("UPDATE t SET b = 1 WHERE id = 2"));
  CUPEL_ASSERT_OK(one.Commit());
  const absl::Status failed = two.Commit();
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(InfoOf(failed).kind, ErrorKind::kSerializationFailure);
  EXPECT_EQ(InfoOf(failed).transaction_state,
            engine::TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(failed).retry, engine::Retry::kTransaction);
  EXPECT_FALSE(two.in_transaction());
  EXPECT_THAT(SelectInteger(two, "SELECT sum(b) FROM t"), IsOkAndHolds(1));
}

// E4: what is left of rows is read to its end in a transaction, but no longer
// than their query might have taken.
TEST_F(PostgresqlFaultTest, ASilentNetworkDoesNotKeepACursorOpen) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto proxy, FaultProxy::Start(server().port));
  Engine engine = Open({.size = 1, .max_overflow = 0}, proxy->port());
  const absl::Duration time = TimeOf([&] {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
    connection.set_deadline(engine::Deadline::After(absl::Seconds(1)));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        engine::Cursor cursor,
        connection.Query("SELECT generate_series(1, 100000000)"));
    CUPEL_ASSERT_OK(cursor.Next());
    proxy->Break(Fault::kBlackhole);
  });
  EXPECT_LT(time, kTooLong);
  EXPECT_EQ(engine.pool().counters().checked_in, 0u);
}

}  // namespace
}  // namespace cupel::testing
