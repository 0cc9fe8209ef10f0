// Statement: any statement as an erased, immutable value. Select, Insert,
// Update, Delete and Text derive from it; compilers, caches and executions take
// it.

#ifndef CUPEL_QUERY_STATEMENT_H_
#define CUPEL_QUERY_STATEMENT_H_

#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/node.h"

namespace cupel::query {

enum class StatementKind : uint8_t {
  kSelect,
  kInsert,
  kUpdate,
  kDelete,
  kText
};

// An immutable, counted handle, one pointer wide. Deriving a statement from
// another leaves the first as it was and shares what they have in common.
// Thread-safe to share.
class Statement {
 public:
  Statement() = default;
  explicit Statement(query_internal::NodeRef node) : node_(std::move(node)) {}

  bool empty() const { return !node_; }
  StatementKind kind() const;
  // Equal for statements that differ in bound values only.
  uint64_t shape_hash() const { return node_->hash(); }

  const query_internal::NodeRef& node() const& { return node_; }
  query_internal::NodeRef&& node() && { return std::move(node_); }

 private:
  query_internal::NodeRef node_;
};

}  // namespace cupel::query

namespace cupel::query_internal {

// What a clause node adds to its statement.
enum class Clause : uint8_t {
  kColumns,
  kOnlyColumns,
  kImplicitFrom,  // items with binds that only columns mention
  kFrom,
  kJoin,  // [right, on if given]; detail: JoinKind
  kWhere,
  kGroupBy,
  kHaving,
  kOrderBy,
  kLimit,  // [count]; detail: 1 with ties
  kOffset,
  kDistinct,  // [columns of DISTINCT ON]
  kWith,
  kForUpdate,  // [items]; detail: LockOptions
  kCorrelate,
  kCorrelateExcept,
  kRow,         // [column, value, ...]
  kFromSelect,  // [statement, columns...]
  kSet,         // [column, value, ...]
  kReturning,
  kReturningDefaults,
  kOnConflict,  // see insert.cc
  kNoOnUpdate,
  kBindValue,  // [value]; text: the name of its marker
  kReads,      // [table]
  kWrites,     // [table]
  // [name of the only dialect or empty, parts]; detail: ClausePoint; text: what
  // stands before the parts
  kExtra,
};

// `parent` with one more clause. Parts of `members` that refer to items with
// binds of their own bring these items in.
NodeRef AppendClause(NodeRef parent, Clause clause, absl::Span<NodeRef> members,
                     uintptr_t detail = 0, absl::string_view text = "");
NodeRef AppendClause(NodeRef&& parent, Clause clause, NodeRef&& member,
                     uintptr_t detail = 0);
inline NodeRef AppendClause(const NodeRef& parent, Clause clause,
                            NodeRef member, uintptr_t detail = 0) {
  return AppendClause(NodeRef(parent), clause, std::move(member), detail);
}

// `parent` with the items that `members` mention and it does not take in yet.
NodeRef WithItemsOf(NodeRef parent, absl::Span<const NodeRef> members);

// Copies the nodes of handles.
template <typename Handles>
auto NodesOf(const Handles& handles) {
  absl::InlinedVector<NodeRef, 16> nodes;
  for (const auto& handle : handles) {
    if (!handle.empty()) nodes.push_back(handle.node());
  }
  return nodes;
}

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_STATEMENT_H_
