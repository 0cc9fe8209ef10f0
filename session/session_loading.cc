// How a session reads rows and columns by primary key, and forgets them again.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "cupel/session/entity_source.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_impl.h"

namespace cupel::session {
namespace {

using engine::ValueView;

// All rows of a type, by `plan`.
query::Select SelectOf(const LoadPlan& plan) {
  const EntitySource source(plan.type());
  query::Select select(
      absl::MakeConstSpan(EntityReader::Columns(plan, source)));
  if (plan.type().tables().size() > 1)
    select = select.SelectFrom(source.from());
  const query::Expr restriction = source.Restriction();
  return restriction.empty() ? select : select.Where(restriction);
}

query::Select WithKey(query::Select select, const EntityType& type,
                      absl::Span<const ValueView> key) {
  for (size_t k = 0; k < key.size(); ++k) {
    const schema::Column& column = *type.property(type.primary_key()[k]).column;
    select = std::move(select).Where(
        query::Binary(query::Operator::kEqual, query::ColumnOf(column),
                      query::BindView(key[k], &column.type()), nullptr));
  }
  return select;
}

absl::StatusOr<std::shared_ptr<const LoadPlan>> PlanOf(
    const EntityType& type, absl::Span<const int> properties) {
  return LoadPlan::Make(
      type, {LoadOption::Only({}, {properties.begin(), properties.end()})});
}

}  // namespace

// The default look-up by a key that is one integer: statement and reader are
// made once, and the key is the only value.
absl::StatusOr<Session::Impl::ByKey*> Session::Impl::FindByKey(
    const EntityType& type) {
  const auto index = static_cast<size_t>(type.index());
  if (index >= by_key_.size()) by_key_.resize(index + 1);
  ByKey& by = by_key_[index];
  if (!by.select.empty()) return &by;
  const std::shared_ptr<const LoadPlan> plan = links_.DefaultPlan(type);
  by.select = SelectOf(*plan);
  if (!type.has_integer_key()) return &by;
  const ValueView any = ValueView::Int64(0);
  CUPEL_ASSIGN_OR_RETURN(
      std::shared_ptr<const query::Compiled> compiled,
      statements_->GetOrCompile(
          WithKey(by.select, type, absl::MakeConstSpan(&any, 1)), dialect()));
  if (compiled->sites.size() == 1 && compiled->sites[0].codec == nullptr) {
    by.reader = std::make_unique<EntityReader>(core_, plan, 0, nullptr, false);
    by.reader->SetColumns(compiled->columns);
    by.compiled = std::move(compiled);
  }
  return &by;
}

absl::StatusOr<EntityState*> Session::Impl::SelectByKey(
    const EntityType& type, std::shared_ptr<const LoadPlan> plan,
    absl::Span<const ValueView> key, bool populate_existing, bool for_update) {
  SessionCore::Hold hold(core_);
  CUPEL_ASSIGN_OR_RETURN(ByKey * by, FindByKey(type));
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  const bool is_default = plan == nullptr || plan == links_.DefaultPlan(type);
  if (plan == nullptr) plan = links_.DefaultPlan(type);
  EntityState* state = nullptr;
  if (is_default && by->compiled && !populate_existing && !for_update) {
    CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor,
                           connection->Query(by->compiled->sql, key));
    CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
    if (!found) return nullptr;
    CUPEL_ASSIGN_OR_RETURN(state, by->reader->Read(cursor.row()));
  } else {
    query::Select select =
        WithKey(is_default ? by->select : SelectOf(*plan), type, key);
    if (for_update) select = select.ForUpdate();
    CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                           query::Execute(*connection, *statements_, select));
    EntityReader reader(core_, plan, 0, nullptr, populate_existing);
    reader.SetColumns(cursor.columns());
    CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
    if (!found) return nullptr;
    CUPEL_ASSIGN_OR_RETURN(state, reader.Read(cursor.cells()));
  }
  if (state != nullptr && plan->is_eager()) {
    EntityRef keep(state);
    CUPEL_RETURN_IF_ERROR(
        links_.AfterQuery(*plan, absl::MakeConstSpan(&state, 1)));
  }
  return state;
}

absl::StatusOr<EntityRef> Session::Impl::GetByKey(
    const EntityType& type, absl::Span<const ValueView> key,
    const GetOptions* options) {
  if (key.size() != type.primary_key().size()) {
    return engine::MakeError(
        engine::ErrorKind::kInvalidValue,
        absl::StrCat("the primary key of ", type.name(), " has ",
                     type.primary_key().size(), " columns, not ", key.size(),
                     ": give a value for each"));
  }
  for (size_t k = 0; k < key.size(); ++k) {
    const Property& p = type.property(type.primary_key()[k]);
    if (key[k].kind() != engine::LogicalKind(p.ops->type)) {
      return engine::MakeError(
          engine::ErrorKind::kInvalidValue,
          absl::StrCat("the primary key ", type.name(), ".", p.name,
                       " is not a ", engine::ValueKindName(key[k].kind()),
                       ": give a value of the member's type"));
    }
  }
  EntityState* state = core_->identity_map().Find(type, key);
  const bool fresh =
      options != nullptr && (options->populate_existing ||
                             options->for_update || !options->options.empty());
  if (state != nullptr && !fresh) {
    EntityRef found(state);
    if (state->has(EntityState::kExpired)) {
      absl::Status status = LoadState(state);
      if (absl::IsNotFound(status)) return EntityRef();
      CUPEL_RETURN_IF_ERROR(status);
    }
    return found;
  }
  EntityRef keep(state);
  std::shared_ptr<const LoadPlan> plan;
  if (options != nullptr && !options->options.empty()) {
    CUPEL_ASSIGN_OR_RETURN(plan, LoadPlan::Make(type, options->options));
  }
  CUPEL_ASSIGN_OR_RETURN(
      state, SelectByKey(type, std::move(plan), key,
                         options != nullptr && options->populate_existing,
                         options != nullptr && options->for_update));
  return EntityRef(state);
}

// The row of a persistent entity is not there any more.
absl::Status Session::Impl::Gone(EntityState* state) {
  EntityRef keep(state);
  const EntityType& type = *state->type();
  core_->Expunge(state);
  state->clear(EntityState::kExpired);
  state->clear(EntityState::kReadable);
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kNotFound;
  info.table = type.table().name();
  return engine::MakeError(
      info, absl::StrCat("the row of this ", type.name(), " is no longer in ",
                         type.table().name(), ": the entity is detached"));
}

absl::Status Session::Impl::LoadState(EntityState* state) {
  Entry entry(this);
  CUPEL_RETURN_IF_ERROR(entry.Check());
  EntityRef keep(state);
  const EntityType& type = *state->type();
  if (state->has(EntityState::kExpired)) {
    KeyValues key;
    key.Assign(type, type.primary_key(), state->object());
    CUPEL_ASSIGN_OR_RETURN(
        EntityState * found,
        SelectByKey(type, nullptr, key.views(), false, false));
    return found != nullptr ? absl::OkStatus() : Gone(state);
  }
  auto found = core_->unloaded().find(state);
  if (found == core_->unloaded().end()) {
    state->clear(EntityState::kPartial);
    return absl::OkStatus();
  }
  std::vector<int> properties;
  for (size_t i = 0; i < found->second.size(); ++i) {
    if (found->second[i]) properties.push_back(static_cast<int>(i));
  }
  return LoadColumns(absl::MakeConstSpan(&state, 1), properties);
}

absl::Status Session::Impl::LoadColumns(absl::Span<EntityState* const> states,
                                        absl::Span<const int> properties) {
  SessionCore::Hold hold(core_);
  const EntityType& type = *states[0]->type();
  CUPEL_ASSIGN_OR_RETURN(auto plan, PlanOf(type, properties));
  if (states.size() == 1) {
    KeyValues key;
    key.Assign(type, type.primary_key(), states[0]->object());
    CUPEL_ASSIGN_OR_RETURN(EntityState * found,
                           SelectByKey(type, plan, key.views(), false, false));
    return found != nullptr ? absl::OkStatus() : Gone(states[0]);
  }
  std::vector<engine::Value> values;
  for (const EntityState* state : states) {
    KeyValues key;
    key.Assign(type, type.primary_key(), state->object());
    for (const ValueView& view : key.views()) values.emplace_back(view);
  }
  std::vector<ValueView> views;
  for (const engine::Value& value : values) views.push_back(value.view());
  std::vector<query::Expr> key_columns;
  for (int key : type.primary_key()) {
    key_columns.push_back(query::ColumnOf(*type.property(key).column));
  }
  const query::Expr subject =
      key_columns.size() == 1 ? key_columns[0] : query::Tuple(key_columns);
  const query::Select select = SelectOf(*plan).Where(query::InValues(
      subject, views, &type.property(type.primary_key()[0]).column->type(),
      static_cast<int>(key_columns.size()), false));
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         query::Execute(*connection, *statements_, select));
  EntityReader reader(core_, plan, 0, nullptr, false);
  reader.SetColumns(cursor.columns());
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (!more) return absl::OkStatus();
    CUPEL_RETURN_IF_ERROR(reader.Read(cursor.cells()).status());
  }
}

absl::Status Session::Impl::LoadColumn(EntityState* state, int property,
                                       CallSite site) {
  (void)site;
  Entry entry(this);
  CUPEL_RETURN_IF_ERROR(entry.Check());
  EntityRef keep(state);
  if (state->has(EntityState::kExpired)) {
    CUPEL_RETURN_IF_ERROR(LoadState(state));
  }
  std::vector<EntityState*> states = {state};
  LoadBatch* batch = state->batch;
  if (batch != nullptr && batch->members.size() > 1) {
    // As with relationships: for siblings, too, from the second touch on.
    const Property& p = state->type()->property(property);
    LoadBatch::Touches& touches = batch->TouchesOf(&p);
    const size_t wanted = size_t{1} << std::min<uint32_t>(touches.touched++, 8);
    const size_t size = batch->members.size();
    for (size_t step = 1; step < size && states.size() < wanted; ++step) {
      EntityState* sibling = batch->members[(state->batch_index + step) % size];
      if (sibling == nullptr || sibling->type() != state->type() ||
          sibling->lifecycle != Lifecycle::kPersistent ||
          sibling->has(EntityState::kExpired)) {
        continue;
      }
      if (!entity_state_internal::IsPropertyLoaded(sibling, p)) {
        states.push_back(sibling);
      }
    }
  }
  return LoadColumns(states, {property});
}

absl::Status Session::Impl::LoadLink(EntityState* state, const Relationship& r,
                                     CallSite site) {
  Entry entry(this);
  CUPEL_RETURN_IF_ERROR(entry.Check());
  return links_.Touch(state, r, site);
}

// ---- Refreshing and expiring

absl::Status Session::Impl::Refresh(EntityState* state,
                                    absl::Span<const int> properties,
                                    bool for_update) {
  SessionCore::Hold hold(core_);
  EntityRef keep(state);
  const EntityType& type = *state->type();
  KeyValues key;
  if (state->edit != nullptr && state->edit->has_snapshot) {
    key.AssignBefore(type, *state->edit);
  } else {
    key.Assign(type, type.primary_key(), state->object());
  }
  if (!properties.empty()) {
    CUPEL_ASSIGN_OR_RETURN(
        const bool found,
        RefreshColumns(state, key.views(), properties, for_update));
    return found ? absl::OkStatus() : Gone(state);
  }
  ExpireWhole(state);
  CUPEL_ASSIGN_OR_RETURN(
      EntityState * found,
      SelectByKey(type, nullptr, key.views(), true, for_update));
  return found != nullptr ? absl::OkStatus() : Gone(state);
}

// Over what was loaded, and over what was edited since. Returns whether there
// is a row.
absl::StatusOr<bool> Session::Impl::RefreshColumns(
    EntityState* state, absl::Span<const ValueView> key,
    absl::Span<const int> properties, bool for_update) {
  const EntityType& type = *state->type();
  CUPEL_ASSIGN_OR_RETURN(auto plan, PlanOf(type, properties));
  query::Select select = WithKey(SelectOf(*plan), type, key);
  if (for_update) select = select.ForUpdate();
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         query::Execute(*connection, *statements_, select));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  if (!found) return false;
  EntityReader reader(core_, plan, 0, nullptr, true);
  reader.SetColumns(cursor.columns());
  CUPEL_RETURN_IF_ERROR(reader.ReadInto(cursor.cells(), state));
  EditRecord* record = state->edit;
  if (record != nullptr && record->has_snapshot) {
    for (int property : plan->properties()) {
      const Property& p = type.property(property);
      p.ops->copy_assign(record->before(p), state->member(p.offset));
    }
  }
  return true;
}

absl::Status Session::Impl::Expire(
    EntityState* state, absl::Span<const int> properties,
    absl::Span<const Relationship* const> relationships) {
  SessionCore::Hold hold(core_);
  EntityRef keep(state);
  if (state->lifecycle != Lifecycle::kPersistent) {
    return Misuse(absl::StrCat("only persistent entities expire, this ",
                               state->type()->name(), " is ",
                               LifecycleName(state->lifecycle)));
  }
  if (properties.empty() && relationships.empty()) {
    ExpireWhole(state);
    return absl::OkStatus();
  }
  if (!properties.empty()) {
    SessionCore::PropertySet& set = core_->unloaded()[state];
    set.resize(state->type()->properties().size());
    for (int property : properties) {
      const Property& p = state->type()->property(property);
      if (p.slot_offset != Property::kNoSlot) {
        static_cast<ColumnSlot*>(state->member(p.slot_offset))->MarkUnloaded();
      } else {
        set[property] = true;
        state->set(EntityState::kPartial);
      }
      if (state->edit != nullptr && state->edit->has_snapshot) {
        p.ops->copy_assign(state->member(p.offset), state->edit->before(p));
      }
    }
  }
  for (const Relationship* r : relationships) {
    LinkOperations::Unload(state, *r);
  }
  return absl::OkStatus();
}

// The entity and what Cascade::kRefreshExpire reaches in memory: changes are
// dropped, and all is read again when it is touched.
void Session::Impl::ExpireWhole(EntityState* root) {
  std::vector<EntityRef> reached = {EntityRef(root)};
  absl::flat_hash_set<const EntityState*> seen = {root};
  for (size_t i = 0; i < reached.size(); ++i) {
    EntityState* state = reached[i].state();
    for (const Relationship* r : state->type()->relationships()) {
      if (!Has(r->cascade, Cascade::kRefreshExpire)) continue;
      LinkOperations::ForEachTarget(state, *r, [&](EntityState* target) {
        if (core_->Contains(target) && seen.insert(target).second) {
          reached.push_back(EntityRef(target));
        }
      });
    }
  }
  for (const EntityRef& entity : reached) {
    EntityState* state = entity.state();
    // What was new by a link alone goes with the change of the link.
    if (state->lifecycle == Lifecycle::kPending) core_->Expunge(state);
    if (state->lifecycle != Lifecycle::kPersistent) continue;
    DropChanges(state);
    LinkOperations::UnloadAll(state);
    state->set(EntityState::kExpired);
    state->clear(EntityState::kReadable);
  }
}

void Session::Impl::DropChanges(EntityState* state) {
  if (state->edit == nullptr) return;
  RestoreSnapshot(state, *state->edit);
  core_->changes().Untouch(state);
}

void Session::Impl::ExpireAll(bool readable) {
  SessionCore::Hold hold(core_);
  core_->identity_map().ForEach([&](EntityState* state) {
    state->set(EntityState::kExpired);
    if (readable) {
      state->set(EntityState::kReadable);
    } else {
      state->clear(EntityState::kReadable);
    }
    LinkOperations::UnloadAll(state);
  });
}

}  // namespace cupel::session
