// Text: a statement written in SQL by the program, with typed binds and
// columns.
//
//   query::Text("SELECT id, name FROM user WHERE age > :age")
//       .Bind("age", 18)
//       .Columns(query::TextColumn<int64_t>("id"),
//                query::TextColumn<std::string>("name"))
//
// ":name" marks a bind; "\:" is a colon. Colons in string literals, quoted
// identifiers, comments and "::" stand for themselves. Never build the SQL from
// untrusted data: that is what binds are for.

#ifndef CUPEL_QUERY_TEXT_H_
#define CUPEL_QUERY_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/select.h"
#include "cupel/query/statement.h"
#include "cupel/query/typed_expr.h"

namespace cupel::query {

// A result column of a text statement, read as T.
Expr TextColumnExpr(absl::string_view name, const engine::Type* type);
template <typename T>
TypedExpr<T> TextColumn(absl::string_view name) {
  return TypedExpr<T>(TextColumnExpr(name, query_internal::StaticType<T>()));
}

// An immutable handle. Errors found when compiled (kInvalidArgument): a quote
// or comment without end, a marker without a bind or declared parameter, a bind
// without a marker.
class Text : public SelectCore {
 public:
  using SelectCore::SelectCore;
  explicit Text(absl::string_view sql);

  // The value of ":name", wherever it stands.
  template <typename V>
  Text Bind(absl::string_view name, const V& value) const {
    return BindExpr(name, query::Bind(value));
  }
  Text BindExpr(absl::string_view name, const Expr& value) const;
  // Declares the result columns, in order. Without it the result has the
  // database's columns, untyped.
  template <typename... Ts>
  TypedSelect<Ts...> Columns(const TypedExpr<Ts>&... columns) const {
    return TypedSelect<Ts...>(
        ColumnExprs({static_cast<const Expr&>(columns)...}).node());
  }
  Text ColumnExprs(absl::Span<const Expr> columns) const;
  // Tables that the text reads or writes: what a session must flush before.
  Text Reads(const schema::Table& table) const;
  Text Writes(const schema::Table& table) const;
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_TEXT_H_
