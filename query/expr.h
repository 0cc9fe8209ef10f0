// Expr: any SQL expression as a value.
//
// Expressions are immutable, cheap to copy, and fit in any container, so a
// filter can be collected in a std::vector<Expr> or built up in an `if`:
//
//   std::vector<Expr> conditions;
//   if (name) conditions.push_back(user_name == *name);
//   if (age) conditions.push_back(user_age >= *age);
//   statement = statement.Where(And(conditions));
//
// The functions here are the compiled core under typed_expr.h, which checks C++
// types and calls them. They do not check: wrong operands show up as an error
// of the database. Misuse that is found while building (a negative LIMIT, an
// operator made of letters) is kept in the expression and reported by whatever
// compiles a statement with it.
//
// Threads: immutable, share freely. Lifetime: an expression refers to schema
// columns and types, which must outlive it.

#ifndef CUPEL_QUERY_EXPR_H_
#define CUPEL_QUERY_EXPR_H_

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/query/node.h"
#include "cupel/query/operator.h"

namespace cupel::engine {
struct TypeOps;
}  // namespace cupel::engine

namespace cupel::schema {
class Column;
class Table;
}  // namespace cupel::schema

namespace cupel::query {

template <typename T>
class TypedExpr;

class FromItem;
class Statement;

// An erased, counted handle of an expression; empty when default constructed.
// An empty expression is left out where conditions are joined.
class Expr {
 public:
  Expr() = default;
  explicit Expr(query_internal::NodeRef node) : node_(std::move(node)) {}

  bool empty() const { return !node_; }
  // The SQL type of the value, or null when it is not known.
  const engine::Type* type() const { return node_ ? node_->type() : nullptr; }
  // The schema column that this is, or null.
  const schema::Column* column() const;

  const query_internal::NodeRef& node() const& { return node_; }
  query_internal::NodeRef&& node() && { return std::move(node_); }

 private:
  query_internal::NodeRef node_;
};

// A sort term, made by Asc() and Desc(): `age.Desc().NullsLast()`.
class OrderExpr : public Expr {
 public:
  using Expr::Expr;
  OrderExpr NullsFirst() const;
  OrderExpr NullsLast() const;
};

// --- Conditions -------------------------------------------------------------

// All / any of `conditions`; empty expressions are left out, and what remains
// of none is TRUE / FALSE. Written as one flat chain.
TypedExpr<bool> And(absl::Span<const Expr> conditions);
TypedExpr<bool> Or(absl::Span<const Expr> conditions);
TypedExpr<bool> And(std::initializer_list<Expr> conditions);
TypedExpr<bool> Or(std::initializer_list<Expr> conditions);
// NOT, folded into comparisons: !(a = b) is a <> b.
TypedExpr<bool> Not(const Expr& condition);

TypedExpr<bool> operator&&(const Expr& left, const Expr& right);
TypedExpr<bool> operator||(const Expr& left, const Expr& right);
TypedExpr<bool> operator!(const Expr& condition);

// --- Leaves -----------------------------------------------------------------

// A copy of `value` as a bound parameter. `type` decides the codec and must
// outlive the expression (a column's or a static one); null leaves it to the
// driver.
Expr BindView(const engine::ValueView& value, const engine::Type* type);

// `object`, of the type that `ops` describes, bound.
Expr BindObject(const engine::TypeOps& ops, const void* object,
                const engine::Type* type);

// A bound row count; an error expression for a negative one.
Expr RowCountExpr(int64_t rows);

// A column of `table` as an expression.
Expr ColumnOf(const schema::Column& column);
// `column` of an alias of its table.
Expr ColumnOf(const FromItem& from, const schema::Column& column);
// The output column `name` of a subquery, CTE or table function. Checked when
// compiled: kInvalidArgument when it has no such column.
Expr ColumnOf(const FromItem& from, absl::string_view name);

// Refers to a result column by its label in ORDER BY or GROUP BY. Nothing but
// labels and columns of the statement is found; anything else is
// kInvalidArgument when compiled.
Expr LabelName(absl::string_view label);

// A piece of SQL as an expression, with ":name" markers for `binds`, as in
// text.h. Never build `sql` from untrusted data.
Expr LiteralSql(absl::string_view sql);

Expr Null();
TypedExpr<bool> True();
TypedExpr<bool> False();
// A row value: Tuple({a, b}).
Expr Tuple(absl::Span<const Expr> members);
Expr Tuple(std::initializer_list<Expr> members);
// Fails whatever statement it is part of.
Expr ErrorExpr(const absl::Status& status);

// Keeps `expr` for the life of the program, so that threads share it without
// counting references. For expressions of static storage.
void MakeImmortal(const Expr& expr);

// --- The core under the typed operators -------------------------------------

Expr Unary(Operator op, Expr operand, const engine::Type* type);
Expr Binary(Operator op, Expr left, Expr right, const engine::Type* type);
// `op` is data of the program: letters, digits, quotes, comment signs and
// semicolons are refused (kInvalidArgument when compiled).
Expr CustomBinary(absl::string_view op, Precedence precedence, const Expr& left,
                  const Expr& right, const engine::Type* type);
// `pattern` with the escape character '/' when `escaped`.
Expr Like(LikeKind kind, const Expr& subject, const Expr& pattern, bool escaped,
          bool negated);
// What part of the subject a literal text must be: LIKE with the text escaped.
enum class TextMatch : uint8_t { kContains, kStartsWith, kEndsWith };
Expr LikeLiteral(LikeKind kind, const Expr& subject, absl::string_view text,
                 TextMatch match, bool negated);
Expr Between(const Expr& subject, const Expr& low, const Expr& high,
             bool negated, bool symmetric);
// `values` lie row by row: `width` of them make a tuple. One compiled statement
// serves lists of any length; the empty list holds nothing.
Expr InValues(const Expr& subject, absl::Span<const engine::ValueView> values,
              const engine::Type* type, int width, bool negated);
Expr InStatement(const Expr& subject, const Statement& statement, bool negated);
Expr Label(const Expr& operand, absl::string_view label);
OrderExpr Order(const Expr& operand, bool descending);
Expr Collate(const Expr& operand, absl::string_view collation);
// Types outlive the expression.
Expr CastTo(const Expr& operand, const engine::Type* type, bool trying);
Expr CoerceTo(const Expr& operand, const engine::Type* type);
// Keeps a copy of `type` for ever.
Expr CoerceTo(const Expr& operand, const engine::Type& type);
Expr ExtractField(DateField field, const Expr& operand);
Expr ScalarOf(const Statement& statement);
TypedExpr<bool> Exists(const Statement& statement);
Expr Quantified(Quantifier quantifier, const Statement& statement);

// One step of a JSON path: a member's name or an index. Always data.
struct JsonStep {
  JsonStep(absl::string_view name) : name(name) {}           // NOLINT: implicit
  JsonStep(const char* name) : name(name) {}                 // NOLINT: implicit
  JsonStep(int64_t index) : index(index), is_index(true) {}  // NOLINT
  JsonStep(int index) : index(index), is_index(true) {}      // NOLINT

  absl::string_view name;
  int64_t index = 0;
  bool is_index = false;
};
enum class JsonLeaf : uint8_t { kJson, kText, kInteger, kDouble, kBoolean };
// A deeper path when `document` is a path already.
Expr JsonPath(const Expr& document, const JsonStep& step);
Expr JsonAs(const Expr& path, JsonLeaf leaf, const engine::Type* type);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_EXPR_H_
