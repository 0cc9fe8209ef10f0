// A statement that the server does not prepare, by the text protocol.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_TEXT_STATEMENT_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_TEXT_STATEMENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

struct st_mysql_res;

namespace cupel::mariadb_internal {

// It has no parameters. Its result is read at once; all values are texts.
class TextStatement final : public engine::DriverStatement {
 public:
  TextStatement(MariadbConnection* connection, absl::string_view sql);
  ~TextStatement() override { Reset(); }
  TextStatement(const TextStatement&) = delete;
  TextStatement& operator=(const TextStatement&) = delete;

  int parameter_count() const override { return 0; }
  absl::Span<const engine::ColumnInfo> columns() const override {
    return columns_;
  }
  absl::Status Execute(absl::Span<const engine::ValueView> parameters,
                       engine::Deadline deadline) override;
  absl::StatusOr<bool> Next(engine::Deadline deadline) override;
  absl::Span<const engine::ValueView> row() const override { return row_; }
  engine::ExecuteResult result() const override { return result_; }
  void Reset() override;
  absl::Status ExecuteBatch(engine::BatchSource& rows, engine::BatchSink* sink,
                            engine::Deadline deadline) override;

 private:
  absl::Status Send(engine::Deadline deadline);

  MariadbConnection* const connection_;
  const std::string sql_;
  const StatementTraits traits_;
  st_mysql_res* rows_ = nullptr;
  engine::ExecuteResult result_;
  std::vector<engine::ValueView> row_;
  std::vector<engine::ColumnInfo> columns_;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_TEXT_STATEMENT_H_
