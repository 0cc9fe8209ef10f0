// Statements of one shape as the rows of a batch, and cells of what comes back.
// Internal.

#ifndef CUPEL_QUERY_STATEMENT_ROWS_H_
#define CUPEL_QUERY_STATEMENT_ROWS_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/bound_parameters.h"
#include "cupel/query/compiled.h"
#include "cupel/query/execution.h"
#include "cupel/query/statement.h"
#include "cupel/query/statement_cache.h"

namespace cupel::query_internal {

// What all of `statements`, at least one, compile to. Errors: kInvalidArgument
// when they are not of one shape, hold an IN list or a named parameter.
absl::StatusOr<std::shared_ptr<const query::Compiled>> CompileBatch(
    absl::Span<const query::Statement> statements,
    const engine::Dialect& dialect, query::StatementCache& cache);

// The values of each of the statements. Must not outlive what it is made of.
class StatementRows : public engine::BatchSource {
 public:
  StatementRows(const query::Compiled& compiled,
                absl::Span<const query::Statement> statements)
      : compiled_(compiled), statements_(statements) {}

  size_t size() const override { return statements_.size(); }
  absl::StatusOr<absl::Span<const engine::ValueView>> row(size_t i) override;

 private:
  const query::Compiled& compiled_;
  const absl::Span<const query::Statement> statements_;
  std::unique_ptr<query::BoundParameters> bound_;
};

// Decodes cell `i` of `row`, in storage form: see ResultCursor::Read.
absl::Status ReadCell(const query::Compiled& compiled,
                      absl::Span<const engine::ValueView> row, size_t i,
                      const engine::TypeOps& ops, void* out);

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_STATEMENT_ROWS_H_
