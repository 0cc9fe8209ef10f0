#include "cupel/query/statement_cache.h"

#include <atomic>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "cupel/query/node.h"

namespace cupel::query {
namespace {

// What an entry costs besides its Compiled.
constexpr size_t kEntryBytes = 160;

}  // namespace

StatementCache::StatementCache(const StatementCacheOptions& options)
    : max_bytes_(options.max_bytes) {}

uint64_t StatementCache::KeyOf(const Statement& statement,
                               const engine::Dialect& dialect) {
  return statement.shape_hash() ^
         (reinterpret_cast<uintptr_t>(&dialect) * 0x9e3779b97f4a7c15u);
}

absl::StatusOr<std::shared_ptr<const Compiled>> StatementCache::GetOrCompile(
    const Statement& statement, const engine::Dialect& dialect,
    bool* was_cached) {
  if (was_cached != nullptr) *was_cached = false;
  if (statement.empty()) return Compile(statement, dialect);
  const uint64_t key = KeyOf(statement, dialect);
  std::shared_ptr<const Compiled> candidate = Find(key);
  // Compared outside of the lock: trees may be large.
  if (candidate != nullptr && candidate->dialect == &dialect &&
      query_internal::SameShape(*candidate->statement, *statement.node())) {
    if (was_cached != nullptr) *was_cached = true;
    hits_.fetch_add(1, std::memory_order_relaxed);
    return candidate;
  }
  absl::StatusOr<std::shared_ptr<const Compiled>> compiled =
      Compile(statement, dialect);
  const absl::MutexLock lock(&mutex_);
  ++counters_.misses;
  ++counters_.compiles;
  if (compiled.ok()) Insert(key, *compiled);
  return compiled;
}

std::shared_ptr<const Compiled> StatementCache::Find(uint64_t key) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  Entry& entry = *found->second;
  // Written once, so that threads do not take the line from one another.
  if (!entry.used.load(std::memory_order_relaxed)) {
    entry.used.store(true, std::memory_order_relaxed);
  }
  return entry.compiled;
}

void StatementCache::Insert(uint64_t key,
                            std::shared_ptr<const Compiled> compiled) {
  const size_t bytes = compiled->bytes() + kEntryBytes;
  if (bytes > max_bytes_) return;
  // Two shapes of one hash: the newer one stays.
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) {
    counters_.bytes -= known->second->bytes;
    entries_.erase(known->second);
    by_key_.erase(known);
  }
  entries_.emplace_front(key, std::move(compiled), bytes);
  by_key_[key] = entries_.begin();
  counters_.bytes += bytes;
  Evict();
}

void StatementCache::Evict() {
  while (counters_.bytes > max_bytes_) {
    Entry& oldest = entries_.back();
    if (oldest.used.exchange(false, std::memory_order_relaxed)) {
      entries_.splice(entries_.begin(), entries_, std::prev(entries_.end()));
      continue;
    }
    counters_.bytes -= oldest.bytes;
    by_key_.erase(oldest.key);
    entries_.pop_back();
    ++counters_.evictions;
  }
}

StatementCache::Counters StatementCache::counters() const {
  const absl::ReaderMutexLock lock(&mutex_);
  Counters counters = counters_;
  counters.hits = hits_.load(std::memory_order_relaxed);
  counters.entries = entries_.size();
  return counters;
}

void StatementCache::Clear() {
  const absl::MutexLock lock(&mutex_);
  by_key_.clear();
  entries_.clear();
  counters_.bytes = 0;
}

}  // namespace cupel::query
