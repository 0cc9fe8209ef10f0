#include "cupel/session/unit_of_work.h"

#include <algorithm>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {
namespace {

using engine::ValueView;

// Something to compare or assign: its place counts, not its value.
query::Expr Placeholder(const schema::Column& column) {
  return query::BindView(ValueView::Int64(0), &column.type());
}

query::Expr Equals(const schema::Column& column) {
  static const engine::Type boolean = engine::Boolean();
  return query::Binary(query::Operator::kEqual, query::ColumnOf(column),
                       Placeholder(column), &boolean);
}

query::Expr EqualsValue(const schema::Column& column, const ValueView& value) {
  static const engine::Type boolean = engine::Boolean();
  return query::Binary(query::Operator::kEqual, query::ColumnOf(column),
                       query::BindView(value, &column.type()), &boolean);
}

bool IsUnset(const Property& property, const void* object) {
  return ReadInteger(property, object).value_or(0) == 0;
}

bool IsNull(const Property& property, const EntityState* state) {
  if (!property.ops->nullable) return false;
  engine::BoundValue bound;
  return property.ops->bind(state->member(property.offset), &bound).ok() &&
         bound.view.is_null();
}

const query::Expr* ExpressionOf(const EntityState* state, int property) {
  if (state->edit == nullptr || state->edit->expressions == nullptr) {
    return nullptr;
  }
  for (const auto& [index, expr] : *state->edit->expressions) {
    if (index == property) return &expr;
  }
  return nullptr;
}

bool IsColumnWithSqlDefault(const schema::Column& column) {
  return !column.server_default().empty() ||
         column.client_default().sql() != nullptr;
}

// What a joined row's key column holds is the key of the root's row.
const schema::Column& KeyColumn(const EntityType& type, int level, size_t k) {
  return *type.levels()[static_cast<size_t>(level)].key[k];
}

int LastLevel(const EntityType& type) {
  return static_cast<int>(type.levels().size()) - 1;
}

const schema::Table& TableAt(const EntityType& type, int level) {
  return *type.levels()[static_cast<size_t>(level)].table;
}

// Whether the column of a level has a member of its own.
bool HasProperty(const EntityType& type, int level,
                 const schema::Column& column) {
  return std::any_of(type.properties().begin(), type.properties().end(),
                     [&](const Property& property) {
                       return property.level == level &&
                              property.column == &column;
                     });
}

// The rows of a joined entity hang together by the key.
absl::Status CheckKey(const EntityType& type, const PropertyMask& changed) {
  if (LastLevel(type) == 0) return absl::OkStatus();
  for (int key : type.primary_key()) {
    if (!HasBit(changed, key)) continue;
    return engine::MakeError(
        engine::ErrorKind::kMisuse,
        absl::StrCat("the key ", type.name(), ".", type.property(key).name,
                     " of a row in several tables cannot change: add a new "
                     "entity and delete this one"));
  }
  return absl::OkStatus();
}

bool IsEmpty(const PropertyMask& mask) {
  return std::all_of(mask.begin(), mask.end(),
                     [](uint64_t bits) { return bits == 0; });
}

std::string KeyNames(const EntityType& type) {
  std::string names;
  for (int key : type.primary_key()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", type.property(key).name);
  }
  return names;
}

}  // namespace

PropertyMask MakeMask(const EntityType& type) {
  return PropertyMask((type.properties().size() + 63) / 64, 0);
}

// ---- Preparing

// A single child was put in the place of one that is not known: who is it?
absl::Status UnitOfWork::FindFormerChildren() {
  std::vector<std::pair<EntityState*, const Relationship*>> lost;
  for (EditRecord* record : core_->changes().touched()) {
    for (const Relationship* r : record->state->type()->relationships()) {
      if (r->kind == RelationshipKind::kOneToOne && !r->view_only &&
          LinkOperations::LostFormer(record->state, *r)) {
        lost.push_back({record->state, r});
      }
    }
  }
  for (const auto& entry : lost) {
    EntityState* state = entry.first;
    const Relationship* r = entry.second;
    CUPEL_ASSIGN_OR_RETURN(
        EntityRef former, LinkOperations::ReplaceFormer(state, *r, [&] {
          return load_links_(absl::MakeConstSpan(&state, 1), *r);
        }));
    if (former && r->reverse == nullptr) {
      plan_.bereft.push_back({former.state(), r, nullptr});
    }
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::Prepare() {
  CUPEL_RETURN_IF_ERROR(FindFormerChildren());
  while (true) {
    absl::flat_hash_map<const Relationship*, std::vector<EntityState*>> wanted;
    plan_.CollectDoomed([&](EntityState* state, const Relationship& r) {
      wanted[&r].push_back(state);
    });
    if (wanted.empty()) break;
    for (const auto& [r, states] : wanted) {
      CUPEL_RETURN_IF_ERROR(load_links_(states, *r));
    }
  }
  return plan_.Build();
}

absl::StatusOr<std::shared_ptr<const query::Compiled>> UnitOfWork::Compile(
    const query::Statement& statement) {
  return sql_->statements().GetOrCompile(statement, sql_->dialect());
}

absl::Status UnitOfWork::Execute() {
  CUPEL_ASSIGN_OR_RETURN(connection_, sql_->connection());
  for (const RowGroup& group : plan_.inserts) {
    CUPEL_RETURN_IF_ERROR(Insert(group));
  }
  CUPEL_RETURN_IF_ERROR(PostUpdate(plan_.post_updates, false));
  CUPEL_RETURN_IF_ERROR(Switch());
  CUPEL_RETURN_IF_ERROR(Update());
  for (const LinkGroup& group : plan_.link_deletes) {
    CUPEL_RETURN_IF_ERROR(WriteLinks(group, false));
  }
  for (const LinkGroup& group : plan_.link_inserts) {
    CUPEL_RETURN_IF_ERROR(WriteLinks(group, true));
  }
  for (const LinkClearing& clearing : plan_.link_clearings) {
    CUPEL_RETURN_IF_ERROR(ClearLinks(clearing));
  }
  CUPEL_RETURN_IF_ERROR(PostUpdate(plan_.pre_delete_updates, true));
  for (const RowGroup& group : plan_.deletes) {
    CUPEL_RETURN_IF_ERROR(Delete(group));
  }
  return absl::OkStatus();
}

// ---- Keys

absl::Status UnitOfWork::Flow(const KeyFlow& flow) {
  const Relationship& r = *flow.r;
  const bool of_child = r.kind == RelationshipKind::kManyToOne;
  const EntityType& child = *flow.child->type();
  const bool parent_goes =
      flow.parent != nullptr && plan_.IsDoomed(flow.parent);
  for (const Relationship::Pair& pair : r.pairs) {
    const int foreign = of_child ? pair.local : pair.remote;
    const Property& to = child.property(foreign);
    if (flow.parent == nullptr || parent_goes) {
      if (!to.ops->nullable) {
        // A new child of nobody keeps the key that it was given as a value.
        if (flow.child->lifecycle == Lifecycle::kPending && !parent_goes) {
          continue;
        }
        return engine::MakeError(
            engine::ErrorKind::kMisuse,
            absl::StrCat(child.name(), ".", to.name, " cannot be null, but ",
                         r.DebugName(),
                         " no longer links to anything: set "
                         "another target, delete the ",
                         child.name(), ", or use Cascade::kDeleteOrphan"));
      }
      core_->undo().Save(flow.child, foreign);
      CUPEL_RETURN_IF_ERROR(
          to.ops->read(ValueView::Null(), flow.child->member(to.offset)));
      continue;
    }
    const Property& from =
        flow.parent->type()->property(of_child ? pair.remote : pair.local);
    core_->undo().Save(flow.child, foreign);
    void* target = flow.child->member(to.offset);
    const void* source = flow.parent->member(from.offset);
    if (to.ops == from.ops) {
      to.ops->copy_assign(target, source);
      continue;
    }
    engine::BoundValue bound;
    CUPEL_RETURN_IF_ERROR(from.ops->bind(source, &bound));
    CUPEL_RETURN_IF_ERROR(to.ops->read(bound.view, target));
  }
  return absl::OkStatus();
}

// ---- INSERT

absl::Status UnitOfWork::PrepareNew(EntityState* state) {
  const EntityType& type = *state->type();
  absl::Status status;
  plan_.ForEachFlow(state, [&](const KeyFlow& flow) {
    if (status.ok() && !plan_.IsCut(flow)) status.Update(Flow(flow));
  });
  CUPEL_RETURN_IF_ERROR(status);
  if (type.discriminator() >= 0) {
    if (type.identity() == nullptr) {
      return engine::MakeError(
          engine::ErrorKind::kMisuse,
          absl::StrCat(type.name(),
                       " has no identity, so no row can be one: add an entity "
                       "of a class that inherits it"));
    }
    const Property& property = type.property(type.discriminator());
    core_->undo().Save(state, type.discriminator());
    CUPEL_RETURN_IF_ERROR(property.ops->read(type.identity()->view(),
                                             state->member(property.offset)));
  }
  if (type.version_property() >= 0) {
    const Property& version = type.property(type.version_property());
    if (IsUnset(version, state->object())) {
      core_->undo().Save(state, type.version_property());
      CUPEL_RETURN_IF_ERROR(version.ops->read(ValueView::Int64(1),
                                              state->member(version.offset)));
    }
  }
  return absl::OkStatus();
}

PropertyMask UnitOfWork::ShapeOf(EntityState* state, int level) const {
  const EntityType& type = *state->type();
  PropertyMask shape = MakeMask(type);
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& property = type.property(i);
    const schema::Column& column = *property.column;
    if (property.level != level || column.computed() != nullptr) continue;
    if (i == type.generated_key() && IsUnset(property, state->object())) {
      continue;
    }
    const bool forced = ExpressionOf(state, i) != nullptr;
    if (!forced &&
        (IsColumnWithSqlDefault(column) || !column.client_default().empty()) &&
        IsNull(property, state)) {
      continue;
    }
    if (property.slot_offset != Property::kNoSlot && !forced &&
        !static_cast<const ColumnSlot*>(state->member(property.slot_offset))
             ->is_loaded()) {
      continue;
    }
    SetBit(&shape, i);
  }
  return shape;
}

// The base's rows before those that have their key.
absl::Status UnitOfWork::Insert(const RowGroup& group) {
  for (EntityState* state : group.rows) {
    CUPEL_RETURN_IF_ERROR(PrepareNew(state));
  }
  for (int level = 0; level <= LastLevel(*group.type); ++level) {
    CUPEL_RETURN_IF_ERROR(InsertLevel(group, level));
  }
  return absl::OkStatus();
}

// A joined type may keep the key in a member of its own, too.
absl::Status UnitOfWork::CopyKey(EntityState* state, int level) {
  const EntityType& type = *state->type();
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& to = type.property(i);
    if (to.level != level) continue;
    for (size_t k = 0; k < type.primary_key().size(); ++k) {
      if (&KeyColumn(type, level, k) != to.column) continue;
      const Property& from = type.property(type.primary_key()[k]);
      engine::BoundValue bound;
      core_->undo().Save(state, i);
      CUPEL_RETURN_IF_ERROR(from.ops->bind(state->member(from.offset), &bound));
      CUPEL_RETURN_IF_ERROR(to.ops->read(bound.view, state->member(to.offset)));
    }
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::InsertLevel(const RowGroup& group, int level) {
  const EntityType& type = *group.type;
  // Rows of one shape go together; those that bring their key come first, so
  // that no generated one is in their way.
  std::vector<std::pair<PropertyMask, std::vector<BatchRow>>> shapes;
  for (EntityState* state : group.rows) {
    if (level > 0) CUPEL_RETURN_IF_ERROR(CopyKey(state, level));
    PropertyMask shape = ShapeOf(state, level);
    auto found =
        std::find_if(shapes.begin(), shapes.end(),
                     [&](const auto& entry) { return entry.first == shape; });
    // An expression is a statement of its own.
    const bool alone =
        state->edit != nullptr && state->edit->expressions != nullptr;
    if (found == shapes.end() || alone) {
      shapes.push_back({std::move(shape), {{state, nullptr}}});
    } else {
      if (found->second.empty()) found->second.reserve(group.rows.size());
      found->second.push_back({state, nullptr});
    }
  }
  if (level == 0 && type.generated_key() >= 0) {
    std::stable_partition(shapes.begin(), shapes.end(), [&](const auto& entry) {
      return HasBit(entry.first, type.generated_key());
    });
  }
  for (const auto& [shape, rows] : shapes) {
    CUPEL_RETURN_IF_ERROR(InsertShape(type, level, shape, rows));
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::InsertShape(const EntityType& type, int level,
                                     const PropertyMask& shape,
                                     absl::Span<const BatchRow> rows) {
  const engine::Capabilities& can = sql_->dialect().capabilities();
  std::vector<RowValue> values;
  std::vector<query::Assignment> row;
  std::vector<std::pair<int, query::Expr>> expressions;
  std::vector<int> fetched;
  const int generated = level == 0 ? type.generated_key() : -1;
  const bool by_last_id = can.last_insert_id;
  for (size_t k = 0; level > 0 && k < type.primary_key().size(); ++k) {
    const schema::Column& column = KeyColumn(type, level, k);
    if (HasProperty(type, level, column)) continue;
    values.push_back(
        {RowValue::From::kMember, &type.property(type.primary_key()[k]), true});
    row.push_back({query::ColumnOf(column), Placeholder(column)});
  }
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& property = type.property(i);
    if (property.level != level) continue;
    if (const query::Expr* expr = ExpressionOf(rows[0].first, i)) {
      // Binds of members come first in the statement.
      expressions.push_back({i, *expr});
      fetched.push_back(i);
    } else if (HasBit(shape, i)) {
      values.push_back({RowValue::From::kMember, &property, true});
      row.push_back(
          {query::ColumnOf(*property.column), Placeholder(*property.column)});
      if (property.column->options().fetched_on_insert) fetched.push_back(i);
    } else if (!(i == generated && by_last_id)) {
      fetched.push_back(i);
    }
  }
  for (const auto& [i, expr] : expressions) {
    row.push_back({query::ColumnOf(*type.property(i).column), expr});
  }
  const schema::Table& table = TableAt(type, level);
  query::Insert insert(table);
  if (!row.empty()) insert = insert.Values(row);
  const bool returning = !fetched.empty() && can.returning;
  if (returning) {
    std::vector<query::Expr> columns;
    for (int i : fetched) {
      columns.push_back(query::ColumnOf(*type.property(i).column));
    }
    insert = insert.ReturningExprs(columns);
  }
  const bool generates = generated >= 0 && !HasBit(shape, generated);
  auto done = [&](const BatchRow& r, const engine::ExecuteResult& result,
                  absl::Span<const ValueView> returned,
                  const query::Compiled& compiled) -> absl::Status {
    if (returning) {
      CUPEL_RETURN_IF_ERROR(Fetch(type, compiled, fetched, r.first, returned));
    } else if (!fetched.empty()) {
      unread_.push_back({r.first, fetched});
    }
    if (generates && by_last_id) {
      const Property& key = type.property(generated);
      CUPEL_RETURN_IF_ERROR(
          key.ops->read(ValueView::Int64(result.last_insert_id),
                        r.first->member(key.offset)));
    }
    if (level == 0) inserted_.push_back({r.first, generates});
    return absl::OkStatus();
  };
  inserted_.reserve(inserted_.size() + rows.size());
  if (!expressions.empty()) {
    // Of one row: values stand in the statement itself.
    EntityState* state = rows[0].first;
    std::vector<engine::BoundValue> bound(values.size());
    for (size_t k = 0; k < values.size(); ++k) {
      const Property& p = *values[k].property;
      CUPEL_RETURN_IF_ERROR(p.ops->bind(state->member(p.offset), &bound[k]));
      row[k].value = query::BindView(bound[k].view, &p.column->type());
    }
    query::Insert single = query::Insert(table).Values(row);
    CUPEL_ASSIGN_OR_RETURN(
        engine::ExecuteResult result,
        query::ExecuteToEnd(*connection_, sql_->statements(), single));
    std::vector<int> unread;
    for (int i : fetched) {
      if (i != generated) unread.push_back(i);
    }
    unread_.push_back({state, std::move(unread)});
    if (generates) {
      const Property& key = type.property(generated);
      CUPEL_RETURN_IF_ERROR(key.ops->read(
          ValueView::Int64(result.last_insert_id), state->member(key.offset)));
    }
    if (level == 0) inserted_.push_back({state, generates});
    return absl::OkStatus();
  }
  CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(insert));
  RowBatch batch(compiled, std::move(values), rows);
  auto row_done = [&](const BatchRow& r, const engine::ExecuteResult& result,
                      absl::Span<const ValueView> returned) {
    return done(r, result, returned, *compiled);
  };
  absl::Status status =
      can.insert_strategy == engine::InsertStrategy::kMultiRowReturning
          ? batch.ExecutePages(*connection_, row_done)
          : batch.Execute(*connection_, row_done);
  return engine::WithContext(status, absl::StrCat("inserting ", type.name()));
}

absl::Status UnitOfWork::Fetch(const EntityType& type,
                               const query::Compiled& compiled,
                               absl::Span<const int> properties,
                               EntityState* state,
                               absl::Span<const ValueView> returned) {
  CUPEL_RET_CHECK(returned.size() >= properties.size())
      << "returned columns of " << type.name();
  engine::BoundValue logical;
  for (size_t i = 0; i < properties.size(); ++i) {
    const Property& property = type.property(properties[i]);
    if (properties[i] != type.generated_key()) {
      core_->undo().Save(state, properties[i]);
    }
    const engine::Codec* codec = compiled.columns[i].codec;
    ValueView view = returned[i];
    if (codec != nullptr && !view.is_null()) {
      CUPEL_RETURN_IF_ERROR(codec->Decode(view, &logical));
      view = logical.view;
    }
    CUPEL_RETURN_IF_ERROR(
        property.ops->read(view, state->member(property.offset)));
    if (property.slot_offset != Property::kNoSlot) {
      static_cast<ColumnSlot*>(state->member(property.slot_offset))
          ->MarkLoaded();
    }
  }
  return absl::OkStatus();
}

// ---- UPDATE

absl::Status UnitOfWork::PostUpdate(absl::Span<const KeyFlow> flows,
                                    bool to_null) {
  // By relationship, in the order in which they appear.
  std::vector<const Relationship*> order;
  absl::flat_hash_map<const Relationship*, std::vector<BatchRow>> rows;
  for (const KeyFlow& flow : flows) {
    if (!to_null) CUPEL_RETURN_IF_ERROR(Flow(flow));
    std::vector<BatchRow>& group = rows[flow.r];
    if (group.empty()) order.push_back(flow.r);
    group.push_back({flow.child, nullptr});
  }
  for (const Relationship* r : order) {
    const EntityType& type =
        r->kind == RelationshipKind::kManyToOne ? *r->source : *r->target;
    std::vector<RowValue> values;
    std::vector<query::Assignment> set;
    for (int foreign : r->foreign_properties) {
      const Property& property = type.property(foreign);
      values.push_back(
          {to_null ? RowValue::From::kNull : RowValue::From::kMember, &property,
           true});
      set.push_back(
          {query::ColumnOf(*property.column), Placeholder(*property.column)});
    }
    const int level = type.property(r->foreign_properties[0]).level;
    query::Update update =
        query::Update(TableAt(type, level)).WithoutOnUpdate();
    update = update.Set(set);
    for (size_t k = 0; k < type.primary_key().size(); ++k) {
      values.push_back({RowValue::From::kMember,
                        &type.property(type.primary_key()[k]), false});
      update = update.Where(Equals(KeyColumn(type, level, k)));
    }
    CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(update));
    RowBatch batch(compiled, std::move(values), rows[r]);
    CUPEL_RETURN_IF_ERROR(batch.Execute(
        *connection_,
        [&](const BatchRow& row, const engine::ExecuteResult& result,
            absl::Span<const ValueView>) -> absl::Status {
          return result.affected_rows == 1
                     ? absl::OkStatus()
                     : Stale(*row.first, "update", result.affected_rows);
        }));
  }
  return absl::OkStatus();
}

absl::StatusOr<PropertyMask> UnitOfWork::ChangesOf(EntityState* state) {
  const EntityType& type = *state->type();
  absl::Status status;
  plan_.ForEachFlow(state, [&](const KeyFlow& flow) {
    if (status.ok()) status.Update(Flow(flow));
  });
  CUPEL_RETURN_IF_ERROR(status);
  PropertyMask changed = MakeMask(type);
  const EditRecord* record = state->edit;
  if (record == nullptr || !record->has_snapshot) return changed;
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& property = type.property(i);
    if (property.column->computed() != nullptr) continue;
    if (Differs(*record, property)) SetBit(&changed, i);
  }
  return changed;
}

absl::Status UnitOfWork::ApplyOnUpdate(EntityState* state,
                                       PropertyMask* changed) {
  const EntityType& type = *state->type();
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& property = type.property(i);
    const schema::ClientDefault& source = property.column->client_on_update();
    if (source.empty() || source.sql() != nullptr || HasBit(*changed, i)) {
      continue;
    }
    // The statement would supply it unseen: the entity shall know it, too.
    class Context final : public schema::DefaultContext {
     public:
      Context(const Property& property, const EntityState* state)
          : property_(property), state_(state) {}
      const schema::Column& column() const override {
        return *property_.column;
      }
      bool is_update() const override { return true; }
      std::optional<ValueView> Parameter(
          const schema::Column& column) const override {
        const int i = state_->type()->FindColumn(column);
        if (i < 0) return std::nullopt;
        const Property& p = state_->type()->property(i);
        if (!p.ops->bind(state_->member(p.offset), &bound_).ok()) {
          return std::nullopt;
        }
        return bound_.view;
      }

     private:
      const Property& property_;
      const EntityState* state_;
      mutable engine::BoundValue bound_;
    };
    CUPEL_ASSIGN_OR_RETURN(engine::Value value,
                           source.Evaluate(Context(property, state)));
    core_->undo().Save(state, i);
    CUPEL_RETURN_IF_ERROR(
        property.ops->read(value.view(), state->member(property.offset)));
    SetBit(changed, i);
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::BumpVersion(EntityState* state,
                                     PropertyMask* changed) {
  const int version = state->type()->version_property();
  if (version < 0) return absl::OkStatus();
  const Property& property = state->type()->property(version);
  const int64_t before = [&] {
    engine::BoundValue bound;
    const void* member = state->edit != nullptr && state->edit->has_snapshot
                             ? state->edit->before(property)
                             : state->member(property.offset);
    return property.ops->bind(member, &bound).ok() &&
                   bound.view.kind() == engine::ValueKind::kInt64
               ? bound.view.int64_value()
               : 0;
  }();
  core_->undo().Save(state, version);
  CUPEL_RETURN_IF_ERROR(property.ops->read(ValueView::Int64(before + 1),
                                           state->member(property.offset)));
  SetBit(changed, version);
  return absl::OkStatus();
}

absl::Status UnitOfWork::Update() {
  struct Shape {
    const EntityType* type;
    PropertyMask changed;
    std::vector<BatchRow> rows;
  };
  std::vector<Shape> shapes;
  for (EntityState* state : plan_.updates) {
    CUPEL_ASSIGN_OR_RETURN(PropertyMask changed, ChangesOf(state));
    const bool expressions =
        state->edit != nullptr && state->edit->expressions != nullptr;
    if (!expressions && IsEmpty(changed)) continue;
    CUPEL_RETURN_IF_ERROR(CheckKey(*state->type(), changed));
    CUPEL_RETURN_IF_ERROR(ApplyOnUpdate(state, &changed));
    CUPEL_RETURN_IF_ERROR(BumpVersion(state, &changed));
    written_.push_back(state);
    if (expressions) {
      for (int level = 0; level <= LastLevel(*state->type()); ++level) {
        CUPEL_RETURN_IF_ERROR(UpdateWithExpressions(state, level, changed));
      }
      continue;
    }
    auto found = std::find_if(shapes.begin(), shapes.end(), [&](Shape& shape) {
      return shape.type == state->type() && shape.changed == changed;
    });
    if (found == shapes.end()) {
      shapes.push_back({state->type(), std::move(changed), {}});
      found = shapes.end() - 1;
    }
    found->rows.push_back({state, nullptr});
  }
  for (const Shape& shape : shapes) {
    CUPEL_RETURN_IF_ERROR(
        UpdateShape(*shape.type, shape.changed, shape.rows,
                    /*versioned=*/shape.type->version_property() >= 0));
  }
  return absl::OkStatus();
}

// Only the tables whose columns have changed.
absl::Status UnitOfWork::UpdateShape(const EntityType& type,
                                     const PropertyMask& changed,
                                     absl::Span<const BatchRow> rows,
                                     bool versioned) {
  for (int level = 0; level <= LastLevel(type); ++level) {
    bool any = false;
    for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
      any |= type.property(i).level == level && HasBit(changed, i);
    }
    if (!any) continue;
    CUPEL_RETURN_IF_ERROR(
        UpdateLevel(type, level, changed, rows, versioned && level == 0));
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::UpdateLevel(const EntityType& type, int level,
                                     const PropertyMask& changed,
                                     absl::Span<const BatchRow> rows,
                                     bool versioned) {
  std::vector<RowValue> values;
  std::vector<query::Assignment> set;
  std::vector<int> fetched;
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& property = type.property(i);
    if (property.level != level) continue;
    if (HasBit(changed, i)) {
      values.push_back({RowValue::From::kMember, &property, true});
      set.push_back(
          {query::ColumnOf(*property.column), Placeholder(*property.column)});
    } else if (property.column->has_server_value_on_update() ||
               property.column->client_on_update().sql() != nullptr) {
      fetched.push_back(i);
    }
  }
  query::Update update = query::Update(TableAt(type, level)).Set(set);
  for (size_t k = 0; k < type.primary_key().size(); ++k) {
    values.push_back({RowValue::From::kBefore,
                      &type.property(type.primary_key()[k]), false});
    update = update.Where(Equals(KeyColumn(type, level, k)));
  }
  if (versioned) {
    const Property& version = type.property(type.version_property());
    values.push_back({RowValue::From::kBefore, &version, false});
    update = update.Where(Equals(*version.column));
  }
  const bool returning =
      !fetched.empty() && sql_->dialect().capabilities().returning;
  if (returning) {
    std::vector<query::Expr> columns;
    for (int i : fetched) {
      columns.push_back(query::ColumnOf(*type.property(i).column));
    }
    update = update.ReturningExprs(columns);
  }
  CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(update));
  RowBatch batch(compiled, std::move(values), rows);
  absl::Status status = batch.Execute(
      *connection_,
      [&](const BatchRow& row, const engine::ExecuteResult& result,
          absl::Span<const ValueView> returned) -> absl::Status {
        const int64_t matched =
            returning ? (returned.empty() ? 0 : 1) : result.affected_rows;
        if (matched != 1) return Stale(*row.first, "update", matched);
        if (returning) {
          return Fetch(type, *compiled, fetched, row.first, returned);
        }
        if (!fetched.empty()) unread_.push_back({row.first, fetched});
        return absl::OkStatus();
      });
  return engine::WithContext(status, absl::StrCat("updating ", type.name()));
}

absl::Status UnitOfWork::UpdateWithExpressions(EntityState* state, int level,
                                               const PropertyMask& changed) {
  const EntityType& type = *state->type();
  std::vector<query::Assignment> set;
  std::vector<int> unread;
  std::vector<engine::BoundValue> bound(type.properties().size() +
                                        type.primary_key().size() + 1);
  size_t next = 0;
  auto value = [&](const Property& p,
                   const void* member) -> absl::StatusOr<ValueView> {
    engine::BoundValue& slot = bound[next++];
    CUPEL_RETURN_IF_ERROR(p.ops->bind(member, &slot));
    return slot.view;
  };
  for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
    const Property& p = type.property(i);
    if (p.level != level) continue;
    if (const query::Expr* expr = ExpressionOf(state, i)) {
      set.push_back({query::ColumnOf(*p.column), *expr});
      unread.push_back(i);
    } else if (HasBit(changed, i)) {
      CUPEL_ASSIGN_OR_RETURN(ValueView view, value(p, state->member(p.offset)));
      set.push_back({query::ColumnOf(*p.column),
                     query::BindView(view, &p.column->type())});
    } else if (p.column->has_server_value_on_update()) {
      unread.push_back(i);
    }
  }
  if (set.empty()) return absl::OkStatus();
  query::Update update = query::Update(TableAt(type, level)).Set(set);
  auto where = [&](int i, const schema::Column& column) -> absl::Status {
    const Property& p = type.property(i);
    const void* member = state->edit->has_snapshot ? state->edit->before(p)
                                                   : state->member(p.offset);
    CUPEL_ASSIGN_OR_RETURN(ValueView view, value(p, member));
    update = update.Where(EqualsValue(column, view));
    return absl::OkStatus();
  };
  for (size_t k = 0; k < type.primary_key().size(); ++k) {
    CUPEL_RETURN_IF_ERROR(
        where(type.primary_key()[k], KeyColumn(type, level, k)));
  }
  if (level == 0 && type.version_property() >= 0) {
    const int version = type.version_property();
    CUPEL_RETURN_IF_ERROR(where(version, *type.property(version).column));
  }
  CUPEL_ASSIGN_OR_RETURN(
      engine::ExecuteResult result,
      query::ExecuteToEnd(*connection_, sql_->statements(), update));
  if (result.affected_rows != 1) {
    return Stale(*state, "update", result.affected_rows);
  }
  unread_.push_back({state, std::move(unread)});
  return absl::OkStatus();
}

// A new entity over a deleted one's row: one UPDATE of everything.
absl::Status UnitOfWork::Switch() {
  for (const RowSwitch& change : plan_.switches) {
    CUPEL_RETURN_IF_ERROR(PrepareNew(change.to));
    const EntityType& type = *change.to->type();
    PropertyMask changed = MakeMask(type);
    for (int i = 0; i < static_cast<int>(type.properties().size()); ++i) {
      const Property& p = type.property(i);
      const bool key =
          std::find(type.primary_key().begin(), type.primary_key().end(), i) !=
          type.primary_key().end();
      if (!key && p.column->computed() == nullptr &&
          !p.ops->equal(change.from->member(p.offset),
                        change.to->member(p.offset))) {
        SetBit(&changed, i);
      }
    }
    if (type.version_property() >= 0) {
      const Property& version = type.property(type.version_property());
      core_->undo().Save(change.to, type.version_property());
      const int64_t before =
          ReadInteger(version, change.from->object()).value_or(0);
      CUPEL_RETURN_IF_ERROR(version.ops->read(
          ValueView::Int64(before + 1), change.to->member(version.offset)));
      SetBit(&changed, type.version_property());
    }
    if (IsEmpty(changed)) continue;
    // The row's version is checked by its key alone: it was read in this
    // session and its entity is given up.
    const BatchRow row{change.to, nullptr};
    CUPEL_RETURN_IF_ERROR(UpdateShape(type, changed,
                                      absl::MakeConstSpan(&row, 1),
                                      /*versioned=*/false));
  }
  return absl::OkStatus();
}

// ---- Links

absl::Status UnitOfWork::WriteLinks(const LinkGroup& group, bool insert) {
  const Relationship& r = *group.r;
  std::vector<RowValue> values;
  std::vector<BatchRow> rows;
  rows.reserve(group.links.size());
  for (const auto& [source, target] : group.links) {
    rows.push_back({source, target});
  }
  query::Statement statement;
  std::vector<query::Assignment> row;
  query::Delete remove(*r.secondary);
  auto side = [&](const auto& pairs, const EntityType& type,
                  RowValue::From from) {
    for (const auto& pair : pairs) {
      values.push_back({from, &type.property(pair.property), false});
      if (insert) {
        row.push_back(
            {query::ColumnOf(*pair.column), Placeholder(*pair.column)});
      } else {
        remove = remove.Where(Equals(*pair.column));
      }
    }
  };
  side(r.source_pairs, *r.source, RowValue::From::kMember);
  side(r.target_pairs, *r.target, RowValue::From::kSecond);
  if (insert) {
    statement = query::Insert(*r.secondary).Values(row);
  } else {
    statement = remove;
  }
  CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(statement));
  RowBatch batch(compiled, std::move(values), rows);
  absl::Status status = batch.Execute(
      *connection_,
      [&](const BatchRow& link, const engine::ExecuteResult& result,
          absl::Span<const ValueView>) -> absl::Status {
        return insert || result.affected_rows == 1
                   ? absl::OkStatus()
                   : Stale(*link.first, "unlink", result.affected_rows);
      });
  return engine::WithContext(status,
                             absl::StrCat("linking by ", r.DebugName()));
}

absl::Status UnitOfWork::ClearLinks(const LinkClearing& clearing) {
  const Relationship& r = *clearing.r;
  std::vector<RowValue> values;
  query::Delete remove(*r.secondary);
  const EntityType& type = clearing.by_target ? *r.target : *r.source;
  for (const auto& pair :
       clearing.by_target ? r.target_pairs : r.source_pairs) {
    values.push_back(
        {RowValue::From::kMember, &type.property(pair.property), false});
    remove = remove.Where(Equals(*pair.column));
  }
  std::vector<BatchRow> rows;
  for (EntityState* state : clearing.entities) rows.push_back({state, nullptr});
  CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(remove));
  RowBatch batch(compiled, std::move(values), rows);
  return batch.Execute(
      *connection_,
      [](const BatchRow&, const engine::ExecuteResult&,
         absl::Span<const ValueView>) { return absl::OkStatus(); });
}

// ---- DELETE

absl::Status UnitOfWork::Delete(const RowGroup& group) {
  for (int level = LastLevel(*group.type); level >= 0; --level) {
    CUPEL_RETURN_IF_ERROR(DeleteLevel(group, level));
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::DeleteLevel(const RowGroup& group, int level) {
  const EntityType& type = *group.type;
  std::vector<RowValue> values;
  query::Delete remove(TableAt(type, level));
  for (size_t k = 0; k < type.primary_key().size(); ++k) {
    values.push_back({RowValue::From::kBefore,
                      &type.property(type.primary_key()[k]), false});
    remove = remove.Where(Equals(KeyColumn(type, level, k)));
  }
  const bool versioned = level == 0 && type.version_property() >= 0;
  if (versioned) {
    const Property& version = type.property(type.version_property());
    values.push_back({RowValue::From::kBefore, &version, false});
    remove = remove.Where(Equals(*version.column));
  }
  std::vector<BatchRow> rows;
  rows.reserve(group.rows.size());
  for (EntityState* state : group.rows) rows.push_back({state, nullptr});
  CUPEL_ASSIGN_OR_RETURN(auto compiled, Compile(remove));
  RowBatch batch(compiled, std::move(values), rows);
  int64_t gone = 0;
  absl::Status status = batch.Execute(
      *connection_,
      [&](const BatchRow& row, const engine::ExecuteResult& result,
          absl::Span<const ValueView>) -> absl::Status {
        if (result.affected_rows == 1) return absl::OkStatus();
        if (versioned || result.affected_rows > 1) {
          return Stale(*row.first, "delete", result.affected_rows);
        }
        ++gone;  // What was wanted, though by somebody else.
        return absl::OkStatus();
      });
  if (gone > 0 && level == 0 && status.ok()) {
    sql_->Warn(absl::StrCat("deleting ", type.name(), ": ", gone, " of ",
                            rows.size(), " rows had been deleted already"));
  }
  return engine::WithContext(status, absl::StrCat("deleting ", type.name()));
}

absl::Status UnitOfWork::Stale(const EntityState& state, const char* verb,
                               int64_t matched) const {
  const EntityType& type = *state.type();
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kStale;
  info.table = type.table().name();
  info.retry = engine::Retry::kTransaction;
  std::string expected;
  for (int key : type.primary_key()) {
    const Property& p = type.property(key);
    absl::StrAppend(&info.detail, info.detail.empty() ? "" : ", ", p.name, "=",
                    ReadInteger(p, state.object()).value_or(0));
  }
  if (type.version_property() >= 0) {
    expected = " at the version that was read";
    const Property& p = type.property(type.version_property());
    engine::BoundValue bound;
    const void* member = state.edit != nullptr && state.edit->has_snapshot
                             ? state.edit->before(p)
                             : state.member(p.offset);
    if (p.ops->bind(member, &bound).ok() &&
        bound.view.kind() == engine::ValueKind::kInt64) {
      absl::StrAppend(&info.detail, ", expected ", p.name, "=",
                      bound.view.int64_value());
    }
  }
  return engine::MakeError(
      info, absl::StrCat("stale ", type.name(), ": ", verb, " by its key (",
                         KeyNames(type), ")", expected, " expected 1 row of ",
                         type.table().name(), ", matched ", matched,
                         ": another transaction changed or deleted it; "
                         "refresh and try again"));
}

// ---- In memory, after success

void UnitOfWork::Unload(EntityState* state, absl::Span<const int> properties) {
  if (properties.empty()) return;
  SessionCore::PropertySet& set = core_->unloaded()[state];
  set.resize(state->type()->properties().size());
  bool plain = false;
  for (int i : properties) {
    const Property& property = state->type()->property(i);
    if (property.slot_offset != Property::kNoSlot) {
      static_cast<ColumnSlot*>(state->member(property.slot_offset))
          ->MarkUnloaded();
      continue;
    }
    set[i] = true;
    plain = true;
  }
  if (plain) {
    state->set(EntityState::kPartial);
  } else if (!state->has(EntityState::kPartial)) {
    core_->unloaded().erase(state);
  }
}

void ClearGeneratedKey(EntityState* state) {
  const EntityType& type = *state->type();
  const Property& key = type.property(type.generated_key());
  key.ops
      ->read(key.ops->nullable ? ValueView::Null() : ValueView::Int64(0),
             state->member(key.offset))
      .IgnoreError();
}

void UnitOfWork::Abort() {
  for (const Inserted& row : inserted_) {
    if (row.generated_key) ClearGeneratedKey(row.state);
  }
}

void UnitOfWork::Finish() {
  SessionCore::Hold hold(core_);
  ChangeSet& changes = core_->changes();
  for (EntityState* state : plan_.orphans) {
    state->clear(EntityState::kOrphanCheck);
    core_->Expunge(state);
  }
  changes.ClearNew();
  for (const Inserted& row : inserted_) {
    EntityState* state = row.state;
    changes.Untouch(state);
    state->lifecycle = Lifecycle::kPersistent;
    core_->identity_map().Insert(state);
    LinkOperations::SettleInserted(state);
    core_->undo().Add(row.generated_key ? UndoEntry::Kind::kInsertedGeneratedKey
                                        : UndoEntry::Kind::kInserted,
                      state, nullptr);
  }
  auto remove = [&](EntityState* state) {
    if (state->edit != nullptr && state->edit->has_snapshot) {
      KeyValues key;
      key.AssignBefore(*state->type(), *state->edit);
      core_->identity_map().EraseKey(state, key.views());
    } else {
      core_->identity_map().Erase(state);
    }
    state->clear(EntityState::kMarkedDeleted);
    state->clear(EntityState::kOrphanCheck);
    state->lifecycle = Lifecycle::kDeleted;
    core_->undo().Add(UndoEntry::Kind::kDeleted, state, changes.Take(state));
  };
  changes.ClearDeleted();
  for (const RowGroup& group : plan_.deletes) {
    for (EntityState* state : group.rows) remove(state);
  }
  for (EntityState* state : plan_.vanishing) remove(state);
  for (const RowSwitch& change : plan_.switches) {
    remove(change.from);
    changes.Untouch(change.to);
    change.to->lifecycle = Lifecycle::kPersistent;
    core_->identity_map().Insert(change.to);
    LinkOperations::SettleInserted(change.to);
    core_->undo().Add(UndoEntry::Kind::kInserted, change.to, nullptr);
  }
  for (EntityState* state : written_) {
    EditRecord* record = changes.Take(state);
    const EntityType& type = *state->type();
    if (record != nullptr && record->has_snapshot) {
      // The key may be another one now.
      const bool moved = std::any_of(
          type.primary_key().begin(), type.primary_key().end(),
          [&](int key) { return Differs(*record, type.property(key)); });
      if (moved) {
        KeyValues key;
        key.AssignBefore(type, *record);
        core_->identity_map().EraseKey(state, key.views());
        core_->identity_map().Insert(state);
      }
      for (const Relationship* r : type.relationships()) {
        if (r->kind != RelationshipKind::kManyToOne ||
            LinkOperations::IsChanged(state, *r)) {
          continue;
        }
        // A key that was written as a value: the link follows when touched.
        for (int foreign : r->foreign_properties) {
          if (Differs(*record, type.property(foreign))) {
            LinkOperations::Unload(state, *r);
            break;
          }
        }
      }
    }
    for (const Relationship* r : type.relationships()) {
      LinkOperations::Settle(state, *r);
    }
    core_->undo().Add(UndoEntry::Kind::kUpdated, state, record);
  }
  while (!changes.touched().empty()) {
    EntityState* state = changes.touched().back()->state;
    for (const Relationship* r : state->type()->relationships()) {
      LinkOperations::Settle(state, *r);
    }
    // Links were written, or nothing differs: rollback must unload the links.
    core_->undo().Add(UndoEntry::Kind::kUpdated, state, changes.Take(state));
  }
  for (const KeyFlow& flow : plan_.bereft) {
    if (!core_->Contains(flow.child) || flow.r->reverse == nullptr) continue;
    LinkOperations::Unload(flow.child, *flow.r->reverse);
  }
  for (EntityState* state : plan_.expiring) {
    state->set(EntityState::kExpired);
    LinkOperations::UnloadAll(state);
  }
  // What is gone leaves the collections that it was in.
  auto forget = [&](EntityState* gone) {
    for (const Relationship* r : gone->type()->relationships()) {
      if (r->reverse == nullptr) continue;
      LinkOperations::ForEachTarget(gone, *r, [&](EntityState* other) {
        if (other->lifecycle != Lifecycle::kPersistent) return;
        LinkOperations::RemoveLoaded(other, *r->reverse, gone);
      });
    }
  };
  for (const RowGroup& group : plan_.deletes) {
    for (EntityState* state : group.rows) forget(state);
  }
  for (EntityState* state : plan_.vanishing) forget(state);
  for (const auto& [state, properties] : unread_) Unload(state, properties);
}

}  // namespace cupel::session
