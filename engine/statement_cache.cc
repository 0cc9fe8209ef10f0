#include "cupel/engine/statement_cache.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/statement.h"

namespace cupel::engine {

Statement* StatementCache::Find(absl::string_view sql) {
  Hint& hint = HintOf(sql);
  Statement* statement = hint.statement;
  if (statement == nullptr || hint.text != sql.data() ||
      statement->sql_ != sql) {
    auto it = by_sql_.find(sql);
    statement = it == by_sql_.end() ? nullptr : it->second;
    if (statement != nullptr) hint = {sql.data(), statement};
  }
  if (statement == nullptr || statement->in_use_) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  if (statement != newest_) {
    Unlink(statement);
    Link(statement);
  }
  return statement;
}

Statement* StatementCache::Peek(absl::string_view sql) const {
  auto it = by_sql_.find(sql);
  return it == by_sql_.end() ? nullptr : it->second;
}

Statement* StatementCache::Insert(std::string sql,
                                  std::unique_ptr<DriverStatement> driver) {
  auto* statement = new Statement(std::move(sql), std::move(driver));
  if (by_sql_.contains(statement->sql_)) return statement;
  // Idle statements make room; one in use is left for a later insertion.
  for (Statement* old = oldest_;
       by_sql_.size() >= capacity_ && old != nullptr;) {
    Statement* next = old->newer_;
    if (!old->in_use_) {
      Evict(old);
      Destroy(old);
      ++evictions_;
    }
    old = next;
  }
  statement->cached_ = true;
  by_sql_.emplace(statement->sql_, statement);
  Link(statement);
  return statement;
}

void StatementCache::Release(Statement* statement) {
  statement->in_use_ = false;
  if (!statement->cached_) Destroy(statement);
}

void StatementCache::Evict(Statement* statement) {
  if (!statement->cached_) return;
  statement->cached_ = false;
  by_sql_.erase(statement->sql_);
  for (Hint& hint : hints_) {
    if (hint.statement == statement) hint = {};
  }
  Unlink(statement);
}

void StatementCache::Clear() {
  while (oldest_ != nullptr) {
    Statement* statement = oldest_;
    Evict(statement);
    Destroy(statement);
  }
}

void StatementCache::Abandon() {
  for (Statement* s = oldest_; s != nullptr; s = s->newer_) {
    static_cast<void>(s->driver_.release());
  }
  Clear();
}

std::string StatementCache::last_sql() const {
  absl::MutexLock lock(&last_mutex_);
  const Statement* statement = last_.load(std::memory_order_acquire);
  return statement != nullptr ? statement->sql_ : kept_;
}

void StatementCache::Link(Statement* statement) {
  statement->older_ = newest_;
  statement->newer_ = nullptr;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = statement;
  newest_ = statement;
}

void StatementCache::Unlink(Statement* statement) {
  (statement->newer_ != nullptr ? statement->newer_->older_ : newest_) =
      statement->older_;
  (statement->older_ != nullptr ? statement->older_->newer_ : oldest_) =
      statement->newer_;
}

void StatementCache::Destroy(Statement* statement) {
  {
    // Also when it is not the last one: a reader may be copying its text.
    absl::MutexLock lock(&last_mutex_);
    if (last_.load(std::memory_order_relaxed) == statement) {
      kept_ = statement->sql_;
      last_.store(nullptr, std::memory_order_release);
    }
  }
  delete statement;
}

}  // namespace cupel::engine
