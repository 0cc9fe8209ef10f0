#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/thread_stack.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {

using query::BindSite;
using query::Constant;
using query::Operator;
using query::Precedence;

namespace {

// For what is called at the bottom of the recursion.
constexpr uintptr_t kReserve = uintptr_t{64} << 10;

// The part of the thread's stack in which a recursion has to stop.
struct Reserve {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};

Reserve ReserveOfThisThread() {
  const engine::ThreadStack stack = engine::StackOfThisThread();
  return {stack.lowest,
          stack.lowest + std::min<uintptr_t>(stack.bytes / 2, kReserve)};
}

// Errors: kResourceExhausted when little is left of the thread's stack, so that
// what is nested too deep for a small one is refused.
absl::Status CheckStackSpace() {
  thread_local const Reserve reserve = ReserveOfThisThread();
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (here >= reserve.end || here < reserve.begin) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      "cupel: a statement is nested deeper than this thread's stack allows: "
      "nest it less, or give the thread a larger stack");
}

Operator OperatorOf(const Node& node) {
  return static_cast<Operator>(node.op());
}

}  // namespace

Precedence PrecedenceOfNode(const Node& node) {
  switch (node.kind()) {
    case NodeKind::kUnary:
      switch (OperatorOf(node)) {
        case Operator::kIsNull:
        case Operator::kIsNotNull:
          return Precedence::kComparison;
        default:
          return PrecedenceOf(OperatorOf(node));
      }
    case NodeKind::kBinary:
      return PrecedenceOf(OperatorOf(node));
    case NodeKind::kCustomBinary:
      return static_cast<Precedence>(node.op());
    case NodeKind::kLike:
    case NodeKind::kIn:
    case NodeKind::kBetween:
      return Precedence::kComparison;
    case NodeKind::kCollate:
      return Precedence::kUnary;
    case NodeKind::kCoerce:
    case NodeKind::kLabel:
      return PrecedenceOfNode(node.child(0));
    case NodeKind::kFragment:
      return Precedence::kOr;
    default:
      return Precedence::kAtom;
  }
}

absl::Status Compiler::WriteExpr(const Part& expr, const Scope& scope,
                                 SqlText* out, Precedence context) {
  const Precedence own = PrecedenceOfNode(*expr.node);
  if (own >= context) return WriteBare(expr, scope, out);
  const Nesting nesting(&parentheses_);
  CUPEL_RETURN_IF_ERROR(
      nesting.Check(can().max_parenthesis_depth, "parentheses"));
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteBare(expr, scope, out));
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteList(absl::Span<const Part> parts,
                                 const Scope& scope, SqlText* out) {
  absl::string_view separator;
  for (const Part& part : parts) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteExpr(part, scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteBare(const Part& expr, const Scope& scope,
                                 SqlText* out) {
  CUPEL_RETURN_IF_ERROR(CheckStackSpace());
  const Node& node = *expr.node;
  switch (node.kind()) {
    case NodeKind::kConstant:
      switch (static_cast<Constant>(node.op())) {
        case Constant::kNull:
          out->Add("NULL");
          break;
        case Constant::kTrue:
          out->Add(syntax().true_literal);
          break;
        case Constant::kFalse:
          out->Add(syntax().false_literal);
          break;
        case Constant::kStar:
          out->Add("*");
          break;
      }
      return absl::OkStatus();
    case NodeKind::kColumn:
      return WriteColumn(node, scope, out);
    case NodeKind::kBind:
      return WriteBind(expr, out);
    case NodeKind::kUnary:
      return WriteUnary(expr, scope, out);
    case NodeKind::kBinary:
      return WriteBinary(expr, scope, out);
    case NodeKind::kCustomBinary:
      return WriteCustomBinary(expr, scope, out);
    case NodeKind::kLike:
      return WriteLike(expr, scope, out);
    case NodeKind::kIn:
      return WriteIn(expr, scope, out);
    case NodeKind::kBetween:
      return WriteBetween(expr, scope, out);
    case NodeKind::kQuantified:
      return WriteQuantified(expr, scope, out);
    case NodeKind::kSubscript:
      return WriteSubscript(expr, scope, out);
    case NodeKind::kFunction:
      return WriteFunction(expr, scope, {}, out);
    case NodeKind::kAggregateOrder:
    case NodeKind::kFilter:
    case NodeKind::kWithinGroup:
      return WriteFunctionSuffix(expr, scope, out);
    case NodeKind::kOver:
      return WriteOver(expr, scope, out);
    case NodeKind::kCase:
      return WriteCase(expr, scope, out);
    case NodeKind::kCast:
      return WriteCast(expr, scope, out);
    case NodeKind::kCoerce:
    case NodeKind::kLabel:
      return WriteBare(expr.child(0), scope, out);
    case NodeKind::kTuple:
      return WriteTuple(expr, scope, out);
    case NodeKind::kOrder:
      return WriteOrderTerm(expr, scope, out);
    case NodeKind::kCollate:
      CUPEL_RETURN_IF_ERROR(
          WriteExpr(expr.child(0), scope, out, Precedence::kUnary));
      out->Add(" COLLATE ");
      return dialect_.AppendIdentifier(node.text(), out->mutable_sql());
    case NodeKind::kExtract:
      return WriteExtract(expr, scope, out);
    case NodeKind::kJsonPath:
      return WriteJsonPath(expr, scope, out);
    case NodeKind::kGrouping:
      return WriteGrouping(expr, scope, out);
    case NodeKind::kNextValue: {
      const std::pair<absl::string_view, absl::string_view> sequence =
          absl::StrSplit(node.text(), absl::MaxSplits('\0', 1));
      return dialect_.AppendNextValue(sequence.first, sequence.second,
                                      out->mutable_sql());
    }
    case NodeKind::kFragment:
      return WriteFragment(node.text(), {}, scope, out);
    case NodeKind::kLabelName:
      return WriteLabelName(node, scope, out);
    case NodeKind::kExcluded:
      if (can().upsert == engine::UpsertStyle::kOnDuplicateKey) {
        out->Add("VALUES(");
        CUPEL_RETURN_IF_ERROR(WriteIdentifier(OutputName(node.child(0)), out));
        out->Add(")");
        return absl::OkStatus();
      }
      out->Add(syntax().excluded, ".");
      return WriteIdentifier(OutputName(node.child(0)), out);
    case NodeKind::kScalar:
      return WriteSubquery(expr.child(0), scope, out);
    case NodeKind::kExists:
      out->Add("EXISTS ");
      return WriteSubquery(expr.child(0), scope, out);
    case NodeKind::kError:
      return ErrorOf(node);
    default:
      return absl::InvalidArgumentError(
          "cupel: a FROM item or statement stands where an expression belongs");
  }
}

absl::Status Compiler::WriteBind(const Part& bind, SqlText* out) {
  const engine::Type* type = bind.node->type();
  out->AddSite({.kind = BindSite::Kind::kValue,
                .bind = bind.base,
                .codec = type != nullptr ? dialect_.CodecFor(*type) : nullptr,
                .type = type});
  return absl::OkStatus();
}

absl::Status Compiler::WriteLiteral(const Part& expr, const Scope& scope,
                                    SqlText* out) {
  const engine::Type* type = expr.node->type();
  if (expr.node->kind() != NodeKind::kBind || type == nullptr) {
    return WriteExpr(expr, scope, out);
  }
  out->AddSite(
      {.kind = BindSite::Kind::kLiteral, .bind = expr.base, .type = type});
  compiled_->expands = true;
  return absl::OkStatus();
}

absl::Status Compiler::WriteJsonPath(const Part& expr, const Scope& scope,
                                     SqlText* out) {
  const auto leaf = static_cast<query::JsonLeaf>(expr.node->op());
  const absl::string_view form = leaf == query::JsonLeaf::kJson
                                     ? syntax().json_get
                                     : syntax().json_get_text;
  if (form.empty()) return Unsupported("JSON paths");
  const bool casts = leaf != query::JsonLeaf::kJson &&
                     leaf != query::JsonLeaf::kText &&
                     !syntax().json_scalars_keep_type;
  if (casts) out->Add("CAST(");
  const size_t left = form.find("{}");
  const size_t right =
      left == absl::string_view::npos ? left : form.find("{}", left + 2);
  const bool infix = right == absl::string_view::npos;
  if (infix) out->Add("(");
  if (!infix) out->Add(form.substr(0, left));
  CUPEL_RETURN_IF_ERROR(
      WriteExpr(expr.child(0), scope, out, Precedence::kUnary));
  if (infix) {
    out->Add(" ", form, " ");
  } else {
    out->Add(form.substr(left + 2, right - left - 2));
  }
  out->AddSite({.kind = BindSite::Kind::kJsonPath, .bind = expr.child(1).base});
  out->Add(infix ? ")" : form.substr(right + 2));
  if (casts) {
    CUPEL_ASSIGN_OR_RETURN(
        const std::string type,
        dialect_.TypeName(*expr.node->type(), {.cast = true}));
    out->Add(" AS ", type, ")");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteSubquery(const Part& statement, const Scope& scope,
                                     SqlText* out) {
  const Nesting nesting(&subqueries_);
  CUPEL_RETURN_IF_ERROR(
      nesting.Check(can().max_subquery_depth, "nested subqueries"));
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteStatement(statement, {.outer = &scope}, out));
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteQuantified(const Part& expr, const Scope& scope,
                                       SqlText* out) {
  const absl::string_view word = expr.node->op() == 0 ? "ANY " : "ALL ";
  const bool of_array = expr.node->child(0).kind() < NodeKind::kSelect;
  if (of_array && !can().native_array) {
    return Unsupported(absl::StrCat(word, "of an array"));
  }
  out->Add(word);
  if (!of_array) return WriteSubquery(expr.child(0), scope, out);
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(0), scope, out));
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteSubscript(const Part& expr, const Scope& scope,
                                      SqlText* out) {
  const bool slices = expr.node->child_count() > 2;
  if (!can().native_array) {
    return Unsupported(slices ? "slices of arrays" : "elements of arrays");
  }
  const bool bare = expr.node->child(0).kind() == NodeKind::kColumn;
  if (!bare) out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(0), scope, out));
  out->Add(bare ? "[" : ")[");
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(1), scope, out));
  if (slices) {
    out->Add(":");
    CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(2), scope, out));
  }
  out->Add("]");
  return absl::OkStatus();
}

absl::Status Compiler::WriteTuple(const Part& expr, const Scope& scope,
                                  SqlText* out) {
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteMembers(expr, scope, out));
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteMembers(const Part& tuple, const Scope& scope,
                                    SqlText* out) {
  std::vector<Part> members;
  for (size_t i = 0; i < tuple.node->child_count(); ++i) {
    members.push_back(tuple.child(i));
  }
  return WriteList(members, scope, out);
}

// Only labels of the result and columns of what is read are found by name.
absl::Status Compiler::WriteLabelName(const Node& node, const Scope& scope,
                                      SqlText* out) {
  const auto known = [&node](const OutputColumn& column) {
    return column.name == node.text();
  };
  if (std::any_of(scope.outputs.begin(), scope.outputs.end(), known)) {
    return WriteIdentifier(dialect_.ShortenLabel(node.text()), out);
  }
  if (!scope.outputs_only) {
    for (const ScopeItem& item : scope.items) {
      const schema::Table* table = TableOf(*item.item);
      if (table == nullptr) continue;
      const schema::Column* column = table->FindByKeyOrName(node.text());
      if (column == nullptr) continue;
      if (!scope.unqualified) out->Add(item.name, ".");
      return WriteIdentifier(column->name(), out);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cupel: \"", absl::CHexEscape(node.text()),
                   "\" is no label and no column of this statement"));
}

absl::Status Compiler::WriteColumn(const Node& column, const Scope& scope,
                                   SqlText* out) {
  const absl::string_view name = OutputName(column);
  if (free_columns_ || column.child_count() == 0) {
    return WriteIdentifier(name, out);
  }
  const Node& item = column.child(0);
  if (item.kind() == NodeKind::kError) return ErrorOf(item);
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const ScopeItem& known : at->items) {
      if (!SameItem(*known.item, item)) continue;
      if (!at->unqualified) out->Add(known.name, ".");
      return WriteIdentifier(name, out);
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "cupel: column \"", absl::CHexEscape(name),
      "\" belongs to nothing that this statement reads; name its table with "
      "SelectFrom() or a join"));
}

absl::Status Compiler::WriteIdentifier(absl::string_view name, SqlText* out) {
  return dialect_.AppendIdentifier(name, out->mutable_sql());
}

}  // namespace cupel::query_internal
