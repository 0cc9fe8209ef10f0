#include "cupel/session/session_connection.h"

#include <utility>

namespace cupel::session {

absl::Status SessionConnection::Open(engine::Engine& engine,
                                     const SessionOptions& options) {
  part_ = Part::kWhole;
  if (options.connection == nullptr) {
    CUPEL_ASSIGN_OR_RETURN(engine::Connection connection, engine.Connect());
    pooled_.emplace(std::move(connection));
    connection_ = &*pooled_;
    return absl::OkStatus();
  }
  engine::Connection& given = *options.connection;
  if (given.in_transaction()) {
    JoinMode mode = options.join_mode;
    if (mode == JoinMode::kConditionalSavepoint) {
      mode = given.in_nested_transaction() ? JoinMode::kCreateSavepoint
                                           : JoinMode::kRollbackOnly;
    }
    if (mode == JoinMode::kCreateSavepoint) {
      CUPEL_ASSIGN_OR_RETURN(engine::Savepoint savepoint, given.BeginNested());
      savepoint_.emplace(std::move(savepoint));
      part_ = Part::kSavepoint;
    } else if (mode == JoinMode::kRollbackOnly) {
      part_ = Part::kGuest;
    }
  }
  connection_ = &given;
  return absl::OkStatus();
}

void SessionConnection::Release() {
  savepoint_.reset();
  connection_ = nullptr;
  pooled_.reset();
}

absl::Status SessionConnection::Commit() {
  switch (part_) {
    case Part::kWhole:
      return connection_->Commit();
    case Part::kSavepoint:
      return savepoint_->Commit();
    case Part::kGuest:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status SessionConnection::Rollback() {
  return part_ == Part::kSavepoint ? savepoint_->Rollback()
                                   : connection_->Rollback();
}

absl::Status SessionConnection::Abandon() {
  return part_ == Part::kGuest ? absl::OkStatus() : Rollback();
}

}  // namespace cupel::session
