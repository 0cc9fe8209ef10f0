// A connection of MariaDB behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_CONNECTION_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/client.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/options.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/driver.h"

struct st_mysql_stmt;

namespace cupel::mariadb_internal {

class RowStream;

// Names an execution, so that a request to cancel it hits no other one. Not 0.
using CallToken = uint64_t;

// For what must not depend on the caller's deadline, which may be over.
inline constexpr absl::Duration kCleanUpTime = absl::Seconds(5);

// Confined to one thread at a time, but for its Canceller.
class MariadbConnection final : public engine::DriverConnection {
 public:
  // Opens the connection and sets its session up.
  static absl::StatusOr<std::unique_ptr<MariadbConnection>> Open(
      const Options& options, engine::Deadline deadline);

  ~MariadbConnection() override { Close(); }
  MariadbConnection(const MariadbConnection&) = delete;
  MariadbConnection& operator=(const MariadbConnection&) = delete;

  absl::StatusOr<std::unique_ptr<engine::DriverStatement>> Prepare(
      absl::string_view sql, engine::Deadline deadline) override;
  absl::Status ExecuteSimple(absl::string_view sql,
                             engine::Deadline deadline) override;
  absl::Status Begin(const engine::TransactionOptions& options,
                     engine::Deadline deadline) override;
  // A commit that fails is rolled back, so that the connection is clean.
  absl::Status Commit(engine::Deadline deadline) override;
  absl::Status Rollback(engine::Deadline deadline) override;
  // Two-phase commit is XA: a transaction that is to be prepared begins as one
  // (see connection_two_phase.cc).
  absl::Status PrepareCommit(absl::string_view id,
                             engine::Deadline deadline) override;
  absl::Status CommitPrepared(absl::string_view id,
                              engine::Deadline deadline) override;
  absl::Status RollbackPrepared(absl::string_view id,
                                engine::Deadline deadline) override;
  // Those of the whole server: XA knows no databases.
  absl::StatusOr<std::vector<std::string>> PreparedTransactions(
      engine::Deadline deadline) override;
  // False after an error by which the server has rolled back: the driver has
  // then seen to it that nothing is left.
  bool in_transaction() const override { return in_transaction_; }
  // Such an error has come, and neither Commit nor Rollback since.
  bool ended_by_error() const { return ended_by_error_; }
  absl::Status Ping(engine::Deadline deadline) override;
  // Free unless a statement has changed the session.
  absl::Status Reset(engine::Deadline deadline) override;
  // Cancels by KILL QUERY on a connection of its own.
  std::unique_ptr<engine::Canceller> canceller() override;
  bool is_alive() const override { return client_.is_alive(); }
  void Close() override;
  void Abandon() override;
  // The MYSQL*.
  void* native_handle() override { return client_.handle(); }

  // The following is for the statements of this connection.

  Client& client() { return client_; }
  // The longest message that the server takes.
  size_t max_packet_bytes() const { return max_packet_bytes_; }
  // The server takes many rows of parameters in one message.
  bool has_bulk() const { return has_bulk_; }
  // Grows with each reset: what was prepared before is gone.
  int generation() const { return generation_; }

  // Makes sure that a command can be sent: the connection is there, and rows
  // that another statement has still to read are read into memory.
  absl::Status BeReady(engine::Deadline deadline);
  // Refuses what the transaction would not survive; takes note of the rest.
  absl::Status Admit(const StatementTraits& traits, absl::string_view sql);
  // The statement whose rows are on their way, or null.
  void set_stream(RowStream* stream) { stream_ = stream; }
  RowStream* stream() const { return stream_; }
  // Closes the library's statement, now or with the next command.
  void Discard(st_mysql_stmt* statement);
  // Takes over what the server's last answer said of the transaction; begins
  // one again when DDL has ended one that had done nothing.
  void NoteStatus();

  // What runs from here on is the execution `token`.
  CallToken Enter();
  // The execution is over, or was never begun (0). Waits for a request to
  // cancel it that is under way, so that it hits nothing else.
  void Leave(CallToken token);
  bool IsCancelled(CallToken token) const {
    return token != 0 && cancelled_.load(std::memory_order_acquire) == token;
  }

  // The status of a call that failed with `error`. The connection is closed if
  // it is of no use any more; a transaction that the server gave up is ended.
  absl::Status Fail(const NativeError& error, Phase phase,
                    absl::string_view sql, CallToken token,
                    bool has_values = false);
  // Asks the server to stop the execution under way, from its own thread.
  // Whether it has said yes.
  bool Stop(const engine::Deadline& deadline);

 private:
  class KillCanceller;

  explicit MariadbConnection(const Options& options);

  absl::Status SetUp(engine::Deadline deadline);
  absl::Status ReadSettings(engine::Deadline deadline);
  // The rows of a query with constant text.
  absl::StatusOr<std::vector<std::vector<std::string>>> ReadRows(
      absl::string_view sql, Phase phase, engine::Deadline deadline);
  absl::Status RunControl(absl::string_view sql, Phase phase,
                          engine::Deadline deadline);
  // Asks the server by another connection to stop what this one does.
  bool Kill(const engine::Deadline& deadline) const;
  // Sends what begin_ says.
  absl::Status SendBegin(engine::Deadline deadline);
  void BeginAgain();
  absl::Status SendCommit(engine::Deadline deadline);
  // Rolls back after an error. Whether the server has said yes.
  bool QueryRollback(engine::Deadline deadline);

  // The open transaction is of XA.
  bool is_xa() const { return in_transaction_ && !xid_.empty(); }
  absl::Status StartXa(engine::Deadline deadline);
  absl::Status RollbackXa(engine::Deadline deadline);
  // Closes the session if it holds what is prepared, which outlives it.
  void LeavePrepared();
  absl::Status EndPrepared(absl::string_view verb, absl::string_view id,
                           engine::Deadline deadline);
  void EndTransactionAfterError();
  // What is told once an error has ended the transaction.
  static absl::Status EndedByError();
  void CloseDiscarded(engine::Deadline deadline);
  // Once the library's connection is closed.
  void FreeDiscarded();
  void Drop();

  const Options options_;
  Client client_;
  uint64_t thread_id_ = 0;
  size_t max_packet_bytes_ = 0;
  bool has_bulk_ = false;
  int generation_ = 0;
  bool in_transaction_ = false;
  engine::TransactionOptions begin_;  // of the transaction that is open
  // How XA writes the name of the open transaction, or of the one that is
  // prepared and tied to this session still; empty without.
  std::string xid_;
  bool is_prepared_ = false;
  bool has_work_ = false;  // the transaction has changed or locked something
  bool begins_again_ = false;
  // An error has ended the transaction; only a rollback is expected.
  bool ended_by_error_ = false;
  bool session_changed_ = false;
  bool in_execution_ = false;
  bool stopped_ = false;
  bool interrupt_arrived_ = false;
  RowStream* stream_ = nullptr;
  std::vector<st_mysql_stmt*> discarded_;

  CallToken last_token_ = 0;
  absl::Mutex cancel_mutex_;
  CallToken running_ ABSL_GUARDED_BY(cancel_mutex_) = 0;  // 0: none
  std::atomic<CallToken> cancelled_{0};  // the last that was asked to stop
};

// A statement whose rows may be on their way while another one wants to use the
// connection.
class RowStream {
 public:
  // Reads what is left into memory.
  virtual absl::Status KeepRest(engine::Deadline deadline) = 0;
  // The connection is gone, and the rows with it.
  virtual void Cut() = 0;

 protected:
  ~RowStream() = default;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_CONNECTION_H_
