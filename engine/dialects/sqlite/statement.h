// A prepared statement of SQLite behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_STATEMENT_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_STATEMENT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/connection.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

struct sqlite3_stmt;

namespace cupel::sqlite_internal {

// Bound texts and blobs are not copied: what the views point to must stay until
// the execution is over (see DriverStatement::Execute).
class SqliteStatement final : public engine::DriverStatement {
 public:
  // Takes `statement` over. `connection` must outlive this.
  SqliteStatement(SqliteConnection* connection, sqlite3_stmt* statement);
  ~SqliteStatement() override;
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  int parameter_count() const override { return parameter_count_; }
  absl::Span<const engine::ColumnInfo> columns() const override;

  // Does the first step, too: a statement without rows is done then.
  absl::Status Execute(absl::Span<const engine::ValueView> parameters,
                       engine::Deadline deadline) override;
  absl::StatusOr<bool> Next(engine::Deadline deadline) override;
  absl::Span<const engine::ValueView> row() const override { return row_; }
  engine::ExecuteResult result() const override { return result_; }
  void Reset() override;
  absl::Status ExecuteBatch(engine::BatchSource& rows, engine::BatchSink* sink,
                            engine::Deadline deadline) override;

 private:
  // kFirstRow: Execute has fetched a row that Next has not yet announced.
  enum class State : uint8_t { kIdle, kFirstRow, kRows };

  // Binds, steps once, and notes in state_ what came.
  absl::Status Start(absl::Span<const engine::ValueView> parameters);
  absl::Status Bind(absl::Span<const engine::ValueView> parameters);
  int BindOne(int index, const engine::ValueView& value);
  // Steps once: SQLITE_ROW with a row, which is fetched; SQLITE_DONE at the
  // end; or an error's code, for Fail.
  int Step();
  // False when memory has run out.
  bool FetchRow();
  void Finish();
  // The status of a failed step; resets the statement.
  absl::Status Fail(int code);
  absl::Status ExecuteBatchRow(size_t i, engine::BatchSource& rows,
                               engine::BatchSink* sink);

  SqliteConnection* const connection_;
  sqlite3_stmt* const statement_;
  const int parameter_count_;
  const bool writes_;
  State state_ = State::kIdle;
  CallToken token_ = 0;
  int prepare_count_ = 0;
  bool was_in_transaction_ = false;
  int64_t changes_before_ = 0;
  engine::ExecuteResult result_;
  std::vector<engine::ValueView> row_;
  mutable std::vector<engine::ColumnInfo> columns_;  // made when asked for
};

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_STATEMENT_H_
