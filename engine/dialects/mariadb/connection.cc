#include "cupel/engine/dialects/mariadb/connection.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/client.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/options.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/dialects/mariadb/statement.h"
#include "cupel/engine/dialects/mariadb/text_statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "mariadb/errmsg.h"
#include "mariadb/mysql.h"
#include "mariadb/mysqld_error.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::TransactionState;

}  // namespace

// KILL QUERY hits whatever its target does when it arrives: it is sent under
// the mutex for which the end of an execution waits.
class MariadbConnection::KillCanceller final : public engine::Canceller {
 public:
  explicit KillCanceller(MariadbConnection* connection)
      : connection_(connection) {}

  void Cancel() override {
    absl::MutexLock lock(&connection_->cancel_mutex_);
    const CallToken token = connection_->running_;
    if (token == 0) return;
    connection_->cancelled_.store(token, std::memory_order_release);
    connection_->Kill(Deadline::After(kCleanUpTime));
  }

 private:
  MariadbConnection* const connection_;
};

MariadbConnection::MariadbConnection(const Options& options)
    : options_(options) {}

absl::StatusOr<std::unique_ptr<MariadbConnection>> MariadbConnection::Open(
    const Options& options, Deadline deadline) {
  auto connection =
      std::unique_ptr<MariadbConnection>(new MariadbConnection(options));
  deadline =
      deadline.is_infinite()
          ? Deadline::After(options.connect_timeout)
          : Deadline::Earlier(deadline, Deadline::After(options.connect_timeout,
                                                        deadline.clock()));
  CUPEL_RETURN_IF_ERROR(
      engine::WithContext(connection->client_.Connect(options, deadline),
                          "cannot connect to the mariadb server"));
  connection->client_.OnDeadline(
      [connection = connection.get()](const Deadline& late) {
        return connection->in_execution_ && connection->Stop(late);
      });
  connection->thread_id_ = mysql_thread_id(connection->client_.handle());
  unsigned int extended = 0;
  mariadb_get_infov(connection->client_.handle(),
                    MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended);
  connection->has_bulk_ =
      (extended & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
  CUPEL_RETURN_IF_ERROR(engine::WithContext(
      connection->SetUp(deadline), "cannot set up the mariadb session"));
  return connection;
}

bool MariadbConnection::Stop(const Deadline& deadline) {
  stopped_ = true;
  return Kill(deadline);
}

bool MariadbConnection::Kill(const Deadline& deadline) const {
  if (thread_id_ == 0) return false;
  Options options = options_;
  options.database.clear();  // it may be gone
  Client other;
  return other.Connect(options, deadline).ok() &&
         other.Query(absl::StrCat("KILL QUERY ", thread_id_), deadline);
}

absl::Status MariadbConnection::BeReady(Deadline deadline) {
  const bool had_ended = ended_by_error_;
  if (is_alive() && stream_ != nullptr) {
    CUPEL_RETURN_IF_ERROR(stream_->KeepRest(deadline));
  }
  if (!is_alive()) {
    Drop();
    return MakeStatus(
        {CR_SERVER_GONE_ERROR, "the connection is closed: open another one"},
        {.is_lost = true});
  }
  // An error among the rows: what waits must not be done on its own.
  if (!had_ended && ended_by_error_) return EndedByError();
  if (!discarded_.empty()) CloseDiscarded(deadline);
  return absl::OkStatus();
}

absl::Status MariadbConnection::Admit(const StatementTraits& traits,
                                      absl::string_view sql) {
  begins_again_ = false;
  if (traits.commits_implicitly && in_transaction_ &&
      !options_.allow_implicit_commit) {
    // One that has only read loses nothing by being committed.
    begins_again_ = traits.is_ddl && !has_work_ && !is_xa();
    if (!begins_again_) {
      return MakeDriverError(
          ErrorKind::kMisuse,
          "the statement would commit the open transaction, as DDL does on "
          "mariadb: commit or roll back first, or say implicit_commit=allow in "
          "the URL",
          sql);
    }
  } else if (!traits.only_reads || traits.takes_locks) {
    has_work_ = true;
  }
  if (traits.changes_session) session_changed_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<engine::DriverStatement>>
MariadbConnection::Prepare(absl::string_view sql, Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  auto statement = std::make_unique<MariadbStatement>(this, sql);
  absl::Status status = statement->Prepare(deadline);
  if (status.ok()) return statement;
  auto info = engine::GetErrorInfo(status);
  if (info && info->native_code == absl::StrCat(ER_UNSUPPORTED_PS)) {
    return std::make_unique<TextStatement>(this, sql);
  }
  return status;
}

absl::Status MariadbConnection::RunControl(absl::string_view sql, Phase phase,
                                           Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  if (!client_.Query(sql, deadline)) {
    return Fail(client_.error(), phase, sql, 0);
  }
  NoteStatus();
  return absl::OkStatus();
}

absl::Status MariadbConnection::ExecuteSimple(absl::string_view sql,
                                              Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  CUPEL_RETURN_IF_ERROR(Admit(TraitsOf(sql), sql));
  return RunControl(sql, Phase::kExecute, deadline);
}

absl::Status MariadbConnection::Ping(Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  int code = 0;
  client_.Run(
      deadline, [&] { return mysql_ping_start(&code, client_.handle()); },
      [&](int ready) {
        return mysql_ping_cont(&code, client_.handle(), ready);
      });
  if (code != 0) return Fail(client_.error(), Phase::kExecute, "", 0);
  return absl::OkStatus();
}

absl::Status MariadbConnection::Reset(Deadline deadline) {
  LeavePrepared();
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  CUPEL_RETURN_IF_ERROR(Rollback(deadline));
  if (!session_changed_) return absl::OkStatus();
  int code = 0;
  client_.Run(
      deadline,
      [&] { return mysql_reset_connection_start(&code, client_.handle()); },
      [&](int ready) {
        return mysql_reset_connection_cont(&code, client_.handle(), ready);
      });
  ++generation_;
  if (code != 0) return Fail(client_.error(), Phase::kExecute, "", 0);
  session_changed_ = false;
  return SetUp(deadline);
}

std::unique_ptr<engine::Canceller> MariadbConnection::canceller() {
  return std::make_unique<KillCanceller>(this);
}

CallToken MariadbConnection::Enter() {
  in_execution_ = true;
  interrupt_arrived_ = false;
  stopped_ = false;
  const CallToken token = ++last_token_;
  absl::MutexLock lock(&cancel_mutex_);
  running_ = token;
  return token;
}

void MariadbConnection::Leave(CallToken token) {
  if (token == 0) return;
  {
    absl::MutexLock lock(&cancel_mutex_);
    if (running_ != token) return;
    running_ = 0;
  }
  in_execution_ = false;
  const bool killed = std::exchange(stopped_, false) || IsCancelled(token);
  // A KILL QUERY that came too late waits for the next statement: give it one.
  if (killed && !interrupt_arrived_ && is_alive()) {
    client_.Query("DO 0", Deadline::After(kCleanUpTime));
  }
}

absl::Status MariadbConnection::Fail(const NativeError& error, Phase phase,
                                     absl::string_view sql, CallToken token,
                                     bool has_values) {
  const bool lost = !client_.is_alive();
  const bool deadline_passed = client_.deadline_passed() || stopped_;
  interrupt_arrived_ = interrupt_arrived_ ||
                       error.number == ER_QUERY_INTERRUPTED ||
                       error.number == ER_STATEMENT_TIMEOUT;
  Interruption interruption = Interruption::kNone;
  if (deadline_passed) {
    interruption = Interruption::kDeadline;
  } else if (IsCancelled(token)) {
    interruption = Interruption::kCancelled;
  }
  absl::Status status = MakeStatus(error, {.phase = phase,
                                           .statement = sql,
                                           .interruption = interruption,
                                           .is_lost = lost,
                                           .has_values = has_values,
                                           .in_transaction = in_transaction_});
  auto info = engine::GetErrorInfo(status).value_or(ErrorInfo());
  if (info.connection_state == engine::ConnectionState::kDead) {
    // A statement of its own may have been done.
    if (token != 0 && !in_transaction_) {
      info.retry = engine::Retry::kOnlyIfIdempotent;
      info.transaction_state = TransactionState::kNone;
      status = engine::WithErrorInfo(std::move(status), info);
    }
    if (in_transaction_ && phase != Phase::kCommit) ended_by_error_ = true;
    Drop();
  } else if (begins_again_) {
    BeginAgain();
  } else if (in_transaction_ && MayEndTransaction(error.number)) {
    EndTransactionAfterError();
    info.transaction_state = TransactionState::kRolledBack;
    status = engine::WithErrorInfo(std::move(status), info);
  }
  return status;
}

void MariadbConnection::Drop() {
  in_transaction_ = false;
  is_prepared_ = false;
  if (stream_ != nullptr) stream_->Cut();
  stream_ = nullptr;
  client_.Close();
  FreeDiscarded();
}

void MariadbConnection::FreeDiscarded() {
  for (MYSQL_STMT* statement : discarded_) mysql_stmt_close(statement);
  discarded_.clear();
}

void MariadbConnection::NoteStatus() {
  if (begins_again_) return BeginAgain();
  // The server counts what is prepared as open.
  in_transaction_ = !is_prepared_ && (client_.handle()->server_status &
                                      SERVER_STATUS_IN_TRANS) != 0;
}

void MariadbConnection::Discard(st_mysql_stmt* statement) {
  if (statement == nullptr) return;
  if (client_.handle() == nullptr) {
    mysql_stmt_close(statement);  // has no connection any more: frees memory
    return;
  }
  discarded_.push_back(statement);
}

void MariadbConnection::CloseDiscarded(Deadline deadline) {
  for (MYSQL_STMT* statement : std::exchange(discarded_, {})) {
    my_bool failed = 0;
    client_.Run(
        deadline, [&] { return mysql_stmt_close_start(&failed, statement); },
        [&](int ready) {
          return mysql_stmt_close_cont(&failed, statement, ready);
        });
  }
}

void MariadbConnection::Close() {
  if (client_.handle() != nullptr) Drop();
}

void MariadbConnection::Abandon() {
  in_transaction_ = false;
  client_.Abandon();
  FreeDiscarded();
}

}  // namespace cupel::mariadb_internal
