// StatementCache: compiled statements by shape, bounded in bytes.
//
//   query::StatementCache cache({.max_bytes = 4 << 20});
//   CUPEL_ASSIGN_OR_RETURN(auto compiled,
//                          cache.GetOrCompile(statement, engine.dialect()));
//
// The key is the statement's structural hash, checked by a walk over both
// trees; bound values and the length of IN lists are not part of it. An error
// is not cached. A hit allocates nothing and waits for no other hit.

#ifndef CUPEL_QUERY_STATEMENT_CACHE_H_
#define CUPEL_QUERY_STATEMENT_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/engine.h"
#include "cupel/query/compiled.h"
#include "cupel/query/statement.h"

namespace cupel::query {

struct StatementCacheOptions {
  // Beyond this, entries are dropped that were not used lately (oldest first,
  // with a second chance); 0 caches nothing.
  size_t max_bytes = 8 << 20;
};

// Thread-safe. Keeps alive the statements it has compiled, not the schema
// tables: those must outlive it.
class StatementCache {
 public:
  struct Counters {
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t compiles = 0;
    uint64_t evictions = 0;
    size_t entries = 0;
    size_t bytes = 0;
  };

  explicit StatementCache(const StatementCacheOptions& options = {});
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  // The compiled form of `statement`, from the cache if it holds the shape.
  // Sets `*was_cached` if given. Errors: those of Compile.
  absl::StatusOr<std::shared_ptr<const Compiled>> GetOrCompile(
      const Statement& statement, const engine::Dialect& dialect,
      bool* was_cached = nullptr);

  Counters counters() const;
  void Clear();

 private:
  struct Entry {
    Entry(uint64_t key, std::shared_ptr<const Compiled> compiled, size_t bytes)
        : key(key), compiled(std::move(compiled)), bytes(bytes) {}
    const uint64_t key;
    const std::shared_ptr<const Compiled> compiled;
    const size_t bytes;
    // Since it was last considered for eviction.
    std::atomic<bool> used{false};
  };
  using Entries = std::list<Entry>;

  static uint64_t KeyOf(const Statement& statement,
                        const engine::Dialect& dialect);
  std::shared_ptr<const Compiled> Find(uint64_t key) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Insert(uint64_t key, std::shared_ptr<const Compiled> compiled)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Evict() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // Next to be considered last.
  std::unordered_map<uint64_t, Entries::iterator> by_key_
      ABSL_GUARDED_BY(mutex_);
  Counters counters_ ABSL_GUARDED_BY(mutex_);  // but for hits
  std::atomic<uint64_t> hits_{0};
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_STATEMENT_CACHE_H_
