// Deadlines and requests to cancel, against servers that do not answer.

#include "cupel/engine/deadline.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/url.h"
#include "cupel/engine/value.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using absl::StatusCode;
using cupel::testing::Fault;
using cupel::testing::FaultProxy;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::ConnectionState;
using engine::Deadline;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::TransactionState;
using ::testing::HasSubstr;

// Far above what machines under load add, far below for ever.
constexpr absl::Duration kSoon = absl::Seconds(5);
// Of connections that a deadline must not cost, however busy the machine is.
constexpr char kPatient[] = "cancel_grace=30";

class PostgresqlDeadlineTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (IsSkipped()) return;
    Connect("");
  }

  void Connect(absl::string_view options) {
    connection_ = Open(options);
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const int64_t pid,
        SelectInteger(*connection_, "SELECT pg_backend_pid()"));
    backend_ = static_cast<pid_t>(pid);
    start_ = absl::Now();
  }

  absl::Duration spent() const { return absl::Now() - start_; }

  std::unique_ptr<DriverConnection> connection_;
  pid_t backend_ = 0;
  absl::Time start_;
};

TEST_F(PostgresqlDeadlineTest, AStatementIsCancelledAtItsDeadline) {
  Connect(kPatient);
  const absl::Status status = Exec(*connection_, "SELECT pg_sleep(60)", {},
                                   Deadline::After(absl::Milliseconds(300)));
  EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(InfoOf(status).native_code, "57014");
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_GE(spent(), absl::Milliseconds(300));
  EXPECT_LT(spent(), kSoon);
  // The request hit nothing else.
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

TEST_F(PostgresqlDeadlineTest, ATimeoutPoisonsItsTransaction) {
  Connect(kPatient);
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  const absl::Status status = Exec(*connection_, "SELECT pg_sleep(60)", {},
                                   Deadline::After(absl::Milliseconds(100)));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
  CUPEL_EXPECT_OK(connection_->Rollback({}));
}

// It is waited for as long as the URL says.
TEST_F(PostgresqlDeadlineTest, ALateEndOfAStatementIsWaitedFor) {
  Connect(kPatient);
  ASSERT_EQ(kill(backend_, SIGSTOP), 0);
  std::thread thaw([&] {
    absl::SleepFor(absl::Seconds(1));
    kill(backend_, SIGCONT);
  });
  const absl::Status status = Exec(*connection_, "SELECT pg_sleep(60)", {},
                                   Deadline::After(absl::Milliseconds(100)));
  thaw.join();
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

// Also by those who go on to read what comes until it ends.
TEST_F(PostgresqlDeadlineTest, RowsThatComeAfterTheDeadlineCostNothing) {
  Connect(kPatient);
  CUPEL_ASSERT_OK(Exec(*connection_,
                       "CREATE FUNCTION stubborn(int) RETURNS text LANGUAGE "
                       "plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN ''; "
                       "EXCEPTION WHEN query_canceled THEN "
                       "RETURN repeat('x', 10000); END $$"));
  auto statement = connection_->Prepare(
      "SELECT stubborn(i) FROM generate_series(1, 5) AS i", {});
  CUPEL_ASSERT_OK(statement);
  const Deadline deadline = Deadline::After(absl::Milliseconds(300));
  absl::Status status = (*statement)->Execute({}, deadline);
  while (status.ok()) {
    const auto more = (*statement)->Next(deadline);
    if (more.ok() && !*more) break;
    status = more.status();
  }
  EXPECT_TRUE(connection_->is_alive()) << status;
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

// What the server has said is the error; but its request may still come.
TEST_F(PostgresqlDeadlineTest, ARequestWithoutAnAnswerCostsTheConnection) {
  CUPEL_ASSERT_OK_AND_ASSIGN(auto proxy, FaultProxy::Start(server().port()));
  const auto url = engine::Url::Parse(Url("cancel_grace=1"));
  CUPEL_ASSERT_OK(url);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      connection_, OpenUrl(url->WithPort(proxy->port()).ToUnmaskedString()));
  CUPEL_ASSERT_OK(Exec(*connection_, "SET statement_timeout = 300"));
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  proxy->set_welcome(Fault::kBlackhole);
  const absl::Status status = Exec(*connection_, "SELECT pg_sleep(60)", {},
                                   Deadline::After(absl::Milliseconds(100)));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout) << status;
  EXPECT_EQ(InfoOf(status).native_code, "57014");
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_FALSE(connection_->is_alive());
}

// F13, E4
TEST_F(PostgresqlDeadlineTest, F13AFrozenBackendIsGivenUpAtTheDeadline) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  ASSERT_EQ(kill(backend_, SIGSTOP), 0);
  start_ = absl::Now();
  const absl::Status status = Exec(*connection_, "SELECT 1", {},
                                   Deadline::After(absl::Milliseconds(300)));
  EXPECT_LT(spent(), kSoon);
  EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded,
                               HasSubstr("within cancel_grace")));
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_FALSE(connection_->is_alive());
  connection_->Close();  // does not wait either
  EXPECT_LT(spent(), kSoon);
  kill(backend_, SIGCONT);
}

// F10, F13
TEST_F(PostgresqlDeadlineTest, F10ACommitWithoutAnAnswerIsUnknown) {
  auto connection = Open("commit_tokens=off");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const int64_t pid, SelectInteger(*connection, "SELECT pg_backend_pid()"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  ASSERT_EQ(kill(static_cast<pid_t>(pid), SIGSTOP), 0);
  const absl::Status status =
      connection->Commit(Deadline::After(absl::Milliseconds(200)));
  EXPECT_THAT(status, StatusIs(StatusCode::kUnknown));
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kUnknown);
  EXPECT_FALSE(connection->is_alive());
  kill(static_cast<pid_t>(pid), SIGCONT);
}

// F10, E23: a deferred trigger sleeps, so that the COMMIT is on its way.
TEST_F(PostgresqlDeadlineTest, F10AnUnknownCommitIsResolvedByItsToken) {
  for (absl::string_view sql :
       {"CREATE TABLE t (a int)",
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM pg_sleep(1); RETURN NULL; END$$",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE "
        "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"}) {
    CUPEL_ASSERT_OK(Exec(*connection_, sql));
  }
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection_, "INSERT INTO t VALUES (1)"));
  const absl::Status status =
      connection_->Commit(Deadline::After(absl::Milliseconds(300)));
  EXPECT_THAT(status, StatusIs(StatusCode::kUnknown));
  const std::string token = InfoOf(status).commit_token;
  EXPECT_NE(token, "");
  auto other = Open();
  auto outcome = other->ResolveCommit(token, {});
  EXPECT_THAT(outcome, IsOkAndHolds(engine::CommitOutcome::kInProgress));
  while (outcome.ok() && *outcome == engine::CommitOutcome::kInProgress) {
    outcome = other->ResolveCommit(token, {});
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t rows,
                             SelectInteger(*other, "SELECT count(*) FROM t"));
  EXPECT_THAT(outcome,
              IsOkAndHolds(rows == 1 ? engine::CommitOutcome::kCommitted
                                     : engine::CommitOutcome::kRolledBack));
}

TEST_F(PostgresqlDeadlineTest, RowsThatStopComingAreGivenUp) {
  auto statement = connection_->Prepare(
      "SELECT repeat('x', 10000) FROM generate_series(1, 100000)", {});
  CUPEL_ASSERT_OK(statement);
  CUPEL_ASSERT_OK((*statement)->Execute({}, {}));
  ASSERT_EQ(kill(backend_, SIGSTOP), 0);
  start_ = absl::Now();
  const Deadline deadline = Deadline::After(absl::Milliseconds(300));
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = (*statement)->Next(deadline);
  EXPECT_THAT(more, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_LT(spent(), kSoon);
  kill(backend_, SIGCONT);
}

// Another statement has to wait for what is left of the rows: its deadline ends
// these, and with them the transaction.
TEST_F(PostgresqlDeadlineTest, RowsInTheWayOfADeadlinePoison) {
  Connect(kPatient);
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  auto statement = connection_->Prepare(
      "SELECT repeat('x', 10000), pg_sleep(0.01) FROM generate_series(1, 1000)",
      {});
  CUPEL_ASSERT_OK(statement);
  CUPEL_ASSERT_OK((*statement)->Execute({}, {}));
  const absl::Status status = Exec(*connection_, "SELECT 1", {},
                                   Deadline::After(absl::Milliseconds(200)));
  EXPECT_LT(spent(), kSoon);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout) << status;
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kPoisoned);
  (*statement)->Reset();
  CUPEL_EXPECT_OK(connection_->Rollback({}));
}

// A listener that takes connections and says nothing.
// E5
TEST_F(PostgresqlDeadlineTest, ASilentListenerIsGivenUp) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string url =
      absl::StrCat("postgresql://127.0.0.1:", ntohs(address.sin_port), "/d");
  const auto by_deadline =
      OpenUrl(url, Deadline::After(absl::Milliseconds(200)));
  EXPECT_EQ(InfoOf(by_deadline.status()).kind, ErrorKind::kCannotConnect);
  const auto by_option = OpenUrl(absl::StrCat(url, "?connect_timeout=0.2"));
  EXPECT_EQ(InfoOf(by_option.status()).kind, ErrorKind::kCannotConnect);
  EXPECT_LT(spent(), kSoon);
  // It does not take the time that another server needs.
  CUPEL_EXPECT_OK(
      OpenUrl(absl::StrCat("postgresql://cupel@/postgres?host=127.0.0.1,"
                           "127.0.0.1&port=",
                           ntohs(address.sin_port), ",", server().port()),
              Deadline::After(absl::Seconds(2))));
  close(listener);
}

TEST_F(PostgresqlDeadlineTest, ADeadlineThatIsOverSendsNothing) {
  CUPEL_ASSERT_OK(connection_->Begin({}, {}));
  const absl::Status status =
      Exec(*connection_, "SELECT 1", {}, Deadline::After(absl::ZeroDuration()));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kStatementTimeout);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kActive);
  CUPEL_EXPECT_OK(connection_->Commit({}));
}

// E18
TEST_F(PostgresqlDeadlineTest, AnotherThreadCancels) {
  auto canceller = connection_->canceller();
  auto other = Open();
  std::thread thread([&] {
    const std::string running = absl::StrCat(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = ", backend_,
        " AND wait_event = 'PgSleep'");
    while (SelectInteger(*other, running).value_or(1) == 0) {
    }
    canceller->Cancel();
  });
  const absl::Status status = Exec(*connection_, "SELECT pg_sleep(60)");
  thread.join();
  EXPECT_THAT(status, StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
  EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kOk);
  EXPECT_THAT(SelectInteger(*connection_, "SELECT 1"), IsOkAndHolds(1));
}

// E18: a request that comes late hits no other statement.
TEST_F(PostgresqlDeadlineTest, CancellingAtAnyMomentHitsOnlyWhatRuns) {
  auto canceller = connection_->canceller();
  canceller->Cancel();  // nothing runs
  std::atomic<bool> stop = false;
  std::thread thread([&] {
    while (!stop) canceller->Cancel();
  });
  int ended = 0;
  for (int i = 0; i < 300; ++i) {
    const absl::Status status = Exec(*connection_, "SELECT 1");
    if (!status.ok()) {
      EXPECT_EQ(InfoOf(status).kind, ErrorKind::kInterrupted);
    }
    ++ended;
  }
  stop = true;
  thread.join();
  EXPECT_EQ(ended, 300);
  for (int i = 0; i < 100; ++i) {
    CUPEL_EXPECT_OK(Exec(*connection_, "SELECT 1"));
  }
}

}  // namespace
}  // namespace cupel::postgresql_internal
