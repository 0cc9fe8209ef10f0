#include "cupel/session/entity_statement.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/entity_reader.h"

namespace cupel::session {
namespace {

using query_internal::Clause;
using query_internal::Node;
using query_internal::NodeKind;

// Calls `visit` for each clause of the statement, the last one first.
template <typename Visitor>
void ForEachClause(const query::Statement& statement, Visitor visit) {
  const Node* node = statement.node().get();
  while (node != nullptr && node->kind() == NodeKind::kClause) {
    visit(static_cast<Clause>(node->op()), *node);
    node = &node->child(0);
  }
}

bool HasClause(const query::Statement& statement,
               std::initializer_list<Clause> clauses) {
  bool found = false;
  ForEachClause(statement, [&](Clause clause, const Node&) {
    found |= std::find(clauses.begin(), clauses.end(), clause) != clauses.end();
  });
  return found;
}

query::Expr Equal(const query::Expr& a, const query::Expr& b) {
  static const engine::Type boolean = engine::Boolean();
  return query::Binary(query::Operator::kEqual, a, b, &boolean);
}

query::Expr AllOf(const std::vector<query::Expr>& parts) {
  return parts.size() == 1 ? parts[0] : query::Expr(query::And(parts));
}

// How a column of the type's tables is named where these are a subquery.
std::string NameInside(const EntityType& type, const schema::Column& column) {
  if (&column.table() == type.levels()[0].table) return column.name();
  return absl::StrCat(column.table().name(), "_", column.name());
}

}  // namespace

absl::Status EntityStatement::PlanItem(const RowItem& wanted, bool first,
                                       Item* item) {
  const EntityType& type = *wanted.entity;
  if (wanted.source && type.levels().size() > 1) {
    return engine::MakeError(
        engine::ErrorKind::kUnsupported,
        absl::StrCat("entities of ", type.name(),
                     " cannot be read from an alias: their columns are in "
                     "several tables"));
  }
  item->source =
      wanted.source ? EntitySource(type, *wanted.source) : EntitySource(type);
  const bool by_default =
      item->source.has_subtypes() && (!first || query_->options.empty());
  if (by_default) {
    item->plan = links_->DefaultPlan(type);
    return absl::OkStatus();
  }
  absl::Span<const LoadOption> options;
  if (first) options = query_->options;
  CUPEL_ASSIGN_OR_RETURN(
      item->plan, LoadPlan::Make(type, options, item->source.has_subtypes()));
  return absl::OkStatus();
}

absl::Status EntityStatement::Plan(EntityQuery* query,
                                   RelationshipLoader* links) {
  query_ = query;
  links_ = links;
  for (size_t i = 0; i < query_->items.size(); ++i) {
    const RowItem& wanted = query_->items[i];
    Item& item = items_.emplace_back();
    if (wanted.entity == nullptr) {
      item.place = value_count_++;
      continue;
    }
    item.place = entity_count_++;
    CUPEL_RETURN_IF_ERROR(PlanItem(wanted, i == 0, &item));
  }
  if (items_.empty()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "an entity query selects nothing");
  }
  if (query_->items[0].entity == nullptr) return absl::OkStatus();
  if (!query_->restricted) {
    const query::Expr restriction = items_[0].source.Restriction();
    if (!restriction.empty()) query_->select = BaseSelect().Where(restriction);
    query_->restricted = true;
  }
  PlanJoins(*items_[0].plan);
  return absl::OkStatus();
}

query::Select EntityStatement::BaseSelect() const {
  const query::FromItem& from = items_[0].source.from();
  if (query_->select.empty()) {
    // Of some column: others take its place.
    const EntityType& type = items_[0].plan->type();
    const std::vector<query::Expr> any = {
        items_[0].source.Column(*type.property(type.primary_key()[0]).column)};
    return query::Select(absl::MakeConstSpan(any)).SelectFrom(from);
  }
  return HasClause(query_->select, {Clause::kFrom, Clause::kJoin})
             ? query_->select
             : query_->select.SelectFrom(from);
}

void EntityStatement::PlanJoins(const LoadPlan& plan) {
  // Level by level: parents stand before what joins to them.
  struct Step {
    const LoadPlan* plan;
    int parent;
  };
  std::vector<Step> steps = {{&plan, -1}};
  for (size_t next = 0; next < steps.size(); ++next) {
    const Step step = steps[next];
    for (const Relationship* r : step.plan->type().relationships()) {
      const LoadPlan::Link& link = step.plan->link(*r);
      const bool contained = link.strategy == LoadStrategy::kContainsEager;
      if (!contained && link.strategy != LoadStrategy::kJoined) continue;
      Join joined;
      joined.r = r;
      joined.parent = step.parent;
      joined.is_ours = !contained;
      joined.inner = link.inner_join;
      joined.plan = link.target != nullptr ? link.target
                                           : links_->DefaultPlan(*r->target);
      if (!contained) {
        joined.target = EntitySource::Renamed(
            *r->target, absl::StrCat("_", joins_.size() + 1));
      } else {
        joined.target = link.source != nullptr
                            ? EntitySource(*r->target, *link.source)
                            : EntitySource(*r->target);
      }
      joins_many_ |= r->to_many();
      steps.push_back({joined.plan.get(), static_cast<int>(joins_.size())});
      joins_.push_back(std::move(joined));
    }
  }
}

// A column of a joined target's parent; the query's own entity may be inside of
// a subquery, whose columns go by name.
query::Expr EntityStatement::SourceColumn(
    const Join& link, int property, const query::FromItem& wrapped) const {
  const schema::Column& column = *link.r->source->property(property).column;
  if (link.parent >= 0) return joins_[link.parent].target.Column(column);
  if (!wrapped.empty()) {
    return query::ColumnOf(wrapped,
                           NameInside(*query_->items[0].entity, column));
  }
  return items_[0].source.Column(column);
}

void EntityStatement::AddJoins(query::Select* select,
                               const query::FromItem& wrapped) const {
  std::vector<query::Expr> order;
  for (size_t i = 0; i < joins_.size(); ++i) {
    if (joins_[i].is_ours) AddJoin(joins_[i], i + 1, wrapped, select, &order);
  }
  if (!order.empty()) *select = select->OrderBy(absl::MakeConstSpan(order));
}

void EntityStatement::AddJoin(const Join& link, size_t number,
                              const query::FromItem& wrapped,
                              query::Select* select,
                              std::vector<query::Expr>* order) const {
  const Relationship& r = *link.r;
  auto join = [&](const query::FromItem& item,
                  const std::vector<query::Expr>& on) {
    *select = link.inner ? select->Join(item, AllOf(on))
                         : select->OuterJoin(item, AllOf(on));
  };
  auto target_column = [&](int property) {
    return link.target.Column(*r.target->property(property).column);
  };
  std::vector<query::Expr> on;
  query::FromItem between;
  if (r.secondary == nullptr) {
    for (const auto& pair : r.pairs) {
      on.push_back(Equal(SourceColumn(link, pair.local, wrapped),
                         target_column(pair.remote)));
    }
  } else {
    between = query::Alias(query::FromItem(*r.secondary),
                           absl::StrCat(r.secondary->name(), "_", number));
    for (const auto& pair : r.source_pairs) {
      on.push_back(Equal(SourceColumn(link, pair.property, wrapped),
                         query::ColumnOf(between, *pair.column)));
    }
    join(between, on);
    on.clear();
    for (const auto& pair : r.target_pairs) {
      on.push_back(Equal(query::ColumnOf(between, *pair.column),
                         target_column(pair.property)));
    }
  }
  const query::Expr restriction = link.target.Restriction();
  if (!restriction.empty()) on.push_back(restriction);
  join(link.target.from(), on);
  for (const OrderBy& term : r.order_by) {
    const bool of_link = &term.column->table() == r.secondary;
    order->push_back(query::Order(of_link
                                      ? query::ColumnOf(between, *term.column)
                                      : link.target.Column(*term.column),
                                  term.descending));
  }
}

query::Select EntityStatement::Build() {
  std::vector<query::Expr> columns;
  auto add = [&](const LoadPlan& plan, const EntitySource& source) {
    const size_t first = columns.size();
    const std::vector<query::Expr> own = EntityReader::Columns(plan, source);
    columns.insert(columns.end(), own.begin(), own.end());
    return first;
  };
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    if (item.plan != nullptr) {
      item.column = add(*item.plan, item.source);
    } else {
      item.column = columns.size();
      columns.push_back(query_->items[i].column);
    }
  }
  const size_t own_count = columns.size();
  for (Join& link : joins_) link.column = add(*link.plan, link.target);
  if (NeedsWrapping()) {
    columns.resize(own_count);
    return BuildWrapped(std::move(columns));
  }
  query::Select select = query_->select;
  if (items_[0].plan != nullptr) {
    select = BaseSelect().WithOnlyColumns(columns);
  } else {
    select = select.empty() ? query::Select(absl::MakeConstSpan(columns))
                            : select.WithOnlyColumns(columns);
  }
  AddJoins(&select, {});
  return select;
}

bool EntityStatement::SelectsAll() const {
  if (items_.size() != 1 || items_[0].plan == nullptr ||
      query_->items[0].source) {
    return false;
  }
  const Node& own = *items_[0].source.from().node();
  bool all = true;
  ForEachClause(query_->select, [&](Clause clause, const Node& node) {
    switch (clause) {
      case Clause::kColumns:
      case Clause::kOnlyColumns:
      case Clause::kImplicitFrom:
      case Clause::kOrderBy:
        break;
      case Clause::kFrom:
        all &= node.child_count() == 2 &&
               query_internal::SameShape(node.child(1), own);
        break;
      default:
        all = false;
    }
  });
  return all;
}

// Whether joined rows would change what the query counts.
bool EntityStatement::NeedsWrapping() const {
  return items_.size() == 1 && !query_->select.empty() &&
         std::any_of(joins_.begin(), joins_.end(),
                     [](const Join& link) {
                       return link.is_ours && link.r->to_many();
                     }) &&
         HasClause(query_->select, {Clause::kLimit, Clause::kOffset,
                                    Clause::kDistinct, Clause::kGroupBy});
}

// LIMIT counts entities, not joined rows: the query becomes a subquery, and the
// joins follow outside, in the same order.
query::Select EntityStatement::BuildWrapped(
    std::vector<query::Expr> inner) const {
  const LoadPlan& plan = *items_[0].plan;
  const EntityType& type = plan.type();
  std::vector<std::string> names;
  for (size_t i = 0; i < plan.columns().size(); ++i) {
    const schema::Column& column = *plan.columns()[i];
    names.push_back(NameInside(type, column));
    if (names.back() != column.name()) {
      inner[i] = query::Label(inner[i], names.back());
    }
  }
  // Columns that joins need and that are not read.
  for (const Join& link : joins_) {
    if (link.parent >= 0) continue;
    for (const auto& pair : link.r->pairs) {
      const schema::Column& column = *type.property(pair.local).column;
      const std::string name = NameInside(type, column);
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(name);
      const query::Expr own = items_[0].source.Column(column);
      inner.push_back(name == column.name() ? own : query::Label(own, name));
    }
  }
  struct Term {
    std::string name;
    const Node* node;
  };
  std::vector<std::vector<Term>> order;  // clauses, the last one first
  size_t labels = 0;
  bool cleared = false;
  ForEachClause(query_->select, [&](Clause clause, const Node& node) {
    if (clause != Clause::kOrderBy || cleared) return;
    if (node.child_count() == 1) {
      cleared = true;
      return;
    }
    std::vector<Term>& terms = order.emplace_back();
    for (size_t i = 1; i < node.child_count(); ++i) {
      const Node* term = &node.child(i);
      const query_internal::NodeRef& operand = term->kind() == NodeKind::kOrder
                                                   ? term->children()[0]
                                                   : node.children()[i];
      const std::string label = absl::StrCat("order_", ++labels);
      inner.push_back(query::Label(query::Expr(operand), label));
      terms.push_back({label, term});
    }
  });
  const query::Select base = BaseSelect().WithOnlyColumns(inner);
  const query::FromItem sub = base.Subquery("page");
  std::vector<query::Expr> columns;
  for (size_t i = 0; i < plan.columns().size(); ++i) {
    columns.push_back(query::ColumnOf(sub, names[i]));
  }
  for (const Join& link : joins_) {
    const std::vector<query::Expr> own =
        EntityReader::Columns(*link.plan, link.target);
    columns.insert(columns.end(), own.begin(), own.end());
  }
  query::Select outer =
      query::Select(absl::MakeConstSpan(columns)).SelectFrom(sub);
  std::vector<query::Expr> sorted;
  std::reverse(order.begin(), order.end());
  for (const std::vector<Term>& terms : order) {
    for (const Term& term : terms) {
      const bool is_order = term.node->kind() == NodeKind::kOrder;
      query::OrderExpr by = query::Order(query::ColumnOf(sub, term.name),
                                         is_order && term.node->op() == 1);
      if (is_order && term.node->has(query_internal::kNullsFirst)) {
        by = by.NullsFirst();
      } else if (is_order && term.node->has(query_internal::kNullsLast)) {
        by = by.NullsLast();
      }
      sorted.push_back(by);
    }
  }
  if (!sorted.empty()) outer = outer.OrderBy(absl::MakeConstSpan(sorted));
  AddJoins(&outer, sub);
  return outer;
}

}  // namespace cupel::session
