// Arrays: the operators of columns that std::vector<T> maps to (see Array() in
// engine/type.h).
//
//   query::TypedExpr<std::vector<std::string>> tags = ...;
//   query::ElementAt(tags, 1) == "new"
//   query::ArrayContains(tags, {"red", "big"})
//   query::Any(tags) == "red"
//
// Arrays are kept everywhere; a database that has no arrays of its own refuses
// the operators (kUnimplemented when compiled), all but ArrayAgg(). Indexes
// count from 1, as in SQL; an element beyond the array is NULL.

#ifndef CUPEL_QUERY_ARRAY_H_
#define CUPEL_QUERY_ARRAY_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/type_traits.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/function.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query_internal {

template <typename T>
struct VectorTraits {};
template <typename E>
struct VectorTraits<std::vector<E>> {
  using Element = E;
};

// T of std::vector<T> and of std::optional<std::vector<T>>.
template <typename T>
using ElementType = typename VectorTraits<Plain<T>>::Element;

template <typename T>
concept IsArray = requires {
  typename ElementType<T>;
}
&&engine::kIsArrayElement<ElementType<T>>;

// An index: an integer, or an expression of one.
template <typename V>
query::Expr IndexExpr(const V& index) {
  static_assert(IsInteger<typename OperandType<V>::Type>,
                "cupel: an index of an array is an integer");
  if constexpr (IsExpr<V>) {
    return index;
  } else {
    return query::BindView(
        engine::ValueView::Int64(static_cast<int64_t>(index)), nullptr);
  }
}

}  // namespace cupel::query_internal

namespace cupel::query {

// --- The core ---------------------------------------------------------------

Expr ArrayElement(const Expr& array, const Expr& index);
Expr ArraySlice(const Expr& array, const Expr& first, const Expr& last);
Expr QuantifiedArray(Quantifier quantifier, const Expr& array);
Expr ArrayAggregate(const Expr& expr, const engine::Type* type);
Expr UnnestCall(const Expr& array);
FromItem UnnestItem(const Expr& array, absl::string_view name,
                    bool with_ordinality);

// --- Elements ---------------------------------------------------------------

template <query_internal::IsArray T, typename V>
auto ElementAt(const TypedExpr<T>& array, const V& index) {
  using Element = query_internal::ElementType<T>;
  return TypedExpr<query_internal::Nullable<Element>>(
      ArrayElement(array, query_internal::IndexExpr(index)));
}

// The elements from `first` to `last`, both included.
template <query_internal::IsArray T, typename V, typename W>
TypedExpr<T> Slice(const TypedExpr<T>& array, const V& first, const W& last) {
  return TypedExpr<T>(ArraySlice(array, query_internal::IndexExpr(first),
                                 query_internal::IndexExpr(last)));
}

// What a comparison with any or all of the elements compares with, on either
// side: `Any(tags) == "red"`, `price < All(limits)`. !(x == Any(a)) is
// x != All(a).
template <query_internal::IsArray T>
auto Any(const TypedExpr<T>& array) {
  return TypedExpr<query_internal::ElementType<T>>(
      QuantifiedArray(Quantifier::kAny, array));
}
template <query_internal::IsArray T>
auto All(const TypedExpr<T>& array) {
  return TypedExpr<query_internal::ElementType<T>>(
      QuantifiedArray(Quantifier::kAll, array));
}
// Of values, bound as one array.
template <typename E>
requires(engine::kIsArrayElement<E>) TypedExpr<E> Any(
    const std::vector<E>& values) {
  return query::Any(Bind(values));
}
template <typename E>
requires(engine::kIsArrayElement<E>) TypedExpr<E> All(
    const std::vector<E>& values) {
  return query::All(Bind(values));
}

// --- Conditions -------------------------------------------------------------

// `other` is an expression of an array, a std::vector, or a braced list.
#define CUPEL_INTERNAL_ARRAY_CONDITION(Name, op)                               \
  template <query_internal::IsArray T, typename V>                             \
  TypedExpr<bool> Name(const TypedExpr<T>& array, const V& other) {            \
    using Other = typename query_internal::OperandType<V>::Type;               \
    static_assert(std::is_same_v<query_internal::Plain<Other>,                 \
                                 query_internal::Plain<T>>,                    \
                  "cupel: these two arrays have elements of different types"); \
    return TypedExpr<bool>(                                                    \
        Binary(Operator::op, array, array.Operand(other), nullptr));           \
  }                                                                            \
  template <query_internal::IsArray T>                                         \
  TypedExpr<bool> Name(                                                        \
      const TypedExpr<T>& array,                                               \
      std::initializer_list<query_internal::ElementType<T>> other) {           \
    return query::Name(array,                                                  \
                       std::vector<query_internal::ElementType<T>>(other));    \
  }
// Whether `array` has all the elements of `other`.
CUPEL_INTERNAL_ARRAY_CONDITION(ArrayContains, kArrayContains)
// Whether `other` has all the elements of `array`.
CUPEL_INTERNAL_ARRAY_CONDITION(ArrayContainedBy, kArrayContainedBy)
// Whether they have an element in common.
CUPEL_INTERNAL_ARRAY_CONDITION(ArrayOverlaps, kArrayOverlaps)
#undef CUPEL_INTERNAL_ARRAY_CONDITION

// --- Arrays and rows --------------------------------------------------------

// The values of all rows as an array, NULL of no rows; on every database.
//   ArrayAgg(name).OrderBy({name.Desc()})
template <typename T>
auto ArrayAgg(const TypedExpr<T>& expr) {
  static_assert(engine::kIsArrayElement<T>,
                "cupel: ArrayAgg() needs booleans, integers, doubles or texts");
  using Result = std::optional<std::vector<T>>;
  return TypedFunction<Result>(
      ArrayAggregate(expr, query_internal::StaticType<Result>()));
}

// A row for each element, among the columns of a SELECT.
template <query_internal::IsArray T>
auto Unnest(const TypedExpr<T>& array) {
  using Element = query_internal::ElementType<T>;
  return TypedFunction<Element>(UnnestCall(array));
}
// The same as a FROM item with the column "value" and, if asked for, the
// element's index as "ordinality". The array may be a column of an item before
// it in the FROM clause.
template <query_internal::IsArray T>
FromItem Unnest(const TypedExpr<T>& array, absl::string_view name,
                bool with_ordinality = false) {
  return UnnestItem(array, name, with_ordinality);
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_ARRAY_H_
