#include "cupel/query/insert.h"

#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/conflict_layout.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using query_internal::AppendClause;
using query_internal::Clause;
using query_internal::ConflictLayout;
using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;
using Nodes = absl::InlinedVector<NodeRef, 16>;

void Append(absl::Span<const Assignment> assignments, Nodes* nodes) {
  for (const Assignment& assignment : assignments) {
    nodes->push_back(assignment.column.node());
    nodes->push_back(assignment.value.node());
  }
}

Insert AddRowClause(const Insert& insert, absl::Span<const Assignment> row,
                    bool begins) {
  Nodes nodes;
  Append(row, &nodes);
  return Insert(AppendClause(insert.node(), Clause::kRow, absl::MakeSpan(nodes),
                             begins ? 1 : 0));
}

Insert AddConflict(const Insert& insert, const ConflictTarget& target,
                   ConflictLayout layout, absl::Span<const Assignment> set,
                   const Expr& where) {
  Nodes nodes;
  for (const Expr& column : target.columns) nodes.push_back(column.node());
  layout.target_columns = static_cast<uint16_t>(target.columns.size());
  layout.has_index_where = !target.index_where.empty();
  if (layout.has_index_where) nodes.push_back(target.index_where.node());
  layout.assignments = static_cast<uint16_t>(set.size());
  Append(set, &nodes);
  layout.has_where = !where.empty();
  if (layout.has_where) nodes.push_back(where.node());
  return Insert(AppendClause(insert.node(), Clause::kOnConflict,
                             absl::MakeSpan(nodes), layout.ToDetail(),
                             target.constraint));
}

}  // namespace

Expr ExcludedExpr(const Expr& column) {
  if (column.column() == nullptr) {
    return ErrorExpr(absl::InvalidArgumentError(
        "cupel: Excluded() takes a column of the table inserted into"));
  }
  return Expr(MakeNode({.kind = NodeKind::kExcluded, .type = column.type()},
                       column.node()));
}

Insert::Insert(const schema::Table& table)
    : Insert(MakeNode({.kind = NodeKind::kInsert}, FromItem(table).node())) {}

Insert Insert::Values(absl::Span<const Assignment> row) const {
  return AddRowClause(*this, row, false);
}

Insert Insert::AddRow(absl::Span<const Assignment> row) const {
  return AddRowClause(*this, row, true);
}

Insert Insert::FromSelect(absl::Span<const Expr> columns,
                          const Statement& select) const {
  Nodes nodes;
  nodes.push_back(select.node());
  for (const Expr& column : columns) nodes.push_back(column.node());
  return Insert(
      AppendClause(node(), Clause::kFromSelect, absl::MakeSpan(nodes)));
}

Insert Insert::OnConflictDoNothing(const ConflictTarget& target) const {
  return AddConflict(*this, target, {.does_update = false}, {}, Expr());
}

Insert Insert::OnConflictDoUpdate(const ConflictTarget& target,
                                  absl::Span<const Assignment> set,
                                  const Expr& where,
                                  bool with_on_update) const {
  return AddConflict(*this, target,
                     {.does_update = true, .with_on_update = with_on_update},
                     set, where);
}

Insert Insert::With(const FromItem& cte) const {
  return Insert(AppendClause(node(), Clause::kWith, cte.node()));
}

Insert Insert::ReturningExprs(absl::Span<const Expr> columns) const {
  Nodes nodes = query_internal::NodesOf(columns);
  return Insert(
      AppendClause(node(), Clause::kReturning, absl::MakeSpan(nodes)));
}

Insert Insert::ReturningDefaults() const {
  const query_internal::Node* root = node().get();
  while (root->kind() == NodeKind::kClause) root = &root->child(0);
  Nodes nodes;
  if (root->kind() == NodeKind::kInsert) {
    const FromItem target(root->children()[0]);
    for (const schema::Column& column : target.table()->columns()) {
      if (column.has_server_value_on_insert()) {
        nodes.push_back(ColumnOf(target, column).node());
      }
    }
  }
  return Insert(
      AppendClause(node(), Clause::kReturning, absl::MakeSpan(nodes)));
}

}  // namespace cupel::query
