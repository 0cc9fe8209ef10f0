#include "cupel/query/expr.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/from_item.h"
#include "cupel/query/statement.h"
#include "cupel/query/statement_parts.h"
#include "cupel/query/typed_expr.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using engine::Type;
using engine::ValueView;
using query_internal::MakeErrorNode;
using query_internal::MakeNode;
using query_internal::MakeValueNode;
using query_internal::Node;
using query_internal::NodeKind;
using query_internal::NodeRef;

constexpr Type kBooleanType = engine::Boolean();
constexpr Type kIntegerType = engine::BigInteger();

// The operand's node; an error node for an empty handle.
NodeRef NodeOf(Expr expr) {
  if (!expr.empty()) return std::move(expr).node();
  return MakeErrorNode(absl::InvalidArgumentError(
      "cupel: an empty expression cannot be an operand"));
}

Expr Error(absl::string_view message) {
  return ErrorExpr(absl::InvalidArgumentError(message));
}

const Type* TypeOfResult(Operator op, const Type* type) {
  return op <= Operator::kMatch ? &kBooleanType : type;
}

Expr Chain(Operator op, absl::Span<const Expr> conditions, Constant empty) {
  NodeRef chain;
  for (const Expr& condition : conditions) {
    if (condition.empty()) continue;
    chain = chain ? MakeNode({.kind = NodeKind::kBinary,
                              .op = static_cast<uint8_t>(op),
                              .type = &kBooleanType},
                             std::move(chain), condition.node())
                  : condition.node();
  }
  if (!chain) {
    chain = MakeNode({.kind = NodeKind::kConstant,
                      .op = static_cast<uint8_t>(empty),
                      .type = &kBooleanType});
  }
  return Expr(std::move(chain));
}

// The comparison that holds where `op` does not, or kNot when there is none.
Operator Opposite(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return Operator::kNotEqual;
    case Operator::kNotEqual:
      return Operator::kEqual;
    case Operator::kLess:
      return Operator::kGreaterOrEqual;
    case Operator::kLessOrEqual:
      return Operator::kGreater;
    case Operator::kGreater:
      return Operator::kLessOrEqual;
    case Operator::kGreaterOrEqual:
      return Operator::kLess;
    case Operator::kIsDistinctFrom:
      return Operator::kIsNotDistinctFrom;
    case Operator::kIsNotDistinctFrom:
      return Operator::kIsDistinctFrom;
    case Operator::kIsNull:
      return Operator::kIsNotNull;
    case Operator::kIsNotNull:
      return Operator::kIsNull;
    case Operator::kRegexMatch:
      return Operator::kNotRegexMatch;
    case Operator::kNotRegexMatch:
      return Operator::kRegexMatch;
    default:
      return Operator::kNot;
  }
}

// `b Mirrored(op) a` is `a op b`.
Operator Mirrored(Operator op) {
  switch (op) {
    case Operator::kLess:
      return Operator::kGreater;
    case Operator::kLessOrEqual:
      return Operator::kGreaterOrEqual;
    case Operator::kGreater:
      return Operator::kLess;
    case Operator::kGreaterOrEqual:
      return Operator::kLessOrEqual;
    default:
      return op;
  }
}

NodeRef CopyWith(const Node& node, uint8_t op, uint16_t flags) {
  absl::InlinedVector<NodeRef, 4> children(node.children().begin(),
                                           node.children().end());
  return MakeNode({.kind = node.kind(),
                   .op = op,
                   .flags = flags,
                   .type = node.type(),
                   .object = node.object(),
                   .text = node.text()},
                  absl::MakeSpan(children));
}

// Whether the right side of a comparison is ANY or ALL, which negation changes.
bool IsQuantified(const Node& node) {
  return node.child_count() == 2 &&
         node.child(1).kind() == NodeKind::kQuantified;
}

// NOT (x = ANY (...)) is x <> ALL (...).
Expr NegatedQuantified(const Node& node, Operator opposite) {
  const Node& right = node.child(1);
  return Binary(opposite, Expr(node.children()[0]),
                Expr(CopyWith(right, right.op() ^ 1, right.flags())),
                node.type());
}

Expr Negated(const Expr& condition) {
  const Node& node = *condition.node();
  const auto op = static_cast<Operator>(node.op());
  switch (node.kind()) {
    case NodeKind::kUnary:
      if (op == Operator::kNot) return Expr(node.children()[0]);
      [[fallthrough]];
    case NodeKind::kBinary: {
      const Operator opposite = Opposite(op);
      if (opposite == Operator::kNot) break;
      if (IsQuantified(node)) return NegatedQuantified(node, opposite);
      return Expr(CopyWith(node, static_cast<uint8_t>(opposite), node.flags()));
    }
    case NodeKind::kLike:
    case NodeKind::kIn:
    case NodeKind::kBetween:
      return Expr(
          CopyWith(node, node.op(), node.flags() ^ query_internal::kNegated));
    default:
      break;
  }
  return Unary(Operator::kNot, condition, nullptr);
}

}  // namespace

const schema::Column* Expr::column() const {
  if (!node_ || node_->kind() != NodeKind::kColumn) return nullptr;
  return node_->object_as<schema::Column>();
}

OrderExpr OrderExpr::NullsFirst() const {
  return OrderExpr(
      CopyWith(*node(), node()->op(), query_internal::kNullsFirst));
}

OrderExpr OrderExpr::NullsLast() const {
  return OrderExpr(CopyWith(*node(), node()->op(), query_internal::kNullsLast));
}

TypedExpr<bool> And(absl::Span<const Expr> conditions) {
  return TypedExpr<bool>(Chain(Operator::kAnd, conditions, Constant::kTrue));
}
TypedExpr<bool> Or(absl::Span<const Expr> conditions) {
  return TypedExpr<bool>(Chain(Operator::kOr, conditions, Constant::kFalse));
}
TypedExpr<bool> And(std::initializer_list<Expr> conditions) {
  return And(absl::MakeConstSpan(conditions.begin(), conditions.size()));
}
TypedExpr<bool> Or(std::initializer_list<Expr> conditions) {
  return Or(absl::MakeConstSpan(conditions.begin(), conditions.size()));
}
TypedExpr<bool> Not(const Expr& condition) {
  if (condition.empty()) return TypedExpr<bool>(condition);
  return TypedExpr<bool>(Negated(condition));
}

TypedExpr<bool> operator&&(const Expr& left, const Expr& right) {
  return And({left, right});
}
TypedExpr<bool> operator||(const Expr& left, const Expr& right) {
  return Or({left, right});
}
TypedExpr<bool> operator!(const Expr& condition) { return Not(condition); }

Expr BindView(const ValueView& value, const Type* type) {
  return Expr(query_internal::MakeBind(type, value));
}

Expr BindObject(const engine::TypeOps& ops, const void* object,
                const Type* type) {
  engine::BoundValue bound;
  const absl::Status status = ops.bind(object, &bound);
  if (!status.ok()) return ErrorExpr(status);
  return BindView(bound.view, type);
}

void MakeImmortal(const Expr& expr) {
  if (!expr.empty()) query_internal::MakeImmortal(*expr.node());
}

Expr ColumnOf(const schema::Column& column) {
  return ColumnOf(FromItem(column.table()), column);
}

Expr ColumnOf(const FromItem& from, const schema::Column& column) {
  if (from.empty()) return Error("cupel: a column of an empty FROM item");
  return Expr(MakeNode(
      {.kind = NodeKind::kColumn, .type = &column.type(), .object = &column},
      from.node()));
}

Expr ColumnOf(const FromItem& from, absl::string_view name) {
  if (from.empty()) return Error("cupel: a column of an empty FROM item");
  if (const schema::Table* table = from.table()) {
    const schema::Column* column = table->FindByKeyOrName(name);
    if (column != nullptr) return ColumnOf(from, *column);
    return Error(absl::StrCat("cupel: table ", table->full_name(),
                              " has no column \"", name, "\""));
  }
  return Expr(MakeNode({.kind = NodeKind::kColumn,
                        .type = query_internal::OutputType(*from.node(), name),
                        .text = name},
                       from.node()));
}

Expr LabelName(absl::string_view label) {
  return Expr(MakeNode({.kind = NodeKind::kLabelName, .text = label}));
}

Expr LiteralSql(absl::string_view sql) {
  return Expr(MakeNode({.kind = NodeKind::kFragment, .text = sql}));
}

Expr Null() {
  return Expr(MakeNode({.kind = NodeKind::kConstant,
                        .op = static_cast<uint8_t>(Constant::kNull)}));
}
TypedExpr<bool> True() { return And(absl::Span<const Expr>()); }
TypedExpr<bool> False() { return Or(absl::Span<const Expr>()); }

Expr Tuple(absl::Span<const Expr> members) {
  auto nodes = query_internal::NodesOf(members);
  return Expr(MakeNode({.kind = NodeKind::kTuple}, absl::MakeSpan(nodes)));
}
Expr Tuple(std::initializer_list<Expr> members) {
  return Tuple(absl::MakeConstSpan(members.begin(), members.size()));
}

Expr ErrorExpr(const absl::Status& status) {
  return Expr(MakeErrorNode(status));
}

Expr Unary(Operator op, Expr operand, const Type* type) {
  return Expr(MakeNode({.kind = NodeKind::kUnary,
                        .op = static_cast<uint8_t>(op),
                        .type = TypeOfResult(op, type)},
                       NodeOf(std::move(operand))));
}

Expr Binary(Operator op, Expr left, Expr right, const Type* type) {
  if (ABSL_PREDICT_FALSE(left.empty() || right.empty())) {
    return Error("cupel: an empty expression cannot be an operand");
  }
  if (ABSL_PREDICT_FALSE(left.node()->kind() == NodeKind::kQuantified)) {
    // ANY and ALL stand on the right.
    std::swap(left, right);
    op = Mirrored(op);
  }
  return Expr(query_internal::MakePair(
      NodeKind::kBinary, static_cast<uint8_t>(op), TypeOfResult(op, type),
      nullptr, std::move(left).node(), std::move(right).node()));
}

Expr CustomBinary(absl::string_view op, Precedence precedence, const Expr& left,
                  const Expr& right, const Type* type) {
  constexpr absl::string_view kAllowed = "+-*/<>=~!@#%^&|?:";
  const bool odd =
      op.empty() || op.find_first_not_of(kAllowed) != absl::string_view::npos;
  if (odd || op.find("--") != absl::string_view::npos ||
      op.find("/*") != absl::string_view::npos ||
      op.find("*/") != absl::string_view::npos) {
    return Error(
        "cupel: a custom operator is made of + - * / < > = ~ ! @ # % ^ & | ? : "
        "without a comment");
  }
  return Expr(MakeNode({.kind = NodeKind::kCustomBinary,
                        .op = static_cast<uint8_t>(precedence),
                        .type = type,
                        .text = op},
                       NodeOf(left), NodeOf(right)));
}

Expr Like(LikeKind kind, const Expr& subject, const Expr& pattern, bool escaped,
          bool negated) {
  const int flags = (escaped ? query_internal::kEscaped : 0) |
                    (negated ? query_internal::kNegated : 0);
  return Expr(MakeNode({.kind = NodeKind::kLike,
                        .op = static_cast<uint8_t>(kind),
                        .flags = static_cast<uint16_t>(flags),
                        .type = &kBooleanType},
                       NodeOf(subject), NodeOf(pattern)));
}

Expr LikeLiteral(LikeKind kind, const Expr& subject, absl::string_view text,
                 TextMatch match, bool negated) {
  absl::InlinedVector<char, 256> pattern;
  if (match != TextMatch::kStartsWith) pattern.push_back('%');
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '/') pattern.push_back('/');
    pattern.push_back(c);
  }
  if (match != TextMatch::kEndsWith) pattern.push_back('%');
  const absl::string_view view(pattern.data(), pattern.size());
  return Like(kind, subject, BindView(ValueView::Text(view), subject.type()),
              true, negated);
}

Expr Between(const Expr& subject, const Expr& low, const Expr& high,
             bool negated, bool symmetric) {
  NodeRef children[] = {NodeOf(subject), NodeOf(low), NodeOf(high)};
  const int flags = (negated ? query_internal::kNegated : 0) |
                    (symmetric ? query_internal::kSymmetric : 0);
  return Expr(MakeNode({.kind = NodeKind::kBetween,
                        .flags = static_cast<uint16_t>(flags),
                        .type = &kBooleanType},
                       absl::MakeSpan(children)));
}

Expr InValues(const Expr& subject, absl::Span<const ValueView> values,
              const Type* type, int width, bool negated) {
  if (width < 1 || width > 255 || values.size() % width != 0) {
    return Error("cupel: the values of an IN list do not fill its tuples");
  }
  NodeRef list = MakeValueNode({.kind = NodeKind::kBindList,
                                .op = static_cast<uint8_t>(width),
                                .type = type},
                               values);
  return Expr(MakeNode(
      {.kind = NodeKind::kIn,
       .flags = static_cast<uint16_t>(negated ? query_internal::kNegated : 0),
       .type = &kBooleanType},
      NodeOf(subject), std::move(list)));
}

Expr InStatement(const Expr& subject, const Statement& statement,
                 bool negated) {
  if (statement.empty()) return Error("cupel: IN of an empty statement");
  return Expr(MakeNode(
      {.kind = NodeKind::kIn,
       .flags = static_cast<uint16_t>(negated ? query_internal::kNegated : 0),
       .type = &kBooleanType},
      NodeOf(subject), statement.node()));
}

Expr Label(const Expr& operand, absl::string_view label) {
  return Expr(MakeNode(
      {.kind = NodeKind::kLabel, .type = operand.type(), .text = label},
      NodeOf(operand)));
}

OrderExpr Order(const Expr& operand, bool descending) {
  return OrderExpr(MakeNode({.kind = NodeKind::kOrder,
                             .op = static_cast<uint8_t>(descending ? 1 : 0)},
                            NodeOf(operand)));
}

Expr Collate(const Expr& operand, absl::string_view collation) {
  return Expr(MakeNode(
      {.kind = NodeKind::kCollate, .type = operand.type(), .text = collation},
      NodeOf(operand)));
}

Expr CastTo(const Expr& operand, const Type* type, bool trying) {
  return Expr(MakeNode({.kind = NodeKind::kCast,
                        .op = static_cast<uint8_t>(trying ? 1 : 0),
                        .type = type},
                       NodeOf(operand)));
}

Expr CoerceTo(const Expr& operand, const Type* type) {
  return Expr(
      MakeNode({.kind = NodeKind::kCoerce, .type = type}, NodeOf(operand)));
}

Expr CoerceTo(const Expr& operand, const Type& type) {
  return CoerceTo(operand, query_internal::InternType(type));
}

Expr ExtractField(DateField field, const Expr& operand) {
  return Expr(MakeNode({.kind = NodeKind::kExtract,
                        .op = static_cast<uint8_t>(field),
                        .type = &kIntegerType},
                       NodeOf(operand)));
}

Expr ScalarOf(const Statement& statement) {
  if (statement.empty()) return Error("cupel: an empty statement as a value");
  return Expr(
      MakeNode({.kind = NodeKind::kScalar,
                .type = query_internal::FirstOutputType(*statement.node())},
               statement.node()));
}

TypedExpr<bool> Exists(const Statement& statement) {
  if (statement.empty()) {
    return TypedExpr<bool>(Error("cupel: EXISTS of an empty statement"));
  }
  return TypedExpr<bool>(Expr(MakeNode(
      {.kind = NodeKind::kExists, .type = &kBooleanType}, statement.node())));
}

Expr Quantified(Quantifier quantifier, const Statement& statement) {
  if (statement.empty()) return Error("cupel: ANY or ALL of nothing");
  return Expr(
      MakeNode({.kind = NodeKind::kQuantified,
                .op = static_cast<uint8_t>(quantifier),
                .type = query_internal::FirstOutputType(*statement.node())},
               statement.node()));
}

Expr JsonPath(const Expr& document, const JsonStep& step) {
  std::string path;
  NodeRef subject = NodeOf(document);
  if (subject->kind() == NodeKind::kJsonPath) {
    path = std::string(subject->child(1).values()[0].bytes());
    subject = NodeRef(subject->children()[0]);
  }
  query_internal::AppendJsonStep(step, &path);
  const ValueView value = ValueView::Text(path);
  NodeRef bind =
      MakeValueNode({.kind = NodeKind::kBind}, absl::MakeConstSpan(&value, 1));
  return Expr(MakeNode({.kind = NodeKind::kJsonPath,
                        .op = static_cast<uint8_t>(JsonLeaf::kJson),
                        .type = document.type()},
                       std::move(subject), std::move(bind)));
}

Expr JsonAs(const Expr& path, JsonLeaf leaf, const Type* type) {
  const Node& node = *path.node();
  if (node.kind() == NodeKind::kError) return path;
  if (node.kind() != NodeKind::kJsonPath) {
    return Error("cupel: take a JSON path before reading a leaf");
  }
  return Expr(MakeNode({.kind = NodeKind::kJsonPath,
                        .op = static_cast<uint8_t>(leaf),
                        .type = type},
                       node.children()[0], node.children()[1]));
}

void AppendBoundView(const Expr& bound, std::vector<ValueView>* views) {
  const Node& node = *bound.node();
  if (node.kind() == NodeKind::kBind) views->push_back(node.values()[0]);
}

Expr ParameterExpr(absl::string_view name, const Type* type) {
  if (name.empty()) return Error("cupel: a parameter needs a name");
  const ValueView none = ValueView::Null();
  return Expr(
      MakeValueNode({.kind = NodeKind::kBind, .type = type, .text = name},
                    absl::MakeConstSpan(&none, 1)));
}

Expr RowCountExpr(int64_t rows) {
  if (rows < 0) {
    return Error("cupel: LIMIT, OFFSET and frames take no negative number");
  }
  return BindView(ValueView::Int64(rows), &kIntegerType);
}

}  // namespace cupel::query

namespace cupel::query_internal {

// A step is its kind, the length of its text, and the text.
void AppendJsonStep(const query::JsonStep& step, std::string* path) {
  const std::string text =
      step.is_index ? absl::StrCat(step.index) : std::string(step.name);
  path->push_back(step.is_index ? 'i' : 'n');
  const auto size = static_cast<uint32_t>(text.size());
  path->append(reinterpret_cast<const char*>(&size), sizeof(size));
  path->append(text);
}

std::vector<JsonPathStep> JsonStepsOf(absl::string_view path) {
  std::vector<JsonPathStep> steps;
  while (path.size() >= 1 + sizeof(uint32_t)) {
    uint32_t size = 0;
    std::memcpy(&size, path.data() + 1, sizeof(size));
    steps.push_back({path[0] == 'i', path.substr(1 + sizeof(size), size)});
    path.remove_prefix(std::min(path.size(), 1 + sizeof(size) + size));
  }
  return steps;
}

}  // namespace cupel::query_internal
