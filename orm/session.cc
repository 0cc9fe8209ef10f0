#include "cupel/orm/session.h"

#include <memory>
#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/session/session.h"

namespace cupel {
namespace orm_internal {

struct SessionState {
  SessionState(engine::Engine engine,
               std::shared_ptr<const session::Registry> registry,
               SessionOptions options)
      : session(std::move(engine), std::move(registry), std::move(options)) {}

  session::Session session;
  absl::Status add_error;  // of Add(), reported by the next flush
};

session::EntityRef AddValue(SessionState& state, const ModelInfo& model,
                            void* value) {
  absl::StatusOr<const session::EntityType*> type =
      EntityTypeIn(state.session, model);
  if (!type.ok()) {
    if (state.add_error.ok()) state.add_error = type.status();
    return session::EntityRef::Make(model.object_type(), value);
  }
  return state.session.Add(**type, value);
}

session::EntityRef KnownByKey(SessionState& state, const ModelInfo& model,
                              int64_t key) {
  const session::EntityType* type =
      state.session.registry().Find(model.object_type());
  if (type == nullptr) return session::EntityRef();
  const engine::ValueView view = engine::ValueView::Int64(key);
  session::EntityRef found =
      state.session.Find(*type, absl::MakeConstSpan(&view, 1));
  return found && found.state()->has(session::EntityState::kExpired)
             ? session::EntityRef()
             : found;
}

absl::StatusOr<session::EntityRef> GetByKey(
    SessionState& state, const ModelInfo& model,
    absl::Span<const engine::ValueView> key) {
  CUPEL_ASSIGN_OR_RETURN(const session::EntityType* type,
                         EntityTypeIn(state.session, model));
  return state.session.Get(*type, key);
}

absl::StatusOr<session::EntityRef> MergeValue(SessionState& state,
                                              const ModelInfo& model,
                                              void* value) {
  CUPEL_ASSIGN_OR_RETURN(const session::EntityType* type,
                         EntityTypeIn(state.session, model));
  return state.session.Merge(*type, value);
}

}  // namespace orm_internal

using cupel::session::EntityRef;

Session::Session(engine::Engine engine,
                 std::shared_ptr<const cupel::session::Registry> registry,
                 SessionOptions options)
    : state_(std::make_unique<orm_internal::SessionState>(
          std::move(engine), std::move(registry), std::move(options))) {}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

cupel::session::Session& Session::session() { return state_->session; }
const cupel::session::Session& Session::session() const {
  return state_->session;
}

absl::Status Session::Add(const EntityRef& entity) {
  return session().Add(entity);
}
absl::Status Session::Delete(const EntityRef& entity) {
  return session().Delete(entity);
}
absl::Status Session::Expunge(const EntityRef& entity) {
  return session().Expunge(entity);
}
void Session::ExpungeAll() { session().ExpungeAll(); }
bool Session::Contains(const EntityRef& entity) const {
  return session().Contains(entity);
}
absl::StatusOr<EntityRef> Session::Merge(const EntityRef& entity) {
  return session().Merge(entity);
}
absl::StatusOr<query::ResultCursor> Session::Execute(
    const query::Statement& statement) {
  return session().Execute(statement);
}
absl::Status Session::Refresh(const EntityRef& entity) {
  return session().Refresh(entity);
}
absl::Status Session::Expire(const EntityRef& entity) {
  return session().Expire(entity);
}
void Session::ExpireAll() { session().ExpireAll(); }
bool Session::IsModified(const EntityRef& entity) const {
  return session().IsModified(entity);
}

absl::Status Session::Flush() {
  CUPEL_RETURN_IF_ERROR(std::exchange(state_->add_error, absl::OkStatus()));
  return session().Flush();
}

absl::Status Session::Commit() {
  CUPEL_RETURN_IF_ERROR(std::exchange(state_->add_error, absl::OkStatus()));
  return session().Commit();
}

absl::Status Session::Rollback() {
  state_->add_error = absl::OkStatus();
  return session().Rollback();
}

absl::StatusOr<cupel::session::SessionSavepoint> Session::BeginNested() {
  CUPEL_RETURN_IF_ERROR(std::exchange(state_->add_error, absl::OkStatus()));
  return session().BeginNested();
}

absl::Status Session::Close() { return session().Close(); }

struct NoAutoflush::Guard {
  explicit Guard(cupel::session::Session& session) : guard(session) {}
  cupel::session::Session::AutoflushGuard guard;
};

NoAutoflush::NoAutoflush(Session& session)
    : guard_(std::make_unique<Guard>(session.session())) {}
NoAutoflush::~NoAutoflush() = default;

}  // namespace cupel
