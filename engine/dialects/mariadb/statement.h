// A prepared statement of MariaDB behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_STATEMENT_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_STATEMENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/parameters.h"
#include "cupel/engine/dialects/mariadb/row_decoder.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

namespace cupel::mariadb_internal {

// Rows are read one by one as they come. When another statement needs the
// connection, the rest is read into memory first.
class MariadbStatement final : public engine::DriverStatement,
                               private RowStream {
 public:
  // `connection` must outlive this, but for a connection that is abandoned.
  MariadbStatement(MariadbConnection* connection, absl::string_view sql);
  ~MariadbStatement() override;
  MariadbStatement(const MariadbStatement&) = delete;
  MariadbStatement& operator=(const MariadbStatement&) = delete;

  // Requires that the connection is ready.
  absl::Status Prepare(engine::Deadline deadline);

  int parameter_count() const override { return parameter_count_; }
  absl::Span<const engine::ColumnInfo> columns() const override;

  absl::Status Execute(absl::Span<const engine::ValueView> parameters,
                       engine::Deadline deadline) override;
  absl::StatusOr<bool> Next(engine::Deadline deadline) override;
  absl::Span<const engine::ValueView> row() const override { return row_; }
  engine::ExecuteResult result() const override { return result_; }
  void Reset() override;
  // By the bulk protocol, in one round trip for many rows, when nobody asks
  // what each row did, or when the sum tells: in a transaction, rows of an
  // UPDATE or DELETE by a primary key are each of one row or of none.
  absl::Status ExecuteBatch(engine::BatchSource& rows, engine::BatchSink* sink,
                            engine::Deadline deadline) override;

 private:
  // kKept: the rest of the rows is in memory.
  enum class State : uint8_t { kIdle, kRows, kKept };

  absl::Status ExecuteNow(absl::Span<const engine::ValueView> parameters,
                          engine::Deadline deadline);
  absl::Status KeepRest(engine::Deadline deadline) override;
  void KeepRow();
  void Cut() override;

  // Sees to it that the statement can be executed now.
  absl::Status BeReady(engine::Deadline deadline);
  absl::Status CheckSize(size_t parameter_bytes) const;
  absl::Status BindAndSend(engine::Deadline deadline);
  absl::Status Send(engine::Deadline deadline);
  absl::Status PrepareAgain(engine::Deadline deadline);
  absl::Status TakeResult();
  // The next row from the server; false at the end, and the stream is over.
  absl::StatusOr<bool> Fetch(engine::Deadline deadline);
  absl::Status FinishResults(engine::Deadline deadline);
  absl::StatusOr<bool> NextKept();
  // Reads the rest away; the connection is closed if that takes too long.
  void Drain();
  NativeError NativeErrorNow() const;
  absl::Status Fail(Phase phase);
  void EndStream();

  bool CanGoInBulk() const;
  // With a sink: each row must be of one row of its table at most.
  absl::Status ExecuteBulk(engine::BatchSource& rows, engine::BatchSink* sink,
                           engine::Deadline deadline);
  absl::Status SendBulk(BulkParameters* bulk, engine::Deadline deadline);
  // Whether the statement is for one row of its table at most.
  bool IsOfOneRow(engine::Deadline deadline);
  // Rows of the batch from `first` on.
  absl::Status SendBulkTold(BulkParameters* bulk, size_t first,
                            engine::BatchSink& sink, engine::Deadline deadline);
  absl::Status ExecuteOneByOne(const BulkParameters& bulk, size_t first,
                               engine::BatchSink& sink,
                               engine::Deadline deadline);
  absl::Status ExecuteBatchRow(size_t i,
                               absl::Span<const engine::ValueView> row,
                               engine::BatchSink* sink,
                               engine::Deadline deadline);

  MariadbConnection* const connection_;
  const std::string sql_;
  const StatementTraits traits_;
  st_mysql_stmt* statement_ = nullptr;
  int generation_ = 0;
  int parameter_count_ = 0;
  State state_ = State::kIdle;
  CallToken token_ = 0;
  Parameters parameters_;
  RowDecoder decoder_;
  int64_t rows_read_ = 0;
  engine::ExecuteResult result_;
  absl::Span<const engine::ValueView> row_;
  std::deque<std::vector<engine::Value>> kept_;
  std::vector<engine::Value> kept_row_;
  std::vector<engine::ValueView> kept_views_;
  absl::Status kept_error_;
  std::vector<engine::ColumnInfo> columns_;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_STATEMENT_H_
