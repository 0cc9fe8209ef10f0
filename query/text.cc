#include "cupel/query/text.h"

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"
#include "cupel/schema/schema.h"

namespace cupel::query {

using query_internal::AppendClause;
using query_internal::Clause;
using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;

Expr TextColumnExpr(absl::string_view name, const engine::Type* type) {
  return Expr(
      MakeNode({.kind = NodeKind::kColumn, .type = type, .text = name}));
}

Text::Text(absl::string_view sql)
    : Text(MakeNode({.kind = NodeKind::kText, .text = sql})) {}

Text Text::BindExpr(absl::string_view name, const Expr& value) const {
  NodeRef member = value.node();
  return Text(AppendClause(node(), Clause::kBindValue,
                           absl::MakeSpan(&member, 1), 0, name));
}

Text Text::ColumnExprs(absl::Span<const Expr> columns) const {
  auto nodes = query_internal::NodesOf(columns);
  return Text(AppendClause(node(), Clause::kColumns, absl::MakeSpan(nodes)));
}

Text Text::Reads(const schema::Table& table) const {
  return Text(AppendClause(node(), Clause::kReads, FromItem(table).node()));
}

Text Text::Writes(const schema::Table& table) const {
  return Text(AppendClause(node(), Clause::kWrites, FromItem(table).node()));
}

}  // namespace cupel::query
