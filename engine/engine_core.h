// What the handles of one engine share. Internal to this layer.

#ifndef CUPEL_ENGINE_ENGINE_CORE_H_
#define CUPEL_ENGINE_ENGINE_CORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/engine_options.h"
#include "cupel/engine/events.h"
#include "cupel/engine/pool.h"
#include "cupel/engine/url.h"

namespace cupel::engine {

// Thread-safe; all but the extensions is fixed once it is made.
struct EngineCore {
  EngineCore(EngineOptions options, Url url)
      : options(std::move(options)), url(std::move(url)) {}

  const EngineOptions options;
  const Url url;
  std::shared_ptr<const Dialect> dialect;
  Clock* clock = nullptr;
  Events events;
  // The engine's own listeners: its log. They hear the pool's end, too.
  std::vector<Subscription> listeners;
  std::unique_ptr<Pool> pool;
  std::atomic<uint64_t> last_execution{0};

  absl::Mutex mutex;
  absl::flat_hash_map<const void*, std::shared_ptr<void>> extensions
      ABSL_GUARDED_BY(mutex);
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ENGINE_CORE_H_
