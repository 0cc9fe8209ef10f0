#include "cupel/engine/dialects/mariadb/statement.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/client.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "mariadb/errmsg.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::Value;
using engine::ValueView;

// How long the rest of a result is read away before the server is asked to
// stop sending it, and how long altogether.
constexpr absl::Duration kDrainTime = absl::Milliseconds(50);
constexpr absl::Duration kDrainLimit = absl::Seconds(10);

absl::Status CancelledStatus(absl::string_view sql, bool in_transaction) {
  engine::ErrorInfo info;
  info.kind = ErrorKind::kInterrupted;
  info.dialect = "mariadb";
  info.statement = std::string(sql);
  if (in_transaction) {
    info.transaction_state = engine::TransactionState::kActive;
  }
  return engine::MakeError(std::move(info), "the statement was cancelled");
}

}  // namespace

MariadbStatement::MariadbStatement(MariadbConnection* connection,
                                   absl::string_view sql)
    : connection_(connection), sql_(sql), traits_(TraitsOf(sql)) {}

MariadbStatement::~MariadbStatement() {
  Reset();
  connection_->Discard(std::exchange(statement_, nullptr));
}

absl::Status MariadbStatement::Prepare(Deadline deadline) {
  Client& client = connection_->client();
  if (absl::StrContains(sql_, '\0')) {
    return MakeDriverError(ErrorKind::kInvalidValue, "the SQL text holds NUL");
  }
  CUPEL_RETURN_IF_ERROR(CheckSize(0));
  connection_->Discard(std::exchange(statement_, nullptr));
  statement_ = mysql_stmt_init(client.handle());
  if (statement_ == nullptr) {
    return MakeDriverError(ErrorKind::kOutOfMemory,
                           "no memory for a statement");
  }
  token_ = connection_->Enter();
  int code = 0;
  client.Run(
      deadline,
      [&] {
        return mysql_stmt_prepare_start(&code, statement_, sql_.data(),
                                        sql_.size());
      },
      [&](int ready) {
        return mysql_stmt_prepare_cont(&code, statement_, ready);
      });
  if (code != 0) {
    absl::Status status = Fail(Phase::kPrepare);
    // It is of no use: the next execution prepares another one.
    connection_->Discard(std::exchange(statement_, nullptr));
    return status;
  }
  connection_->Leave(std::exchange(token_, 0));
  generation_ = connection_->generation();
  parameter_count_ = static_cast<int>(mysql_stmt_param_count(statement_));
  decoder_.TakeColumns(statement_, &columns_);
  return absl::OkStatus();
}

absl::Span<const engine::ColumnInfo> MariadbStatement::columns() const {
  return columns_;
}

// A message that is too long costs the connection.
absl::Status MariadbStatement::CheckSize(size_t parameter_bytes) const {
  const size_t limit = connection_->max_packet_bytes();
  const size_t size =
      parameter_bytes + (parameter_bytes == 0 ? sql_.size() : 0);
  if (limit == 0 || size < limit) return absl::OkStatus();
  return MakeDriverError(
      ErrorKind::kTooBig,
      absl::StrCat("the statement with its values has up to ", size,
                   " bytes; the server takes ", limit,
                   " (its max_allowed_packet)"),
      sql_);
}

absl::Status MariadbStatement::BeReady(Deadline deadline) {
  if (state_ != State::kIdle) Reset();
  CUPEL_RETURN_IF_ERROR(connection_->BeReady(deadline));
  CUPEL_RETURN_IF_ERROR(connection_->Admit(traits_, sql_));
  if (statement_ != nullptr && generation_ == connection_->generation()) {
    return absl::OkStatus();
  }
  return Prepare(deadline);
}

absl::Status MariadbStatement::Execute(absl::Span<const ValueView> parameters,
                                       Deadline deadline) {
  if (parameters.size() != static_cast<size_t>(parameter_count_)) {
    return MakeDriverError(
        ErrorKind::kMisuse,
        absl::StrCat("the statement has ", parameter_count_, " parameters, ",
                     parameters.size(), " values were given"));
  }
  if (connection_->stream() == nullptr) return ExecuteNow(parameters, deadline);
  // They may be cells of a row that is gone once the rest is read.
  std::vector<Value> values;
  values.reserve(parameters.size());
  for (const ValueView& view : parameters) values.emplace_back(view);
  std::vector<ValueView> views;
  for (const Value& value : values) views.push_back(value.view());
  return ExecuteNow(views, deadline);
}

absl::Status MariadbStatement::ExecuteNow(
    absl::Span<const ValueView> parameters, Deadline deadline) {
  if (!parameters.empty()) {
    CUPEL_RETURN_IF_ERROR(parameters_.Set(parameters));
    CUPEL_RETURN_IF_ERROR(CheckSize(parameters_.size_bytes()));
  }
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  CUPEL_RETURN_IF_ERROR(BindAndSend(deadline));
  return TakeResult();
}

absl::Status MariadbStatement::BindAndSend(Deadline deadline) {
  if (parameter_count_ != 0 &&
      mysql_stmt_bind_param(statement_, parameters_.binds()) != 0) {
    return Fail(Phase::kExecute);
  }
  return Send(deadline);
}

// The table has got other columns since the statement was prepared: the library
// cannot read what the server sends.
absl::Status MariadbStatement::PrepareAgain(Deadline deadline) {
  connection_->Leave(std::exchange(token_, 0));
  my_bool failed = 0;
  MYSQL_STMT* const old = std::exchange(statement_, nullptr);
  // This reads the rows away.
  connection_->client().Run(
      deadline, [&] { return mysql_stmt_close_start(&failed, old); },
      [&](int ready) { return mysql_stmt_close_cont(&failed, old, ready); });
  if (!traits_.only_reads) {
    return MakeDriverError(ErrorKind::kInternal,
                           "the table has other columns than when the "
                           "statement was prepared; what it did is done, what "
                           "it returned is lost",
                           sql_);
  }
  CUPEL_RETURN_IF_ERROR(Prepare(deadline));
  return BindAndSend(deadline);
}

absl::Status MariadbStatement::Send(Deadline deadline) {
  rows_read_ = 0;
  result_ = engine::ExecuteResult();
  row_ = {};
  token_ = connection_->Enter();
  int code = 0;
  connection_->client().Run(
      deadline, [&] { return mysql_stmt_execute_start(&code, statement_); },
      [&](int ready) {
        return mysql_stmt_execute_cont(&code, statement_, ready);
      });
  if (code != 0 && mysql_stmt_errno(statement_) == CR_NEW_STMT_METADATA) {
    return PrepareAgain(deadline);
  }
  if (code != 0) return Fail(Phase::kExecute);
  connection_->NoteStatus();
  return absl::OkStatus();
}

absl::Status MariadbStatement::TakeResult() {
  // Null behind DDL whose transaction could not be begun again.
  const MYSQL* const handle = connection_->client().handle();
  if (handle != nullptr && handle->field_count != 0) {
    decoder_.TakeColumns(statement_, &columns_);
    state_ = State::kRows;
    connection_->set_stream(this);
    return absl::OkStatus();
  }
  EndStream();
  const uint64_t key = mysql_stmt_insert_id(statement_);
  if (key > std::numeric_limits<int64_t>::max()) {
    return MakeDriverError(ErrorKind::kTooBig,
                           "the key that the server generated is beyond "
                           "9223372036854775807",
                           sql_);
  }
  const auto affected =
      static_cast<int64_t>(mysql_stmt_affected_rows(statement_));
  result_.affected_rows = affected < 0 ? 0 : affected;
  result_.last_insert_id = static_cast<int64_t>(key);
  return absl::OkStatus();
}

absl::StatusOr<bool> MariadbStatement::Next(Deadline deadline) {
  if (state_ == State::kKept) return NextKept();
  if (state_ == State::kIdle) return false;
  if (connection_->IsCancelled(token_)) {
    absl::Status status = CancelledStatus(sql_, connection_->in_transaction());
    Reset();
    return status;
  }
  CUPEL_ASSIGN_OR_RETURN(const bool more, Fetch(deadline));
  if (!more) return false;
  absl::Status status = decoder_.Decode(statement_);
  if (!status.ok()) {
    Reset();
    return status;
  }
  row_ = decoder_.row();
  return true;
}

absl::StatusOr<bool> MariadbStatement::Fetch(Deadline deadline) {
  Client& client = connection_->client();
  int code = 0;
  if (client.HasRow()) {
    code = mysql_stmt_fetch(statement_);
  } else {
    client.Run(
        deadline, [&] { return mysql_stmt_fetch_start(&code, statement_); },
        [&](int ready) {
          return mysql_stmt_fetch_cont(&code, statement_, ready);
        });
  }
  if (code == 0) {
    ++rows_read_;
    return true;
  }
  // The end and an error look alike but for the error's number.
  if (code != MYSQL_NO_DATA || NativeErrorNow().number != 0) {
    return Fail(Phase::kExecute);
  }
  CUPEL_RETURN_IF_ERROR(FinishResults(deadline));
  // A procedure may have ended the transaction.
  connection_->NoteStatus();
  EndStream();
  if (!traits_.only_reads) result_.affected_rows = rows_read_;
  return false;
}

// What a procedure sends behind its first result.
absl::Status MariadbStatement::FinishResults(Deadline deadline) {
  Client& client = connection_->client();
  while (client.is_alive() && mysql_stmt_more_results(statement_)) {
    int code = 0;
    client.Run(
        deadline,
        [&] { return mysql_stmt_next_result_start(&code, statement_); },
        [&](int ready) {
          return mysql_stmt_next_result_cont(&code, statement_, ready);
        });
    if (code > 0) return Fail(Phase::kExecute);
    if (code < 0) break;
    while (client.handle()->field_count != 0 && code == 0) {
      client.Run(
          deadline, [&] { return mysql_stmt_fetch_start(&code, statement_); },
          [&](int ready) {
            return mysql_stmt_fetch_cont(&code, statement_, ready);
          });
      if (code == 1) return Fail(Phase::kExecute);
    }
  }
  return absl::OkStatus();
}

// The row that is being looked at stays where it is, as a copy.
void MariadbStatement::KeepRow() {
  if (row_.empty()) return;
  kept_views_ = decoder_.TakeRow();
  kept_row_.clear();
  kept_row_.reserve(kept_views_.size());
  for (ValueView& cell : kept_views_) {
    cell = kept_row_.emplace_back(cell).view();
  }
}

absl::Status MariadbStatement::KeepRest(Deadline deadline) {
  KeepRow();
  const absl::Span<const ValueView> row_now = row_;
  while (true) {
    absl::StatusOr<bool> more = Fetch(deadline);
    absl::Status status = more.status();
    if (status.ok() && *more) status = decoder_.Decode(statement_);
    if (!status.ok()) {
      // It is the reader's error, not that of the statement which waits; that
      // one finds a lost connection by itself.
      if (state_ == State::kRows) Drain();
      kept_error_ = std::move(status);
      break;
    }
    if (!*more) break;
    std::vector<Value> row;
    row.reserve(decoder_.row().size());
    for (const ValueView& cell : decoder_.row()) row.emplace_back(cell);
    kept_.push_back(std::move(row));
  }
  row_ = row_now;
  state_ = State::kKept;
  return absl::OkStatus();
}

absl::StatusOr<bool> MariadbStatement::NextKept() {
  if (kept_.empty()) {
    state_ = State::kIdle;
    row_ = {};
    if (!kept_error_.ok()) return std::exchange(kept_error_, absl::OkStatus());
    return false;
  }
  kept_row_ = std::move(kept_.front());
  kept_.pop_front();
  kept_views_.clear();
  for (const Value& cell : kept_row_) kept_views_.push_back(cell.view());
  row_ = kept_views_;
  return true;
}

void MariadbStatement::Drain() {
  Client& client = connection_->client();
  const Deadline limit = Deadline::After(kDrainLimit);
  // What is here needs no clock.
  while (client.is_alive() && state_ == State::kRows && client.HasRow()) {
    if (!Fetch(limit).ok()) return;
  }
  if (state_ != State::kRows) return;
  const Deadline patience = Deadline::After(kDrainTime);
  bool stopped = !traits_.only_reads;
  while (client.is_alive() && state_ == State::kRows) {
    if (!stopped && patience.IsOver()) {
      stopped = true;
      connection_->Stop(limit);
    }
    if (limit.IsOver() || !Fetch(limit).ok()) break;
  }
}

void MariadbStatement::Reset() {
  const bool had_ended = connection_->ended_by_error();
  if (state_ == State::kRows) Drain();
  const bool goes_on = state_ == State::kRows && connection_->stream() == this;
  // An error that nobody is told of has ended the transaction, or the rows go
  // on for ever: better no connection than a wrong one.
  if (goes_on || (!had_ended && connection_->ended_by_error())) {
    connection_->Close();
  }
  state_ = State::kIdle;
  EndStream();
  row_ = {};
  kept_.clear();
  kept_error_ = absl::OkStatus();
}

void MariadbStatement::Cut() {
  if (state_ == State::kRows) state_ = State::kIdle;
}

void MariadbStatement::EndStream() {
  if (state_ == State::kRows) state_ = State::kIdle;
  if (connection_->stream() == this) connection_->set_stream(nullptr);
  row_ = {};
  connection_->Leave(std::exchange(token_, 0));
}

NativeError MariadbStatement::NativeErrorNow() const {
  const NativeError error = connection_->client().error();
  if (mysql_stmt_errno(statement_) == 0) return error;
  // Behind a lost connection the library's own words say why.
  if (connection_->client().handle() == nullptr) return error;
  return {mysql_stmt_errno(statement_), mysql_stmt_error(statement_)};
}

absl::Status MariadbStatement::Fail(Phase phase) {
  if (connection_->stream() == this) connection_->set_stream(nullptr);
  if (state_ == State::kRows) state_ = State::kIdle;
  row_ = {};
  absl::Status status = connection_->Fail(NativeErrorNow(), phase, sql_, token_,
                                          parameter_count_ != 0);
  connection_->Leave(std::exchange(token_, 0));
  return status;
}

}  // namespace cupel::mariadb_internal
