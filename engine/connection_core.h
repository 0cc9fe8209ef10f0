// The state of one checkout: its transaction, its statements, and who uses it.
// Connection, Cursor, Transaction and Savepoint are its faces. Internal to this
// layer.

#ifndef CUPEL_ENGINE_CONNECTION_CORE_H_
#define CUPEL_ENGINE_CONNECTION_CORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/attachment.h"
#include "cupel/engine/cursor.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/engine_core.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/events.h"
#include "cupel/engine/execution_options.h"
#include "cupel/engine/location.h"
#include "cupel/engine/pool_entry.h"
#include "cupel/engine/statement.h"
#include "cupel/engine/statement_cache.h"
#include "cupel/engine/transaction.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

// What is kept of an execution while somebody listens or may interrupt it.
struct Watch {
  uint64_t id = 0;
  std::string sql;
  std::vector<ValueView> parameters;
  size_t batch_rows = 0;
  Location origin;
  absl::Duration spent;
  bool cached = false;
  int64_t rows_read = 0;
  ExecuteResult result;
  // Whether the statement may have been sent, and whether its stop token was
  // stopped before that. Of the statement's own thread.
  bool started = false;
  bool stopped = false;
  absl::Notification over;
  // In this order: the callback ends before what it calls.
  std::unique_ptr<Canceller> canceller;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

// Used by one thread at a time; a second one is detected.
class ConnectionCore {
 public:
  ConnectionCore(std::shared_ptr<EngineCore> engine,
                 std::shared_ptr<const ExecutionOptions> options,
                 PoolEntry* entry);
  ConnectionCore(const ConnectionCore&) = delete;
  ConnectionCore& operator=(const ConnectionCore&) = delete;
  // Ends the transaction and returns the entry to the pool.
  ~ConnectionCore();

  absl::StatusOr<Statement*> Prepare(absl::string_view sql);
  absl::StatusOr<Cursor> Query(absl::string_view sql,
                               absl::Span<const ValueView> parameters,
                               Location origin);
  absl::StatusOr<ExecuteResult> Execute(absl::string_view sql,
                                        absl::Span<const ValueView> parameters,
                                        Location origin);
  absl::Status ExecuteBatch(absl::string_view sql, BatchSource& rows,
                            BatchSink* sink, Location origin);

  absl::Status Begin(const TransactionOptions& options);
  absl::StatusOr<Transaction> BeginTransaction(
      const TransactionOptions& options);
  absl::Status Commit();
  absl::Status Rollback();
  absl::Status PrepareCommit();
  absl::StatusOr<CommitOutcome> ResolveCommit(absl::string_view token);
  absl::StatusOr<std::vector<std::string>> PreparedTransactions();
  absl::Status EndPreparedTransaction(absl::string_view id,
                                      TransactionAction action);
  absl::StatusOr<Savepoint> BeginNested();
  absl::Status ReleaseSavepoint(int number);
  absl::Status RollbackToSavepoint(int number);

  bool in_transaction() const { return phase_ != Phase::kNone; }
  bool may_have_written() const;
  int savepoint_depth() const { return static_cast<int>(savepoints_.size()); }
  // The depth of the savepoint that was begun as the `number`-th of the
  // transaction, from 1; 0 when it has ended.
  int SavepointDepth(int number) const;
  bool is_prepared() const { return phase_ == Phase::kPrepared; }
  bool is_poisoned() const { return phase_ == Phase::kPoisoned; }
  const absl::Status& poisoning_error() const { return first_error_; }
  // Of the transaction that is open, or was last.
  uint64_t serial() const { return serial_; }

  void Invalidate(absl::string_view reason);
  void Detach();
  bool is_open() const;

  const TransactionOptions& transaction_options() const {
    return transaction_options_;
  }
  absl::Status set_transaction_options(const TransactionOptions& options);
  void set_options(const ExecutionOptions& options);
  const ExecutionOptions& options() const { return *options_; }
  void set_deadline(Deadline deadline) { deadline_ = deadline; }
  Deadline deadline() const { return deadline_; }
  void set_stop_token(std::stop_token token) { stop_ = std::move(token); }
  void set_logging_token(absl::string_view token) {
    token_.assign(token.data(), token.size());
  }

  PoolEntry& entry() { return *entry_; }
  const std::shared_ptr<EngineCore>& engine() const { return engine_; }
  const std::shared_ptr<const ExecutionOptions>& engine_options() const {
    return engine_options_;
  }

 private:
  friend class Cursor;
  friend class Savepoint;
  friend class Transaction;

  enum class Phase : uint8_t { kNone, kActive, kPrepared, kPoisoned };

  // Marks the connection as used by a call.
  class InUse {
   public:
    explicit InUse(ConnectionCore& core)
        : core_(core),
          ok_(!core.in_use_.exchange(true, std::memory_order_acquire)) {}
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;
    ~InUse() {
      if (ok_) core_.in_use_.store(false, std::memory_order_release);
    }
    bool ok() const { return ok_; }

   private:
    ConnectionCore& core_;
    const bool ok_;
  };

  bool watched() const {
    return engine_->events.wants(Events::kStatementStart | Events::kStatement |
                                 Events::kRow) ||
           stop_.stop_possible();
  }

  // Makes sure that a statement may be sent: the connection is open and in a
  // transaction.
  absl::Status Ready();
  absl::Status OpenAgain();
  absl::Status BeginNow(const TransactionOptions& options);
  Deadline StatementDeadline() const;
  Deadline CleanUpDeadline() const;

  // The statement to run, marked as in use.
  absl::StatusOr<Statement*> Take(absl::string_view sql, bool* cached);
  absl::Status CheckParameters(Statement& statement, size_t given);
  // Runs a driver's Execute; once more on a new statement when the database
  // has forgotten the old one. On an error the statement is released.
  absl::Status Run(Statement** statement, Deadline deadline,
                   absl::FunctionRef<absl::Status(DriverStatement&)> run);
  void Release(Statement* statement);

  absl::StatusOr<std::unique_ptr<Watch>> StartWatch(
      absl::string_view sql, absl::Span<const ValueView> parameters,
      size_t batch_rows, Location origin);
  void EndWatch(Watch& watch, const absl::Status& status);
  void TellRow(const Watch& watch, absl::Span<const ValueView> row);
  absl::StatusOr<Cursor> Start(absl::string_view sql,
                               absl::Span<const ValueView> parameters,
                               std::unique_ptr<Watch> watch);
  absl::StatusOr<ExecuteResult> ExecuteWatched(
      absl::string_view sql, absl::Span<const ValueView> parameters,
      Location origin);

  // Sends transaction control, and tells.
  absl::Status Control(TransactionAction action, absl::string_view savepoint,
                       absl::FunctionRef<absl::Status()> send);
  absl::Status ControlSql(TransactionAction action, absl::string_view sql,
                          int depth);

  // Takes note of a driver's error and completes it.
  absl::Status Failed(absl::Status error, absl::string_view sql);
  absl::Status CommitFailed(absl::Status error);
  bool MeansLost(const ErrorInfo& info) const;
  absl::Status AskListeners(absl::Status error, absl::string_view sql,
                            std::optional<bool>* disconnect, bool* keep_pool);
  absl::Status PoisonedError() const;
  void Poison(const absl::Status& error, bool ended);

  void CutCursors(const char* reason);
  void RollbackNow();
  void EndTransaction();
  // Commits or rolls back what is prepared on this connection.
  absl::Status EndPrepared(TransactionAction action);
  absl::Status PreparedError() const;
  // Another call is under way.
  static absl::Status BusyError();
  static absl::Status StoppedError();
  bool ResetForReturn();

  const std::shared_ptr<EngineCore> engine_;
  const std::shared_ptr<const ExecutionOptions> engine_options_;
  std::shared_ptr<const ExecutionOptions> options_;
  PoolEntry* const entry_;

  std::atomic<bool> in_use_{false};
  Phase phase_ = Phase::kNone;
  // The database has ended the transaction of a poisoned connection.
  bool database_ended_ = false;
  // The connection was lost while the transaction was prepared: first_error_
  // says that nobody knows whether it is.
  bool outcome_unknown_ = false;
  // The connection is of no use any more; it is closed with the transaction.
  bool lost_ = false;
  // Something was executed in the transaction, in this checkout.
  bool worked_in_transaction_ = false;
  bool worked_ = false;
  absl::Status first_error_;
  std::vector<int> savepoints_;
  int last_savepoint_ = 0;
  std::string two_phase_id_;
  uint64_t serial_ = 0;

  TransactionOptions transaction_options_;
  std::optional<absl::Duration> statement_timeout_;
  Deadline deadline_;
  std::stop_token stop_;
  std::string token_;

  Attachment* cursors_ = nullptr;
  Attachment* scopes_ = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CONNECTION_CORE_H_
