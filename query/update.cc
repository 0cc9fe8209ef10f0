#include "cupel/query/update.h"

#include <cstdint>
#include <initializer_list>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using query_internal::AppendClause;
using query_internal::Clause;
using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;
using Nodes = absl::InlinedVector<NodeRef, 16>;

NodeRef AddCondition(const NodeRef& statement, const Expr& condition) {
  if (condition.empty()) return statement;
  return AppendClause(statement, Clause::kWhere, condition.node());
}

NodeRef AddReturning(const NodeRef& statement, absl::Span<const Expr> columns) {
  Nodes nodes = query_internal::NodesOf(columns);
  return AppendClause(statement, Clause::kReturning, absl::MakeSpan(nodes));
}

NodeRef AddOrder(const NodeRef& statement, std::initializer_list<Expr> exprs) {
  Nodes nodes = query_internal::NodesOf(exprs);
  return AppendClause(statement, Clause::kOrderBy, absl::MakeSpan(nodes));
}

NodeRef AddLimit(const NodeRef& statement, int64_t rows) {
  return AppendClause(statement, Clause::kLimit, RowCountExpr(rows).node());
}

}  // namespace

Update::Update(const schema::Table& table)
    : Update(MakeNode({.kind = NodeKind::kUpdate}, FromItem(table).node())) {}

Update Update::Set(absl::Span<const Assignment> assignments) const {
  Nodes nodes;
  for (const Assignment& assignment : assignments) {
    nodes.push_back(assignment.column.node());
    nodes.push_back(assignment.value.node());
  }
  return Update(AppendClause(node(), Clause::kSet, absl::MakeSpan(nodes)));
}

Update Update::WithoutOnUpdate() const {
  return Update(
      AppendClause(node(), Clause::kNoOnUpdate, absl::Span<NodeRef>()));
}

Update Update::Where(const Expr& condition) const {
  return Update(AddCondition(node(), condition));
}

Update Update::From(const FromItem& item) const {
  return Update(AppendClause(node(), Clause::kFrom, item.node()));
}

Update Update::OrderByExprs(std::initializer_list<Expr> exprs) const {
  return Update(AddOrder(node(), exprs));
}

Update Update::Limit(int64_t rows) const {
  return Update(AddLimit(node(), rows));
}

Update Update::With(const FromItem& cte) const {
  return Update(AppendClause(node(), Clause::kWith, cte.node()));
}

Update Update::ReturningExprs(absl::Span<const Expr> columns) const {
  return Update(AddReturning(node(), columns));
}

Delete::Delete(const schema::Table& table)
    : Delete(MakeNode({.kind = NodeKind::kDelete}, FromItem(table).node())) {}

Delete Delete::Where(const Expr& condition) const {
  return Delete(AddCondition(node(), condition));
}

Delete Delete::Using(const FromItem& item) const {
  return Delete(AppendClause(node(), Clause::kFrom, item.node()));
}

Delete Delete::OrderByExprs(std::initializer_list<Expr> exprs) const {
  return Delete(AddOrder(node(), exprs));
}

Delete Delete::Limit(int64_t rows) const {
  return Delete(AddLimit(node(), rows));
}

Delete Delete::With(const FromItem& cte) const {
  return Delete(AppendClause(node(), Clause::kWith, cte.node()));
}

Delete Delete::ReturningExprs(absl::Span<const Expr> columns) const {
  return Delete(AddReturning(node(), columns));
}

}  // namespace cupel::query
