#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {
namespace {

using query::ClausePoint;
using query::SetOperator;

absl::string_view Spelling(SetOperator op) {
  switch (op) {
    case SetOperator::kUnion:
      return "UNION";
    case SetOperator::kUnionAll:
      return "UNION ALL";
    case SetOperator::kIntersect:
      return "INTERSECT";
    case SetOperator::kIntersectAll:
      return "INTERSECT ALL";
    case SetOperator::kExcept:
      return "EXCEPT";
    case SetOperator::kExceptAll:
      return "EXCEPT ALL";
  }
  return "";
}

// The last clause of a kind: a later LIMIT replaces an earlier one.
const ClausePart* LastOf(const StatementParts& parts, Clause clause) {
  const ClausePart* last = nullptr;
  for (const ClausePart& part : parts.clauses) {
    if (part.clause == clause) last = &part;
  }
  return last;
}

// The members of all clauses of a kind.
std::vector<Part> MembersOf(const StatementParts& parts, Clause clause) {
  std::vector<Part> members;
  for (const ClausePart& part : parts.clauses) {
    if (part.clause != clause) continue;
    // ClearOrder() is an ORDER BY without terms.
    if (clause == Clause::kOrderBy && part.members.empty()) members.clear();
    members.insert(members.end(), part.members.begin(), part.members.end());
  }
  return members;
}

// Whether the statement may stand beside UNION without parentheses.
bool StandsBare(const StatementParts& parts) {
  return !parts.Has(Clause::kOrderBy) && !parts.Has(Clause::kLimit) &&
         !parts.Has(Clause::kOffset) && !parts.Has(Clause::kForUpdate) &&
         !parts.Has(Clause::kExtra);
}

}  // namespace

absl::Status Compiler::WriteStatement(const Part& statement,
                                      const SelectUse& use, SqlText* out) {
  const StatementParts parts = PartsOf(*statement.node, statement.base);
  CUPEL_RETURN_IF_ERROR(CollectWith(parts));
  switch (parts.root.node->kind()) {
    case NodeKind::kSelect:
      return WriteSelect(parts, use, out);
    case NodeKind::kCompound:
      return WriteCompound(parts, use, out);
    case NodeKind::kInsert:
      return WriteInsert(parts, use, out);
    case NodeKind::kUpdate:
      return WriteUpdate(parts, use, out);
    case NodeKind::kDelete:
      return WriteDelete(parts, use, out);
    case NodeKind::kText:
      return WriteText(parts, use, out);
    case NodeKind::kError:
      return ErrorOf(*parts.root.node);
    default:
      return absl::InvalidArgumentError("cupel: this is no statement");
  }
}

absl::Status Compiler::WriteSelect(const StatementParts& parts,
                                   const SelectUse& use, SqlText* out) {
  Scope scope;
  scope.parent = use.outer;
  return WriteSelectBody(parts, use, &scope, out);
}

absl::Status Compiler::WriteSelectBody(const StatementParts& parts,
                                       const SelectUse& use, Scope* scope,
                                       SqlText* out) {
  scope->outputs = OutputColumnsOf(parts);
  SqlText from;
  CUPEL_RETURN_IF_ERROR(WriteFrom(parts, use, scope, &from));
  const auto extras = [&](ClausePoint point) {
    return WriteExtras(parts, point, *scope, out);
  };
  out->Add("SELECT ");
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kHint));
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterSelect));
  CUPEL_RETURN_IF_ERROR(WriteDistinct(parts, *scope, out));
  CUPEL_RETURN_IF_ERROR(WriteSelectList(parts, use, *scope, out));
  if (from.empty()) {
    out->Add(syntax().from_dual);
  } else {
    out->Add(" FROM ");
    out->Add(std::move(from));
  }
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterFrom));
  CUPEL_RETURN_IF_ERROR(
      WriteConditions(parts, Clause::kWhere, " WHERE ", *scope, out));
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterWhere));
  CUPEL_RETURN_IF_ERROR(WriteGroupBy(parts, *scope, out));
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterGroupBy));
  CUPEL_RETURN_IF_ERROR(
      WriteConditions(parts, Clause::kHaving, " HAVING ", *scope, out));
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterHaving));
  CUPEL_RETURN_IF_ERROR(WriteOrderBy(parts, *scope, out));
  CUPEL_RETURN_IF_ERROR(extras(ClausePoint::kAfterOrderBy));
  CUPEL_RETURN_IF_ERROR(WriteLimit(parts, *scope, out));
  CUPEL_RETURN_IF_ERROR(WriteLock(parts, *scope, out));
  return extras(ClausePoint::kEnd);
}

absl::Status Compiler::WriteExtras(const StatementParts& parts,
                                   ClausePoint point, const Scope& scope,
                                   SqlText* out) {
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause != Clause::kExtra ||
        static_cast<ClausePoint>(clause.detail) != point) {
      continue;
    }
    const absl::string_view dialect = clause.members[0].node->text();
    if (!dialect.empty() && dialect != dialect_.name()) continue;
    const absl::string_view sql = clause.node->text();
    if (point == ClausePoint::kHint) {
      out->Add("/*+ ", sql, " */ ");
      continue;
    }
    const bool leads = point == ClausePoint::kAfterSelect;
    out->Add(leads ? "" : " ", sql);
    if (clause.members.size() > 1) {
      out->Add(" ");
      CUPEL_RETURN_IF_ERROR(WriteList(
          absl::MakeConstSpan(clause.members).subspan(1), scope, out));
    }
    if (leads) out->Add(" ");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteDistinct(const StatementParts& parts,
                                     const Scope& scope, SqlText* out) {
  const ClausePart* distinct = LastOf(parts, Clause::kDistinct);
  if (distinct == nullptr) return absl::OkStatus();
  out->Add("DISTINCT ");
  if (distinct->members.empty()) return absl::OkStatus();
  if (!can().distinct_on) return Unsupported("DISTINCT ON");
  out->Add("ON (");
  CUPEL_RETURN_IF_ERROR(WriteList(distinct->members, scope, out));
  out->Add(") ");
  return absl::OkStatus();
}

void Compiler::RecordResult(const OutputColumn& column, std::string name) {
  const Node& expr = *column.expr.node;
  const Node* bare = &expr;
  while (bare->kind() == NodeKind::kLabel ||
         bare->kind() == NodeKind::kCoerce) {
    bare = &bare->child(0);
  }
  query::ResultColumn result;
  result.name = std::move(name);
  if (expr.type() != nullptr) {
    result.type = *expr.type();
    result.codec = dialect_.CodecFor(*expr.type());
  }
  if (bare->kind() == NodeKind::kColumn) {
    result.column = bare->object_as<schema::Column>();
  }
  result.expr = ShareNode(expr);
  compiled_->columns.push_back(std::move(result));
}

// The columns; where they are read by name (in a subquery) equal names get a
// number and unnamed ones a name.
absl::Status Compiler::WriteSelectList(const StatementParts& parts,
                                       const SelectUse& use, const Scope& scope,
                                       SqlText* out) {
  const std::vector<OutputColumn> columns = OutputColumnsOf(parts);
  if (columns.empty()) {
    return absl::InvalidArgumentError("cupel: a SELECT without columns");
  }
  absl::flat_hash_map<std::string, int> seen;
  absl::string_view separator;
  for (const OutputColumn& column : columns) {
    const Node& expr = *column.expr.node;
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteExpr(column.expr, scope, out));
    std::string name(column.name);
    bool writes_name = expr.kind() == NodeKind::kLabel;
    if (use.must_name) {
      if (name.empty()) name = "column";
      const int count = ++seen[name];
      if (count > 1) absl::StrAppend(&name, "_", count - 1);
      writes_name =
          writes_name || count > 1 || expr.kind() != NodeKind::kColumn;
    }
    if (writes_name) {
      out->Add(" AS ");
      CUPEL_RETURN_IF_ERROR(WriteIdentifier(dialect_.ShortenLabel(name), out));
    }
    if (use.is_result) RecordResult(column, std::move(name));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteConditions(const StatementParts& parts,
                                       Clause clause, absl::string_view keyword,
                                       const Scope& scope, SqlText* out) {
  const std::vector<Part> conditions = MembersOf(parts, clause);
  if (conditions.empty()) return absl::OkStatus();
  out->Add(keyword);
  if (conditions.size() == 1) return WriteExpr(conditions[0], scope, out);
  // Conditions that are AND chains themselves become one flat chain.
  std::vector<Part> terms;
  for (const Part& condition : conditions) {
    Part at = condition;
    const size_t begin = terms.size();
    while (at.node->kind() == NodeKind::kBinary &&
           static_cast<query::Operator>(at.node->op()) ==
               query::Operator::kAnd) {
      terms.push_back(at.child(1));
      at = at.child(0);
    }
    terms.push_back(at);
    std::reverse(terms.begin() + begin, terms.end());
  }
  return WriteAll(terms, scope, out);
}

absl::Status Compiler::WriteGroupBy(const StatementParts& parts,
                                    const Scope& scope, SqlText* out) {
  const std::vector<Part> groups = MembersOf(parts, Clause::kGroupBy);
  absl::string_view separator = " GROUP BY ";
  for (const Part& group : groups) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteOrderOperand(group, scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteOrderBy(const StatementParts& parts,
                                    const Scope& scope, SqlText* out) {
  absl::string_view separator = " ORDER BY ";
  for (const Part& term : MembersOf(parts, Clause::kOrderBy)) {
    out->Add(separator);
    separator = ", ";
    if (term.node->kind() == NodeKind::kOrder) {
      CUPEL_RETURN_IF_ERROR(WriteOrderTerm(term, scope, out));
    } else {
      CUPEL_RETURN_IF_ERROR(WriteOrderOperand(term, scope, out));
    }
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteOrderTerm(const Part& term, const Scope& scope,
                                      SqlText* out) {
  const Node& node = *term.node;
  const Part operand = term.child(0);
  const bool first = node.has(kNullsFirst);
  const bool last = node.has(kNullsLast);
  if ((first || last) && !can().nulls_first_last) {
    out->Add("(");
    CUPEL_RETURN_IF_ERROR(WriteOrderOperand(operand, scope, out));
    out->Add(first ? ") IS NOT NULL, " : ") IS NULL, ");
  }
  CUPEL_RETURN_IF_ERROR(WriteOrderOperand(operand, scope, out));
  if (node.op() == 1) out->Add(" DESC");
  if (can().nulls_first_last) {
    out->Add(first ? " NULLS FIRST" : last ? " NULLS LAST" : "");
  }
  return absl::OkStatus();
}

// What is sorted or grouped by: the label of a labelled column; in a set
// operation the name of an output.
absl::Status Compiler::WriteOrderOperand(const Part& term, const Scope& scope,
                                         SqlText* out) {
  const Node& node = *term.node;
  for (const OutputColumn& output : scope.outputs) {
    const bool same_label = node.kind() == NodeKind::kLabel &&
                            output.expr.node->kind() == NodeKind::kLabel &&
                            output.name == node.text();
    const bool same_output =
        scope.outputs_only && !output.name.empty() &&
        (output.name == OutputName(node) || output.expr.node == &node);
    if (same_label || same_output) {
      return WriteIdentifier(dialect_.ShortenLabel(output.name), out);
    }
  }
  if (scope.outputs_only && node.kind() != NodeKind::kLabelName) {
    return absl::InvalidArgumentError(
        "cupel: a set operation is sorted by its output columns; label the "
        "expression and use LabelName()");
  }
  return WriteExpr(term, scope, out);
}

absl::Status Compiler::WriteLimit(const StatementParts& parts,
                                  const Scope& scope, SqlText* out) {
  const ClausePart* limit = LastOf(parts, Clause::kLimit);
  const ClausePart* offset = LastOf(parts, Clause::kOffset);
  const bool ties = limit != nullptr && limit->detail != 0;
  if (syntax().limit == engine::LimitStyle::kFetchFirst || ties) {
    if (ties && !can().limit_with_ties) return Unsupported("LIMIT with ties");
    if (offset != nullptr) {
      out->Add(" OFFSET ");
      CUPEL_RETURN_IF_ERROR(WriteExpr(offset->members[0], scope, out));
      out->Add(" ROWS");
    }
    if (limit != nullptr) {
      out->Add(" FETCH FIRST ");
      CUPEL_RETURN_IF_ERROR(WriteExpr(limit->members[0], scope, out));
      out->Add(ties ? " ROWS WITH TIES" : " ROWS ONLY");
    }
    return absl::OkStatus();
  }
  if (limit != nullptr) {
    out->Add(" LIMIT ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(limit->members[0], scope, out));
  } else if (offset != nullptr && !syntax().no_limit.empty()) {
    out->Add(" LIMIT ", syntax().no_limit);
  }
  if (offset != nullptr) {
    out->Add(" OFFSET ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(offset->members[0], scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteLock(const StatementParts& parts,
                                 const Scope& scope, SqlText* out) {
  const ClausePart* lock = LastOf(parts, Clause::kForUpdate);
  if (lock == nullptr || !can().for_update) return absl::OkStatus();
  out->Add(" ",
           (lock->detail & 1) != 0 ? syntax().for_share : syntax().for_update);
  absl::string_view separator = " OF ";
  for (const Part& item : lock->members) {
    bool found = false;
    for (const ScopeItem& known : scope.items) {
      if (!SameItem(*known.item, *item.node)) continue;
      out->Add(separator, known.name);
      separator = ", ";
      found = true;
    }
    if (!found) {
      return absl::InvalidArgumentError(
          "cupel: FOR UPDATE OF an item that the statement does not read");
    }
  }
  if ((lock->detail & 2) != 0) out->Add(" NOWAIT");
  if ((lock->detail & 4) != 0) {
    if (!can().for_update_skip_locked) return Unsupported("SKIP LOCKED");
    out->Add(" SKIP LOCKED");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteCompound(const StatementParts& parts,
                                     const SelectUse& use, SqlText* out) {
  const auto op = static_cast<SetOperator>(parts.root.node->op());
  const bool all =
      op == SetOperator::kIntersectAll || op == SetOperator::kExceptAll;
  const bool plain = op == SetOperator::kUnion || op == SetOperator::kUnionAll;
  if (all && !can().intersect_except_all) return Unsupported(Spelling(op));
  if (!plain && !can().intersect_except) return Unsupported(Spelling(op));
  // ((a op b) op c): a chain of one operator is flat.
  std::vector<Part> operands;
  Part at = parts.root;
  operands.push_back(at.child(1));
  while (at.node->child(0).kind() == NodeKind::kCompound &&
         at.node->child(0).op() == parts.root.node->op()) {
    at = at.child(0);
    operands.push_back(at.child(1));
  }
  operands.push_back(at.child(0));
  const size_t limit = can().max_compound_terms;
  if (limit != 0 && operands.size() > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cupel: ", operands.size(),
        " statements in one set operation; the database takes ", limit));
  }
  SelectUse operand_use = use;
  for (size_t i = operands.size(); i > 0; --i) {
    if (i < operands.size()) out->Add(" ", Spelling(op), " ");
    CUPEL_RETURN_IF_ERROR(
        WriteCompoundOperand(operands[i - 1], operand_use, out));
    operand_use.is_result = false;
    operand_use.must_name = false;
  }
  Scope scope;
  scope.parent = use.outer;
  scope.outputs = OutputColumnsOf(parts);
  scope.outputs_only = true;
  for (const ClausePart& clause : parts.clauses) {
    const auto point = static_cast<ClausePoint>(clause.detail);
    if (clause.clause == Clause::kExtra && point != ClausePoint::kEnd &&
        point != ClausePoint::kAfterOrderBy) {
      return absl::InvalidArgumentError(
          "cupel: a set operation takes clauses behind ORDER BY and at its "
          "end only; add others to one of its statements");
    }
  }
  CUPEL_RETURN_IF_ERROR(WriteOrderBy(parts, scope, out));
  CUPEL_RETURN_IF_ERROR(
      WriteExtras(parts, ClausePoint::kAfterOrderBy, scope, out));
  CUPEL_RETURN_IF_ERROR(WriteLimit(parts, scope, out));
  return WriteExtras(parts, ClausePoint::kEnd, scope, out);
}

absl::Status Compiler::WriteCompoundOperand(const Part& operand,
                                            const SelectUse& use,
                                            SqlText* out) {
  const StatementParts parts = PartsOf(*operand.node, operand.base);
  if (StandsBare(parts) && parts.root.node->kind() == NodeKind::kSelect) {
    return WriteStatement(operand, use, out);
  }
  const Nesting nesting(&parentheses_);
  CUPEL_RETURN_IF_ERROR(
      nesting.Check(can().max_parenthesis_depth, "parentheses"));
  const bool parenthesised = can().parenthesized_compound;
  out->Add(parenthesised ? "(" : "SELECT * FROM (");
  CUPEL_RETURN_IF_ERROR(WriteStatement(operand, use, out));
  out->Add(")");
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
