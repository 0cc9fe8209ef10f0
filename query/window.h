// Windows of window functions.
//
//   query::Sum(amount).Over({.partition_by = {account},
//                            .order_by = {day.Asc()},
//                            .frame = query::Rows(query::Preceding(2),
//                                                 query::CurrentRow())})

#ifndef CUPEL_QUERY_WINDOW_H_
#define CUPEL_QUERY_WINDOW_H_

#include <cstdint>
#include <vector>

#include "cupel/query/expr.h"

namespace cupel::query {

// An end of a frame.
struct FrameBound {
  enum class Kind : uint8_t {
    kUnboundedPreceding,
    kPreceding,
    kCurrentRow,
    kFollowing,
    kUnboundedFollowing,
  };
  Kind kind = Kind::kUnboundedPreceding;
  int64_t offset = 0;  // Bound as a value; not negative.
};

constexpr FrameBound UnboundedPreceding() { return {}; }
constexpr FrameBound Preceding(int64_t rows) {
  return {FrameBound::Kind::kPreceding, rows};
}
constexpr FrameBound CurrentRow() { return {FrameBound::Kind::kCurrentRow, 0}; }
constexpr FrameBound Following(int64_t rows) {
  return {FrameBound::Kind::kFollowing, rows};
}
constexpr FrameBound UnboundedFollowing() {
  return {FrameBound::Kind::kUnboundedFollowing, 0};
}

// Which rows around the current one a window function sees.
struct Frame {
  enum class Unit : uint8_t { kDefault, kRows, kRange, kGroups };
  enum class Exclude : uint8_t { kNothing, kCurrentRow, kGroup, kTies };
  Unit unit = Unit::kDefault;
  FrameBound start;
  FrameBound end = CurrentRow();
  Exclude exclude = Exclude::kNothing;
};

constexpr Frame Rows(FrameBound start, FrameBound end = CurrentRow()) {
  return {Frame::Unit::kRows, start, end};
}
constexpr Frame Range(FrameBound start, FrameBound end = CurrentRow()) {
  return {Frame::Unit::kRange, start, end};
}
constexpr Frame Groups(FrameBound start, FrameBound end = CurrentRow()) {
  return {Frame::Unit::kGroups, start, end};
}

struct Window {
  std::vector<Expr> partition_by;
  std::vector<Expr> order_by;
  Frame frame;
};

// `function` over `window`. A frame that ends before it starts or has a
// negative offset is kInvalidArgument when compiled.
Expr OverWindow(const Expr& function, const Window& window);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_WINDOW_H_
