#include "cupel/session/row_statement.h"

#include <utility>

namespace cupel::session {

using engine::ValueView;

void RowStatement::WhereKey(const EntityType& type, int level,
                            RowValue::From from) {
  for (size_t k = 0; k < type.primary_key().size(); ++k) {
    Where(KeyColumn(type, level, k),
          {from, &type.property(type.primary_key()[k]), false});
  }
}

std::vector<RowValue> RowStatement::values() const {
  std::vector<RowValue> values;
  values.reserve(set_.size() + where_.size());
  for (const Part& part : set_) values.push_back(part.value);
  for (const Part& part : where_) values.push_back(part.value);
  return values;
}

absl::StatusOr<query::Expr> RowStatement::Value(const Part& part,
                                                const BatchRow* row) {
  engine::BoundValue bound;
  // A parameter's place counts, not its value.
  bound.view = ValueView::Int64(0);
  if (row != nullptr) {
    CUPEL_RETURN_IF_ERROR(
        BindRowValue(part.value, MayNotFit(part.value), *row, &bound));
  }
  return query::BindView(bound.view, &part.column->type());
}

absl::StatusOr<query::Statement> RowStatement::Build(
    const BatchRow* row) const {
  static const engine::Type boolean = engine::Boolean();
  std::vector<query::Assignment> set;
  set.reserve(set_.size() + expressions_.size());
  for (const Part& part : set_) {
    CUPEL_ASSIGN_OR_RETURN(query::Expr value, Value(part, row));
    set.push_back({query::ColumnOf(*part.column), std::move(value)});
  }
  set.insert(set.end(), expressions_.begin(), expressions_.end());
  std::vector<query::Expr> where;
  for (const Part& part : where_) {
    CUPEL_ASSIGN_OR_RETURN(const query::Expr value, Value(part, row));
    where.push_back(query::Binary(query::Operator::kEqual,
                                  query::ColumnOf(*part.column), value,
                                  &boolean));
  }
  if (verb_ == Verb::kInsert) {
    query::Insert insert(table_);
    if (!set.empty()) insert = insert.Values(set);
    if (!returned_.empty()) insert = insert.ReturningExprs(returned_);
    return query::Statement(insert);
  }
  if (verb_ == Verb::kDelete) {
    query::Delete remove(table_);
    for (const query::Expr& part : where) remove = remove.Where(part);
    return query::Statement(remove);
  }
  query::Update update(table_);
  if (!on_update_) update = update.WithoutOnUpdate();
  update = update.Set(set);
  for (const query::Expr& part : where) update = update.Where(part);
  if (!returned_.empty()) update = update.ReturningExprs(returned_);
  return query::Statement(update);
}

}  // namespace cupel::session
