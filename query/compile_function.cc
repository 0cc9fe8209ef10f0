#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/compiler.h"
#include "cupel/query/window_layout.h"

namespace cupel::query_internal {

using query::DateField;
using query::Frame;
using query::FrameBound;
using query::GroupingKind;

namespace {

absl::string_view FieldName(DateField field) {
  switch (field) {
    case DateField::kYear:
      return "year";
    case DateField::kMonth:
      return "month";
    case DateField::kDay:
      return "day";
    case DateField::kHour:
      return "hour";
    case DateField::kMinute:
      return "minute";
    case DateField::kSecond:
      return "second";
    case DateField::kDayOfWeek:
      return "dow";
    case DateField::kDayOfYear:
      return "doy";
  }
  return "";
}

absl::string_view BoundName(FrameBound::Kind kind) {
  switch (kind) {
    case FrameBound::Kind::kUnboundedPreceding:
      return "UNBOUNDED PRECEDING";
    case FrameBound::Kind::kPreceding:
      return " PRECEDING";
    case FrameBound::Kind::kCurrentRow:
      return "CURRENT ROW";
    case FrameBound::Kind::kFollowing:
      return " FOLLOWING";
    case FrameBound::Kind::kUnboundedFollowing:
      return "UNBOUNDED FOLLOWING";
  }
  return "";
}

std::vector<Part> Children(const Part& part, size_t from, size_t count) {
  std::vector<Part> children;
  for (size_t i = from; i < from + count; ++i) {
    children.push_back(part.child(i));
  }
  return children;
}

bool IsReal(const engine::Type& type) {
  return type.kind == engine::TypeKind::kDouble ||
         type.kind == engine::TypeKind::kFloat;
}

// 10^scale as a literal with a fraction.
std::string PowerOfTen(int scale) {
  return absl::StrCat("1", std::string(scale, '0'), ".0");
}

}  // namespace

absl::Status Compiler::WriteFunction(const Part& expr, const Scope& scope,
                                     absl::Span<const Part> order,
                                     SqlText* out) {
  const Node& node = *expr.node;
  if (node.text() == "now" && node.child_count() == 0) {
    out->Add(syntax().current_timestamp);
    return absl::OkStatus();
  }
  const absl::string_view native = dialect_.FunctionNameFor(node.text());
  if (native.empty()) return Unsupported(node.text());
  if (absl::StrContains(native, '{')) {
    return WriteFunctionForm(native, expr, scope, order, out);
  }
  const std::vector<Part> arguments = Children(expr, 0, node.child_count());
  // An average of scaled integers is scaled, too.
  const bool scaled_average = node.text() == "avg" && !arguments.empty() &&
                              IsScaled(arguments[0].node->type());
  if (scaled_average) out->Add("(");
  out->Add(native);
  out->Add("(", node.has(kDistinct) ? "DISTINCT " : "");
  CUPEL_RETURN_IF_ERROR(WriteList(arguments, scope, out));
  CUPEL_RETURN_IF_ERROR(WriteAggregateOrder(order, scope, out));
  out->Add(")");
  if (scaled_average) {
    out->Add(" / ", PowerOfTen(arguments[0].node->type()->scale), ")");
  }
  return absl::OkStatus();
}

// A function that is spelled otherwise: see engine::FunctionName.
absl::Status Compiler::WriteFunctionForm(absl::string_view form,
                                         const Part& expr, const Scope& scope,
                                         absl::Span<const Part> order,
                                         SqlText* out) {
  const absl::string_view name = expr.node->text();
  bool distinct = expr.node->has(kDistinct);
  size_t next = 0;
  for (size_t at = form.find('{'); at != form.npos; at = form.find('{')) {
    const size_t end = form.find('}', at);
    const absl::string_view place = form.substr(at + 1, end - at - 1);
    out->Add(form.substr(0, at));
    form.remove_prefix(end + 1);
    if (place == "distinct") {
      out->Add(distinct ? "DISTINCT " : "");
      distinct = false;
    } else if (place == "order") {
      CUPEL_RETURN_IF_ERROR(WriteAggregateOrder(order, scope, out));
      order = {};
    } else if (next == expr.node->child_count()) {
      return Unsupported(absl::StrCat(name, " of so few arguments"));
    } else {
      const Part argument = expr.child(next++);
      CUPEL_RETURN_IF_ERROR(place == "literal"
                                ? WriteLiteral(argument, scope, out)
                                : WriteExpr(argument, scope, out));
    }
  }
  out->Add(form);
  if (next < expr.node->child_count()) {
    return Unsupported(absl::StrCat(name, " of so many arguments"));
  }
  if (distinct) return Unsupported(absl::StrCat("DISTINCT in ", name));
  if (!order.empty()) return Unsupported(absl::StrCat("ORDER BY in ", name));
  return absl::OkStatus();
}

absl::Status Compiler::WriteAggregateOrder(absl::Span<const Part> order,
                                           const Scope& scope, SqlText* out) {
  if (order.empty()) return absl::OkStatus();
  out->Add(" ORDER BY ");
  return WriteOrderTerms(order, scope, out);
}

absl::Status Compiler::WriteOrderTerms(absl::Span<const Part> terms,
                                       const Scope& scope, SqlText* out) {
  absl::string_view separator;
  for (const Part& term : terms) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteExpr(term, scope, out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteFunctionSuffix(const Part& expr, const Scope& scope,
                                           SqlText* out) {
  const Part function = expr.child(0);
  const std::vector<Part> rest =
      Children(expr, 1, expr.node->child_count() - 1);
  switch (expr.node->kind()) {
    case NodeKind::kAggregateOrder:
      if (function.node->kind() != NodeKind::kFunction) {
        return absl::InvalidArgumentError(
            "cupel: order an aggregate before Filter() and WithinGroup()");
      }
      if (!can().aggregate_order_by) {
        return Unsupported("ORDER BY in an aggregate");
      }
      return WriteFunction(function, scope, rest, out);
    case NodeKind::kFilter:
      if (!can().aggregate_filter) return Unsupported("FILTER");
      CUPEL_RETURN_IF_ERROR(WriteExpr(function, scope, out));
      out->Add(" FILTER (WHERE ");
      CUPEL_RETURN_IF_ERROR(WriteExpr(rest[0], scope, out));
      out->Add(")");
      return absl::OkStatus();
    default:
      if (!can().within_group) return Unsupported("WITHIN GROUP");
      CUPEL_RETURN_IF_ERROR(WriteExpr(function, scope, out));
      out->Add(" WITHIN GROUP (ORDER BY ");
      CUPEL_RETURN_IF_ERROR(WriteOrderTerms(rest, scope, out));
      out->Add(")");
      return absl::OkStatus();
  }
}

absl::Status Compiler::WriteOver(const Part& expr, const Scope& scope,
                                 SqlText* out) {
  if (!can().window_functions) return Unsupported("window functions");
  const WindowLayout layout = WindowLayout::FromDetail(
      reinterpret_cast<uintptr_t>(expr.node->object()));
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(0), scope, out));
  out->Add(" OVER (");
  absl::string_view separator;
  if (layout.partitions > 0) {
    out->Add("PARTITION BY ");
    CUPEL_RETURN_IF_ERROR(
        WriteList(Children(expr, 1, layout.partitions), scope, out));
    separator = " ";
  }
  if (layout.orders > 0) {
    out->Add(separator, "ORDER BY ");
    CUPEL_RETURN_IF_ERROR(WriteOrderTerms(
        Children(expr, 1 + layout.partitions, layout.orders), scope, out));
    separator = " ";
  }
  if (layout.frame.unit != Frame::Unit::kDefault) {
    out->Add(separator);
    CUPEL_RETURN_IF_ERROR(WriteFrame(expr, scope, out));
  }
  out->Add(")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteFrame(const Part& over, const Scope& scope,
                                  SqlText* out) {
  const WindowLayout layout = WindowLayout::FromDetail(
      reinterpret_cast<uintptr_t>(over.node->object()));
  const Frame& frame = layout.frame;
  out->Add(frame.unit == Frame::Unit::kRows    ? "ROWS"
           : frame.unit == Frame::Unit::kRange ? "RANGE"
                                               : "GROUPS",
           " BETWEEN ");
  size_t next = 1 + layout.partitions + layout.orders;
  absl::string_view separator;
  for (const FrameBound::Kind kind : {frame.start.kind, frame.end.kind}) {
    out->Add(separator);
    separator = " AND ";
    if (kind == FrameBound::Kind::kPreceding ||
        kind == FrameBound::Kind::kFollowing) {
      const Part offset = over.child(next++);
      CUPEL_RETURN_IF_ERROR(can().bound_frames
                                ? WriteExpr(offset, scope, out)
                                : WriteLiteral(offset, scope, out));
    }
    out->Add(BoundName(kind));
  }
  switch (frame.exclude) {
    case Frame::Exclude::kNothing:
      break;
    case Frame::Exclude::kCurrentRow:
      out->Add(" EXCLUDE CURRENT ROW");
      break;
    case Frame::Exclude::kGroup:
      out->Add(" EXCLUDE GROUP");
      break;
    case Frame::Exclude::kTies:
      out->Add(" EXCLUDE TIES");
      break;
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteCase(const Part& expr, const Scope& scope,
                                 SqlText* out) {
  const Node& node = *expr.node;
  size_t next = 0;
  size_t end = node.child_count();
  out->Add("CASE");
  if (node.has(kHasSubject)) {
    out->Add(" ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(next++), scope, out));
  }
  if (node.has(kHasElse)) --end;
  for (; next + 1 < end; next += 2) {
    out->Add(" WHEN ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(next), scope, out));
    out->Add(" THEN ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(next + 1), scope, out));
  }
  if (node.has(kHasElse)) {
    out->Add(" ELSE ");
    CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(end), scope, out));
  }
  out->Add(" END");
  return absl::OkStatus();
}

absl::Status Compiler::WriteCast(const Part& expr, const Scope& scope,
                                 SqlText* out) {
  const Node& node = *expr.node;
  const Part operand = expr.child(0);
  const engine::Type* from = operand.node->type();
  CUPEL_ASSIGN_OR_RETURN(const std::string type,
                         dialect_.TypeName(*node.type(), {.cast = true}));
  const bool from_scaled = IsScaled(from);
  if (IsScaled(node.type()) != from_scaled || from_scaled) {
    // A scaled integer becomes a real number by division; other casts from or
    // to the scaled form would change the value.
    if (!from_scaled || !IsReal(*node.type())) {
      return Unsupported("this cast of an exact decimal");
    }
  }
  if (node.op() == 1 && !can().try_cast) return Unsupported("TRY_CAST");
  out->Add(from_scaled ? "(" : "", node.op() == 1 ? "TRY_CAST(" : "CAST(");
  CUPEL_RETURN_IF_ERROR(WriteExpr(operand, scope, out));
  out->Add(" AS ", type, ")");
  if (from_scaled) out->Add(" / ", PowerOfTen(from->scale), ")");
  return absl::OkStatus();
}

absl::Status Compiler::WriteExtract(const Part& expr, const Scope& scope,
                                    SqlText* out) {
  const absl::string_view field =
      FieldName(static_cast<DateField>(expr.node->op()));
  // The syntax has "{field}" forms where EXTRACT is missing.
  absl::string_view form = "EXTRACT({field} FROM {})";
  for (const engine::FunctionName& entry : syntax().functions) {
    if (entry.generic == absl::StrCat("extract_", field)) form = entry.native;
  }
  const std::string filled =
      absl::StrReplaceAll(form, {{"{field}", absl::AsciiStrToUpper(field)}});
  const size_t at = filled.find("{}");
  if (at == std::string::npos) return Unsupported("EXTRACT of this field");
  out->Add(filled.substr(0, at));
  CUPEL_RETURN_IF_ERROR(WriteExpr(expr.child(0), scope, out));
  out->Add(filled.substr(at + 2));
  return absl::OkStatus();
}

absl::Status Compiler::WriteGrouping(const Part& expr, const Scope& scope,
                                     SqlText* out) {
  if (!can().grouping_sets) return Unsupported("GROUPING SETS");
  switch (static_cast<GroupingKind>(expr.node->op())) {
    case GroupingKind::kRollup:
      out->Add("ROLLUP (");
      break;
    case GroupingKind::kCube:
      out->Add("CUBE (");
      break;
    case GroupingKind::kGroupingSets:
      out->Add("GROUPING SETS (");
      break;
  }
  CUPEL_RETURN_IF_ERROR(
      WriteList(Children(expr, 0, expr.node->child_count()), scope, out));
  out->Add(")");
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
