// UPDATE and DELETE.
//
//   query::Update(counter).Set(n, n + 1).Where(id == 7)
//   query::Update(post).Set(title, author_name)
//       .From(author).Where(post_author == author_id)
//   query::Delete(post).Where(score < 1).Returning(post_id, title)
//
// SET keeps its order. A column with a client on-update value that is not set
// gets that value.

#ifndef CUPEL_QUERY_UPDATE_H_
#define CUPEL_QUERY_UPDATE_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/insert.h"
#include "cupel/query/statement.h"

namespace cupel::query {

// An immutable handle.
class Update : public Statement {
 public:
  using Statement::Statement;
  explicit Update(const schema::Table& table);

  template <typename T, typename V>
  Update Set(const TypedExpr<T>& column, const V& value) const {
    return Set({Assign(column, value)});
  }
  Update Set(absl::Span<const Assignment> assignments) const;
  Update Set(std::initializer_list<Assignment> assignments) const {
    return Set(absl::MakeConstSpan(assignments.begin(), assignments.size()));
  }
  // Leaves client on-update values out.
  Update WithoutOnUpdate() const;
  // Joined by AND; empty conditions are left out.
  Update Where(const Expr& condition) const;
  // More tables to read from. Errors: kUnimplemented when compiled for a
  // database without it.
  Update From(const FromItem& item) const;
  // The rows that come first in this order, and no more than `rows` of them.
  // Errors: kUnimplemented when compiled for a database without it, and with
  // From() for all.
  template <std::derived_from<Expr>... Exprs>
  Update OrderBy(const Exprs&... exprs) const {
    return OrderByExprs({static_cast<const Expr&>(exprs)...});
  }
  Update Limit(int64_t rows) const;
  Update With(const FromItem& cte) const;
  template <typename... Ts>
  TypedReturning<Ts...> Returning(const TypedExpr<Ts>&... columns) const {
    return TypedReturning<Ts...>(
        ReturningExprs({static_cast<const Expr&>(columns)...}).node());
  }
  Update ReturningExprs(absl::Span<const Expr> columns) const;
  FromItem Cte(absl::string_view name) const { return query::Cte(name, *this); }

 private:
  Update OrderByExprs(std::initializer_list<Expr> exprs) const;
};

// An immutable handle.
class Delete : public Statement {
 public:
  using Statement::Statement;
  explicit Delete(const schema::Table& table);

  Delete Where(const Expr& condition) const;
  // More tables to read from (DELETE ... USING).
  Delete Using(const FromItem& item) const;
  // As of Update.
  template <std::derived_from<Expr>... Exprs>
  Delete OrderBy(const Exprs&... exprs) const {
    return OrderByExprs({static_cast<const Expr&>(exprs)...});
  }
  Delete Limit(int64_t rows) const;
  Delete With(const FromItem& cte) const;
  template <typename... Ts>
  TypedReturning<Ts...> Returning(const TypedExpr<Ts>&... columns) const {
    return TypedReturning<Ts...>(
        ReturningExprs({static_cast<const Expr&>(columns)...}).node());
  }
  Delete ReturningExprs(absl::Span<const Expr> columns) const;
  FromItem Cte(absl::string_view name) const { return query::Cte(name, *this); }

 private:
  Delete OrderByExprs(std::initializer_list<Expr> exprs) const;
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_UPDATE_H_
