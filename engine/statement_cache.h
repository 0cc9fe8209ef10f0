// The prepared statements of a connection. Internal to this layer.

#ifndef CUPEL_ENGINE_STATEMENT_CACHE_H_
#define CUPEL_ENGINE_STATEMENT_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/statement.h"

namespace cupel::engine {

// The statements of one connection, least recently used first out. Confined to
// its connection, but for last_sql().
class StatementCache {
 public:
  // Keeps `capacity` statements, at least one, and those in use.
  explicit StatementCache(size_t capacity)
      : capacity_(capacity == 0 ? 1 : capacity) {}
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;
  ~StatementCache() { Clear(); }

  // The idle statement of this text, now the most recently used; null when
  // there is none or it is in use.
  Statement* Find(absl::string_view sql);

  // The statement of this text, idle or not, without counting; null if none.
  Statement* Peek(absl::string_view sql) const;

  // Takes a new statement in, evicting idle ones beyond the capacity. It stays
  // outside of the cache when one of that text is there already; then Release
  // destroys it.
  Statement* Insert(std::string sql, std::unique_ptr<DriverStatement> driver);

  // Ends a use: destroys what is not cached.
  void Release(Statement* statement);

  // Forgets an idle or running statement: it is destroyed when it is released.
  void Evict(Statement* statement);

  // Destroys all. None is in use.
  void Clear();

  // Forgets all without destroying them: their connection belongs to another
  // process.
  void Abandon();

  // Notes what is being executed, for reports from other threads.
  void NoteExecuted(const Statement* statement) {
    last_.store(statement, std::memory_order_release);
  }

  // The text last executed. Thread-safe.
  std::string last_sql() const ABSL_LOCKS_EXCLUDED(last_mutex_);

  size_t size() const { return by_sql_.size(); }
  size_t capacity() const { return capacity_; }
  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  uint64_t evictions() const { return evictions_; }

 private:
  // A statement by the address of its caller's text: texts of compiled queries
  // stay where they are. A hint only: the text itself is compared, too.
  struct Hint {
    const char* text = nullptr;
    Statement* statement = nullptr;
  };
  Hint& HintOf(absl::string_view sql) {
    const auto at = reinterpret_cast<uintptr_t>(sql.data());
    return hints_[((at >> 4) ^ (at >> 12)) % hints_.size()];
  }

  void Link(Statement* statement);
  void Unlink(Statement* statement);
  void Destroy(Statement* statement) ABSL_LOCKS_EXCLUDED(last_mutex_);

  const size_t capacity_;
  absl::flat_hash_map<absl::string_view, Statement*> by_sql_;
  std::array<Hint, 64> hints_;
  Statement* newest_ = nullptr;
  Statement* oldest_ = nullptr;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
  uint64_t evictions_ = 0;

  // The lock is for readers in other threads and for destruction only, so that
  // executing never takes it.
  mutable absl::Mutex last_mutex_;
  mutable std::string kept_ ABSL_GUARDED_BY(last_mutex_);
  std::atomic<const Statement*> last_{nullptr};
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_STATEMENT_CACHE_H_
