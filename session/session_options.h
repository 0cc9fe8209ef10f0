// SessionOptions: how a session behaves; and what its listeners hear.

#ifndef CUPEL_SESSION_SESSION_OPTIONS_H_
#define CUPEL_SESSION_SESSION_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {
class Connection;
}  // namespace cupel::engine

namespace cupel::query {
class StatementCache;
}  // namespace cupel::query

namespace cupel::session {

// What happens when a relationship that no option loads is touched.
enum class LazyPolicy : uint8_t {
  kAdaptive,  // see LoadStrategy::kAdaptive
  kPlain,     // one entity at a time
  kWarn,      // as kPlain; a warning at every warn_after-th repeat
  kRefuse,    // kFailedPrecondition, nothing is sent
};

enum class SessionEventKind : uint8_t {
  kBeforeFlush,
  kAfterFlush,
  kBeforeCommit,
  kAfterCommit,
  kAfterRollback,      // of the transaction
  kAfterSoftRollback,  // of a savepoint, or of a failed flush
};

// What becomes of a transaction that SessionOptions::connection is in already
// when the session first uses it.
enum class JoinMode : uint8_t {
  // kCreateSavepoint inside of a savepoint, otherwise kRollbackOnly.
  kConditionalSavepoint,
  // The session's transaction is a savepoint: the caller's goes on after
  // Commit() and Rollback(), and decides.
  kCreateSavepoint,
  // Commit() and Rollback() end the caller's transaction.
  kControlFully,
  // Commit() leaves the caller's transaction open, Rollback() ends it.
  kRollbackOnly,
};

class Session;
using SessionListener = std::function<absl::Status(Session&, SessionEventKind)>;

struct SessionOptions {
  // Whether queries first flush changes of the tables that they read.
  bool autoflush = true;
  // Whether the first statement begins a transaction; otherwise Begin() must.
  bool autobegin = true;
  // Whether Commit() forgets what is loaded.
  bool expire_on_commit = false;
  LazyPolicy lazy_policy = LazyPolicy::kAdaptive;
  int warn_after = 10;
  // Parents a select-in statement serves at most (the dialect's limit of bound
  // values may lower it).
  size_t select_in_rows = 500;
  // Gets warnings (repeated lazy loads, writes through a stale reference);
  // unset: standard error.
  std::function<void(absl::string_view)> warn;
  // Whether to report what is written through the reference of an Edit() after
  // the flush that it was for: such a change would be lost. Costs a copy of
  // each entity that is written.
#ifdef NDEBUG
  bool report_late_writes = false;
#else
  bool report_late_writes = true;
#endif
  // What to work on in place of a connection from the engine's pool: of the
  // same engine, outlives the session. A transaction that it is in is joined.
  engine::Connection* connection = nullptr;
  JoinMode join_mode = JoinMode::kConditionalSavepoint;
  // Called in order at each event. An error of kBeforeFlush or kBeforeCommit
  // ends that call. A listener must not flush or end the transaction.
  std::vector<SessionListener> listeners;
  // Compiled statements; null: those of the engine, shared by its sessions.
  std::shared_ptr<query::StatementCache> statements;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_OPTIONS_H_
