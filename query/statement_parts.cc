#include "cupel/query/statement_parts.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "cupel/schema/schema.h"

namespace cupel::query_internal {

Part Part::child(size_t i) const {
  uint32_t at = base;
  for (size_t k = 0; k < i; ++k) at += node->child(k).bind_count();
  return {&node->child(i), at};
}

bool StatementParts::Has(Clause clause) const {
  return std::any_of(
      clauses.begin(), clauses.end(),
      [clause](const ClausePart& part) { return part.clause == clause; });
}

StatementParts PartsOf(const Node& statement, uint32_t base) {
  StatementParts parts;
  const Node* node = &statement;
  while (node->kind() == NodeKind::kClause) {
    ClausePart part{static_cast<Clause>(node->op()),
                    node,
                    reinterpret_cast<uintptr_t>(node->object()),
                    {}};
    uint32_t at = base + node->child(0).bind_count();
    for (size_t i = 1; i < node->child_count(); ++i) {
      part.members.push_back({&node->child(i), at});
      at += node->child(i).bind_count();
    }
    parts.clauses.push_back(std::move(part));
    node = &node->child(0);
  }
  std::reverse(parts.clauses.begin(), parts.clauses.end());
  parts.root = {node, base};
  return parts;
}

absl::string_view OutputName(const Node& expr) {
  switch (expr.kind()) {
    case NodeKind::kLabel:
    case NodeKind::kFunction:
      return expr.text();
    case NodeKind::kColumn:
      return expr.object() != nullptr ? expr.object_as<schema::Column>()->name()
                                      : expr.text();
    case NodeKind::kCoerce:
    case NodeKind::kCast:
    case NodeKind::kOver:
    case NodeKind::kFilter:
    case NodeKind::kAggregateOrder:
    case NodeKind::kWithinGroup:
      return OutputName(expr.child(0));
    default:
      return "";
  }
}

std::vector<OutputColumn> OutputColumnsOf(const StatementParts& parts) {
  std::vector<OutputColumn> columns;
  const auto add = [&columns](const Part& part) {
    columns.push_back({part, OutputName(*part.node)});
  };
  if (parts.root.node->kind() == NodeKind::kCompound) {
    // Those of the first SELECT, however many are combined.
    StatementParts first = parts;
    while (first.root.node->kind() == NodeKind::kCompound) {
      const Part part = first.root.child(0);
      first = PartsOf(*part.node, part.base);
    }
    return OutputColumnsOf(first);
  }
  if (parts.root.node->kind() == NodeKind::kSelect) {
    for (size_t i = 0; i < parts.root.node->child_count(); ++i) {
      add(parts.root.child(i));
    }
  }
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause == Clause::kOnlyColumns) columns.clear();
    if (clause.clause == Clause::kColumns ||
        clause.clause == Clause::kOnlyColumns ||
        clause.clause == Clause::kReturning) {
      for (const Part& member : clause.members) add(member);
    }
  }
  return columns;
}

const Node* StatementBehind(const Node& from_item) {
  switch (from_item.kind()) {
    case NodeKind::kSubquery:
    case NodeKind::kCte:
    case NodeKind::kCteSelf:
      return &from_item.child(0);
    case NodeKind::kAlias:
      return StatementBehind(from_item.child(0));
    default:
      return nullptr;
  }
}

const engine::Type* OutputType(const Node& from_item, absl::string_view name) {
  const Node* statement = StatementBehind(from_item);
  if (statement == nullptr) return nullptr;
  for (const OutputColumn& column : OutputColumnsOf(PartsOf(*statement, 0))) {
    if (column.name == name) return column.expr.node->type();
  }
  return nullptr;
}

const engine::Type* FirstOutputType(const Node& statement) {
  const std::vector<OutputColumn> columns =
      OutputColumnsOf(PartsOf(statement, 0));
  return columns.empty() ? nullptr : columns.front().expr.node->type();
}

}  // namespace cupel::query_internal
