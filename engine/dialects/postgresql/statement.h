// A prepared statement of PostgreSQL behind the interface of the engine.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_STATEMENT_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_STATEMENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
#include "cupel/engine/dialects/postgresql/plain_insert.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {

// The server chooses the types of parameters. One that it takes for text for
// want of anything better ("SELECT $1") is declared by the value that comes:
// the statement is prepared anew then. Confined to its connection.
class PostgresqlStatement final : public engine::DriverStatement {
 public:
  // `connection` must outlive this.
  PostgresqlStatement(PostgresqlConnection* connection, std::string sql);
  ~PostgresqlStatement() override;
  PostgresqlStatement(const PostgresqlStatement&) = delete;
  PostgresqlStatement& operator=(const PostgresqlStatement&) = delete;

  absl::Status Prepare(const engine::Deadline& deadline);

  int parameter_count() const override {
    return static_cast<int>(types_.size());
  }
  absl::Span<const engine::ColumnInfo> columns() const override {
    return columns_;
  }

  // Waits for the first row or the end: errors of the statement show here.
  absl::Status Execute(absl::Span<const engine::ValueView> parameters,
                       engine::Deadline deadline) override;
  absl::StatusOr<bool> Next(engine::Deadline deadline) override;
  absl::Span<const engine::ValueView> row() const override {
    return row_.cells();
  }
  engine::ExecuteResult result() const override { return done_; }
  void Reset() override;

  // Sends many rows before the answer to the first is there.
  absl::Status ExecuteBatch(engine::BatchSource& rows, engine::BatchSink* sink,
                            engine::Deadline deadline) override;

  // Makes room for another command. An error of this statement is kept for its
  // next call; the error returned is one of the connection.
  absl::Status ReadRestIntoMemory();

  // The most rows of one result that were in memory at a time.
  size_t most_rows_kept() const { return most_rows_kept_; }

 private:
  struct Batch;

  // kFirst: a row was fetched that Next has not yet announced.
  enum class State : uint8_t { kIdle, kFirst, kRows };

  // Takes the types of the parameters as the server has found them.
  void TakeParameters(const pg_result* description);
  // Whether the declared types go with the values; notes others if not.
  bool TypesFit(absl::Span<const engine::ValueView> parameters);
  absl::Status PrepareFor(absl::Span<const engine::ValueView> parameters,
                          const engine::Deadline& deadline);
  // Whether it has to be prepared before the next execution.
  bool IsOutdated() const {
    return !is_current_ || schema_version_ != connection_->schema_version();
  }
  bool Send();
  // The status of the server's error, after which it may be outdated.
  absl::Status Fail(const pg_result* error);
  // Takes the next result: a row, the end, or an error.
  absl::Status Fetch(const engine::Deadline& deadline);
  absl::Status TakeRow();
  // Reads row `index` of `result`. Errors: also that the columns are not those
  // that were described.
  absl::Status ReadRow(const pg_result* result, int index);
  absl::Status CheckColumns(const pg_result* result);
  // Whether rows with columns of these types come in binary.
  bool ReadsBinary(const std::vector<TypeId>& types) const;
  // Reads behind the last row.
  absl::Status End(Result result);
  absl::Status Abort(absl::Status status);

  // Whether the query is read through a cursor of the server.
  bool UsesCursor() const;
  absl::Status OpenCursor(const engine::Deadline& deadline);
  // The next row of the page, or of the next page.
  absl::Status FetchFromCursor(const engine::Deadline& deadline);
  absl::Status FetchPage(const engine::Deadline& deadline);
  absl::Status TakePageRow();
  // Whether its transaction is still open.
  bool CursorIsOpen() const;
  absl::Status CloseCursor(const engine::Deadline& deadline);
  // Ends reading through it; returns `status`.
  absl::Status DropCursor(absl::Status status);

  // Whether COPY does what this statement does.
  absl::StatusOr<bool> MayCopyTo(const PlainInsert& insert,
                                 const engine::Deadline& deadline);
  // Sends rows by COPY until one needs the server to convert a value; `left` is
  // that row.
  absl::Status CopyRows(Batch& batch, const PlainInsert& insert,
                        absl::Span<const engine::ValueView>* left);
  absl::Status StartCopy(Batch& batch, const PlainInsert& insert);
  absl::Status SendCopyRows(Batch& batch,
                            absl::Span<const engine::ValueView>* left);
  absl::Status EndCopy(Batch& batch, bool whole);
  // Whether the types of the parameters are right for the values.
  bool Fits(absl::Span<const engine::ValueView> values) {
    return !(has_text_parameters_ || typed_by_values_) || TypesFit(values);
  }

  absl::StatusOr<absl::Span<const engine::ValueView>> BatchRow(Batch& batch,
                                                               size_t i);
  absl::Status SendBatchRow(Batch& batch,
                            absl::Span<const engine::ValueView> values);
  absl::Status ReadAnswers(Batch& batch, size_t until);
  absl::Status TakeAnswer(Batch& batch, Result result);
  absl::Status EndPipeline(Batch& batch);

  PostgresqlConnection* const connection_;
  const std::string sql_;
  const bool changes_session_;
  std::string name_;              // empty: not prepared in the session
  std::vector<TypeId> declared_;  // what we asked for
  std::vector<TypeId> types_;     // what the server expects
  bool has_text_parameters_ = false;
  // The server cannot tell the types without the values ("SELECT $1 * $2"):
  // they are declared, and the statement is prepared when the values come.
  bool typed_by_values_ = false;
  // Prepared, and nothing is known by which it would mean something else now.
  bool is_current_ = false;
  uint64_t schema_version_ = 0;  // when it was prepared
  bool binary_ = true;
  bool was_executed_ = false;  // since it was prepared
  std::vector<engine::ColumnInfo> columns_;
  std::vector<TypeId> column_types_;

  State state_ = State::kIdle;
  Parameters parameters_;
  Result current_;
  std::deque<Result> kept_;  // rows read ahead for another statement's sake
  bool kept_all_ = false;    // kept_ holds all that is left
  absl::Status kept_error_;
  Row row_;
  engine::ExecuteResult done_;

  // The server's cursor that gives the rows; empty: there is none.
  std::string cursor_;
  uint64_t cursor_transaction_ = 0;
  int64_t page_rows_ = 0;  // asked for at a time
  Result page_;
  int next_in_page_ = 0;
  size_t most_rows_kept_ = 0;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_STATEMENT_H_
