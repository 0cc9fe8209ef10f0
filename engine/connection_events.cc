// What listeners are told of a connection, and what a failure does to it.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/pool.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

// After these errors nothing of the transaction can go on, on any database.
bool EndsTransaction(ErrorKind kind) {
  return kind == ErrorKind::kSerializationFailure ||
         kind == ErrorKind::kDeadlock || kind == ErrorKind::kLockTimeout;
}

// When an interruption is repeated: it does nothing to a statement that is only
// about to be sent.
constexpr absl::Duration kInterruptAgain[] = {
    absl::Milliseconds(2),  absl::Milliseconds(5),   absl::Milliseconds(20),
    absl::Milliseconds(50), absl::Milliseconds(100), absl::Milliseconds(300)};

// The stop token of a statement, which runs in the thread `runner`, is stopped.
void Interrupt(Watch& watch, std::thread::id runner) {
  if (std::this_thread::get_id() == runner) {
    watch.stopped = true;
    if (watch.started) watch.canceller->Cancel();
    return;
  }
  watch.canceller->Cancel();
  for (const absl::Duration pause : kInterruptAgain) {
    if (watch.over.WaitForNotificationWithTimeout(pause)) return;
    watch.canceller->Cancel();
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Watch>> ConnectionCore::StartWatch(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    size_t batch_rows, Location origin) {
  auto watch = std::make_unique<Watch>();
  watch->id =
      engine_->last_execution.fetch_add(1, std::memory_order_relaxed) + 1;
  watch->parameters.assign(parameters.begin(), parameters.end());
  watch->batch_rows = batch_rows;
  watch->origin = origin;
  if (engine_->events.wants(Events::kStatementStart)) {
    StatementStart event;
    event.id = watch->id;
    event.sql = sql;
    event.parameters = parameters;
    event.batch_rows = batch_rows;
    event.origin = origin;
    event.connection_id = entry_->id;
    event.token = token_;
    CUPEL_RETURN_IF_ERROR(engine_->events.Tell(event));
    if (event.rewritten_sql) watch->sql = *std::move(event.rewritten_sql);
  }
  if (watch->sql.empty()) watch->sql = std::string(sql);
  if (stop_.stop_possible()) {
    watch->canceller = entry_->driver->canceller();
    watch->on_stop.emplace(
        stop_, [watch = watch.get(), runner = std::this_thread::get_id()] {
          Interrupt(*watch, runner);
        });
    if (watch->stopped) return StoppedError();
    watch->started = true;
  }
  return watch;
}

void ConnectionCore::EndWatch(Watch& watch, const absl::Status& status) {
  // Waits for an interruption under way, so that none hits what comes next.
  if (!watch.over.HasBeenNotified()) watch.over.Notify();
  watch.on_stop.reset();
  if (!engine_->events.wants(Events::kStatement)) return;
  StatementEvent event;
  event.id = watch.id;
  event.sql = watch.sql;
  event.parameters = watch.parameters;
  event.batch_rows = watch.batch_rows;
  event.rows_read = watch.rows_read;
  event.result = watch.result;
  event.duration = watch.spent;
  event.status = status;
  event.statement_cached = watch.cached;
  event.origin = watch.origin;
  event.connection_id = entry_->id;
  event.token = token_;
  engine_->events.Tell(event);
}

void ConnectionCore::TellRow(const Watch& watch,
                             absl::Span<const ValueView> row) {
  if (!engine_->events.wants(Events::kRow)) return;
  engine_->events.Tell(RowEvent{.id = watch.id,
                                .row = row,
                                .connection_id = entry_->id,
                                .token = token_});
}

absl::Status ConnectionCore::Control(TransactionAction action,
                                     absl::string_view savepoint,
                                     absl::FunctionRef<absl::Status()> send) {
  if (!engine_->events.wants(Events::kTransaction)) return send();
  const absl::Duration begin = engine_->clock->SteadyNow();
  absl::Status status = send();
  TransactionEvent event;
  event.action = action;
  event.savepoint = savepoint;
  event.duration = engine_->clock->SteadyNow() - begin;
  event.status = status;
  event.connection_id = entry_->id;
  event.token = token_;
  engine_->events.Tell(event);
  return status;
}

absl::Status ConnectionCore::ControlSql(TransactionAction action,
                                        absl::string_view sql, int depth) {
  const std::string name = Savepoint::NameAt(depth);
  const std::string text = absl::StrCat(sql, name);
  const Deadline deadline = action == TransactionAction::kRollbackToSavepoint
                                ? CleanUpDeadline()
                                : StatementDeadline();
  absl::Status status = Control(action, name, [&] {
    return entry_->driver->ExecuteSimple(text, deadline);
  });
  return status.ok() ? status : Failed(std::move(status), text);
}

bool ConnectionCore::MeansLost(const ErrorInfo& info) const {
  return info.connection_state == ConnectionState::kDead ||
         info.kind == ErrorKind::kConnectionLost || !entry_->driver->is_alive();
}

absl::Status ConnectionCore::AskListeners(absl::Status error,
                                          absl::string_view sql,
                                          std::optional<bool>* disconnect,
                                          bool* keep_pool) {
  if (!engine_->events.wants(Events::kError)) return error;
  ErrorEvent event;
  event.sql = sql;
  event.error = error;
  engine_->events.Tell(event);
  *disconnect = event.is_disconnect;
  *keep_pool = event.keep_pool;
  if (event.replacement.ok()) return error;
  auto info = GetErrorInfo(error);
  return info && !GetErrorInfo(event.replacement)
             ? WithErrorInfo(std::move(event.replacement), *info)
             : event.replacement;
}

absl::Status ConnectionCore::Failed(absl::Status error, absl::string_view sql) {
  std::optional<bool> disconnect;
  bool keep_pool = false;
  error = AskListeners(std::move(error), sql, &disconnect, &keep_pool);
  ErrorInfo info = GetErrorInfo(error).value_or(ErrorInfo());
  info.dialect = engine_->dialect->name();
  info.statement = std::string(sql);
  info.transaction_state = TransactionState::kNone;
  const bool lost = disconnect.value_or(MeansLost(info));
  if (lost) {
    lost_ = true;
    info.connection_state = ConnectionState::kDead;
    if (info.retry == Retry::kNo) info.retry = Retry::kTransaction;
    if (!keep_pool) engine_->pool->NoteLost(*entry_);
    error = WithContext(error, "connection invalidated");
  }
  if (in_transaction()) {
    bool ended = lost || !entry_->driver->in_transaction();
    if (!ended && EndsTransaction(info.kind)) {
      // Its locks are in the way of others; some databases leave it open.
      CutCursors("an error that ended its transaction");
      ended = Control(TransactionAction::kRollback, "", [this] {
                return entry_->driver->Rollback(CleanUpDeadline());
              }).ok();
    }
    info.transaction_state =
        ended ? TransactionState::kRolledBack : TransactionState::kPoisoned;
    error = WithErrorInfo(std::move(error), info);
    Poison(error, ended);
    return error;
  }
  return WithErrorInfo(std::move(error), info);
}

void ConnectionCore::Poison(const absl::Status& error, bool ended) {
  if (!is_poisoned()) first_error_ = error;
  phase_ = Phase::kPoisoned;
  database_ended_ = database_ended_ || ended;
}

absl::Status ConnectionCore::PoisonedError() const {
  const std::optional<ErrorInfo> first = GetErrorInfo(first_error_);
  ErrorInfo info = first.value_or(ErrorInfo());
  info.kind = ErrorKind::kTransactionPoisoned;
  if (outcome_unknown_) {
    return MakeError(
        std::move(info),
        absl::StrCat("the outcome of the transaction is unknown, roll it back "
                     "to go on with the connection; the error was: ",
                     first_error_.message()));
  }
  info.transaction_state = database_ended_ ? TransactionState::kRolledBack
                                           : TransactionState::kPoisoned;
  return MakeError(
      std::move(info),
      absl::StrCat("an earlier error has ended the transaction, roll it back ",
                   database_ended_ || savepoints_.empty()
                       ? ""
                       : "in full or to a savepoint ",
                   "to go on; the error was: ", first_error_.message()));
}

}  // namespace cupel::engine
