// CASE.
//
//   query::Case<std::string>()
//       .When(age < 18, "child").When(age < 65, "adult").Else("senior")
//   query::Case<int64_t>(status).When("new", 1).Else(0)      // simple form
//
// Without Else() the value is NULL where no condition holds: End() reads as
// std::optional.

#ifndef CUPEL_QUERY_CASE_H_
#define CUPEL_QUERY_CASE_H_

#include <utility>
#include <vector>

#include "cupel/query/expr.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query {

// The core: `parts` is [subject], when, then, ..., [else].
Expr CaseOf(absl::Span<const Expr> parts, bool has_subject, bool has_else,
            const engine::Type* type);

// Collects the branches of a CASE of C++ type T whose subject, in the simple
// form, is of type Subject.
template <typename T, typename Subject = bool>
class CaseBuilder {
 public:
  CaseBuilder() = default;
  explicit CaseBuilder(const TypedExpr<Subject>& subject)
      : parts_{subject}, has_subject_(true) {}

  // `when` is a condition; in the simple form a value or expression that the
  // subject is compared with.
  template <typename Condition, typename Then>
  CaseBuilder When(const Condition& when, const Then& then) && {
    if constexpr (query_internal::IsExpr<Condition>) {
      parts_.push_back(when);
    } else {
      parts_.push_back(query_internal::BindLike<Subject>(
          when, query_internal::StaticType<Subject>()));
    }
    parts_.push_back(Value(then));
    return std::move(*this);
  }
  template <typename V>
  TypedExpr<T> Else(const V& value) && {
    parts_.push_back(Value(value));
    return TypedExpr<T>(CaseOf(parts_, has_subject_, true, type_));
  }
  TypedExpr<query_internal::Nullable<T>> End() && {
    return TypedExpr<query_internal::Nullable<T>>(
        CaseOf(parts_, has_subject_, false, type_));
  }

 private:
  template <typename V>
  static Expr Value(const V& value) {
    if constexpr (query_internal::IsExpr<V>) {
      return value;
    } else {
      return query_internal::BindLike<T>(value,
                                         query_internal::StaticType<T>());
    }
  }

  std::vector<Expr> parts_;
  bool has_subject_ = false;
  const engine::Type* type_ = query_internal::StaticType<T>();
};

template <typename T>
CaseBuilder<T> Case() {
  return {};
}
template <typename T, typename Subject>
CaseBuilder<T, Subject> Case(const TypedExpr<Subject>& subject) {
  return CaseBuilder<T, Subject>(subject);
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_CASE_H_
