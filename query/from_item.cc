#include "cupel/query/from_item.h"

#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cupel/query/function.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using query_internal::MakeErrorNode;
using query_internal::MakeNode;
using query_internal::Node;
using query_internal::NodeKind;
using query_internal::NodeRef;

FromItem Error(absl::string_view message) {
  return FromItem(MakeErrorNode(absl::InvalidArgumentError(message)));
}

// The same item with `set` added to its flags and `cleared` taken away.
FromItem WithFlags(const Node& node, uint16_t set, uint16_t cleared) {
  absl::InlinedVector<NodeRef, 4> children(node.children().begin(),
                                           node.children().end());
  const int flags = (node.flags() | set) & ~cleared;
  return FromItem(MakeNode({.kind = node.kind(),
                            .op = node.op(),
                            .flags = static_cast<uint16_t>(flags),
                            .object = node.object(),
                            .text = node.text()},
                           absl::MakeSpan(children)));
}

}  // namespace

FromItem::FromItem(const schema::Table& table)
    : node_(MakeNode({.kind = NodeKind::kTable, .object = &table})) {}

const schema::Table* FromItem::table() const {
  const Node* node = node_.get();
  while (node != nullptr && node->kind() == NodeKind::kAlias) {
    node = &node->child(0);
  }
  return node != nullptr && node->kind() == NodeKind::kTable
             ? node->object_as<schema::Table>()
             : nullptr;
}

FromItem FromItem::Lateral() const {
  if (!node_ || node_->kind() != NodeKind::kSubquery) {
    return Error("cupel: only a subquery can be lateral");
  }
  return WithFlags(*node_, query_internal::kLateral, 0);
}

FromItem FromItem::Materialized() const {
  return WithFlags(*node_, query_internal::kMaterialized,
                   query_internal::kNotMaterialized);
}

FromItem FromItem::NotMaterialized() const {
  return WithFlags(*node_, query_internal::kNotMaterialized,
                   query_internal::kMaterialized);
}

FromItem Alias(const FromItem& item, absl::string_view name) {
  if (item.empty()) return Error("cupel: an alias of an empty FROM item");
  return FromItem(
      MakeNode({.kind = NodeKind::kAlias, .text = name}, item.node()));
}

FromItem TableSample(const FromItem& table, absl::string_view method,
                     double percent, const SampleOptions& options) {
  if (table.empty() || table.node()->kind() != NodeKind::kTable) {
    return Error("cupel: a sample is taken of a table");
  }
  const auto number = [](double value) {
    return BindView(engine::ValueView::Double(value), nullptr);
  };
  absl::InlinedVector<NodeRef, 3> children = {
      table.node(), CallFunction(method, {number(percent)}, nullptr).node()};
  if (options.seed.has_value()) {
    children.push_back(number(*options.seed).node());
  }
  return FromItem(MakeNode({.kind = NodeKind::kAlias, .text = options.name},
                           absl::MakeSpan(children)));
}

FromItem Join(const FromItem& left, const FromItem& right, const Expr& on,
              JoinKind kind) {
  if (left.empty() || right.empty()) {
    return Error("cupel: a join of an empty FROM item");
  }
  absl::InlinedVector<NodeRef, 3> children = {left.node(), right.node()};
  if (!on.empty()) children.push_back(on.node());
  return FromItem(
      MakeNode({.kind = NodeKind::kJoin, .op = static_cast<uint8_t>(kind)},
               absl::MakeSpan(children)));
}

FromItem Cte(absl::string_view name, const Statement& statement) {
  if (name.empty() || statement.empty()) {
    return Error("cupel: a CTE needs a name and a statement");
  }
  return FromItem(
      MakeNode({.kind = NodeKind::kCte, .text = name}, statement.node()));
}

FromItem RecursiveCte(absl::string_view name, const Statement& base,
                      absl::FunctionRef<Statement(const FromItem& self)> step,
                      bool union_all) {
  if (name.empty() || base.empty()) {
    return Error("cupel: a CTE needs a name and a statement");
  }
  const FromItem self(
      MakeNode({.kind = NodeKind::kCteSelf, .text = name}, base.node()));
  const Statement recursive = step(self);
  if (recursive.empty()) {
    return Error("cupel: the step of a recursive CTE is empty");
  }
  return FromItem(
      MakeNode({.kind = NodeKind::kCte,
                .op = static_cast<uint8_t>(union_all ? SetOperator::kUnionAll
                                                     : SetOperator::kUnion),
                .flags = query_internal::kRecursive,
                .text = name},
               base.node(), recursive.node()));
}

FromItem TableFunction(const Expr& function, absl::string_view name,
                       const TableFunctionOptions& options) {
  if (function.empty() || name.empty()) {
    return Error("cupel: a table function needs a call and a name");
  }
  absl::InlinedVector<NodeRef, 8> children = {function.node()};
  for (const absl::string_view column : options.columns) {
    children.push_back(LabelName(column).node());
  }
  return FromItem(
      MakeNode({.kind = NodeKind::kTableFunction,
                .flags = static_cast<uint16_t>(
                    options.with_ordinality ? query_internal::kOrdinality : 0),
                .text = name},
               absl::MakeSpan(children)));
}

FromItem Values(absl::string_view name,
                std::initializer_list<absl::string_view> columns,
                absl::Span<const Expr> row_tuples) {
  if (name.empty() || columns.size() == 0 || columns.size() > 255 ||
      row_tuples.empty()) {
    return Error("cupel: VALUES needs a name, 1 to 255 columns, and rows");
  }
  absl::InlinedVector<NodeRef, 8> children;
  for (const Expr& row : row_tuples) {
    if (row.empty() || row.node()->kind() != NodeKind::kTuple ||
        row.node()->child_count() != columns.size()) {
      return Error(absl::StrCat("cupel: each row of VALUES \"", name,
                                "\" must be a Tuple() of ", columns.size(),
                                " expressions"));
    }
    children.push_back(row.node());
  }
  for (const absl::string_view column : columns) {
    children.push_back(LabelName(column).node());
  }
  return FromItem(MakeNode({.kind = NodeKind::kValues,
                            .op = static_cast<uint8_t>(columns.size()),
                            .text = name},
                           absl::MakeSpan(children)));
}

}  // namespace cupel::query
