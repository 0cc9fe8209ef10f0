// Requests to cancel, so that one never hits a statement that it was not meant
// for.
//
// The server takes such a request on a connection of its own and signals the
// process that serves ours, whatever that does by then. So nothing new is sent
// while a request is under way, and none is made while nothing runs.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_CANCEL_GATE_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_CANCEL_GATE_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/postgresql/errors.h"

struct pg_cancel;
struct pg_conn;

namespace cupel::postgresql_internal {

// Thread-safe.
class CancelGate {
 public:
  // Learns whom to ask. Requires: the connection is open.
  void SetTarget(pg_conn* connection);

  // A statement is about to be sent: from here on it may be cancelled.
  void Open();

  // The statement has ended. Waits for a request that is under way. False when
  // one was never answered: it may still come, so that the connection is of no
  // use any more.
  bool Close();

  // Asks the server to end the running statement; does nothing when there is
  // none. Returns when the request was answered, or after `timeout`.
  void Cancel(Interruption why, absl::Duration timeout);

  // Goes on asking for some seconds, on its own: the connection is given up,
  // and a request may have come before the server had begun with the statement.
  void KeepCancelling();

  // Why the statement that runs, or ran last, was asked to stop.
  Interruption why() const;

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<pg_cancel> target_ ABSL_GUARDED_BY(mutex_);
  bool is_open_ ABSL_GUARDED_BY(mutex_) = false;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  bool unanswered_ ABSL_GUARDED_BY(mutex_) = false;
  Interruption why_ ABSL_GUARDED_BY(mutex_) = Interruption::kNone;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_CANCEL_GATE_H_
