#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {

// Writes a CTE's body once and keeps it for the WITH clause at the top. CTEs
// that it uses itself come before it, because their bodies are finished first.
absl::Status Compiler::AddCte(const Part& cte) {
  for (const CteText& known : ctes_) {
    if (known.node == cte.node) return absl::OkStatus();
    if (known.node->text() == cte.node->text()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cupel: two different CTEs are named \"",
                       absl::CHexEscape(cte.node->text()), "\""));
    }
  }
  if (!can().cte) return Unsupported("WITH");
  SqlText body;
  CUPEL_RETURN_IF_ERROR(WriteCteBody(cte, &body));
  ctes_.push_back({cte.node, std::move(body)});
  return absl::OkStatus();
}

// The first `rows` children of `values` are tuples.
absl::Status Compiler::WriteValues(const Part& values, size_t rows,
                                   SqlText* out) {
  const bool selects = !can().values_as_table;
  absl::string_view separator = selects ? "SELECT " : "VALUES ";
  for (size_t i = 0; i < rows; ++i) {
    const Part tuple = values.child(i);
    out->Add(separator);
    separator = selects ? " UNION ALL SELECT " : ", ";
    CUPEL_RETURN_IF_ERROR(selects ? WriteMembers(tuple, Scope(), out)
                                  : WriteTuple(tuple, Scope(), out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteCteBody(const Part& cte, SqlText* out) {
  const Node& node = *cte.node;
  CUPEL_RETURN_IF_ERROR(WriteIdentifier(node.text(), out));
  absl::string_view separator = " (";
  if (node.kind() == NodeKind::kValues) {
    const size_t width = node.op();
    const size_t rows = node.child_count() - width;
    for (size_t i = rows; i < node.child_count(); ++i) {
      out->Add(separator);
      separator = ", ";
      CUPEL_RETURN_IF_ERROR(WriteIdentifier(node.child(i).text(), out));
    }
    out->Add(") AS (");
    CUPEL_RETURN_IF_ERROR(WriteValues(cte, rows, out));
    out->Add(")");
    return absl::OkStatus();
  }
  const bool recursive = node.has(kRecursive);
  if (recursive) {
    if (!can().recursive_cte) return Unsupported("WITH RECURSIVE");
    has_recursive_cte_ = true;
    // The columns of both parts go by the names of the first.
    const std::vector<OutputColumn> columns =
        OutputColumnsOf(PartsOf(node.child(0), cte.base));
    for (const OutputColumn& column : columns) {
      if (column.name.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("cupel: label the columns of the recursive CTE \"",
                         absl::CHexEscape(node.text()), "\""));
      }
      out->Add(separator);
      separator = ", ";
      CUPEL_RETURN_IF_ERROR(
          WriteIdentifier(dialect_.ShortenLabel(column.name), out));
    }
    out->Add(")");
  }
  out->Add(" AS ");
  if (can().materialized_cte) {
    out->Add(node.has(kMaterialized)      ? "MATERIALIZED "
             : node.has(kNotMaterialized) ? "NOT MATERIALIZED "
                                          : "");
  }
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(
      WriteStatement(cte.child(0), {.must_name = !recursive}, out));
  if (recursive) {
    out->Add(node.op() == static_cast<uint8_t>(query::SetOperator::kUnionAll)
                 ? " UNION ALL "
                 : " UNION ");
    CUPEL_RETURN_IF_ERROR(WriteStatement(cte.child(1), {}, out));
  }
  out->Add(")");
  return absl::OkStatus();
}

// Items of With(): they stand in the WITH clause whether used or not.
absl::Status Compiler::CollectWith(const StatementParts& parts) {
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause != Clause::kWith) continue;
    for (const Part& cte : clause.members) {
      if (cte.node->kind() == NodeKind::kError) return ErrorOf(*cte.node);
      if (cte.node->kind() != NodeKind::kCte &&
          cte.node->kind() != NodeKind::kValues) {
        return absl::InvalidArgumentError("cupel: With() takes a CTE");
      }
      CUPEL_RETURN_IF_ERROR(AddCte(cte));
    }
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteWith(SqlText* out) {
  if (ctes_.empty()) return absl::OkStatus();
  if (compiled_->kind != query::StatementKind::kSelect && !can().cte_in_dml) {
    return Unsupported("WITH in front of INSERT, UPDATE and DELETE");
  }
  absl::string_view separator = " ";
  out->Add(has_recursive_cte_ ? syntax().recursive : "WITH");
  for (CteText& cte : ctes_) {
    out->Add(separator);
    separator = ", ";
    out->Add(std::move(cte.text));
  }
  out->Add(" ");
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
