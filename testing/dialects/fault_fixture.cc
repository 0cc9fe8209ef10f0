#include "cupel/testing/dialects/fault_fixture.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::testing {

using engine::Connection;
using engine::Engine;

absl::StatusOr<int64_t> SelectInteger(Connection& connection,
                                      absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection.Query(sql));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  if (!found || cursor.row()[0].kind() != engine::ValueKind::kInt64) {
    return absl::NotFoundError(absl::StrCat("no integer: ", sql));
  }
  return cursor.row()[0].int64_value();
}

engine::ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
}

void FaultTest::SetUp() {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  for (absl::string_view sql :
       {"DROP TABLE IF EXISTS t",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)",
        "INSERT INTO t VALUES (1, 0), (2, 0)"}) {
    CUPEL_ASSERT_OK(connection.Execute(sql));
    CUPEL_ASSERT_OK(connection.Commit());
  }
}

Engine FaultTest::Open(const engine::PoolOptions& pool, std::optional<int> port,
                       const engine::ExecutionOptions& execution) {
  absl::StatusOr<engine::Url> url = engine::Url::Parse(server().url);
  auto engine = Engine::Create(
      {.uri = url->WithPort(port.value_or(server().port)).ToUnmaskedString(),
       .pool = pool,
       .execution = execution});
  EXPECT_THAT(engine, IsOk());
  return *std::move(engine);
}

absl::StatusOr<int64_t> FaultTest::Ask(absl::string_view sql) {
  Engine engine = Open();
  CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect());
  return SelectInteger(connection, sql);
}

absl::StatusOr<int64_t> FaultTest::AwaitSessions(int64_t count) {
  absl::StatusOr<int64_t> sessions = Ask(server().sessions);
  for (int i = 0; i < 1000 && sessions.value_or(-1) != count; ++i) {
    absl::SleepFor(absl::Milliseconds(5));
    sessions = Ask(server().sessions);
  }
  return sessions;
}

void FaultTest::AwaitBusy(int64_t session) {
  Engine engine = Open();
  auto connection = engine.Connect();
  ASSERT_THAT(connection, IsOk());
  const std::string sql = absl::Substitute(server().is_busy, session);
  while (true) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t busy,
                               SelectInteger(*connection, sql));
    if (busy > 0) return;
    // PostgreSQL shows a transaction one moment.
    CUPEL_ASSERT_OK(connection->Rollback());
    absl::SleepFor(absl::Milliseconds(1));
  }
}

}  // namespace cupel::testing
