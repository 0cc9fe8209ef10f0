// The execution of a statement for many rows: they are sent one after the other
// without waiting for answers, as many as are on their way at a time; or by
// COPY, where it does the same and is worth it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/plain_insert.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

// On their way at a time; answers are waited for when there are more.
constexpr size_t kMaxRows = 512;
constexpr size_t kMaxBytes = 512 * 1024;

// COPY takes three round trips: a question to the catalogue, its start and its
// end. Rows that are sent one by one are waited for once when all are on their
// way, and before that for every half of kMaxRows: thrice from here on.
constexpr size_t kCopyFrom = kMaxRows + kMaxRows / 2;
// Goes to libpq together.
constexpr size_t kCopyBytes = 64 * 1024;

}  // namespace

struct PostgresqlStatement::Batch {
  engine::BatchSource& rows;
  engine::BatchSink* sink;
  engine::Deadline deadline;
  size_t sent = 0;
  size_t answered = 0;
  size_t bytes = 0;  // sent since the last wait
  bool in_pipeline = false;
  Result error;         // the server's first
  absl::Status failed;  // ours or the sink's first
  engine::ExecuteResult done;
};

absl::Status PostgresqlStatement::ExecuteBatch(engine::BatchSource& rows,
                                               engine::BatchSink* sink,
                                               engine::Deadline deadline) {
  Reset();
  if (changes_session_) connection_->NoteSessionChanged();
  Batch batch = {.rows = rows, .sink = sink, .deadline = deadline};
  if (connection_->copies() && rows.size() >= kCopyFrom) {
    if (const auto insert = ParsePlainInsert(sql_)) {
      CUPEL_ASSIGN_OR_RETURN(const bool copies, MayCopyTo(*insert, deadline));
      absl::Span<const engine::ValueView> left;
      if (copies) CUPEL_RETURN_IF_ERROR(CopyRows(batch, *insert, &left));
      if (!left.empty()) batch.failed = SendBatchRow(batch, left);
    }
  }
  while (batch.sent < rows.size() && batch.failed.ok()) {
    const auto values = BatchRow(batch, batch.sent);
    batch.failed = values.ok() ? SendBatchRow(batch, *values) : values.status();
  }
  CUPEL_RETURN_IF_ERROR(EndPipeline(batch));
  done_ = batch.done;
  return absl::OkStatus();
}

absl::StatusOr<bool> PostgresqlStatement::MayCopyTo(
    const PlainInsert& insert, const engine::Deadline& deadline) {
  if (IsOutdated()) CUPEL_RETURN_IF_ERROR(Prepare(deadline));
  if (typed_by_values_ || connection_->has_failed()) return false;
  CUPEL_ASSIGN_OR_RETURN(
      const std::vector<std::string> catalog,
      connection_->SelectTexts(insert.CatalogQuery(), deadline));
  return MayCopy(insert, types_, catalog);
}

absl::Status PostgresqlStatement::CopyRows(
    Batch& batch, const PlainInsert& insert,
    absl::Span<const engine::ValueView>* left) {
  CUPEL_RETURN_IF_ERROR(StartCopy(batch, insert));
  const absl::Status stopped = SendCopyRows(batch, left);
  // What the source has given before its error was executed, as row by row.
  CUPEL_RETURN_IF_ERROR(EndCopy(batch, !absl::IsCancelled(stopped)));
  CUPEL_RETURN_IF_ERROR(batch.failed);
  const engine::ExecuteResult done = {.affected_rows = 1};
  while (batch.answered < batch.sent) {
    const size_t i = batch.answered++;
    if (batch.sink == nullptr) continue;
    CUPEL_RETURN_IF_ERROR(batch.sink->OnRow(i, done, {}));
  }
  return absl::OkStatus();
}

absl::Status PostgresqlStatement::StartCopy(Batch& batch,
                                            const PlainInsert& insert) {
  CUPEL_RETURN_IF_ERROR(
      connection_->Start(Phase::kExecute, sql_, batch.deadline));
  connection_->NoteWritten();
  if (PQsendQueryParams(connection_->handle(), insert.CopySql().c_str(), 0,
                        nullptr, nullptr, nullptr, nullptr, 0) == 0) {
    return connection_->SendFailed();
  }
  Result result;
  CUPEL_RETURN_IF_ERROR(connection_->NextResult(&result));
  if (result == nullptr) return connection_->SendFailed();
  if (PQresultStatus(result.get()) == PGRES_COPY_IN) return absl::OkStatus();
  return Fail(result.get());
}

// kCancelled: the COPY was asked to stop. Other errors are in the batch.
absl::Status PostgresqlStatement::SendCopyRows(
    Batch& batch, absl::Span<const engine::ValueView>* left) {
  std::string buffer;
  AppendCopyHeader(&buffer);
  while (batch.sent < batch.rows.size()) {
    auto values = BatchRow(batch, batch.sent);
    batch.failed = values.status();
    if (!batch.failed.ok()) break;
    if (!Fits(*values)) {
      is_current_ = false;  // it is prepared for other types
      *left = *values;
      break;
    }
    batch.failed = parameters_.Encode(*values, types_);
    if (!batch.failed.ok()) break;
    AppendCopyRow(parameters_, &buffer);
    ++batch.sent;
    if (buffer.size() < kCopyBytes) continue;
    if (!connection_->SendCopyData(buffer)) return absl::CancelledError();
    buffer.clear();
  }
  AppendCopyTrailer(&buffer);
  if (!connection_->SendCopyData(buffer)) return absl::CancelledError();
  return absl::OkStatus();
}

absl::Status PostgresqlStatement::EndCopy(Batch& batch, bool whole) {
  // A reason makes the server give it all up.
  if (PQputCopyEnd(connection_->handle(),
                   whole ? nullptr : "it was interrupted") != 1) {
    connection_->GiveUp();
    return connection_->SendFailed();
  }
  return connection_->ReadAll([&](Result result) {
    int64_t rows = 0;
    if (absl::SimpleAtoi(PQcmdTuples(result.get()), &rows)) {
      batch.done.affected_rows += rows;
    }
  });
}

absl::StatusOr<absl::Span<const engine::ValueView>>
PostgresqlStatement::BatchRow(Batch& batch, size_t i) {
  CUPEL_ASSIGN_OR_RETURN(const auto values, batch.rows.row(i));
  if (values.size() != types_.size()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "a row of the batch has another number of values "
                             "than the statement has parameters");
  }
  return values;
}

absl::Status PostgresqlStatement::SendBatchRow(
    Batch& batch, absl::Span<const engine::ValueView> values) {
  if (!Fits(values) || IsOutdated()) {
    CUPEL_RETURN_IF_ERROR(EndPipeline(batch));
    CUPEL_RETURN_IF_ERROR(Prepare(batch.deadline));
  }
  CUPEL_RETURN_IF_ERROR(parameters_.Encode(values, types_));
  if (!batch.in_pipeline) {
    CUPEL_RETURN_IF_ERROR(
        connection_->Start(Phase::kExecute, sql_, batch.deadline));
    connection_->NoteWritten();
    PQenterPipelineMode(connection_->handle());
    batch.in_pipeline = true;
  }
  if (!Send()) {
    absl::Status status = connection_->SendFailed();
    batch.in_pipeline = connection_->is_alive();
    return status;
  }
  ++batch.sent;
  batch.bytes += parameters_.total_bytes();
  if (batch.sent - batch.answered < kMaxRows && batch.bytes < kMaxBytes) {
    return absl::OkStatus();
  }
  PQsendFlushRequest(connection_->handle());
  batch.bytes = 0;
  return ReadAnswers(batch, batch.sent - (batch.sent - batch.answered) / 2);
}

// Reads until `until` rows have their answer.
absl::Status PostgresqlStatement::ReadAnswers(Batch& batch, size_t until) {
  while (batch.answered < until) {
    Result result;
    absl::Status status = connection_->NextResult(&result);
    if (!status.ok()) {
      batch.in_pipeline = false;
      return status;
    }
    if (result != nullptr) {
      CUPEL_RETURN_IF_ERROR(TakeAnswer(batch, std::move(result)));
    } else if (PQstatus(connection_->handle()) != CONNECTION_OK) {
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status PostgresqlStatement::TakeAnswer(Batch& batch, Result result) {
  if (IsError(result.get())) {
    // libpq has nothing more to say about a row than this.
    batch.answered = batch.sent;
    if (batch.error == nullptr) batch.error = std::move(result);
    return absl::CancelledError();  // EndPipeline makes the real one
  }
  const size_t i = batch.answered++;
  const engine::ExecuteResult done = DoneBy(result.get());
  batch.done.affected_rows += done.affected_rows;
  if (batch.sink == nullptr || !batch.failed.ok()) return absl::OkStatus();
  row_.Clear();
  if (PQntuples(result.get()) > 0) {
    CUPEL_RETURN_IF_ERROR(ReadRow(result.get(), 0));
  }
  absl::Status status = batch.sink->OnRow(i, done, row_.cells());
  row_.Clear();
  return status;
}

// Reads all answers and leaves the pipeline. The first error of the batch.
absl::Status PostgresqlStatement::EndPipeline(Batch& batch) {
  if (!batch.in_pipeline) return batch.failed;
  batch.in_pipeline = false;
  connection_->EndOfPipeline();
  absl::Status status = connection_->ReadAll([&](Result result) {
    if (batch.error != nullptr) return;
    absl::Status taken = TakeAnswer(batch, std::move(result));
    if (batch.failed.ok()) batch.failed = std::move(taken);
  });
  if (batch.error != nullptr) return Fail(batch.error.get());
  return status.ok() ? batch.failed : status;
}

}  // namespace cupel::postgresql_internal
