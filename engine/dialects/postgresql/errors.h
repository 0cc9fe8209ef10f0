// What the server's and libpq's errors mean: one table from SQLSTATE to kinds,
// asked only after the state of the connection.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_ERRORS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"

struct pg_conn;
struct pg_result;

namespace cupel::postgresql_internal {

struct Classification {
  engine::ErrorKind kind = engine::ErrorKind::kInternal;
  engine::Retry retry = engine::Retry::kNo;
  // Whether the connection must not be used again.
  bool closes_connection = false;
};

// By the five characters of a SQLSTATE; an unknown one counts as its class (the
// first two), an unknown class as kInternal.
Classification Classify(absl::string_view sqlstate);

// What was done when the error came up: the same code means different things.
enum class Phase : uint8_t { kOpen, kPrepare, kExecute, kControl, kCommit };

// Why the running statement was asked to stop, when it was.
enum class Interruption : uint8_t { kNone, kCancelled, kDeadline };

struct ErrorContext {
  Phase phase = Phase::kExecute;
  absl::string_view statement;
  Interruption interruption = Interruption::kNone;
  // Whether a transaction was open before the call.
  bool was_in_transaction = false;
  // The connection is of no use any more, whatever the server says.
  bool is_given_up = false;
};

// The fields of an error, as the server sent them; empty without a server.
struct ServerError {
  std::string sqlstate;
  std::string severity;  // not translated
  std::string message;
  std::string detail;
  std::string hint;
  std::string constraint;
  std::string table;
  std::string column;
  std::string source;  // the function of the server that complained
};
ServerError ServerErrorOf(const pg_result* result);

// Whether the plan or the statement is gone, and preparing it again may do.
bool IsStale(const ServerError& error);

// Whether the server ends the connection with it.
bool IsFatal(const ServerError& error);

// The status of an error. `alive` is the state of the connection after it,
// `state` that of the transaction as the server tells it, and is replaced where
// the connection is gone. A server's text that may hold values stands in the
// detail only.
absl::Status MakeStatus(const ServerError& error, bool alive,
                        engine::TransactionState state,
                        const ErrorContext& context);

// The status of a deadline that passed without an answer: the connection is
// given up.
absl::Status NoAnswer(const ErrorContext& context);

// The status of a failed attempt to connect. Requires: the connection's words
// are verbose (PQERRORS_VERBOSE).
absl::Status ConnectError(pg_conn* connection, absl::string_view server);

// One line of printable characters.
std::string OneLine(absl::string_view text);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_ERRORS_H_
