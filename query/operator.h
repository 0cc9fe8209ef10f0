// The operators of SQL expressions and how tightly each binds. Where databases
// disagree (string joining, bit and custom operators), an operator counts as
// kOther, which never mixes with arithmetic without parentheses.

#ifndef CUPEL_QUERY_OPERATOR_H_
#define CUPEL_QUERY_OPERATOR_H_

#include <cstdint>

namespace cupel::query {

enum class Operator : uint8_t {
  kOr,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIsDistinctFrom,
  kIsNotDistinctFrom,
  kIsNull,
  kIsNotNull,
  kRegexMatch,
  kNotRegexMatch,
  kArrayContains,
  kArrayContainedBy,
  kArrayOverlaps,
  kMatch,
  kConcat,
  kBitAnd,
  kBitOr,
  kBitXor,
  kShiftLeft,
  kShiftRight,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kNegate,
  kBitNot,
};

// How tightly an expression holds together, loosest first.
enum class Precedence : uint8_t {
  kOr,
  kAnd,
  kNot,
  kComparison,
  kOther,
  kSum,
  kProduct,
  kUnary,
  kAtom,
};

constexpr Precedence PrecedenceOf(Operator op) {
  if (op == Operator::kOr) return Precedence::kOr;
  if (op == Operator::kAnd) return Precedence::kAnd;
  if (op == Operator::kNot) return Precedence::kNot;
  if (op <= Operator::kMatch) return Precedence::kComparison;
  if (op <= Operator::kShiftRight) return Precedence::kOther;
  if (op <= Operator::kSubtract) return Precedence::kSum;
  if (op <= Operator::kModulo) return Precedence::kProduct;
  return Precedence::kUnary;
}

// Whether `(a op b) op c` and `a op (b op c)` are the same, so that chains need
// no parentheses on either side.
constexpr bool IsAssociative(Operator op) {
  return op == Operator::kAnd || op == Operator::kOr ||
         op == Operator::kConcat || op == Operator::kBitAnd ||
         op == Operator::kBitOr;
}

enum class Constant : uint8_t { kNull, kTrue, kFalse, kStar };

enum class LikeKind : uint8_t { kLike, kILike };

// What ANY and ALL compare with.
enum class Quantifier : uint8_t { kAny, kAll };

// The parts of a date or time that Extract() knows.
enum class DateField : uint8_t {
  kYear,
  kMonth,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kDayOfWeek,  // 0 is Sunday.
  kDayOfYear,
};

enum class GroupingKind : uint8_t { kRollup, kCube, kGroupingSets };

enum class JoinKind : uint8_t { kInner, kLeft, kFull, kCross };

// Where a clause of the program's own goes.
enum class ClausePoint : uint8_t {
  kHint,         // a comment behind SELECT
  kAfterSelect,  // before DISTINCT and the columns
  kAfterFrom,
  kAfterWhere,
  kAfterGroupBy,
  kAfterHaving,
  kAfterOrderBy,
  kEnd,  // behind LIMIT and FOR UPDATE
};

enum class SetOperator : uint8_t {
  kUnion,
  kUnionAll,
  kIntersect,
  kIntersectAll,
  kExcept,
  kExceptAll,
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_OPERATOR_H_
