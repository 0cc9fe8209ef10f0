#include "cupel/query/result.h"

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/compiled.h"
#include "cupel/schema/schema.h"

namespace cupel::query_internal {
namespace {

absl::Status CheckCount(size_t rows, bool more, RowDemand demand) {
  if (more &&
      (demand == RowDemand::kExactlyOne || demand == RowDemand::kAtMostOne)) {
    return engine::MakeError({.kind = engine::ErrorKind::kMultipleRows},
                             "cupel: one row was expected, there are more");
  }
  if (rows == 0 && demand == RowDemand::kExactlyOne) {
    return engine::MakeError({.kind = engine::ErrorKind::kNotFound},
                             "cupel: one row was expected, there is none");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadRows(engine::Connection& connection,
                      query::StatementCache& cache,
                      const query::Statement& statement, RowDemand demand,
                      size_t width,
                      absl::FunctionRef<void(absl::Span<CellTarget>)> row) {
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         query::Execute(connection, cache, statement));
  if (cursor.column_count() != width) {
    return absl::InvalidArgumentError(
        absl::StrCat("cupel: a row of ", width, " values was asked for; the ",
                     "statement has ", cursor.column_count(), " columns"));
  }
  absl::InlinedVector<CellTarget, 16> targets(width);
  size_t rows = 0;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    const bool enough = rows == 1 && demand != RowDemand::kAny;
    if (!more || enough) return CheckCount(rows, more, demand);
    ++rows;
    row(absl::MakeSpan(targets));
    for (size_t i = 0; i < width; ++i) {
      CUPEL_RETURN_IF_ERROR(cursor.Read(i, *targets[i].ops, targets[i].object));
    }
    if (demand == RowDemand::kFirst) return absl::OkStatus();
  }
}

}  // namespace cupel::query_internal
