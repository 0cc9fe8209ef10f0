// Compiler: writes a statement as SQL for one dialect. Internal to the layer.
//
// One pass a clause, one file each: compile_select.cc, compile_from.cc,
// compile_cte.cc, compile_insert.cc, compile_update.cc, compile_text.cc,
// compile_expression.cc, compile_operator.cc, compile_function.cc; compile.cc
// starts them and turns their text into a Compiled.
//
// A Part carries the canonical index of its first bind, so that any part can be
// written where a dialect wants it, left out, or written twice.

#ifndef CUPEL_QUERY_COMPILER_H_
#define CUPEL_QUERY_COMPILER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/compiled.h"
#include "cupel/query/node.h"
#include "cupel/query/operator.h"
#include "cupel/query/sql_text.h"
#include "cupel/query/statement_parts.h"
#include "cupel/schema/schema.h"

namespace cupel::query_internal {

// An item that columns can come from, and its name in the text.
struct ScopeItem {
  const Node* item = nullptr;
  std::string name;  // as SQL: quoted where needed
};

// What names mean while a statement (or a subquery in it) is written.
struct Scope {
  const Scope* parent = nullptr;  // whose items a correlated subquery sees
  std::vector<ScopeItem> items;
  // Columns go without their table: one table only, or RETURNING.
  bool unqualified = false;
  // Output columns, for ORDER BY and GROUP BY by label.
  std::vector<OutputColumn> outputs;
  // ORDER BY of a set operation can name outputs only.
  bool outputs_only = false;
};

// Whether two nodes are the same FROM item.
bool SameItem(const Node& a, const Node& b);

// The table behind an item that is one or an alias of one, else null.
const schema::Table* TableOf(const Node& item);

class Compiler {
 public:
  Compiler(const engine::Dialect& dialect, query::Compiled* compiled);

  // The whole statement, WITH clause included.
  absl::Status WriteTopLevel(const Node& statement, SqlText* out);

  // compile_select.cc. A SELECT or a set operation without its WITH clause.
  // `outer` is the scope that a correlated subquery sees, else null; results
  // are recorded if `is_result`; outputs are renamed apart if `must_name`.
  struct SelectUse {
    const Scope* outer = nullptr;
    bool is_result = false;
    bool must_name = false;
  };
  absl::Status WriteStatement(const Part& statement, const SelectUse& use,
                              SqlText* out);

  // compile_expression.cc. `expr` in a place that binds as tightly as
  // `context`: parentheses are put when it does not hold together.
  absl::Status WriteExpr(const Part& expr, const Scope& scope, SqlText* out,
                         query::Precedence context = query::Precedence::kOr);
  absl::Status WriteList(absl::Span<const Part> parts, const Scope& scope,
                         SqlText* out);
  absl::Status WriteColumn(const Node& column, const Scope& scope,
                           SqlText* out);

  absl::Status WriteIdentifier(absl::string_view name, SqlText* out);

  // For DDL: columns stand without their table and need no FROM.
  void set_free_columns(bool free) { free_columns_ = free; }

 private:
  // compile_select.cc
  absl::Status WriteSelect(const StatementParts& parts, const SelectUse& use,
                           SqlText* out);
  absl::Status WriteSelectBody(const StatementParts& parts,
                               const SelectUse& use, Scope* scope,
                               SqlText* out);
  absl::Status WriteSelectList(const StatementParts& parts,
                               const SelectUse& use, const Scope& scope,
                               SqlText* out);
  absl::Status WriteDistinct(const StatementParts& parts, const Scope& scope,
                             SqlText* out);
  absl::Status WriteGroupBy(const StatementParts& parts, const Scope& scope,
                            SqlText* out);
  // What the program added at `point`.
  absl::Status WriteExtras(const StatementParts& parts,
                           query::ClausePoint point, const Scope& scope,
                           SqlText* out);
  absl::Status WriteOrderBy(const StatementParts& parts, const Scope& scope,
                            SqlText* out);
  absl::Status WriteOrderTerm(const Part& term, const Scope& scope,
                              SqlText* out);
  absl::Status WriteOrderOperand(const Part& term, const Scope& scope,
                                 SqlText* out);
  absl::Status WriteLimit(const StatementParts& parts, const Scope& scope,
                          SqlText* out);
  absl::Status WriteLock(const StatementParts& parts, const Scope& scope,
                         SqlText* out);
  absl::Status WriteCompound(const StatementParts& parts, const SelectUse& use,
                             SqlText* out);
  absl::Status WriteCompoundOperand(const Part& operand, const SelectUse& use,
                                    SqlText* out);
  // The conditions of one clause joined by AND, behind `keyword`.
  absl::Status WriteConditions(const StatementParts& parts, Clause clause,
                               absl::string_view keyword, const Scope& scope,
                               SqlText* out);
  void RecordResult(const OutputColumn& column, std::string name);

  // compile_from.cc
  // Works out what the statement reads, fills `scope` and writes the clause's
  // text to `out` (empty for no FROM).
  absl::Status WriteFrom(const StatementParts& parts, const SelectUse& use,
                         Scope* scope, SqlText* out);
  // The name of an item in `scope`, entering it; its own text to `out`.
  absl::Status WriteFromItem(const Part& item, Scope* scope, SqlText* out);
  absl::Status WriteJoinTree(const Part& join, Scope* scope, SqlText* out);
  absl::Status WriteOn(absl::Span<const ScopeItem> left, const Part& right,
                       const Part* on, query::JoinKind kind, Scope* scope,
                       SqlText* out);
  absl::Status WriteForeignKeyOn(absl::Span<const ScopeItem> left,
                                 const Node& right, const Scope& scope,
                                 SqlText* out);
  absl::Status EnterItem(const Node& item, Scope* scope);
  absl::Status WriteTableName(const schema::Table& table, SqlText* out);
  absl::Status WriteSample(const Part& alias, const Scope& scope, SqlText* out);
  absl::Status WriteTableFunction(const Part& item, Scope* scope, SqlText* out);
  std::string AnonymousName(const Node& item);

  // compile_cte.cc
  absl::Status AddCte(const Part& cte);
  absl::Status WriteCteBody(const Part& cte, SqlText* out);
  absl::Status WriteValues(const Part& values, size_t rows, SqlText* out);
  absl::Status WriteWith(SqlText* out);
  absl::Status CollectWith(const StatementParts& parts);

  // compile_insert.cc, compile_update.cc, compile_text.cc
  absl::Status WriteInsert(const StatementParts& parts, const SelectUse& use,
                           SqlText* out);
  // A single row is described in `only`.
  absl::Status WriteRows(const StatementParts& parts, const Scope& scope,
                         const schema::Table& table, query::InsertedRow* only,
                         SqlText* out);
  absl::Status WriteFromSelect(const ClausePart& source, bool has_conflict,
                               const Scope& scope, const schema::Table& table,
                               SqlText* out);
  absl::Status WriteConflict(const ClausePart& clause,
                             const schema::Table& table, SqlText* out);
  absl::Status WriteConflictTarget(const ClausePart& clause, const Scope& scope,
                                   SqlText* out);
  absl::Status WriteDefaultValue(const schema::Column& column, bool is_update,
                                 uint32_t row, SqlText* out);
  absl::Status WriteUpdate(const StatementParts& parts, const SelectUse& use,
                           SqlText* out);
  absl::Status WriteAssignments(absl::Span<const Part> pairs,
                                const schema::Table& table, bool on_update,
                                const Scope& scope, SqlText* out);
  absl::Status WriteDelete(const StatementParts& parts, const SelectUse& use,
                           SqlText* out);
  // ORDER BY and LIMIT of an UPDATE or DELETE.
  absl::Status WriteRange(const StatementParts& parts, absl::string_view of,
                          const Scope& scope, SqlText* out);
  absl::Status WriteReturning(const StatementParts& parts, const SelectUse& use,
                              const Scope& scope, SqlText* out);
  absl::Status WriteText(const StatementParts& parts, const SelectUse& use,
                         SqlText* out);
  absl::Status WriteFragment(
      absl::string_view sql,
      const absl::flat_hash_map<absl::string_view, Part>& binds,
      const Scope& scope, SqlText* out);

  // compile_operator.cc
  absl::Status WriteUnary(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteBinary(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteChain(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteChainTerms(absl::Span<const Part> terms, query::Operator op,
                               const Scope& scope, SqlText* out);
  // `terms` joined by AND.
  absl::Status WriteAll(absl::Span<const Part> terms, const Scope& scope,
                        SqlText* out);
  absl::Status WriteLongChain(absl::Span<const Part> terms, query::Operator op,
                              const Scope& scope, SqlText* out);
  absl::Status WriteTemplate(absl::string_view form, const Part& left,
                             const Part& right, const Scope& scope,
                             SqlText* out);
  absl::Status WriteCustomBinary(const Part& expr, const Scope& scope,
                                 SqlText* out);
  absl::Status WriteLike(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteIn(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteBetween(const Part& expr, const Scope& scope, SqlText* out);

  // compile_expression.cc
  absl::Status WriteBind(const Part& bind, SqlText* out);
  // A value where the database takes no parameter; other expressions as ever.
  absl::Status WriteLiteral(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteJsonPath(const Part& expr, const Scope& scope,
                             SqlText* out);
  absl::Status WriteQuantified(const Part& expr, const Scope& scope,
                               SqlText* out);
  absl::Status WriteSubscript(const Part& expr, const Scope& scope,
                              SqlText* out);
  absl::Status WriteSubquery(const Part& statement, const Scope& scope,
                             SqlText* out);
  absl::Status WriteLabelName(const Node& node, const Scope& scope,
                              SqlText* out);
  absl::Status WriteTuple(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteMembers(const Part& tuple, const Scope& scope,
                            SqlText* out);
  absl::Status WriteBare(const Part& expr, const Scope& scope, SqlText* out);
  // Exact decimals that are kept as scaled integers mix with nothing else.
  absl::Status CheckScales(const Node& binary) const;
  bool IsScaled(const engine::Type* type) const;

  // compile_function.cc
  absl::Status WriteFunction(const Part& expr, const Scope& scope,
                             absl::Span<const Part> order, SqlText* out);
  absl::Status WriteFunctionForm(absl::string_view form, const Part& expr,
                                 const Scope& scope,
                                 absl::Span<const Part> order, SqlText* out);
  absl::Status WriteAggregateOrder(absl::Span<const Part> order,
                                   const Scope& scope, SqlText* out);
  absl::Status WriteFunctionSuffix(const Part& expr, const Scope& scope,
                                   SqlText* out);
  absl::Status WriteOver(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteFrame(const Part& over, const Scope& scope, SqlText* out);
  absl::Status WriteCase(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteCast(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteExtract(const Part& expr, const Scope& scope, SqlText* out);
  absl::Status WriteGrouping(const Part& expr, const Scope& scope,
                             SqlText* out);
  absl::Status WriteOrderTerms(absl::Span<const Part> terms, const Scope& scope,
                               SqlText* out);

  // Counts parentheses and subqueries against the dialect's limits.
  class Nesting;

  absl::Status Unsupported(absl::string_view what) const;
  const engine::Capabilities& can() const { return dialect_.capabilities(); }
  const engine::Syntax& syntax() const { return dialect_.syntax(); }
  void NoteRead(const schema::Table& table);
  void NoteWritten(const schema::Table& table);

  const engine::Dialect& dialect_;
  query::Compiled* const compiled_;
  struct CteText {
    const Node* node;
    SqlText text;
  };
  std::vector<CteText> ctes_;
  bool has_recursive_cte_ = false;
  absl::flat_hash_map<const Node*, std::string> anonymous_names_;
  absl::flat_hash_map<std::string, int> anonymous_counts_;
  size_t parentheses_ = 0;
  size_t subqueries_ = 0;
  bool free_columns_ = false;
};

// Adds to a depth for its own life.
class Compiler::Nesting {
 public:
  explicit Nesting(size_t* depth) : depth_(depth) { ++*depth_; }
  ~Nesting() { --*depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

  absl::Status Check(size_t limit, absl::string_view what) const;

 private:
  size_t* depth_;
};

// How tightly a node's text holds together.
query::Precedence PrecedenceOfNode(const Node& node);

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_COMPILER_H_
