// What the typed expressions ask about C++ types: concepts, and the value type
// that an operation has. No SQL and no logic here.

#ifndef CUPEL_QUERY_EXPR_TYPES_H_
#define CUPEL_QUERY_EXPR_TYPES_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/type_traits.h"
#include "cupel/engine/value.h"
#include "cupel/query/expr.h"

namespace cupel::query_internal {

template <typename T>
struct OptionalTraits {
  using Plain = T;
  static constexpr bool kIsOptional = false;
};
template <typename T>
struct OptionalTraits<std::optional<T>> {
  using Plain = T;
  static constexpr bool kIsOptional = true;
};

// T without std::optional.
template <typename T>
using Plain = typename OptionalTraits<std::remove_cvref_t<T>>::Plain;

template <typename T>
inline constexpr bool kIsOptional =
    OptionalTraits<std::remove_cvref_t<T>>::kIsOptional;

// T as a value that may be NULL.
template <typename T>
using Nullable = std::optional<Plain<T>>;

// `Result`, nullable if any of Operands is.
template <typename Result, typename... Operands>
using NullableLike = std::conditional_t<(kIsOptional<Operands> || ...),
                                        Nullable<Result>, Plain<Result>>;

template <typename T>
concept IsExpr = std::derived_from<std::remove_cvref_t<T>, query::Expr>;

// An expression that knows its C++ type.
template <typename T>
concept IsTypedExpr = IsExpr<T> && requires {
  typename std::remove_cvref_t<T>::value_type;
};

template <typename T>
concept IsInteger = std::integral<Plain<T>> && !std::same_as<Plain<T>, bool>;

template <typename T>
concept IsTextLike = std::convertible_to<const T&, absl::string_view> &&
    !std::same_as<std::remove_cvref_t<T>, std::nullptr_t>;

template <typename T>
constexpr engine::TypeKind KindOf() {
  return TypeTraits<Plain<T>>::SqlType().kind;
}

template <typename T>
concept IsText = KindOf<T>()
== engine::TypeKind::kText || KindOf<T>() == engine::TypeKind::kString;

template <typename T>
concept IsNumber = KindOf<T>()
== engine::TypeKind::kSmallInteger || KindOf<T>() == engine::TypeKind::kInteger
    || KindOf<T>() == engine::TypeKind::kBigInteger
    || KindOf<T>() == engine::TypeKind::kFloat
    || KindOf<T>() == engine::TypeKind::kDouble
    || KindOf<T>() == engine::TypeKind::kNumeric;

template <typename T>
concept IsBool = std::same_as < Plain<T>,
bool > ;

template <typename T>
concept IsJson = KindOf<T>()
== engine::TypeKind::kJson;

template <typename T>
concept IsMoment = KindOf<T>()
== engine::TypeKind::kDate || KindOf<T>() == engine::TypeKind::kTime
    || KindOf<T>() == engine::TypeKind::kTimestamp;

// Whether a column of type T may be compared with a C++ value of type V:
// never by a conversion that loses digits.
template <typename T, typename V>
constexpr bool ComparesWithValue() {
  using Column = Plain<T>;
  using Given = Plain<std::decay_t<V>>;
  if constexpr (std::same_as<Column, Given>) {
    return true;
  } else if constexpr (IsBool<Column> || IsBool<Given>) {
    return false;
  } else if constexpr (IsInteger<Column>) {
    return IsInteger<Given>;
  } else if constexpr (std::floating_point<Column>) {
    return std::is_arithmetic_v<Given>;
  } else if constexpr (std::same_as<Column, Decimal>) {
    return IsInteger<Given>;
  } else if constexpr (IsText<Column> && IsTextLike<Given>) {
    return true;
  } else {
    return std::is_class_v<Column> && !std::is_arithmetic_v<Given> &&
           std::convertible_to<const Given&, Column>;
  }
}

// Whether columns of types A and B may be compared.
template <typename A, typename B>
constexpr bool ComparesWithExpr() {
  using Left = Plain<A>;
  using Right = Plain<B>;
  if constexpr (std::same_as<Left, Right>) {
    return true;
  } else if constexpr (IsNumber<Left> && IsNumber<Right>) {
    return !IsBool<Left> && !IsBool<Right>;
  } else {
    return IsText<Left> && IsText<Right>;
  }
}

// What adding, subtracting and multiplying A and B gives.
template <typename A, typename B>
auto ArithmeticResult() {
  using Left = Plain<A>;
  using Right = Plain<B>;
  if constexpr (std::floating_point<Left> || std::floating_point<Right>) {
    return NullableLike<double, A, B>();
  } else if constexpr (IsInteger<Left> && IsInteger<Right>) {
    return NullableLike<int64_t, A, B>();
  } else {
    return NullableLike<Decimal, A, B>();
  }
}

// The C++ type of an operand: an expression's value type, or the value's own.
template <typename T>
struct OperandType {
  using Type = std::remove_cvref_t<T>;
};
template <IsTypedExpr T>
struct OperandType<T> {
  using Type = typename std::remove_cvref_t<T>::value_type;
};

// `value` bound as `Column` is; `type` is the SQL type of what it meets.
template <typename Column, typename V>
query::Expr BindLike(const V& value, const engine::Type* type) {
  using Target = Plain<Column>;
  if constexpr (kIsOptional<V>) {
    if (!value.has_value()) {
      return query::BindView(engine::ValueView::Null(), type);
    }
    return BindLike<Column>(*value, type);
  } else if constexpr (IsInteger<Target> && IsInteger<V>) {
    if constexpr (std::same_as<V, uint64_t> ||
                  std::same_as<V, unsigned long long>) {  // NOLINT
      if (value > static_cast<uint64_t>(INT64_MAX)) {
        return query::ErrorExpr(absl::OutOfRangeError(
            "cupel: an integer above 2^63 - 1 cannot be bound"));
      }
    }
    return query::BindView(
        engine::ValueView::Int64(static_cast<int64_t>(value)), type);
  } else if constexpr (std::floating_point<Target> && std::is_arithmetic_v<V>) {
    return query::BindView(
        engine::ValueView::Double(static_cast<double>(value)), type);
  } else if constexpr (std::same_as<Target, Decimal> && IsInteger<V>) {
    const Decimal decimal = Decimal::FromInt64(static_cast<int64_t>(value), 0);
    return query::BindView(engine::ValueView::Decimal(&decimal), type);
  } else if constexpr (IsText<Target> && IsTextLike<V>) {
    return query::BindView(engine::ValueView::Text(absl::string_view(value)),
                           type);
  } else if constexpr (std::same_as<Target, std::remove_cvref_t<V>>) {
    return query::BindObject(engine::TypeOpsOf<Target>(), &value, type);
  } else {
    const Target converted = value;
    return query::BindObject(engine::TypeOpsOf<Target>(), &converted, type);
  }
}

// The static SQL type of T.
template <typename T>
const engine::Type* StaticType() {
  return &engine::TypeOpsOf<Plain<T>>().type;
}

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_EXPR_TYPES_H_
