// What a database's client must be able to do: the interfaces that a dialect
// implements and the connection, pool and cursor of this layer call.
//
//   Driver --Open--> DriverConnection --Prepare--> DriverStatement
//
// A program does not use them; see connection.h for what it uses.
//
// Rules for implementations:
// * Every call that may block has a Deadline and returns soon after it with
//   ErrorKind::kStatementTimeout (kCannotConnect while opening). Blocking,
//   polling and asynchronous clients can all implement it.
// * Errors are made by MakeError and hold kind, native code, and what is known
//   of transaction_state, connection_state and retry. They never hold a bound
//   value in the message.
// * A driver validates nothing that the layers above have checked, and keeps
//   no cache of statements: the connection does.
// * A driver connection and its statements are used by one thread at a time,
//   which may change between calls; Canceller is the only exception.

#ifndef CUPEL_ENGINE_DRIVER_H_
#define CUPEL_ENGINE_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

class Url;

// A column of a result, as the database describes it. `declared_type` is empty
// where the database does not know one (an expression).
struct ColumnInfo {
  std::string name;
  std::string declared_type;
};

// What a finished statement did.
struct ExecuteResult {
  // Rows inserted, updated or deleted; rows matched, not rows changed.
  int64_t affected_rows = 0;
  // The key the database generated for the last inserted row, where
  // Capabilities::last_insert_id says that it is known.
  int64_t last_insert_id = 0;
};

// How much of other transactions a transaction sees.
enum class IsolationLevel : uint8_t {
  kDefault,  // whatever the database or its configuration says
  kReadUncommitted,
  kReadCommitted,
  kRepeatableRead,
  kSerializable,
  kAutocommit,  // no transaction: every statement stands for itself
};

// When the transaction takes its locks, where a database gives the choice; the
// others ignore it.
enum class LockMode : uint8_t { kDefault, kDeferred, kImmediate, kExclusive };

struct TransactionOptions {
  IsolationLevel isolation = IsolationLevel::kDefault;
  LockMode lock = LockMode::kDefault;
  bool read_only = false;
  bool deferrable = false;
  // Not empty: the transaction can be prepared under this name (see
  // Connection::PrepareCommit); unique among the database's transactions.
  std::string two_phase_id;

  friend bool operator==(const TransactionOptions&,
                         const TransactionOptions&) = default;
};

// What became of a transaction whose COMMIT was not answered.
enum class CommitOutcome : uint8_t {
  kCommitted,
  kRolledBack,
  kInProgress,  // the server has not noticed yet: ask again
  kForgotten,   // too long ago for the database to know
};

// Parameter rows of a batch, pulled one at a time.
class BatchSource {
 public:
  virtual ~BatchSource() = default;

  virtual size_t size() const = 0;

  // The storage values of row `i`, 0 <= i < size(), valid until the next call.
  // Rows are asked for in ascending order, each once.
  virtual absl::StatusOr<absl::Span<const ValueView>> row(size_t i) = 0;
};

// Receives what each row of a batch did.
class BatchSink {
 public:
  virtual ~BatchSink() = default;

  // Row `i` was executed. `returned` is the row that a RETURNING clause gave,
  // else empty; it is valid during the call. Called in ascending order, once a
  // row. An error ends the batch with that error.
  virtual absl::Status OnRow(size_t i, const ExecuteResult& result,
                             absl::Span<const ValueView> returned) = 0;
};

// A prepared statement. Thread-compatible.
class DriverStatement {
 public:
  virtual ~DriverStatement() = default;

  virtual int parameter_count() const = 0;

  // The columns of its result; empty when it gives no rows. Valid until the
  // next Execute.
  virtual absl::Span<const ColumnInfo> columns() const = 0;

  // Binds and starts. `parameters` holds parameter_count() storage values. The
  // span is valid during the call; what its views point to, until the next
  // Reset or until Next returned false or an error. Rows follow through Next. A
  // previous execution is over by Reset.
  virtual absl::Status Execute(absl::Span<const ValueView> parameters,
                               Deadline deadline) = 0;

  // Steps to the next row; false when there is none, and the statement is
  // done. A statement without rows does its work here or in Execute.
  virtual absl::StatusOr<bool> Next(Deadline deadline) = 0;

  // The current row. Views point into the driver's memory and are valid until
  // the next call on this statement.
  virtual absl::Span<const ValueView> row() const = 0;

  // What was done, after Next returned false.
  virtual ExecuteResult result() const = 0;

  // Abandons what is left of an execution. Cheap when there is none.
  virtual void Reset() = 0;

  // Executes once for each row of `rows`. `sink` may be null. Stops at the
  // first error; whether earlier rows stay is the transaction's matter.
  virtual absl::Status ExecuteBatch(BatchSource& rows, BatchSink* sink,
                                    Deadline deadline) = 0;
};

// Interrupts what a driver connection is doing. Thread-safe: it is called from
// another thread while a call is under way, and only then; it must not outlive
// its connection.
class Canceller {
 public:
  virtual ~Canceller() = default;

  // Asks the database to end the running statement, which then fails with
  // ErrorKind::kInterrupted. Returns when the request was answered.
  virtual void Cancel() = 0;
};

// A connection to the database. Thread-compatible.
class DriverConnection {
 public:
  // Closes it without error.
  virtual ~DriverConnection() = default;

  // Compiles one statement. More than one statement in `sql` is an error.
  virtual absl::StatusOr<std::unique_ptr<DriverStatement>> Prepare(
      absl::string_view sql, Deadline deadline) = 0;

  // Executes one statement without parameters and drops its rows. It is used
  // for the few texts that control savepoints, which come again and again: a
  // driver may keep them prepared.
  virtual absl::Status ExecuteSimple(absl::string_view sql,
                                     Deadline deadline) = 0;

  virtual absl::Status Begin(const TransactionOptions& options,
                             Deadline deadline) = 0;

  // Errors say by ErrorInfo::transaction_state what became of the transaction.
  // An answer that says "rolled back" is an error, too.
  virtual absl::Status Commit(Deadline deadline) = 0;
  virtual absl::Status Rollback(Deadline deadline) = 0;

  // What became of the transaction that another connection's Commit named in
  // ErrorInfo::commit_token. The base refuses with kUnsupported.
  virtual absl::StatusOr<CommitOutcome> ResolveCommit(absl::string_view token,
                                                      Deadline deadline);

  // Two-phase commit: makes the open transaction, begun with two_phase_id `id`,
  // outlive the connection until it is committed or rolled back, by this
  // connection or another one. The base refuses with kUnsupported.
  virtual absl::Status PrepareCommit(absl::string_view id, Deadline deadline);
  virtual absl::Status CommitPrepared(absl::string_view id, Deadline deadline);
  virtual absl::Status RollbackPrepared(absl::string_view id,
                                        Deadline deadline);
  // The names of what is prepared in this database.
  virtual absl::StatusOr<std::vector<std::string>> PreparedTransactions(
      Deadline deadline);

  // Whether a transaction is open, as the database sees it.
  virtual bool in_transaction() const = 0;

  // Whether a rollback may undo more than reads: false only when the database
  // knows that the open transaction has changed and locked nothing.
  virtual bool may_have_written() const { return in_transaction(); }

  // Asks the database for a sign of life.
  virtual absl::Status Ping(Deadline deadline) = 0;

  // Brings the session back to the state of a fresh connection (settings,
  // temporary tables, locks). Free when the driver knows that nothing changed.
  virtual absl::Status Reset(Deadline deadline) = 0;

  // Never null. Does nothing where the client cannot interrupt.
  virtual std::unique_ptr<Canceller> canceller() = 0;

  // False once the connection is known to be lost. Does no input or output.
  virtual bool is_alive() const = 0;

  // Ends the connection properly. Nothing else is called afterwards. All
  // statements have been destroyed before.
  virtual void Close() = 0;

  // Forgets the connection without a word to the database, for a child process
  // that inherited it. Nothing else is called afterwards.
  virtual void Abandon() = 0;

  // The client's own handle, for what this layer does not offer.
  virtual void* native_handle() = 0;
};

// What a driver keeps for as long as an engine lives, such as a database in
// memory that the engine's connections share. Empty at first. Thread-safe.
struct DriverScope {
  absl::Mutex mutex;
  std::shared_ptr<void> state ABSL_GUARDED_BY(mutex);
};

// What opening a connection needs besides the URL.
struct ConnectOptions {
  // Driver options that win over those of the URL's query.
  std::map<std::string, std::string> arguments;
  // The same for all connections of an engine, which makes one unless it is
  // given; null: the connection has nothing in common with others.
  std::shared_ptr<DriverScope> scope;
};

// Opens connections. Thread-safe.
class Driver {
 public:
  virtual ~Driver() = default;

  // Errors: kCannotConnect, kAuthentication and other environment errors, with
  // retry == kAfterBackoff where another try may do; kInvalidValue for an
  // option that the driver does not know.
  virtual absl::StatusOr<std::unique_ptr<DriverConnection>> Open(
      const Url& url, const ConnectOptions& options, Deadline deadline) = 0;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_DRIVER_H_
