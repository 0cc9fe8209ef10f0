#include "cupel/query/statement_rows.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/annotated.h"
#include "cupel/query/compiled.h"
#include "cupel/query/execution.h"
#include "cupel/query/node.h"

namespace cupel::query_internal {

using engine::ValueView;
using query::Annotated;
using query::Compiled;
using query::Statement;

absl::StatusOr<std::shared_ptr<const Compiled>> CompileBatch(
    absl::Span<const Statement> statements, const engine::Dialect& dialect,
    query::StatementCache& cache) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Compiled> compiled,
                         cache.GetOrCompile(statements[0], dialect));
  const Node& first = *statements[0].node();
  for (const Statement& statement : statements) {
    if (statement.empty() || !SameShape(*statement.node(), first)) {
      return absl::InvalidArgumentError(
          "cupel: the statements of a batch must differ in values only");
    }
  }
  if (compiled->expands) {
    return absl::InvalidArgumentError(
        "cupel: a batch takes no IN list: its length is part of the SQL");
  }
  std::vector<const Node*> binds(first.bind_count());
  CollectBinds(first, absl::MakeSpan(binds));
  CUPEL_RETURN_IF_ERROR(query::CheckParameters(binds, {}));
  return compiled;
}

absl::StatusOr<absl::Span<const ValueView>> StatementRows::row(size_t i) {
  bound_ = std::make_unique<query::BoundParameters>();
  CUPEL_RETURN_IF_ERROR(bound_->Fill(compiled_, statements_[i]));
  return bound_->values();
}

absl::Status ReadCell(const Compiled& compiled, absl::Span<const ValueView> row,
                      size_t i, const engine::TypeOps& ops, void* out) {
  if (ABSL_PREDICT_FALSE(i >= row.size())) {
    return absl::OutOfRangeError(absl::StrCat(
        "cupel: column ", i, " of a row of ", row.size(), " columns"));
  }
  const query::ResultColumn* column =
      i < compiled.columns.size() ? &compiled.columns[i] : nullptr;
  absl::Status status;
  if (column == nullptr || column->codec == nullptr || row[i].is_null()) {
    status = ops.read(row[i], out);
  } else {
    engine::BoundValue logical;
    status = column->codec->Decode(row[i], &logical);
    if (status.ok()) status = ops.read(logical.view, out);
  }
  if (ABSL_PREDICT_TRUE(status.ok())) return status;
  return Annotated(
      status, absl::StrCat("cupel: result column ", i, " \"",
                           column != nullptr ? absl::CHexEscape(column->name)
                                             : std::string(),
                           "\": "));
}

}  // namespace cupel::query_internal
