#include "cupel/engine/dialects/postgresql/connection.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/link.h"
#include "cupel/engine/dialects/postgresql/options.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::TransactionState;

// How long an answer may come late, when the URL does not say: a tenth of what
// the caller gave, so that calls end when they should.
constexpr absl::Duration kMinGrace = absl::Milliseconds(40);
constexpr absl::Duration kMaxGrace = absl::Seconds(2);
constexpr absl::Duration kBetweenCancels = absl::Milliseconds(20);
// How long somebody else's request to cancel may take.
constexpr absl::Duration kCancelTimeout = absl::Seconds(2);
// Rows that nobody wants: what has arrived is read, then the statement is
// cancelled. In a transaction that would undo the transaction: there they are
// read to the end, if it comes soon enough.
constexpr absl::Duration kReadBeforeCancel = absl::Milliseconds(10);
constexpr absl::Duration kReadInTransaction = absl::Seconds(30);

std::string BeginText(const engine::TransactionOptions& options) {
  std::string text = "BEGIN";
  switch (options.isolation) {
    case IsolationLevel::kDefault:
    case IsolationLevel::kAutocommit:
      break;
    case IsolationLevel::kReadUncommitted:
      absl::StrAppend(&text, " ISOLATION LEVEL READ UNCOMMITTED");
      break;
    case IsolationLevel::kReadCommitted:
      absl::StrAppend(&text, " ISOLATION LEVEL READ COMMITTED");
      break;
    case IsolationLevel::kRepeatableRead:
      absl::StrAppend(&text, " ISOLATION LEVEL REPEATABLE READ");
      break;
    case IsolationLevel::kSerializable:
      absl::StrAppend(&text, " ISOLATION LEVEL SERIALIZABLE");
      break;
  }
  if (options.read_only) absl::StrAppend(&text, " READ ONLY");
  if (options.deferrable) absl::StrAppend(&text, " DEFERRABLE");
  return text;
}

// The beginning of names that no other connection of any process gives. A proxy
// may hand a session of the server from one to the next: a name that means
// something there already must be an error, never somebody else's statement.
std::string NewPrefix() {
  uint64_t number = 0;
  if (getentropy(&number, sizeof(number)) != 0) {
    number = static_cast<uint64_t>(absl::GetCurrentTimeNanos());
  }
  return absl::StrCat("cupel_", absl::Hex(number), "_");
}

}  // namespace

class PostgresqlConnection::GateCanceller final : public engine::Canceller {
 public:
  explicit GateCanceller(CancelGate* gate) : gate_(gate) {}
  void Cancel() override {
    gate_->Cancel(Interruption::kCancelled, kCancelTimeout);
  }

 private:
  CancelGate* const gate_;
};

absl::StatusOr<std::unique_ptr<PostgresqlConnection>>
PostgresqlConnection::Open(const Options& options, Deadline deadline) {
  auto connection =
      std::unique_ptr<PostgresqlConnection>(new PostgresqlConnection(options));
  CUPEL_ASSIGN_OR_RETURN(connection->link_, Link::Connect(options, deadline));
  connection->gate_.SetTarget(connection->handle());
  connection->names_ = NewPrefix();
  return connection;
}

PostgresqlConnection::~PostgresqlConnection() { Close(); }

void PostgresqlConnection::Close() {
  if (link_ != nullptr) link_->Close();
}

void PostgresqlConnection::Abandon() { link_->Abandon(); }

void* PostgresqlConnection::native_handle() {
  session_changed_ = true;
  return handle();
}

std::unique_ptr<engine::Canceller> PostgresqlConnection::canceller() {
  return std::make_unique<GateCanceller>(&gate_);
}

bool PostgresqlConnection::in_transaction() const {
  if (!link_->is_alive()) return false;
  switch (PQtransactionStatus(handle())) {
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
      return true;
    case PQTRANS_ACTIVE:  // rows are on their way
      return was_in_transaction_;
    default:
      return false;
  }
}

bool PostgresqlConnection::has_failed() const {
  return link_->is_alive() && PQtransactionStatus(handle()) == PQTRANS_INERROR;
}

TransactionState PostgresqlConnection::StateNow() const {
  switch (PQtransactionStatus(handle())) {
    case PQTRANS_INERROR:
      return TransactionState::kPoisoned;
    case PQTRANS_INTRANS:
      return TransactionState::kActive;
    default:
      return was_in_transaction_ ? TransactionState::kRolledBack
                                 : TransactionState::kNone;
  }
}

ErrorContext PostgresqlConnection::Context() const {
  return {.phase = phase_,
          .statement = sql_,
          .interruption = gate_.why(),
          .was_in_transaction = was_in_transaction_};
}

std::string PostgresqlConnection::NewName() {
  return absl::StrCat(names_, ++last_name_);
}

void PostgresqlConnection::SetDeadline(const Deadline& deadline) {
  // What is cancelled has its time to end, whoever waits for it.
  if (interrupted_ && deadline.Remaining() < deadline_.Remaining()) return;
  deadline_ = deadline;
  grace_ = cancel_grace_.value_or(
      std::clamp(deadline.Remaining() / 10, kMinGrace, kMaxGrace));
}

absl::Status PostgresqlConnection::Start(Phase phase, absl::string_view sql,
                                         const Deadline& deadline) {
  if (reader_ != nullptr) {
    SetDeadline(deadline);
    CUPEL_RETURN_IF_ERROR(reader_->ReadRestIntoMemory());
  }
  phase_ = phase;
  sql_.assign(sql.data(), sql.size());
  was_in_transaction_ = in_transaction();
  interrupted_ = false;
  SetDeadline(deadline);
  if (!link_->is_alive()) {
    // Nothing was sent, so nothing was done: not even a COMMIT.
    ErrorContext context = Context();
    context.phase = Phase::kControl;
    context.was_in_transaction = phase == Phase::kCommit;
    ServerError error;
    error.message = "it was lost before";
    return MakeStatus(error, false, TransactionState::kNone, context);
  }
  if (!deadline.is_infinite() && deadline.IsOver()) {
    engine::ErrorInfo info;
    info.kind = ErrorKind::kStatementTimeout;
    info.dialect = "postgresql";
    info.transaction_state = StateNow();
    return engine::MakeError(std::move(info),
                             "the deadline was over before the statement "
                             "could be sent");
  }
  if (phase == Phase::kExecute) {
    ++executed_in_transaction_;
    if (ChangesSchema(sql)) ++schema_version_;
  }
  gate_.Open();
  return absl::OkStatus();
}

void PostgresqlConnection::Interrupt() {
  interrupted_ = true;
  // Nobody knows whether a COMMIT that is interrupted has happened; and it is
  // not worth knowing when the connection is given up anyway.
  if (phase_ != Phase::kCommit) {
    gate_.Cancel(Interruption::kDeadline, grace_);
  }
}

// Waits for a result until the late deadline, and asks again meanwhile: the
// first request is lost when the server had not begun with the statement yet.
bool PostgresqlConnection::AwaitCancelled(Result* out) {
  while (true) {
    const Deadline pause = Deadline::After(kBetweenCancels);
    if (link_->Next(Deadline::Earlier(deadline_, pause), out)) return true;
    if (deadline_.IsOver()) return false;
    gate_.Cancel(Interruption::kDeadline, deadline_.Remaining());
  }
}

absl::Status PostgresqlConnection::NextResult(Result* out) {
  if (!interrupted_) {
    if (link_->Next(deadline_, out)) return absl::OkStatus();
    const Deadline late = Deadline::After(grace_);
    Interrupt();
    deadline_ = late;
  }
  if (phase_ != Phase::kCommit && AwaitCancelled(out)) return absl::OkStatus();
  link_->Drop();
  if (phase_ != Phase::kCommit) gate_.KeepCancelling();
  reader_ = nullptr;
  absl::Status status = NoAnswer(Context());
  Finish();
  return status;
}

absl::Status PostgresqlConnection::ReadAll(
    absl::FunctionRef<void(Result)> take) {
  const bool pipeline = PQpipelineStatus(handle()) != PQ_PIPELINE_OFF;
  Result error;
  while (true) {
    Result result;
    CUPEL_RETURN_IF_ERROR(NextResult(&result));
    if (result == nullptr) {
      if (!pipeline || !link_->is_alive()) break;
      continue;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
        status == PGRES_COPY_BOTH) {
      link_->Drop();
      Finish();
      return engine::MakeError(ErrorKind::kUnsupported,
                               "COPY between the server and the client is not "
                               "supported; the connection is closed");
    }
    if (IsError(result.get())) {
      if (error == nullptr) error = std::move(result);
    } else {
      take(std::move(result));
    }
  }
  if (pipeline) PQexitPipelineMode(handle());
  if (error != nullptr) return Fail(error.get());
  if (!link_->is_alive()) return SendFailed();
  Finish();
  return absl::OkStatus();
}

void PostgresqlConnection::Finish() {
  if (!gate_.Close()) link_->Drop();
}

// Requires: the end of the command was read, or will be by the loop.
absl::Status PostgresqlConnection::Fail(const pg_result* error) {
  const ServerError server = ServerErrorOf(error);
  // Only the end of the command tells what became of the transaction.
  while (PQtransactionStatus(handle()) == PQTRANS_ACTIVE) {
    Result rest;
    CUPEL_RETURN_IF_ERROR(NextResult(&rest));
    if (rest == nullptr) break;
  }
  const bool answered = link_->is_alive();
  Finish();
  ErrorContext context = Context();
  // The server has said what happened, but a request to cancel is under way.
  context.is_given_up = !link_->is_alive();
  absl::Status status = MakeStatus(server, answered, StateNow(), context);
  const auto info = engine::GetErrorInfo(status);
  if (info && info->connection_state == engine::ConnectionState::kDead) {
    link_->Drop();
  }
  // Of our own commands none is worth it.
  const bool restarts =
      IsStale(server) && phase_ == Phase::kExecute && link_->is_alive();
  return restarts ? Restart(std::move(status)) : status;
}

absl::Status PostgresqlConnection::Restart(absl::Status stale) {
  if (!was_in_transaction_) return stale;
  auto info = engine::GetErrorInfo(stale);
  if (executed_in_transaction_ <= 1) {
    const engine::TransactionOptions options = transaction_;
    const Deadline deadline = Deadline::After(kMaxGrace);
    CUPEL_RETURN_IF_ERROR(Rollback(deadline));
    CUPEL_RETURN_IF_ERROR(Begin(options, deadline));
    info->transaction_state = TransactionState::kActive;
  } else {
    info->retry = engine::Retry::kTransaction;
  }
  return engine::WithErrorInfo(std::move(stale), *info);
}

bool PostgresqlConnection::SendCopyData(absl::string_view data) {
  if (!data.empty() && PQputCopyData(handle(), data.data(),
                                     static_cast<int>(data.size())) != 1) {
    return false;
  }
  if (link_->Flush(deadline_) && !deadline_.IsOver()) {
    return gate_.why() == Interruption::kNone;
  }
  const Deadline late = Deadline::After(grace_);
  Interrupt();
  deadline_ = late;
  return false;
}

absl::Status PostgresqlConnection::SendFailed() {
  ServerError error;
  error.message = PQerrorMessage(handle());
  Finish();
  const bool alive = link_->is_alive();
  if (alive) {
    // libpq itself refuses: too many parameters, a wrong state.
    engine::ErrorInfo info;
    info.kind = ErrorKind::kInvalidValue;
    info.dialect = "postgresql";
    info.statement = sql_;
    info.transaction_state = StateNow();
    return engine::MakeError(std::move(info), OneLine(error.message));
  }
  return MakeStatus(error, alive, StateNow(), Context());
}

void PostgresqlConnection::DropRest() {
  const auto drop_until = [&](absl::Duration timeout) {
    const Deadline deadline = Deadline::After(timeout);
    Result result;
    while (link_->Next(deadline, &result)) {
      if (result == nullptr) return true;
      // Somebody sends faster than the end can come.
      if (deadline.IsOver()) return false;
    }
    return false;
  };
  reader_ = nullptr;
  if (link_->is_alive()) {
    // A server that is silent is waited for no longer than the caller would.
    const absl::Duration in_transaction =
        std::clamp(deadline_.Remaining(), kMaxGrace, kReadInTransaction);
    bool done =
        drop_until(was_in_transaction_ ? in_transaction : kReadBeforeCancel);
    if (!done && !was_in_transaction_) {
      gate_.Cancel(Interruption::kCancelled, kCancelTimeout);
      done = drop_until(kCancelTimeout);
    }
    if (!done) link_->Drop();
  }
  Finish();
}

absl::Status PostgresqlConnection::Run(Phase phase, absl::string_view sql,
                                       const Deadline& deadline,
                                       absl::FunctionRef<void(Result)> take) {
  CUPEL_RETURN_IF_ERROR(CheckSqlText(sql));
  CUPEL_RETURN_IF_ERROR(Start(phase, sql, deadline));
  // Not PQsendQuery: the simple protocol would take several statements.
  if (PQsendQueryParams(handle(), sql_.c_str(), 0, nullptr, nullptr, nullptr,
                        nullptr, 0) == 0) {
    return SendFailed();
  }
  return ReadAll(take);
}

void PostgresqlConnection::EndOfPipeline() {
  // Without it the answers would have no end.
  if (PQpipelineSync(handle()) == 0) link_->Drop();
}

absl::Status PostgresqlConnection::RunAll(const std::vector<std::string>& texts,
                                          const Deadline& deadline) {
  CUPEL_RETURN_IF_ERROR(Start(Phase::kControl, texts.front(), deadline));
  PQenterPipelineMode(handle());
  for (const std::string& text : texts) {
    if (PQsendQueryParams(handle(), text.c_str(), 0, nullptr, nullptr, nullptr,
                          nullptr, 1) == 0) {
      link_->Drop();
      return SendFailed();
    }
  }
  EndOfPipeline();
  return ReadAll([](Result) {});
}

absl::Status PostgresqlConnection::ExecuteSimple(absl::string_view sql,
                                                 Deadline deadline) {
  if (ChangesSession(sql)) session_changed_ = true;
  NoteUndone();  // by a rollback to a savepoint
  return Run(Phase::kExecute, sql, deadline, [](Result) {});
}

absl::Status PostgresqlConnection::Begin(
    const engine::TransactionOptions& options, Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(CloseForgotten(deadline));
  transaction_ = options;
  ++transaction_serial_;
  executed_in_transaction_ = 0;
  wrote_in_transaction_ = false;
  version_at_begin_ = schema_version_;
  return Run(Phase::kControl, BeginText(options), deadline, [](Result) {});
}

absl::Status PostgresqlConnection::Rollback(Deadline deadline) {
  NoteUndone();
  return Run(Phase::kControl, "ROLLBACK", deadline, [](Result) {});
}

absl::Status PostgresqlConnection::Ping(Deadline deadline) {
  return Run(Phase::kControl, "", deadline, [](Result) {});
}

absl::Status PostgresqlConnection::Reset(Deadline deadline) {
  // Behind a proxy the session may be somebody else's by now.
  if (!session_changed_ || !owns_session_) return absl::OkStatus();
  // DISCARD ALL but for the prepared statements, which stay good.
  CUPEL_RETURN_IF_ERROR(
      RunAll({"CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL",
              "UNLISTEN *", "SELECT pg_advisory_unlock_all()",
              "DISCARD SEQUENCES", "DISCARD TEMP"},
             deadline));
  session_changed_ = false;
  return absl::OkStatus();
}

}  // namespace cupel::postgresql_internal
