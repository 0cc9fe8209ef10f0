// PoolOptions: how a pool (pool.h) keeps its connections.

#ifndef CUPEL_ENGINE_POOL_OPTIONS_H_
#define CUPEL_ENGINE_POOL_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace cupel::engine {

enum class PoolKind : uint8_t {
  kQueue,      // `size` connections and `max_overflow` more for a rush
  kNull,       // a new connection each time, without limit
  kStatic,     // one connection for all, taken in turns and kept for ever
  kAssertion,  // one at a time: a second checkout is an error, not a wait
};

// What happens to a connection that is given back.
enum class ResetOnReturn : uint8_t {
  kRollback,  // an open transaction is rolled back, settings are restored
  kCommit,    // an open transaction is committed, settings are restored
  kNone,      // settings stay; an open transaction is still rolled back
};

struct PoolOptions {
  PoolKind kind = PoolKind::kQueue;
  // Connections kept open; 0: all of them, without limit.
  int size = 5;
  // Connections beyond `size`, closed when they come back; -1: without limit.
  int max_overflow = 10;
  // How long Connect waits when the caller gives no deadline.
  absl::Duration timeout = absl::Seconds(30);
  // Hand out the connection that was used last, so that others can age.
  bool last_in_first_out = false;
  // Connections older than this are replaced, each at its own moment in the
  // last tenth of the time.
  absl::Duration recycle = absl::InfiniteDuration();
  // Whether a connection idle for longer than `pre_ping_window` is asked for a
  // sign of life before it is handed out.
  bool pre_ping = true;
  absl::Duration pre_ping_window = absl::Seconds(1);
  ResetOnReturn reset = ResetOnReturn::kRollback;
  // Time for resetting a connection; one that takes longer is closed.
  absl::Duration reset_timeout = absl::Seconds(5);
  // Prepared statements kept by each connection.
  int statement_cache_size = 256;
  // Log who holds a connection for longer than this, once a checkout.
  absl::Duration leak_threshold = absl::InfiniteDuration();
  // Log when this part of all connections comes into use; above 1: never.
  double warn_at_use = 2.0;
};

// Errors: kInvalidArgument, naming the option.
absl::Status ValidatePoolOptions(const PoolOptions& options);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_POOL_OPTIONS_H_
