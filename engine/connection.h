// A connection, lent by the engine's pool for the life of this object.
//
//   CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect());
//   CUPEL_RETURN_IF_ERROR(
//       connection.Execute("INSERT INTO t VALUES (?)", {ValueView::Int64(1)})
//           .status());
//   CUPEL_RETURN_IF_ERROR(connection.Commit());
//
// The first statement begins a transaction by itself; a connection that goes
// away without Commit rolls back. Once a statement has failed the transaction
// is poisoned, on every database: until Rollback (or a rollback to a savepoint
// that was set before) every statement fails with kTransactionPoisoned.

#ifndef CUPEL_ENGINE_CONNECTION_H_
#define CUPEL_ENGINE_CONNECTION_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/connection_info.h"
#include "cupel/engine/cursor.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/execution_options.h"
#include "cupel/engine/location.h"
#include "cupel/engine/statement.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

class ConnectionCore;
class Dialect;
class Engine;
struct EngineCore;
class Savepoint;
class Transaction;

// Movable. Used by one thread at a time, which may change between calls; two
// threads in a call at once get kFailedPrecondition. Must not be used after it
// was moved from.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  // Closes cursors, rolls back, and gives the connection back to the pool.
  ~Connection();

  // The prepared statement of `sql`, kept by this connection. Valid until the
  // next call on this connection that prepares something.
  absl::StatusOr<Statement*> Prepare(absl::string_view sql);

  // Executes a statement and returns its rows, unread. `parameters` hold
  // storage values, one for each placeholder; what they point to must live
  // until the cursor is done. Errors: of the database; kInvalidArgument for a
  // wrong number of parameters (nothing is sent).
  absl::StatusOr<Cursor> Query(absl::string_view sql,
                               absl::Span<const ValueView> parameters = {},
                               Location origin = Location::Current());
  absl::StatusOr<Cursor> Query(absl::string_view sql,
                               std::initializer_list<ValueView> parameters,
                               Location origin = Location::Current()) {
    return Query(sql,
                 absl::MakeConstSpan(parameters.begin(), parameters.size()),
                 origin);
  }

  // Executes a statement to its end, dropping rows.
  absl::StatusOr<ExecuteResult> Execute(
      absl::string_view sql, absl::Span<const ValueView> parameters = {},
      Location origin = Location::Current());
  absl::StatusOr<ExecuteResult> Execute(
      absl::string_view sql, std::initializer_list<ValueView> parameters,
      Location origin = Location::Current()) {
    return Execute(sql,
                   absl::MakeConstSpan(parameters.begin(), parameters.size()),
                   origin);
  }

  // Executes one prepared statement for each row. `sink` may be null.
  absl::Status ExecuteBatch(absl::string_view sql, BatchSource& rows,
                            BatchSink* sink,
                            Location origin = Location::Current());

  // Begins a transaction now. Errors: kFailedPrecondition when one has begun;
  // kUnimplemented when the database lacks the isolation level. Without it the
  // first statement begins one with transaction_options().
  absl::Status Begin(const TransactionOptions& options);
  absl::Status Begin() { return Begin(transaction_options()); }

  // Makes the transaction's work permanent. OK when there is none. Closes
  // cursors. On an error the transaction is over: rolled back, or its outcome
  // is unknown (ErrorInfo::transaction_state tells). Errors:
  // kFailedPrecondition (kTransactionPoisoned) after an earlier error, kUnknown
  // (kCommitOutcomeUnknown), and the database's own.
  absl::Status Commit();

  // Undoes the transaction. OK when there is none, and when the connection is
  // lost: the database has rolled it back then. Closes cursors. Errors:
  // kCommitOutcomeUnknown when the connection was lost while the transaction
  // was prepared or, prepared, undone; it is over for the connection then.
  absl::Status Rollback();

  // The first phase of a two-phase commit: afterwards Commit() cannot fail for
  // a reason that lies in the data, and the transaction outlives this
  // connection until it is committed or rolled back (also by
  // Engine::CommitPrepared). Only Commit() and Rollback() are accepted then.
  // Errors: kFailedPrecondition unless the transaction was begun with
  // TransactionOptions::two_phase_id; kUnimplemented where the database has no
  // such thing; the database's own, after which only Rollback() is accepted.
  absl::Status PrepareCommit();

  // Scopes that roll back when they end without Commit().
  absl::StatusOr<Transaction> BeginTransaction(
      const TransactionOptions& options);
  absl::StatusOr<Transaction> BeginTransaction();
  // A savepoint; begins a transaction when there is none.
  absl::StatusOr<Savepoint> BeginNested();

  bool in_transaction() const;
  // Whether a rollback may undo more than reads. Where the database does not
  // tell, each transaction may have written.
  bool may_have_written() const;
  bool in_nested_transaction() const;
  int savepoint_depth() const;
  // A statement has failed: only a rollback is accepted.
  bool is_poisoned() const;
  // The error that poisoned the transaction; OK when none did.
  absl::Status poisoning_error() const;

  // What a transaction begun by a statement is like. Reset on return.
  const TransactionOptions& transaction_options() const;
  // Errors: kFailedPrecondition inside a transaction.
  absl::Status set_transaction_options(const TransactionOptions& options);

  // The moment at which every later call gives up; infinite by default.
  void set_deadline(Deadline deadline);
  Deadline deadline() const;

  // When `token` is stopped, the running statement is interrupted and later
  // ones fail with kCancelled, until another token is set.
  void set_stop_token(std::stop_token token);

  // Marks what this connection does in the log and in events.
  void set_logging_token(absl::string_view token);

  // The options in force: the engine's, overlaid by this connection's.
  const ExecutionOptions& options() const;
  void set_options(const ExecutionOptions& options);

  // Closes the connection to the database; it is never used again. The
  // transaction, if any, accepts only Rollback; then the next statement opens
  // a new connection in its place.
  void Invalidate(absl::string_view reason = "invalidated by its user");

  // Takes the connection out of the pool for good; it closes with this object.
  void Detach();

  // Whether the connection to the database is open, as far as is known.
  bool is_open() const;

  // A number of the connection to the database, for logs.
  uint64_t id() const;

  // Data kept with the connection to the database, also between checkouts.
  ConnectionInfo& info();

  // The client's own handle; null while the connection is closed. Transactions
  // must not be begun or ended by it.
  void* native_handle();

  const Dialect& dialect() const;
  Engine engine() const;

 private:
  friend class Engine;
  explicit Connection(std::unique_ptr<ConnectionCore> core);

  std::unique_ptr<ConnectionCore> core_;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CONNECTION_H_
