// A connection of PostgreSQL behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_CONNECTION_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/cancel_gate.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/link.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/options.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/driver.h"

struct pg_conn;

namespace cupel::postgresql_internal {

class PostgresqlStatement;

// Confined to one thread at a time, but for its Canceller.
class PostgresqlConnection final : public engine::DriverConnection {
 public:
  static absl::StatusOr<std::unique_ptr<PostgresqlConnection>> Open(
      const Options& options, engine::Deadline deadline);

  ~PostgresqlConnection() override;
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  absl::StatusOr<std::unique_ptr<engine::DriverStatement>> Prepare(
      absl::string_view sql, engine::Deadline deadline) override;
  absl::Status ExecuteSimple(absl::string_view sql,
                             engine::Deadline deadline) override;
  absl::Status Begin(const engine::TransactionOptions& options,
                     engine::Deadline deadline) override;
  // Asks for the transaction's number first if it has written, so that a lost
  // answer can be resolved later.
  absl::Status Commit(engine::Deadline deadline) override;
  absl::Status Rollback(engine::Deadline deadline) override;
  absl::StatusOr<engine::CommitOutcome> ResolveCommit(
      absl::string_view token, engine::Deadline deadline) override;
  absl::Status PrepareCommit(absl::string_view id,
                             engine::Deadline deadline) override;
  absl::Status CommitPrepared(absl::string_view id,
                              engine::Deadline deadline) override;
  absl::Status RollbackPrepared(absl::string_view id,
                                engine::Deadline deadline) override;
  absl::StatusOr<std::vector<std::string>> PreparedTransactions(
      engine::Deadline deadline) override;
  bool in_transaction() const override;
  absl::Status Ping(engine::Deadline deadline) override;
  // Undoes what statements have changed in the session, in one round trip;
  // does nothing with session_settings=off.
  absl::Status Reset(engine::Deadline deadline) override;
  std::unique_ptr<engine::Canceller> canceller() override;
  bool is_alive() const override { return link_->is_alive(); }
  void Close() override;
  void Abandon() override;
  // The PGconn*. What is done with it counts as a change of the session.
  void* native_handle() override;

  // The following is for the statements of this connection. A call is
  //   Start, sending by libpq, NextResult until the end, Finish.

  pg_conn* handle() const { return link_->get(); }
  bool prepares() const { return prepares_; }
  bool copies() const { return copies_; }
  // Rows that a query reads at a time through a cursor of the server; 0: none.
  int64_t fetch_size() const { return in_transaction() ? fetch_size_ : 0; }
  // Tells the transactions of this connection apart.
  uint64_t transaction_serial() const { return transaction_serial_; }
  // Whether a transaction is open that takes nothing but ROLLBACK.
  bool has_failed() const;
  // For a statement or cursor; no other connection gives it.
  std::string NewName();
  // Grows with each definition that was changed on this connection.
  uint64_t schema_version() const { return schema_version_; }
  // The server's statement of that name is not needed any more.
  void Forget(std::string name) { forgotten_.push_back(std::move(name)); }

  // Makes the connection free for a command: what is left of the rows of
  // another statement is read into memory.
  absl::Status Start(Phase phase, absl::string_view sql,
                     const engine::Deadline& deadline);
  // The next result of the command that was sent; null at its end. Asks the
  // server to stop when the deadline is over. Errors: only that there was no
  // answer; the connection is lost then.
  absl::Status NextResult(Result* out);
  // As NextResult for one that is here already; false when it has to be waited
  // for.
  bool TakeArrived(Result* out) {
    return !interrupted_ && link_->TakeArrived(out);
  }
  // Reads to the end of the command (of the pipeline, if it is in one) and
  // hands each result on. The first error among them is the error.
  absl::Status ReadAll(absl::FunctionRef<void(Result)> take);
  // The command has ended, all of its results are read.
  void Finish();
  // Reads what is left and drops it; then the status of `error`.
  absl::Status Fail(const pg_result* error);
  // Sends one text without parameters and reads its results, as text.
  absl::Status Run(Phase phase, absl::string_view sql,
                   const engine::Deadline& deadline,
                   absl::FunctionRef<void(Result)> take);
  // The first column of what a query gives.
  absl::StatusOr<std::vector<std::string>> SelectTexts(
      absl::string_view sql, const engine::Deadline& deadline);
  // Sends data of the COPY under way. False when it has to end: somebody has
  // asked for that, or the deadline is over.
  bool SendCopyData(absl::string_view data);
  // libpq refused to send.
  absl::Status SendFailed();
  // The connection is in a state from which no command leads.
  void GiveUp() { link_->Drop(); }
  // The results of the running command belong to `statement`, which reads them
  // bit by bit; null: to nobody any more.
  void SetReader(PostgresqlStatement* statement) { reader_ = statement; }
  // A command that was not a query has been done.
  void NoteWritten() { wrote_in_transaction_ = true; }
  // A statement that ChangesSession is about to be executed.
  void NoteSessionChanged() { session_changed_ = true; }
  // All commands of a pipeline have been sent.
  void EndOfPipeline();
  // A later call of the reader has another deadline.
  void SetDeadline(const engine::Deadline& deadline);
  // Reads and drops what is left of the running command, within bounds.
  void DropRest();
  // Which of `types`, made by CREATE TYPE, are enumerations: asks the server
  // once for each.
  absl::Status LookUpEnums(absl::Span<const TypeId> types,
                           const engine::Deadline& deadline);
  bool IsEnum(TypeId type) const;
  // As Prepare with types of parameters; the description of the statement.
  // `harmless`: an error leaves an open transaction as it was.
  absl::StatusOr<Result> Describe(const std::string& name,
                                  absl::string_view sql,
                                  const std::vector<TypeId>& types,
                                  bool harmless,
                                  const engine::Deadline& deadline);

 private:
  class GateCanceller;

  explicit PostgresqlConnection(const Options& options)
      : prepares_(options.prepare),
        takes_tokens_(options.commit_tokens),
        copies_(options.copy),
        owns_session_(options.session_settings),
        fetch_size_(options.fetch_size),
        cancel_grace_(options.cancel_grace) {}

  ErrorContext Context() const;
  engine::TransactionState StateNow() const;
  // Ends a transaction by a text whose tag must be the text's beginning.
  absl::Status EndBy(absl::string_view sql, absl::string_view tag,
                     const engine::Deadline& deadline);
  // Sends several in one go.
  absl::Status RunAll(const std::vector<std::string>& texts,
                      const engine::Deadline& deadline);
  absl::Status CloseForgotten(const engine::Deadline& deadline);
  // A statement was stale: puts the transaction back to its start when there
  // is no other work in it, so that the statement can be tried again.
  absl::Status Restart(absl::Status stale);
  // Sends a command of our own within a pipeline.
  bool SendControl(const char* sql);
  // An error between the savepoint of Describe and its release.
  absl::Status BackToSavepoint(absl::Status error,
                               const engine::Deadline& deadline);
  // Definitions of the open transaction, if there are any, are undone.
  void NoteUndone() {
    if (schema_version_ != version_at_begin_) ++schema_version_;
  }
  void Interrupt();
  bool AwaitCancelled(Result* out);

  const bool prepares_;
  const bool takes_tokens_;
  const bool copies_;
  const bool owns_session_;
  const int64_t fetch_size_;
  std::unique_ptr<Link> link_;
  CancelGate gate_;
  PostgresqlStatement* reader_ = nullptr;
  std::string names_;  // how they begin
  uint64_t last_name_ = 0;
  std::map<TypeId, bool> enums_;  // types made by CREATE TYPE
  std::vector<std::string> forgotten_;
  bool session_changed_ = false;

  // The transaction that is open, and what was executed in it.
  engine::TransactionOptions transaction_;
  uint64_t transaction_serial_ = 0;
  int64_t executed_in_transaction_ = 0;
  bool wrote_in_transaction_ = false;
  uint64_t schema_version_ = 0;
  uint64_t version_at_begin_ = 0;

  // The command under way.
  Phase phase_ = Phase::kExecute;
  std::string sql_;
  engine::Deadline deadline_;
  const std::optional<absl::Duration> cancel_grace_;
  absl::Duration grace_;  // for an answer after the deadline
  bool was_in_transaction_ = false;
  bool interrupted_ = false;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_CONNECTION_H_
