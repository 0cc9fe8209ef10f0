#include "cupel/engine/dialects/postgresql/errors.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ErrorInfo;
using engine::ErrorKind;
using engine::MakeError;
using engine::Retry;
using engine::TransactionState;

struct ClassificationRow {
  absl::string_view code;  // five characters, or two for a class
  ErrorKind kind;
  Retry retry = Retry::kNo;
  bool closes = false;
};

// Codes stand before their class.
constexpr ClassificationRow kRows[] = {
    {"08007", ErrorKind::kCommitOutcomeUnknown, Retry::kOnlyIfIdempotent, true},
    {"08P01", ErrorKind::kInternal, Retry::kNo, true},
    {"08", ErrorKind::kConnectionLost, Retry::kTransaction, true},
    {"0A", ErrorKind::kUnsupported},
    {"21", ErrorKind::kInvalidValue},
    {"22001", ErrorKind::kTooBig},
    {"22003", ErrorKind::kTooBig},
    {"22008", ErrorKind::kTooBig},
    {"22015", ErrorKind::kTooBig},
    {"22", ErrorKind::kInvalidValue},
    {"23502", ErrorKind::kNotNullViolation},
    {"23503", ErrorKind::kForeignKeyViolation},
    {"23505", ErrorKind::kUniqueViolation},
    {"23514", ErrorKind::kCheckViolation},
    {"23P01", ErrorKind::kExclusionViolation},
    {"23", ErrorKind::kCheckViolation},
    {"24", ErrorKind::kMisuse},
    {"25006", ErrorKind::kReadOnly},
    {"25P02", ErrorKind::kTransactionPoisoned},
    {"25P03", ErrorKind::kConnectionLost, Retry::kTransaction, true},
    {"25", ErrorKind::kMisuse},
    {"26", ErrorKind::kMisuse, Retry::kStatement},
    {"27", ErrorKind::kMisuse},
    {"28", ErrorKind::kAuthentication},
    {"2B", ErrorKind::kMisuse},
    {"2D", ErrorKind::kMisuse},
    {"34", ErrorKind::kMisuse},
    {"3B", ErrorKind::kMisuse},
    {"3D", ErrorKind::kNoSuchTable},
    {"3F", ErrorKind::kNoSuchTable},
    {"40001", ErrorKind::kSerializationFailure, Retry::kTransaction},
    {"40002", ErrorKind::kSerializationFailure, Retry::kTransaction},
    {"40003", ErrorKind::kCommitOutcomeUnknown, Retry::kOnlyIfIdempotent, true},
    {"40P01", ErrorKind::kDeadlock, Retry::kTransaction},
    {"40", ErrorKind::kSerializationFailure, Retry::kTransaction},
    {"42501", ErrorKind::kPermission},
    {"42601", ErrorKind::kSyntax},
    // A name or an enumerator that the server does not take.
    {"42602", ErrorKind::kInvalidValue},
    {"42939", ErrorKind::kInvalidValue},
    {"42701", ErrorKind::kAlreadyExists},
    {"42703", ErrorKind::kNoSuchColumn},
    {"42704", ErrorKind::kNoSuchTable},
    {"42710", ErrorKind::kAlreadyExists},
    {"42723", ErrorKind::kAlreadyExists},
    {"42P01", ErrorKind::kNoSuchTable},
    {"42P04", ErrorKind::kAlreadyExists},
    {"42P05", ErrorKind::kMisuse},
    {"42P06", ErrorKind::kAlreadyExists},
    {"42P07", ErrorKind::kAlreadyExists},
    {"42", ErrorKind::kSyntax},
    {"44", ErrorKind::kCheckViolation},
    {"53100", ErrorKind::kDiskFull},
    {"53200", ErrorKind::kOutOfMemory},
    {"53300", ErrorKind::kOutOfMemory, Retry::kAfterBackoff},
    {"53", ErrorKind::kOutOfMemory},
    {"54", ErrorKind::kTooBig},
    {"55006", ErrorKind::kLocked, Retry::kAfterBackoff},
    {"55P03", ErrorKind::kLockTimeout, Retry::kTransaction},
    {"55", ErrorKind::kMisuse},
    {"57014", ErrorKind::kInterrupted},
    {"57P01", ErrorKind::kConnectionLost, Retry::kTransaction, true},
    {"57P02", ErrorKind::kConnectionLost, Retry::kTransaction, true},
    {"57P03", ErrorKind::kCannotConnect, Retry::kAfterBackoff, true},
    {"57P04", ErrorKind::kConnectionLost, Retry::kNo, true},
    {"57P05", ErrorKind::kConnectionLost, Retry::kTransaction, true},
    {"57", ErrorKind::kInterrupted},
    {"58", ErrorKind::kIoError},
    {"72", ErrorKind::kSerializationFailure, Retry::kTransaction},
    // RAISE in a function or a trigger says no to what was done.
    {"P0", ErrorKind::kCheckViolation},
    {"XX001", ErrorKind::kCorrupt, Retry::kNo, true},
    {"XX002", ErrorKind::kCorrupt, Retry::kNo, true},
    {"XX", ErrorKind::kInternal},
};

constexpr absl::string_view kCachedPlan = "RevalidateCachedQuery";

// Whether the server's words for such an error may hold values of rows or
// parameters ("invalid input syntax for type integer: ...").
bool MayHoldValues(absl::string_view sqlstate) {
  if (sqlstate.empty()) return false;  // libpq's own
  for (absl::string_view plain : {"08", "0A", "23", "25", "26", "28", "3D",
                                  "3F", "40", "42", "53", "54", "55", "57"}) {
    if (absl::StartsWith(sqlstate, plain)) return false;
  }
  return true;
}

std::string Shown(const ServerError& error, ErrorKind kind) {
  if (error.message.empty()) return "the server gave no reason";
  if (!MayHoldValues(error.sqlstate)) {
    // Such a hint tells how to spell a name or a type.
    const bool tells = absl::StartsWith(error.sqlstate, "42");
    return absl::StrCat(OneLine(error.message),
                        tells && !error.hint.empty() ? "; hint: " : "",
                        tells ? OneLine(error.hint) : "");
  }
  std::string name(engine::ErrorKindName(kind));
  for (char& c : name) {
    if (c == '_') c = ' ';
  }
  return absl::StrCat(name, " (SQLSTATE ", OneLine(error.sqlstate),
                      "; what the server said is in the detail of the error)");
}

absl::string_view Advice(ErrorKind kind, absl::string_view sqlstate) {
  if (sqlstate == "26000" || sqlstate == "42P05") {
    return "; behind a proxy that pools transactions say prepare=off in the "
           "URL";
  }
  if (sqlstate == "53300") {
    return "; make pools smaller (PoolOptions::size), or raise the limit of "
           "connections of the server, the database or the role";
  }
  switch (kind) {
    case ErrorKind::kSerializationFailure:
    case ErrorKind::kDeadlock:
    case ErrorKind::kLockTimeout:
      return "; run the transaction again";
    default:
      return "";
  }
}

std::string Field(const pg_result* result, int code) {
  const char* field = PQresultErrorField(result, code);
  return field == nullptr ? "" : field;
}

ErrorInfo InfoOf(const ServerError& error, const ErrorContext& context) {
  ErrorInfo info;
  info.dialect = "postgresql";
  info.native_code = error.sqlstate;
  info.constraint = error.constraint;
  info.table = error.table;
  info.column = error.column;
  info.statement = std::string(context.statement);
  info.detail = error.detail;
  if (MayHoldValues(error.sqlstate) && !error.message.empty()) {
    info.detail = absl::StrCat(error.message, info.detail.empty() ? "" : "; ",
                               info.detail);
  }
  return info;
}

// What an error means that the server reports and lives on after.
Classification ClassifyAlive(absl::string_view sqlstate, Phase phase) {
  Classification known = Classify(sqlstate);
  if (phase == Phase::kCommit) {
    // A server that commits on others may not know what they did.
    if (absl::StartsWith(sqlstate, "XX")) known.closes_connection = true;
  } else if (known.kind == ErrorKind::kConnectionLost &&
             absl::StartsWith(sqlstate, "08")) {
    // It has lost another server, not us.
    known = {.kind = ErrorKind::kCannotConnect, .retry = Retry::kAfterBackoff};
  }
  return known;
}

// What libpq or a proxy says without a SQLSTATE of its own that helps, and what
// the server would give.
struct Words {
  absl::string_view words;
  absl::string_view code;
};
constexpr Words kWords[] = {
    {"no password supplied", "28P01"},
    {"password authentication failed", "28P01"},
    {"authentication failed", "28000"},
    {"certificate", "28000"},
    {"no more connections allowed", "53300"},
    {"Too many open files", "53000"},
};

// What no other attempt would change.
struct Refusal {
  absl::string_view words;
  absl::string_view advice;
};
constexpr Refusal kRefusals[] = {
    {"unsupported startup parameter",
     "; behind a proxy that pools transactions say session_settings=off, "
     "and no search_path, in the URL"},
    {"server does not support SSL",
     "; turn it on in the server, or say sslmode=prefer in the URL"},
};

bool IsSqlstate(absl::string_view text) {
  return text.size() == 5 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c);
         });
}

// The SQLSTATE of a failed attempt to connect. libpq keeps it in its words only
// ("FATAL:  28P01: ..."), which are in the server's language; where there were
// several servers it is that of the last one.
std::string SqlstateOf(absl::string_view text) {
  constexpr absl::string_view kBefore = ":  ";
  absl::string_view code;
  for (absl::string_view rest = text; absl::StrContains(rest, kBefore);) {
    rest.remove_prefix(rest.find(kBefore) + kBefore.size());
    const absl::string_view word = rest.substr(0, rest.find(':'));
    if (IsSqlstate(word)) code = word;
  }
  // Proxies give the same one for all that they refuse.
  if (!code.empty() && code != "08P01") return std::string(code);
  for (const Words& known : kWords) {
    if (absl::StrContains(text, known.words)) return std::string(known.code);
  }
  return std::string(code);
}

// Without the lines that end in ", file.c:123".
std::string WithoutLocation(absl::string_view text) {
  std::string kept;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const size_t file = line.rfind(".c:");
    const bool is_location =
        file != line.npos &&
        line.find_first_not_of("0123456789", file + 3) == line.npos;
    if (!is_location) absl::StrAppend(&kept, line, "\n");
  }
  return kept;
}

// Notes what the loss of the connection means outside of COMMIT.
void NoteLoss(const ErrorContext& context, ErrorInfo* info) {
  info->connection_state = engine::ConnectionState::kDead;
  info->transaction_state = context.was_in_transaction
                                ? TransactionState::kRolledBack
                                : TransactionState::kNone;
  // A statement that was its own transaction may have been done.
  info->retry = context.was_in_transaction || context.phase != Phase::kExecute
                    ? Retry::kTransaction
                    : Retry::kOnlyIfIdempotent;
}

absl::Status LostStatus(ErrorInfo info, const ServerError& error,
                        const ErrorContext& context) {
  NoteLoss(context, &info);
  if (context.phase == Phase::kCommit) {
    info.kind = ErrorKind::kCommitOutcomeUnknown;
    info.transaction_state = TransactionState::kUnknown;
    info.retry = Retry::kOnlyIfIdempotent;
  }
  const absl::string_view advice =
      info.retry == Retry::kTransaction
          ? "; run the transaction again"
          : "; it may have been done: only if twice does no harm run it again";
  const std::string message = absl::StrCat(
      "the connection was lost: ", Shown(error, info.kind), advice);
  return MakeError(std::move(info), message);
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line;
  for (const char c : absl::StripAsciiWhitespace(text)) {
    const bool is_control = absl::ascii_iscntrl(static_cast<unsigned char>(c));
    line.push_back(is_control ? ' ' : c);
  }
  absl::RemoveExtraAsciiWhitespace(&line);
  return line;
}

Classification Classify(absl::string_view sqlstate) {
  for (const ClassificationRow& row : kRows) {
    if (absl::StartsWith(sqlstate, row.code)) {
      return {.kind = row.kind,
              .retry = row.retry,
              .closes_connection = row.closes};
    }
  }
  return {};
}

ServerError ServerErrorOf(const pg_result* result) {
  ServerError error;
  error.sqlstate = Field(result, PG_DIAG_SQLSTATE);
  error.severity = Field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  error.message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (error.message.empty()) error.message = PQresultErrorMessage(result);
  error.detail = Field(result, PG_DIAG_MESSAGE_DETAIL);
  error.hint = Field(result, PG_DIAG_MESSAGE_HINT);
  error.constraint = Field(result, PG_DIAG_CONSTRAINT_NAME);
  error.table = Field(result, PG_DIAG_TABLE_NAME);
  error.column = Field(result, PG_DIAG_COLUMN_NAME);
  error.source = Field(result, PG_DIAG_SOURCE_FUNCTION);
  return error;
}

bool IsStale(const ServerError& error) {
  return error.sqlstate == "26000" ||
         (error.sqlstate == "0A000" && error.source == kCachedPlan);
}

bool IsFatal(const ServerError& error) {
  return error.severity == "FATAL" || error.severity == "PANIC";
}

absl::Status MakeStatus(const ServerError& error, bool alive,
                        TransactionState state, const ErrorContext& context) {
  ErrorInfo info = InfoOf(error, context);
  const Classification known =
      alive && !IsFatal(error) ? ClassifyAlive(error.sqlstate, context.phase)
                               : Classify(error.sqlstate);
  info.kind = known.kind;
  info.retry = known.retry;
  if (IsStale(error)) {
    info.kind = ErrorKind::kMisuse;
    info.retry = Retry::kStatement;
  }
  const bool is_closed = !alive || IsFatal(error) || known.closes_connection;
  if (is_closed) {
    const bool says_lost = error.sqlstate.empty() ||
                           known.kind == ErrorKind::kInterrupted ||
                           known.kind == ErrorKind::kCannotConnect;
    if (says_lost) info.kind = ErrorKind::kConnectionLost;
    if (info.kind == ErrorKind::kConnectionLost ||
        context.phase == Phase::kCommit) {
      return LostStatus(std::move(info), error, context);
    }
  }
  if (is_closed || context.is_given_up) {
    info.connection_state = engine::ConnectionState::kDead;
    state = context.was_in_transaction ? TransactionState::kRolledBack
                                       : TransactionState::kNone;
  }
  if (error.sqlstate == "57014") {
    const bool by_time =
        context.interruption == Interruption::kDeadline ||
        (context.interruption == Interruption::kNone &&
         absl::StrContains(error.message, "statement timeout"));
    if (by_time) info.kind = ErrorKind::kStatementTimeout;
  }
  info.transaction_state = state;
  const std::string message =
      absl::StrCat(Shown(error, info.kind), Advice(info.kind, error.sqlstate));
  return MakeError(std::move(info), message);
}

absl::Status NoAnswer(const ErrorContext& context) {
  ServerError error;
  error.message = "no answer before the deadline";
  ErrorInfo info = InfoOf(error, context);
  if (context.phase == Phase::kCommit) {
    return LostStatus(std::move(info), error, context);
  }
  info.kind = ErrorKind::kStatementTimeout;
  NoteLoss(context, &info);
  return MakeError(std::move(info),
                   "the server did not answer before the deadline, nor to a "
                   "request to cancel within cancel_grace (an option of the "
                   "URL); the connection is closed");
}

absl::Status ConnectError(pg_conn* connection, absl::string_view server) {
  const absl::string_view text = PQerrorMessage(connection);
  ErrorInfo info;
  info.kind = ErrorKind::kCannotConnect;
  info.dialect = "postgresql";
  info.connection_state = engine::ConnectionState::kDead;
  info.retry = Retry::kAfterBackoff;
  info.native_code = SqlstateOf(text);
  const Classification known = Classify(info.native_code);
  // What is none of ours may pass: a shutdown, a defect of the server.
  if (known.kind != ErrorKind::kInternal &&
      known.kind != ErrorKind::kConnectionLost) {
    info.kind = known.kind;
    info.retry = known.retry;
  }
  std::string advice(Advice(info.kind, info.native_code));
  for (const Refusal& refusal : kRefusals) {
    if (!absl::StrContains(text, refusal.words)) continue;
    info.kind = ErrorKind::kUnsupported;
    info.retry = Retry::kNo;
    advice = std::string(refusal.advice);
  }
  return MakeError(std::move(info),
                   absl::StrCat("cannot connect to ", server, ": ",
                                OneLine(WithoutLocation(text)), advice));
}

}  // namespace cupel::postgresql_internal
