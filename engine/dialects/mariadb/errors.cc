#include "cupel/engine/dialects/mariadb/errors.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/error_info.h"
#include "mariadb/errmsg.h"
#include "mariadb/mysqld_error.h"

namespace cupel::mariadb_internal {
namespace {

using engine::ConnectionState;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::Retry;
using engine::TransactionState;

struct CodeRow {
  unsigned number;
  Classification classification;
};

// What numbers come with: values, or names only; a connection that goes on, or
// one that is over.
constexpr Classification Names(ErrorKind kind, Retry retry = Retry::kNo) {
  return {kind, retry, false, true};
}
constexpr Classification Values(ErrorKind kind, Retry retry = Retry::kNo) {
  return {kind, retry, false, false};
}
constexpr Classification Lost(ErrorKind kind, Retry retry = Retry::kTransaction,
                              bool is_safe = true) {
  return {kind, retry, true, is_safe};
}

// https://mariadb.com/kb/en/mariadb-error-codes/
constexpr CodeRow kCodes[] = {
    // The transaction has to be run again.
    {ER_LOCK_DEADLOCK, Names(ErrorKind::kDeadlock, Retry::kTransaction)},
    {ER_LOCK_WAIT_TIMEOUT, Names(ErrorKind::kLockTimeout, Retry::kTransaction)},
    {ER_CHECKREAD,
     Names(ErrorKind::kSerializationFailure, Retry::kTransaction)},
    {ER_XA_RBROLLBACK,
     Names(ErrorKind::kSerializationFailure, Retry::kTransaction)},
    {ER_XA_RBTIMEOUT,
     Names(ErrorKind::kSerializationFailure, Retry::kTransaction)},
    {ER_XA_RBDEADLOCK, Names(ErrorKind::kDeadlock, Retry::kTransaction)},
    // Transactions that are prepared.
    {ER_XAER_NOTA, Names(ErrorKind::kNotFound)},
    {ER_XAER_INVAL, Names(ErrorKind::kInvalidValue)},
    {ER_XAER_RMFAIL, Names(ErrorKind::kMisuse)},
    {ER_XAER_OUTSIDE, Names(ErrorKind::kMisuse)},
    {ER_XAER_DUPID, Names(ErrorKind::kAlreadyExists)},
    // The statement was stopped.
    {ER_STATEMENT_TIMEOUT, Names(ErrorKind::kStatementTimeout)},
    {3024, Names(ErrorKind::kStatementTimeout)},  // MySQL's number for it
    {ER_QUERY_INTERRUPTED, Names(ErrorKind::kInterrupted)},
    {ER_NEW_ABORTING_CONNECTION, Lost(ErrorKind::kConnectionLost)},
    {ER_CONNECTION_KILLED, Lost(ErrorKind::kConnectionLost)},
    // The server or the way to it.
    {ER_SERVER_SHUTDOWN, Lost(ErrorKind::kConnectionLost)},
    // A node that has left its cluster, which keeps the transaction open and
    // may still commit it.
    {ER_UNKNOWN_COM_ERROR,
     Lost(ErrorKind::kConnectionLost, Retry::kAfterBackoff)},
    {ER_ERROR_DURING_COMMIT,
     Lost(ErrorKind::kConnectionLost, Retry::kOnlyIfIdempotent)},
    {ER_NET_PACKETS_OUT_OF_ORDER, Lost(ErrorKind::kConnectionLost)},
    {ER_NET_UNCOMPRESS_ERROR, Lost(ErrorKind::kConnectionLost)},
    {ER_NET_READ_ERROR, Lost(ErrorKind::kConnectionLost)},
    {ER_NET_READ_INTERRUPTED, Lost(ErrorKind::kConnectionLost)},
    {ER_NET_ERROR_ON_WRITE, Lost(ErrorKind::kConnectionLost)},
    {ER_NET_WRITE_INTERRUPTED, Lost(ErrorKind::kConnectionLost)},
    {CR_SOCKET_CREATE_ERROR,
     Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_CONNECTION_ERROR,
     Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_CONN_HOST_ERROR, Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_IPSOCK_ERROR, Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_UNKNOWN_HOST, Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_SERVER_HANDSHAKE_ERR,
     Lost(ErrorKind::kCannotConnect, Retry::kAfterBackoff)},
    {CR_VERSION_ERROR, Lost(ErrorKind::kUnsupported, Retry::kNo)},
    {CR_SERVER_GONE_ERROR, Lost(ErrorKind::kConnectionLost)},
    {CR_SERVER_LOST, Lost(ErrorKind::kConnectionLost)},
    {CR_SERVER_LOST_EXTENDED, Lost(ErrorKind::kConnectionLost)},
    {CR_SSL_CONNECTION_ERROR, Lost(ErrorKind::kCannotConnect, Retry::kNo)},
    {CR_MALFORMED_PACKET, Lost(ErrorKind::kConnectionLost)},
    {CR_NET_PACKET_TOO_LARGE, Lost(ErrorKind::kTooBig, Retry::kNo)},
    {CR_COMMANDS_OUT_OF_SYNC, Lost(ErrorKind::kInternal, Retry::kNo)},
    {CR_OUT_OF_MEMORY, Lost(ErrorKind::kOutOfMemory, Retry::kNo)},
    {CR_NEW_STMT_METADATA, Names(ErrorKind::kInternal, Retry::kStatement)},
    {CR_STMT_CLOSED, Names(ErrorKind::kInternal, Retry::kStatement)},
    {ER_NEED_REPREPARE, Names(ErrorKind::kInternal, Retry::kStatement)},
    {ER_UNKNOWN_STMT_HANDLER, Names(ErrorKind::kInternal, Retry::kStatement)},
    // Who may.
    {ER_ACCESS_DENIED_ERROR, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
     Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_DBACCESS_DENIED_ERROR, Names(ErrorKind::kAuthentication)},
    {ER_HOST_IS_BLOCKED, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_HOST_NOT_PRIVILEGED, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_NOT_SUPPORTED_AUTH_MODE, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_MUST_CHANGE_PASSWORD, Names(ErrorKind::kAuthentication)},
    {CR_AUTH_PLUGIN_CANNOT_LOAD, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {CR_AUTH_PLUGIN_ERR, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {CR_PLUGIN_NOT_ALLOWED, Lost(ErrorKind::kAuthentication, Retry::kNo)},
    {ER_TABLEACCESS_DENIED_ERROR, Names(ErrorKind::kPermission)},
    {ER_COLUMNACCESS_DENIED_ERROR, Names(ErrorKind::kPermission)},
    {ER_PROCACCESS_DENIED_ERROR, Names(ErrorKind::kPermission)},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, Names(ErrorKind::kPermission)},
    {ER_KILL_DENIED_ERROR, Names(ErrorKind::kPermission)},
    {ER_OPTION_PREVENTS_STATEMENT, Names(ErrorKind::kReadOnly)},
    {ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, Names(ErrorKind::kReadOnly)},
    {ER_OPEN_AS_READONLY, Names(ErrorKind::kReadOnly)},
    {ER_INNODB_READ_ONLY, Names(ErrorKind::kReadOnly)},
    // Space and numbers of things.
    {ER_CON_COUNT_ERROR, Lost(ErrorKind::kOutOfMemory, Retry::kAfterBackoff)},
    {ER_USER_LIMIT_REACHED,
     Lost(ErrorKind::kOutOfMemory, Retry::kAfterBackoff)},
    {ER_TOO_MANY_USER_CONNECTIONS,
     Lost(ErrorKind::kOutOfMemory, Retry::kAfterBackoff)},
    {ER_OUTOFMEMORY, Names(ErrorKind::kOutOfMemory)},
    {ER_OUT_OF_SORTMEMORY, Names(ErrorKind::kOutOfMemory)},
    {ER_OUT_OF_RESOURCES, Names(ErrorKind::kOutOfMemory)},
    {ER_CANT_CREATE_THREAD, Lost(ErrorKind::kOutOfMemory)},
    {ER_MAX_PREPARED_STMT_COUNT_REACHED, Names(ErrorKind::kOutOfMemory)},
    {ER_LOCK_TABLE_FULL, Names(ErrorKind::kOutOfMemory)},
    {ER_DISK_FULL, Names(ErrorKind::kDiskFull, Retry::kAfterBackoff)},
    {ER_RECORD_FILE_FULL, Names(ErrorKind::kDiskFull, Retry::kAfterBackoff)},
    {ER_NET_PACKET_TOO_LARGE, Lost(ErrorKind::kTooBig, Retry::kNo)},
    {ER_PS_MANY_PARAM, Names(ErrorKind::kTooBig)},
    {ER_STACK_OVERRUN, Names(ErrorKind::kTooBig)},
    {ER_STACK_OVERRUN_NEED_MORE, Names(ErrorKind::kTooBig)},
    {ER_TOO_LONG_IDENT, Values(ErrorKind::kTooBig)},
    {ER_TOO_LONG_KEY, Names(ErrorKind::kTooBig)},
    {ER_TOO_LONG_TABLE_COMMENT, Names(ErrorKind::kTooBig)},
    {ER_TOO_LONG_FIELD_COMMENT, Names(ErrorKind::kTooBig)},
    {ER_TOO_LONG_INDEX_COMMENT, Names(ErrorKind::kTooBig)},
    {ER_TOO_BIG_ROWSIZE, Names(ErrorKind::kTooBig)},
    {ER_TOO_BIG_FIELDLENGTH, Names(ErrorKind::kTooBig)},
    {ER_TOO_MANY_FIELDS, Names(ErrorKind::kTooBig)},
    {ER_TOO_MANY_TABLES, Names(ErrorKind::kTooBig)},
    {ER_WARN_DATA_OUT_OF_RANGE, Names(ErrorKind::kTooBig)},
    {ER_DATA_OUT_OF_RANGE, Values(ErrorKind::kTooBig)},
    {ER_DATA_TOO_LONG, Names(ErrorKind::kTooBig)},
    {ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT, Names(ErrorKind::kTooBig)},
    {ER_EXPRESSION_IS_TOO_BIG, Names(ErrorKind::kTooBig)},
    {ER_AUTOINC_READ_FAILED, Names(ErrorKind::kTooBig)},
    // Constraints.
    {ER_DUP_ENTRY, Values(ErrorKind::kUniqueViolation)},
    {ER_DUP_KEY, Names(ErrorKind::kUniqueViolation)},
    {ER_DUP_ENTRY_WITH_KEY_NAME, Values(ErrorKind::kUniqueViolation)},
    {ER_DUP_UNIQUE, Names(ErrorKind::kUniqueViolation)},
    {ER_NO_REFERENCED_ROW, Names(ErrorKind::kForeignKeyViolation)},
    {ER_ROW_IS_REFERENCED, Names(ErrorKind::kForeignKeyViolation)},
    {ER_NO_REFERENCED_ROW_2, Names(ErrorKind::kForeignKeyViolation)},
    {ER_ROW_IS_REFERENCED_2, Names(ErrorKind::kForeignKeyViolation)},
    {ER_BAD_NULL_ERROR, Names(ErrorKind::kNotNullViolation)},
    {ER_NO_DEFAULT_FOR_FIELD, Names(ErrorKind::kNotNullViolation)},
    {ER_CONSTRAINT_FAILED, Names(ErrorKind::kCheckViolation)},
    // Names.
    {ER_NO_SUCH_TABLE, Names(ErrorKind::kNoSuchTable)},
    {ER_NO_SUCH_TABLE_IN_ENGINE, Names(ErrorKind::kNoSuchTable)},
    {ER_BAD_TABLE_ERROR, Names(ErrorKind::kNoSuchTable)},
    {ER_UNKNOWN_TABLE, Names(ErrorKind::kNoSuchTable)},
    {ER_UNKNOWN_VIEW, Names(ErrorKind::kNoSuchTable)},
    {ER_BAD_DB_ERROR, Names(ErrorKind::kNoSuchTable)},
    {ER_NO_DB_ERROR, Names(ErrorKind::kNoSuchTable)},
    {ER_DB_DROP_EXISTS, Names(ErrorKind::kNoSuchTable)},
    {ER_UNKNOWN_SEQUENCES, Names(ErrorKind::kNoSuchTable)},
    {ER_BAD_FIELD_ERROR, Names(ErrorKind::kNoSuchColumn)},
    {ER_CANT_DROP_FIELD_OR_KEY, Names(ErrorKind::kNoSuchColumn)},
    {ER_KEY_COLUMN_DOES_NOT_EXIST, Names(ErrorKind::kNoSuchColumn)},
    {ER_TABLE_EXISTS_ERROR, Names(ErrorKind::kAlreadyExists)},
    {ER_DB_CREATE_EXISTS, Names(ErrorKind::kAlreadyExists)},
    {ER_DUP_FIELDNAME, Names(ErrorKind::kAlreadyExists)},
    {ER_DUP_KEYNAME, Names(ErrorKind::kAlreadyExists)},
    {ER_DUP_CONSTRAINT_NAME, Names(ErrorKind::kAlreadyExists)},
    // SQL text.
    {ER_PARSE_ERROR, Names(ErrorKind::kSyntax)},
    {ER_SYNTAX_ERROR, Names(ErrorKind::kSyntax)},
    {ER_EMPTY_QUERY, Names(ErrorKind::kSyntax)},
    {ER_NON_UNIQ_ERROR, Names(ErrorKind::kSyntax)},
    {ER_NONUNIQ_TABLE, Names(ErrorKind::kSyntax)},
    {ER_WRONG_FIELD_WITH_GROUP, Names(ErrorKind::kSyntax)},
    {ER_MIX_OF_GROUP_FUNC_AND_FIELDS, Names(ErrorKind::kSyntax)},
    {ER_INVALID_GROUP_FUNC_USE, Names(ErrorKind::kSyntax)},
    {ER_WRONG_VALUE_COUNT_ON_ROW, Names(ErrorKind::kSyntax)},
    {ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT, Names(ErrorKind::kSyntax)},
    {ER_OPERAND_COLUMNS, Names(ErrorKind::kSyntax)},
    {ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, Names(ErrorKind::kSyntax)},
    {ER_WRONG_AUTO_KEY, Names(ErrorKind::kSyntax)},
    {ER_BLOB_KEY_WITHOUT_LENGTH, Names(ErrorKind::kSyntax)},
    {ER_CANT_CREATE_TABLE, Names(ErrorKind::kSyntax)},
    {ER_GENERATED_COLUMN_FUNCTION_IS_NOT_ALLOWED, Names(ErrorKind::kSyntax)},
    {ER_FK_NO_INDEX_PARENT, Names(ErrorKind::kSyntax)},
    {ER_SUBQUERY_NO_1_ROW, Names(ErrorKind::kInvalidValue)},
    {ER_WRONG_NAME_FOR_INDEX, Values(ErrorKind::kInvalidValue)},
    {ER_WRONG_TABLE_NAME, Values(ErrorKind::kInvalidValue)},
    {ER_WRONG_COLUMN_NAME, Values(ErrorKind::kInvalidValue)},
    {ER_WRONG_DB_NAME, Values(ErrorKind::kInvalidValue)},
    {ER_SP_DOES_NOT_EXIST, Names(ErrorKind::kUnsupported)},
    {ER_FUNC_INEXISTENT_NAME_COLLISION, Names(ErrorKind::kUnsupported)},
    {ER_NOT_SUPPORTED_YET, Names(ErrorKind::kUnsupported)},
    {ER_UNSUPPORTED_PS, Names(ErrorKind::kUnsupported)},
    {ER_NOT_ALLOWED_COMMAND, Names(ErrorKind::kUnsupported)},
    {ER_LOAD_INFILE_CAPABILITY_DISABLED, Names(ErrorKind::kUnsupported)},
    {ER_UNKNOWN_COLLATION, Names(ErrorKind::kUnsupported)},
    {ER_UNKNOWN_STORAGE_ENGINE, Names(ErrorKind::kUnsupported)},
    {CR_FUNCTION_NOT_SUPPORTED, Names(ErrorKind::kUnsupported)},
    {ER_CANT_CHANGE_TX_CHARACTERISTICS, Names(ErrorKind::kMisuse)},
    // Values.
    {ER_TRUNCATED_WRONG_VALUE, Values(ErrorKind::kInvalidValue)},
    {ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, Values(ErrorKind::kInvalidValue)},
    {ER_WRONG_VALUE_FOR_TYPE, Values(ErrorKind::kInvalidValue)},
    {ER_WRONG_VALUE, Values(ErrorKind::kInvalidValue)},
    {WARN_DATA_TRUNCATED, Names(ErrorKind::kInvalidValue)},
    {ER_DIVISION_BY_ZERO, Names(ErrorKind::kInvalidValue)},
    {ER_INVALID_CHARACTER_STRING, Values(ErrorKind::kInvalidValue)},
    {ER_REGEXP_ERROR, Values(ErrorKind::kInvalidValue)},
    {ER_CANT_AGGREGATE_2COLLATIONS, Names(ErrorKind::kSyntax)},
    {ER_SIGNAL_EXCEPTION, Values(ErrorKind::kCheckViolation)},
    // Files.
    {ER_CRASHED_ON_USAGE, Lost(ErrorKind::kCorrupt, Retry::kNo)},
    {ER_CRASHED_ON_REPAIR, Lost(ErrorKind::kCorrupt, Retry::kNo)},
    {ER_NOT_KEYFILE, Lost(ErrorKind::kCorrupt, Retry::kNo)},
    {ER_INDEX_CORRUPT, Lost(ErrorKind::kCorrupt, Retry::kNo)},
    {126, Lost(ErrorKind::kCorrupt, Retry::kNo)},
    {ER_ERROR_ON_READ, Lost(ErrorKind::kIoError, Retry::kNo)},
    {ER_ERROR_ON_WRITE, Lost(ErrorKind::kIoError, Retry::kNo)},
};

// What is said where the server's words may hold a value.
absl::string_view WordsFor(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUniqueViolation:
      return "a row with the same key exists";
    case ErrorKind::kInvalidValue:
      return "a value does not fit its column or operation";
    case ErrorKind::kTooBig:
      return "a number, text or name is beyond a limit";
    case ErrorKind::kCheckViolation:
      return "a trigger or routine has refused the change";
    default:
      return "the server reported an error";
  }
}

absl::string_view Advice(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kDeadlock:
    case ErrorKind::kSerializationFailure:
      return ": run the transaction again";
    case ErrorKind::kLockTimeout:
      return ": run the transaction again or raise lock_wait_timeout";
    default:
      return "";
  }
}

// What stands between the last `open` and the `close` behind it.
absl::string_view Between(absl::string_view text, absl::string_view open,
                          char close) {
  const size_t begin = text.rfind(open);
  if (begin == absl::string_view::npos) return "";
  text.remove_prefix(begin + open.size());
  return text.substr(0, text.find(close));
}

// "key" of "... for key 'key'" or "... for key 'table.key'".
void SetDuplicateKey(absl::string_view message, ErrorInfo* info) {
  const absl::string_view key = Between(message, " for key '", '\'');
  info->constraint = std::string(key.substr(key.find('.') + 1));
}

// "(`db`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES ..."
void SetForeignKey(absl::string_view message, ErrorInfo* info) {
  info->constraint = std::string(Between(message, "CONSTRAINT `", '`'));
  const size_t open = message.find("(`");
  if (open == absl::string_view::npos) return;
  const size_t table = message.find("`.`", open);
  if (table == absl::string_view::npos) return;
  info->table = std::string(
      message.substr(table + 3, message.find('`', table + 3) - table - 3));
}

// Reads the names that the server's messages hold.
void SetNames(unsigned number, absl::string_view message, ErrorInfo* info) {
  switch (number) {
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
      SetDuplicateKey(message, info);
      break;
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
      SetForeignKey(message, info);
      break;
    case ER_CONSTRAINT_FAILED:
      info->constraint = std::string(Between(message, "CONSTRAINT `", '`'));
      info->table = std::string(Between(message, "`.`", '`'));
      break;
    case ER_BAD_NULL_ERROR:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_DATA_TOO_LONG:
    case WARN_DATA_TRUNCATED:
      info->column = std::string(Between(message, "olumn '", '\''));
      break;
    case ER_BAD_FIELD_ERROR: {
      absl::string_view text = message;
      if (absl::ConsumePrefix(&text, "Unknown column '")) {
        info->column = std::string(text.substr(0, text.find('\'')));
      }
      break;
    }
    case ER_NO_DEFAULT_FOR_FIELD:
      info->column = std::string(Between(message, "Field '", '\''));
      break;
    case ER_NO_SUCH_TABLE: {
      const absl::string_view name = Between(message, "Table '", '\'');
      info->table = std::string(name.substr(name.find('.') + 1));
      break;
    }
    default:
      break;
  }
}

void Refine(const ErrorContext& context, Classification* classification) {
  Classification& is = *classification;
  if (context.is_lost) {
    // By the connection first: no number is worth more than its end.
    is.closes_connection = true;
    if (is.kind != ErrorKind::kAuthentication &&
        is.kind != ErrorKind::kTooBig && is.kind != ErrorKind::kOutOfMemory &&
        is.kind != ErrorKind::kCannotConnect) {
      is = {ErrorKind::kConnectionLost, Retry::kTransaction, true, true};
    }
  }
  if (context.phase == Phase::kOpen &&
      (is.kind == ErrorKind::kConnectionLost ||
       context.interruption == Interruption::kDeadline)) {
    is = {ErrorKind::kCannotConnect, Retry::kAfterBackoff, true, true};
  } else if (context.phase == Phase::kCommit && is.closes_connection) {
    is = {ErrorKind::kCommitOutcomeUnknown, Retry::kOnlyIfIdempotent, true,
          true};
  } else if (context.interruption == Interruption::kDeadline &&
             (is.closes_connection || is.kind == ErrorKind::kInterrupted)) {
    is = {ErrorKind::kStatementTimeout, Retry::kNo, is.closes_connection, true};
  }
}

TransactionState StateAfter(const Classification& is,
                            const ErrorContext& context) {
  if (is.kind == ErrorKind::kCommitOutcomeUnknown) {
    return TransactionState::kUnknown;
  }
  if (is.closes_connection && context.phase != Phase::kOpen) {
    return TransactionState::kRolledBack;
  }
  return context.in_transaction ? TransactionState::kActive
                                : TransactionState::kNone;
}

}  // namespace

Classification Classify(unsigned number) {
  for (const CodeRow& row : kCodes) {
    if (row.number == number) return row.classification;
  }
  return Classification();
}

bool MayEndTransaction(unsigned number) {
  const ErrorKind kind = Classify(number).kind;
  return kind == ErrorKind::kDeadlock ||
         kind == ErrorKind::kSerializationFailure ||
         number == ER_LOCK_TABLE_FULL;
}

absl::Status MakeStatus(const NativeError& error, const ErrorContext& context) {
  Classification is = Classify(error.number);
  Refine(context, &is);
  ErrorInfo info;
  info.kind = is.kind;
  info.dialect = "mariadb";
  info.native_code = absl::StrCat(error.number);
  info.retry = is.retry;
  info.statement = std::string(context.statement);
  info.detail = error.message;
  info.connection_state =
      is.closes_connection ? ConnectionState::kDead : ConnectionState::kOk;
  info.transaction_state = StateAfter(is, context);
  SetNames(error.number, error.message, &info);
  // Of an error that is not in the table only the absence of values is known.
  const bool is_safe =
      is.is_safe || (is.kind == ErrorKind::kInternal && !context.has_values);
  std::string words = is_safe ? error.message : std::string(WordsFor(is.kind));
  if (info.kind == ErrorKind::kUniqueViolation && !info.constraint.empty()) {
    words = absl::StrCat(words, " (key ", info.constraint, ")");
  }
  if (context.interruption == Interruption::kDeadline &&
      is.kind == ErrorKind::kStatementTimeout) {
    words = is.closes_connection
                ? "the deadline has passed, and the server did not end the "
                  "statement within cancel_grace (an option of the URL); the "
                  "connection is closed"
                : "the deadline has passed";
  }
  if (context.phase == Phase::kOpen &&
      context.interruption == Interruption::kDeadline) {
    words = "the deadline has passed before the server answered";
  }
  const std::string shown = absl::StrCat(words, Advice(is.kind));
  return engine::MakeError(std::move(info), shown);
}

absl::Status MakeDriverError(ErrorKind kind, absl::string_view message,
                             absl::string_view statement) {
  ErrorInfo info;
  info.kind = kind;
  info.dialect = "mariadb";
  info.statement = std::string(statement);
  return engine::MakeError(std::move(info), message);
}

}  // namespace cupel::mariadb_internal
