#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/compiler.h"
#include "cupel/query/conflict_layout.h"

namespace cupel::query_internal {
namespace {

using query::BindSite;

// A column and its value in a row; no value: the client default.
struct Cell {
  const schema::Column* column;
  Part value;
};
using Row = std::vector<Cell>;

absl::StatusOr<const schema::Column*> ColumnSetBy(const Part& part,
                                                  const schema::Table& table) {
  if (part.node->has(kHoldsError)) return ErrorOf(*part.node);
  const auto* column = part.node->kind() == NodeKind::kColumn
                           ? part.node->object_as<schema::Column>()
                           : nullptr;
  if (column == nullptr || &column->table() != &table) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cupel: what is set must be a column of table ", table.full_name()));
  }
  return column;
}

// Puts the cells of one clause into `row`; a later value replaces an earlier.
absl::Status AddCells(const ClausePart& clause, const schema::Table& table,
                      Row* row) {
  for (size_t i = 0; i + 1 < clause.members.size(); i += 2) {
    CUPEL_ASSIGN_OR_RETURN(const schema::Column* column,
                           ColumnSetBy(clause.members[i], table));
    const auto known =
        std::find_if(row->begin(), row->end(),
                     [&](const Cell& cell) { return cell.column == column; });
    if (known != row->end()) {
      known->value = clause.members[i + 1];
    } else {
      row->push_back({column, clause.members[i + 1]});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Row>> RowsOf(const StatementParts& parts,
                                        const schema::Table& table) {
  std::vector<Row> rows;
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause != Clause::kRow) continue;
    if (rows.empty() || clause.detail == 1) rows.emplace_back();
    CUPEL_RETURN_IF_ERROR(AddCells(clause, table, &rows.back()));
  }
  return rows;
}

// `row` in the order of `first`, whose columns it must have.
absl::Status Align(const Row& first, Row* row) {
  Row aligned;
  for (const Cell& cell : first) {
    const auto same = std::find_if(
        row->begin(), row->end(),
        [&](const Cell& other) { return other.column == cell.column; });
    if (same == row->end() || row->size() != first.size()) {
      return absl::InvalidArgumentError(
          "cupel: all rows of an INSERT must set the same columns");
    }
    aligned.push_back(*same);
  }
  *row = std::move(aligned);
  return absl::OkStatus();
}

bool IsSet(const Row& row, const schema::Column& column) {
  return std::any_of(row.begin(), row.end(),
                     [&](const Cell& cell) { return cell.column == &column; });
}

const ClausePart* Find(const StatementParts& parts, Clause clause) {
  for (const ClausePart& part : parts.clauses) {
    if (part.clause == clause) return &part;
  }
  return nullptr;
}

}  // namespace

absl::Status Compiler::WriteInsert(const StatementParts& parts,
                                   const SelectUse& use, SqlText* out) {
  const schema::Table& table =
      *parts.root.node->child(0).object_as<schema::Table>();
  NoteWritten(table);
  Scope scope;
  scope.unqualified = true;
  CUPEL_RETURN_IF_ERROR(EnterItem(parts.root.node->child(0), &scope));
  out->Add("INSERT INTO ");
  CUPEL_RETURN_IF_ERROR(WriteTableName(table, out));
  const ClausePart* source = Find(parts, Clause::kFromSelect);
  if (source != nullptr) {
    CUPEL_RETURN_IF_ERROR(WriteFromSelect(
        *source, parts.Has(Clause::kOnConflict), scope, table, out));
  } else {
    query::InsertedRow row;
    CUPEL_RETURN_IF_ERROR(WriteRows(parts, scope, table, &row, out));
    // Not that of a WITH clause.
    if (use.is_result && !parts.Has(Clause::kOnConflict)) {
      compiled_->row = std::move(row);
    }
  }
  bool has_conflict = false;
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause != Clause::kOnConflict) continue;
    if (has_conflict && !can().several_on_conflict) {
      return Unsupported("several ON CONFLICT clauses");
    }
    has_conflict = true;
    CUPEL_RETURN_IF_ERROR(WriteConflict(clause, table, out));
  }
  return WriteReturning(parts, use, scope, out);
}

absl::Status Compiler::WriteRows(const StatementParts& parts,
                                 const Scope& scope, const schema::Table& table,
                                 query::InsertedRow* only, SqlText* out) {
  CUPEL_ASSIGN_OR_RETURN(std::vector<Row> rows, RowsOf(parts, table));
  if (rows.empty()) rows.emplace_back();
  for (size_t i = 1; i < rows.size(); ++i) {
    CUPEL_RETURN_IF_ERROR(Align(rows[0], &rows[i]));
  }
  std::vector<const schema::Column*> defaults;
  for (const schema::Column& column : table.columns()) {
    if (!column.client_default().empty() && !IsSet(rows[0], column)) {
      defaults.push_back(&column);
    }
  }
  if (rows[0].empty() && defaults.empty()) {
    if (rows.size() > 1) return Unsupported("several rows of defaults");
    out->Add(" ", syntax().empty_insert);
    return absl::OkStatus();
  }
  if (rows.size() > 1 && !can().multi_row_values) {
    return Unsupported("INSERT of several rows");
  }
  absl::string_view separator = " (";
  for (const Cell& cell : rows[0]) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(cell.column->name(), out));
  }
  for (const schema::Column* column : defaults) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(column->name(), out));
  }
  out->Add(") VALUES ");
  const size_t begin = out->sql().size();
  separator = "(";
  for (uint32_t i = 0; i < rows.size(); ++i) {
    for (const Cell& cell : rows[i]) {
      out->Add(separator);
      separator = ", ";
      if (cell.value.node->kind() == NodeKind::kBind) {
        compiled_->row_values.push_back({cell.column, i, cell.value.base});
      }
      CUPEL_RETURN_IF_ERROR(WriteExpr(cell.value, scope, out));
    }
    for (const schema::Column* column : defaults) {
      out->Add(separator);
      separator = ", ";
      CUPEL_RETURN_IF_ERROR(WriteDefaultValue(*column, false, i, out));
    }
    separator = "), (";
  }
  out->Add(")");
  if (rows.size() > 1) return absl::OkStatus();
  only->begin = static_cast<uint32_t>(begin);
  only->end = static_cast<uint32_t>(out->sql().size());
  for (const Cell& cell : rows[0]) only->columns.push_back(cell.column);
  only->columns.insert(only->columns.end(), defaults.begin(), defaults.end());
  return absl::OkStatus();
}

absl::Status Compiler::WriteDefaultValue(const schema::Column& column,
                                         bool is_update, uint32_t row,
                                         SqlText* out) {
  const schema::ClientDefault& client =
      is_update ? column.client_on_update() : column.client_default();
  if (client.sql() != nullptr) {
    CUPEL_ASSIGN_OR_RETURN(const std::string sql,
                           client.sql()->Render(dialect_));
    out->Add("(", sql, ")");
    return absl::OkStatus();
  }
  out->AddSite({.kind = BindSite::Kind::kDefault,
                .bind = static_cast<uint32_t>(compiled_->defaults.size()),
                .codec = dialect_.CodecFor(column.type()),
                .type = &column.type()});
  compiled_->defaults.push_back({&column, is_update, row});
  return absl::OkStatus();
}

// The rows of a SELECT. It is wrapped where client defaults join them, and
// where ON CONFLICT could be read as a part of its last join.
absl::Status Compiler::WriteFromSelect(const ClausePart& source,
                                       bool has_conflict, const Scope& scope,
                                       const schema::Table& table,
                                       SqlText* out) {
  Row set;
  absl::string_view separator = " (";
  for (size_t i = 1; i < source.members.size(); ++i) {
    CUPEL_ASSIGN_OR_RETURN(const schema::Column* column,
                           ColumnSetBy(source.members[i], table));
    set.push_back({column, {}});
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(column->name(), out));
  }
  std::vector<const schema::Column*> defaults;
  for (const schema::Column& column : table.columns()) {
    if (column.client_default().empty() || IsSet(set, column)) continue;
    defaults.push_back(&column);
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(column.name(), out));
  }
  out->Add(set.empty() && defaults.empty() ? " " : ") ");
  const bool wraps = has_conflict || !defaults.empty();
  if (!wraps) return WriteStatement(source.members[0], {}, out);
  out->Add("SELECT source.*");
  for (const schema::Column* column : defaults) {
    out->Add(", ");
    CUPEL_RETURN_IF_ERROR(WriteDefaultValue(*column, false, 0, out));
  }
  out->Add(" FROM (");
  CUPEL_RETURN_IF_ERROR(
      WriteStatement(source.members[0], {.must_name = true}, out));
  out->Add(") AS source WHERE 1 = 1");
  (void)scope;
  return absl::OkStatus();
}

absl::Status Compiler::WriteConflictTarget(const ClausePart& clause,
                                           const Scope& scope, SqlText* out) {
  const ConflictLayout layout = ConflictLayout::FromDetail(clause.detail);
  if (!clause.node->text().empty()) {
    if (!can().on_conflict_constraint) {
      return Unsupported("ON CONFLICT of a named constraint");
    }
    out->Add(" ON CONSTRAINT ");
    return WriteIdentifier(clause.node->text(), out);
  }
  if (layout.target_columns == 0) return absl::OkStatus();
  out->Add(" (");
  CUPEL_RETURN_IF_ERROR(WriteList(
      absl::MakeConstSpan(clause.members).first(layout.target_columns), scope,
      out));
  out->Add(")");
  if (layout.has_index_where) {
    out->Add(" WHERE ");
    CUPEL_RETURN_IF_ERROR(
        WriteExpr(clause.members[layout.target_columns], scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteConflict(const ClausePart& clause,
                                     const schema::Table& table, SqlText* out) {
  const ConflictLayout layout = ConflictLayout::FromDetail(clause.detail);
  const engine::UpsertStyle style = can().upsert;
  if (style == engine::UpsertStyle::kNone) return Unsupported("upsert");
  const bool duplicate_key = style == engine::UpsertStyle::kOnDuplicateKey;
  if (duplicate_key && (layout.has_where || layout.has_index_where)) {
    return Unsupported("a condition on an upsert");
  }
  // The columns of the row in place go by the table's name: "excluded" has the
  // same ones.
  Scope scope;
  const NodeRef target = query::FromItem(table).node();
  CUPEL_RETURN_IF_ERROR(EnterItem(*target, &scope));
  Scope bare = scope;
  bare.unqualified = true;
  if (!duplicate_key) {
    out->Add(" ON CONFLICT");
    CUPEL_RETURN_IF_ERROR(WriteConflictTarget(clause, bare, out));
  }
  if (!layout.does_update) {
    if (!duplicate_key) {
      out->Add(" DO NOTHING");
      return absl::OkStatus();
    }
    SqlText name;
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(table.columns()[0].name(), &name));
    out->Add(" ON DUPLICATE KEY UPDATE ", name.sql(), " = ", name.sql());
    return absl::OkStatus();
  }
  const size_t first = layout.target_columns + (layout.has_index_where ? 1 : 0);
  const auto pairs = absl::MakeConstSpan(clause.members)
                         .subspan(first, 2 * layout.assignments);
  out->Add(duplicate_key ? " ON DUPLICATE KEY UPDATE " : " DO UPDATE SET ");
  CUPEL_RETURN_IF_ERROR(
      WriteAssignments(pairs, table, layout.with_on_update, scope, out));
  if (layout.has_where) {
    out->Add(" WHERE ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(clause.members.back(), scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteAssignments(absl::Span<const Part> pairs,
                                        const schema::Table& table,
                                        bool on_update, const Scope& scope,
                                        SqlText* out) {
  Row set;
  absl::string_view separator;
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    CUPEL_ASSIGN_OR_RETURN(const schema::Column* column,
                           ColumnSetBy(pairs[i], table));
    if (IsSet(set, *column)) {
      return absl::InvalidArgumentError(
          absl::StrCat("cupel: column ", table.full_name(), ".", column->name(),
                       " is set twice"));
    }
    set.push_back({column, pairs[i + 1]});
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(column->name(), out));
    out->Add(" = ");
    if (pairs[i + 1].node->kind() == NodeKind::kBind) {
      compiled_->row_values.push_back({column, 0, pairs[i + 1].base});
    }
    CUPEL_RETURN_IF_ERROR(WriteExpr(pairs[i + 1], scope, out));
  }
  for (const schema::Column& column : table.columns()) {
    if (!on_update || column.client_on_update().empty() || IsSet(set, column)) {
      continue;
    }
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(column.name(), out));
    out->Add(" = ");
    CUPEL_RETURN_IF_ERROR(WriteDefaultValue(column, true, 0, out));
  }
  if (separator.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cupel: an UPDATE of table ", table.full_name(), " sets nothing"));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteReturning(const StatementParts& parts,
                                      const SelectUse& use, const Scope& scope,
                                      SqlText* out) {
  const std::vector<OutputColumn> columns = OutputColumnsOf(parts);
  if (columns.empty()) return absl::OkStatus();
  if (!can().returning) return Unsupported("RETURNING");
  out->Add(" RETURNING ");
  return WriteSelectList(parts, use, scope, out);
}

}  // namespace cupel::query_internal
