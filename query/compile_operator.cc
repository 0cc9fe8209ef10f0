#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {

using query::BindSite;
using query::LikeKind;
using query::Operator;
using query::Precedence;

namespace {

Operator OperatorOf(const Node& node) {
  return static_cast<Operator>(node.op());
}

absl::Span<const NodeRef> Operands(const Node& node) { return node.children(); }

// Databases have it as an operator or as a form of a function; no two alike.
absl::string_view FullTextMatch(const engine::Syntax& syntax) {
  for (const engine::FunctionName& function : syntax.functions) {
    if (function.generic == "match") return function.native;
  }
  return "";
}

// The generic spelling; operators that dialects spell differently are asked of
// the syntax first.
absl::string_view Spelling(Operator op, const engine::Syntax& syntax) {
  switch (op) {
    case Operator::kOr:
      return "OR";
    case Operator::kAnd:
      return "AND";
    case Operator::kEqual:
      return "=";
    case Operator::kNotEqual:
      return "<>";
    case Operator::kLess:
      return "<";
    case Operator::kLessOrEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterOrEqual:
      return ">=";
    case Operator::kIsDistinctFrom:
      return syntax.is_distinct_from;
    case Operator::kIsNotDistinctFrom:
      return syntax.is_not_distinct_from;
    case Operator::kRegexMatch:
      return syntax.regexp_match;
    case Operator::kNotRegexMatch:
      return syntax.not_regexp_match;
    case Operator::kArrayContains:
      return syntax.array_contains;
    case Operator::kArrayContainedBy:
      return syntax.array_contained_by;
    case Operator::kArrayOverlaps:
      return syntax.array_overlaps;
    case Operator::kMatch:
      return FullTextMatch(syntax);
    case Operator::kConcat:
      return syntax.concat;
    case Operator::kBitAnd:
      return "&";
    case Operator::kBitOr:
      return "|";
    case Operator::kBitXor:
      return syntax.bitwise_xor;
    case Operator::kShiftLeft:
      return syntax.shift_left;
    case Operator::kShiftRight:
      return syntax.shift_right;
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kFloorDivide:
      return syntax.integer_divide;
    case Operator::kModulo:
      return syntax.modulo;
    default:
      return "";
  }
}

bool IsForm(absl::string_view spelling) {
  return spelling.find("{}") != absl::string_view::npos;
}

bool IsIntegerType(const engine::Type* type) {
  return type != nullptr && (type->kind == engine::TypeKind::kSmallInteger ||
                             type->kind == engine::TypeKind::kInteger ||
                             type->kind == engine::TypeKind::kBigInteger);
}

bool IsOfArrays(Operator op) {
  return op == Operator::kArrayContains || op == Operator::kArrayContainedBy ||
         op == Operator::kArrayOverlaps;
}

// What a dialect without a spelling does not support.
absl::string_view NameOf(Operator op) {
  switch (op) {
    case Operator::kArrayContains:
    case Operator::kArrayContainedBy:
      return "containment of arrays";
    case Operator::kArrayOverlaps:
      return "overlap of arrays";
    case Operator::kMatch:
      return "full-text search";
    default:
      return "this operator";
  }
}

// The precedence that an operand must have to stand without parentheses.
Precedence ContextOf(Operator op, bool right) {
  const Precedence own = PrecedenceOf(op);
  if (IsOfArrays(op)) return Precedence::kUnary;
  // Comparisons do not chain, and the ranks of kOther differ between databases.
  if (own == Precedence::kComparison) return Precedence::kOther;
  if (own == Precedence::kOther) return Precedence::kUnary;
  const bool tighter = right && !IsAssociative(op);
  return tighter ? static_cast<Precedence>(static_cast<int>(own) + 1) : own;
}

}  // namespace

absl::Status Compiler::WriteUnary(const Part& expr, const Scope& scope,
                                  SqlText* out) {
  const Operator op = OperatorOf(*expr.node);
  const Part operand = expr.child(0);
  switch (op) {
    case Operator::kIsNull:
    case Operator::kIsNotNull:
      CUPEL_RETURN_IF_ERROR(WriteExpr(operand, scope, out, Precedence::kOther));
      out->Add(op == Operator::kIsNull ? " IS NULL" : " IS NOT NULL");
      return absl::OkStatus();
    case Operator::kNot:
      out->Add("NOT ");
      return WriteExpr(operand, scope, out, Precedence::kComparison);
    case Operator::kNegate:
    case Operator::kBitNot:
      // An atom only: "-" before "-" would begin a comment.
      out->Add(op == Operator::kNegate ? "-" : "~");
      return WriteExpr(operand, scope, out, Precedence::kAtom);
    default:
      return absl::InternalError("cupel: not a unary operator");
  }
}

bool Compiler::IsScaled(const engine::Type* type) const {
  return type != nullptr && type->kind == engine::TypeKind::kNumeric &&
         type->storage == engine::NumericStorage::kScaledInteger &&
         !can().native_decimal;
}

absl::Status Compiler::CheckScales(const Node& binary) const {
  const engine::Type* left = Operands(binary)[0]->type();
  const engine::Type* right = Operands(binary)[1]->type();
  const bool left_scaled = IsScaled(left);
  const bool right_scaled = IsScaled(right);
  if ((!left_scaled && !right_scaled) || left == nullptr || right == nullptr) {
    return absl::OkStatus();
  }
  const Operator op = OperatorOf(binary);
  if (op == Operator::kMultiply && left_scaled != right_scaled &&
      IsIntegerType(left_scaled ? right : left)) {
    return absl::OkStatus();
  }
  const bool alike = left_scaled && right_scaled && left->scale == right->scale;
  if (alike && (op <= Operator::kMatch || op == Operator::kAdd ||
                op == Operator::kSubtract)) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(absl::StrCat(
      "cupel: this database keeps exact decimals as scaled integers: ",
      left->DebugString(), " and ", right->DebugString(),
      " do not meet in SQL; use equal scales, or compute in the program"));
}

absl::Status Compiler::WriteBinary(const Part& expr, const Scope& scope,
                                   SqlText* out) {
  const Node& node = *expr.node;
  const Operator op = OperatorOf(node);
  CUPEL_RETURN_IF_ERROR(CheckScales(node));
  if (op == Operator::kDivide && IsIntegerType(node.child(0).type()) &&
      IsIntegerType(node.child(1).type())) {
    return WriteTemplate(syntax().true_divide, expr.child(0), expr.child(1),
                         scope, out);
  }
  const absl::string_view spelling = Spelling(op, syntax());
  if (spelling.empty()) return Unsupported(NameOf(op));
  if (IsForm(spelling)) {
    return WriteTemplate(spelling, expr.child(0), expr.child(1), scope, out);
  }
  return WriteChain(expr, scope, out);
}

// `form` has "{}" for each operand, the left one first. Operands that are no
// atoms go in parentheses.
absl::Status Compiler::WriteTemplate(absl::string_view form, const Part& left,
                                     const Part& right, const Scope& scope,
                                     SqlText* out) {
  const Part* operands[] = {&left, &right};
  size_t next = 0;
  for (size_t at = form.find("{}"); at != absl::string_view::npos;
       at = form.find("{}")) {
    out->Add(form.substr(0, at));
    CUPEL_RETURN_IF_ERROR(WriteExpr(*operands[std::min<size_t>(next, 1)], scope,
                                    out, Precedence::kUnary));
    ++next;
    form.remove_prefix(at + 2);
  }
  out->Add(form);
  return absl::OkStatus();
}

// A chain of one operator, `((a op b) op c) op d`, written flat and walked
// without recursion.
absl::Status Compiler::WriteChain(const Part& expr, const Scope& scope,
                                  SqlText* out) {
  const Operator op = OperatorOf(*expr.node);
  std::vector<Part> terms;
  Part at = expr;
  terms.push_back(at.child(1));
  while (at.node->child(0).kind() == NodeKind::kBinary &&
         OperatorOf(at.node->child(0)) == op &&
         PrecedenceOf(op) != Precedence::kComparison) {
    at = at.child(0);
    terms.push_back(at.child(1));
  }
  terms.push_back(at.child(0));
  std::reverse(terms.begin(), terms.end());
  return WriteLongChain(terms, op, scope, out);
}

absl::Status Compiler::WriteAll(absl::Span<const Part> terms,
                                const Scope& scope, SqlText* out) {
  return WriteLongChain(terms, Operator::kAnd, scope, out);
}

// Splits a chain that is longer than the database takes.
absl::Status Compiler::WriteLongChain(absl::Span<const Part> terms, Operator op,
                                      const Scope& scope, SqlText* out) {
  const size_t limit = can().max_chain_terms;
  if (limit == 0 || terms.size() <= limit) {
    return WriteChainTerms(terms, op, scope, out);
  }
  if (op != Operator::kAnd && op != Operator::kOr) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cupel: ", terms.size(), " operands in one chain of operators; the ",
        "database takes ", limit));
  }
  // AND and OR may be grouped: (a AND b ...) AND (c AND d ...).
  const size_t group = limit / 2;
  if (terms.size() / group >= group) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cupel: ", terms.size(),
                     " conditions in one chain; the database takes ",
                     group * group, ": use In() or several statements"));
  }
  const Nesting nesting(&parentheses_);
  CUPEL_RETURN_IF_ERROR(
      nesting.Check(can().max_parenthesis_depth, "parentheses"));
  absl::string_view separator = "(";
  const absl::string_view between = op == Operator::kAnd ? ") AND (" : ") OR (";
  absl::Span<const Part> rest = terms;
  while (!rest.empty()) {
    out->Add(separator);
    separator = between;
    const size_t n = std::min(group, rest.size());
    CUPEL_RETURN_IF_ERROR(WriteChainTerms(rest.first(n), op, scope, out));
    rest.remove_prefix(n);
  }
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteChainTerms(absl::Span<const Part> terms,
                                       Operator op, const Scope& scope,
                                       SqlText* out) {
  for (size_t i = 0; i < terms.size(); ++i) {
    if (i > 0) out->Add(" ", Spelling(op, syntax()), " ");
    const Node& node = *terms[i].node;
    // A right operand of the same operator is another chain of it.
    const bool same = i > 0 && IsAssociative(op) &&
                      node.kind() == NodeKind::kBinary &&
                      OperatorOf(node) == op;
    if (same) {
      CUPEL_RETURN_IF_ERROR(WriteChain(terms[i], scope, out));
    } else {
      CUPEL_RETURN_IF_ERROR(
          WriteExpr(terms[i], scope, out, ContextOf(op, i > 0)));
    }
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteCustomBinary(const Part& expr, const Scope& scope,
                                         SqlText* out) {
  const auto own = static_cast<Precedence>(expr.node->op());
  const auto tighter = static_cast<Precedence>(
      std::min(static_cast<int>(Precedence::kAtom), static_cast<int>(own) + 1));
  const Precedence context =
      own == Precedence::kOther ? Precedence::kUnary : tighter;
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(0), scope, out, context));
  out->Add(" ", expr.node->text(), " ");
  return WriteExpr(expr.child(1), scope, out, context);
}

absl::Status Compiler::WriteLike(const Part& expr, const Scope& scope,
                                 SqlText* out) {
  const Node& node = *expr.node;
  const bool negated = node.has(kNegated);
  const bool any_case = static_cast<LikeKind>(node.op()) == LikeKind::kILike;
  const absl::string_view native =
      negated ? syntax().not_ilike : syntax().ilike;
  const bool lowers = any_case && native.empty();
  const absl::string_view lower = dialect_.FunctionNameFor("lower");
  const auto write = [&](const Part& operand) -> absl::Status {
    if (!lowers) return WriteExpr(operand, scope, out, Precedence::kOther);
    out->Add(lower, "(");
    CUPEL_RETURN_IF_ERROR(WriteExpr(operand, scope, out));
    out->Add(")");
    return absl::OkStatus();
  };
  CUPEL_RETURN_IF_ERROR(write(expr.child(0)));
  if (any_case && !lowers) {
    out->Add(" ", native, " ");
  } else {
    out->Add(negated ? " NOT LIKE " : " LIKE ");
  }
  CUPEL_RETURN_IF_ERROR(write(expr.child(1)));
  if (node.has(kEscaped)) out->Add(" ESCAPE '/'");
  return absl::OkStatus();
}

absl::Status Compiler::WriteIn(const Part& expr, const Scope& scope,
                               SqlText* out) {
  const Node& node = *expr.node;
  const bool negated = node.has(kNegated);
  const Part list = expr.child(1);
  const bool values = list.node->kind() == NodeKind::kBindList;
  BindSite site{.negated = negated,
                .width = list.node->op(),
                .bind = list.base,
                .type = list.node->type()};
  if (values) {
    site.kind = BindSite::Kind::kListOpen;
    out->AddSite(site);
  }
  CUPEL_RETURN_IF_ERROR(
      WriteExpr(expr.child(0), scope, out, Precedence::kOther));
  out->Add(negated ? " NOT IN " : " IN ");
  if (!values) return WriteSubquery(list, scope, out);
  if (site.width > 1 && !can().row_values) return Unsupported("IN of tuples");
  if (site.type != nullptr) site.codec = dialect_.CodecFor(*site.type);
  out->Add("(", site.width > 1 ? syntax().tuple_list : "");
  site.kind = BindSite::Kind::kList;
  out->AddSite(site);
  out->Add(")");
  site.kind = BindSite::Kind::kListClose;
  out->AddSite(site);
  compiled_->expands = true;
  return absl::OkStatus();
}

absl::Status Compiler::WriteBetween(const Part& expr, const Scope& scope,
                                    SqlText* out) {
  const Node& node = *expr.node;
  const auto range = [&](const Part& low, const Part& high) -> absl::Status {
    CUPEL_RETURN_IF_ERROR(
        WriteExpr(expr.child(0), scope, out, Precedence::kOther));
    out->Add(node.has(kNegated) ? " NOT BETWEEN " : " BETWEEN ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(low, scope, out, Precedence::kOther));
    out->Add(" AND ");
    return WriteExpr(high, scope, out, Precedence::kOther);
  };
  if (!node.has(kSymmetric)) return range(expr.child(1), expr.child(2));
  // SYMMETRIC is spelled out: few databases have the word.
  out->Add("(");
  CUPEL_RETURN_IF_ERROR(range(expr.child(1), expr.child(2)));
  out->Add(node.has(kNegated) ? " AND " : " OR ");
  CUPEL_RETURN_IF_ERROR(range(expr.child(2), expr.child(1)));
  out->Add(")");
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
