// What SQLite's result codes mean: one table from extended codes to kinds.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_ERRORS_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"

struct sqlite3;

namespace cupel::sqlite_internal {

struct Classification {
  engine::ErrorKind kind = engine::ErrorKind::kInternal;
  engine::Retry retry = engine::Retry::kNo;
  // Whether the connection must not be used again.
  bool closes_connection = false;
};

// By the extended result code; an unknown extended code counts as its primary
// code, an unknown primary code as kInternal.
Classification Classify(int extended_code);

// What was done when the error came up: the same code means different things.
enum class Phase : uint8_t { kOpen, kPrepare, kStep, kBegin, kCommit };

// Why the running statement was interrupted, when it was.
enum class Interruption : uint8_t { kNone, kCancelled, kDeadline };

struct ErrorContext {
  Phase phase = Phase::kStep;
  absl::string_view statement;
  Interruption interruption = Interruption::kNone;
  // Whether a transaction was open before the call.
  bool was_in_transaction = false;
};

// The status for the last error of `connection`, whose code is
// `extended_code`. `connection` may be null: then there is only the code.
// Reads from the connection whether its transaction has survived.
absl::Status MakeStatus(sqlite3* connection, int extended_code,
                        const ErrorContext& context);

// As above with SQLite's own text given; exposed for its test.
absl::Status MakeStatusFromMessage(int extended_code, absl::string_view message,
                                   engine::TransactionState state,
                                   const ErrorContext& context);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_ERRORS_H_
