#include "cupel/query/select.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/statement_parts.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using query_internal::MakeErrorNode;
using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;

NodeRef SelectNode(absl::Span<const Expr> columns) {
  auto nodes = query_internal::NodesOf(columns);
  if (nodes.empty()) {
    return MakeErrorNode(
        absl::InvalidArgumentError("cupel: a SELECT without columns"));
  }
  const bool mentions =
      std::any_of(nodes.begin(), nodes.end(), [](const NodeRef& node) {
        return node->has(query_internal::kHoldsBindingItem);
      });
  if (!mentions) {
    return MakeNode({.kind = NodeKind::kSelect}, absl::MakeSpan(nodes));
  }
  const auto mentioned = nodes;
  NodeRef root = MakeNode({.kind = NodeKind::kSelect}, absl::MakeSpan(nodes));
  return query_internal::WithItemsOf(std::move(root), mentioned);
}

}  // namespace

FromItem SelectCore::Subquery(absl::string_view name) const {
  if (empty()) {
    return FromItem(MakeErrorNode(
        absl::InvalidArgumentError("cupel: a subquery of nothing")));
  }
  return FromItem(
      MakeNode({.kind = NodeKind::kSubquery, .text = name}, node()));
}

Select::Select(absl::Span<const Expr> columns) : Select(SelectNode(columns)) {}

Select Select::AllOf(const FromItem& item) {
  std::vector<Expr> columns;
  if (const schema::Table* table = item.table()) {
    for (const schema::Column& column : table->columns()) {
      columns.push_back(ColumnOf(item, column));
    }
  } else if (!item.empty()) {
    const query_internal::Node* statement =
        query_internal::StatementBehind(*item.node());
    if (statement != nullptr) {
      const auto parts = query_internal::PartsOf(*statement, 0);
      for (const auto& column : query_internal::OutputColumnsOf(parts)) {
        columns.push_back(ColumnOf(item, column.name));
      }
    }
  }
  return Select(columns).SelectFrom(item);
}

Select Select::Compound(SetOperator op, const Statement& other) const {
  if (empty() || other.empty()) {
    return Select(MakeErrorNode(
        absl::InvalidArgumentError("cupel: a set operation on nothing")));
  }
  return Select(
      MakeNode({.kind = NodeKind::kCompound, .op = static_cast<uint8_t>(op)},
               node(), other.node()));
}

}  // namespace cupel::query

namespace cupel::query_internal {

NodeRef AppendExtra(const NodeRef& parent, query::ClausePoint point,
                    absl::string_view sql, absl::Span<const query::Expr> parts,
                    absl::string_view dialect) {
  const bool is_comment = point == query::ClausePoint::kHint;
  if (is_comment &&
      (absl::StrContains(sql, "*/") || absl::StrContains(sql, "/*"))) {
    return MakeErrorNode(absl::InvalidArgumentError(
        "cupel: a hint holds the beginning or end of a comment"));
  }
  if (absl::StrContains(sql, '\0')) {
    return MakeErrorNode(
        absl::InvalidArgumentError("cupel: the text of a clause holds NUL"));
  }
  absl::InlinedVector<NodeRef, 16> members = {query::LabelName(dialect).node()};
  for (const query::Expr& part : parts) members.push_back(part.node());
  return AppendClause(parent, Clause::kExtra, absl::MakeSpan(members),
                      static_cast<uintptr_t>(point), sql);
}

}  // namespace cupel::query_internal
