// What a call does when the server does not answer in time, and who may stop
// it.

#include "cupel/engine/deadline.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::KindOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;

// How long `call` takes.
template <typename Call>
absl::Duration TimeOf(Call call) {
  const absl::Time begin = absl::Now();
  call();
  return absl::Now() - begin;
}

// Takes connections and never says a word.
class SilentListener {
 public:
  SilentListener() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(socket_, 5);
    socklen_t size = sizeof(address);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentListener() { close(socket_); }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

class DeadlineTest : public DriverTest {};

constexpr absl::Duration kTimeout = absl::Milliseconds(200);
// A busy machine is no reason to fail: what has no deadline takes for ever.
constexpr absl::Duration kTooLong = absl::Seconds(5);
// Of connections that a deadline must not cost.
constexpr char kPatient[] = "cancel_grace=30";

// E19: the server itself ends the statement, and the connection stays.
TEST_F(DeadlineTest, StopsAStatementAndKeepsTheConnection) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY)"}, kPatient);
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (1)"), IsOk());
  absl::Status status;
  const absl::Duration time = TimeOf([&] {
    status = Exec(*db,
                  "SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 "
                  "b",
                  {}, Deadline::After(kTimeout));
  });
  EXPECT_EQ(KindOf(status), ErrorKind::kStatementTimeout);
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kOk);
  EXPECT_EQ(InfoOf(status).transaction_state,
            engine::TransactionState::kActive);
  EXPECT_GE(time, kTimeout);
  EXPECT_LT(time, kTooLong);
  EXPECT_TRUE(db->is_alive());
  EXPECT_TRUE(db->in_transaction());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(1));
}

TEST_F(DeadlineTest, StopsAStatementThatWaitsForALock) {
  auto holder = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY)"});
  ASSERT_THAT(holder->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*holder, "INSERT INTO t VALUES (1)"), IsOk());
  auto db = Open(kPatient);
  EXPECT_EQ(KindOf(Exec(*db, "INSERT INTO t VALUES (1)", {},
                        Deadline::After(kTimeout))),
            ErrorKind::kStatementTimeout);
  EXPECT_TRUE(db->is_alive());
  ASSERT_THAT(holder->Rollback({}), IsOk());
  EXPECT_THAT(Exec(*db, "INSERT INTO t VALUES (1)"), IsOk());
}

TEST_F(DeadlineTest, StopsAStatementWhoseDatabaseIsGone) {
  auto db = OpenWith({"DROP DATABASE driver_test"}, kPatient);
  EXPECT_EQ(KindOf(Exec(*db,
                        "SELECT COUNT(*) FROM mysql.help_topic a, "
                        "mysql.help_topic b, mysql.help_topic c, "
                        "mysql.help_topic d WHERE a.name < b.url",
                        {}, Deadline::After(kTimeout))),
            ErrorKind::kStatementTimeout);
  EXPECT_TRUE(db->is_alive());
}

// It is waited for as long as the URL says.
TEST_F(DeadlineTest, WaitsForALateEndOfAStatement) {
  testing::MariadbServer slow;
  ASSERT_THAT(slow.Start(), IsOk());
  auto db = OpenUrl(slow.url("test", kPatient));
  ASSERT_THAT(db, IsOk());
  auto watcher = OpenUrl(slow.url());
  ASSERT_THAT(watcher, IsOk());
  const Deadline deadline = Deadline::After(absl::Seconds(1));
  std::thread freezer([&] {
    while (*SelectInteger(**watcher,
                          "SELECT COUNT(*) FROM information_schema.processlist "
                          "WHERE state = 'User sleep'") == 0) {
      if (deadline.IsOver()) return;
    }
    slow.process().Freeze();
    absl::SleepFor(deadline.Remaining() + absl::Seconds(1));
    slow.process().Thaw();
  });
  EXPECT_EQ(KindOf(Exec(**db, "SELECT SLEEP(60)", {}, deadline)),
            ErrorKind::kStatementTimeout);
  freezer.join();
  EXPECT_TRUE((*db)->is_alive());
  EXPECT_THAT(SelectInteger(**db, "SELECT 7"), IsOkAndHolds(7));
}

// F13, E4: nothing answers, not even the request to stop.
TEST_F(DeadlineTest, LeavesAFrozenServerAtTheDeadline) {
  testing::MariadbServer frozen;
  ASSERT_THAT(frozen.Start(), IsOk());
  auto db = OpenUrl(frozen.url());
  ASSERT_THAT(db, IsOk());
  auto statement = (*db)->Prepare("SELECT 1", {});
  ASSERT_THAT(statement, IsOk());
  frozen.process().Freeze();

  absl::Status status;
  const absl::Duration time = TimeOf(
      [&] { status = (*statement)->Execute({}, Deadline::After(kTimeout)); });
  EXPECT_EQ(KindOf(status), ErrorKind::kStatementTimeout);
  EXPECT_THAT(status.message(), HasSubstr("within cancel_grace"));
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kDead);
  EXPECT_GE(time, kTimeout);
  EXPECT_LT(time, kTooLong);
  EXPECT_FALSE((*db)->is_alive());
  // That deadline is not the next call's.
  EXPECT_EQ(KindOf((*db)->Ping({})), ErrorKind::kConnectionLost);
  EXPECT_EQ(KindOf(OpenUrl(frozen.url(), Deadline::After(kTimeout)).status()),
            ErrorKind::kCannotConnect);
  frozen.process().Thaw();
  EXPECT_THAT(OpenUrl(frozen.url()), IsOk());
}

// E4, E23: for each kind of call.
TEST_F(DeadlineTest, EndsEveryCallOnAFrozenServer) {
  testing::MariadbServer frozen;
  ASSERT_THAT(frozen.Start(), IsOk());
  struct Case {
    const char* name;
    absl::Status (*call)(DriverConnection&);
    ErrorKind expected;
  };
  const Case cases[] = {
      {"ping",
       [](DriverConnection& db) { return db.Ping(Deadline::After(kTimeout)); },
       ErrorKind::kStatementTimeout},
      {"prepare",
       [](DriverConnection& db) {
         return db.Prepare("SELECT 1", Deadline::After(kTimeout)).status();
       },
       ErrorKind::kStatementTimeout},
      {"savepoint",
       [](DriverConnection& db) {
         return db.ExecuteSimple("SAVEPOINT s", Deadline::After(kTimeout));
       },
       ErrorKind::kStatementTimeout},
      {"rollback",
       [](DriverConnection& db) {
         return db.Rollback(Deadline::After(kTimeout));
       },
       ErrorKind::kStatementTimeout},
      {"commit",
       [](DriverConnection& db) {
         return db.Commit(Deadline::After(kTimeout));
       },
       ErrorKind::kCommitOutcomeUnknown},
      {"reset",
       [](DriverConnection& db) { return db.Reset(Deadline::After(kTimeout)); },
       ErrorKind::kStatementTimeout},
  };
  for (const Case& each : cases) {
    auto db = OpenUrl(frozen.url());
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Begin({}, {}), IsOk());
    ASSERT_THAT(Exec(**db, "SELECT 1"), IsOk());
    frozen.process().Freeze();
    absl::Status status;
    const absl::Duration time = TimeOf([&] { status = each.call(**db); });
    frozen.process().Thaw();
    EXPECT_EQ(KindOf(status), each.expected) << each.name << ": " << status;
    EXPECT_LT(time, kTooLong) << each.name;
    EXPECT_FALSE((*db)->is_alive()) << each.name;
  }
}

// E5
TEST_F(DeadlineTest, ConnectsToAListenerThatSaysNothingUntilTheDeadline) {
  SilentListener listener;
  const std::string url =
      absl::StrCat("mariadb://cupel@127.0.0.1:", listener.port(), "/test");
  absl::Status status;
  const absl::Duration time = TimeOf(
      [&] { status = OpenUrl(url, Deadline::After(kTimeout)).status(); });
  EXPECT_EQ(KindOf(status), ErrorKind::kCannotConnect);
  EXPECT_GE(time, kTimeout);
  EXPECT_LT(time, kTooLong);
  EXPECT_EQ(KindOf(OpenUrl(url + "?connect_timeout=0.1").status()),
            ErrorKind::kCannotConnect);
}

// E18
TEST_F(DeadlineTest, CancelsTheRunningStatement) {
  auto db = Open();
  auto observer = Open();
  const auto id = SelectInteger(*db, "SELECT CONNECTION_ID()");
  ASSERT_THAT(id, IsOk());
  auto canceller = db->canceller();
  std::thread thread([&] {
    const std::string running = absl::StrCat(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE state <> "
        "'' AND id = ",
        *id);
    while (*SelectInteger(*observer, running) == 0) std::this_thread::yield();
    canceller->Cancel();
  });
  const absl::Status status = Exec(*db, "SELECT SLEEP(600)");
  thread.join();
  // SLEEP itself says 1 when it is interrupted; most statements fail.
  EXPECT_TRUE(status.ok() || KindOf(status) == ErrorKind::kInterrupted);
  EXPECT_TRUE(db->is_alive());
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
}

// E18
TEST_F(DeadlineTest, CancelsBetweenTwoRows) {
  auto db = Open();
  auto statement = db->Prepare(
      "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b", {});
  ASSERT_THAT(statement, IsOk());
  ASSERT_THAT((*statement)->Execute({}, {}), IsOk());
  ASSERT_THAT((*statement)->Next({}), IsOkAndHolds(true));
  db->canceller()->Cancel();
  EXPECT_EQ(KindOf((*statement)->Next({}).status()), ErrorKind::kInterrupted);
  EXPECT_TRUE(db->is_alive());
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
}

// E18: a request that comes late hits nothing.
TEST_F(DeadlineTest, NeverCancelsTheNextStatement) {
  auto db = Open();
  auto canceller = db->canceller();
  canceller->Cancel();
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));

  std::atomic<bool> over = false;
  std::thread thread([&] {
    while (!over) canceller->Cancel();
  });
  for (int i = 0; i < 200; ++i) {
    Exec(*db, "SELECT SUM(seq) FROM seq_1_to_20000").IgnoreError();
  }
  over = true;
  thread.join();
  EXPECT_TRUE(db->is_alive());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
  }
}

}  // namespace
}  // namespace cupel::mariadb_internal
