// What MariaDB's error numbers mean: one table from numbers to kinds.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_ERRORS_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"

namespace cupel::mariadb_internal {

struct Classification {
  engine::ErrorKind kind = engine::ErrorKind::kInternal;
  engine::Retry retry = engine::Retry::kNo;
  // The connection must not be used again, even if it still is there.
  bool closes_connection = false;
  // The server's words hold names and SQL only, never a value.
  bool is_safe = false;
};

// By the number of a server (1000 to 1999, 3000 to 4999) or of the client
// library (2000 to 2999, 5000 to 5999). Unknown ones are kInternal.
Classification Classify(unsigned number);

// What was done when the error came up: the same number means different
// things.
enum class Phase : uint8_t { kOpen, kPrepare, kExecute, kCommit };

// Why the running statement was interrupted, when it was.
enum class Interruption : uint8_t { kNone, kCancelled, kDeadline };

// An error as the client library has it.
struct NativeError {
  unsigned number = 0;
  std::string message;
};

struct ErrorContext {
  Phase phase = Phase::kExecute;
  absl::string_view statement;
  Interruption interruption = Interruption::kNone;
  // The connection is gone: that decides, whatever the number says.
  bool is_lost = false;
  // The statement has bound values, which the server's words may quote.
  bool has_values = true;
  // Whether a transaction is open after the error.
  bool in_transaction = false;
};

absl::Status MakeStatus(const NativeError& error, const ErrorContext& context);

// An error of this driver's own, before anything was sent.
absl::Status MakeDriverError(engine::ErrorKind kind, absl::string_view message,
                             absl::string_view statement = "");

// After these the server may have rolled back the whole transaction while the
// library's status flags still say that it is open.
bool MayEndTransaction(unsigned number);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_ERRORS_H_
