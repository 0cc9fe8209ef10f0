#include "cupel/orm/session.h"

#include <utility>

#include "cupel/engine/status_macros.h"

namespace cupel {
namespace orm_internal {

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

}  // namespace cupel
