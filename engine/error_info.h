// What went wrong, for programs: the payload of every error status of Cupel.
//
//   absl::Status status = connection.Execute(...).status();
//   if (engine::KindOf(status) == engine::ErrorKind::kUniqueViolation) ...
//   if (auto info = engine::GetErrorInfo(status)) Log(info->native_code);
//
// A status of Cupel has a lower-case message that never holds a bound value or
// a password, a canonical code that one table derives from the kind, and an
// ErrorInfo. ErrorInfo::detail alone may hold data of the application (what a
// server said about a row): it is in no message and no absl::Status::ToString.

#ifndef CUPEL_ENGINE_ERROR_INFO_H_
#define CUPEL_ENGINE_ERROR_INFO_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// What happened. The comment gives the canonical code.
enum class ErrorKind : uint8_t {
  kNone,                  // kUnknown: nothing is known
  kUniqueViolation,       // kAlreadyExists
  kForeignKeyViolation,   // kFailedPrecondition
  kNotNullViolation,      // kFailedPrecondition
  kCheckViolation,        // kFailedPrecondition
  kExclusionViolation,    // kFailedPrecondition
  kSerializationFailure,  // kAborted: run the transaction again
  kDeadlock,              // kAborted: run the transaction again
  kLockTimeout,           // kAborted: a lock did not come; run it again
  kBusy,                  // kUnavailable: the database is in use
  kLocked,                // kUnavailable: a table is in use
  kConnectionLost,        // kUnavailable: while in use, outside COMMIT
  kCannotConnect,         // kUnavailable: host unknown, refused, not ready
  kCommitOutcomeUnknown,  // kUnknown: the connection broke during COMMIT
  kTransactionPoisoned,   // kFailedPrecondition: only a rollback is accepted
  kSyntax,                // kInvalidArgument: SQL text is not understood
  kNoSuchTable,           // kNotFound: or schema, or database
  kNoSuchColumn,          // kNotFound
  kAlreadyExists,         // kAlreadyExists: a table, or another object
  kReadOnly,              // kPermissionDenied
  kPermission,            // kPermissionDenied
  kAuthentication,        // kUnauthenticated
  kNotADatabase,          // kDataLoss
  kCorrupt,               // kDataLoss
  kIoError,               // kDataLoss
  kDiskFull,              // kResourceExhausted
  kOutOfMemory,           // kResourceExhausted: or connections, or files
  kTooBig,                // kOutOfRange: number, length or count beyond a limit
  kStatementTimeout,      // kDeadlineExceeded
  kPoolTimeout,           // kDeadlineExceeded: no connection became free
  kInterrupted,           // kCancelled
  kTypeMismatch,          // kDataLoss: a stored value has not the mapped type
  kInvalidValue,          // kInvalidArgument: a value is not accepted
  kStale,                 // kAborted: the row is not what it was when read
  kNotFound,              // kNotFound: one row was asked for, there is none
  kMultipleRows,          // kFailedPrecondition: one was asked for, not more
  kMisuse,                // kFailedPrecondition: called in a wrong state
  kUnsupported,           // kUnimplemented: the database or driver cannot
  kInternal,              // kInternal: a defect of Cupel
};

// The last kind, for loops over all of them.
inline constexpr ErrorKind kLastErrorKind = ErrorKind::kInternal;

// The families that Python's DB-API and SQLAlchemy know.
enum class ErrorClass : uint8_t {
  kInterface,     // the way Cupel was called
  kData,          // a value
  kOperational,   // the environment: connection, locks, space, time
  kIntegrity,     // a constraint
  kInternal,      // the database or Cupel is broken
  kProgramming,   // the SQL text, or names in it
  kNotSupported,  // the database cannot do it
};

// The transaction after the error.
enum class TransactionState : uint8_t {
  kNone,        // there was none
  kActive,      // goes on as before
  kRolledBack,  // the database has rolled it back
  kPoisoned,    // accepts only a rollback, in full or to a savepoint
  kUnknown,     // committed or not: nobody knows
};

// The connection after the error.
enum class ConnectionState : uint8_t { kOk, kDead };

// What may be tried again.
enum class Retry : uint8_t {
  kNo,
  kStatement,         // the same statement, at once
  kTransaction,       // the whole transaction, from its start
  kAfterBackoff,      // the whole transaction, after a pause
  kOnlyIfIdempotent,  // it may have happened: only if twice does no harm
};

struct ErrorInfo {
  ErrorKind kind = ErrorKind::kNone;
  std::string dialect;
  std::string native_code;  // SQLSTATE, errno, extended result code
  std::string constraint;
  std::string table;
  std::string column;
  std::string statement;  // SQL text, without values
  std::string detail;     // may hold data of the application
  TransactionState transaction_state = TransactionState::kNone;
  ConnectionState connection_state = ConnectionState::kOk;
  Retry retry = Retry::kNo;
  int attempts = 1;  // how often it was tried
  // Of kCommitOutcomeUnknown, where the database can tell later: what
  // Engine::ResolveCommit takes.
  std::string commit_token;

  friend bool operator==(const ErrorInfo&, const ErrorInfo&) = default;
};

// The only place where kinds become codes.
absl::StatusCode CodeOf(ErrorKind kind);

ErrorClass ClassOf(ErrorKind kind);

// A stable name, "unique_violation": the entry of the error catalogue.
absl::string_view ErrorKindName(ErrorKind kind);

// A status with the code of `info.kind`, `message` and `info` as payload.
absl::Status MakeError(ErrorInfo info, absl::string_view message);

// The same with no more than a kind.
absl::Status MakeError(ErrorKind kind, absl::string_view message);

// The payload of a status that Cupel made, nullopt of another one.
std::optional<ErrorInfo> GetErrorInfo(const absl::Status& status);

// The kind of a status: kNone of an OK one and of one that Cupel did not make.
ErrorKind KindOf(const absl::Status& status);

// `status` with `info` in place of its own; code and message stay. For a layer
// that knows more: the statement, the table, what may be retried. OK stays OK.
absl::Status WithErrorInfo(absl::Status status, const ErrorInfo& info);

// `status` with "`context`: " before its message. OK stays OK.
absl::Status WithContext(const absl::Status& status, absl::string_view context);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ERROR_INFO_H_
