// INSERT, with upsert and RETURNING.
//
//   query::Insert(user).Set(name, "ada").Set(age, 36)          // one row
//   query::Insert(user).Rows({name, age}, {{name.Operand("a"), ...}, ...})
//   query::Insert(user).FromSelect({name, age}, select)
//   query::Insert(user)                                        // defaults only
//
// Columns that are left out get their client default, if they have one, else
// the database's default. Upsert:
//
//   query::Insert(user).Set(id, 1).Set(name, "ada")
//       .OnConflict({id.column()})
//       .DoUpdateSet(name, query::Excluded(name))
//
// DoUpdate also writes the columns that have a client on-update value and are
// not set, unless told otherwise.

#ifndef CUPEL_QUERY_INSERT_H_
#define CUPEL_QUERY_INSERT_H_

#include <concepts>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/select.h"
#include "cupel/query/statement.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query {

// A column and what it is set to.
struct Assignment {
  Expr column;
  Expr value;
};

// The value of `column` in the row that an upsert could not insert.
Expr ExcludedExpr(const Expr& column);
template <typename T>
TypedExpr<T> Excluded(const TypedExpr<T>& column) {
  return TypedExpr<T>(ExcludedExpr(column));
}

// `column = value`, checked: `value` is a C++ value or an expression of a type
// that fits.
template <typename T, typename V>
Assignment Assign(const TypedExpr<T>& column, const V& value) {
  if constexpr (std::same_as<V, std::nullopt_t>) {
    static_assert(query_internal::kIsOptional<T>,
                  "cupel: a column that is not null cannot be set to null: "
                  "make the member a std::optional<>");
    return {column, BindView(engine::ValueView::Null(), column.BoundType())};
  } else {
    if constexpr (query_internal::IsTypedExpr<V>) {
      static_assert(
          query_internal::ComparesWithExpr<T, typename V::value_type>(),
          "cupel: the expression's type does not fit the column's: Cast<>() "
          "it");
    } else if constexpr (!query_internal::IsExpr<V>) {
      static_assert(query_internal::ComparesWithValue<T, V>(),
                    "cupel: the value's type does not fit the column's: pass a "
                    "value of the member's type");
      static_assert(
          query_internal::kIsOptional<T> || !query_internal::kIsOptional<V>,
          "cupel: an optional value may not be set to a column not null: "
          "pass what it holds, or make the member a std::optional<>");
    }
    return {column, column.Operand(value)};
  }
}

// RETURNING for Insert, Update and Delete.
template <typename... Ts>
class TypedReturning : public Statement {
 public:
  using Row = std::tuple<Ts...>;
  using Statement::Statement;
};

// How a row that clashes is treated; made by Insert::OnConflict.
struct ConflictTarget {
  // Columns (or index expressions) of the unique key; with the condition of a
  // partial index. Or the name of a constraint. Neither: any clash, where the
  // database allows.
  std::vector<Expr> columns;
  Expr index_where;
  absl::string_view constraint;
};

// An immutable handle.
class Insert : public Statement {
 public:
  using Statement::Statement;
  explicit Insert(const schema::Table& table);

  // One column of the row.
  template <typename T, typename V>
  Insert Set(const TypedExpr<T>& column, const V& value) const {
    return Values({Assign(column, value)});
  }
  // More columns of the row. A column that was set before is replaced.
  Insert Values(absl::Span<const Assignment> row) const;
  Insert Values(std::initializer_list<Assignment> row) const {
    return Values(absl::MakeConstSpan(row.begin(), row.size()));
  }
  // Begins another row of the same statement. All rows must set the same
  // columns (kInvalidArgument when compiled).
  Insert AddRow(absl::Span<const Assignment> row) const;
  Insert AddRow(std::initializer_list<Assignment> row) const {
    return AddRow(absl::MakeConstSpan(row.begin(), row.size()));
  }
  // The rows of `select`, whose columns go to `columns`. Client defaults of
  // columns left out are computed once and hold for all rows.
  Insert FromSelect(absl::Span<const Expr> columns,
                    const Statement& select) const;
  Insert FromSelect(std::initializer_list<Expr> columns,
                    const Statement& select) const {
    return FromSelect(absl::MakeConstSpan(columns.begin(), columns.size()),
                      select);
  }

  // Upsert. What the database lacks is kUnimplemented when compiled. Several
  // clauses stand in order, where the database knows that.
  Insert OnConflictDoNothing(const ConflictTarget& target = {}) const;
  // The row in place gets `set`; only if `where` holds when it is given.
  // Columns with a client on-update value that `set` leaves out get that value
  // unless `with_on_update` is false.
  Insert OnConflictDoUpdate(const ConflictTarget& target,
                            absl::Span<const Assignment> set,
                            const Expr& where = Expr(),
                            bool with_on_update = true) const;
  Insert OnConflictDoUpdate(const ConflictTarget& target,
                            std::initializer_list<Assignment> set,
                            const Expr& where = Expr(),
                            bool with_on_update = true) const {
    return OnConflictDoUpdate(target,
                              absl::MakeConstSpan(set.begin(), set.size()),
                              where, with_on_update);
  }

  Insert With(const FromItem& cte) const;
  template <typename... Ts>
  TypedReturning<Ts...> Returning(const TypedExpr<Ts>&... columns) const {
    return TypedReturning<Ts...>(
        ReturningExprs({static_cast<const Expr&>(columns)...}).node());
  }
  Insert ReturningExprs(absl::Span<const Expr> columns) const;
  // All columns that the database decides (generated key, defaults).
  Insert ReturningDefaults() const;
  // As a source of rows in a WITH clause, for databases that allow it.
  FromItem Cte(absl::string_view name) const { return query::Cte(name, *this); }
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_INSERT_H_
