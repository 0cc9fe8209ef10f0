#include "cupel/engine/dialects/sqlite/statement.h"

#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/connection.h"
#include "cupel/engine/dialects/sqlite/errors.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::MakeError;
using engine::ValueKind;
using engine::ValueView;

constexpr size_t kMaxBytes = INT_MAX;

int64_t TotalChanges(sqlite3* database) {
#if SQLITE_VERSION_NUMBER >= 3037000
  return sqlite3_total_changes64(database);
#else
  return sqlite3_total_changes(database);
#endif
}

int64_t Changes(sqlite3* database) {
#if SQLITE_VERSION_NUMBER >= 3037000
  return sqlite3_changes64(database);
#else
  return sqlite3_changes(database);
#endif
}

// An empty text or blob whose pointer is null would be bound as NULL.
const char* DataOf(absl::string_view bytes) {
  return bytes.data() == nullptr ? "" : bytes.data();
}

std::string OrEmpty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

SqliteStatement::SqliteStatement(SqliteConnection* connection,
                                 sqlite3_stmt* statement)
    : connection_(connection),
      statement_(statement),
      parameter_count_(sqlite3_bind_parameter_count(statement)),
      writes_(sqlite3_stmt_readonly(statement) == 0) {}

SqliteStatement::~SqliteStatement() {
  // An abandoned connection leaves its statements alone, too.
  if (connection_->database() == nullptr) return;
  connection_->Leave(token_);
  sqlite3_finalize(statement_);
}

absl::Span<const engine::ColumnInfo> SqliteStatement::columns() const {
  if (columns_.empty()) {
    const int count = sqlite3_column_count(statement_);
    columns_.reserve(count);
    for (int i = 0; i < count; ++i) {
      columns_.push_back({OrEmpty(sqlite3_column_name(statement_, i)),
                          OrEmpty(sqlite3_column_decltype(statement_, i))});
    }
  }
  return columns_;
}

int SqliteStatement::BindOne(int index, const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kInt64:
      return sqlite3_bind_int64(statement_, index, value.int64_value());
    case ValueKind::kText:
    case ValueKind::kJson:
      return sqlite3_bind_text64(statement_, index, DataOf(value.bytes()),
                                 value.bytes().size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    case ValueKind::kDouble:
      return sqlite3_bind_double(statement_, index, value.double_value());
    case ValueKind::kBlob:
      return sqlite3_bind_blob64(statement_, index, DataOf(value.bytes()),
                                 value.bytes().size(), SQLITE_STATIC);
    case ValueKind::kBool:
      return sqlite3_bind_int(statement_, index, value.bool_value() ? 1 : 0);
    case ValueKind::kNull:
      return sqlite3_bind_null(statement_, index);
    default:
      return SQLITE_MISMATCH;
  }
}

absl::Status SqliteStatement::Bind(absl::Span<const ValueView> parameters) {
  if (ABSL_PREDICT_FALSE(parameters.size() !=
                         static_cast<size_t>(parameter_count_))) {
    return MakeError(
        ErrorKind::kMisuse,
        absl::StrCat("the statement has ", parameter_count_, " parameters, ",
                     parameters.size(), " values were given"));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    const ValueView& value = parameters[i];
    if (value.kind() == ValueKind::kDouble &&
        ABSL_PREDICT_FALSE(std::isnan(value.double_value()))) {
      return MakeError(ErrorKind::kInvalidValue,
                       absl::StrCat("parameter ", i + 1,
                                    " is not a number (NaN), which sqlite "
                                    "would store as NULL"));
    }
    if (value.has_bytes() &&
        ABSL_PREDICT_FALSE(value.bytes().size() > kMaxBytes)) {
      return MakeError(
          ErrorKind::kTooBig,
          absl::StrCat("parameter ", i + 1, " has ", value.bytes().size(),
                       " bytes, at most ", kMaxBytes, " are possible"));
    }
    const int code = BindOne(static_cast<int>(i) + 1, value);
    if (ABSL_PREDICT_TRUE(code == SQLITE_OK)) continue;
    if (code == SQLITE_MISMATCH) {
      return MakeError(
          ErrorKind::kMisuse,
          absl::StrCat("parameter ", i + 1, ", ", value.DebugString(),
                       ", has no form in sqlite: encode it by "
                       "the codec of its type"));
    }
    return Fail(code);
  }
  return absl::OkStatus();
}

bool SqliteStatement::FetchRow() {
  const int count = sqlite3_data_count(statement_);
  if (ABSL_PREDICT_FALSE(row_.size() != static_cast<size_t>(count))) {
    row_.resize(count);
  }
  for (int i = 0; i < count; ++i) {
    sqlite3_value* value = sqlite3_column_value(statement_, i);
    switch (sqlite3_value_type(value)) {
      case SQLITE_INTEGER:
        row_[i] = ValueView::Int64(sqlite3_value_int64(value));
        break;
      case SQLITE_FLOAT:
        row_[i] = ValueView::Double(sqlite3_value_double(value));
        break;
      case SQLITE_TEXT: {
        const auto* text =
            reinterpret_cast<const char*>(sqlite3_value_text(value));
        if (ABSL_PREDICT_FALSE(text == nullptr)) return false;
        row_[i] = ValueView::Text(
            {text, static_cast<size_t>(sqlite3_value_bytes(value))});
        break;
      }
      case SQLITE_BLOB: {
        const auto* blob = static_cast<const char*>(sqlite3_value_blob(value));
        const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
        if (ABSL_PREDICT_FALSE(blob == nullptr && size != 0)) return false;
        row_[i] = ValueView::Blob({blob == nullptr ? "" : blob, size});
        break;
      }
      default:
        row_[i] = ValueView::Null();
        break;
    }
  }
  return true;
}

int SqliteStatement::Step() {
  const int code = sqlite3_step(statement_);
  if (ABSL_PREDICT_TRUE(code == SQLITE_ROW)) {
    return ABSL_PREDICT_TRUE(FetchRow()) ? SQLITE_ROW : SQLITE_NOMEM;
  }
  if (ABSL_PREDICT_TRUE(code == SQLITE_DONE)) Finish();
  return code;
}

// Notes what was done and gives the locks back.
void SqliteStatement::Finish() {
  sqlite3* database = connection_->database();
  result_.affected_rows = 0;
  if (writes_) {
    // DDL leaves the count of the last DML as it was.
    if (TotalChanges(database) != changes_before_) {
      result_.affected_rows = Changes(database);
    }
    result_.last_insert_id = sqlite3_last_insert_rowid(database);
  }
  sqlite3_reset(statement_);
  state_ = State::kIdle;
}

absl::Status SqliteStatement::Fail(int code) {
  const char* sql = sqlite3_sql(statement_);
  absl::Status status =
      connection_->Fail(code, Phase::kStep, sql, was_in_transaction_);
  sqlite3_reset(statement_);
  connection_->Leave(token_);
  state_ = State::kIdle;
  return status;
}

absl::Status SqliteStatement::Start(absl::Span<const ValueView> parameters) {
  CUPEL_RETURN_IF_ERROR(Bind(parameters));
  if (writes_) changes_before_ = TotalChanges(connection_->database());
  const int code = Step();
  if (code == SQLITE_DONE) return absl::OkStatus();
  if (ABSL_PREDICT_FALSE(code != SQLITE_ROW)) return Fail(code);
  state_ = State::kFirstRow;
  return absl::OkStatus();
}

absl::Status SqliteStatement::Execute(absl::Span<const ValueView> parameters,
                                      Deadline deadline) {
  Reset();
  token_ = connection_->NewToken();
  connection_->Enter(token_, deadline);
  was_in_transaction_ = connection_->in_transaction();
  if (absl::Status status = Start(parameters); !status.ok()) {
    connection_->Leave(token_);
    return status;
  }
  if (state_ == State::kIdle) {
    connection_->Leave(token_);
    return absl::OkStatus();
  }
  connection_->Pause();
  if (!columns_.empty()) {
    // Another schema may have given other columns.
    const int count =
        sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_REPREPARE, 0);
    if (count != prepare_count_) columns_.clear();
    prepare_count_ = count;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SqliteStatement::Next(Deadline deadline) {
  if (state_ == State::kFirstRow) {
    state_ = State::kRows;
    return true;
  }
  if (state_ == State::kIdle) return false;
  connection_->Enter(token_, deadline);
  if (ABSL_PREDICT_FALSE(connection_->IsCancelled(token_))) {
    absl::Status status = connection_->FailCancelled(sqlite3_sql(statement_));
    Reset();
    return status;
  }
  const int code = Step();
  if (ABSL_PREDICT_TRUE(code == SQLITE_ROW)) {
    connection_->Pause();
    return true;
  }
  if (ABSL_PREDICT_FALSE(code != SQLITE_DONE)) return Fail(code);
  connection_->Leave(token_);
  return false;
}

void SqliteStatement::Reset() {
  if (state_ == State::kIdle) return;
  connection_->Leave(token_);
  sqlite3_reset(statement_);
  state_ = State::kIdle;
}

absl::Status SqliteStatement::ExecuteBatchRow(size_t i,
                                              engine::BatchSource& rows,
                                              engine::BatchSink* sink) {
  CUPEL_ASSIGN_OR_RETURN(const absl::Span<const ValueView> values, rows.row(i));
  CUPEL_RETURN_IF_ERROR(Start(values));
  if (state_ == State::kIdle) {
    return sink == nullptr ? absl::OkStatus() : sink->OnRow(i, result_, {});
  }
  // A row of RETURNING: all of the work is done by now, and the counts of a
  // statement that has given all its rows are final.
  engine::ExecuteResult result;
  result.affected_rows = 1;
  result.last_insert_id = sqlite3_last_insert_rowid(connection_->database());
  absl::Status status =
      sink == nullptr ? absl::OkStatus() : sink->OnRow(i, result, row_);
  if (!status.ok()) return status;
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = Step();
  return code == SQLITE_DONE ? absl::OkStatus() : Fail(code);
}

absl::Status SqliteStatement::ExecuteBatch(engine::BatchSource& rows,
                                           engine::BatchSink* sink,
                                           Deadline deadline) {
  Reset();
  token_ = connection_->NewToken();
  was_in_transaction_ = connection_->in_transaction();
  absl::Status status;
  const size_t count = rows.size();
  for (size_t i = 0; i < count && status.ok(); ++i) {
    // Again for each row: who supplies or takes one may use the connection.
    connection_->Enter(token_, deadline);
    if (ABSL_PREDICT_FALSE(connection_->IsCancelled(token_))) {
      status = connection_->FailCancelled(sqlite3_sql(statement_));
    } else {
      status = ExecuteBatchRow(i, rows, sink);
    }
  }
  Reset();
  connection_->Leave(token_);
  return status;
}

}  // namespace cupel::sqlite_internal
