#include "cupel/session/session.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/query_loader.h"
#include "cupel/session/session_impl.h"

namespace cupel::session {

using engine::ValueView;

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
  if (!entity) return Impl::Misuse("a null entity cannot be added");
  return impl_->core_->Add(entity.state());
}

absl::Status Session::Delete(const EntityRef& entity) {
  CUPEL_SESSION_ENTER();
  if (!entity) return Impl::Misuse("a null entity cannot be deleted");
  EntityState* state = entity.state();
  if (!impl_->core_->Contains(state)) {
    const EntityType* type = state->type();
    return Impl::Misuse(absl::StrCat("cannot delete a ",
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
  CUPEL_RETURN_IF_ERROR(impl_->CheckHolds(entity, "expunge"));
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
  const Impl::Entry entry(impl_.get());
  if (ABSL_PREDICT_FALSE(!entry.Check().ok())) return EntityRef();
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
    return impl_->autoflushes() ? impl_->Flush() : absl::OkStatus();
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
    return Impl::Misuse(
        "cannot refresh what is not persistent in this session");
  }
  return impl_->Refresh(entity.state(), properties, for_update);
}

absl::Status Session::Expire(
    const EntityRef& entity, absl::Span<const int> properties,
    absl::Span<const Relationship* const> relationships) {
  CUPEL_SESSION_ENTER();
  CUPEL_RETURN_IF_ERROR(impl_->CheckHolds(entity, "expire"));
  return impl_->Expire(entity.state(), properties, relationships);
}

void Session::ExpireAll() {
  Impl::Entry entry(impl_.get());
  if (!entry.Check().ok()) return;
  const ChangeSet& changes = impl_->core_->changes();
  while (!changes.touched().empty()) {
    impl_->DropChanges(changes.touched().back()->state);
  }
  impl_->ExpireAll(/*readable=*/false);
}

absl::Status Session::LoadProperties(const EntityRef& entity,
                                     absl::Span<const int> properties,
                                     CallSite site) {
  CUPEL_SESSION_ENTER();
  (void)site;
  CUPEL_RETURN_IF_ERROR(impl_->CheckHolds(entity, "load columns of"));
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
  return entity_state_internal::IsPropertyLoaded(
      entity.state(), entity.type()->property(property));
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
  CUPEL_RETURN_IF_ERROR(impl_->CheckHolds(entity, "set a column of"));
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

Session::AutoflushGuard::AutoflushGuard(Session& session) : session_(session) {
  ++session_.impl_->autoflush_guards_;
}
Session::AutoflushGuard::~AutoflushGuard() {
  --session_.impl_->autoflush_guards_;
}

}  // namespace cupel::session
