// A connection of SQLite behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_CONNECTION_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/errors.h"
#include "cupel/engine/dialects/sqlite/options.h"
#include "cupel/engine/driver.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cupel::sqlite_internal {

// Names an execution, so that a request to cancel it hits no other one. Not 0.
using CallToken = uint64_t;

// Confined to one thread at a time, but for its Canceller.
class SqliteConnection final : public engine::DriverConnection {
 public:
  // Opens the database and sets it up. `memory` keeps a database in memory
  // alive as long as this connection, or is null.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(
      const Options& options, std::shared_ptr<void> memory,
      engine::Deadline deadline);

  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  absl::StatusOr<std::unique_ptr<engine::DriverStatement>> Prepare(
      absl::string_view sql, engine::Deadline deadline) override;
  absl::Status ExecuteSimple(absl::string_view sql,
                             engine::Deadline deadline) override;
  absl::Status Begin(const engine::TransactionOptions& options,
                     engine::Deadline deadline) override;
  // Waits at a busy COMMIT until the busy deadline. A commit that fails is
  // rolled back whatever the reason, so that the connection is clean.
  absl::Status Commit(engine::Deadline deadline) override;
  absl::Status Rollback(engine::Deadline deadline) override;
  bool in_transaction() const override;
  bool may_have_written() const override;
  absl::Status Ping(engine::Deadline deadline) override;
  // An error when a statement has changed the session (PRAGMA, ATTACH, a
  // temporary table): opening a new connection is cheaper than undoing it.
  absl::Status Reset(engine::Deadline deadline) override;
  std::unique_ptr<engine::Canceller> canceller() override;
  bool is_alive() const override { return database_ != nullptr && alive_; }
  void Close() override;
  void Abandon() override;
  // The sqlite3*.
  void* native_handle() override { return database_; }

  // The following is for the statements of this connection.

  sqlite3* database() const { return database_; }

  CallToken NewToken() { return ++last_token_; }

  // What runs from here on is the execution `token`: it obeys `deadline`.
  void Enter(CallToken token, const engine::Deadline& deadline) {
    deadline_ = deadline;
    interruption_ = Interruption::kNone;
    in_call_ = true;
    running_.store(token, std::memory_order_release);
  }
  // The execution `token` gives its caller a row. It may be cancelled still,
  // but what the caller does by the native handle is its own affair.
  void Pause() {
    in_call_ = false;
    deadline_ = engine::Deadline::Infinite();
  }
  // The execution `token` is over.
  void Leave(CallToken token) {
    if (running_.load(std::memory_order_relaxed) == token) {
      Pause();
      running_.store(0, std::memory_order_release);
    }
  }
  bool IsCancelled(CallToken token) const {
    return cancelled_.load(std::memory_order_acquire) == token;
  }

  // The status of a failed call; marks the connection as dead if it is.
  absl::Status Fail(int code, Phase phase, absl::string_view statement,
                    bool was_in_transaction);
  // The status of an execution that was cancelled between two of its steps.
  absl::Status FailCancelled(absl::string_view statement);

 private:
  class Call;
  class SqliteCanceller;

  SqliteConnection(const Options& options, std::shared_ptr<void> memory);

  static int OnProgress(void* connection);
  static int OnBusy(void* connection, int attempt);
  // Whether the call under way has to stop; notes why.
  bool MustStop();

  absl::Status OpenDatabase(const Options& options);
  absl::Status Configure(const Options& options);
  absl::Status SetSwitches(const Options& options);
  absl::Status SetForeignKeys(bool on);
  absl::Status SetPragmas(const Options& options);
  absl::Status SetJournalMode(const Options& options);
  absl::Status QuickCheck();
  // Runs "PRAGMA name=value" and returns the first cell of the answer.
  absl::StatusOr<std::string> Pragma(absl::string_view name,
                                     absl::string_view value = "");
  absl::Status SetQueryOnly(bool on);
  // Executes one of the few texts that control transactions; it stays prepared.
  absl::Status Run(absl::string_view text, Phase phase);
  void FinalizeControls();
  absl::StatusOr<sqlite3_stmt*> Compile(absl::string_view sql, Phase phase);

  sqlite3* database_ = nullptr;
  std::shared_ptr<void> memory_;
  const engine::LockMode default_lock_;
  absl::Duration busy_timeout_;
  bool alive_ = true;
  bool query_only_ = false;
  bool session_changed_ = false;
  absl::flat_hash_map<std::string, sqlite3_stmt*> controls_;  // by text

  // The execution under way.
  engine::Deadline deadline_;
  engine::Deadline busy_deadline_;
  Interruption interruption_ = Interruption::kNone;
  bool in_call_ = false;  // SQLite runs for us, not for the native handle
  CallToken last_token_ = 0;
  std::atomic<CallToken> running_{0};    // 0: none
  std::atomic<CallToken> cancelled_{0};  // the last that was asked to stop
};

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_CONNECTION_H_
