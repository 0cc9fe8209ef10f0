#include "cupel/query/window.h"

#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/window_layout.h"

namespace cupel::query {
namespace {

using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;
using query_internal::WindowLayout;

bool HasOffset(const FrameBound& bound) {
  return bound.kind == FrameBound::Kind::kPreceding ||
         bound.kind == FrameBound::Kind::kFollowing;
}

bool IsBackwards(const Frame& frame) {
  return frame.start.kind > frame.end.kind ||
         frame.start.kind == FrameBound::Kind::kUnboundedFollowing ||
         frame.end.kind == FrameBound::Kind::kUnboundedPreceding;
}

}  // namespace

Expr OverWindow(const Expr& function, const Window& window) {
  if (window.frame.unit != Frame::Unit::kDefault && IsBackwards(window.frame)) {
    return ErrorExpr(absl::InvalidArgumentError(
        "cupel: a window frame must not end before it starts"));
  }
  absl::InlinedVector<NodeRef, 16> children;
  children.push_back(function.node());
  WindowLayout layout;
  for (const Expr& expr : window.partition_by) {
    if (expr.empty()) continue;
    children.push_back(expr.node());
    ++layout.partitions;
  }
  for (const Expr& expr : window.order_by) {
    if (expr.empty()) continue;
    children.push_back(expr.node());
    ++layout.orders;
  }
  layout.frame = window.frame;
  if (window.frame.unit != Frame::Unit::kDefault) {
    for (const FrameBound* bound : {&window.frame.start, &window.frame.end}) {
      if (HasOffset(*bound)) {
        children.push_back(RowCountExpr(bound->offset).node());
      }
    }
  }
  return Expr(
      MakeNode({.kind = NodeKind::kOver,
                .type = function.type(),
                .object = reinterpret_cast<const void*>(layout.ToDetail())},
               absl::MakeSpan(children)));
}

}  // namespace cupel::query
