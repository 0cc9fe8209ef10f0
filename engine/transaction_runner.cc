#include <algorithm>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

bool MayRunAgain(const ErrorInfo& info) {
  return info.retry == Retry::kStatement || info.retry == Retry::kTransaction ||
         info.retry == Retry::kAfterBackoff;
}

absl::Status RunOnce(Connection& connection,
                     absl::FunctionRef<absl::Status(Connection&)> body,
                     const TransactionOptions& options) {
  CUPEL_RETURN_IF_ERROR(connection.Begin(options));
  absl::Status status = body(connection);
  // An error that body has swallowed counts, too: Commit reports it.
  if (status.ok()) return connection.Commit();
  connection.Rollback().IgnoreError();
  return status;
}

}  // namespace

absl::Status Engine::RunInTransaction(
    absl::FunctionRef<absl::Status(Connection&)> body,
    const RetryOptions& options, Location origin) const {
  absl::BitGen generator;
  absl::Duration longest = options.first_pause;
  for (int attempt = 1;; ++attempt) {
    absl::Status status;
    {
      absl::StatusOr<Connection> connection = Connect(options.deadline, origin);
      if (connection.ok()) {
        connection->set_deadline(options.deadline);
        status = RunOnce(*connection, body, options.transaction);
      } else {
        // The pool has tried again already, as long as it makes sense.
        return connection.status();
      }
    }
    if (status.ok()) return status;
    std::optional<ErrorInfo> info = GetErrorInfo(status);
    if (!info) return status;
    const absl::Duration pause = longest * absl::Uniform(generator, 0.5, 1.0);
    if (!MayRunAgain(*info) || attempt >= options.max_attempts ||
        options.deadline.Remaining() <= pause) {
      if (attempt == 1) return status;
      info->attempts = attempt;
      return WithErrorInfo(std::move(status), *info);
    }
    if (options.on_retry) options.on_retry(attempt, status);
    clock().Sleep(pause);
    longest = std::min(2 * longest, options.longest_pause);
  }
}

}  // namespace cupel::engine
