#include "cupel/session/relationship_loader.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/entity_reader.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_options.h"

namespace cupel::session {
namespace {

using engine::ValueView;

const engine::Type* BooleanType() {
  static const engine::Type type = engine::Boolean();
  return &type;
}

query::Expr Equal(const query::Expr& a, const query::Expr& b) {
  return query::Binary(query::Operator::kEqual, a, b, BooleanType());
}

// Properties of the source whose values the targets (or links) carry.
std::vector<int> LocalProperties(const Relationship& r) {
  std::vector<int> properties;
  for (const auto& pair : r.pairs) properties.push_back(pair.local);
  for (const auto& pair : r.source_pairs) properties.push_back(pair.property);
  return properties;
}

std::vector<const schema::Column*> KeyColumns(const Relationship& r) {
  std::vector<const schema::Column*> columns;
  for (const auto& pair : r.pairs) {
    columns.push_back(r.target->property(pair.remote).column);
  }
  for (const auto& pair : r.source_pairs) columns.push_back(pair.column);
  return columns;
}

absl::Status Refused(const Relationship& r, absl::string_view why,
                     CallSite site) {
  return engine::MakeError(
      engine::ErrorKind::kMisuse,
      absl::StrCat("relationship ", r.DebugName(), " is not loaded, and ", why,
                   " (touched at ", site.ToString(),
                   "): load it with the query that gives the ",
                   r.source->name()));
}

// Rows of `sub` are the parents: the keys that targets refer to.
bool CanLoad(const EntityState* state) {
  return state->lifecycle == Lifecycle::kPersistent;
}

// From here on a pass over the targets' table costs less than to look for those
// of each parent, if they are most of the parents that there are.
constexpr size_t kScanFrom = 100;

bool IsWorthAScan(absl::Span<EntityState* const> parents,
                  const Relationship& r) {
  if (!r.to_many() || parents.size() < kScanFrom) return false;
  const LoadBatch* batch = parents[0]->batch;
  return batch != nullptr && batch->whole &&
         2 * parents.size() >= batch->members.size();
}

}  // namespace

const std::shared_ptr<const LoadPlan>& RelationshipLoader::DefaultPlan(
    const EntityType& type) {
  const auto index = static_cast<size_t>(type.index());
  if (index >= defaults_.size()) defaults_.resize(index + 1);
  if (defaults_[index] == nullptr) defaults_[index] = LoadPlan::Default(type);
  return defaults_[index];
}

// ---- Lazily

bool RelationshipLoader::LinkKnown(EntityState* state, const Relationship& r) {
  if (r.kind != RelationshipKind::kManyToOne) return false;
  KeyValues key;
  key.Assign(*r.source, r.foreign_properties, state->object());
  if (key.has_null()) {
    LinkOperations::SetLoadedOne(state, r, nullptr);
    return true;
  }
  if (r.key_properties.empty()) return false;
  EntityState* target = sql_->core().identity_map().Find(
      *r.target, *r.source, r.key_properties, state->object());
  if (target == nullptr) return false;
  LinkOperations::SetLoadedOne(state, r, target);
  return true;
}

absl::Status RelationshipLoader::Touch(EntityState* state,
                                       const Relationship& r, CallSite site) {
  SessionCore& core = sql_->core();
  EntityRef keep(state);
  SessionCore::Hold hold(&core);
  LoadStrategy strategy = r.loading;
  std::shared_ptr<const LoadPlan> plan;
  if (state->batch != nullptr && state->batch->plan != nullptr &&
      state->type()->IsA(state->batch->plan->type()) &&
      state->batch->plan->has_link(r)) {
    strategy = state->batch->plan->link(r).strategy;
    plan = state->batch->plan->link(r).target;
  }
  if (strategy == LoadStrategy::kNoLoad) return absl::OkStatus();
  if (strategy == LoadStrategy::kRaise) {
    return Refused(r, "the query's options forbid to load it", site);
  }
  if (state->needs_load()) {
    CUPEL_RETURN_IF_ERROR(core.loader()->LoadState(state));
  }
  if (LinkKnown(state, r)) return absl::OkStatus();
  if (strategy == LoadStrategy::kRaiseOnSql) {
    return Refused(r, "the query's options forbid to load it by SQL", site);
  }
  bool adaptive = strategy == LoadStrategy::kAdaptive;
  if (!adaptive && strategy != LoadStrategy::kLazy) {
    switch (sql_->options().lazy_policy) {
      case LazyPolicy::kAdaptive:
        adaptive = true;
        break;
      case LazyPolicy::kPlain:
        break;
      case LazyPolicy::kWarn:
        CUPEL_RETURN_IF_ERROR(Repeated(r, site));
        break;
      case LazyPolicy::kRefuse:
        return Refused(r, "the session's policy refuses lazy loads", site);
    }
  }
  std::vector<const schema::Table*> tables(r.target->tables().begin(),
                                           r.target->tables().end());
  if (r.secondary != nullptr) tables.push_back(r.secondary);
  CUPEL_RETURN_IF_ERROR(sql_->Autoflush(tables));
  if (LinkOperations::IsLoaded(state, r)) return absl::OkStatus();
  return adaptive ? Adaptive(state, r, std::move(plan))
                  : Plain(state, r, std::move(plan));
}

absl::Status RelationshipLoader::Repeated(const Relationship& r,
                                          CallSite site) {
  const int every = std::max(1, sql_->options().warn_after);
  const int count = ++repeats_[{&r, site.ToString()}];
  if (count % every == 0) {
    sql_->Warn(absl::StrCat("relationship ", r.DebugName(),
                            " was loaded lazily ", count, " times at ",
                            site.ToString(),
                            ": load it with the query (select-in, joined)"));
  }
  return absl::OkStatus();
}

absl::Status RelationshipLoader::Plain(EntityState* state,
                                       const Relationship& r,
                                       std::shared_ptr<const LoadPlan> plan) {
  return SelectIn(absl::MakeConstSpan(&state, 1), r, std::move(plan));
}

absl::Status RelationshipLoader::Adaptive(
    EntityState* state, const Relationship& r,
    std::shared_ptr<const LoadPlan> plan) {
  LoadBatch* batch = state->batch;
  if (batch == nullptr || batch->members.size() == 1) {
    return Plain(state, r, std::move(plan));
  }
  // Never more than twice what is touched; the first touch alone is one.
  LoadBatch::Touches& touches = batch->TouchesOf(&r);
  const uint32_t touched = ++touches.touched;
  size_t wanted = 1;
  if (touched > 1 && 2 * touched > touches.loaded) {
    wanted = std::max<size_t>(1, 2 * touched - touches.loaded);
  }
  States states = {state};
  const size_t size = batch->members.size();
  for (size_t step = 1; step < size && states.size() < wanted; ++step) {
    EntityState* sibling = batch->members[(state->batch_index + step) % size];
    if (sibling == nullptr || sibling == state || !CanLoad(sibling) ||
        !sibling->type()->IsA(*r.source) || sibling->needs_load() ||
        LinkOperations::IsLoaded(sibling, r)) {
      continue;
    }
    if (LinkKnown(sibling, r)) continue;
    states.push_back(sibling);
  }
  touches.loaded += static_cast<uint32_t>(states.size());
  CUPEL_RETURN_IF_ERROR(SelectIn(states, r, std::move(plan)));
  for (EntityState* sibling : states) {
    if (sibling != state) LinkOperations::MarkPrefetched(sibling, r);
  }
  return absl::OkStatus();
}

// ---- Select-in

void RelationshipLoader::AddKey(EntityState* state, const Relationship& r,
                                Wanted* wanted) {
  KeyValues key;
  key.Assign(*r.source, LocalProperties(r), state->object());
  if (key.has_null()) {
    if (r.to_many()) {
      LinkOperations::SetLoadedMany(state, r, {});
    } else {
      LinkOperations::SetLoadedOne(state, r, nullptr);
    }
    return;
  }
  const auto [number, is_new] = wanted->index.Insert(key.views());
  if (is_new) {
    wanted->parents.emplace_back();
    for (const ValueView& view : key.views()) wanted->values.emplace_back(view);
  }
  wanted->parents[number].push_back(state);
}

query::Select RelationshipLoader::TargetSelect(
    const Relationship& r, const EntitySource& target,
    const std::vector<query::Expr>& columns) const {
  query::Select select(absl::MakeConstSpan(columns));
  select = select.SelectFrom(target.from());
  if (r.secondary != nullptr) {
    std::vector<query::Expr> on;
    for (const auto& pair : r.target_pairs) {
      on.push_back(
          Equal(query::ColumnOf(*r.target->property(pair.property).column),
                query::ColumnOf(*pair.column)));
    }
    select = select.Join(query::FromItem(*r.secondary),
                         on.size() == 1 ? on[0] : query::Expr(query::And(on)));
  }
  const query::Expr restriction = target.Restriction();
  if (!restriction.empty()) select = select.Where(restriction);
  return select;
}

absl::Status RelationshipLoader::LoadChunk(
    const Relationship& r, const query::Expr& condition,
    const query::FromItem& joined, const std::vector<query::Expr>& key_columns,
    const std::shared_ptr<const LoadPlan>& plan, const Wanted& wanted,
    std::vector<States>* targets, LoadBatch* batch) {
  const EntitySource source(*r.target);
  std::vector<query::Expr> columns = EntityReader::Columns(*plan, source);
  const size_t entity_columns = columns.size();
  columns.insert(columns.end(), key_columns.begin(), key_columns.end());
  query::Select select = TargetSelect(r, source, columns);
  if (!joined.empty()) {
    select = select.Join(joined, condition);
  } else if (!condition.empty()) {
    select = select.Where(condition);
  }
  std::vector<query::Expr> order;
  // What is looked up in the order of an index on the keys is sorted parent by
  // parent, or not at all.
  if (!r.order_by.empty() && !condition.empty() && r.secondary == nullptr) {
    order = key_columns;
  }
  for (const OrderBy& term : r.order_by) {
    const query::TypedExpr<int64_t> column(query::ColumnOf(*term.column));
    order.push_back(term.descending ? column.Desc() : column.Asc());
  }
  if (!order.empty()) select = select.OrderBy(absl::MakeConstSpan(order));
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, sql_->connection());
  CUPEL_ASSIGN_OR_RETURN(
      query::ResultCursor cursor,
      query::Execute(*connection, sql_->statements(), select));
  EntityReader reader(&sql_->core(), plan, 0, batch, false);
  reader.SetColumns(cursor.columns());
  std::vector<engine::BoundValue> storage(key_columns.size());
  std::vector<ValueView> key(key_columns.size());
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (!more) break;
    const absl::Span<const ValueView> cells = cursor.cells();
    for (size_t k = 0; k < key.size(); ++k) {
      key[k] = cells[entity_columns + k];
      const engine::Codec* codec = cursor.columns()[entity_columns + k].codec;
      if (codec != nullptr && !key[k].is_null()) {
        CUPEL_RETURN_IF_ERROR(codec->Decode(key[k], &storage[k]));
        key[k] = storage[k].view;
      }
    }
    const uint32_t number = wanted.index.Find(key);
    if (number == KeyIndex::kNone) continue;
    CUPEL_ASSIGN_OR_RETURN(EntityState * target, reader.Read(cells));
    if (target != nullptr) (*targets)[number].push_back(target);
  }
  return absl::OkStatus();
}

void RelationshipLoader::Distribute(const Relationship& r, const Wanted& wanted,
                                    const std::vector<States>& targets,
                                    States* found) {
  for (size_t k = 0; k < wanted.parents.size(); ++k) {
    for (EntityState* parent : wanted.parents[k]) {
      if (r.to_many()) {
        LinkOperations::SetLoadedMany(parent, r, targets[k]);
      } else {
        LinkOperations::SetLoadedOne(
            parent, r, targets[k].empty() ? nullptr : targets[k].front());
      }
      if (r.reverse == nullptr ||
          r.reverse->kind != RelationshipKind::kManyToOne) {
        continue;
      }
      // The child's way back is known, too.
      for (EntityState* child : targets[k]) {
        if (!LinkOperations::IsLoaded(child, *r.reverse)) {
          LinkOperations::SetLoadedOne(child, *r.reverse, parent);
        }
      }
    }
    if (found != nullptr) {
      found->insert(found->end(), targets[k].begin(), targets[k].end());
    }
  }
}

absl::Status RelationshipLoader::SelectIn(
    absl::Span<EntityState* const> parents, const Relationship& r,
    std::shared_ptr<const LoadPlan> plan, States* found) {
  SessionCore& core = sql_->core();
  SessionCore::Hold hold(&core);
  if (plan == nullptr) plan = DefaultPlan(*r.target);
  const std::vector<const schema::Column*> columns = KeyColumns(r);
  const size_t width = columns.size();
  const size_t limit = sql_->dialect().capabilities().max_bind_parameters;
  const bool scan = IsWorthAScan(parents, r);
  size_t chunk = std::max<size_t>(1, sql_->options().select_in_rows);
  if (limit > 0) chunk = std::max<size_t>(1, std::min(chunk, limit / width));
  if (scan) chunk = parents.size();
  std::vector<query::Expr> key_columns;
  for (const schema::Column* column : columns) {
    key_columns.push_back(query::ColumnOf(*column));
  }
  const query::Expr subject =
      width == 1 ? key_columns[0] : query::Tuple(key_columns);
  auto* batch = new LoadBatch;
  batch->plan = plan;
  States loaded;
  absl::Status status;
  size_t next = 0;
  while (status.ok() && next < parents.size()) {
    Wanted wanted;
    for (; next < parents.size() && wanted.index.size() < chunk; ++next) {
      EntityState* parent = parents[next];
      if (!CanLoad(parent)) continue;
      if (LinkOperations::IsLoaded(parent, r)) {
        LinkOperations::ForEachTarget(
            parent, r, [&](EntityState* target) { loaded.push_back(target); });
        continue;
      }
      if (LinkKnown(parent, r)) {
        if (EntityState* target = LinkOperations::One(parent, r).target()) {
          loaded.push_back(target);
        }
        continue;
      }
      AddKey(parent, r, &wanted);
    }
    if (wanted.index.size() == 0) continue;
    query::Expr condition;
    if (!scan) {
      std::vector<ValueView> views;
      views.reserve(wanted.values.size());
      for (const engine::Value& value : wanted.values) {
        views.push_back(value.view());
      }
      condition = query::InValues(subject, views, &columns[0]->type(),
                                  static_cast<int>(width), /*negated=*/false);
    }
    std::vector<States> targets(wanted.parents.size());
    status =
        LoadChunk(r, condition, {}, key_columns, plan, wanted, &targets, batch);
    if (status.ok()) Distribute(r, wanted, targets, &loaded);
  }
  batch->Close();
  CUPEL_RETURN_IF_ERROR(status);
  if (plan->is_eager()) CUPEL_RETURN_IF_ERROR(AfterQuery(*plan, loaded));
  if (found != nullptr) *found = std::move(loaded);
  return absl::OkStatus();
}

// ---- Subquery

absl::Status RelationshipLoader::Subquery(
    absl::Span<EntityState* const> parents, const Relationship& r,
    std::shared_ptr<const LoadPlan> plan, const query::Select& base,
    const EntitySource& source) {
  SessionCore& core = sql_->core();
  SessionCore::Hold hold(&core);
  if (plan == nullptr) plan = DefaultPlan(*r.target);
  Wanted wanted;
  for (EntityState* parent : parents) {
    if (CanLoad(parent) && !LinkOperations::IsLoaded(parent, r)) {
      AddKey(parent, r, &wanted);
    }
  }
  if (wanted.index.size() == 0) return absl::OkStatus();
  std::vector<query::Expr> inner;
  for (int property : LocalProperties(r)) {
    inner.push_back(source.Column(*r.source->property(property).column));
  }
  // The page by itself: its order need not be of the columns that are selected,
  // and its limit counts rows, not keys.
  const query::FromItem page =
      base.WithOnlyColumns(inner).Subquery("parent_page");
  std::vector<query::Expr> keys;
  for (int property : LocalProperties(r)) {
    keys.push_back(
        query::ColumnOf(page, r.source->property(property).column->name()));
  }
  const query::FromItem sub = query::Select(absl::MakeConstSpan(keys))
                                  .Distinct()
                                  .Subquery("parent_query");
  std::vector<query::Expr> key_columns;
  std::vector<query::Expr> on;
  const std::vector<int> local = LocalProperties(r);
  const std::vector<const schema::Column*> columns = KeyColumns(r);
  for (size_t k = 0; k < columns.size(); ++k) {
    key_columns.push_back(query::ColumnOf(*columns[k]));
    on.push_back(Equal(
        key_columns[k],
        query::ColumnOf(sub, r.source->property(local[k]).column->name())));
  }
  auto* batch = new LoadBatch;
  batch->plan = plan;
  std::vector<States> targets(wanted.parents.size());
  absl::Status status =
      LoadChunk(r, on.size() == 1 ? on[0] : query::Expr(query::And(on)), sub,
                key_columns, plan, wanted, &targets, batch);
  States loaded;
  if (status.ok()) Distribute(r, wanted, targets, &loaded);
  batch->Close();
  CUPEL_RETURN_IF_ERROR(status);
  if (plan->is_eager()) return AfterQuery(*plan, loaded);
  return absl::OkStatus();
}

// ---- After a query

absl::Status RelationshipLoader::AfterQuery(
    const LoadPlan& plan, absl::Span<EntityState* const> entities,
    const query::Select* base, const EntitySource* source) {
  if (!plan.is_eager() || entities.empty()) return absl::OkStatus();
  for (const Relationship* r : plan.type().relationships()) {
    const LoadPlan::Link& link = plan.link(*r);
    if (!IsEager(link.strategy)) continue;
    if (link.strategy == LoadStrategy::kImmediate) {
      for (EntityState* entity : entities) {
        if (LinkOperations::IsLoaded(entity, *r)) continue;
        CUPEL_RETURN_IF_ERROR(Plain(entity, *r, link.target));
      }
      continue;
    }
    if (link.strategy == LoadStrategy::kSubquery && base != nullptr) {
      CUPEL_RETURN_IF_ERROR(
          Subquery(entities, *r, link.target, *base, *source));
      continue;
    }
    // Joins that the query could not make are loaded this way, too.
    States level(entities.begin(), entities.end());
    // Rows may refer to one another in a circle.
    absl::flat_hash_set<const EntityState*> visited(level.begin(), level.end());
    for (int depth = link.recursion_depth; depth != 0 && !level.empty();
         --depth) {
      States next;
      CUPEL_RETURN_IF_ERROR(SelectIn(level, *r, link.target, &next));
      if (r->target != r->source) break;
      level.clear();
      for (EntityState* state : next) {
        if (visited.insert(state).second) level.push_back(state);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace cupel::session
