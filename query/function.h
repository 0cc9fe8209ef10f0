// SQL functions: any by name, and the well-known ones with their types.
//
//   query::Function<std::string>("soundex", name)
//   query::Count(), query::Sum(price), query::Coalesce(nick, name)
//
// Names are generic; a dialect that spells a function differently renames it
// (AggregateStrings() is string_agg or group_concat). An aggregate may be
// restricted, ordered and windowed:
//
//   query::Count().Filter(age > 18)
//   query::Sum(amount).Over({.partition_by = {account}, .order_by = {day}})

#ifndef CUPEL_QUERY_FUNCTION_H_
#define CUPEL_QUERY_FUNCTION_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/typed_expr.h"
#include "cupel/query/window.h"
#include "cupel/schema/sequence.h"

namespace cupel::query {

// --- The core ---------------------------------------------------------------

// A call of the function of that generic name. A name that is not made of
// letters, digits, '_' and '.' is refused (kInvalidArgument when compiled).
Expr CallFunction(absl::string_view name, absl::Span<const Expr> arguments,
                  const engine::Type* type, bool distinct = false);
Expr FilterAggregate(const Expr& function, const Expr& condition);
Expr OrderAggregate(const Expr& function, absl::Span<const Expr> order);
Expr WithinGroupOf(const Expr& function, absl::Span<const Expr> order);
Expr GroupingOf(GroupingKind kind, absl::Span<const Expr> members);

// A function call, with what may follow its arguments.
template <typename T>
class TypedFunction : public TypedExpr<T> {
 public:
  using TypedExpr<T>::TypedExpr;

  // Only rows for which `condition` holds.
  TypedFunction Filter(const Expr& condition) const {
    return TypedFunction(FilterAggregate(*this, condition));
  }
  // The rows in this order, inside the parentheses.
  TypedFunction OrderBy(std::initializer_list<Expr> order) const {
    return TypedFunction(OrderAggregate(
        *this, absl::MakeConstSpan(order.begin(), order.size())));
  }
  TypedFunction WithinGroup(std::initializer_list<Expr> order) const {
    return TypedFunction(
        WithinGroupOf(*this, absl::MakeConstSpan(order.begin(), order.size())));
  }
  TypedExpr<T> Over(const Window& window = {}) const {
    return TypedExpr<T>(OverWindow(*this, window));
  }
};

// Any function, by its generic name, of C++ type T.
template <typename T, typename... Arguments>
TypedFunction<T> Function(absl::string_view name,
                          const Arguments&... arguments) {
  const auto operand = [](const auto& argument) -> Expr {
    if constexpr (query_internal::IsExpr<decltype(argument)>) {
      return argument;
    } else {
      return Bind(argument);
    }
  };
  if constexpr (sizeof...(Arguments) == 0) {
    return TypedFunction<T>(
        CallFunction(name, {}, query_internal::StaticType<T>()));
  } else {
    const Expr list[] = {operand(arguments)...};
    return TypedFunction<T>(
        CallFunction(name, list, query_internal::StaticType<T>()));
  }
}

// --- Aggregates -------------------------------------------------------------

TypedFunction<int64_t> Count();  // count(*)
TypedFunction<int64_t> Count(const Expr& expr);
TypedFunction<int64_t> CountDistinct(const Expr& expr);

template <typename T>
TypedFunction<query_internal::Nullable<T>> Min(const TypedExpr<T>& expr) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("min", {expr}, expr.BoundType()));
}
template <typename T>
TypedFunction<query_internal::Nullable<T>> Max(const TypedExpr<T>& expr) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("max", {expr}, expr.BoundType()));
}
// Integers add up to int64_t.
template <typename T>
auto Sum(const TypedExpr<T>& expr) {
  static_assert(query_internal::IsNumber<T>, "cupel: Sum() needs numbers");
  using Result = query_internal::Nullable<
      decltype(query_internal::ArithmeticResult<T, T>())>;
  return TypedFunction<Result>(CallFunction(
      "sum", {expr}, typed_expr_internal::ArithmeticType<Result>(expr)));
}
template <typename T>
TypedFunction<std::optional<double>> Avg(const TypedExpr<T>& expr) {
  static_assert(query_internal::IsNumber<T>, "cupel: Avg() needs numbers");
  return TypedFunction<std::optional<double>>(
      CallFunction("avg", {expr}, query_internal::StaticType<double>()));
}
// The texts joined by `separator`.
template <typename T>
TypedFunction<std::optional<std::string>> AggregateStrings(
    const TypedExpr<T>& expr, absl::string_view separator) {
  static_assert(query_internal::IsText<T>,
                "cupel: AggregateStrings() needs a text column");
  return TypedFunction<std::optional<std::string>>(
      CallFunction("string_agg", {expr, Bind(std::string(separator))},
                   query_internal::StaticType<std::string>()));
}

// --- Window functions -------------------------------------------------------

TypedFunction<int64_t> RowNumber();
TypedFunction<int64_t> Rank();
TypedFunction<int64_t> DenseRank();
TypedFunction<double> PercentRank();
TypedFunction<double> CumeDist();
TypedFunction<int64_t> Ntile(int64_t buckets);
template <typename T>
TypedFunction<query_internal::Nullable<T>> Lag(const TypedExpr<T>& expr,
                                               int64_t rows = 1) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("lag", {expr, Bind(rows)}, expr.BoundType()));
}
template <typename T>
TypedFunction<query_internal::Nullable<T>> Lead(const TypedExpr<T>& expr,
                                                int64_t rows = 1) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("lead", {expr, Bind(rows)}, expr.BoundType()));
}
template <typename T>
TypedFunction<query_internal::Nullable<T>> FirstValue(
    const TypedExpr<T>& expr) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("first_value", {expr}, expr.BoundType()));
}
template <typename T>
TypedFunction<query_internal::Nullable<T>> LastValue(const TypedExpr<T>& expr) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("last_value", {expr}, expr.BoundType()));
}

// --- Scalars ----------------------------------------------------------------

// The first that is not NULL; never NULL if the last cannot be.
template <typename T, typename V>
auto Coalesce(const TypedExpr<T>& first, const V& second) {
  using Other = typename query_internal::OperandType<V>::Type;
  using Result =
      std::conditional_t<query_internal::kIsOptional<Other>,
                         query_internal::Nullable<T>, query_internal::Plain<T>>;
  return TypedFunction<Result>(CallFunction(
      "coalesce", {first, first.Operand(second)}, first.BoundType()));
}
template <typename T, typename V>
TypedFunction<query_internal::Nullable<T>> NullIf(const TypedExpr<T>& expr,
                                                  const V& value) {
  return TypedFunction<query_internal::Nullable<T>>(
      CallFunction("nullif", {expr, expr.Operand(value)}, expr.BoundType()));
}

#define CUPEL_INTERNAL_TEXT_FUNCTION(Name, sql, Result)                 \
  template <typename T>                                                 \
  auto Name(const TypedExpr<T>& text) {                                 \
    static_assert(query_internal::IsText<T>,                            \
                  "cupel: " #Name "() needs a text column");            \
    using Type = query_internal::NullableLike<Result, T>;               \
    return TypedFunction<Type>(                                         \
        CallFunction(sql, {text}, query_internal::StaticType<Type>())); \
  }
CUPEL_INTERNAL_TEXT_FUNCTION(Lower, "lower", std::string)
CUPEL_INTERNAL_TEXT_FUNCTION(Upper, "upper", std::string)
CUPEL_INTERNAL_TEXT_FUNCTION(Trim, "trim", std::string)
CUPEL_INTERNAL_TEXT_FUNCTION(CharLength, "char_length", int64_t)
#undef CUPEL_INTERNAL_TEXT_FUNCTION

template <typename T>
TypedFunction<T> Abs(const TypedExpr<T>& number) {
  static_assert(query_internal::IsNumber<T>, "cupel: Abs() needs numbers");
  return TypedFunction<T>(CallFunction("abs", {number}, number.BoundType()));
}

// The database's clock and chance.
TypedFunction<absl::Time> Now();
TypedFunction<int64_t> Random();

// The next value of a sequence: taken for each row, and gone. Refused
// (kUnimplemented when compiled) where there are no sequences.
TypedExpr<int64_t> NextValue(const schema::Sequence& sequence);

// --- GROUP BY of several levels ---------------------------------------------

Expr Rollup(std::initializer_list<Expr> members);
Expr Cube(std::initializer_list<Expr> members);
// Members are expressions or Tuple()s; Tuple({}) is the empty set.
Expr GroupingSets(std::initializer_list<Expr> members);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_FUNCTION_H_
