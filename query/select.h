// SELECT, UNION and their relatives.
//
//   auto adults = query::TypedSelect(user_id, user_name)
//                     .Where(user_age >= 18)
//                     .OrderBy(user_name.Asc())
//                     .Limit(20);
//   auto of_london = adults.Where(user_city == "London");  // adults stays
//
// Select is the erased statement; TypedSelect<Ts...> knows its columns' C++
// types, and its rows are std::tuple<Ts...>. The columns and conditions decide
// the FROM clause: a table that they mention and no join brings in is read.
// A subquery leaves out the tables of the statement around it (it is
// correlated) as long as one of its own remains.
//
// Every value is bound: LIMIT and OFFSET, too. Each call makes a new statement
// and costs one node; on an rvalue not even a count changes.

#ifndef CUPEL_QUERY_SELECT_H_
#define CUPEL_QUERY_SELECT_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/statement.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query {

class Select;

// FOR UPDATE and its variants. Left out where the database has no row locks.
struct LockOptions {
  bool share = false;
  bool nowait = false;
  bool skip_locked = false;
  // Locks rows of these items only.
  std::initializer_list<FromItem> of = {};
};

}  // namespace cupel::query

namespace cupel::query_internal {

NodeRef AppendExtra(const NodeRef& parent, query::ClausePoint point,
                    absl::string_view sql, absl::Span<const query::Expr> parts,
                    absl::string_view dialect);

}  // namespace cupel::query_internal

namespace cupel::query {

// The clauses of a SELECT; each returns `Derived`. Several Where() or Having()
// are joined by AND; several OrderBy() or GroupBy() add up.
template <typename Derived, typename Base>
class SelectClauses : public Base {
 public:
  using Base::Base;

  // Empty conditions are left out.
  Derived Where(Expr condition) const& {
    return Add(query_internal::Clause::kWhere, std::move(condition));
  }
  Derived Where(Expr condition) && {
    return Move().Add(query_internal::Clause::kWhere, std::move(condition));
  }
  Derived SelectFrom(const FromItem& item) const {
    return AddItem(query_internal::Clause::kFrom, item);
  }
  // Joins what the statement reads so far with `item`. Without `on` the foreign
  // keys decide (see from_item.h).
  Derived Join(const FromItem& item, const Expr& on = Expr()) const {
    return AddJoin(item, on, JoinKind::kInner);
  }
  Derived OuterJoin(const FromItem& item, const Expr& on = Expr()) const {
    return AddJoin(item, on, JoinKind::kLeft);
  }
  Derived FullJoin(const FromItem& item, const Expr& on = Expr()) const {
    return AddJoin(item, on, JoinKind::kFull);
  }
  Derived CrossJoin(const FromItem& item) const {
    return AddJoin(item, Expr(), JoinKind::kCross);
  }
  template <std::derived_from<Expr>... Exprs>
  Derived GroupBy(const Exprs&... exprs) const {
    return AddExprs(query_internal::Clause::kGroupBy, {exprs...});
  }
  Derived GroupBy(absl::Span<const Expr> exprs) const {
    return AddExprs(query_internal::Clause::kGroupBy, exprs);
  }
  Derived Having(const Expr& condition) const {
    return Add(query_internal::Clause::kHaving, condition);
  }
  // Columns, sort terms (Asc(), Desc()), or LabelName("label").
  template <std::derived_from<Expr>... Exprs>
  Derived OrderBy(const Exprs&... exprs) const& {
    return AddExprs(query_internal::Clause::kOrderBy, {exprs...});
  }
  template <std::derived_from<Expr>... Exprs>
  Derived OrderBy(const Exprs&... exprs) && {
    return Move().AddExprs(query_internal::Clause::kOrderBy, {exprs...});
  }
  Derived OrderBy(absl::Span<const Expr> exprs) const {
    return AddExprs(query_internal::Clause::kOrderBy, exprs);
  }
  // By the label or the column of that name, nothing else.
  Derived OrderBy(absl::string_view label) const {
    return AddExprs(query_internal::Clause::kOrderBy, {LabelName(label)});
  }
  // Forgets the sort terms so far.
  Derived ClearOrder() const {
    return AddExprs(query_internal::Clause::kOrderBy, {});
  }
  // Requires: not negative; otherwise the statement fails to compile
  // (kInvalidArgument). A later call replaces an earlier one.
  Derived Limit(int64_t rows) const& { return AddLimit(rows, false); }
  Derived Limit(int64_t rows) && { return Move().AddLimit(rows, false); }
  Derived Limit(const Expr& rows) const {
    return Add(query_internal::Clause::kLimit, rows);
  }
  // Also the rows that sort equal to the last one.
  Derived LimitWithTies(int64_t rows) const { return AddLimit(rows, true); }
  Derived Offset(int64_t rows) const& { return AddOffset(rows); }
  Derived Offset(int64_t rows) && { return Move().AddOffset(rows); }
  Derived Offset(const Expr& rows) const {
    return Add(query_internal::Clause::kOffset, rows);
  }
  // Rows [start, stop).
  Derived Slice(int64_t start, int64_t stop) const {
    return AddOffset(start).AddLimit(stop - start, false);
  }
  Derived Distinct() const {
    return AddExprs(query_internal::Clause::kDistinct, {});
  }
  // One row for each combination of `exprs`, where the database can.
  template <std::derived_from<Expr>... Exprs>
  requires(sizeof...(Exprs) > 0) Derived DistinctOn(const Exprs&... exprs)
  const { return AddExprs(query_internal::Clause::kDistinct, {exprs...}); }
  // Puts `cte` into the WITH clause even if nothing refers to it.
  Derived With(const FromItem& cte) const {
    return AddItem(query_internal::Clause::kWith, cte);
  }
  Derived ForUpdate(const LockOptions& options = {}) const {
    const auto items = query_internal::NodesOf(options.of);
    return AddNodes(query_internal::Clause::kForUpdate, items,
                    (options.share ? 1 : 0) | (options.nowait ? 2 : 0) |
                        (options.skip_locked ? 4 : 0));
  }
  // Words behind SELECT, behind the last clause, and a hint to the optimiser,
  // "SELECT /*+ text */". Each is SQL of the program that goes into the
  // statement as it stands: never build it from untrusted data. `dialect`, the
  // scheme of a database's URLs, keeps it from all others. A hint that holds
  // the beginning or end of a comment makes the statement fail
  // (kInvalidArgument).
  Derived Prefix(absl::string_view sql, absl::string_view dialect = "") const {
    return AddClause(ClausePoint::kAfterSelect, sql, {}, dialect);
  }
  Derived Suffix(absl::string_view sql, absl::string_view dialect = "") const {
    return AddClause(ClausePoint::kEnd, sql, {}, dialect);
  }
  Derived Hint(absl::string_view text, absl::string_view dialect = "") const {
    return AddClause(ClausePoint::kHint, text, {}, dialect);
  }
  // A clause that this library does not know, where it belongs:
  //   AddClause(ClausePoint::kAfterHaving, "QUALIFY", {rank == 1})
  // `sql` is as above; `parts` follow it, separated by commas, with their
  // values bound.
  Derived AddClause(ClausePoint point, absl::string_view sql,
                    std::initializer_list<Expr> parts,
                    absl::string_view dialect = "") const {
    return Derived(query_internal::AppendExtra(
        this->node(), point, sql,
        absl::MakeConstSpan(parts.begin(), parts.size()), dialect));
  }
  // In a subquery: the items that come from the statement around it; or all but
  // those given.
  Derived Correlate(std::initializer_list<FromItem> items) const {
    return AddNodes(query_internal::Clause::kCorrelate,
                    query_internal::NodesOf(items));
  }
  Derived CorrelateExcept(std::initializer_list<FromItem> items) const {
    return AddNodes(query_internal::Clause::kCorrelateExcept,
                    query_internal::NodesOf(items));
  }

 protected:
  Derived AddNodes(query_internal::Clause clause,
                   absl::InlinedVector<query_internal::NodeRef, 16> nodes,
                   uintptr_t detail = 0) const {
    return Derived(query_internal::AppendClause(this->node(), clause,
                                                absl::MakeSpan(nodes), detail));
  }
  Derived Add(query_internal::Clause clause, Expr expr) const& {
    if (expr.empty()) return Derived(this->node());
    return Derived(query_internal::AppendClause(this->node(), clause,
                                                std::move(expr).node()));
  }
  Derived Add(query_internal::Clause clause, Expr expr) && {
    if (expr.empty()) return Derived(std::move(*this).node());
    return Derived(query_internal::AppendClause(std::move(*this).node(), clause,
                                                std::move(expr).node()));
  }
  Derived AddItem(query_internal::Clause clause, const FromItem& item) const {
    return Derived(
        query_internal::AppendClause(this->node(), clause, item.node()));
  }
  Derived AddExprs(query_internal::Clause clause,
                   absl::Span<const Expr> exprs) const& {
    return AddNodes(clause, query_internal::NodesOf(exprs));
  }
  Derived AddExprs(query_internal::Clause clause,
                   std::initializer_list<Expr> exprs) const& {
    return AddExprs(clause, absl::MakeConstSpan(exprs.begin(), exprs.size()));
  }
  Derived AddExprs(query_internal::Clause clause,
                   std::initializer_list<Expr> exprs) && {
    auto nodes = query_internal::NodesOf(exprs);
    return Derived(query_internal::AppendClause(std::move(*this).node(), clause,
                                                absl::MakeSpan(nodes)));
  }
  Derived AddJoin(const FromItem& item, const Expr& on, JoinKind kind) const {
    absl::InlinedVector<query_internal::NodeRef, 16> nodes;
    nodes.push_back(item.node());
    if (!on.empty()) nodes.push_back(on.node());
    return AddNodes(query_internal::Clause::kJoin, std::move(nodes),
                    static_cast<uintptr_t>(kind));
  }
  Derived AddLimit(int64_t rows, bool with_ties) const& {
    return Derived(query_internal::AppendClause(
        this->node(), query_internal::Clause::kLimit, RowCount(rows),
        with_ties ? 1 : 0));
  }
  Derived AddLimit(int64_t rows, bool with_ties) && {
    return Derived(query_internal::AppendClause(
        std::move(*this).node(), query_internal::Clause::kLimit, RowCount(rows),
        with_ties ? 1 : 0));
  }
  Derived AddOffset(int64_t rows) const& {
    return Derived(query_internal::AppendClause(
        this->node(), query_internal::Clause::kOffset, RowCount(rows)));
  }
  Derived AddOffset(int64_t rows) && {
    return Derived(query_internal::AppendClause(std::move(*this).node(),
                                                query_internal::Clause::kOffset,
                                                RowCount(rows)));
  }
  SelectClauses&& Move() { return static_cast<SelectClauses&&>(*this); }

 private:
  static query_internal::NodeRef RowCount(int64_t rows);
};

template <typename Derived, typename Base>
query_internal::NodeRef SelectClauses<Derived, Base>::RowCount(int64_t rows) {
  return RowCountExpr(rows).node();
}

// What joins statements to one another.
class SelectCore : public Statement {
 public:
  using Statement::Statement;

  // The statement as a FROM item; unnamed ones get a name of ours.
  FromItem Subquery(absl::string_view name = "") const;
  FromItem Cte(absl::string_view name) const { return query::Cte(name, *this); }
  // Its single value, NULL when it has no row.
  template <typename T>
  auto ScalarSubquery() const {
    return TypedExpr<query_internal::Nullable<T>>(ScalarOf(*this));
  }
  TypedExpr<bool> Exists() const { return query::Exists(*this); }
  // `x == statement.Any<T>()`: equal to any of its values.
  template <typename T>
  TypedExpr<T> Any() const {
    return TypedExpr<T>(Quantified(Quantifier::kAny, *this));
  }
  template <typename T>
  TypedExpr<T> All() const {
    return TypedExpr<T>(Quantified(Quantifier::kAll, *this));
  }
};

// A SELECT (or UNION ...) of columns whose C++ types are not tracked.
class Select : public SelectClauses<Select, SelectCore> {
 public:
  using SelectClauses::SelectClauses;
  Select() = default;

  // SELECT of the given columns.
  template <std::derived_from<Expr>... Exprs>
  requires(sizeof...(Exprs) > 0) explicit Select(const Exprs&... columns)
      : Select(absl::Span<const Expr>({static_cast<const Expr&>(columns)...})) {
  }
  explicit Select(absl::Span<const Expr> columns);
  // SELECT of all columns of `item`: a table, an alias of one, a subquery.
  static Select AllOf(const FromItem& item);

  Select AddColumns(absl::Span<const Expr> columns) const {
    return AddExprs(query_internal::Clause::kColumns, columns);
  }
  Select WithOnlyColumns(absl::Span<const Expr> columns) const {
    return AddExprs(query_internal::Clause::kOnlyColumns, columns);
  }

  // The rows of `other` too. OrderBy() and Limit() afterwards apply to the
  // whole.
  Select Union(const Statement& other) const {
    return Compound(SetOperator::kUnion, other);
  }
  Select UnionAll(const Statement& other) const {
    return Compound(SetOperator::kUnionAll, other);
  }
  Select Intersect(const Statement& other) const {
    return Compound(SetOperator::kIntersect, other);
  }
  Select IntersectAll(const Statement& other) const {
    return Compound(SetOperator::kIntersectAll, other);
  }
  Select Except(const Statement& other) const {
    return Compound(SetOperator::kExcept, other);
  }
  Select ExceptAll(const Statement& other) const {
    return Compound(SetOperator::kExceptAll, other);
  }

 protected:
  Select Compound(SetOperator op, const Statement& other) const;
};

// A SELECT whose rows are std::tuple<Ts...>, of any width:
// `TypedSelect(id, name)` deduces the types from the columns.
template <typename... Ts>
class TypedSelect : public SelectClauses<TypedSelect<Ts...>, Select> {
 public:
  using Row = std::tuple<Ts...>;
  using SelectClauses<TypedSelect<Ts...>, Select>::SelectClauses;

  explicit TypedSelect(const TypedExpr<Ts>&... columns)
      : TypedSelect(Select(static_cast<const Expr&>(columns)...)) {}
  // Takes `select` to have these columns, unchecked.
  explicit TypedSelect(const Select& select)
      : TypedSelect(query_internal::NodeRef(select.node())) {}

  TypedSelect Union(const TypedSelect& other) const {
    return TypedSelect(this->Compound(SetOperator::kUnion, other));
  }
  TypedSelect UnionAll(const TypedSelect& other) const {
    return TypedSelect(this->Compound(SetOperator::kUnionAll, other));
  }
  TypedSelect Intersect(const TypedSelect& other) const {
    return TypedSelect(this->Compound(SetOperator::kIntersect, other));
  }
  TypedSelect Except(const TypedSelect& other) const {
    return TypedSelect(this->Compound(SetOperator::kExcept, other));
  }
};

template <query_internal::IsTypedExpr... Exprs>
TypedSelect(const Exprs&...) -> TypedSelect<typename Exprs::value_type...>;

}  // namespace cupel::query

#endif  // CUPEL_QUERY_SELECT_H_
