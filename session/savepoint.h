// SessionSavepoint: what Session::BeginNested() gives.

#ifndef CUPEL_SESSION_SAVEPOINT_H_
#define CUPEL_SESSION_SAVEPOINT_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"

namespace cupel::session {

class Session;
class SessionSql;

// A savepoint of a session; rolls back in its destructor unless committed.
// Inner ones end with outer ones. Move-only; may outlive its session.
class SessionSavepoint {
 public:
  SessionSavepoint(SessionSavepoint&& other) noexcept;
  SessionSavepoint& operator=(SessionSavepoint&& other) noexcept;
  ~SessionSavepoint();

  // Flushes and releases the savepoint.
  absl::Status Commit();
  // Undoes what was done since the savepoint.
  absl::Status Rollback();
  bool is_open() const;

 private:
  friend class Session;
  SessionSavepoint(SessionSql* session, std::weak_ptr<void> alive, uint64_t id)
      : session_(session), alive_(std::move(alive)), id_(id) {}

  SessionSql* session_;
  std::weak_ptr<void> alive_;
  uint64_t id_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SAVEPOINT_H_
