#include "cupel/engine/dialects/sqlite/errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/error_info.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;

struct CodeRow {
  int code;
  Classification classification;
};

// https://www.sqlite.org/rescode.html. Primary codes stand for those of their
// extended codes that are not listed.
constexpr CodeRow kCodes[] = {
    {SQLITE_ERROR, {ErrorKind::kSyntax}},
    {SQLITE_ERROR_MISSING_COLLSEQ, {ErrorKind::kUnsupported}},
    {SQLITE_ERROR_RETRY, {ErrorKind::kInternal, Retry::kStatement}},
    {SQLITE_ERROR_SNAPSHOT,
     {ErrorKind::kSerializationFailure, Retry::kTransaction}},
    {SQLITE_INTERNAL, {ErrorKind::kInternal, Retry::kNo, true}},
    {SQLITE_PERM, {ErrorKind::kPermission}},
    {SQLITE_ABORT, {ErrorKind::kInterrupted}},
    {SQLITE_ABORT_ROLLBACK, {ErrorKind::kInterrupted, Retry::kTransaction}},
    {SQLITE_BUSY, {ErrorKind::kBusy, Retry::kTransaction}},
    {SQLITE_BUSY_RECOVERY, {ErrorKind::kBusy, Retry::kTransaction}},
    {SQLITE_BUSY_SNAPSHOT,
     {ErrorKind::kSerializationFailure, Retry::kTransaction}},
    {SQLITE_BUSY_TIMEOUT, {ErrorKind::kLockTimeout, Retry::kTransaction}},
    {SQLITE_LOCKED, {ErrorKind::kLocked}},
    {SQLITE_LOCKED_SHAREDCACHE, {ErrorKind::kLocked, Retry::kTransaction}},
    {SQLITE_LOCKED_VTAB, {ErrorKind::kLocked, Retry::kTransaction}},
    {SQLITE_NOMEM, {ErrorKind::kOutOfMemory, Retry::kNo, true}},
    {SQLITE_READONLY, {ErrorKind::kReadOnly}},
    {SQLITE_INTERRUPT, {ErrorKind::kInterrupted}},
    {SQLITE_IOERR, {ErrorKind::kIoError, Retry::kNo, true}},
    {SQLITE_IOERR_NOMEM, {ErrorKind::kOutOfMemory, Retry::kNo, true}},
    {SQLITE_IOERR_BLOCKED, {ErrorKind::kBusy, Retry::kTransaction}},
    {SQLITE_CORRUPT, {ErrorKind::kCorrupt, Retry::kNo, true}},
    {SQLITE_NOTFOUND, {ErrorKind::kUnsupported}},
    {SQLITE_FULL, {ErrorKind::kDiskFull, Retry::kAfterBackoff}},
    {SQLITE_CANTOPEN, {ErrorKind::kNotFound}},
    {SQLITE_PROTOCOL, {ErrorKind::kBusy, Retry::kTransaction}},
    {SQLITE_EMPTY, {ErrorKind::kInternal}},
    {SQLITE_SCHEMA, {ErrorKind::kSerializationFailure, Retry::kTransaction}},
    {SQLITE_TOOBIG, {ErrorKind::kTooBig}},
    {SQLITE_CONSTRAINT, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_CHECK, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_COMMITHOOK, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_FOREIGNKEY, {ErrorKind::kForeignKeyViolation}},
    {SQLITE_CONSTRAINT_FUNCTION, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_NOTNULL, {ErrorKind::kNotNullViolation}},
    {SQLITE_CONSTRAINT_PRIMARYKEY, {ErrorKind::kUniqueViolation}},
    {SQLITE_CONSTRAINT_TRIGGER, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_UNIQUE, {ErrorKind::kUniqueViolation}},
    {SQLITE_CONSTRAINT_VTAB, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_ROWID, {ErrorKind::kUniqueViolation}},
    {SQLITE_CONSTRAINT_PINNED, {ErrorKind::kCheckViolation}},
    {SQLITE_CONSTRAINT_DATATYPE, {ErrorKind::kInvalidValue}},
    {SQLITE_MISMATCH, {ErrorKind::kInvalidValue}},
    {SQLITE_MISUSE, {ErrorKind::kInternal, Retry::kNo, true}},
    {SQLITE_NOLFS, {ErrorKind::kTooBig}},
    {SQLITE_AUTH, {ErrorKind::kPermission}},
    {SQLITE_FORMAT, {ErrorKind::kInternal}},
    {SQLITE_RANGE, {ErrorKind::kInternal, Retry::kNo, true}},
    {SQLITE_NOTADB, {ErrorKind::kNotADatabase, Retry::kNo, true}},
    {SQLITE_NOTICE, {ErrorKind::kInternal}},
    {SQLITE_WARNING, {ErrorKind::kInternal}},
};

const CodeRow* FindCode(int code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

// SQLITE_ERROR says what is wrong only by its text.
struct TextRow {
  enum class Place { kBegins, kEnds, kHolds };
  Place place;
  absl::string_view text;
  ErrorKind kind;
};
constexpr auto kBegins = TextRow::Place::kBegins;
constexpr auto kEnds = TextRow::Place::kEnds;
constexpr auto kHolds = TextRow::Place::kHolds;
constexpr TextRow kTexts[] = {
    {kBegins, "no such table", ErrorKind::kNoSuchTable},
    {kBegins, "no such view", ErrorKind::kNoSuchTable},
    {kBegins, "no such index", ErrorKind::kNoSuchTable},
    {kBegins, "no such column", ErrorKind::kNoSuchColumn},
    {kHolds, " has no column named ", ErrorKind::kNoSuchColumn},
    {kBegins, "unknown column ", ErrorKind::kNoSuchColumn},
    {kBegins, "unknown database ", ErrorKind::kNotFound},
    {kBegins, "no such database", ErrorKind::kNotFound},
    {kBegins, "no such function", ErrorKind::kUnsupported},
    {kBegins, "no such module", ErrorKind::kUnsupported},
    {kBegins, "no such collation", ErrorKind::kUnsupported},
    {kBegins, "no such savepoint", ErrorKind::kMisuse},
    {kBegins, "cannot start a transaction", ErrorKind::kMisuse},
    {kBegins, "cannot commit", ErrorKind::kMisuse},
    {kBegins, "cannot rollback", ErrorKind::kMisuse},
    {kHolds, "within a transaction", ErrorKind::kMisuse},
    {kBegins, "too many ", ErrorKind::kTooBig},
    {kBegins, "variable number must be ", ErrorKind::kTooBig},
    {kBegins, "Expression tree is too large", ErrorKind::kTooBig},
    {kBegins, "parser stack overflow", ErrorKind::kTooBig},
    {kBegins, "LIKE or GLOB pattern too complex", ErrorKind::kTooBig},
    {kHolds, "tables in a join", ErrorKind::kTooBig},
    {kBegins, "string or blob too big", ErrorKind::kTooBig},
    {kEnds, "syntax error", ErrorKind::kSyntax},
    {kBegins, "incomplete input", ErrorKind::kSyntax},
    {kBegins, "unrecognized token", ErrorKind::kSyntax},
    {kBegins, "ambiguous column name", ErrorKind::kSyntax},
    {kBegins, "misuse of ", ErrorKind::kSyntax},
    {kBegins, "wrong number of arguments", ErrorKind::kSyntax},
    {kHolds, " values for ", ErrorKind::kSyntax},
    {kEnds, " already exists", ErrorKind::kAlreadyExists},
    {kHolds, "there is already ", ErrorKind::kAlreadyExists},
    {kBegins, "foreign key mismatch", ErrorKind::kSyntax},
    {kBegins, "invalid regular expression", ErrorKind::kInvalidValue},
    {kBegins, "integer overflow", ErrorKind::kInvalidValue},
};

bool Matches(const TextRow& row, absl::string_view message) {
  switch (row.place) {
    case TextRow::Place::kBegins:
      return absl::StartsWith(message, row.text);
    case TextRow::Place::kEnds:
      return absl::EndsWith(message, row.text);
    case TextRow::Place::kHolds:
      return absl::StrContains(message, row.text);
  }
  return false;
}

const TextRow* FindText(absl::string_view message) {
  for (const TextRow& row : kTexts) {
    if (Matches(row, message)) return &row;
  }
  return nullptr;
}

// What stands behind `prefix` in `message`, else empty.
absl::string_view Behind(absl::string_view message, absl::string_view prefix) {
  return absl::ConsumePrefix(&message, prefix) ? message : "";
}

// "author.email" or "author.first, author.last".
void SetColumns(absl::string_view columns, ErrorInfo* info) {
  const size_t dot = columns.find('.');
  if (dot == absl::string_view::npos) return;
  info->table = std::string(columns.substr(0, dot));
  const std::string separator = absl::StrCat(", ", info->table, ".");
  columns.remove_prefix(dot + 1);
  for (size_t end; !columns.empty();
       columns.remove_prefix(std::min(end, columns.size()))) {
    absl::ConsumePrefix(&columns, separator);
    end = columns.find(separator);
    absl::StrAppend(&info->column, info->column.empty() ? "" : ", ",
                    columns.substr(0, end));
  }
}

// Reads the names that SQLite's messages hold.
void SetNames(absl::string_view message, ErrorInfo* info) {
  if (auto text = Behind(message, "UNIQUE constraint failed: ");
      !text.empty()) {
    if (absl::ConsumePrefix(&text, "index '")) {
      absl::ConsumeSuffix(&text, "'");
      info->constraint = std::string(text);
    } else {
      SetColumns(text, info);
    }
  } else if (text = Behind(message, "NOT NULL constraint failed: ");
             !text.empty()) {
    SetColumns(text, info);
  } else if (text = Behind(message, "CHECK constraint failed: ");
             !text.empty()) {
    info->constraint = std::string(text);
  } else if (text = Behind(message, "no such table: "); !text.empty()) {
    info->table = std::string(text);
  } else if (text = Behind(message, "no such column: "); !text.empty()) {
    info->column = std::string(text);
  } else if (text = Behind(message, "table "); !text.empty()) {
    constexpr absl::string_view kNoColumn = " has no column named ";
    if (const size_t at = text.find(kNoColumn); at != absl::string_view::npos) {
      info->table = std::string(text.substr(0, at));
      info->column = std::string(text.substr(at + kNoColumn.size()));
    }
  }
}

// What to add to SQLite's own words, so that one knows what to do.
absl::string_view Advice(ErrorKind kind, int extended_code) {
  switch (extended_code) {
    case SQLITE_BUSY_SNAPSHOT:
      return ": another connection wrote since this transaction began to read; "
             "run the transaction again, and begin it immediate if it writes";
    default:
      break;
  }
  switch (kind) {
    case ErrorKind::kBusy:
    case ErrorKind::kLockTimeout:
      return ": another connection holds the lock; run the transaction again "
             "or raise busy_timeout";
    case ErrorKind::kLocked:
      return ": a cursor of this connection is still open on it; finish or "
             "destroy the cursor first";
    case ErrorKind::kDiskFull:
      return "; free space and run the transaction again";
    case ErrorKind::kNoSuchTable:
      return "; create it, or check the name and the database's path";
    case ErrorKind::kNoSuchColumn:
      return "; add it, or check the name";
    case ErrorKind::kUniqueViolation:
      return "; choose another key, or upsert";
    case ErrorKind::kForeignKeyViolation:
      return "; write the parent before its children, and delete it after them";
    case ErrorKind::kNotNullViolation:
      return "; give the column a value";
    case ErrorKind::kCheckViolation:
      return "; correct the value";
    case ErrorKind::kReadOnly:
      return "; open it for writing";
    case ErrorKind::kNotADatabase:
      return "; check the path";
    case ErrorKind::kCorrupt:
      return "; restore it from a backup";
    default:
      return "";
  }
}

// Whether the text consists of names and SQL only, as all texts do before
// values are bound. Others may quote a value (a JSON path, a number), which
// belongs into the detail.
bool IsSafe(int primary_code, bool known_text, Phase phase) {
  switch (primary_code) {
    case SQLITE_ERROR:
      return known_text || phase == Phase::kPrepare;
    case SQLITE_CONSTRAINT:  // names; the text of RAISE() is the schema's
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
      return true;
    default:
      return false;
  }
}

// The kind in its context.
void Refine(int extended_code, const ErrorContext& context,
            Classification* classification) {
  const int primary_code = extended_code & 0xff;
  switch (context.interruption) {
    case Interruption::kDeadline:
      if (primary_code == SQLITE_INTERRUPT || primary_code == SQLITE_BUSY) {
        *classification = {ErrorKind::kStatementTimeout};
      }
      break;
    case Interruption::kCancelled:
      if (primary_code == SQLITE_BUSY) {
        *classification = {ErrorKind::kInterrupted};
      }
      break;
    case Interruption::kNone:
      break;
  }
  if (context.phase == Phase::kCommit &&
      (extended_code == SQLITE_IOERR_FSYNC ||
       extended_code == SQLITE_IOERR_DIR_FSYNC)) {
    // What the storage kept shows when the database is opened again.
    *classification = {ErrorKind::kCommitOutcomeUnknown,
                       Retry::kOnlyIfIdempotent, true};
  }
}

}  // namespace

Classification Classify(int extended_code) {
  if (const CodeRow* row = FindCode(extended_code); row != nullptr) {
    return row->classification;
  }
  const CodeRow* row = FindCode(extended_code & 0xff);
  return row != nullptr ? row->classification : Classification();
}

absl::Status MakeStatusFromMessage(int extended_code, absl::string_view message,
                                   TransactionState state,
                                   const ErrorContext& context) {
  Classification classification = Classify(extended_code);
  const int primary_code = extended_code & 0xff;
  const TextRow* text =
      primary_code == SQLITE_ERROR ? FindText(message) : nullptr;
  if (text != nullptr) {
    classification.kind = text->kind;
  } else if (extended_code == SQLITE_ERROR &&
             context.phase != Phase::kPrepare) {
    classification.kind = ErrorKind::kInvalidValue;
  } else if (extended_code == SQLITE_CONSTRAINT_TRIGGER &&
             message == "FOREIGN KEY constraint failed") {
    // ON DELETE RESTRICT is a trigger inside SQLite.
    classification.kind = ErrorKind::kForeignKeyViolation;
  }
  Refine(extended_code, context, &classification);

  ErrorInfo info;
  info.kind = classification.kind;
  info.dialect = "sqlite";
  info.native_code = absl::StrCat(extended_code);
  info.retry = classification.retry;
  info.statement = std::string(context.statement);
  info.detail = std::string(message);
  info.transaction_state = state;
  info.connection_state = classification.closes_connection
                              ? ConnectionState::kDead
                              : ConnectionState::kOk;
  SetNames(message, &info);
  if (info.kind == ErrorKind::kCommitOutcomeUnknown) {
    info.transaction_state = TransactionState::kUnknown;
  }
  absl::string_view words = IsSafe(primary_code, text != nullptr, context.phase)
                                ? message
                                : sqlite3_errstr(extended_code);
  if (info.kind == ErrorKind::kStatementTimeout) {
    words = "the deadline has passed";
  }
  const std::string shown =
      absl::StrCat(words, Advice(info.kind, extended_code));
  return engine::MakeError(std::move(info), shown);
}

absl::Status MakeStatus(sqlite3* connection, int extended_code,
                        const ErrorContext& context) {
  if (connection == nullptr) {
    return MakeStatusFromMessage(extended_code, sqlite3_errstr(extended_code),
                                 TransactionState::kNone, context);
  }
  TransactionState state = TransactionState::kNone;
  if (context.was_in_transaction) {
    state = sqlite3_get_autocommit(connection) != 0
                ? TransactionState::kRolledBack
                : TransactionState::kActive;
  }
  return MakeStatusFromMessage(extended_code, sqlite3_errmsg(connection), state,
                               context);
}

}  // namespace cupel::sqlite_internal
