// Connections kept open between uses, and shared fairly between threads.
//
//   EngineOptions options{.uri = "...", .pool = {.size = 20}};
//   Engine engine = *Engine::Create(options);
//   std::cout << engine.pool().Status();
//
// Waiting, opening and checking a connection share one deadline. Waiters are
// served in order. No driver or listener is called under the pool's lock.

#ifndef CUPEL_ENGINE_POOL_H_
#define CUPEL_ENGINE_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/events.h"
#include "cupel/engine/fork.h"
#include "cupel/engine/location.h"
#include "cupel/engine/pool_ledger.h"
#include "cupel/engine/pool_options.h"  // IWYU pragma: export

namespace cupel::engine {

// Numbers of a pool at one moment.
struct PoolCounters {
  size_t size = 0;  // PoolOptions::size
  size_t checked_in = 0;
  size_t checked_out = 0;  // in use, being opened or being closed
  size_t overflow = 0;     // open beyond size
  size_t waiting = 0;
  size_t detached = 0;
  // Since the beginning.
  uint64_t checkouts = 0;
  uint64_t connects = 0;
  uint64_t closes = 0;
  uint64_t waits = 0;
  uint64_t timeouts = 0;
  uint64_t invalidations = 0;
  absl::Duration total_wait;
  absl::Duration longest_wait;
};

// A checkout that has not been returned.
struct PoolHolder {
  uint64_t connection_id = 0;
  std::string place;
  std::string thread;
  absl::Duration age;
  std::string last_statement;  // shortened, without values
};

// Thread-safe.
class Pool {
 public:
  using Opener =
      std::function<absl::StatusOr<std::unique_ptr<DriverConnection>>(
          Deadline)>;
  using Log = std::function<void(absl::string_view)>;

  // `events` and `clock` outlive the pool. Opens nothing.
  Pool(PoolOptions options, Opener opener, Events& events, Clock& clock,
       Log log);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  // All connections have been returned.
  ~Pool();

  const PoolOptions& options() const { return options_; }
  PoolCounters counters() const ABSL_LOCKS_EXCLUDED(mutex_);

  // "pool size 5, overflow 0 of 10, checked in 3, checked out 2, waiting 0".
  std::string Status() const ABSL_LOCKS_EXCLUDED(mutex_);

  // All open checkouts, the longest first.
  std::vector<PoolHolder> Holders() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Closes the idle connections; those in use are closed on return. The pool
  // goes on with new ones.
  void Dispose() ABSL_LOCKS_EXCLUDED(mutex_);

  // Forgets the idle connections without a word to the database: for a child
  // process. A fork is noticed without this, too.
  void AbandonIdle() ABSL_LOCKS_EXCLUDED(mutex_);

  // Replaces every connection made so far before its next use.
  void InvalidateAll() ABSL_LOCKS_EXCLUDED(mutex_);

  // Refuses waiters and later calls with kCancelled, closes the idle
  // connections. Connections in use work on, and are closed on return.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // For Engine and Connection.

  // An open connection. Errors: kDeadlineExceeded (kPoolTimeout) naming the
  // holders, kCancelled when closed or stopped, the driver's when opening.
  absl::StatusOr<PoolEntry*> Checkout(Deadline deadline, Location origin,
                                      std::stop_token stop = {})
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes it back. `usable` is false when it must not be used again; the
  // caller has reset it.
  void Return(PoolEntry* entry, bool usable) ABSL_LOCKS_EXCLUDED(mutex_);

  // Closes the connection of an entry that stays checked out.
  void Invalidate(PoolEntry& entry, absl::string_view reason);

  // Opens the connection of a checked-out entry anew.
  absl::Status Reopen(PoolEntry& entry, Deadline deadline);

  // The connection was lost: so may be those made before it.
  void NoteLost(const PoolEntry& entry);

  // Takes a checked-out entry out of the books for good.
  void Detach(PoolEntry& entry) ABSL_LOCKS_EXCLUDED(mutex_);

  Clock& clock() const { return clock_; }
  // Whether a connection was made in another process.
  static bool IsInherited(const PoolEntry& entry);

 private:
  absl::Status WaitFor(PoolLedger::Waiter& waiter, Deadline deadline,
                       const std::stop_token& stop)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status MakeReady(PoolEntry& entry, Deadline deadline, Location origin);
  absl::Status Open(PoolEntry& entry, Deadline deadline);
  bool IsFresh(const PoolEntry& entry) const;
  bool PassesPing(PoolEntry& entry, Deadline deadline);
  void CloseDriver(PoolEntry& entry, PoolAction action,
                   absl::string_view reason);
  void Discard(PoolEntry* entry) ABSL_LOCKS_EXCLUDED(mutex_);
  void DiscardAll(std::vector<PoolEntry*> entries, absl::string_view reason)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Tell(PoolAction action, const PoolEntry& entry,
                    absl::string_view reason, Location origin = {}) const;

  void Hold(PoolEntry& entry, Location origin)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LetGo(PoolEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoticeFork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Warnings() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string StatusLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<PoolHolder> HoldersLocked() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status TimeoutError(absl::Duration waited) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PoolOptions options_;
  const Opener opener_;
  Events& events_;
  Clock& clock_;
  const Log log_;

  mutable absl::Mutex mutex_;
  const ForkSafeMutex fork_safe_{mutex_};
  std::unique_ptr<PoolLedger> ledger_ ABSL_GUARDED_BY(mutex_);
  PoolEntry* held_ ABSL_GUARDED_BY(mutex_) = nullptr;
  PoolCounters counts_ ABSL_GUARDED_BY(mutex_);
  uint64_t fork_count_ ABSL_GUARDED_BY(mutex_);
  bool warned_of_use_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> generation_{1};
  std::atomic<uint64_t> last_id_{0};
  std::atomic<uint64_t> connects_{0};
  std::atomic<uint64_t> closes_{0};
  std::atomic<uint64_t> invalidations_{0};
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_POOL_H_
