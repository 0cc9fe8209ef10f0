// FromItem: what a SELECT reads from: a table, an alias, a subquery, a CTE, a
// join, a table function, a list of rows.
//
//   query::FromItem manager = query::Alias(employee, "manager");
//   query::Select(name, query::ColumnOf(manager, *employee.Find("name")))
//       .Join(manager, ...)
//
// A table or a named alias is one item wherever it is spelled; an unnamed
// alias, a subquery and a CTE are the item of the handle (and its copies).

#ifndef CUPEL_QUERY_FROM_ITEM_H_
#define CUPEL_QUERY_FROM_ITEM_H_

#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query {

// An immutable, counted handle; empty when default constructed. Lifetime: the
// schema table must outlive it.
class FromItem {
 public:
  FromItem() = default;
  FromItem(const schema::Table& table);  // NOLINT: a table is a FROM item.
  explicit FromItem(query_internal::NodeRef node) : node_(std::move(node)) {}

  bool empty() const { return !node_; }
  // The table behind an item that is a table or an alias of one, or null.
  const schema::Table* table() const;

  // A column of this item.
  Expr Column(const schema::Column& column) const {
    return ColumnOf(*this, column);
  }
  Expr Column(absl::string_view name) const { return ColumnOf(*this, name); }
  template <typename T>
  TypedExpr<T> Column(const schema::Column& column) const {
    return ColumnExpr<T>(*this, column);
  }
  template <typename T>
  TypedExpr<T> Column(absl::string_view name) const {
    return ColumnExpr<T>(*this, name);
  }

  // This subquery may refer to the items before it in the FROM clause.
  FromItem Lateral() const;
  // Hints of a CTE; left out where the database does not know them.
  FromItem Materialized() const;
  FromItem NotMaterialized() const;

  const query_internal::NodeRef& node() const { return node_; }

 private:
  query_internal::NodeRef node_;
};

// `item`, a table, once more: under `name`, or under a name of ours.
FromItem Alias(const FromItem& item, absl::string_view name = "");

// A sample of the rows of `table`, a table, where the database takes one:
//
//   FromItem some = TableSample(employee, "system", 10, {.name = "some"});
//   TypedSelect(some.Column<std::string>("name"))
//
// `method` is the generic name of a function, `percent` and `seed` are bound.
// Errors: kUnimplemented when compiled for a database without it.
struct SampleOptions {
  absl::string_view name;      // empty: one of ours
  std::optional<double> seed;  // REPEATABLE: the same rows again
};
FromItem TableSample(const FromItem& table, absl::string_view method,
                     double percent, const SampleOptions& options = {});

// Joins. Without `on` the foreign keys between the two decide; none or more
// than one is an error when compiled, which names the tables.
FromItem Join(const FromItem& left, const FromItem& right,
              const Expr& on = Expr(), JoinKind kind = JoinKind::kInner);

// WITH name AS (statement). The statement may be INSERT, UPDATE or DELETE with
// RETURNING where the database allows. Whatever uses the item has the WITH.
FromItem Cte(absl::string_view name, const Statement& statement);

// WITH RECURSIVE name AS (base UNION [ALL] step(name)).
FromItem RecursiveCte(absl::string_view name, const Statement& base,
                      absl::FunctionRef<Statement(const FromItem& self)> step,
                      bool union_all = true);

// The rows that `function` gives, with the names of its columns where the
// database lets us choose them. Other columns go by Column("name").
struct TableFunctionOptions {
  absl::Span<const absl::string_view> columns;
  bool with_ordinality = false;
};
FromItem TableFunction(const Expr& function, absl::string_view name,
                       const TableFunctionOptions& options = {});

// Rows of values as an item; all rows hold a value for each of `columns`.
FromItem Values(absl::string_view name,
                std::initializer_list<absl::string_view> columns,
                absl::Span<const Expr> row_tuples);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_FROM_ITEM_H_
