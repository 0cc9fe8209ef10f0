#include "cupel/query/execution.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/annotated.h"
#include "cupel/query/node.h"

namespace cupel::query {

using engine::ExecuteResult;
using engine::ValueView;

size_t ResultCursor::column_count() const {
  return compiled_->columns.empty() ? cursor_.columns().size()
                                    : compiled_->columns.size();
}

absl::Status ResultCursor::Read(size_t i, const engine::TypeOps& ops,
                                void* out) const {
  const absl::Span<const ValueView> row = cursor_.row();
  if (ABSL_PREDICT_FALSE(i >= row.size())) {
    return absl::OutOfRangeError(absl::StrCat(
        "cupel: column ", i, " of a row of ", row.size(), " columns"));
  }
  const ResultColumn* column =
      i < compiled_->columns.size() ? &compiled_->columns[i] : nullptr;
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

absl::StatusOr<ResultCursor> Execute(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement, absl::Span<const ParameterValue> parameters,
    engine::Location origin) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Compiled> compiled,
                         cache.GetOrCompile(statement, connection.dialect()));
  auto bound = std::make_unique<BoundParameters>();
  CUPEL_RETURN_IF_ERROR(bound->Fill(*compiled, statement, parameters));
  CUPEL_ASSIGN_OR_RETURN(
      engine::Cursor cursor,
      connection.Query(bound->sql(), bound->values(), origin));
  if (!compiled->columns.empty() &&
      cursor.columns().size() != compiled->columns.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cupel: the statement gives ", cursor.columns().size(),
                     " columns, ", compiled->columns.size(), " are declared"));
  }
  return ResultCursor(std::move(cursor), std::move(compiled), statement,
                      std::move(bound));
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

// The statements of one shape as rows of a batch.
class StatementRows : public engine::BatchSource {
 public:
  StatementRows(const Compiled& compiled,
                absl::Span<const Statement> statements)
      : compiled_(compiled), statements_(statements) {}

  size_t size() const override { return statements_.size(); }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    bound_ = std::make_unique<BoundParameters>();
    CUPEL_RETURN_IF_ERROR(bound_->Fill(compiled_, statements_[i]));
    return bound_->values();
  }

 private:
  const Compiled& compiled_;
  const absl::Span<const Statement> statements_;
  std::unique_ptr<BoundParameters> bound_;
};

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
      std::shared_ptr<const Compiled> compiled,
      cache.GetOrCompile(statements[0], connection.dialect()));
  for (const Statement& statement : statements) {
    if (statement.empty() ||
        !query_internal::SameShape(*statement.node(), *statements[0].node())) {
      return absl::InvalidArgumentError(
          "cupel: the statements of a batch must differ in values only");
    }
  }
  if (compiled->expands) {
    return absl::InvalidArgumentError(
        "cupel: a batch takes no IN list: its length is part of the SQL");
  }
  StatementRows rows(*compiled, statements);
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
