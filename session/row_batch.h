// RowBatch: one compiled INSERT, UPDATE or DELETE with the members of many
// entities as its parameters, executed as one batch.

#ifndef CUPEL_SESSION_ROW_BATCH_H_
#define CUPEL_SESSION_ROW_BATCH_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/row_value.h"

namespace cupel::session {

// Confined to one flush.
class RowBatch final : private engine::BatchSource, private engine::BatchSink {
 public:
  // `values` are the parameters in the canonical order of the statement.
  // `page_rows` is how many rows one statement of ExecutePages() has; 0: as
  // many as the database takes.
  RowBatch(std::shared_ptr<const query::Compiled> compiled,
           std::vector<RowValue> values, absl::Span<const BatchRow> rows,
           size_t page_rows = 0);

  using Done = absl::FunctionRef<absl::Status(
      const BatchRow& row, const engine::ExecuteResult& result,
      absl::Span<const engine::ValueView> returned)>;
  // Executes; `done` hears of each row.
  absl::Status Execute(engine::Connection& connection, Done done);
  // The same of an INSERT of one row, as statements of many rows.
  absl::Status ExecutePages(engine::Connection& connection, Done done);

 private:
  size_t size() const override { return rows_.size(); }
  absl::StatusOr<absl::Span<const engine::ValueView>> row(size_t i) override;
  absl::Status OnRow(size_t i, const engine::ExecuteResult& result,
                     absl::Span<const engine::ValueView> returned) override;
  absl::Status BindDefault(const query::BindSite& site, const BatchRow& row,
                           engine::BoundValue* out) const;

  std::shared_ptr<const query::Compiled> compiled_;
  std::vector<RowValue> values_;
  std::vector<bool> may_not_fit_;  // by value
  absl::Span<const BatchRow> rows_;
  const Done* done_ = nullptr;
  const size_t page_rows_;
  // Of one row, or of the rows of a page.
  std::vector<engine::BoundValue> logical_;
  std::vector<engine::BoundValue> encoded_;
  std::vector<engine::ValueView> views_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ROW_BATCH_H_
