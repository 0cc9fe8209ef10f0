#include "cupel/engine/dialects/postgresql/statement.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Deadline;
using engine::ValueKind;
using engine::ValueView;

// Whether the server may understand a statement with other types of parameters.
bool NeedsTypes(absl::string_view sqlstate) {
  for (absl::string_view code :
       {"42725", "42804", "42846", "42883", "42P08", "42P18"}) {
    if (sqlstate == code) return true;
  }
  return false;
}

bool NeedsTypes(const absl::Status& status) {
  const auto info = engine::GetErrorInfo(status);
  return info && NeedsTypes(info->native_code);
}

// The type of a value where nothing else tells one. Arithmetic on nothing but
// parameters has the range of our integers.
TypeId FullTypeFor(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kInt64:
      return kInt8Id;
    case ValueKind::kText:
      return kTextId;
    case ValueKind::kJson:
      return kJsonbId;
    default:
      return TypeFor(value);
  }
}

bool HasColumnsOf(const pg_result* result, const std::vector<TypeId>& types) {
  if (static_cast<size_t>(PQnfields(result)) != types.size()) return false;
  for (size_t i = 0; i < types.size(); ++i) {
    if (PQftype(result, static_cast<int>(i)) != types[i]) return false;
  }
  return true;
}

// Of a query whose rows come one by one.
bool IsRow(const pg_result* result) {
  return result != nullptr && PQresultStatus(result) == PGRES_SINGLE_TUPLE;
}

absl::Status Malformed() {
  return engine::MakeError(engine::ErrorKind::kInternal,
                           "the server sent a value that is not of the form "
                           "of its type");
}

}  // namespace

PostgresqlStatement::PostgresqlStatement(PostgresqlConnection* connection,
                                         std::string sql)
    : connection_(connection),
      sql_(std::move(sql)),
      changes_session_(ChangesSession(sql_)) {}

PostgresqlStatement::~PostgresqlStatement() {
  Reset();
  if (!name_.empty()) connection_->Forget(std::move(name_));
}

absl::Status PostgresqlStatement::Prepare(const Deadline& deadline) {
  // Whatever fails below is tried again by the next execution.
  is_current_ = false;
  const std::string name =
      connection_->prepares() ? connection_->NewName() : "";
  const size_t parameters = HighestParameter(sql_);
  const bool may_wait = declared_.empty() && parameters > 0;
  auto described =
      connection_->Describe(name, sql_, declared_, may_wait, deadline);
  if (may_wait && NeedsTypes(described.status())) {
    typed_by_values_ = true;
    types_.assign(parameters, kUnspecifiedId);
    declared_.assign(parameters, kUnspecifiedId);
    return absl::OkStatus();
  }
  if (!described.ok()) return described.status();
  schema_version_ = connection_->schema_version();
  if (!name_.empty()) connection_->Forget(std::move(name_));
  name_ = name;
  was_executed_ = false;
  TakeParameters(described->get());
  columns_ = ColumnsOf(described->get());
  column_types_ = TypesOf(described->get());
  CUPEL_RETURN_IF_ERROR(connection_->LookUpEnums(column_types_, deadline));
  binary_ = ReadsBinary(column_types_);
  is_current_ = true;
  return absl::OkStatus();
}

void PostgresqlStatement::TakeParameters(const pg_result* description) {
  types_.resize(static_cast<size_t>(PQnparams(description)));
  declared_.resize(types_.size(), kUnspecifiedId);
  has_text_parameters_ = false;
  for (size_t i = 0; i < types_.size(); ++i) {
    types_[i] = PQparamtype(description, static_cast<int>(i));
    if (types_[i] == kTextId || declared_[i] != kUnspecifiedId) {
      has_text_parameters_ = true;
    }
  }
}

bool PostgresqlStatement::ReadsBinary(const std::vector<TypeId>& types) const {
  return std::all_of(types.begin(), types.end(), [this](TypeId type) {
    return HasBinaryReader(type) || connection_->IsEnum(type);
  });
}

bool PostgresqlStatement::TypesFit(absl::Span<const ValueView> parameters) {
  bool fit = true;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const ValueView& value = parameters[i];
    if (value.is_null() || (!typed_by_values_ && types_[i] != kTextId &&
                            declared_[i] == kUnspecifiedId)) {
      continue;
    }
    const TypeId wanted =
        typed_by_values_ ? FullTypeFor(value) : TypeFor(value);
    const bool is_wider =
        declared_[i] == kInt8Id && value.kind() == ValueKind::kInt64;
    if (wanted == declared_[i] || is_wider) continue;
    declared_[i] = wanted;
    fit = false;
  }
  return fit;
}

absl::Status PostgresqlStatement::PrepareFor(
    absl::Span<const ValueView> parameters, const Deadline& deadline) {
  const bool fit = Fits(parameters);
  if (fit && !IsOutdated()) return absl::OkStatus();
  return Prepare(deadline);
}

bool PostgresqlStatement::Send() {
  const int format = binary_ ? 1 : 0;
  if (name_.empty()) {
    return PQsendQueryParams(connection_->handle(), sql_.c_str(),
                             parameters_.size(), types_.data(),
                             parameters_.pointers(), parameters_.lengths(),
                             parameters_.formats(), format) != 0;
  }
  return PQsendQueryPrepared(connection_->handle(), name_.c_str(),
                             parameters_.size(), parameters_.pointers(),
                             parameters_.lengths(), parameters_.formats(),
                             format) != 0;
}

absl::Status PostgresqlStatement::Execute(
    absl::Span<const ValueView> parameters, Deadline deadline) {
  Reset();
  done_ = {};
  if (changes_session_) connection_->NoteSessionChanged();
  CUPEL_RETURN_IF_ERROR(PrepareFor(parameters, deadline));
  absl::Status encoded = parameters_.Encode(parameters, types_);
  if (!encoded.ok() && was_executed_) {
    // The columns that the types come from may be others by now.
    CUPEL_RETURN_IF_ERROR(Prepare(deadline));
    encoded = parameters_.Encode(parameters, types_);
  }
  if (!encoded.ok()) return encoded;
  was_executed_ = true;
  if (UsesCursor()) return OpenCursor(deadline);
  CUPEL_RETURN_IF_ERROR(connection_->Start(Phase::kExecute, sql_, deadline));
  if (!Send()) return connection_->SendFailed();
  if (!columns_.empty()) PQsetSingleRowMode(connection_->handle());
  connection_->SetReader(this);
  state_ = State::kFirst;
  return Fetch(deadline);
}

absl::Status PostgresqlStatement::Abort(absl::Status status) {
  connection_->SetReader(nullptr);
  state_ = State::kIdle;
  row_.Clear();
  return status;
}

absl::Status PostgresqlStatement::Fetch(const Deadline& deadline) {
  if (!kept_.empty()) {
    current_ = std::move(kept_.front());
    kept_.pop_front();
    return TakeRow();
  }
  if (kept_all_) {
    kept_all_ = false;
    return Abort(std::exchange(kept_error_, absl::OkStatus()));
  }
  // The last row's memory first: libpq takes it again for the next one.
  current_.reset();
  Result result;
  const bool arrived = connection_->TakeArrived(&result);
  if (arrived && IsRow(result.get())) {
    current_ = std::move(result);
    return TakeRow();
  }
  connection_->SetDeadline(deadline);
  if (!arrived) {
    absl::Status status = connection_->NextResult(&result);
    if (!status.ok()) return Abort(std::move(status));
    if (IsRow(result.get())) {
      current_ = std::move(result);
      return TakeRow();
    }
  }
  connection_->SetReader(nullptr);
  return Abort(End(std::move(result)));
}

absl::Status PostgresqlStatement::TakeRow() {
  absl::Status status = ReadRow(current_.get(), 0);
  if (!status.ok()) Reset();
  return status;
}

absl::Status PostgresqlStatement::ReadRow(const pg_result* result, int index) {
  // One that the server keeps prepared gives the columns that it has described,
  // or an error. Others are understood anew at each execution.
  if (!row_.has_columns() && (name_.empty() || !cursor_.empty())) {
    CUPEL_RETURN_IF_ERROR(CheckColumns(result));
  }
  return row_.Read(result, index) ? absl::OkStatus() : Malformed();
}

absl::Status PostgresqlStatement::CheckColumns(const pg_result* result) {
  if (HasColumnsOf(result, column_types_)) return absl::OkStatus();
  is_current_ = false;
  columns_ = ColumnsOf(result);
  column_types_ = TypesOf(result);
  if (!binary_ || ReadsBinary(column_types_)) return absl::OkStatus();
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kMisuse;
  info.dialect = "postgresql";
  info.statement = sql_;
  info.retry = engine::Retry::kOnlyIfIdempotent;
  return engine::MakeError(std::move(info),
                           "a column has got another type since the statement "
                           "was prepared: execute it again");
}

absl::Status PostgresqlStatement::Fail(const pg_result* error) {
  const ServerError server = ServerErrorOf(error);
  // Types that do not go together any more: those of the parameters may be of
  // columns as they were.
  if (IsStale(server) || NeedsTypes(server.sqlstate)) is_current_ = false;
  return connection_->Fail(error);
}

// What follows the rows: how it ended, and then nothing.
absl::Status PostgresqlStatement::End(Result result) {
  if (result != nullptr) {
    if (IsError(result.get())) return Fail(result.get());
    if (PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) {
      CUPEL_RETURN_IF_ERROR(connection_->ReadAll([](Result) {}));
      return engine::MakeError(engine::ErrorKind::kSyntax,
                               "the SQL text holds no statement");
    }
    done_ = DoneBy(result.get());
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK ||
        done_.affected_rows > 0) {
      connection_->NoteWritten();
    }
  }
  return connection_->ReadAll([](Result) {});
}

absl::StatusOr<bool> PostgresqlStatement::Next(Deadline deadline) {
  if (state_ == State::kIdle) return false;
  if (state_ == State::kRows) {
    if (!cursor_.empty()) {
      CUPEL_RETURN_IF_ERROR(FetchFromCursor(deadline));
    } else {
      CUPEL_RETURN_IF_ERROR(Fetch(deadline));
    }
  }
  if (state_ == State::kIdle) return false;
  state_ = State::kRows;
  return true;
}

absl::Status PostgresqlStatement::ReadRestIntoMemory() {
  connection_->SetReader(nullptr);
  while (true) {
    Result result;
    absl::Status status = connection_->NextResult(&result);
    if (!status.ok()) {
      kept_error_ = status;
      kept_all_ = true;
      return status;
    }
    if (IsRow(result.get())) {
      kept_.push_back(std::move(result));
      most_rows_kept_ = std::max(most_rows_kept_, kept_.size());
      continue;
    }
    kept_error_ = End(std::move(result));
    kept_all_ = true;
    return connection_->is_alive() ? absl::OkStatus() : kept_error_;
  }
}

void PostgresqlStatement::Reset() {
  if (state_ == State::kIdle) return;
  const bool is_reading = !kept_all_;
  state_ = State::kIdle;
  kept_.clear();
  kept_all_ = false;
  kept_error_ = absl::OkStatus();
  row_.Clear();
  if (!cursor_.empty()) {
    DropCursor(absl::OkStatus()).IgnoreError();
  } else if (is_reading) {
    connection_->DropRest();
  }
  current_.reset();
}

}  // namespace cupel::postgresql_internal
