#include "cupel/session/session.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/query_loader.h"
#include "cupel/session/session_impl.h"

namespace cupel::session {
namespace {

using engine::ValueView;

absl::Status Misuse(absl::string_view message) {
  return engine::MakeError(engine::ErrorKind::kMisuse, message);
}

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

std::shared_ptr<query::StatementCache> CacheOf(const engine::Engine& engine) {
  static const char key = 0;
  return std::static_pointer_cast<query::StatementCache>(
      engine.Extension(&key, []() -> std::shared_ptr<void> {
        return std::make_shared<query::StatementCache>();
      }));
}

}  // namespace

// ---- Impl: the basics

Session::Impl::Impl(Session* session, engine::Engine engine,
                    std::shared_ptr<const Registry> registry,
                    SessionOptions options)
    : session_(session),
      engine_(std::move(engine)),
      options_(std::move(options)),
      statements_(options_.statements != nullptr ? options_.statements
                                                 : CacheOf(engine_)),
      core_(new SessionCore(std::move(registry), this)),
      links_(this) {}

Session::Impl::~Impl() { Close().IgnoreError(); }

absl::Status Session::Impl::Entry::Check() const {
  if (impl_ == nullptr) {
    return Misuse(
        "the session is used by two threads at once: give each thread a "
        "session of its own");
  }
  if (impl_->closed_) {
    return Misuse("the session is closed: open a new one");
  }
  return absl::OkStatus();
}

void Session::Impl::Warn(absl::string_view message) {
  if (options_.warn) {
    options_.warn(message);
  } else {
    std::fprintf(stderr, "cupel: %.*s\n", static_cast<int>(message.size()),
                 message.data());
  }
}

// ---- Autoflush

void Session::Impl::CollectPendingTables() {
  const ChangeSet& changes = core_->changes();
  if (pending_version_ == changes.version()) return;
  pending_version_ = changes.version();
  absl::flat_hash_set<const schema::Table*> tables;
  std::vector<bool> seen(core_->registry().types().size());
  auto add = [&](const EntityType* type, bool deleting) {
    if (seen[type->index()] && !deleting) return;
    seen[type->index()] = true;
    for (const EntityType::Level& level : type->levels()) {
      tables.insert(level.table);
    }
    for (const Relationship* r : type->relationships()) {
      if (r->view_only) continue;
      if (r->secondary != nullptr) {
        tables.insert(r->secondary);
      } else if (deleting || r->reverse == nullptr) {
        if (r->kind != RelationshipKind::kManyToOne) {
          tables.insert(r->target->tables().begin(), r->target->tables().end());
        }
      }
    }
  };
  for (const EntityState* state : changes.added()) add(state->type(), false);
  for (const EditRecord* record : changes.touched()) {
    add(record->state->type(), false);
  }
  const EntityType* last = nullptr;
  for (const EntityState* state : changes.deleted()) {
    if (state->type() != last) add(state->type(), true);
    last = state->type();
  }
  pending_tables_.assign(tables.begin(), tables.end());
}

bool Session::Impl::TouchesPending(
    absl::Span<const schema::Table* const> tables) {
  if (core_->changes().empty()) return false;
  CollectPendingTables();
  for (const schema::Table* table : tables) {
    if (std::find(pending_tables_.begin(), pending_tables_.end(), table) !=
        pending_tables_.end()) {
      return true;
    }
  }
  return false;
}

absl::Status Session::Impl::Autoflush(
    absl::Span<const schema::Table* const> tables) {
  if (!options_.autoflush || autoflush_guards_ > 0 || flushing_ || telling_ ||
      core_->changes().empty() || !TouchesPending(tables)) {
    return absl::OkStatus();
  }
  std::string names;
  for (const schema::Table* table : tables) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", table->name());
  }
  return engine::WithContext(
      Flush(), absl::StrCat("flushing before a query of ", names));
}

// ---- Reading by key

absl::StatusOr<EntityState*> Session::Impl::SelectByKey(
    const EntityType& type, std::shared_ptr<const LoadPlan> plan,
    absl::Span<const ValueView> key, bool populate_existing, bool for_update) {
  SessionCore::Hold hold(core_);
  const bool is_default = plan == nullptr || plan == links_.DefaultPlan(type);
  if (plan == nullptr) plan = links_.DefaultPlan(type);
  query::Select select;
  if (is_default) {
    const auto index = static_cast<size_t>(type.index());
    if (index >= by_key_.size()) by_key_.resize(index + 1);
    if (by_key_[index].empty()) by_key_[index] = SelectOf(*plan);
    select = by_key_[index];
  } else {
    select = SelectOf(*plan);
  }
  for (size_t k = 0; k < key.size(); ++k) {
    const schema::Column& column = *type.property(type.primary_key()[k]).column;
    select = std::move(select).Where(
        query::Binary(query::Operator::kEqual, query::ColumnOf(column),
                      query::BindView(key[k], &column.type()), nullptr));
  }
  if (for_update) select = select.ForUpdate();
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  EntityState* state = nullptr;
  {
    CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                           query::Execute(*connection, *statements_, select));
    EntityReader reader(core_, plan, 0, nullptr, populate_existing);
    reader.SetColumns(cursor.columns());
    CUPEL_ASSIGN_OR_RETURN(bool found, cursor.Next());
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
void Session::Impl::Gone(EntityState* state) {
  EntityRef keep(state);
  core_->Expunge(state);
  state->clear(EntityState::kExpired);
  state->clear(EntityState::kReadable);
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
    if (found != nullptr) return absl::OkStatus();
    Gone(state);
    engine::ErrorInfo info;
    info.kind = engine::ErrorKind::kNotFound;
    info.table = type.table().name();
    return engine::MakeError(
        info, absl::StrCat("the row of this ", type.name(), " is no longer in ",
                           type.table().name(), ": the entity is detached"));
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
  CUPEL_ASSIGN_OR_RETURN(
      auto plan,
      LoadPlan::Make(type, {LoadOption::Only(
                               {}, {properties.begin(), properties.end()})}));
  if (states.size() == 1) {
    KeyValues key;
    key.Assign(type, type.primary_key(), states[0]->object());
    CUPEL_ASSIGN_OR_RETURN(EntityState * found,
                           SelectByKey(type, plan, key.views(), false, false));
    if (found != nullptr) return absl::OkStatus();
    Gone(states[0]);
    return engine::MakeError(
        engine::ErrorKind::kNotFound,
        absl::StrCat("the row of this ", type.name(), " is no longer in ",
                     type.table().name()));
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
    LoadBatch::Touches& touches =
        batch->TouchesOf(&state->type()->property(property));
    const size_t wanted = size_t{1} << std::min<uint32_t>(touches.touched++, 8);
    const size_t size = batch->members.size();
    const Property& p = state->type()->property(property);
    for (size_t step = 1; step < size && states.size() < wanted; ++step) {
      EntityState* sibling = batch->members[(state->batch_index + step) % size];
      if (sibling == nullptr || sibling->type() != state->type() ||
          sibling->lifecycle != Lifecycle::kPersistent ||
          sibling->has(EntityState::kExpired)) {
        continue;
      }
      const bool loaded =
          p.slot_offset != Property::kNoSlot
              ? static_cast<const ColumnSlot*>(sibling->member(p.slot_offset))
                    ->is_loaded()
              : entity_state_internal::IsMemberLoaded(sibling, p.offset);
      if (!loaded) states.push_back(sibling);
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
  std::shared_ptr<const LoadPlan> plan;
  if (properties.empty()) {
    EditRecord* record = core_->changes().Take(state);
    if (record != nullptr) {
      RestoreSnapshot(state, *record);
      DeleteEditRecord(record, type);
    }
    LinkOperations::UnloadAll(state);
    state->set(EntityState::kExpired);
    CUPEL_ASSIGN_OR_RETURN(
        EntityState * found,
        SelectByKey(type, nullptr, key.views(), true, for_update));
    if (found != nullptr) return absl::OkStatus();
  } else {
    CUPEL_ASSIGN_OR_RETURN(
        plan, LoadPlan::Make(type, {LoadOption::Only({}, {properties.begin(),
                                                          properties.end()})}));
    query::Select select = SelectOf(*plan);
    for (size_t k = 0; k < type.primary_key().size(); ++k) {
      const schema::Column& column =
          *type.property(type.primary_key()[k]).column;
      select = select.Where(query::Binary(
          query::Operator::kEqual, query::ColumnOf(column),
          query::BindView(key.views()[k], &column.type()), nullptr));
    }
    if (for_update) select = select.ForUpdate();
    CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
    CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                           query::Execute(*connection, *statements_, select));
    CUPEL_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (more) {
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
      return absl::OkStatus();
    }
  }
  Gone(state);
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kNotFound;
  info.table = type.table().name();
  return engine::MakeError(
      info, absl::StrCat("cannot refresh: the row of this ", type.name(),
                         " is no longer in ", type.table().name()));
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
    EditRecord* record = core_->changes().Take(state);
    if (record != nullptr) {
      RestoreSnapshot(state, *record);
      DeleteEditRecord(record, *state->type());
    }
    for (const Relationship* r : state->type()->relationships()) {
      if (Has(r->cascade, Cascade::kRefreshExpire)) {
        std::vector<EntityState*> targets;
        LinkOperations::ForEachTarget(
            state, *r, [&](EntityState* t) { targets.push_back(t); });
        for (EntityState* target : targets) {
          if (target->lifecycle == Lifecycle::kPersistent &&
              !target->has(EntityState::kExpired)) {
            target->set(EntityState::kExpired);
          }
        }
      }
      LinkOperations::Unload(state, *r);
    }
    state->set(EntityState::kExpired);
    state->clear(EntityState::kReadable);
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

// ---- Session

Session::Session(engine::Engine engine,
                 std::shared_ptr<const Registry> registry,
                 SessionOptions options)
    : impl_(std::make_unique<Impl>(this, std::move(engine), std::move(registry),
                                   std::move(options))),
      registry_(impl_->core_->shared_registry()) {}

Session::~Session() = default;

Session* Session::Of(const EntityRef& entity) {
  if (!entity || entity.state()->session == nullptr ||
      !entity.state()->session->is_open()) {
    return nullptr;
  }
  return entity.state()->session->loader()->session();
}

const Registry& Session::registry() const { return *registry_; }
const SessionOptions& Session::options() const { return impl_->options_; }
engine::Engine& Session::engine() { return impl_->engine_; }

// What every call that gives a status begins with.
#define CUPEL_SESSION_ENTER()     \
  Impl::Entry entry(impl_.get()); \
  CUPEL_RETURN_IF_ERROR(entry.Check())

// ---- Membership

EntityRef Session::Add(const EntityType& type, void* object) {
  Impl::Entry entry(impl_.get());
  if (!entry.Check().ok()) {
    // The value is not lost; Commit() will say what is wrong.
    return EntityRef::Make(type.object_type(), object);
  }
  EntityRef ref(impl_->core_->NewFrom(type, object));
  impl_->core_->NoteError(impl_->core_->Add(ref.state()));
  return ref;
}

absl::Status Session::Add(const EntityRef& entity) {
  CUPEL_SESSION_ENTER();
  if (!entity) return Misuse("a null entity cannot be added");
  return impl_->core_->Add(entity.state());
}

absl::Status Session::Delete(const EntityRef& entity) {
  CUPEL_SESSION_ENTER();
  if (!entity) return Misuse("a null entity cannot be deleted");
  EntityState* state = entity.state();
  if (!impl_->core_->Contains(state)) {
    const EntityType* type = state->type();
    return Misuse(absl::StrCat("cannot delete a ",
                               LifecycleName(state->lifecycle), " ",
                               type != nullptr ? type->name() : "entity",
                               ": it is not in this session"));
  }
  if (state->lifecycle == Lifecycle::kPending) return Expunge(entity);
  impl_->core_->changes().MarkDeleted(state);
  return absl::OkStatus();
}

absl::Status Session::Expunge(const EntityRef& entity) {
  CUPEL_SESSION_ENTER();
  if (!entity || !impl_->core_->Contains(entity.state())) {
    return Misuse("cannot expunge what is not in this session");
  }
  SessionCore::Hold hold(impl_->core_);
  std::vector<EntityState*> work = {entity.state()};
  while (!work.empty()) {
    EntityState* state = work.back();
    work.pop_back();
    if (!impl_->core_->Contains(state)) continue;
    impl_->core_->Expunge(state);
    for (const Relationship* r : state->type()->relationships()) {
      if (!Has(r->cascade, Cascade::kExpunge)) continue;
      LinkOperations::ForEachTarget(
          state, *r, [&](EntityState* target) { work.push_back(target); });
    }
  }
  return absl::OkStatus();
}

void Session::ExpungeAll() {
  Impl::Entry entry(impl_.get());
  if (entry.Check().ok()) impl_->core_->ExpungeAll();
}

bool Session::Contains(const EntityRef& entity) const {
  return entity && !impl_->closed_ && impl_->core_->Contains(entity.state());
}

absl::StatusOr<EntityRef> Session::Merge(const EntityRef& entity, bool load) {
  CUPEL_SESSION_ENTER();
  return impl_->Merge(entity, load);
}

absl::StatusOr<EntityRef> Session::Merge(const EntityType& type, void* object,
                                         bool load) {
  CUPEL_SESSION_ENTER();
  const EntityRef source = EntityRef::Make(type.object_type(), object);
  return impl_->Merge(source, load);
}

// ---- Reading

absl::StatusOr<EntityRef> Session::Get(const EntityType& type,
                                       absl::Span<const ValueView> key) {
  CUPEL_SESSION_ENTER();
  return impl_->GetByKey(type, key, nullptr);
}

absl::StatusOr<EntityRef> Session::Get(const EntityType& type,
                                       absl::Span<const ValueView> key,
                                       const GetOptions& options) {
  CUPEL_SESSION_ENTER();
  return impl_->GetByKey(type, key, &options);
}

absl::StatusOr<EntityRef> Session::Get(const EntityType& type, int64_t key) {
  CUPEL_SESSION_ENTER();
  if (ABSL_PREDICT_TRUE(type.has_integer_key())) {
    EntityState* state = impl_->core_->identity_map().Find(type, key);
    if (state != nullptr && !state->has(EntityState::kExpired)) {
      return EntityRef(state);
    }
  }
  const ValueView view = ValueView::Int64(key);
  return impl_->GetByKey(type, absl::MakeConstSpan(&view, 1), nullptr);
}

EntityRef Session::Find(const EntityType& type,
                        absl::Span<const ValueView> key) const {
  if (impl_->closed_) return EntityRef();
  return EntityRef(impl_->core_->identity_map().Find(type, key));
}

absl::StatusOr<EntityResult> Session::Execute(EntityQuery query) {
  CUPEL_SESSION_ENTER();
  impl_->core_->MaybeSweep();
  auto state = std::make_unique<ResultState>(impl_.get(), &impl_->links_,
                                             std::move(query));
  CUPEL_RETURN_IF_ERROR(state->Start());
  return EntityResult(std::move(state));
}

absl::Status Session::AutoflushFor(const query::Statement& statement) {
  CUPEL_SESSION_ENTER();
  CUPEL_ASSIGN_OR_RETURN(auto compiled, impl_->statements_->GetOrCompile(
                                            statement, impl_->dialect()));
  if (impl_->core_->changes().empty()) return absl::OkStatus();
  if (!compiled->tables_known) {
    if (!impl_->options_.autoflush || impl_->autoflush_guards_ > 0) {
      return absl::OkStatus();
    }
    return impl_->Flush();
  }
  std::vector<const schema::Table*> tables = compiled->tables_read;
  tables.insert(tables.end(), compiled->tables_written.begin(),
                compiled->tables_written.end());
  return impl_->Autoflush(tables);
}

absl::StatusOr<query::ResultCursor> Session::Execute(
    const query::Statement& statement) {
  CUPEL_SESSION_ENTER();
  CUPEL_RETURN_IF_ERROR(AutoflushFor(statement));
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, impl_->connection());
  if (statement.kind() != query::StatementKind::kSelect) impl_->wrote_ = true;
  return query::Execute(*connection, *impl_->statements_, statement);
}

absl::Status Session::Refresh(const EntityRef& entity,
                              absl::Span<const int> properties,
                              bool for_update) {
  CUPEL_SESSION_ENTER();
  if (!entity || !impl_->core_->Contains(entity.state()) ||
      entity.lifecycle() != Lifecycle::kPersistent) {
    return Misuse("cannot refresh what is not persistent in this session");
  }
  return impl_->Refresh(entity.state(), properties, for_update);
}

absl::Status Session::Expire(
    const EntityRef& entity, absl::Span<const int> properties,
    absl::Span<const Relationship* const> relationships) {
  CUPEL_SESSION_ENTER();
  if (!entity || !impl_->core_->Contains(entity.state())) {
    return Misuse("cannot expire what is not in this session");
  }
  return impl_->Expire(entity.state(), properties, relationships);
}

void Session::ExpireAll() {
  Impl::Entry entry(impl_.get());
  if (!entry.Check().ok()) return;
  ChangeSet& changes = impl_->core_->changes();
  while (!changes.touched().empty()) {
    EditRecord* record = changes.touched().back();
    EntityState* state = record->state;
    RestoreSnapshot(state, *record);
    changes.Untouch(state);
  }
  impl_->ExpireAll(/*readable=*/false);
}

absl::Status Session::LoadProperties(const EntityRef& entity,
                                     absl::Span<const int> properties,
                                     CallSite site) {
  CUPEL_SESSION_ENTER();
  (void)site;
  if (!entity || !impl_->core_->Contains(entity.state())) {
    return Misuse("cannot load columns of what is not in this session");
  }
  std::vector<int> missing;
  for (int property : properties) {
    if (!IsLoaded(entity, property)) missing.push_back(property);
  }
  if (missing.empty()) return absl::OkStatus();
  EntityState* state = entity.state();
  if (state->has(EntityState::kExpired)) return impl_->LoadState(state);
  return impl_->LoadColumns(absl::MakeConstSpan(&state, 1), missing);
}

bool Session::IsLoaded(const EntityRef& entity, int property) const {
  const Property& p = entity.type()->property(property);
  if (p.slot_offset != Property::kNoSlot) {
    return !entity.state()->has(EntityState::kExpired) &&
           static_cast<const ColumnSlot*>(entity.state()->member(p.slot_offset))
               ->is_loaded();
  }
  return entity.IsLoaded(p.offset);
}

absl::Status Session::LoadRelationship(EntityState* state,
                                       const Relationship& relationship,
                                       CallSite site) {
  if (LinkOperations::IsLoaded(state, relationship)) return absl::OkStatus();
  return impl_->LoadLink(state, relationship, site);
}

absl::Status Session::LoadRelationship(absl::Span<const EntityRef> entities,
                                       const Relationship& relationship) {
  CUPEL_SESSION_ENTER();
  States states;
  for (const EntityRef& entity : entities) {
    if (entity && impl_->core_->Contains(entity.state())) {
      states.push_back(entity.state());
    }
  }
  std::vector<const schema::Table*> tables(
      relationship.target->tables().begin(),
      relationship.target->tables().end());
  if (relationship.secondary != nullptr) {
    tables.push_back(relationship.secondary);
  }
  CUPEL_RETURN_IF_ERROR(impl_->Autoflush(tables));
  return impl_->links_.SelectIn(states, relationship, nullptr);
}

// ---- Writing

absl::Status Session::Flush() {
  CUPEL_SESSION_ENTER();
  return impl_->Flush();
}

absl::Status Session::Commit() {
  CUPEL_SESSION_ENTER();
  return impl_->Commit();
}

absl::Status Session::Rollback() {
  CUPEL_SESSION_ENTER();
  return impl_->Rollback();
}

absl::Status Session::Begin(engine::TransactionOptions options) {
  CUPEL_SESSION_ENTER();
  return impl_->Begin(options);
}

absl::StatusOr<SessionSavepoint> Session::BeginNested() {
  CUPEL_SESSION_ENTER();
  return impl_->BeginNested();
}

absl::Status Session::Close() {
  Impl::Entry entry(impl_.get());
  if (impl_->closed_) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(entry.Check());
  return impl_->Close();
}

bool Session::is_closed() const { return impl_->closed_; }

absl::Status Session::Reset() {
  CUPEL_SESSION_ENTER();
  return impl_->Reset();
}

bool Session::in_transaction() const { return impl_->in_transaction(); }

bool Session::in_nested_transaction() const { return !impl_->levels_.empty(); }

absl::StatusOr<engine::Connection*> Session::connection() {
  CUPEL_SESSION_ENTER();
  impl_->wrote_ = true;  // What is done with it is not seen here.
  return impl_->connection();
}

absl::Status Session::SetExpression(const EntityRef& entity, int property,
                                    query::Expr expression) {
  CUPEL_SESSION_ENTER();
  if (!entity || !impl_->core_->Contains(entity.state())) {
    return Misuse("cannot set a column of what is not in this session");
  }
  EntityState* state = entity.state();
  if (state->needs_load()) CUPEL_RETURN_IF_ERROR(impl_->LoadState(state));
  EditRecord& record = impl_->core_->changes().Touch(
      state, state->lifecycle == Lifecycle::kPersistent);
  if (record.expressions == nullptr) {
    record.expressions = std::make_unique<Expressions>();
  }
  for (auto& [index, expr] : *record.expressions) {
    if (index == property) {
      expr = std::move(expression);
      return absl::OkStatus();
    }
  }
  record.expressions->emplace_back(property, std::move(expression));
  return absl::OkStatus();
}

// ---- Inspection

std::vector<EntityRef> Session::new_entities() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EntityState* state : impl_->core_->changes().added()) {
    result.emplace_back(state);
  }
  return result;
}

std::vector<EntityRef> Session::dirty() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EditRecord* record : impl_->core_->changes().touched()) {
    if (record->state->lifecycle == Lifecycle::kPersistent &&
        !record->state->has(EntityState::kMarkedDeleted)) {
      result.emplace_back(record->state);
    }
  }
  return result;
}

std::vector<EntityRef> Session::deleted() const {
  std::vector<EntityRef> result;
  if (impl_->closed_) return result;
  for (EntityState* state : impl_->core_->changes().deleted()) {
    result.emplace_back(state);
  }
  return result;
}

void Session::ForEach(absl::FunctionRef<void(const EntityRef&)> visit) const {
  for (const EntityRef& entity : entities()) visit(entity);
}

std::vector<EntityRef> Session::entities() const {
  std::vector<EntityRef> result = new_entities();
  if (impl_->closed_) return result;
  impl_->core_->identity_map().ForEach(
      [&](EntityState* state) { result.emplace_back(state); });
  return result;
}

bool Session::IsModified(const EntityRef& entity) const {
  const EntityState* state = entity.state();
  if (state->lifecycle == Lifecycle::kPending) return true;
  const EditRecord* record = state->edit;
  if (record == nullptr) return false;
  if (record->expressions != nullptr) return true;
  if (record->has_snapshot) {
    for (const Property& property : state->type()->properties()) {
      if (Differs(*record, property)) return true;
    }
  }
  for (const Relationship* r : state->type()->relationships()) {
    if (r->to_many()) {
      const LinkList* list = LinkOperations::List(state, *r);
      if (list != nullptr && (!list->added.empty() || !list->removed.empty())) {
        return true;
      }
    } else if (LinkOperations::IsChanged(state, *r)) {
      return true;
    }
  }
  return false;
}

PropertyHistory Session::History(const EntityRef& entity, int property) const {
  PropertyHistory history;
  const EntityState* state = entity.state();
  const Property& p = state->type()->property(property);
  engine::BoundValue bound;
  if (p.ops->bind(state->member(p.offset), &bound).ok()) {
    history.after = engine::Value(bound.view);
  }
  const EditRecord* record = state->edit;
  if (record != nullptr && record->has_snapshot) {
    engine::BoundValue before;
    if (p.ops->bind(record->before(p), &before).ok()) {
      history.before = engine::Value(before.view);
    }
    history.changed = Differs(*record, p);
  } else if (state->lifecycle == Lifecycle::kPersistent) {
    history.before = history.after;
  } else {
    history.changed = true;
  }
  return history;
}

LinkHistory Session::History(const EntityRef& entity,
                             const Relationship& relationship) const {
  LinkHistory history;
  EntityState* state = entity.state();
  const bool is_new = state->lifecycle != Lifecycle::kPersistent;
  if (!relationship.to_many()) {
    const bool changed =
        is_new || LinkOperations::IsChanged(state, relationship);
    LinkOperations::ForEachTarget(state, relationship, [&](EntityState* t) {
      (changed ? history.added : history.unchanged).emplace_back(t);
    });
    // The former target by the former key, if it is in memory.
    if (changed && state->edit != nullptr && state->edit->has_snapshot &&
        !relationship.key_properties.empty() && !impl_->closed_) {
      absl::InlinedVector<engine::BoundValue, 2> bound(
          relationship.key_properties.size());
      std::vector<ValueView> key;
      for (size_t i = 0; i < bound.size(); ++i) {
        const Property& p =
            state->type()->property(relationship.key_properties[i]);
        if (!p.ops->bind(state->edit->before(p), &bound[i]).ok()) break;
        key.push_back(bound[i].view);
      }
      EntityState* former =
          impl_->core_->identity_map().Find(*relationship.target, key);
      if (former != nullptr) history.removed.emplace_back(former);
    }
    return history;
  }
  const LinkList* list = LinkOperations::List(state, relationship);
  if (list == nullptr) return history;
  for (EntityState* target : list->items) {
    const bool added =
        is_new || std::find(list->added.begin(), list->added.end(), target) !=
                      list->added.end();
    (added ? history.added : history.unchanged).emplace_back(target);
  }
  for (EntityState* target : list->removed) {
    history.removed.emplace_back(target);
  }
  return history;
}

size_t Session::identity_count() {
  if (impl_->closed_) return 0;
  impl_->core_->Sweep();
  return impl_->core_->identity_map().size();
}

std::vector<engine::Value> Session::KeyOf(const EntityRef& entity) {
  std::vector<engine::Value> result;
  KeyValues key;
  key.Assign(*entity.type(), entity.type()->primary_key(), entity.object());
  for (const ValueView& view : key.views()) result.emplace_back(view);
  return result;
}

Session::AutoflushGuard::AutoflushGuard(Session& session) : session_(session) {
  ++session_.impl_->autoflush_guards_;
}
Session::AutoflushGuard::~AutoflushGuard() {
  --session_.impl_->autoflush_guards_;
}

}  // namespace cupel::session
