// The execution of a statement for many rows: they are sent one after the other
// without waiting for answers, as many as are on their way at a time.

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/status_macros.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

// On their way at a time; answers are waited for when there are more.
constexpr size_t kMaxRows = 512;
constexpr size_t kMaxBytes = 512 * 1024;

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
  Batch batch = {.rows = rows, .sink = sink, .deadline = deadline};
  for (size_t i = 0; i < rows.size() && batch.failed.ok(); ++i) {
    batch.failed = SendBatchRow(batch, i);
  }
  CUPEL_RETURN_IF_ERROR(EndPipeline(batch));
  done_ = batch.done;
  return absl::OkStatus();
}

absl::Status PostgresqlStatement::SendBatchRow(Batch& batch, size_t i) {
  CUPEL_ASSIGN_OR_RETURN(const auto values, batch.rows.row(i));
  if (values.size() != types_.size()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "a row of the batch has another number of values "
                             "than the statement has parameters");
  }
  const bool fit =
      !(has_text_parameters_ || typed_by_values_) || TypesFit(values);
  if (!fit || IsOutdated()) {
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
  if (PQntuples(result.get()) > 0 && !row_.Read(result.get(), 0)) {
    return engine::MakeError(engine::ErrorKind::kInternal,
                             "the server sent a malformed row");
  }
  absl::Status status = batch.sink->OnRow(i, done, row_.cells());
  row_.Clear();
  return status;
}

// Reads all answers and leaves the pipeline. The first error of the batch.
absl::Status PostgresqlStatement::EndPipeline(Batch& batch) {
  if (!batch.in_pipeline) return batch.failed;
  batch.in_pipeline = false;
  PQpipelineSync(connection_->handle());
  absl::Status status = connection_->ReadAll([&](Result result) {
    if (batch.error != nullptr) return;
    absl::Status taken = TakeAnswer(batch, std::move(result));
    if (batch.failed.ok()) batch.failed = std::move(taken);
  });
  if (batch.error != nullptr) return connection_->Fail(batch.error.get());
  return status.ok() ? batch.failed : status;
}

}  // namespace cupel::postgresql_internal
