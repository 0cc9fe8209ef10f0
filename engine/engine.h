// The engine layer in one include, and the Engine itself: where connections to
// one database come from.
//
//   CUPEL_ASSIGN_OR_RETURN(Engine engine, Engine::Create({.uri = uri}));
//   CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect());
//
// An engine opens nothing until the first Connect. The dialect of the URL must
// be linked into the program (dialect.h).

#ifndef CUPEL_ENGINE_ENGINE_H_
#define CUPEL_ENGINE_ENGINE_H_

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/catalog.h"            // IWYU pragma: export
#include "cupel/engine/codec.h"              // IWYU pragma: export
#include "cupel/engine/connection.h"         // IWYU pragma: export
#include "cupel/engine/cursor.h"             // IWYU pragma: export
#include "cupel/engine/deadline.h"           // IWYU pragma: export
#include "cupel/engine/decimal.h"            // IWYU pragma: export
#include "cupel/engine/dialect.h"            // IWYU pragma: export
#include "cupel/engine/driver.h"             // IWYU pragma: export
#include "cupel/engine/engine_options.h"     // IWYU pragma: export
#include "cupel/engine/error_info.h"         // IWYU pragma: export
#include "cupel/engine/events.h"             // IWYU pragma: export
#include "cupel/engine/execution_options.h"  // IWYU pragma: export
#include "cupel/engine/location.h"           // IWYU pragma: export
#include "cupel/engine/pool.h"               // IWYU pragma: export
#include "cupel/engine/status_macros.h"      // IWYU pragma: export
#include "cupel/engine/time_of_day.h"        // IWYU pragma: export
#include "cupel/engine/transaction.h"        // IWYU pragma: export
#include "cupel/engine/type.h"               // IWYU pragma: export
#include "cupel/engine/type_ops.h"           // IWYU pragma: export
#include "cupel/engine/type_traits.h"        // IWYU pragma: export
#include "cupel/engine/url.h"                // IWYU pragma: export
#include "cupel/engine/uuid.h"               // IWYU pragma: export
#include "cupel/engine/value.h"              // IWYU pragma: export
#include "cupel/engine/version.h"            // IWYU pragma: export

namespace cupel::engine {

struct EngineCore;

// How RunInTransaction tries again.
struct RetryOptions {
  int max_attempts = 5;
  absl::Duration first_pause = absl::Milliseconds(10);
  absl::Duration longest_pause = absl::Seconds(1);
  // For all attempts together.
  Deadline deadline;
  TransactionOptions transaction;
  // Told about each failure that is tried again: the attempt, from 1.
  std::function<void(int attempt, const absl::Status& error)> on_retry;
};

// A handle: copies share one pool. Thread-safe. What it owns lives as long as
// the last handle or connection.
class Engine {
 public:
  // Opens nothing. Errors: kInvalidArgument for a malformed URL or option;
  // kNotFound for an unknown dialect.
  static absl::StatusOr<Engine> Create(EngineOptions options);

  // A connection from the pool. Without a deadline PoolOptions::timeout
  // counts. Errors: as of Pool::Checkout.
  absl::StatusOr<Connection> Connect(
      Deadline deadline = Deadline::Infinite(),
      Location origin = Location::Current()) const;
  absl::StatusOr<Connection> Connect(
      Deadline deadline, std::stop_token stop,
      Location origin = Location::Current()) const;

  // Calls `body` inside a transaction and commits. When body or the commit
  // fails with an error that may be tried again (busy, serialization failure,
  // deadlock, lost connection) it rolls back, pauses, and runs body anew on a
  // fresh transaction. An unknown outcome of a commit is never tried again.
  // The error of the last attempt is returned with ErrorInfo::attempts.
  // body must neither commit nor roll back.
  absl::Status RunInTransaction(
      absl::FunctionRef<absl::Status(Connection&)> body,
      const RetryOptions& options = {},
      Location origin = Location::Current()) const;

  // What became of a transaction whose Commit() failed with
  // kCommitOutcomeUnknown: asks the database about ErrorInfo::commit_token.
  // Errors: kUnimplemented where it cannot tell; as of Connect.
  absl::StatusOr<CommitOutcome> ResolveCommit(
      absl::string_view token, Deadline deadline = Deadline::Infinite()) const;

  // What is prepared (Connection::PrepareCommit) and has not ended, and the end
  // of one, after a crash between the phases. Errors: kUnimplemented where the
  // database has no two-phase commit; kNotFound for an unknown name.
  absl::StatusOr<std::vector<std::string>> PreparedTransactions(
      Deadline deadline = Deadline::Infinite()) const;
  absl::Status CommitPrepared(absl::string_view id,
                              Deadline deadline = Deadline::Infinite()) const;
  absl::Status RollbackPrepared(absl::string_view id,
                                Deadline deadline = Deadline::Infinite()) const;

  // An engine with other options over the same pool and events.
  Engine WithOptions(const ExecutionOptions& options) const;

  const Dialect& dialect() const;
  const std::shared_ptr<const Dialect>& shared_dialect() const;
  const Url& url() const;
  Pool& pool() const;
  Events& events() const;
  Clock& clock() const;
  const ExecutionOptions& options() const;
  bool hides_parameters() const;

  // Writes a line to the engine's log, escaped.
  void Log(absl::string_view line) const;

  // One object for each `key` that lives as long as the engine, made by `make`
  // at its first use: for caches of the layers above.
  std::shared_ptr<void> Extension(
      const void* key, absl::FunctionRef<std::shared_ptr<void>()> make) const;

  // As of Pool.
  void Dispose();
  void Close();

  friend bool operator==(const Engine& a, const Engine& b) {
    return a.core_ == b.core_;
  }

 private:
  friend class Connection;
  friend class ConnectionCore;
  Engine(std::shared_ptr<EngineCore> core,
         std::shared_ptr<const ExecutionOptions> options)
      : core_(std::move(core)), options_(std::move(options)) {}

  std::shared_ptr<EngineCore> core_;
  std::shared_ptr<const ExecutionOptions> options_;
};

}  // namespace cupel::engine

#include "cupel/engine/recorder.h"  // IWYU pragma: export

#endif  // CUPEL_ENGINE_ENGINE_H_
