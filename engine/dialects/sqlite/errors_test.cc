#include "cupel/engine/dialects/sqlite/errors.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;
using ::testing::HasSubstr;
using ::testing::Not;

struct Expected {
  int code;
  StatusCode status;
  ErrorKind kind;
  bool closes = false;
  Retry retry = Retry::kNo;
};

// Every result code of https://www.sqlite.org/rescode.html that says failure.
constexpr Expected kAll[] = {
    {SQLITE_ERROR, StatusCode::kInvalidArgument, ErrorKind::kSyntax},
    {SQLITE_ERROR_MISSING_COLLSEQ, StatusCode::kUnimplemented,
     ErrorKind::kUnsupported},
    {SQLITE_ERROR_RETRY, StatusCode::kInternal, ErrorKind::kInternal, false,
     Retry::kStatement},
    {SQLITE_ERROR_SNAPSHOT, StatusCode::kAborted,
     ErrorKind::kSerializationFailure, false, Retry::kTransaction},
    {SQLITE_INTERNAL, StatusCode::kInternal, ErrorKind::kInternal, true},
    {SQLITE_PERM, StatusCode::kPermissionDenied, ErrorKind::kPermission},
    {SQLITE_ABORT, StatusCode::kCancelled, ErrorKind::kInterrupted},
    {SQLITE_ABORT_ROLLBACK, StatusCode::kCancelled, ErrorKind::kInterrupted,
     false, Retry::kTransaction},
    {SQLITE_BUSY, StatusCode::kUnavailable, ErrorKind::kBusy, false,
     Retry::kTransaction},
    {SQLITE_BUSY_RECOVERY, StatusCode::kUnavailable, ErrorKind::kBusy, false,
     Retry::kTransaction},
    {SQLITE_BUSY_SNAPSHOT, StatusCode::kAborted,
     ErrorKind::kSerializationFailure, false, Retry::kTransaction},
    {SQLITE_BUSY_TIMEOUT, StatusCode::kAborted, ErrorKind::kLockTimeout, false,
     Retry::kTransaction},
    {SQLITE_LOCKED, StatusCode::kUnavailable, ErrorKind::kLocked},
    {SQLITE_LOCKED_SHAREDCACHE, StatusCode::kUnavailable, ErrorKind::kLocked,
     false, Retry::kTransaction},
    {SQLITE_LOCKED_VTAB, StatusCode::kUnavailable, ErrorKind::kLocked, false,
     Retry::kTransaction},
    {SQLITE_NOMEM, StatusCode::kResourceExhausted, ErrorKind::kOutOfMemory,
     true},
    {SQLITE_READONLY, StatusCode::kPermissionDenied, ErrorKind::kReadOnly},
    {SQLITE_READONLY_RECOVERY, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_READONLY_CANTLOCK, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_READONLY_ROLLBACK, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_READONLY_DBMOVED, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_READONLY_CANTINIT, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_READONLY_DIRECTORY, StatusCode::kPermissionDenied,
     ErrorKind::kReadOnly},
    {SQLITE_INTERRUPT, StatusCode::kCancelled, ErrorKind::kInterrupted},
    {SQLITE_IOERR_NOMEM, StatusCode::kResourceExhausted,
     ErrorKind::kOutOfMemory, true},
    {SQLITE_IOERR_BLOCKED, StatusCode::kUnavailable, ErrorKind::kBusy, false,
     Retry::kTransaction},
    {SQLITE_CORRUPT, StatusCode::kDataLoss, ErrorKind::kCorrupt, true},
    {SQLITE_CORRUPT_VTAB, StatusCode::kDataLoss, ErrorKind::kCorrupt, true},
    {SQLITE_CORRUPT_SEQUENCE, StatusCode::kDataLoss, ErrorKind::kCorrupt, true},
    {SQLITE_CORRUPT_INDEX, StatusCode::kDataLoss, ErrorKind::kCorrupt, true},
    {SQLITE_NOTFOUND, StatusCode::kUnimplemented, ErrorKind::kUnsupported},
    {SQLITE_FULL, StatusCode::kResourceExhausted, ErrorKind::kDiskFull, false,
     Retry::kAfterBackoff},
    {SQLITE_CANTOPEN, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_CANTOPEN_NOTEMPDIR, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_CANTOPEN_ISDIR, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_CANTOPEN_FULLPATH, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_CANTOPEN_CONVPATH, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_CANTOPEN_SYMLINK, StatusCode::kNotFound, ErrorKind::kNotFound},
    {SQLITE_PROTOCOL, StatusCode::kUnavailable, ErrorKind::kBusy, false,
     Retry::kTransaction},
    {SQLITE_EMPTY, StatusCode::kInternal, ErrorKind::kInternal},
    {SQLITE_SCHEMA, StatusCode::kAborted, ErrorKind::kSerializationFailure,
     false, Retry::kTransaction},
    {SQLITE_TOOBIG, StatusCode::kOutOfRange, ErrorKind::kTooBig},
    {SQLITE_CONSTRAINT, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_CHECK, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_COMMITHOOK, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_FOREIGNKEY, StatusCode::kFailedPrecondition,
     ErrorKind::kForeignKeyViolation},
    {SQLITE_CONSTRAINT_FUNCTION, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_NOTNULL, StatusCode::kFailedPrecondition,
     ErrorKind::kNotNullViolation},
    {SQLITE_CONSTRAINT_PRIMARYKEY, StatusCode::kAlreadyExists,
     ErrorKind::kUniqueViolation},
    {SQLITE_CONSTRAINT_TRIGGER, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_UNIQUE, StatusCode::kAlreadyExists,
     ErrorKind::kUniqueViolation},
    {SQLITE_CONSTRAINT_VTAB, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_ROWID, StatusCode::kAlreadyExists,
     ErrorKind::kUniqueViolation},
    {SQLITE_CONSTRAINT_PINNED, StatusCode::kFailedPrecondition,
     ErrorKind::kCheckViolation},
    {SQLITE_CONSTRAINT_DATATYPE, StatusCode::kInvalidArgument,
     ErrorKind::kInvalidValue},
    {SQLITE_MISMATCH, StatusCode::kInvalidArgument, ErrorKind::kInvalidValue},
    {SQLITE_MISUSE, StatusCode::kInternal, ErrorKind::kInternal, true},
    {SQLITE_NOLFS, StatusCode::kOutOfRange, ErrorKind::kTooBig},
    {SQLITE_AUTH, StatusCode::kPermissionDenied, ErrorKind::kPermission},
    {SQLITE_AUTH_USER, StatusCode::kPermissionDenied, ErrorKind::kPermission},
    {SQLITE_FORMAT, StatusCode::kInternal, ErrorKind::kInternal},
    {SQLITE_RANGE, StatusCode::kInternal, ErrorKind::kInternal, true},
    {SQLITE_NOTADB, StatusCode::kDataLoss, ErrorKind::kNotADatabase, true},
};

absl::Status Make(int code, absl::string_view message,
                  const ErrorContext& context = {},
                  TransactionState state = TransactionState::kNone) {
  return MakeStatusFromMessage(code, message, state, context);
}

ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(ErrorInfo());
}

// ENG-79
TEST(ClassifyTest, KnowsEveryResultCode) {
  for (const Expected& expected : kAll) {
    SCOPED_TRACE(expected.code);
    const absl::Status status =
        Make(expected.code, "text of the client", {.phase = Phase::kPrepare});
    EXPECT_EQ(status.code(), expected.status);
    const ErrorInfo info = InfoOf(status);
    EXPECT_EQ(info.kind, expected.kind);
    EXPECT_EQ(info.retry, expected.retry);
    EXPECT_EQ(info.native_code, std::to_string(expected.code));
    EXPECT_EQ(info.dialect, "sqlite");
    EXPECT_EQ(info.connection_state == ConnectionState::kDead, expected.closes);
    EXPECT_EQ(Classify(expected.code).closes_connection, expected.closes);
  }
}

TEST(ClassifyTest, EveryInputOutputErrorIsDataLossAndEndsTheConnection) {
  for (int extended = 0; extended <= 33; ++extended) {
    const int code = SQLITE_IOERR | (extended << 8);
    if (code == SQLITE_IOERR_NOMEM || code == SQLITE_IOERR_BLOCKED) continue;
    SCOPED_TRACE(code);
    EXPECT_EQ(Classify(code).kind, ErrorKind::kIoError);
    EXPECT_TRUE(Classify(code).closes_connection);
    EXPECT_EQ(Make(code, "").code(), StatusCode::kDataLoss);
  }
}

TEST(ClassifyTest, AnUnknownExtendedCodeCountsAsItsPrimaryCode) {
  EXPECT_EQ(Classify(SQLITE_READONLY | (99 << 8)).kind, ErrorKind::kReadOnly);
  EXPECT_EQ(Classify(77).kind, ErrorKind::kInternal);
}

TEST(MakeStatusTest, ReadsKindsFromTheTextOfAGenericError) {
  struct {
    absl::string_view text;
    ErrorKind kind;
  } const kTexts[] = {
      {"no such table: author", ErrorKind::kNoSuchTable},
      {"no such column: nam", ErrorKind::kNoSuchColumn},
      {"table author has no column named nam", ErrorKind::kNoSuchColumn},
      {"no such function: foo", ErrorKind::kUnsupported},
      {"near \"SELEC\": syntax error", ErrorKind::kSyntax},
      {"incomplete input", ErrorKind::kSyntax},
      {"too many SQL variables", ErrorKind::kTooBig},
      {"Expression tree is too large (maximum depth 1000)", ErrorKind::kTooBig},
      {"parser stack overflow", ErrorKind::kTooBig},
      {"table author already exists", ErrorKind::kAlreadyExists},
      {"cannot start a transaction within a transaction", ErrorKind::kMisuse},
      {"invalid regular expression: missing )", ErrorKind::kInvalidValue},
      {"something new", ErrorKind::kInvalidValue},
  };
  for (const auto& [text, kind] : kTexts) {
    EXPECT_EQ(InfoOf(Make(SQLITE_ERROR, text)).kind, kind) << text;
  }
}

TEST(MakeStatusTest, TellsARestrictedForeignKeyFromATrigger) {
  EXPECT_EQ(engine::KindOf(MakeStatusFromMessage(
                SQLITE_CONSTRAINT_TRIGGER, "FOREIGN KEY constraint failed",
                TransactionState::kActive, {})),
            ErrorKind::kForeignKeyViolation);
  EXPECT_EQ(engine::KindOf(
                MakeStatusFromMessage(SQLITE_CONSTRAINT_TRIGGER, "too late",
                                      TransactionState::kActive, {})),
            ErrorKind::kCheckViolation);
}

TEST(MakeStatusTest, NamesTableColumnAndConstraint) {
  ErrorInfo info = InfoOf(
      Make(SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: author.email"));
  EXPECT_EQ(info.table, "author");
  EXPECT_EQ(info.column, "email");
  info = InfoOf(Make(SQLITE_CONSTRAINT_UNIQUE,
                     "UNIQUE constraint failed: author.first, author.last"));
  EXPECT_EQ(info.table, "author");
  EXPECT_EQ(info.column, "first, last");
  info = InfoOf(Make(SQLITE_CONSTRAINT_UNIQUE,
                     "UNIQUE constraint failed: index 'author_lower'"));
  EXPECT_EQ(info.constraint, "author_lower");
  info = InfoOf(Make(SQLITE_CONSTRAINT_NOTNULL,
                     "NOT NULL constraint failed: author.name"));
  EXPECT_EQ(info.table, "author");
  EXPECT_EQ(info.column, "name");
  info = InfoOf(
      Make(SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: positive_score"));
  EXPECT_EQ(info.constraint, "positive_score");
  info = InfoOf(Make(SQLITE_ERROR, "no such table: main.author"));
  EXPECT_EQ(info.table, "main.author");
  info = InfoOf(Make(SQLITE_ERROR, "table author has no column named nam"));
  EXPECT_EQ(info.table, "author");
  EXPECT_EQ(info.column, "nam");
}

TEST(MakeStatusTest, SaysWhatToDo) {
  const struct {
    int code;
    absl::string_view text;
    absl::string_view advice;
  } kCases[] = {
      {SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: author.email",
       "; choose another key, or upsert"},
      {SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed",
       "; write the parent before its children, and delete it after them"},
      {SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: author.name",
       "; give the column a value"},
      {SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: grown",
       "; correct the value"},
      {SQLITE_READONLY, "attempt to write a readonly database",
       "; open it for writing"},
      {SQLITE_NOTADB, "file is not a database", "; check the path"},
      {SQLITE_CORRUPT, "database disk image is malformed",
       "; restore it from a backup"},
      {SQLITE_ERROR, "no such column: nam", "; add it, or check the name"},
      {SQLITE_ERROR, "no such table: author",
       "; create it, or check the name and the database's path"},
  };
  for (const auto& [code, text, advice] : kCases) {
    EXPECT_EQ(Make(code, text).message(), absl::StrCat(text, advice));
  }
}

TEST(MakeStatusTest, KeepsWhatMayHoldAValueOutOfTheMessage) {
  const absl::Status status =
      Make(SQLITE_ERROR, "JSON path error near 'hunter2'");
  EXPECT_THAT(status.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(InfoOf(status).detail, HasSubstr("hunter2"));
}

TEST(MakeStatusTest, TheDeadlineAndTheUserInterruptDifferently) {
  EXPECT_EQ(Make(SQLITE_INTERRUPT, "interrupted",
                 {.interruption = Interruption::kDeadline})
                .code(),
            StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Make(SQLITE_INTERRUPT, "interrupted",
                 {.interruption = Interruption::kCancelled})
                .code(),
            StatusCode::kCancelled);
  EXPECT_EQ(Make(SQLITE_BUSY, "database is locked",
                 {.interruption = Interruption::kDeadline})
                .code(),
            StatusCode::kDeadlineExceeded);
}

TEST(MakeStatusTest, AFailedSyncAtCommitLeavesTheOutcomeUnknown) {
  const absl::Status status =
      Make(SQLITE_IOERR_FSYNC, "disk I/O error", {.phase = Phase::kCommit},
           TransactionState::kRolledBack);
  EXPECT_EQ(status.code(), StatusCode::kUnknown);
  const ErrorInfo info = InfoOf(status);
  EXPECT_EQ(info.kind, ErrorKind::kCommitOutcomeUnknown);
  EXPECT_EQ(info.transaction_state, TransactionState::kUnknown);
  EXPECT_EQ(info.retry, Retry::kOnlyIfIdempotent);
}

}  // namespace
}  // namespace cupel::sqlite_internal
