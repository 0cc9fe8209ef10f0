#include "cupel/session/query_loader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {
namespace {

using engine::ValueView;
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

const EntityRef& NoEntity() {
  static const EntityRef* const none = new EntityRef();
  return *none;
}

}  // namespace

ResultState::ResultState(SessionSql* sql, RelationshipLoader* links,
                         EntityQuery query)
    : sql_(sql), links_(links), query_(std::move(query)) {}

ResultState::~ResultState() { CloseBatches(); }

// ---- Planning

absl::Status ResultState::PlanItem(const RowItem& wanted, bool first,
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
      item->source.has_subtypes() && (!first || query_.options.empty());
  if (by_default) {
    item->plan = links_->DefaultPlan(type);
    return absl::OkStatus();
  }
  absl::Span<const LoadOption> options;
  if (first) options = query_.options;
  CUPEL_ASSIGN_OR_RETURN(
      item->plan, LoadPlan::Make(type, options, item->source.has_subtypes()));
  return absl::OkStatus();
}

absl::Status ResultState::Plan() {
  for (size_t i = 0; i < query_.items.size(); ++i) {
    const RowItem& wanted = query_.items[i];
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
  if (query_.items[0].entity == nullptr) return absl::OkStatus();
  if (!query_.restricted) {
    const query::Expr restriction = items_[0].source.Restriction();
    if (!restriction.empty()) query_.select = BaseSelect().Where(restriction);
    query_.restricted = true;
  }
  PlanJoins(*items_[0].plan);
  return absl::OkStatus();
}

// The query's own part, from the first item's tables unless it says others.
query::Select ResultState::BaseSelect() const {
  const query::FromItem& from = items_[0].source.from();
  if (query_.select.empty()) {
    // Of some column: others take its place.
    const EntityType& type = items_[0].plan->type();
    const std::vector<query::Expr> any = {
        items_[0].source.Column(*type.property(type.primary_key()[0]).column)};
    return query::Select(absl::MakeConstSpan(any)).SelectFrom(from);
  }
  return HasClause(query_.select, {Clause::kFrom, Clause::kJoin})
             ? query_.select
             : query_.select.SelectFrom(from);
}

void ResultState::PlanJoins(const LoadPlan& plan) {
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
      JoinedLink joined;
      joined.r = r;
      joined.parent = step.parent;
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
query::Expr ResultState::SourceColumn(const JoinedLink& link, int property,
                                      const query::FromItem& wrapped) const {
  const schema::Column& column = *link.r->source->property(property).column;
  if (link.parent >= 0) return joins_[link.parent].target.Column(column);
  if (!wrapped.empty()) {
    return query::ColumnOf(wrapped,
                           NameInside(*query_.items[0].entity, column));
  }
  return items_[0].source.Column(column);
}

void ResultState::AddJoins(query::Select* select,
                           const query::FromItem& wrapped) {
  std::vector<query::Expr> order;
  for (size_t i = 0; i < joins_.size(); ++i) {
    const JoinedLink& link = joins_[i];
    const Relationship& r = *link.r;
    const LoadPlan& plan =
        link.parent < 0 ? *items_[0].plan : *joins_[link.parent].plan;
    const LoadPlan::Link& options = plan.link(r);
    if (options.strategy == LoadStrategy::kContainsEager) continue;
    auto join = [&](const query::FromItem& item,
                    const std::vector<query::Expr>& on) {
      *select = options.inner_join ? select->Join(item, AllOf(on))
                                   : select->OuterJoin(item, AllOf(on));
    };
    std::vector<query::Expr> parts;
    query::FromItem between;
    if (r.secondary == nullptr) {
      for (const auto& pair : r.pairs) {
        parts.push_back(
            Equal(SourceColumn(link, pair.local, wrapped),
                  link.target.Column(*r.target->property(pair.remote).column)));
      }
    } else {
      between = query::Alias(query::FromItem(*r.secondary),
                             absl::StrCat(r.secondary->name(), "_", i + 1));
      for (const auto& pair : r.source_pairs) {
        parts.push_back(Equal(SourceColumn(link, pair.property, wrapped),
                              query::ColumnOf(between, *pair.column)));
      }
      join(between, parts);
      parts.clear();
      for (const auto& pair : r.target_pairs) {
        parts.push_back(Equal(
            query::ColumnOf(between, *pair.column),
            link.target.Column(*r.target->property(pair.property).column)));
      }
    }
    const query::Expr restriction = link.target.Restriction();
    if (!restriction.empty()) parts.push_back(restriction);
    join(link.target.from(), parts);
    for (const OrderBy& term : r.order_by) {
      const bool of_link = &term.column->table() == r.secondary;
      order.push_back(query::Order(of_link
                                       ? query::ColumnOf(between, *term.column)
                                       : link.target.Column(*term.column),
                                   term.descending));
    }
  }
  if (!order.empty()) *select = select->OrderBy(absl::MakeConstSpan(order));
}

query::Select ResultState::Build() {
  std::vector<query::Expr> columns;
  for (size_t i = 0; i < items_.size(); ++i) {
    const RowItem& wanted = query_.items[i];
    Item& item = items_[i];
    item.column = columns.size();
    if (wanted.entity == nullptr) {
      columns.push_back(wanted.column);
      continue;
    }
    const std::vector<query::Expr> own =
        EntityReader::Columns(*item.plan, item.source);
    item.reader =
        std::make_unique<EntityReader>(&sql_->core(), item.plan, columns.size(),
                                       nullptr, query_.populate_existing);
    columns.insert(columns.end(), own.begin(), own.end());
  }
  const std::vector<query::Expr> root_columns = columns;
  for (JoinedLink& link : joins_) {
    link.reader =
        std::make_unique<EntityReader>(&sql_->core(), link.plan, columns.size(),
                                       nullptr, query_.populate_existing);
    const std::vector<query::Expr> own =
        EntityReader::Columns(*link.plan, link.target);
    columns.insert(columns.end(), own.begin(), own.end());
  }
  bool makes_joins = false;
  for (const JoinedLink& link : joins_) {
    const LoadPlan& plan =
        link.parent < 0 ? *items_[0].plan : *joins_[link.parent].plan;
    makes_joins |= plan.link(*link.r).strategy == LoadStrategy::kJoined &&
                   link.r->to_many();
  }
  query::Select select = query_.select;
  if (makes_joins && items_.size() == 1 && !select.empty() &&
      HasClause(select, {Clause::kLimit, Clause::kOffset, Clause::kDistinct,
                         Clause::kGroupBy})) {
    return BuildWrapped(root_columns);
  }
  if (query_.items[0].entity != nullptr) {
    select = BaseSelect().WithOnlyColumns(columns);
  } else {
    select = select.empty() ? query::Select(absl::MakeConstSpan(columns))
                            : select.WithOnlyColumns(columns);
  }
  AddJoins(&select, {});
  return select;
}

// LIMIT counts entities, not joined rows: the query becomes a subquery, and the
// joins follow outside, in the same order.
query::Select ResultState::BuildWrapped(
    const std::vector<query::Expr>& root_columns) {
  const LoadPlan& plan = *items_[0].plan;
  const EntityType& type = plan.type();
  std::vector<query::Expr> inner = root_columns;
  std::vector<std::string> names;
  for (size_t i = 0; i < plan.columns().size(); ++i) {
    const schema::Column& column = *plan.columns()[i];
    names.push_back(NameInside(type, column));
    if (names.back() != column.name()) {
      inner[i] = query::Label(inner[i], names.back());
    }
  }
  // Columns that joins need and that are not read.
  for (const JoinedLink& link : joins_) {
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
  ForEachClause(query_.select, [&](Clause clause, const Node& node) {
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
  for (const JoinedLink& link : joins_) {
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

// ---- Executing

absl::Status ResultState::Start() {
  SessionCore::Hold hold(&sql_->core());
  CUPEL_RETURN_IF_ERROR(Plan());
  statement_ = Build();
  if (query_.autoflush) {
    CUPEL_ASSIGN_OR_RETURN(auto compiled, sql_->statements().GetOrCompile(
                                              statement_, sql_->dialect()));
    CUPEL_RETURN_IF_ERROR(sql_->Autoflush(compiled->tables_read));
  }
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, sql_->connection());
  CUPEL_ASSIGN_OR_RETURN(
      query::ResultCursor cursor,
      query::Execute(*connection, sql_->statements(), statement_));
  cursor_.emplace(std::move(cursor));
  for (Item& item : items_) {
    if (item.reader != nullptr) item.reader->SetColumns(cursor_->columns());
  }
  for (JoinedLink& link : joins_) link.reader->SetColumns(cursor_->columns());
  batches_.resize(items_.size(), nullptr);
  return query_.yield_per == 0 || joins_many_ ? Fetch() : absl::OkStatus();
}

void ResultState::OpenBatches() {
  for (size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].reader == nullptr) continue;
    batches_[i] = new LoadBatch;
    batches_[i]->plan = items_[i].plan;
    items_[i].reader->set_batch(batches_[i]);
  }
  for (JoinedLink& link : joins_) {
    link.batch = new LoadBatch;
    link.batch->plan = link.plan;
    link.reader->set_batch(link.batch);
  }
}

void ResultState::CloseBatches() {
  for (LoadBatch*& batch : batches_) {
    if (batch != nullptr) std::exchange(batch, nullptr)->Close();
  }
  for (JoinedLink& link : joins_) {
    if (link.batch != nullptr) std::exchange(link.batch, nullptr)->Close();
  }
}

absl::Status ResultState::Fetch() {
  SessionCore::Hold hold(&sql_->core());
  entities_.clear();
  values_.clear();
  rows_ = row_ = 0;
  OpenBatches();
  const size_t limit =
      query_.yield_per == 0 || joins_many_ ? SIZE_MAX : query_.yield_per;
  absl::Status status;
  while (rows_ < limit) {
    absl::StatusOr<bool> more = cursor_->Next();
    if (!more.ok()) {
      status = more.status();
      break;
    }
    if (!*more) {
      done_ = true;
      break;
    }
    status = FetchRow(cursor_->cells());
    if (!status.ok()) break;
  }
  if (done_ || !status.ok()) cursor_.reset();
  if (status.ok()) SettleJoins();
  // Members may leave a batch, which then deletes itself: close at the end.
  for (size_t i = 0; i < items_.size() && status.ok(); ++i) {
    Item& item = items_[i];
    if (item.plan == nullptr || !item.plan->is_eager()) continue;
    States roots;
    for (size_t row = 0; row < rows_; ++row) {
      EntityState* state = entities_[row * entity_count_ + item.place].state();
      if (state != nullptr) roots.push_back(state);
    }
    const query::Select base = BaseSelect();
    const bool whole = query_.yield_per == 0 || joins_many_;
    status = links_->AfterQuery(*item.plan, roots, whole ? &base : nullptr,
                                whole ? &item.source : nullptr);
  }
  CloseBatches();
  return status;
}

absl::Status ResultState::FetchRow(absl::Span<const ValueView> cells) {
  EntityState* root = nullptr;
  bool repeated = false;
  const size_t before = entities_.size();
  for (size_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    if (item.reader == nullptr) {
      const query::ResultColumn& column = cursor_->columns()[item.column];
      ValueView view = cells[item.column];
      engine::BoundValue logical;
      if (column.codec != nullptr && !view.is_null()) {
        CUPEL_RETURN_IF_ERROR(column.codec->Decode(view, &logical));
        view = logical.view;
      }
      values_.emplace_back(view);
      continue;
    }
    const size_t members = batches_[i]->members.size();
    CUPEL_ASSIGN_OR_RETURN(EntityState * state, item.reader->Read(cells));
    if (i == 0) {
      root = state;
      repeated =
          items_.size() == 1 && query_.unique && state != nullptr &&
          (batches_[i]->members.size() == members || state == last_root_);
      last_root_ = state;
    }
    if (!repeated) entities_.push_back(EntityRef(state));
  }
  if (!joins_.empty()) CUPEL_RETURN_IF_ERROR(FetchJoins(cells, root));
  // An entity query of one item has no row for "nothing".
  if (items_.size() == 1 && entity_count_ == 1 && root == nullptr) {
    entities_.resize(before);
    return absl::OkStatus();
  }
  if (!repeated) ++rows_;
  return absl::OkStatus();
}

absl::Status ResultState::FetchJoins(absl::Span<const ValueView> cells,
                                     EntityState* root) {
  for (JoinedLink& link : joins_) {
    link.current = nullptr;
    EntityState* parent = link.parent < 0 ? root : joins_[link.parent].current;
    if (parent == nullptr) continue;
    CUPEL_ASSIGN_OR_RETURN(link.current, link.reader->Read(cells));
    if (LinkOperations::IsLoaded(parent, *link.r) &&
        !query_.populate_existing &&
        !(link.r->to_many() && link.collected.contains(parent))) {
      continue;
    }
    if (!link.r->to_many()) {
      LinkOperations::SetLoadedOne(parent, *link.r, link.current);
      continue;
    }
    auto [place, is_new] = link.collected.try_emplace(parent);
    if (is_new) link.parents.push_back(parent);
    if (link.current != nullptr &&
        place->second.seen.insert(link.current).second) {
      place->second.targets.push_back(link.current);
    }
  }
  return absl::OkStatus();
}

void ResultState::SettleJoins() {
  for (JoinedLink& link : joins_) {
    for (EntityState* parent : link.parents) {
      const States& targets = link.collected[parent].targets;
      LinkOperations::SetLoadedMany(parent, *link.r, targets);
      const Relationship* reverse = link.r->reverse;
      if (reverse == nullptr || reverse->kind != RelationshipKind::kManyToOne) {
        continue;
      }
      for (EntityState* child : targets) {
        if (!LinkOperations::IsLoaded(child, *reverse)) {
          LinkOperations::SetLoadedOne(child, *reverse, parent);
        }
      }
    }
    link.parents.clear();
    link.collected.clear();
  }
}

absl::StatusOr<bool> ResultState::Next() {
  if (row_ < rows_) {
    ++row_;
    return true;
  }
  if (done_ || !cursor_) return false;
  CUPEL_RETURN_IF_ERROR(Fetch());
  if (rows_ == 0) return false;
  row_ = 1;
  return true;
}

const EntityRef& ResultState::entity(size_t item) const {
  if (row_ == 0 || item >= items_.size() || items_[item].plan == nullptr) {
    return NoEntity();
  }
  return entities_[(row_ - 1) * entity_count_ + items_[item].place];
}

absl::Status ResultState::Read(size_t item, const engine::TypeOps& ops,
                               void* out) const {
  if (row_ == 0 || item >= items_.size() || items_[item].plan != nullptr) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the row has no column at this place");
  }
  return ops.read(
      values_[(row_ - 1) * value_count_ + items_[item].place].view(), out);
}

absl::StatusOr<std::vector<EntityRef>> ResultState::All() {
  std::vector<EntityRef> all;
  if (done_ && row_ == 0 && entity_count_ == 1) {
    row_ = rows_;
    return std::move(entities_);
  }
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(bool more, Next());
    if (!more) break;
    all.push_back(entity(0));
  }
  return all;
}

// ---- EntityResult

EntityResult::EntityResult(std::unique_ptr<ResultState> state)
    : state_(std::move(state)) {}
EntityResult::EntityResult(EntityResult&&) noexcept = default;
EntityResult& EntityResult::operator=(EntityResult&&) noexcept = default;
EntityResult::~EntityResult() = default;

absl::StatusOr<bool> EntityResult::Next() { return state_->Next(); }
const EntityRef& EntityResult::entity(size_t item) const {
  return state_->entity(item);
}
absl::Status EntityResult::Read(size_t item, const engine::TypeOps& ops,
                                void* out) const {
  return state_->Read(item, ops, out);
}
absl::StatusOr<std::vector<EntityRef>> EntityResult::All() {
  return state_->All();
}

}  // namespace cupel::session
