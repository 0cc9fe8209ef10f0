#include "cupel/query/statement.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"

namespace cupel::query {

StatementKind Statement::kind() const {
  const query_internal::Node* node = node_.get();
  while (node->kind() == query_internal::NodeKind::kClause) {
    node = &node->child(0);
  }
  switch (node->kind()) {
    case query_internal::NodeKind::kInsert:
      return StatementKind::kInsert;
    case query_internal::NodeKind::kUpdate:
      return StatementKind::kUpdate;
    case query_internal::NodeKind::kDelete:
      return StatementKind::kDelete;
    case query_internal::NodeKind::kText:
      return StatementKind::kText;
    default:
      return StatementKind::kSelect;
  }
}

}  // namespace cupel::query

namespace cupel::query_internal {
namespace {

using Items = absl::InlinedVector<NodeRef, 4>;

bool Holds(const Items& items, const Node* item) {
  return std::any_of(items.begin(), items.end(), [item](const NodeRef& known) {
    return known.get() == item;
  });
}

// Items with binds that columns below `root` mention, outside of statements.
void CollectItems(const Node& root, Items* items) {
  absl::InlinedVector<const Node*, 16> open = {&root};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    if (!node.has(kHoldsBindingItem) || node.kind() >= NodeKind::kSelect) {
      continue;
    }
    if (node.kind() == NodeKind::kColumn) {
      if (!Holds(*items, &node.child(0))) items->push_back(node.children()[0]);
      continue;
    }
    for (const NodeRef& child : node.children()) open.push_back(child.get());
  }
}

// Whether the statement has taken `item` in already.
bool TakesIn(const Node& statement, const Node* item) {
  const Node* node = &statement;
  while (node->kind() == NodeKind::kClause) {
    for (const NodeRef& member : node->children().subspan(1)) {
      if (member.get() == item) return true;
    }
    node = &node->child(0);
  }
  return false;
}

// The items that `members` mention and neither they nor `parent` bring along.
Items MissingItems(const Node& parent, absl::Span<const NodeRef> members) {
  Items found;
  for (const NodeRef& member : members) CollectItems(*member, &found);
  Items missing;
  for (NodeRef& item : found) {
    const bool given = std::any_of(
        members.begin(), members.end(),
        [&](const NodeRef& member) { return member.get() == item.get(); });
    if (!given && !TakesIn(parent, item.get())) {
      missing.push_back(std::move(item));
    }
  }
  return missing;
}

}  // namespace

NodeRef WithItemsOf(NodeRef parent, absl::Span<const NodeRef> members) {
  bool mentions = false;
  for (const NodeRef& member : members) {
    mentions = mentions || (member && member->has(kHoldsBindingItem));
  }
  if (!mentions) return parent;
  Items missing = MissingItems(*parent, members);
  if (missing.empty()) return parent;
  return AppendClause(std::move(parent), Clause::kImplicitFrom,
                      absl::MakeSpan(missing));
}

NodeRef AppendClause(NodeRef parent, Clause clause, absl::Span<NodeRef> members,
                     uintptr_t detail, absl::string_view text) {
  if (!parent) {
    parent = MakeErrorNode(
        absl::InvalidArgumentError("cupel: a clause of an empty statement"));
  }
  parent = WithItemsOf(std::move(parent), members);
  absl::InlinedVector<NodeRef, 8> children;
  children.push_back(std::move(parent));
  for (NodeRef& member : members) {
    children.push_back(member ? std::move(member)
                              : MakeErrorNode(absl::InvalidArgumentError(
                                    "cupel: an empty part of a statement")));
  }
  return MakeNode({.kind = NodeKind::kClause,
                   .op = static_cast<uint8_t>(clause),
                   .object = reinterpret_cast<const void*>(detail),
                   .text = text},
                  absl::MakeSpan(children));
}

NodeRef AppendClause(NodeRef&& parent, Clause clause, NodeRef&& member,
                     uintptr_t detail) {
  if (ABSL_PREDICT_FALSE(!parent || !member ||
                         member->has(kHoldsBindingItem))) {
    return AppendClause(std::move(parent), clause, absl::MakeSpan(&member, 1),
                        detail);
  }
  return MakePair(NodeKind::kClause, static_cast<uint8_t>(clause), nullptr,
                  reinterpret_cast<const void*>(detail), std::move(parent),
                  std::move(member));
}

}  // namespace cupel::query_internal
