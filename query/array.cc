#include "cupel/query/array.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/node.h"

namespace cupel::query {
namespace {

using query_internal::MakeNode;
using query_internal::NodeKind;
using query_internal::NodeRef;

Expr Empty() {
  return ErrorExpr(absl::InvalidArgumentError(
      "cupel: an empty expression cannot be an operand"));
}

// Null when it is not known.
const engine::Type* ElementTypeOf(const Expr& array) {
  const engine::Type* type = array.type();
  if (type == nullptr || type->kind != engine::TypeKind::kArray) return nullptr;
  return query_internal::InternType(engine::ElementOf(*type));
}

// A value alone says nothing of its type.
Expr Typed(const Expr& array) {
  const bool is_value = array.node()->kind() == NodeKind::kBind;
  return is_value && array.type() != nullptr
             ? CastTo(array, array.type(), false)
             : array;
}

}  // namespace

Expr ArrayElement(const Expr& array, const Expr& index) {
  if (array.empty() || index.empty()) return Empty();
  NodeRef children[] = {Typed(array).node(), index.node()};
  return Expr(
      MakeNode({.kind = NodeKind::kSubscript, .type = ElementTypeOf(array)},
               absl::MakeSpan(children)));
}

Expr ArraySlice(const Expr& array, const Expr& first, const Expr& last) {
  if (array.empty() || first.empty() || last.empty()) return Empty();
  NodeRef children[] = {Typed(array).node(), first.node(), last.node()};
  return Expr(MakeNode({.kind = NodeKind::kSubscript, .type = array.type()},
                       absl::MakeSpan(children)));
}

Expr QuantifiedArray(Quantifier quantifier, const Expr& array) {
  if (array.empty()) return Empty();
  return Expr(MakeNode({.kind = NodeKind::kQuantified,
                        .op = static_cast<uint8_t>(quantifier),
                        .type = ElementTypeOf(array)},
                       array.node()));
}

Expr ArrayAggregate(const Expr& expr, const engine::Type* type) {
  if (expr.type() != nullptr && engine::IsArrayElement(*expr.type())) {
    type = query_internal::InternType(engine::Array(*expr.type()));
  }
  return CallFunction("array_agg", {expr}, type);
}

Expr UnnestCall(const Expr& array) {
  if (array.empty()) return Empty();
  return CallFunction("unnest", {Typed(array)}, ElementTypeOf(array));
}

FromItem UnnestItem(const Expr& array, absl::string_view name,
                    bool with_ordinality) {
  const absl::string_view columns[] = {"value", "ordinality"};
  return TableFunction(
      UnnestCall(array), name,
      {.columns = absl::MakeConstSpan(columns, with_ordinality ? 2 : 1),
       .with_ordinality = with_ordinality});
}

}  // namespace cupel::query
