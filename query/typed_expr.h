// TypedExpr<T>: an expression whose value reads as T; std::optional<> where it
// may be NULL. The operators check C++ types and build erased expressions.
//
//   query::TypedExpr<std::string> name = ...;
//   query::TypedExpr<std::optional<int>> age = ...;
//   name == "ada" && (age > 30 || age == std::nullopt)
//
// Comparing with std::nullopt, or == / != with an empty std::optional, gives IS
// NULL / IS NOT NULL. A mistake (comparing text with a number, Like() on an
// integer) does not compile; the message starts with "cupel:".
//
// && and || do not short-circuit: both sides are built. They keep C++'s usual
// precedence, and so does the SQL.

#ifndef CUPEL_QUERY_TYPED_EXPR_H_
#define CUPEL_QUERY_TYPED_EXPR_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/query/expr.h"
#include "cupel/query/expr_types.h"

namespace cupel::query {

// The value of a kBind expression appended to `views`; an error expression
// appends nothing.
void AppendBoundView(const Expr& bound, std::vector<engine::ValueView>* views);

// Immutable and cheap to copy, like its base.
template <typename T>
class TypedExpr : public Expr {
 public:
  using value_type = T;

  TypedExpr() = default;
  // Takes `expr` to be of type T, unchecked.
  explicit TypedExpr(Expr expr) : Expr(std::move(expr)) {}

  // --- NULL and lists
  TypedExpr<bool> IsNull() const {
    return TypedExpr<bool>(query::Unary(Operator::kIsNull, *this, nullptr));
  }
  TypedExpr<bool> IsNotNull() const {
    return TypedExpr<bool>(query::Unary(Operator::kIsNotNull, *this, nullptr));
  }
  // Comparison in which NULL is a value like others.
  template <typename V>
  TypedExpr<bool> IsDistinctFrom(const V& value) const {
    return Compared(Operator::kIsDistinctFrom, value);
  }
  template <typename V>
  TypedExpr<bool> IsNotDistinctFrom(const V& value) const {
    return Compared(Operator::kIsNotDistinctFrom, value);
  }
  // Whether the value is one of `values`: any container, a braced list, or a
  // SELECT of one column.
  template <typename Values>
  TypedExpr<bool> In(const Values& values) const {
    return InList(values, false);
  }
  template <typename V>
  TypedExpr<bool> In(std::initializer_list<V> values) const {
    return InList(values, false);
  }
  template <typename Values>
  TypedExpr<bool> NotIn(const Values& values) const {
    return InList(values, true);
  }
  template <typename V>
  TypedExpr<bool> NotIn(std::initializer_list<V> values) const {
    return InList(values, true);
  }
  template <typename Low, typename High>
  TypedExpr<bool> Between(const Low& low, const High& high) const {
    return InRange(low, high, false, false);
  }
  template <typename Low, typename High>
  TypedExpr<bool> NotBetween(const Low& low, const High& high) const {
    return InRange(low, high, true, false);
  }
  // The ends may come in either order.
  template <typename Low, typename High>
  TypedExpr<bool> BetweenSymmetric(const Low& low, const High& high) const {
    return InRange(low, high, false, true);
  }

  // --- Text
  // `pattern` is a text or an expression in which % and _ are wild; '/' keeps
  // them literal if `escaped`.
  template <typename Pattern>
  TypedExpr<bool> Like(const Pattern& pattern, bool escaped = false) const {
    return MatchesPattern(LikeKind::kLike, pattern, escaped, false);
  }
  template <typename Pattern>
  TypedExpr<bool> NotLike(const Pattern& pattern, bool escaped = false) const {
    return MatchesPattern(LikeKind::kLike, pattern, escaped, true);
  }
  template <typename Pattern>
  TypedExpr<bool> ILike(const Pattern& pattern, bool escaped = false) const {
    return MatchesPattern(LikeKind::kILike, pattern, escaped, false);
  }
  template <typename Pattern>
  TypedExpr<bool> NotILike(const Pattern& pattern, bool escaped = false) const {
    return MatchesPattern(LikeKind::kILike, pattern, escaped, true);
  }
  // `text` is literal: its % and _ find themselves.
  TypedExpr<bool> Contains(absl::string_view text) const {
    return MatchesText(LikeKind::kLike, text, TextMatch::kContains);
  }
  TypedExpr<bool> StartsWith(absl::string_view text) const {
    return MatchesText(LikeKind::kLike, text, TextMatch::kStartsWith);
  }
  TypedExpr<bool> EndsWith(absl::string_view text) const {
    return MatchesText(LikeKind::kLike, text, TextMatch::kEndsWith);
  }
  // The same without regard to case.
  TypedExpr<bool> IContains(absl::string_view text) const {
    return MatchesText(LikeKind::kILike, text, TextMatch::kContains);
  }
  TypedExpr<bool> IStartsWith(absl::string_view text) const {
    return MatchesText(LikeKind::kILike, text, TextMatch::kStartsWith);
  }
  TypedExpr<bool> IEndsWith(absl::string_view text) const {
    return MatchesText(LikeKind::kILike, text, TextMatch::kEndsWith);
  }
  // By the database's regular expressions.
  TypedExpr<bool> RegexMatch(absl::string_view pattern) const {
    CheckText("RegexMatch");
    return TypedExpr<bool>(Binary(
        Operator::kRegexMatch, *this,
        query_internal::BindLike<std::string>(pattern, nullptr), nullptr));
  }
  // Full-text search, as far as the database has it on this column.
  TypedExpr<bool> Match(absl::string_view search) const {
    static_assert(query_internal::IsText<T>,
                  "cupel: Match() needs a text column");
    return TypedExpr<bool>(Binary(
        Operator::kMatch, *this,
        query_internal::BindLike<std::string>(search, nullptr), nullptr));
  }
  template <typename V>
  TypedExpr Concat(const V& text) const {
    static_assert(query_internal::IsText<T>,
                  "cupel: Concat() needs a text column");
    return TypedExpr(Binary(Operator::kConcat, *this, Operand(text), type()));
  }
  // Compares and sorts by the named collation.
  TypedExpr Collate(absl::string_view collation) const {
    static_assert(query_internal::IsText<T>,
                  "cupel: Collate() needs a text column");
    return TypedExpr(query::Collate(*this, collation));
  }

  // --- Integers
  template <typename V>
  auto BitAnd(const V& value) const {
    return Bits(Operator::kBitAnd, value);
  }
  template <typename V>
  auto BitOr(const V& value) const {
    return Bits(Operator::kBitOr, value);
  }
  template <typename V>
  auto BitXor(const V& value) const {
    return Bits(Operator::kBitXor, value);
  }
  template <typename V>
  auto ShiftLeft(const V& value) const {
    return Bits(Operator::kShiftLeft, value);
  }
  template <typename V>
  auto ShiftRight(const V& value) const {
    return Bits(Operator::kShiftRight, value);
  }
  TypedExpr BitNot() const {
    static_assert(query_internal::IsInteger<T>,
                  "cupel: BitNot() needs an integer column");
    return TypedExpr(Unary(Operator::kBitNot, *this, type()));
  }
  // Division without the fraction; operator/ keeps it.
  template <typename V>
  auto FloorDivide(const V& value) const {
    return Bits(Operator::kFloorDivide, value);
  }

  // --- Sorting and naming
  OrderExpr Asc() const { return Order(*this, false); }
  OrderExpr Desc() const { return Order(*this, true); }
  TypedExpr Label(absl::string_view label) const {
    return TypedExpr(query::Label(*this, label));
  }

  // --- Types
  // CAST to the SQL type of U, or to `type`.
  template <typename U>
  auto Cast() const {
    using Result = query_internal::NullableLike<U, T, U>;
    return TypedExpr<Result>(
        CastTo(*this, query_internal::StaticType<U>(), false));
  }
  template <typename U>
  auto Cast(const engine::Type& to) const {
    using Result = query_internal::NullableLike<U, T, U>;
    return TypedExpr<Result>(
        CastTo(*this, query_internal::InternType(to), false));
  }
  // NULL where the cast would fail, on databases that can.
  template <typename U>
  auto TryCast() const {
    return TypedExpr<query_internal::Nullable<U>>(
        CastTo(*this, query_internal::StaticType<U>(), true));
  }
  // The same SQL read as another type.
  template <typename U>
  TypedExpr<U> Coerce() const {
    return TypedExpr<U>(CoerceTo(*this, query_internal::StaticType<U>()));
  }

  // --- Dates
  TypedExpr<query_internal::NullableLike<int64_t, T>> Extract(
      DateField field) const {
    static_assert(query_internal::IsMoment<T>,
                  "cupel: Extract() needs a date or time column");
    return TypedExpr<query_internal::NullableLike<int64_t, T>>(
        ExtractField(field, *this));
  }

  // --- JSON: `column["name"][0].AsInteger()`. Steps are always data.
  TypedExpr<query_internal::Nullable<T>> operator[](JsonStep step) const {
    CheckJson();
    return TypedExpr<query_internal::Nullable<T>>(JsonPath(*this, step));
  }
  TypedExpr<std::optional<int64_t>> AsInteger() const {
    return Leaf<int64_t>(JsonLeaf::kInteger);
  }
  TypedExpr<std::optional<double>> AsDouble() const {
    return Leaf<double>(JsonLeaf::kDouble);
  }
  TypedExpr<std::optional<bool>> AsBoolean() const {
    return Leaf<bool>(JsonLeaf::kBoolean);
  }
  TypedExpr<std::optional<std::string>> AsText() const {
    return Leaf<std::string>(JsonLeaf::kText);
  }

  // --- The program's own operators: `a.Op<bool>("@>", b)`.
  template <typename Result, typename V>
  TypedExpr<Result> Op(absl::string_view op, const V& value,
                       Precedence precedence = Precedence::kOther) const {
    return TypedExpr<Result>(
        CustomBinary(op, precedence, *this, Operand(value),
                     query_internal::StaticType<Result>()));
  }

  // `value` as an operand beside this expression: itself if it is one, else
  // bound with this expression's type.
  template <typename V>
  Expr Operand(const V& value) const {
    if constexpr (query_internal::IsExpr<V>) {
      return value;
    } else {
      return query_internal::BindLike<T>(value, BoundType());
    }
  }
  const engine::Type* BoundType() const {
    return type() != nullptr ? type() : query_internal::StaticType<T>();
  }

  // The core of the comparison operators.
  template <typename V>
  TypedExpr<bool> Compared(Operator op, const V& value) const {
    if constexpr (std::same_as<V, std::nullopt_t>) {
      return ComparedWithNull(op);
    } else {
      CheckComparable<V>();
      if constexpr (!query_internal::IsExpr<V> &&
                    query_internal::kIsOptional<V>) {
        if (!value.has_value()) return ComparedWithNull(op);
      }
      return TypedExpr<bool>(Binary(op, *this, Operand(value), nullptr));
    }
  }

 private:
  template <typename V>
  static constexpr void CheckComparable() {
    if constexpr (query_internal::IsTypedExpr<V>) {
      static_assert(
          query_internal::ComparesWithExpr<T, typename V::value_type>(),
          "cupel: these two columns have types that cannot be compared: "
          "Cast<>() one to the type of the other");
    } else if constexpr (!query_internal::IsExpr<V>) {
      static_assert(query_internal::ComparesWithValue<T, V>(),
                    "cupel: the value's type does not fit the column's: pass a "
                    "value of the member's type");
    }
  }
  static constexpr void CheckText(const char*) {
    static_assert(query_internal::IsText<T>,
                  "cupel: RegexMatch() needs a text column");
  }
  static constexpr void CheckJson() {
    static_assert(query_internal::IsJson<T>,
                  "cupel: a JSON path needs a JSON column");
  }

  TypedExpr<bool> ComparedWithNull(Operator op) const {
    if (op == Operator::kEqual || op == Operator::kIsNotDistinctFrom) {
      return IsNull();
    }
    if (op == Operator::kNotEqual || op == Operator::kIsDistinctFrom) {
      return IsNotNull();
    }
    return TypedExpr<bool>(Binary(op, *this, Null(), nullptr));
  }

  template <typename Values>
  TypedExpr<bool> InList(const Values& values, bool negated) const {
    if constexpr (std::derived_from<Values, Statement>) {
      return TypedExpr<bool>(InStatement(*this, values, negated));
    } else {
      using V = std::decay_t<decltype(*std::begin(values))>;
      static_assert(query_internal::ComparesWithValue<T, V>(),
                    "cupel: the list's values do not fit the column's type: "
                    "pass values of the member's type");
      // One bound value at a time lends its view to the list.
      std::vector<Expr> bound;
      std::vector<engine::ValueView> views;
      for (const auto& value : values) {
        bound.push_back(query_internal::BindLike<T>(value, BoundType()));
        AppendBoundView(bound.back(), &views);
      }
      return TypedExpr<bool>(InValues(*this, views, BoundType(), 1, negated));
    }
  }

  template <typename Low, typename High>
  TypedExpr<bool> InRange(const Low& low, const High& high, bool negated,
                          bool symmetric) const {
    CheckComparable<Low>();
    CheckComparable<High>();
    return TypedExpr<bool>(
        query::Between(*this, Operand(low), Operand(high), negated, symmetric));
  }

  template <typename Pattern>
  TypedExpr<bool> MatchesPattern(LikeKind kind, const Pattern& pattern,
                                 bool escaped, bool negated) const {
    static_assert(query_internal::IsText<T>,
                  "cupel: Like() needs a text column");
    return TypedExpr<bool>(
        query::Like(kind, *this, Operand(pattern), escaped, negated));
  }
  TypedExpr<bool> MatchesText(LikeKind kind, absl::string_view text,
                              TextMatch match) const {
    static_assert(query_internal::IsText<T>,
                  "cupel: text search needs a text column");
    return TypedExpr<bool>(LikeLiteral(kind, *this, text, match, false));
  }

  template <typename V>
  auto Bits(Operator op, const V& value) const {
    using Other = typename query_internal::OperandType<V>::Type;
    static_assert(
        query_internal::IsInteger<T> && query_internal::IsInteger<Other>,
        "cupel: this operation needs integers");
    using Result = query_internal::NullableLike<int64_t, T, Other>;
    return TypedExpr<Result>(Binary(op, *this, Operand(value), type()));
  }

  template <typename U>
  TypedExpr<std::optional<U>> Leaf(JsonLeaf leaf) const {
    CheckJson();
    return TypedExpr<std::optional<U>>(
        JsonAs(*this, leaf, query_internal::StaticType<U>()));
  }
};

// `value` as a bound parameter of its own type.
template <typename T>
TypedExpr<T> Bind(const T& value) {
  return TypedExpr<T>(
      query_internal::BindLike<T>(value, query_internal::StaticType<T>()));
}
inline TypedExpr<std::string> Bind(const char* value) {
  return TypedExpr<std::string>(query_internal::BindLike<std::string>(
      value, query_internal::StaticType<std::string>()));
}

// A named parameter whose value is given at execution. A statement that runs
// without it fails (kInvalidArgument) before anything is sent.
Expr ParameterExpr(absl::string_view name, const engine::Type* type);
template <typename T>
TypedExpr<T> Parameter(absl::string_view name) {
  return TypedExpr<T>(ParameterExpr(name, query_internal::StaticType<T>()));
}

// `column`, read as T. The caller vouches for T.
template <typename T>
TypedExpr<T> ColumnExpr(const schema::Column& column) {
  return TypedExpr<T>(ColumnOf(column));
}
template <typename T>
TypedExpr<T> ColumnExpr(const FromItem& from, const schema::Column& column) {
  return TypedExpr<T>(ColumnOf(from, column));
}
template <typename T>
TypedExpr<T> ColumnExpr(const FromItem& from, absl::string_view name) {
  Expr column = ColumnOf(from, name);
  if (column.type() == nullptr) {
    column = CoerceTo(column, query_internal::StaticType<T>());
  }
  return TypedExpr<T>(std::move(column));
}
// `sql`, a text of the program, read as T.
template <typename T>
TypedExpr<T> LiteralColumn(absl::string_view sql) {
  return TypedExpr<T>(
      CoerceTo(LiteralSql(sql), query_internal::StaticType<T>()));
}

// --- Operators --------------------------------------------------------------

// Both forms are constrained, so that neither is the more constrained one:
// otherwise a compiler may prefer the second, with its operands reversed.
#define CUPEL_INTERNAL_COMPARISON(symbol, op, mirrored)       \
  template <typename T, typename V>                           \
  requires(!std::is_void_v<V>) TypedExpr<bool>                \
  operator symbol(const TypedExpr<T>& left, const V& right) { \
    return left.Compared(Operator::op, right);                \
  }                                                           \
  template <typename V, typename T>                           \
  requires(!query_internal::IsExpr<V>) TypedExpr<bool>        \
  operator symbol(const V& left, const TypedExpr<T>& right) { \
    return right.Compared(Operator::mirrored, left);          \
  }
CUPEL_INTERNAL_COMPARISON(==, kEqual, kEqual)
CUPEL_INTERNAL_COMPARISON(!=, kNotEqual, kNotEqual)
CUPEL_INTERNAL_COMPARISON(<, kLess, kGreater)
CUPEL_INTERNAL_COMPARISON(<=, kLessOrEqual, kGreaterOrEqual)
CUPEL_INTERNAL_COMPARISON(>, kGreater, kLess)
CUPEL_INTERNAL_COMPARISON(>=, kGreaterOrEqual, kLessOrEqual)
#undef CUPEL_INTERNAL_COMPARISON

namespace typed_expr_internal {

template <typename A, typename B>
constexpr void CheckArithmetic() {
  static_assert(query_internal::IsNumber<A> && query_internal::IsNumber<B>,
                "cupel: arithmetic needs numbers");
}

// The SQL type of `A op B`: exact types keep the column's own scale.
template <typename Result>
const engine::Type* ArithmeticType(const Expr& operand) {
  const engine::Type* type = operand.type();
  const engine::Type* other = query_internal::StaticType<Result>();
  return type != nullptr && type->kind == other->kind ? type : other;
}

template <typename T, typename V>
auto Arithmetic(Operator op, const TypedExpr<T>& left, const V& right) {
  using Other = typename query_internal::OperandType<V>::Type;
  CheckArithmetic<T, Other>();
  using Result = decltype(query_internal::ArithmeticResult<T, Other>());
  return TypedExpr<Result>(
      Binary(op, left, left.Operand(right), ArithmeticType<Result>(left)));
}

template <typename V, typename T>
auto ArithmeticFrom(Operator op, const V& left, const TypedExpr<T>& right) {
  CheckArithmetic<V, T>();
  using Result = decltype(query_internal::ArithmeticResult<V, T>());
  return TypedExpr<Result>(
      Binary(op, right.Operand(left), right, ArithmeticType<Result>(right)));
}

}  // namespace typed_expr_internal

#define CUPEL_INTERNAL_ARITHMETIC(symbol, op)                              \
  template <typename T, typename V>                                        \
  auto operator symbol(const TypedExpr<T>& left, const V& right) {         \
    return typed_expr_internal::Arithmetic(Operator::op, left, right);     \
  }                                                                        \
  template <typename V, typename T>                                        \
  requires(!query_internal::IsExpr<V>) auto operator symbol(               \
      const V& left, const TypedExpr<T>& right) {                          \
    return typed_expr_internal::ArithmeticFrom(Operator::op, left, right); \
  }
CUPEL_INTERNAL_ARITHMETIC(-, kSubtract)
CUPEL_INTERNAL_ARITHMETIC(*, kMultiply)
CUPEL_INTERNAL_ARITHMETIC(%, kModulo)
#undef CUPEL_INTERNAL_ARITHMETIC

// Adds numbers and joins texts.
template <typename T, typename V>
auto operator+(const TypedExpr<T>& left, const V& right) {
  if constexpr (query_internal::IsText<T>) {
    return left.Concat(right);
  } else {
    return typed_expr_internal::Arithmetic(Operator::kAdd, left, right);
  }
}
template <typename V, typename T>
requires(!query_internal::IsExpr<V>) auto operator+(const V& left,
                                                    const TypedExpr<T>& right) {
  if constexpr (query_internal::IsText<T>) {
    return TypedExpr<T>(
        Binary(Operator::kConcat, right.Operand(left), right, right.type()));
  } else {
    return typed_expr_internal::ArithmeticFrom(Operator::kAdd, left, right);
  }
}

// Keeps the fraction on every database: 5 / 2 is 2.5.
template <typename T, typename V>
auto operator/(const TypedExpr<T>& left, const V& right) {
  using Other = typename query_internal::OperandType<V>::Type;
  typed_expr_internal::CheckArithmetic<T, Other>();
  using Exact = decltype(query_internal::ArithmeticResult<T, Other>());
  using Result =
      std::conditional_t<query_internal::IsInteger<Exact>,
                         query_internal::NullableLike<double, T, Other>, Exact>;
  return TypedExpr<Result>(
      Binary(Operator::kDivide, left, left.Operand(right),
             typed_expr_internal::ArithmeticType<Result>(left)));
}

template <typename T>
TypedExpr<T> operator-(const TypedExpr<T>& operand) {
  static_assert(query_internal::IsNumber<T>, "cupel: arithmetic needs numbers");
  return TypedExpr<T>(Unary(Operator::kNegate, operand, operand.type()));
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_TYPED_EXPR_H_
