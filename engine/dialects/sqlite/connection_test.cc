#include "cupel/engine/dialects/sqlite/connection.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/fake_clock.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::Deadline;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::LockMode;
using engine::TransactionState;
using engine::ValueView;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using ConnectionTest = DriverTest;

// ENG-82
TEST_F(ConnectionTest, IsSetUpRightByDefault) {
  auto connection = Open();
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA foreign_keys"),
              IsOkAndHolds(1));
  EXPECT_THAT(SelectText(*connection, "PRAGMA journal_mode"),
              IsOkAndHolds("wal"));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA synchronous"),
              IsOkAndHolds(2));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA trusted_schema"),
              IsOkAndHolds(0));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA cell_size_check"),
              IsOkAndHolds(1));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA mmap_size"), IsOkAndHolds(0));
  auto* handle = static_cast<sqlite3*>(connection->native_handle());
  for (const int verb :
       {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_QPSG}) {
    int value = 0;
    sqlite3_db_config(handle, verb, -1, &value);
    EXPECT_EQ(value, 1) << verb;
  }
  for (const int verb :
       {SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML,
        SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
        SQLITE_DBCONFIG_WRITABLE_SCHEMA}) {
    int value = 1;
    sqlite3_db_config(handle, verb, -1, &value);
    EXPECT_EQ(value, 0) << verb;
  }
}

// ENG-82
TEST_F(ConnectionTest, OptionsOfTheUrlAreApplied) {
  auto connection = Open(
      "?journal_mode=truncate&synchronous=normal&cache_size=-4096"
      "&mmap_size=1048576&foreign_keys=off&temp_store=memory");
  EXPECT_THAT(SelectText(*connection, "PRAGMA journal_mode"),
              IsOkAndHolds("truncate"));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA synchronous"),
              IsOkAndHolds(1));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA cache_size"),
              IsOkAndHolds(-4096));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA mmap_size"),
              IsOkAndHolds(1048576));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA cell_size_check"),
              IsOkAndHolds(0));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA foreign_keys"),
              IsOkAndHolds(0));
  EXPECT_THAT(SelectInteger(*connection, "PRAGMA temp_store"), IsOkAndHolds(2));
}

// ENG-82
TEST_F(ConnectionTest, DeletingAReferencedRowFails) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE a(id INTEGER PRIMARY KEY)"));
  CUPEL_ASSERT_OK(
      Exec(*connection, "CREATE TABLE b(a INTEGER REFERENCES a(id))"));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO a VALUES (1)"));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO b VALUES (1)"));
  EXPECT_THAT(Exec(*connection, "DELETE FROM a"),
              StatusIs(StatusCode::kFailedPrecondition,
                       "FOREIGN KEY constraint failed; write the parent before "
                       "its children, and delete it after them"));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM a"),
              IsOkAndHolds(1));
}

// F22
TEST_F(ConnectionTest, AMisspelledColumnInQuotesIsAnErrorNotAString) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  const absl::Status status =
      Exec(*connection, "SELECT a FROM t WHERE \"nosuchcol\" = 'x'");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kNoSuchColumn);
  EXPECT_EQ(InfoOf(status).column, "nosuchcol");
}

// ENG-81
TEST_F(ConnectionTest, RegexpMatchesByRe2) {
  auto connection = Open();
  EXPECT_THAT(SelectInteger(*connection, "SELECT 'cupel' REGEXP '^c.p'"),
              IsOkAndHolds(1));
  EXPECT_THAT(SelectInteger(*connection, "SELECT 'Cupel' REGEXP '^c.p'"),
              IsOkAndHolds(0));
  EXPECT_THAT(SelectInteger(*connection, "SELECT 'xéx' REGEXP '^x.x$'"),
              IsOkAndHolds(1));
  EXPECT_THAT(SelectText(*connection, "SELECT NULL REGEXP 'a'"),
              IsOkAndHolds("null"));
  // Patterns that take other engines exponential time.
  EXPECT_THAT(
      SelectInteger(*connection,
                    "SELECT printf('%.*c', 5000, 'a') REGEXP '^(a*)*b$'"),
      IsOkAndHolds(0));
}

// ENG-81
TEST_F(ConnectionTest, ABadPatternIsAnErrorThatDoesNotShowIt) {
  auto connection = Open();
  const absl::Status status =
      Exec(*connection, "SELECT 'x' REGEXP ?", {ValueView::Text("hunter2(")});
  EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("missing )"),
                                     Not(HasSubstr("hunter2")))));
}

// ENG-81: a match may take the product of both sizes.
TEST_F(ConnectionTest, AMatchThatWouldTakeLongIsRefused) {
  auto connection = Open();
  const std::string huge(70000, 'x');
  EXPECT_THAT(Exec(*connection, "SELECT printf('%.*c', 70000, 'x') REGEXP ?",
                   {ValueView::Text(huge)}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("too large")));
  CUPEL_EXPECT_OK(
      Exec(*connection, "SELECT 'x' REGEXP ?", {ValueView::Text(huge)}));
  EXPECT_THAT(SelectInteger(*connection, "SELECT 'x' REGEXP '^(\\pL{1,20})$'"),
              IsOkAndHolds(1));

  // Nor does it take a huge one.
  constexpr absl::string_view kSlow =
      "SELECT printf('%.*c', ?, 'a') REGEXP '[ab]*a[ab]{900}c'";
  EXPECT_THAT(Exec(*connection, kSlow, {ValueView::Int64(60000)}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("too large")));
  CUPEL_EXPECT_OK(Exec(*connection, kSlow, {ValueView::Int64(50000)}));
  EXPECT_THAT(
      SelectInteger(*connection,
                    "SELECT printf('%.*c', 1000000, 'a') REGEXP '^[ab]+$'"),
      IsOkAndHolds(1));
}

// ENG-81
TEST_F(ConnectionTest, ACheckConstraintMayUseRegexp) {
  auto connection = Open();
  CUPEL_ASSERT_OK(
      Exec(*connection, "CREATE TABLE t(a TEXT CHECK (a REGEXP '^[a-z]+$'))"));
  CUPEL_EXPECT_OK(Exec(*connection, "INSERT INTO t VALUES ('abc')"));
  EXPECT_THAT(Exec(*connection, "INSERT INTO t VALUES ('ABC')"),
              StatusIs(StatusCode::kFailedPrecondition));
}

// E14
TEST_F(ConnectionTest, AMissingFileIsNotCreatedUnlessAsked) {
  const absl::Status status = OpenUrl(Url("?create=off")).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kNotFound, HasSubstr("t.db")));
  EXPECT_EQ(InfoOf(status).native_code, absl::StrCat(SQLITE_CANTOPEN));
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("t.db")));
  EXPECT_THAT(OpenUrl(Url("?mode=ro")), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(OpenUrl(Url("?mode=rw")), StatusIs(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("t.db")));
  Open();
  EXPECT_TRUE(std::filesystem::exists(directory_.Path("t.db")));
}

// E14
TEST_F(ConnectionTest, AMissingDirectoryIsNamed) {
  EXPECT_THAT(
      OpenUrl(absl::StrCat("sqlite:///", directory_.Path("no/such/t.db"))),
      StatusIs(StatusCode::kNotFound, HasSubstr(directory_.Path("no/such"))));
}

// E14
TEST_F(ConnectionTest, ADirectoryIsNotADatabase) {
  EXPECT_THAT(OpenUrl(absl::StrCat("sqlite:///", directory_.path())),
              StatusIs(StatusCode::kNotFound, HasSubstr("is a directory")));
}

// E15
TEST_F(ConnectionTest, AFileThatIsNoDatabaseIsDataLoss) {
  std::ofstream(directory_.Path("t.db")) << std::string(4096, 'x');
  const absl::Status status = OpenUrl(Url()).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kNotADatabase);
}

// E15
TEST_F(ConnectionTest, ADamagedPageIsDataLossAndEndsTheConnection) {
  {
    auto connection = Open("?journal_mode=delete");
    CUPEL_ASSERT_OK(connection->Begin({}, {}));
    CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a TEXT)"));
    for (int i = 0; i < 200; ++i) {
      CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (?)",
                           {ValueView::Text(std::string(500, 'a'))}));
    }
    CUPEL_ASSERT_OK(connection->Commit({}));
  }
  std::fstream file(directory_.Path("t.db"),
                    std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 1; page < 20; ++page) {
    file.seekp(page * 4096);
    file << std::string(64, '\xff');
  }
  file.close();
  auto connection = Open("?journal_mode=delete");
  const absl::Status status = Exec(*connection, "SELECT sum(length(a)) FROM t");
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCorrupt);
  EXPECT_FALSE(connection->is_alive());
  EXPECT_THAT(OpenUrl(Url("?quick_check=on")), StatusIs(StatusCode::kDataLoss));
}

// ENG-04, E13
TEST_F(ConnectionTest, AReadOnlyDatabaseRefusesWritesAndReads) {
  CUPEL_ASSERT_OK(Exec(*Open(), "CREATE TABLE t(a)"));
  auto connection = Open("?mode=ro");
  const absl::Status status = Exec(*connection, "INSERT INTO t VALUES (1)");
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kReadOnly);
  EXPECT_TRUE(connection->is_alive());
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

// ENG-04
TEST_F(ConnectionTest, AUriOpensReadOnlyOnRequest) {
  CUPEL_ASSERT_OK(Exec(*Open(), "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto connection,
      OpenUrl(absl::StrCat("sqlite:///file:", directory_.Path("t.db"),
                           "?mode=ro&uri=true")));
  EXPECT_THAT(Exec(*connection, "INSERT INTO t VALUES (1)"),
              StatusIs(StatusCode::kPermissionDenied,
                       "attempt to write a readonly database; open it for "
                       "writing"));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

TEST_F(ConnectionTest, AnUnregisteredVfsIsRefused) {
  EXPECT_THAT(OpenUrl(Url("?vfs=nosuch")),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("vfs")));
}

TEST_F(ConnectionTest, AnExplicitJournalModeMustBePossible) {
  // A read-only database keeps the mode that it has.
  CUPEL_ASSERT_OK(Exec(*Open("?journal_mode=delete"), "CREATE TABLE t(a)"));
  EXPECT_THAT(SelectText(*Open("?mode=ro"), "PRAGMA journal_mode"),
              IsOkAndHolds("delete"));
  EXPECT_THAT(OpenUrl(Url("?mode=ro&journal_mode=wal")), Not(IsOk()));
}

// F18
TEST_F(ConnectionTest, MoreThanOneStatementIsRefused) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  EXPECT_THAT(Exec(*connection, "SELECT 1; DROP TABLE t"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("one by one")));
  CUPEL_EXPECT_OK(
      Exec(*connection, "SELECT count(*) FROM t; -- that is all\n"));
  EXPECT_THAT(Exec(*connection, " -- nothing"),
              StatusIs(StatusCode::kInvalidArgument));
  EXPECT_EQ(InfoOf(Exec(*connection, absl::string_view("SELECT 1\0", 9))).kind,
            ErrorKind::kInvalidValue);
}

// ENG-24
TEST_F(ConnectionTest, DdlIsPartOfTheTransaction) {
  auto connection = Open();
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(connection->Rollback({}));
  EXPECT_THAT(Exec(*connection, "SELECT * FROM t"),
              StatusIs(StatusCode::kNotFound, HasSubstr("no such table: t")));
}

// ENG-23, ENG-24
TEST_F(ConnectionTest, SavepointsNestInsideATransaction) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES ('A')"));
  CUPEL_ASSERT_OK(Exec(*connection, "SAVEPOINT s1"));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES ('B')"));
  CUPEL_ASSERT_OK(Exec(*connection, "SAVEPOINT s2"));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES ('C')"));
  CUPEL_ASSERT_OK(Exec(*connection, "RELEASE SAVEPOINT s2"));
  CUPEL_ASSERT_OK(Exec(*connection, "ROLLBACK TO SAVEPOINT s1"));
  EXPECT_TRUE(connection->in_transaction());
  CUPEL_ASSERT_OK(connection->Commit({}));
  EXPECT_THAT(SelectText(*connection, "SELECT group_concat(a) FROM t"),
              IsOkAndHolds("A"));
}

// ENG-24
TEST_F(ConnectionTest, FewTextsOfSavepointsStayPrepared) {
  auto connection = Open();
  auto* handle = static_cast<sqlite3*>(connection->native_handle());
  const auto prepared = [handle](absl::string_view text) {
    int all = 0, found = 0;
    for (sqlite3_stmt* s = nullptr;
         (s = sqlite3_next_stmt(handle, s)) != nullptr; ++all) {
      found += sqlite3_sql(s) == text;
    }
    EXPECT_LT(all, 64);
    return found;
  };
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  for (int i = 0; i < 3; ++i) {
    CUPEL_ASSERT_OK(connection->ExecuteSimple("SAVEPOINT a", {}));
    CUPEL_ASSERT_OK(connection->ExecuteSimple("RELEASE SAVEPOINT a", {}));
    EXPECT_EQ(prepared("SAVEPOINT a"), 1);
    EXPECT_EQ(prepared("RELEASE SAVEPOINT a"), 1);
  }
  for (int i = 0; i < 100; ++i) {
    CUPEL_ASSERT_OK(
        connection->ExecuteSimple(absl::StrCat("SAVEPOINT b", i), {}));
    prepared("");
  }
  EXPECT_FALSE(connection->ExecuteSimple("RELEASE SAVEPOINT a", {}).ok());
  CUPEL_ASSERT_OK(connection->ExecuteSimple("RELEASE SAVEPOINT b0", {}));
  CUPEL_ASSERT_OK(connection->Commit({}));
}

TEST_F(ConnectionTest, AReleasedSavepointIsUndoneWithItsTransaction) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "SAVEPOINT s1"));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK(Exec(*connection, "RELEASE SAVEPOINT s1"));
  CUPEL_ASSERT_OK(connection->Rollback({}));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
}

// ENG-24
TEST_F(ConnectionTest, BeginTakesTheLockThatIsAskedFor) {
  auto a = Open("?busy_timeout=0");
  auto b = Open("?busy_timeout=0");
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kDeferred}, {}));
  CUPEL_ASSERT_OK(b->Begin({.lock = LockMode::kImmediate}, {}));
  CUPEL_ASSERT_OK(b->Rollback({}));
  CUPEL_ASSERT_OK(a->Rollback({}));
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kImmediate}, {}));
  EXPECT_THAT(b->Begin({.lock = LockMode::kImmediate}, {}),
              StatusIs(StatusCode::kUnavailable));
  EXPECT_FALSE(b->in_transaction());
  CUPEL_ASSERT_OK(a->Rollback({}));

  auto c = Open("?busy_timeout=0&begin=immediate");
  CUPEL_ASSERT_OK(c->Begin({}, {}));
  EXPECT_THAT(b->Begin({.lock = LockMode::kExclusive}, {}),
              StatusIs(StatusCode::kUnavailable));
}

TEST_F(ConnectionTest, AReadOnlyTransactionRefusesWrites) {
  auto connection = Open("?begin=immediate");
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(connection->Begin({.read_only = true}, {}));
  EXPECT_THAT(Exec(*connection, "INSERT INTO t VALUES (1)"),
              StatusIs(StatusCode::kPermissionDenied));
  CUPEL_ASSERT_OK(connection->Rollback({}));
  CUPEL_EXPECT_OK(Exec(*connection, "INSERT INTO t VALUES (1)"));
}

TEST_F(ConnectionTest, KnowsItsIsolationLevels) {
  auto connection = Open();
  EXPECT_THAT(
      connection->Begin({.isolation = IsolationLevel::kReadCommitted}, {}),
      StatusIs(StatusCode::kUnimplemented));
  CUPEL_EXPECT_OK(
      connection->Begin({.isolation = IsolationLevel::kSerializable}, {}));
}

// F6, E21
TEST_F(ConnectionTest, ACommitThatADeferredKeyRefusesIsRolledBack) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE a(id INTEGER PRIMARY KEY)"));
  CUPEL_ASSERT_OK(Exec(*connection,
                       "CREATE TABLE b(a INTEGER REFERENCES a(id)"
                       " DEFERRABLE INITIALLY DEFERRED)"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO b VALUES (7)"));
  const absl::Status status = connection->Commit({});
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kForeignKeyViolation);
  EXPECT_EQ(InfoOf(status).native_code, "787");
  EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kRolledBack);
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM b"),
              IsOkAndHolds(0));
}

// F4, E12
TEST_F(ConnectionTest, AFullDatabaseRollsBackAndSaysSo) {
  auto connection = Open("?journal_mode=delete");
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(Exec(*connection, "PRAGMA max_page_count=10"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (1)"));
  const absl::Status status =
      Exec(*connection, "INSERT INTO t VALUES (zeroblob(1000000))");
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(InfoOf(status).kind, ErrorKind::kDiskFull);
  EXPECT_EQ(InfoOf(status).transaction_state,
            connection->in_transaction() ? TransactionState::kActive
                                         : TransactionState::kRolledBack);
  CUPEL_EXPECT_OK(connection->Rollback({}));
  EXPECT_THAT(SelectText(*connection, "PRAGMA integrity_check"),
              IsOkAndHolds("ok"));
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
  CUPEL_EXPECT_OK(Exec(*connection, "INSERT INTO t VALUES (1)"));
}

// E28
TEST_F(ConnectionTest, AStatementSurvivesAChangeOfTheSchema) {
  auto a = Open();
  auto b = Open();
  CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  CUPEL_ASSERT_OK(Exec(*a, "INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto statement, a->Prepare("SELECT * FROM t", {}));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 1);
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(statement->row().size(), 1);
  statement->Reset();
  CUPEL_ASSERT_OK(Exec(*b, "ALTER TABLE t ADD COLUMN y DEFAULT 5"));
  CUPEL_ASSERT_OK(statement->Execute({}, {}));
  EXPECT_EQ(statement->columns().size(), 2);
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(true));
  ASSERT_EQ(statement->row().size(), 2);
  EXPECT_EQ(statement->row()[1], ValueView::Int64(5));
}

// ENG-31
TEST_F(ConnectionTest, GivesTheRawHandle) {
  auto connection = Open();
  CUPEL_ASSERT_OK(connection->ExecuteSimple("PRAGMA user_version=42", {}));
  auto* handle = static_cast<sqlite3*>(connection->native_handle());
  EXPECT_STREQ(sqlite3_db_filename(handle, "main"),
               directory_.Path("t.db").c_str());
  // An online backup into memory.
  sqlite3* copy = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &copy), SQLITE_OK);
  sqlite3_backup* backup = sqlite3_backup_init(copy, "main", handle, "main");
  ASSERT_NE(backup, nullptr);
  EXPECT_EQ(sqlite3_backup_step(backup, -1), SQLITE_DONE);
  sqlite3_backup_finish(backup);
  sqlite3_close(copy);
}

// ENG-31: neither deadlines nor cancelling of our statements reach it.
TEST_F(ConnectionTest, SqlOnTheRawHandleRunsFreely) {
  auto connection = Open();
  auto* handle = static_cast<sqlite3*>(connection->native_handle());
  const auto run = [handle] {
    return sqlite3_exec(
        handle,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 100000) SELECT count(*) FROM n",
        nullptr, nullptr, nullptr);
  };
  EXPECT_EQ(run(), SQLITE_OK);

  cupel::testing::FakeClock clock;
  const auto deadline = Deadline::After(absl::Seconds(1), clock);
  CUPEL_ASSERT_OK(Exec(*connection, "SELECT 1", {}, deadline));
  EXPECT_FALSE(Exec(*connection, "SELECT ?", {}, deadline).ok());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto rows,
                             connection->Prepare("VALUES (1), (2)", {}));
  CUPEL_ASSERT_OK(rows->Execute({}, deadline));
  EXPECT_THAT(rows->Next(deadline), IsOkAndHolds(true));
  clock.Advance(absl::Seconds(2));
  connection->canceller()->Cancel();
  EXPECT_EQ(run(), SQLITE_OK);
  EXPECT_THAT(rows->Next({}), StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(run(), SQLITE_OK);
}

// ENG-49
TEST_F(ConnectionTest, PingFailsWhenTheConnectionIsClosed) {
  auto connection = Open();
  CUPEL_EXPECT_OK(connection->Ping({}));
  connection->Close();
  EXPECT_FALSE(connection->is_alive());
  EXPECT_THAT(connection->Ping({}), StatusIs(StatusCode::kUnavailable));
}

// E26
TEST_F(ConnectionTest, ResetRollsBackAndRefusesAChangedSession) {
  auto connection = Open();
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t(a)"));
  CUPEL_ASSERT_OK(connection->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (1)"));
  CUPEL_ASSERT_OK(connection->Reset({}));
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(0));
  CUPEL_ASSERT_OK(Exec(*connection, "CREATE TEMP TABLE u(a)"));
  EXPECT_THAT(connection->Reset({}), StatusIs(StatusCode::kFailedPrecondition));
}

// C-12
TEST(MemoryDatabaseTest, ConnectionsOfAScopeShareIt) {
  auto scope = std::make_shared<engine::DriverScope>();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto a, OpenUrl("sqlite://", scope));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto b, OpenUrl("sqlite://", scope));
  CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  CUPEL_ASSERT_OK(Exec(*a, "INSERT INTO t VALUES (1)"));
  EXPECT_THAT(SelectInteger(*b, "SELECT x FROM t"), IsOkAndHolds(1));
  // What is not committed is not seen, nor a reason to fail.
  CUPEL_ASSERT_OK(a->Begin({}, {}));
  CUPEL_ASSERT_OK(Exec(*a, "SELECT * FROM t"));
  EXPECT_THAT(SelectInteger(*b, "SELECT x FROM t"), IsOkAndHolds(1));
  CUPEL_ASSERT_OK(a->Commit({}));
  EXPECT_THAT(SelectInteger(*b, "PRAGMA foreign_keys"), IsOkAndHolds(1));
}

TEST(MemoryDatabaseTest, LivesAsLongAsTheScope) {
  auto scope = std::make_shared<engine::DriverScope>();
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto a, OpenUrl("sqlite://", scope));
    CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(auto b, OpenUrl("sqlite://", scope));
  EXPECT_THAT(SelectInteger(*b, "SELECT count(*) FROM t"), IsOkAndHolds(0));
}

TEST(MemoryDatabaseTest, ScopesAreApart) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto a, OpenUrl("sqlite://", std::make_shared<engine::DriverScope>()));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto b, OpenUrl("sqlite://", std::make_shared<engine::DriverScope>()));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto c, OpenUrl("sqlite://"));
  CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  EXPECT_THAT(Exec(*b, "SELECT * FROM t"), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(Exec(*c, "SELECT * FROM t"), StatusIs(StatusCode::kNotFound));
}

TEST(MemoryDatabaseTest, AWriterWaitsForAnother) {
  auto scope = std::make_shared<engine::DriverScope>();
  constexpr absl::string_view kUrl = "sqlite://?busy_timeout=20";
  CUPEL_ASSERT_OK_AND_ASSIGN(auto a, OpenUrl(kUrl, scope));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto b, OpenUrl(kUrl, scope));
  CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  CUPEL_ASSERT_OK(a->Begin({.lock = LockMode::kImmediate}, {}));
  CUPEL_ASSERT_OK(Exec(*a, "INSERT INTO t VALUES (1)"));
  EXPECT_THAT(b->Begin({.lock = LockMode::kImmediate}, {}),
              StatusIs(StatusCode::kUnavailable));
  CUPEL_ASSERT_OK(a->Commit({}));
  CUPEL_EXPECT_OK(b->Begin({.lock = LockMode::kImmediate}, {}));
}

TEST(MemoryDatabaseTest, ANameSharesItBetweenEngines) {
  constexpr absl::string_view kUrl = "sqlite:///news?mode=memory&cache=shared";
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto a, OpenUrl(kUrl, std::make_shared<engine::DriverScope>()));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto b, OpenUrl(kUrl, std::make_shared<engine::DriverScope>()));
  CUPEL_ASSERT_OK(Exec(*a, "CREATE TABLE t(x)"));
  CUPEL_EXPECT_OK(Exec(*b, "SELECT * FROM t"));
}

}  // namespace
}  // namespace cupel::sqlite_internal
