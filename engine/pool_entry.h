// A connection as its pool sees it. Internal to this layer.

#ifndef CUPEL_ENGINE_POOL_ENTRY_H_
#define CUPEL_ENGINE_POOL_ENTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/time/time.h"
#include "cupel/engine/connection_info.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/location.h"
#include "cupel/engine/statement_cache.h"

namespace cupel::engine {

// Used by its holder, or by the pool while it is idle.
struct PoolEntry {
  explicit PoolEntry(size_t statement_capacity)
      : statements(statement_capacity) {}

  // Of the connection that is open: a reopened one has another. Also read for
  // reports.
  std::atomic<uint64_t> id{0};
  std::unique_ptr<DriverConnection> driver;  // null: to be opened
  StatementCache statements;
  ConnectionInfo info;
  uint64_t generation = 0;
  uint64_t fork_count = 0;
  bool detached = false;

  // On the pool's clock.
  absl::Duration opened_at;
  absl::Duration returned_at;
  absl::Duration expires_at = absl::InfiniteDuration();

  // The holder, for reports: guarded by the pool's mutex.
  struct Holder {
    Location origin;
    std::thread::id thread;
    absl::Duration since;
    bool reported = false;
  };
  Holder holder;
  PoolEntry* previous_held = nullptr;
  PoolEntry* next_held = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_POOL_ENTRY_H_
