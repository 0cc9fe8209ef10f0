#include "cupel/engine/connection_core.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/pool.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

absl::Status InheritedError() {
  return MakeError(ErrorKind::kMisuse,
                   "the connection was made before this process was forked: "
                   "get another one from the engine");
}

const TransactionOptions& TransactionOptionsOf(
    const ExecutionOptions& options) {
  static const TransactionOptions kDefault;
  return options.transaction ? *options.transaction : kDefault;
}

}  // namespace

absl::Status ConnectionCore::StoppedError() {
  return MakeError(ErrorKind::kInterrupted,
                   "the connection's stop token is stopped: set another one "
                   "to go on");
}

absl::Status ConnectionCore::BusyError() {
  return MakeError(ErrorKind::kMisuse,
                   "the connection is in use by another call (of another "
                   "thread, or of its own listener): use one connection for "
                   "each");
}

ConnectionCore::ConnectionCore(std::shared_ptr<EngineCore> engine,
                               std::shared_ptr<const ExecutionOptions> options,
                               PoolEntry* entry)
    : engine_(std::move(engine)),
      engine_options_(std::move(options)),
      options_(engine_options_),
      entry_(entry),
      transaction_options_(TransactionOptionsOf(*options_)),
      statement_timeout_(options_->statement_timeout),
      token_(options_->logging_token.value_or("")) {}

ConnectionCore::~ConnectionCore() {
  CutCursors("the return of its connection");
  while (scopes_ != nullptr) scopes_->DetachFrom();
  const bool inherited = Pool::IsInherited(*entry_);
  engine_->pool->Return(entry_, !inherited && ResetForReturn());
}

absl::StatusOr<Statement*> ConnectionCore::Prepare(absl::string_view sql) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  CUPEL_RETURN_IF_ERROR(Ready());
  if (Statement* known = entry_->statements.Peek(sql)) return known;
  bool cached = false;
  CUPEL_ASSIGN_OR_RETURN(Statement * statement, Take(sql, &cached));
  Release(statement);
  return statement;
}

absl::StatusOr<Cursor> ConnectionCore::Query(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    Location origin) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  CUPEL_RETURN_IF_ERROR(Ready());
  if (!watched()) return Start(sql, parameters, nullptr);
  CUPEL_ASSIGN_OR_RETURN(std::unique_ptr<Watch> watch,
                         StartWatch(sql, parameters, 0, origin));
  Watch& told = *watch;
  auto cursor = Start(told.sql, parameters, std::move(watch));
  return cursor;
}

absl::StatusOr<Cursor> ConnectionCore::Start(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    std::unique_ptr<Watch> watch) {
  const Deadline deadline = StatementDeadline();
  const absl::Duration begin =
      watch ? engine_->clock->SteadyNow() : absl::ZeroDuration();
  bool cached = false;
  auto statement = Take(sql, &cached);
  absl::Status status = statement.status();
  if (status.ok()) {
    status = CheckParameters(**statement, parameters.size());
  }
  if (status.ok()) {
    status = Run(&*statement, deadline, [&](DriverStatement& driver) {
      return driver.Execute(parameters, deadline);
    });
  }
  if (watch) {
    watch->cached = cached;
    watch->spent = engine_->clock->SteadyNow() - begin;
    if (!status.ok()) EndWatch(*watch, status);
  }
  if (!status.ok()) return status;
  return Cursor(this, *statement, deadline, std::move(watch));
}

absl::StatusOr<ExecuteResult> ConnectionCore::Execute(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    Location origin) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  CUPEL_RETURN_IF_ERROR(Ready());
  if (watched()) return ExecuteWatched(sql, parameters, origin);
  const Deadline deadline = StatementDeadline();
  bool cached = false;
  CUPEL_ASSIGN_OR_RETURN(Statement * statement, Take(sql, &cached));
  CUPEL_RETURN_IF_ERROR(CheckParameters(*statement, parameters.size()));
  CUPEL_RETURN_IF_ERROR(Run(&statement, deadline, [&](DriverStatement& driver) {
    CUPEL_RETURN_IF_ERROR(driver.Execute(parameters, deadline));
    while (true) {
      CUPEL_ASSIGN_OR_RETURN(const bool more, driver.Next(deadline));
      if (!more) return absl::OkStatus();
    }
  }));
  const ExecuteResult result = statement->driver_->result();
  Release(statement);
  return result;
}

absl::StatusOr<ExecuteResult> ConnectionCore::ExecuteWatched(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    Location origin) {
  CUPEL_ASSIGN_OR_RETURN(std::unique_ptr<Watch> watch,
                         StartWatch(sql, parameters, 0, origin));
  Watch& told = *watch;
  CUPEL_ASSIGN_OR_RETURN(Cursor cursor,
                         Start(told.sql, parameters, std::move(watch)));
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Step());
    if (!more) return cursor.result_;
  }
}

absl::Status ConnectionCore::ExecuteBatch(absl::string_view sql,
                                          BatchSource& rows, BatchSink* sink,
                                          Location origin) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (rows.size() == 0) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(Ready());
  std::unique_ptr<Watch> watch;
  if (watched()) {
    CUPEL_ASSIGN_OR_RETURN(watch, StartWatch(sql, {}, rows.size(), origin));
    sql = watch->sql;
  }
  const Deadline deadline = StatementDeadline();
  const absl::Duration begin =
      watch ? engine_->clock->SteadyNow() : absl::ZeroDuration();
  bool cached = false;
  auto statement = Take(sql, &cached);
  absl::Status status = statement.status();
  ExecuteResult result;
  if (status.ok()) {
    status = Run(&*statement, deadline, [&](DriverStatement& driver) {
      return driver.ExecuteBatch(rows, sink, deadline);
    });
    if (status.ok()) {
      result = (*statement)->driver_->result();
      Release(*statement);
    }
  }
  if (watch) {
    watch->cached = cached;
    watch->spent = engine_->clock->SteadyNow() - begin;
    watch->result = result;
    EndWatch(*watch, status);
  }
  return status;
}

absl::Status ConnectionCore::Begin(const TransactionOptions& options) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (in_transaction()) {
    return MakeError(ErrorKind::kMisuse,
                     "a transaction has already begun on this connection: "
                     "commit it or roll it back first, or use a savepoint");
  }
  if (options.isolation == IsolationLevel::kAutocommit) {
    return MakeError(ErrorKind::kMisuse,
                     "autocommit is the absence of a transaction: set it with "
                     "set_transaction_options instead of beginning one");
  }
  if (entry_->driver == nullptr || lost_) CUPEL_RETURN_IF_ERROR(OpenAgain());
  if (Pool::IsInherited(*entry_)) return InheritedError();
  return BeginNow(options);
}

absl::StatusOr<Transaction> ConnectionCore::BeginTransaction(
    const TransactionOptions& options) {
  CUPEL_RETURN_IF_ERROR(Begin(options));
  return Transaction(this, serial_);
}

absl::Status ConnectionCore::Commit() {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (!in_transaction()) return absl::OkStatus();
  if (Pool::IsInherited(*entry_)) return InheritedError();
  if (is_prepared()) return EndPrepared(TransactionAction::kCommit);
  CutCursors("a commit");
  if (is_poisoned()) {
    absl::Status error = PoisonedError();
    RollbackNow();
    ErrorInfo info = GetErrorInfo(error).value_or(ErrorInfo());
    if (info.transaction_state == TransactionState::kPoisoned) {
      info.transaction_state = TransactionState::kRolledBack;
    }
    return WithErrorInfo(std::move(error), info);
  }
  absl::Status status = Control(TransactionAction::kCommit, "", [this] {
    return entry_->driver->Commit(StatementDeadline());
  });
  if (!status.ok()) return CommitFailed(std::move(status));
  EndTransaction();
  return absl::OkStatus();
}

absl::Status ConnectionCore::CommitFailed(absl::Status error) {
  std::optional<bool> disconnect;
  bool keep_pool = false;
  error = AskListeners(std::move(error), "COMMIT", &disconnect, &keep_pool);
  ErrorInfo info = GetErrorInfo(error).value_or(ErrorInfo());
  info.dialect = engine_->dialect->name();
  info.statement = "COMMIT";
  const bool lost = disconnect.value_or(MeansLost(info));
  if (lost && !keep_pool) engine_->pool->NoteLost(*entry_);
  if (lost || info.kind == ErrorKind::kCommitOutcomeUnknown) {
    lost_ = true;
    EndTransaction();
    engine_->pool->Invalidate(*entry_, "lost during commit");
    lost_ = false;
    info.connection_state = ConnectionState::kDead;
    if (info.transaction_state == TransactionState::kRolledBack) {
      return WithErrorInfo(std::move(error), info);
    }
    info.kind = ErrorKind::kCommitOutcomeUnknown;
    info.transaction_state = TransactionState::kUnknown;
    info.retry = Retry::kOnlyIfIdempotent;
    return MakeError(std::move(info),
                     absl::StrCat("the connection was lost during commit, "
                                  "which may or may not have happened: ",
                                  error.message()));
  }
  // Some databases keep the transaction open when COMMIT fails.
  RollbackNow();
  info.transaction_state = TransactionState::kRolledBack;
  return WithErrorInfo(std::move(error), info);
}

absl::Status ConnectionCore::Rollback() {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (is_prepared()) return EndPrepared(TransactionAction::kRollback);
  CutCursors("a rollback");
  const absl::Status unknown =
      outcome_unknown_ ? first_error_ : absl::OkStatus();
  if (in_transaction()) RollbackNow();
  return unknown;
}

// Never fails: where the database does not answer the connection is closed,
// which rolls back, too.
void ConnectionCore::RollbackNow() {
  if (!lost_ && entry_->driver != nullptr && !Pool::IsInherited(*entry_) &&
      entry_->driver->in_transaction()) {
    const absl::Status status =
        Control(TransactionAction::kRollback, "",
                [this] { return entry_->driver->Rollback(CleanUpDeadline()); });
    if (!status.ok() || !entry_->driver->is_alive()) lost_ = true;
  }
  EndTransaction();
  if (lost_) {
    engine_->pool->Invalidate(*entry_, "no rollback possible");
    lost_ = false;
  }
}

absl::StatusOr<Savepoint> ConnectionCore::BeginNested() {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  const Dialect& dialect = *engine_->dialect;
  if (!dialect.capabilities().savepoints) {
    return MakeError(ErrorKind::kUnsupported,
                     absl::StrCat(dialect.name(), " has no savepoints"));
  }
  CUPEL_RETURN_IF_ERROR(Ready());
  if (!in_transaction()) CUPEL_RETURN_IF_ERROR(BeginNow({}));
  const int depth = savepoint_depth() + 1;
  CUPEL_RETURN_IF_ERROR(ControlSql(TransactionAction::kSavepoint,
                                   dialect.syntax().savepoint, depth));
  savepoints_.push_back(++last_savepoint_);
  return Savepoint(this, serial_, last_savepoint_, depth);
}

int ConnectionCore::SavepointDepth(int number) const {
  const auto found = std::find(savepoints_.begin(), savepoints_.end(), number);
  return found == savepoints_.end()
             ? 0
             : static_cast<int>(found - savepoints_.begin()) + 1;
}

absl::Status ConnectionCore::ReleaseSavepoint(int number) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (is_poisoned()) return PoisonedError();
  const int depth = SavepointDepth(number);
  if (depth == 0) {
    return MakeError(ErrorKind::kMisuse,
                     "the savepoint has ended: it was committed or rolled "
                     "back, or an enclosing one was");
  }
  const Syntax& syntax = engine_->dialect->syntax();
  if (!syntax.release_savepoint.empty()) {
    CUPEL_RETURN_IF_ERROR(ControlSql(TransactionAction::kReleaseSavepoint,
                                     syntax.release_savepoint, depth));
  }
  savepoints_.resize(depth - 1);
  return absl::OkStatus();
}

bool ConnectionCore::may_have_written() const {
  return in_transaction() &&
         (entry_->driver == nullptr || entry_->driver->may_have_written());
}

absl::Status ConnectionCore::RollbackToSavepoint(int number) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  const int depth = SavepointDepth(number);
  if (depth == 0) return absl::OkStatus();
  if (is_poisoned() && database_ended_) return PoisonedError();
  CutCursors("a rollback to a savepoint");
  const Syntax& syntax = engine_->dialect->syntax();
  absl::Status status = ControlSql(TransactionAction::kRollbackToSavepoint,
                                   syntax.rollback_to_savepoint, depth);
  if (status.ok() && !syntax.release_savepoint.empty()) {
    // Only now it is gone for the database, too.
    status = entry_->driver->ExecuteSimple(
        absl::StrCat(syntax.release_savepoint, Savepoint::NameAt(depth)),
        CleanUpDeadline());
    if (!status.ok()) status = Failed(std::move(status), "RELEASE SAVEPOINT");
  }
  CUPEL_RETURN_IF_ERROR(status);
  savepoints_.resize(depth - 1);
  // Nothing but this savepoint's work was touched by the error.
  phase_ = Phase::kActive;
  first_error_ = absl::OkStatus();
  return absl::OkStatus();
}

void ConnectionCore::Invalidate(absl::string_view reason) {
  CutCursors("the invalidation of its connection");
  if (in_transaction() && !is_poisoned()) {
    ErrorInfo info;
    info.kind = ErrorKind::kConnectionLost;
    info.dialect = engine_->dialect->name();
    info.transaction_state = TransactionState::kRolledBack;
    info.connection_state = ConnectionState::kDead;
    Poison(MakeError(std::move(info),
                     absl::StrCat("the connection was invalidated: ", reason)),
           true);
  }
  database_ended_ = in_transaction();
  engine_->pool->Invalidate(*entry_, reason);
  lost_ = false;
}

void ConnectionCore::Detach() { engine_->pool->Detach(*entry_); }

bool ConnectionCore::is_open() const {
  return !lost_ && entry_->driver != nullptr && entry_->driver->is_alive() &&
         !Pool::IsInherited(*entry_);
}

absl::Status ConnectionCore::set_transaction_options(
    const TransactionOptions& options) {
  if (in_transaction()) {
    return MakeError(ErrorKind::kMisuse,
                     "options of transactions cannot change inside of one: "
                     "commit it or roll it back first");
  }
  transaction_options_ = options;
  return absl::OkStatus();
}

void ConnectionCore::set_options(const ExecutionOptions& options) {
  options_ =
      std::make_shared<const ExecutionOptions>(options_->Overlaid(options));
  if (options.transaction) transaction_options_ = *options.transaction;
  statement_timeout_ = options_->statement_timeout;
  if (options.logging_token) token_ = *options.logging_token;
}

absl::Status ConnectionCore::Ready() {
  if (is_poisoned()) return PoisonedError();
  if (Pool::IsInherited(*entry_)) return InheritedError();
  if (stop_.stop_requested()) return StoppedError();
  if (!deadline_.is_infinite() && deadline_.IsOver()) {
    return MakeError(ErrorKind::kStatementTimeout,
                     "the connection's deadline is over: set another one to "
                     "go on");
  }
  if (is_prepared()) return PreparedError();
  if (in_transaction()) return absl::OkStatus();
  if (entry_->driver == nullptr || lost_) CUPEL_RETURN_IF_ERROR(OpenAgain());
  if (transaction_options_.isolation == IsolationLevel::kAutocommit) {
    return absl::OkStatus();
  }
  return BeginNow(transaction_options_);
}

absl::Status ConnectionCore::OpenAgain() {
  if (lost_) engine_->pool->Invalidate(*entry_, "connection lost");
  lost_ = false;
  worked_ = false;
  return engine_->pool->Reopen(*entry_, deadline_);
}

absl::Status ConnectionCore::BeginNow(const TransactionOptions& options) {
  const auto& levels = engine_->dialect->capabilities().isolation_levels;
  if (options.isolation != IsolationLevel::kDefault &&
      std::find(levels.begin(), levels.end(), options.isolation) ==
          levels.end()) {
    return MakeError(ErrorKind::kUnsupported,
                     absl::StrCat(engine_->dialect->name(),
                                  " does not offer this isolation level"));
  }
  if (!options.two_phase_id.empty() &&
      !engine_->dialect->capabilities().two_phase_commit) {
    return MakeError(
        ErrorKind::kUnsupported,
        absl::StrCat(engine_->dialect->name(), " has no two-phase commit"));
  }
  const auto send = [&] {
    return entry_->driver->Begin(options, StatementDeadline());
  };
  absl::Status status = Control(TransactionAction::kBegin, "", send);
  if (!status.ok()) {
    status = Failed(std::move(status), "BEGIN");
    // A connection that died while it was idle: nothing is lost with it.
    if (!lost_ || worked_) return status;
    CUPEL_RETURN_IF_ERROR(OpenAgain());
    status = Control(TransactionAction::kBegin, "", send);
    if (!status.ok()) return Failed(std::move(status), "BEGIN");
  }
  phase_ = Phase::kActive;
  two_phase_id_ = options.two_phase_id;
  ++serial_;
  last_savepoint_ = 0;
  worked_in_transaction_ = false;
  return absl::OkStatus();
}

Deadline ConnectionCore::StatementDeadline() const {
  if (!statement_timeout_) return deadline_;
  const Deadline timeout =
      Deadline::After(*statement_timeout_, *engine_->clock);
  return deadline_.is_infinite() ? timeout
                                 : Deadline::Earlier(deadline_, timeout);
}

// Cleaning up has to work after the caller's deadline, too.
Deadline ConnectionCore::CleanUpDeadline() const {
  return Deadline::After(engine_->pool->options().reset_timeout,
                         *engine_->clock);
}

absl::StatusOr<Statement*> ConnectionCore::Take(absl::string_view sql,
                                                bool* cached) {
  Statement* statement = entry_->statements.Find(sql);
  *cached = statement != nullptr;
  if (statement == nullptr) {
    auto prepared = entry_->driver->Prepare(sql, StatementDeadline());
    if (!prepared.ok()) return Failed(prepared.status(), sql);
    statement =
        entry_->statements.Insert(std::string(sql), *std::move(prepared));
  }
  statement->in_use_ = true;
  entry_->statements.NoteExecuted(statement);
  return statement;
}

absl::Status ConnectionCore::CheckParameters(Statement& statement,
                                             size_t given) {
  const auto expected = static_cast<size_t>(statement.parameter_count());
  if (given == expected) return absl::OkStatus();
  ErrorInfo info;
  info.kind = ErrorKind::kInvalidValue;
  info.dialect = engine_->dialect->name();
  info.statement = std::string(statement.sql());
  info.transaction_state =
      in_transaction() ? TransactionState::kActive : TransactionState::kNone;
  Release(&statement);
  return MakeError(std::move(info),
                   absl::StrCat("the statement has ", expected,
                                " parameters, but ", given, " were given"));
}

absl::Status ConnectionCore::Run(
    Statement** statement, Deadline deadline,
    absl::FunctionRef<absl::Status(DriverStatement&)> run) {
  absl::Status status = run(*(*statement)->driver_);
  if (ABSL_PREDICT_FALSE(!status.ok())) {
    std::string sql((*statement)->sql());
    auto info = GetErrorInfo(status);
    const bool forgotten = info && info->retry == Retry::kStatement;
    if (forgotten) entry_->statements.Evict(*statement);
    Release(*statement);
    *statement = nullptr;
    if (forgotten && !worked_in_transaction_) {
      // Another preparation, unless the transaction has work to lose.
      auto prepared = entry_->driver->Prepare(sql, deadline);
      if (!prepared.ok()) return Failed(prepared.status(), sql);
      *statement = entry_->statements.Insert(sql, *std::move(prepared));
      (*statement)->in_use_ = true;
      entry_->statements.NoteExecuted(*statement);
      status = run(*(*statement)->driver_);
      if (!status.ok()) Release(*statement);
    } else if (forgotten) {
      info->retry = Retry::kTransaction;
      status = WithErrorInfo(std::move(status), *info);
    }
    if (!status.ok()) return Failed(std::move(status), sql);
  }
  worked_ = true;
  worked_in_transaction_ = in_transaction();
  return absl::OkStatus();
}

void ConnectionCore::Release(Statement* statement) {
  statement->driver_->Reset();
  entry_->statements.Release(statement);
}

void ConnectionCore::CutCursors(const char* reason) {
  while (cursors_ != nullptr) static_cast<Cursor*>(cursors_)->Cut(reason);
}

void ConnectionCore::EndTransaction() {
  phase_ = Phase::kNone;
  database_ended_ = false;
  outcome_unknown_ = false;
  worked_in_transaction_ = false;
  first_error_ = absl::OkStatus();
  savepoints_.clear();
}

bool ConnectionCore::ResetForReturn() {
  const ResetOnReturn mode = engine_->pool->options().reset;
  const bool commits = mode == ResetOnReturn::kCommit && in_transaction() &&
                       !is_poisoned() && !lost_;
  if (engine_->events.wants(Events::kPool) && entry_->driver != nullptr) {
    engine_->events
        .Tell(PoolEvent{.action = PoolAction::kReset,
                        .connection_id = entry_->id,
                        .connection = entry_->driver.get(),
                        .reason = commits            ? "commit"
                                  : in_transaction() ? "rollback"
                                                     : "returned"})
        .IgnoreError();
  }
  deadline_ = CleanUpDeadline();
  stop_ = std::stop_token();
  // What is prepared stays so, for whoever commits it.
  if (is_prepared()) EndTransaction();
  if (commits) Commit().IgnoreError();
  if (in_transaction() || (entry_->driver != nullptr && !lost_ &&
                           entry_->driver->in_transaction())) {
    RollbackNow();
  }
  if (entry_->driver == nullptr || lost_) return false;
  return mode == ResetOnReturn::kNone || entry_->driver->Reset(deadline_).ok();
}

}  // namespace cupel::engine
