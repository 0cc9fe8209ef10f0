// A statement's chain of clauses, taken apart: what compilers, columns of
// subqueries and value extraction look at.

#ifndef CUPEL_QUERY_STATEMENT_PARTS_H_
#define CUPEL_QUERY_STATEMENT_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/expr.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"

namespace cupel::query_internal {

// A node, and the canonical index of its first bind in the whole statement.
struct Part {
  const Node* node = nullptr;
  uint32_t base = 0;

  // Child `i` as a part.
  Part child(size_t i) const;
};

// One clause: its node and its members (the children behind the statement).
struct ClausePart {
  Clause clause;
  const Node* node;
  uintptr_t detail;
  std::vector<Part> members;
};

struct StatementParts {
  Part root;                        // kSelect, kCompound, kInsert, ...
  std::vector<ClausePart> clauses;  // in the order they were added

  bool Has(Clause clause) const;
};

// Takes a statement apart; `base` is the index of its first bind.
StatementParts PartsOf(const Node& statement, uint32_t base);

// An output column: its expression, and the name it goes by (empty for an
// unnamed expression).
struct OutputColumn {
  Part expr;
  absl::string_view name;
};
std::vector<OutputColumn> OutputColumnsOf(const StatementParts& parts);

// The name by which a selected expression goes; empty when it has none.
absl::string_view OutputName(const Node& expr);

// The statement behind a subquery, CTE or recursive reference; null for others.
const Node* StatementBehind(const Node& from_item);

// The type of output column `name` of a FROM item, null when not known.
const engine::Type* OutputType(const Node& from_item, absl::string_view name);
const engine::Type* FirstOutputType(const Node& statement);

// JSON paths travel as one bound value in this form.
struct JsonPathStep {
  bool is_index;
  absl::string_view text;
};
void AppendJsonStep(const query::JsonStep& step, std::string* path);
std::vector<JsonPathStep> JsonStepsOf(absl::string_view path);
// The path in a dialect's form. Errors: kInvalidArgument for a member that the
// database cannot reach.
absl::StatusOr<std::string> JsonPathText(absl::Span<const JsonPathStep> steps,
                                         engine::JsonPathStyle style);

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_STATEMENT_PARTS_H_
