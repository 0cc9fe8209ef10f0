// Transactions of the driver, on a real server.

#include <cmath>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::KindOf;
using engine::TransactionState;
using testing::IsOk;
using testing::IsOkAndHolds;

class TransactionTest : public DriverTest {
 protected:
  std::unique_ptr<DriverConnection> OpenTable() {
    return OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b INT)",
                     "INSERT INTO t VALUES (1, 0), (2, 0)"});
  }

  // Whether some connection waits for a lock of a row.
  bool SomebodyWaits(DriverConnection& observer) {
    auto count =
        SelectInteger(observer,
                      "SELECT COUNT(*) FROM information_schema.innodb_trx "
                      "WHERE trx_state = 'LOCK WAIT'");
    return count.ok() && *count > 0;
  }

  // The victim of a deadlock, and the error it got.
  absl::Status MakeVictim(DriverConnection& victim) {
    auto other = Open();
    auto observer = Open();
    EXPECT_THAT(victim.Begin({}, {}), IsOk());
    EXPECT_THAT(other->Begin({}, {}), IsOk());
    // The one that has written less is the victim.
    EXPECT_THAT(Exec(*other, "INSERT INTO t VALUES (10, 0), (11, 0), (12, 0)"),
                IsOk());
    EXPECT_THAT(Exec(victim, "UPDATE t SET b = 7 WHERE a = 1"), IsOk());
    EXPECT_THAT(Exec(*other, "UPDATE t SET b = 8 WHERE a = 2"), IsOk());
    std::thread waiter([&] {
      EXPECT_THAT(Exec(*other, "UPDATE t SET b = 8 WHERE a = 1"), IsOk());
    });
    // The server renews this table when nobody has asked for 0.1 s.
    while (!SomebodyWaits(*observer)) absl::SleepFor(absl::Milliseconds(150));
    const absl::Status status = Exec(victim, "UPDATE t SET b = 7 WHERE a = 2");
    waiter.join();
    EXPECT_THAT(other->Rollback({}), IsOk());
    return status;
  }
};

TEST_F(TransactionTest, CommitsAndRollsBack) {
  auto db = OpenTable();
  EXPECT_FALSE(db->in_transaction());
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  EXPECT_TRUE(db->in_transaction());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(3));
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_FALSE(db->in_transaction());
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (4, 0)"), IsOk());
  ASSERT_THAT(db->Commit({}), IsOk());
  EXPECT_FALSE(db->in_transaction());
  EXPECT_THAT(SelectInteger(*Open(), "SELECT MAX(a) FROM t"), IsOkAndHolds(4));
}

TEST_F(TransactionTest, HasItsIsolationLevelOnce) {
  auto db = Open();
  ASSERT_THAT(db->Begin({.isolation = IsolationLevel::kSerializable}, {}),
              IsOk());
  EXPECT_THAT(SelectText(*db,
                         "SELECT trx_isolation_level FROM "
                         "information_schema.innodb_trx WHERE "
                         "trx_mysql_thread_id = CONNECTION_ID() UNION "
                         "SELECT 'SERIALIZABLE'"),
              IsOkAndHolds("SERIALIZABLE"));
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_THAT(SelectText(*db, "SELECT @@tx_isolation"),
              IsOkAndHolds("REPEATABLE-READ"));
}

TEST_F(TransactionTest, MayOnlyRead) {
  auto db = OpenTable();
  ASSERT_THAT(db->Begin({.read_only = true}, {}), IsOk());
  const absl::Status status = Exec(*db, "UPDATE t SET b = 1");
  EXPECT_EQ(KindOf(status), ErrorKind::kReadOnly);
  EXPECT_EQ(InfoOf(status).native_code, "1792");
}

TEST_F(TransactionTest, HasSavepoints) {
  auto db = OpenTable();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(db->ExecuteSimple("SAVEPOINT s1", {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  ASSERT_THAT(db->ExecuteSimple("ROLLBACK TO SAVEPOINT s1", {}), IsOk());
  EXPECT_TRUE(db->in_transaction());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(2));
}

// F2: the server still says "in transaction", and would execute what comes next
// on its own.
TEST_F(TransactionTest, DeadlockEndsTheTransactionOfItsVictim) {
  auto db = OpenTable();
  const absl::Status status = MakeVictim(*db);
  EXPECT_EQ(KindOf(status), ErrorKind::kDeadlock);
  EXPECT_EQ(InfoOf(status).native_code, "1213");
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).retry, engine::Retry::kTransaction);
  EXPECT_FALSE(db->in_transaction());

  const absl::Status commit = db->Commit({});
  EXPECT_EQ(KindOf(commit), ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(InfoOf(commit).transaction_state, TransactionState::kRolledBack);
  EXPECT_THAT(SelectInteger(*Open(), "SELECT SUM(b) FROM t"), IsOkAndHolds(0));
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "UPDATE t SET b = 5 WHERE a = 1"), IsOk());
  ASSERT_THAT(db->Commit({}), IsOk());
}

// F2: of rows that nobody reads on. What follows is not done on its own.
TEST_F(TransactionTest, ADeadlockAmongRowsThatAreLeftEndsTheTransaction) {
  for (const bool resets : {true, false}) {
    auto db = OpenWith({"CREATE OR REPLACE TABLE w (a INT)",
                        "CREATE OR REPLACE TABLE t (a INT PRIMARY KEY, b INT)",
                        "INSERT INTO t SELECT seq, 0 FROM seq_1_to_3000"});
    auto other = Open();
    ASSERT_THAT(other->Begin({}, {}), IsOk());
    // The one that has written less is the victim.
    ASSERT_THAT(Exec(*other,
                     "INSERT INTO t SELECT seq, 0 FROM "
                     "seq_10001_to_16000"),
                IsOk());
    ASSERT_THAT(Exec(*other, "UPDATE t SET b = 1 WHERE a = 3000"), IsOk());
    ASSERT_THAT(db->Begin({}, {}), IsOk());
    auto select = db->Prepare("SELECT a FROM t FOR UPDATE", {});
    ASSERT_THAT(select, IsOk());
    ASSERT_THAT((*select)->Execute({}, {}), IsOk());
    ASSERT_THAT((*select)->Next({}), IsOkAndHolds(true));
    ASSERT_THAT(Exec(*other, "UPDATE t SET b = 1 WHERE a = 1"), IsOk());
    if (resets) (*select)->Reset();
    EXPECT_EQ(
        KindOf(Exec(*db, "INSERT INTO w VALUES (1)")),
        resets ? ErrorKind::kConnectionLost : ErrorKind::kTransactionPoisoned);
    EXPECT_FALSE(db->in_transaction());
    EXPECT_EQ(KindOf(db->Commit({})), ErrorKind::kTransactionPoisoned);
    ASSERT_THAT(other->Rollback({}), IsOk());
    EXPECT_THAT(SelectInteger(*other, "SELECT COUNT(*) FROM w"),
                IsOkAndHolds(0));
  }
}

TEST_F(TransactionTest, AProcedureMayEndIt) {
  auto db = OpenWith({"CREATE TABLE t (a INT)",
                      "CREATE PROCEDURE p() BEGIN SELECT 1; COMMIT; END"});
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(Exec(*db, "CALL p()"), IsOk());
  EXPECT_FALSE(db->in_transaction());
}

// F3: only the statement is undone; the transaction must be rolled back by us.
TEST_F(TransactionTest, LockTimeoutLeavesTheTransactionOpen) {
  auto holder = OpenTable();
  ASSERT_THAT(holder->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*holder, "UPDATE t SET b = 1 WHERE a = 1"), IsOk());
  auto db = Open("lock_wait_timeout=0");
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "UPDATE t SET b = 2 WHERE a = 2"), IsOk());

  const absl::Status status = Exec(*db, "UPDATE t SET b = 2 WHERE a = 1");
  EXPECT_EQ(KindOf(status), ErrorKind::kLockTimeout);
  EXPECT_EQ(InfoOf(status).native_code, "1205");
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kActive);
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(db->Rollback({}), IsOk());
  ASSERT_THAT(holder->Rollback({}), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT SUM(b) FROM t"), IsOkAndHolds(0));
}

// F9
TEST_F(TransactionTest, RefusesWhatWouldCommitTheTransaction) {
  auto db = OpenTable();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  for (absl::string_view sql :
       {"CREATE TABLE u (a INT)", "/* note */ alter TABLE t ADD c INT",
        "-- note\nDROP TABLE t", "TRUNCATE t", "RENAME TABLE t TO u",
        "LOCK TABLES t WRITE", "SET autocommit = 1", "/*!50000 DROP TABLE t */",
        "START TRANSACTION", "BEGIN", "GRANT SELECT ON t TO cupel@localhost",
        "SET STATEMENT max_statement_time = 1 FOR DROP TABLE t",
        "CREATE INDEX i ON t (b)", "ANALYZE TABLE t", "FLUSH TABLES"}) {
    EXPECT_EQ(KindOf(Exec(*db, sql)), ErrorKind::kMisuse) << sql;
    EXPECT_EQ(KindOf(db->ExecuteSimple(sql, {})), ErrorKind::kMisuse) << sql;
  }
  EXPECT_TRUE(db->in_transaction());
  EXPECT_THAT(Exec(*db, "CREATE TEMPORARY TABLE u (a INT)"), IsOk());
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(2));
  EXPECT_THAT(Exec(*db, "TRUNCATE t"), IsOk());
}

// F9: what has only read loses nothing.
TEST_F(TransactionTest, DdlBeforeAnyWorkLeavesTheTransactionOpen) {
  auto db = OpenTable();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "SELECT * FROM t"), IsOk());
  ASSERT_THAT(Exec(*db, "CREATE TABLE u (a INT)"), IsOk());
  EXPECT_EQ(KindOf(Exec(*db, "CREATE TABLE u (a INT)")),
            ErrorKind::kAlreadyExists);
  EXPECT_TRUE(db->in_transaction());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  EXPECT_EQ(KindOf(Exec(*db, "DROP TABLE u")), ErrorKind::kMisuse);
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(2));
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "SELECT * FROM t FOR UPDATE"), IsOk());
  EXPECT_EQ(KindOf(Exec(*db, "DROP TABLE u")), ErrorKind::kMisuse);
}

// F9: DDL that is refused before it is sent begins nothing.
TEST_F(TransactionTest, DdlWithABadValueIsNotBegunAgain) {
  auto db = OpenTable();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  EXPECT_EQ(KindOf(Exec(*db, "CREATE TABLE u AS SELECT ? AS a",
                        {engine::ValueView::Double(std::nan(""))})),
            ErrorKind::kInvalidValue);
  ASSERT_THAT(db->Commit({}), IsOk());
  EXPECT_FALSE(db->in_transaction());
}

// F9
TEST_F(TransactionTest, CommitsByDdlWhenItIsAllowedTo) {
  OpenTable();
  auto db = Open("implicit_commit=allow");
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  ASSERT_THAT(Exec(*db, "CREATE TABLE u (a INT)"), IsOk());
  EXPECT_FALSE(db->in_transaction());
  ASSERT_THAT(db->Rollback({}), IsOk());
  EXPECT_THAT(SelectInteger(*db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(3));
}

// E23: the server is gone before it answered the COMMIT.
TEST_F(TransactionTest, CommitWithoutAnAnswerIsOfUnknownOutcome) {
  auto db = OpenTable();
  auto killer = Open();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  // The lock of a backup holds back commits.
  ASSERT_THAT(Exec(*killer, "FLUSH TABLES WITH READ LOCK"), IsOk());
  const absl::Status status =
      db->Commit(Deadline::After(absl::Milliseconds(500)));
  EXPECT_EQ(KindOf(status), ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kUnknown);
  EXPECT_EQ(InfoOf(status).retry, engine::Retry::kOnlyIfIdempotent);
  EXPECT_FALSE(db->is_alive());
}

// E2
TEST_F(TransactionTest, KilledConnectionIsNoticedByItsNextStatement) {
  auto db = OpenTable();
  auto killer = Open();
  ASSERT_THAT(db->Begin({}, {}), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO t VALUES (3, 0)"), IsOk());
  const auto id = SelectInteger(*db, "SELECT CONNECTION_ID()");
  ASSERT_THAT(id, IsOk());
  ASSERT_THAT(Exec(*killer, absl::StrCat("KILL ", *id)), IsOk());
  while (*SelectInteger(*killer, absl::StrCat("SELECT COUNT(*) FROM "
                                              "information_schema.processlist "
                                              "WHERE id = ",
                                              *id)) > 0) {
    std::this_thread::yield();
  }
  const absl::Status status = Exec(*db, "INSERT INTO t VALUES (4, 0)");
  EXPECT_EQ(KindOf(status), ErrorKind::kConnectionLost);
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_EQ(InfoOf(status).connection_state, engine::ConnectionState::kDead);
  EXPECT_FALSE(db->is_alive());
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(KindOf(db->Commit({})), ErrorKind::kTransactionPoisoned);
  EXPECT_THAT(db->Rollback({}), IsOk());
  EXPECT_EQ(KindOf(Exec(*db, "SELECT 1")), ErrorKind::kConnectionLost);
  EXPECT_THAT(SelectInteger(*killer, "SELECT COUNT(*) FROM t"),
              IsOkAndHolds(2));
}

}  // namespace
}  // namespace cupel::mariadb_internal
