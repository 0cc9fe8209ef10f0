// What becomes of a statement that is stopped or takes too long, and of its
// connection.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::ConnectionState;
using engine::Engine;
using engine::ErrorKind;

constexpr absl::Duration kTimeout = absl::Milliseconds(150);

class StopTest : public FaultTest {
 protected:
  // Stops `sql` on `connection` once the server is at it.
  absl::Status Stop(Connection& connection, absl::string_view sql) {
    auto session = SelectInteger(connection, server().session);
    EXPECT_THAT(session, IsOk());
    std::stop_source source;
    connection.set_stop_token(source.get_token());
    std::thread stopper([&] {
      AwaitBusy(*session);
      source.request_stop();
    });
    const absl::Status status = connection.Execute(sql).status();
    stopper.join();
    connection.set_stop_token({});
    return status;
  }
};

// E18
TEST_F(StopTest, EndsAStatementAndItsTransaction) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
  const absl::Status status = Stop(connection, server().sleep);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_TRUE(connection.is_poisoned());
  CUPEL_EXPECT_OK(connection.Rollback());
  EXPECT_THAT(SelectInteger(connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(2));
  EXPECT_EQ(engine.pool().counters().connects, 1u);
}

// E18: at whatever moment it comes, it hits its own statement or none.
TEST_F(StopTest, NeverHitsTheNextStatement) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  int stopped = 0;
  for (int i = 0; i < 60; ++i) {
    std::stop_source source;
    connection.set_stop_token(source.get_token());
    std::thread stopper([&] {
      absl::SleepFor(absl::Microseconds(i * 150));
      source.request_stop();
    });
    const absl::Status status = connection.Execute(server().doze).status();
    connection.set_stop_token({});
    if (!status.ok()) {
      ++stopped;
      EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted) << status;
    }
    CUPEL_ASSERT_OK(connection.Rollback());
    EXPECT_THAT(SelectInteger(connection, "SELECT 7"), IsOkAndHolds(7));
    stopper.join();
    EXPECT_THAT(SelectInteger(connection, "SELECT 8"), IsOkAndHolds(8));
  }
  EXPECT_GT(stopped, 0);
  EXPECT_EQ(engine.pool().counters().connects, 1u);
}

class TimeoutTest : public FaultTest {
 protected:
  // Has `call`, and nothing else, time out, which costs no more than the
  // statement, however busy the server is.
  static void ExpectTimeout(
      const std::function<absl::Status(Connection&)>& call) {
    const absl::StatusOr<engine::Url> url = engine::Url::Parse(server().url);
    CUPEL_ASSERT_OK(url);
    CUPEL_ASSERT_OK_AND_ASSIGN(
        Engine engine,
        Engine::Create({.uri = url->WithQueryValue("cancel_grace", "20")
                                   .ToUnmaskedString()}));
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
    connection.set_options({.statement_timeout = kTimeout});
    absl::Status status;
    const absl::Duration time = TimeOf([&] { status = call(connection); });
    connection.set_options({.statement_timeout = kPatience});
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
    EXPECT_GE(time, kTimeout);
    EXPECT_LT(time, kTooLong);
    EXPECT_TRUE(connection.is_open());
    EXPECT_TRUE(connection.is_poisoned());
    CUPEL_EXPECT_OK(connection.Rollback());
    EXPECT_THAT(SelectInteger(connection, "SELECT count(*) FROM t"),
                IsOkAndHolds(2));
    EXPECT_EQ(engine.pool().counters().connects, 1u);
  }

  static absl::Status ReadSlowRows(Connection& connection) {
    auto cursor = connection.Query(server().slow_rows);
    absl::StatusOr<bool> more = cursor.ok() ? cursor->Next() : cursor.status();
    while (more.ok() && *more) more = cursor->Next();
    return more.status();
  }
};

// E19
TEST_F(TimeoutTest, OfAStatementKeepsTheConnection) {
  ExpectTimeout([](Connection& connection) {
    return connection.Execute(server().sleep).status();
  });
}

// E19, F17: an error that comes behind rows is no end of them.
TEST_F(TimeoutTest, BetweenRowsIsNoEndOfThem) { ExpectTimeout(ReadSlowRows); }

// E19: a limit that the server keeps itself.
TEST_F(TimeoutTest, OfTheServerIsOne) {
  Engine engine = Open();
  CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
  CUPEL_ASSERT_OK(connection.Execute(server().limit_statements));
  const absl::Status status = ReadSlowRows(connection);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout) << status;
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
}

}  // namespace
}  // namespace cupel::testing
