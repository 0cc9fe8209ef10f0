// SessionConnection: the connection of a session's transaction: one from the
// pool with a transaction of the session's own, or one that the caller gave,
// whose transaction the session joins.

#ifndef CUPEL_SESSION_SESSION_CONNECTION_H_
#define CUPEL_SESSION_SESSION_CONNECTION_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/engine.h"
#include "cupel/session/session_options.h"

namespace cupel::session {

// Confined to one session. Calls other than Open() need an open connection.
class SessionConnection {
 public:
  // Takes the connection that `options` give, or one from `engine`'s pool, and
  // joins the transaction that it is in.
  absl::Status Open(engine::Engine& engine, const SessionOptions& options);
  // Gives the connection back; a savepoint that is still open is rolled back.
  void Release();

  bool is_open() const { return connection_ != nullptr; }
  engine::Connection* get() const { return connection_; }
  // Whether it comes from the pool, for this session alone.
  bool is_own() const { return pooled_.has_value(); }
  bool in_transaction() const {
    return is_open() && connection_->in_transaction();
  }

  // End the session's part of the transaction. Errors: of engine::Connection.
  absl::Status Commit();
  absl::Status Rollback();
  // As Rollback(), unless that would end more than the session began.
  absl::Status Abandon();

 private:
  enum class Part : uint8_t {
    kWhole,      // the session ends the transaction
    kSavepoint,  // it ends a savepoint
    kGuest,      // it can only roll back
  };

  engine::Connection* connection_ = nullptr;
  std::optional<engine::Connection> pooled_;
  Part part_ = Part::kWhole;
  std::optional<engine::Savepoint> savepoint_;  // kSavepoint
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_CONNECTION_H_
