#include "cupel/query/function.h"

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"
#include "cupel/schema/sequence.h"

namespace cupel::query {
namespace {

using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;
using query_internal::StaticType;

bool IsFunctionName(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(name[0])) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '.') return false;
  }
  return true;
}

// `function` wrapped in a node of `kind` with `rest` behind it.
Expr Wrap(NodeKind kind, const Expr& function, absl::Span<const Expr> rest) {
  absl::InlinedVector<NodeRef, 8> children;
  children.push_back(function.node());
  for (const Expr& expr : rest) {
    if (!expr.empty()) children.push_back(expr.node());
  }
  return Expr(MakeNode({.kind = kind, .type = function.type()},
                       absl::MakeSpan(children)));
}

template <typename T>
TypedFunction<T> Call(absl::string_view name) {
  return TypedFunction<T>(CallFunction(name, {}, StaticType<T>()));
}

}  // namespace

Expr CallFunction(absl::string_view name, absl::Span<const Expr> arguments,
                  const engine::Type* type, bool distinct) {
  if (!IsFunctionName(name)) {
    return ErrorExpr(absl::InvalidArgumentError(
        "cupel: a function's name is made of letters, digits, '_' and '.'"));
  }
  auto nodes = query_internal::NodesOf(arguments);
  return Expr(MakeNode(
      {.kind = NodeKind::kFunction,
       .flags = static_cast<uint16_t>(distinct ? query_internal::kDistinct : 0),
       .type = type,
       .text = name},
      absl::MakeSpan(nodes)));
}

Expr FilterAggregate(const Expr& function, const Expr& condition) {
  if (condition.empty()) return function;
  return Wrap(NodeKind::kFilter, function, {condition});
}

Expr OrderAggregate(const Expr& function, absl::Span<const Expr> order) {
  return Wrap(NodeKind::kAggregateOrder, function, order);
}

Expr WithinGroupOf(const Expr& function, absl::Span<const Expr> order) {
  return Wrap(NodeKind::kWithinGroup, function, order);
}

Expr GroupingOf(GroupingKind kind, absl::Span<const Expr> members) {
  auto nodes = query_internal::NodesOf(members);
  return Expr(
      MakeNode({.kind = NodeKind::kGrouping, .op = static_cast<uint8_t>(kind)},
               absl::MakeSpan(nodes)));
}

TypedFunction<int64_t> Count() {
  const Expr star(MakeNode({.kind = NodeKind::kConstant,
                            .op = static_cast<uint8_t>(Constant::kStar)}));
  return Count(star);
}
TypedFunction<int64_t> Count(const Expr& expr) {
  return TypedFunction<int64_t>(
      CallFunction("count", {expr}, StaticType<int64_t>()));
}
TypedFunction<int64_t> CountDistinct(const Expr& expr) {
  return TypedFunction<int64_t>(
      CallFunction("count", {expr}, StaticType<int64_t>(), true));
}

TypedFunction<int64_t> RowNumber() { return Call<int64_t>("row_number"); }
TypedFunction<int64_t> Rank() { return Call<int64_t>("rank"); }
TypedFunction<int64_t> DenseRank() { return Call<int64_t>("dense_rank"); }
TypedFunction<double> PercentRank() { return Call<double>("percent_rank"); }
TypedFunction<double> CumeDist() { return Call<double>("cume_dist"); }
TypedFunction<int64_t> Ntile(int64_t buckets) {
  return TypedFunction<int64_t>(
      CallFunction("ntile", {Bind(buckets)}, StaticType<int64_t>()));
}

TypedExpr<int64_t> NextValue(const schema::Sequence& sequence) {
  const std::string text =
      absl::StrCat(sequence.schema, absl::string_view("\0", 1), sequence.name);
  return TypedExpr<int64_t>(Expr(MakeNode({.kind = NodeKind::kNextValue,
                                           .type = StaticType<int64_t>(),
                                           .text = text})));
}

TypedFunction<absl::Time> Now() { return Call<absl::Time>("now"); }
TypedFunction<int64_t> Random() { return Call<int64_t>("random"); }

Expr Rollup(std::initializer_list<Expr> members) {
  return GroupingOf(GroupingKind::kRollup,
                    absl::MakeConstSpan(members.begin(), members.size()));
}
Expr Cube(std::initializer_list<Expr> members) {
  return GroupingOf(GroupingKind::kCube,
                    absl::MakeConstSpan(members.begin(), members.size()));
}
Expr GroupingSets(std::initializer_list<Expr> members) {
  return GroupingOf(GroupingKind::kGroupingSets,
                    absl::MakeConstSpan(members.begin(), members.size()));
}

}  // namespace cupel::query
