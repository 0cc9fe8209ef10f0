#include "cupel/query/execution.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/bound_parameters.h"
#include "cupel/query/compiled.h"
#include "cupel/query/statement_cache.h"
#include "cupel/query/statement_rows.h"
#include "cupel/schema/schema.h"

namespace cupel::query {

using engine::ExecuteResult;
using engine::ValueView;

absl::Span<const ResultColumn> ResultCursor::columns() const {
  return compiled_->columns;
}

absl::StatusOr<size_t> ResultCursor::Find(absl::string_view label) const {
  return compiled_->FindColumn(label);
}

absl::StatusOr<size_t> ResultCursor::Find(const Expr& expr) const {
  return compiled_->FindColumn(expr);
}

size_t ResultCursor::column_count() const {
  return compiled_->columns.empty() ? cursor_.columns().size()
                                    : compiled_->columns.size();
}

absl::Status ResultCursor::Read(size_t i, const engine::TypeOps& ops,
                                void* out) const {
  return query_internal::ReadCell(*compiled_, cursor_.row(), i, ops, out);
}

absl::StatusOr<ResultCursor> Execute(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement, absl::Span<const ParameterValue> parameters,
    engine::Location origin) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Compiled> compiled,
                         cache.GetOrCompile(statement, connection.dialect()));
  BoundParameters bound;
  CUPEL_RETURN_IF_ERROR(bound.Fill(*compiled, statement, parameters));
  absl::StatusOr<engine::Cursor> cursor =
      connection.Query(bound.sql(), bound.values(), origin);
  if (ABSL_PREDICT_FALSE(!cursor.ok())) return cursor.status();
  if (!compiled->columns.empty() &&
      ABSL_PREDICT_FALSE(cursor->columns().size() !=
                         compiled->columns.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("cupel: the statement gives ", cursor->columns().size(),
                     " columns, ", compiled->columns.size(), " are declared"));
  }
  BoundParameters::Owned owned = bound.TakeOwned();
  return absl::StatusOr<ResultCursor>(
      std::in_place, *std::move(cursor), std::move(compiled), statement,
      owned.empty()
          ? nullptr
          : std::make_shared<BoundParameters::Owned>(std::move(owned)));
}

absl::StatusOr<ExecuteResult> ExecuteToEnd(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement, absl::Span<const ParameterValue> parameters,
    engine::Location origin) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Compiled> compiled,
                         cache.GetOrCompile(statement, connection.dialect()));
  BoundParameters bound;
  CUPEL_RETURN_IF_ERROR(bound.Fill(*compiled, statement, parameters));
  return connection.Execute(bound.sql(), bound.values(), origin);
}

namespace {

class AffectedRows : public engine::BatchSink {
 public:
  absl::Status OnRow(size_t, const ExecuteResult& result,
                     absl::Span<const ValueView>) override {
    total_.affected_rows += result.affected_rows;
    total_.last_insert_id = result.last_insert_id;
    return absl::OkStatus();
  }
  const ExecuteResult& total() const { return total_; }

 private:
  ExecuteResult total_;
};

}  // namespace

absl::StatusOr<ExecuteResult> ExecuteMany(
    engine::Connection& connection, StatementCache& cache,
    absl::Span<const Statement> statements, engine::Location origin) {
  if (statements.empty()) return ExecuteResult();
  CUPEL_ASSIGN_OR_RETURN(
      const std::shared_ptr<const Compiled> compiled,
      query_internal::CompileBatch(statements, connection.dialect(), cache));
  query_internal::StatementRows rows(*compiled, statements);
  AffectedRows sink;
  CUPEL_RETURN_IF_ERROR(
      connection.ExecuteBatch(compiled->sql, rows, &sink, origin));
  return sink.total();
}

absl::StatusOr<std::string> SqlOf(const Statement& statement,
                                  const engine::Dialect& dialect) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Compiled> compiled,
                         Compile(statement, dialect));
  if (!compiled->expands) return compiled->sql;
  BoundParameters bound;
  CUPEL_RETURN_IF_ERROR(bound.Fill(*compiled, statement));
  return std::string(bound.sql());
}

}  // namespace cupel::query
