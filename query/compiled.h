// Compiled: a statement's SQL for one dialect, without its values: what a
// statement cache holds. It serves every statement of the same shape.

#ifndef CUPEL_QUERY_COMPILED_H_
#define CUPEL_QUERY_COMPILED_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/query/expr.h"
#include "cupel/query/statement.h"

namespace cupel::engine {
class Codec;
class Dialect;
}  // namespace cupel::engine

namespace cupel::schema {
class Column;
class Table;
}  // namespace cupel::schema

namespace cupel::query {

// A column of the result. Cells come in storage form; `codec` gives the logical
// value, null when they are the same.
struct ResultColumn {
  std::string name;  // The label as the program spelled it.
  engine::Type type;
  const engine::Codec* codec = nullptr;
  const schema::Column* column = nullptr;  // Null for an expression.
  query_internal::NodeRef expr;            // What was selected.
};

// Where bound values go, in the order of the text.
struct BindSite {
  enum class Kind : uint8_t {
    kValue,
    kList,       // the elements of an IN list
    kListOpen,   // "(" if that list is empty
    kListClose,  // the rest of the safe form of an empty list
    kDefault,    // a client default: evaluated, not part of the statement
    kJsonPath,   // a path in the dialect's form
    kLiteral,    // a value that the database takes only as a literal
  };
  Kind kind = Kind::kValue;
  bool negated = false;  // of kListClose
  uint8_t width = 1;     // of kList: values in a tuple
  uint32_t offset = 0;   // in Compiled::sql, before the sites are filled in
  uint32_t bind = 0;     // canonical index; kDefault: index in defaults
  const engine::Codec* codec = nullptr;
  const engine::Type* type = nullptr;
};

// A value that the program supplies for a column that the statement leaves out.
struct DefaultSite {
  const schema::Column* column = nullptr;
  bool is_update = false;
  uint32_t row = 0;
};
// A bind that is a column's whole value in a row, for context defaults.
struct RowValueSite {
  const schema::Column* column = nullptr;
  uint32_t row = 0;
  uint32_t bind = 0;
};

// The only row of an INSERT: "(...)" behind VALUES. Offsets count as those of
// sites; begin == end when there is no such row, or an upsert may refuse it.
struct InsertedRow {
  uint32_t begin = 0;
  uint32_t end = 0;
  std::vector<const schema::Column*> columns;  // that it sets
};

// Immutable and thread-safe.
struct Compiled {
  StatementKind kind = StatementKind::kSelect;
  // The text with its placeholders; with lists that differ in length from call
  // to call, the text without any, to be filled in at `sites`.
  std::string sql;
  bool expands = false;
  std::vector<BindSite> sites;
  std::vector<ResultColumn> columns;
  std::vector<DefaultSite> defaults;
  std::vector<RowValueSite> row_values;
  InsertedRow row;
  std::vector<const schema::Table*> tables_read;
  std::vector<const schema::Table*> tables_written;
  // The tables of a text statement are not known unless it says them.
  bool tables_known = true;
  uint32_t bind_count = 0;
  const engine::Dialect* dialect = nullptr;
  // The statement it was made of: what equal shapes are compared with.
  query_internal::NodeRef statement;

  bool returns_rows() const { return !columns.empty() || untyped_rows; }
  bool untyped_rows = false;

  // The column labelled `name`. Errors: kNotFound; kInvalidArgument when
  // several have that label.
  absl::StatusOr<size_t> FindColumn(absl::string_view name) const;
  // The column that `expr` selects.
  absl::StatusOr<size_t> FindColumn(const Expr& expr) const;

  // About how much memory this takes.
  size_t bytes() const;
};

// What stands for the values of an empty list, and what follows its ")".
void AppendEmptyList(const BindSite& site, std::string* out);
void AppendEmptyTest(const BindSite& site, std::string* out);

// Compiles `statement`; touches no database.
//
// Errors: kInvalidArgument for a statement that makes no sense (an unknown
// label in ORDER BY, a join without or with several foreign keys, a negative
// LIMIT), kUnimplemented for what the dialect lacks, kResourceExhausted for
// nesting beyond its limits.
absl::StatusOr<std::shared_ptr<const Compiled>> Compile(
    const Statement& statement, const engine::Dialect& dialect);

// The statement's SQL with its values as literals, for people to read and for
// DDL; never for executing it. Errors: as Compile, and what the dialect's
// literal writer reports.
absl::StatusOr<std::string> RenderLiteral(const Statement& statement,
                                          const engine::Dialect& dialect);

// How parameters are written for other programs: tools and logs.
enum class ParameterStyle : uint8_t {
  kQuestion,  // ?
  kNumeric,   // :1
  kDollar,    // $1
  kNamed,     // :p1, or :name of a named parameter
  kFormat,    // %s, with %% for other percent signs
  kPyformat,  // %(p1)s or %(name)s, with %% for other percent signs
};

// The statement's SQL with its parameters in `style`, one for each element of a
// list. Numbers count the places, p1, p2, ... the values. Errors: as Compile.
absl::StatusOr<std::string> RenderParameters(const Statement& statement,
                                             const engine::Dialect& dialect,
                                             ParameterStyle style);

// `expr` alone with literals, for DDL; columns without their table.
absl::StatusOr<std::string> RenderLiteral(const Expr& expr,
                                          const engine::Dialect& dialect);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_COMPILED_H_
