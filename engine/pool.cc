#include "cupel/engine/pool.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/fork.h"
#include "cupel/engine/log_text.h"
#include "cupel/engine/pool_entry.h"
#include "cupel/engine/pool_ledger.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr size_t kShownStatementBytes = 120;

PoolLedger::Limits LimitsOf(const PoolOptions& options) {
  switch (options.kind) {
    case PoolKind::kNull:
      return {.keep = 0, .max = PoolLedger::kUnlimited};
    case PoolKind::kStatic:
    case PoolKind::kAssertion:
      return {.keep = 1, .max = 1};
    case PoolKind::kQueue:
      break;
  }
  PoolLedger::Limits limits;
  limits.last_in_first_out = options.last_in_first_out;
  if (options.size == 0) {
    limits.keep = limits.max = PoolLedger::kUnlimited;
    return limits;
  }
  limits.keep = static_cast<size_t>(options.size);
  limits.max = options.max_overflow < 0
                   ? PoolLedger::kUnlimited
                   : limits.keep + static_cast<size_t>(options.max_overflow);
  return limits;
}

std::string ThreadName(std::thread::id id) {
  std::ostringstream out;
  out << id;
  return out.str();
}

absl::Status InvalidOption(absl::string_view name, absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("pool option ", name, " must be ", rule));
}

absl::Status ClosedError() {
  return MakeError(ErrorKind::kInterrupted,
                   "the engine is closed: create another one to connect");
}

absl::Status StoppedError() {
  return MakeError(ErrorKind::kInterrupted,
                   "waiting for a connection was stopped by its stop token");
}

absl::Duration Jittered(absl::Duration pause) {
  thread_local absl::InsecureBitGen generator;
  return pause * absl::Uniform(generator, 0.5, 1.0);
}

}  // namespace

absl::Status ValidatePoolOptions(const PoolOptions& options) {
  if (options.size < 0) return InvalidOption("size", "0 or more");
  if (options.max_overflow < -1) {
    return InvalidOption("max_overflow", "-1 or more");
  }
  if (options.timeout < absl::ZeroDuration()) {
    return InvalidOption("timeout", "0 or more");
  }
  if (options.recycle <= absl::ZeroDuration()) {
    return InvalidOption("recycle", "more than 0");
  }
  if (options.statement_cache_size < 1) {
    return InvalidOption("statement_cache_size", "1 or more");
  }
  return absl::OkStatus();
}

Pool::Pool(PoolOptions options, Opener opener, Events& events, Clock& clock,
           Log log)
    : options_(std::move(options)),
      opener_(std::move(opener)),
      events_(events),
      clock_(clock),
      log_(std::move(log)),
      ledger_(std::make_unique<PoolLedger>(LimitsOf(options_))),
      fork_count_(ForkCount()) {}

Pool::~Pool() { Close(); }

PoolCounters Pool::counters() const {
  absl::MutexLock lock(&mutex_);
  PoolCounters result = counts_;
  result.size = static_cast<size_t>(options_.size);
  result.checked_in = ledger_->idle();
  result.checked_out = ledger_->in_use();
  result.overflow = ledger_->overflow();
  result.waiting = ledger_->waiting();
  result.connects = connects_.load(std::memory_order_relaxed);
  result.closes = closes_.load(std::memory_order_relaxed);
  result.invalidations = invalidations_.load(std::memory_order_relaxed);
  return result;
}

std::string Pool::Status() const {
  absl::MutexLock lock(&mutex_);
  return StatusLocked();
}

std::vector<PoolHolder> Pool::Holders() const {
  absl::MutexLock lock(&mutex_);
  return HoldersLocked();
}

void Pool::Dispose() {
  generation_.fetch_add(1, std::memory_order_relaxed);
  std::vector<PoolEntry*> idle;
  {
    absl::MutexLock lock(&mutex_);
    NoticeFork();
    idle = ledger_->TakeIdle();
  }
  DiscardAll(std::move(idle), "disposed");
}

void Pool::AbandonIdle() {
  std::vector<PoolEntry*> idle;
  {
    absl::MutexLock lock(&mutex_);
    NoticeFork();
    idle = ledger_->TakeIdle();
  }
  for (PoolEntry* entry : idle) {
    entry->statements.Abandon();
    entry->driver->Abandon();
    static_cast<void>(entry->driver.release());
  }
  DiscardAll(std::move(idle), "abandoned");
}

void Pool::InvalidateAll() {
  generation_.fetch_add(1, std::memory_order_relaxed);
  Tell(PoolAction::kSoftInvalidate, PoolEntry(1), "asked for").IgnoreError();
}

void Pool::Close() {
  std::vector<PoolEntry*> idle;
  {
    absl::MutexLock lock(&mutex_);
    NoticeFork();
    ledger_->Close();
    idle = ledger_->TakeIdle();
  }
  DiscardAll(std::move(idle), "engine closed");
}

absl::StatusOr<PoolEntry*> Pool::Checkout(Deadline deadline, Location origin,
                                          std::stop_token stop) {
  if (deadline.is_infinite()) {
    deadline = Deadline::After(options_.timeout, clock_);
  }
  if (stop.stop_requested()) return StoppedError();
  PoolEntry* entry = nullptr;
  std::string warnings;
  {
    PoolLedger::Waiter waiter;
    absl::MutexLock lock(&mutex_);
    NoticeFork();
    if (options_.kind == PoolKind::kAssertion && held_ != nullptr) {
      return MakeError(
          ErrorKind::kMisuse,
          absl::StrCat("a connection is already checked out, from ",
                       held_->holder.origin.ToString(),
                       "; the assertion pool allows one at a time"));
    }
    if (!ledger_->Request(&waiter)) {
      CUPEL_RETURN_IF_ERROR(WaitFor(waiter, deadline, stop));
    }
    entry =
        waiter.entry != nullptr
            ? waiter.entry
            : new PoolEntry(static_cast<size_t>(options_.statement_cache_size));
    Hold(*entry, origin);
    warnings = Warnings();
  }
  if (!warnings.empty()) log_(warnings);
  absl::Status status = MakeReady(*entry, deadline, origin);
  if (!status.ok()) {
    Discard(entry);
    return status;
  }
  return entry;
}

absl::Status Pool::WaitFor(PoolLedger::Waiter& waiter, Deadline deadline,
                           const std::stop_token& stop) {
  if (waiter.settled) return ClosedError();
  const absl::Duration begin = clock_.SteadyNow();
  struct Wait {
    bool& settled;
    bool stopped = false;
    bool over() const { return settled || stopped; }
  } wait{waiter.settled};
  // In another thread; never in this one, which checked before the lock.
  auto on_stop = [this, &wait] {
    absl::MutexLock lock(&mutex_);
    wait.stopped = true;
  };
  const absl::Condition over(&wait, &Wait::over);
  if (stop.stop_possible()) {
    // The callback takes the lock, also when it is run or waited for by the
    // callback object itself.
    mutex_.Unlock();
    {
      std::stop_callback callback(stop, on_stop);
      mutex_.Lock();
      clock_.Await(mutex_, over, deadline);
      mutex_.Unlock();
    }
    mutex_.Lock();
  } else {
    clock_.Await(mutex_, over, deadline);
  }
  const absl::Duration waited = clock_.SteadyNow() - begin;
  ++counts_.waits;
  counts_.total_wait += waited;
  counts_.longest_wait = std::max(counts_.longest_wait, waited);
  if (waiter.granted) return absl::OkStatus();
  if (waiter.settled) return ClosedError();
  absl::Status error;
  if (wait.stopped) {
    error = StoppedError();
  } else {
    ++counts_.timeouts;
    error = TimeoutError(waited);
  }
  ledger_->Withdraw(&waiter);
  return error;
}

void Pool::Return(PoolEntry* entry, bool usable) {
  if (IsInherited(*entry)) {
    // The books of this process never held it.
    Invalidate(*entry, "inherited by a child process");
    delete entry;
    return;
  }
  if (entry->detached) {
    CloseDriver(*entry, PoolAction::kCloseDetached, "returned");
    {
      absl::MutexLock lock(&mutex_);
      --counts_.detached;
    }
    delete entry;
    return;
  }
  Tell(PoolAction::kCheckin, *entry, "returned").IgnoreError();
  entry->returned_at = clock_.SteadyNow();
  if (usable && entry->driver != nullptr && entry->driver->is_alive() &&
      IsFresh(*entry)) {
    absl::MutexLock lock(&mutex_);
    if (ledger_->GiveBack(entry)) {
      LetGo(*entry);
      return;
    }
  }
  CloseDriver(*entry, PoolAction::kClose, "returned");
  Discard(entry);
}

void Pool::Invalidate(PoolEntry& entry, absl::string_view reason) {
  if (entry.driver == nullptr) return;
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  Tell(PoolAction::kInvalidate, entry, reason).IgnoreError();
  CloseDriver(entry, PoolAction::kClose, reason);
}

absl::Status Pool::Reopen(PoolEntry& entry, Deadline deadline) {
  if (deadline.is_infinite()) {
    deadline = Deadline::After(options_.timeout, clock_);
  }
  return Open(entry, deadline);
}

void Pool::NoteLost(const PoolEntry& entry) {
  // The first of many connections that fail together counts for all.
  uint64_t generation = entry.generation;
  if (generation_.compare_exchange_strong(generation, generation + 1,
                                          std::memory_order_relaxed)) {
    Tell(PoolAction::kSoftInvalidate, entry, "a connection was lost")
        .IgnoreError();
  }
}

void Pool::Detach(PoolEntry& entry) {
  if (entry.detached) return;
  Tell(PoolAction::kDetach, entry, "asked for").IgnoreError();
  entry.detached = true;
  absl::MutexLock lock(&mutex_);
  LetGo(entry);
  ledger_->Drop();
  ++counts_.detached;
}

bool Pool::IsInherited(const PoolEntry& entry) {
  return entry.driver != nullptr && entry.fork_count != ForkCount();
}

absl::Status Pool::MakeReady(PoolEntry& entry, Deadline deadline,
                             Location origin) {
  if (entry.driver != nullptr && !IsFresh(entry)) {
    CloseDriver(entry, PoolAction::kClose, "replaced");
  }
  if (entry.driver != nullptr && !PassesPing(entry, deadline)) {
    NoteLost(entry);
    Invalidate(entry, "no sign of life");
  }
  if (entry.driver == nullptr) {
    CUPEL_RETURN_IF_ERROR(Open(entry, deadline));
  }
  absl::Status refused = Tell(PoolAction::kCheckout, entry, "", origin);
  if (!refused.ok()) {
    CloseDriver(entry, PoolAction::kClose, "refused by a listener");
  }
  return refused;
}

absl::Status Pool::Open(PoolEntry& entry, Deadline deadline) {
  absl::Duration pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    entry.generation = generation_.load(std::memory_order_relaxed);
    entry.fork_count = ForkCount();
    entry.info.clear();
    auto opened = opener_(deadline);
    if (opened.ok()) {
      entry.driver = *std::move(opened);
      break;
    }
    auto info = GetErrorInfo(opened.status());
    const absl::Duration wait = Jittered(pause);
    if (!info || info->retry != Retry::kAfterBackoff ||
        deadline.Remaining() <= wait) {
      if (!info || attempt == 1) return opened.status();
      info->attempts = attempt;
      return WithErrorInfo(opened.status(), *info);
    }
    clock_.Sleep(wait);
    pause = std::min(2 * pause, kLongestPause);
    absl::MutexLock lock(&mutex_);
    if (ledger_->closed()) return ClosedError();
  }
  entry.id = last_id_.fetch_add(1, std::memory_order_relaxed) + 1;
  entry.opened_at = clock_.SteadyNow();
  if (options_.recycle != absl::InfiniteDuration()) {
    thread_local absl::InsecureBitGen generator;
    entry.expires_at =
        entry.opened_at + options_.recycle * absl::Uniform(generator, 0.9, 1.0);
  }
  if (connects_.fetch_add(1, std::memory_order_relaxed) == 0) {
    Tell(PoolAction::kFirstConnect, entry, "").IgnoreError();
  }
  absl::Status refused = Tell(PoolAction::kConnect, entry, "");
  if (!refused.ok()) {
    CloseDriver(entry, PoolAction::kClose, "refused by a listener");
  }
  return refused;
}

bool Pool::IsFresh(const PoolEntry& entry) const {
  return entry.generation == generation_.load(std::memory_order_relaxed) &&
         (entry.expires_at == absl::InfiniteDuration() ||
          clock_.SteadyNow() < entry.expires_at);
}

bool Pool::PassesPing(PoolEntry& entry, Deadline deadline) {
  if (!entry.driver->is_alive()) return false;
  if (!options_.pre_ping ||
      clock_.SteadyNow() - entry.returned_at <= options_.pre_ping_window) {
    return true;
  }
  return entry.driver->Ping(deadline).ok();
}

void Pool::CloseDriver(PoolEntry& entry, PoolAction action,
                       absl::string_view reason) {
  if (entry.driver == nullptr) return;
  if (IsInherited(entry)) {
    entry.statements.Abandon();
    entry.driver->Abandon();
    // The client's own clean-up might talk on the parent's socket.
    static_cast<void>(entry.driver.release());
    return;
  }
  Tell(action, entry, reason).IgnoreError();
  entry.statements.Clear();
  entry.driver->Close();
  entry.driver.reset();
  closes_.fetch_add(1, std::memory_order_relaxed);
}

void Pool::Discard(PoolEntry* entry) {
  {
    absl::MutexLock lock(&mutex_);
    LetGo(*entry);
    ledger_->Drop();
  }
  delete entry;
}

void Pool::DiscardAll(std::vector<PoolEntry*> entries,
                      absl::string_view reason) {
  for (PoolEntry* entry : entries) {
    CloseDriver(*entry, PoolAction::kClose, reason);
    {
      absl::MutexLock lock(&mutex_);
      ledger_->Drop();
    }
    delete entry;
  }
}

absl::Status Pool::Tell(PoolAction action, const PoolEntry& entry,
                        absl::string_view reason, Location origin) const {
  if (!events_.wants(Events::kPool)) return absl::OkStatus();
  return events_.Tell(PoolEvent{.action = action,
                                .connection_id = entry.id,
                                .connection = entry.driver.get(),
                                .reason = reason,
                                .origin = origin});
}

void Pool::Hold(PoolEntry& entry, Location origin) {
  entry.holder = {.origin = origin,
                  .thread = std::this_thread::get_id(),
                  .since = clock_.SteadyNow()};
  entry.previous_held = nullptr;
  entry.next_held = held_;
  if (held_ != nullptr) held_->previous_held = &entry;
  held_ = &entry;
  ++counts_.checkouts;
}

void Pool::LetGo(PoolEntry& entry) {
  (entry.previous_held != nullptr ? entry.previous_held->next_held : held_) =
      entry.next_held;
  if (entry.next_held != nullptr) {
    entry.next_held->previous_held = entry.previous_held;
  }
  entry.previous_held = entry.next_held = nullptr;
}

// A child process starts with empty books: what its parent holds is not its
// business, and what lies idle must not be spoken on.
void Pool::NoticeFork() {
  if (fork_count_ == ForkCount()) return;
  fork_count_ = ForkCount();
  for (PoolEntry* entry : ledger_->TakeIdle()) {
    entry->statements.Abandon();
    entry->driver->Abandon();
    static_cast<void>(entry->driver.release());
    delete entry;
  }
  const bool closed = ledger_->closed();
  ledger_ = std::make_unique<PoolLedger>(LimitsOf(options_));
  if (closed) ledger_->Close();
  held_ = nullptr;
}

std::string Pool::Warnings() {
  std::string out;
  const size_t max = ledger_->limits().max;
  const bool full =
      max != PoolLedger::kUnlimited &&
      static_cast<double>(ledger_->in_use()) >= options_.warn_at_use * max;
  if (full && !warned_of_use_) {
    absl::StrAppend(&out, "warning: ", StatusLocked(), "; ");
  }
  warned_of_use_ = full;
  if (options_.leak_threshold != absl::InfiniteDuration()) {
    const absl::Duration now = clock_.SteadyNow();
    for (PoolEntry* entry = held_; entry != nullptr; entry = entry->next_held) {
      const absl::Duration age = now - entry->holder.since;
      if (age <= options_.leak_threshold || entry->holder.reported) continue;
      entry->holder.reported = true;
      absl::StrAppend(&out, "warning: connection ", entry->id.load(),
                      " has been checked out for ", absl::FormatDuration(age),
                      " at ", entry->holder.origin.ToString(), "; ");
    }
  }
  if (!out.empty()) out.resize(out.size() - 2);
  return out;
}

std::string Pool::StatusLocked() const {
  const size_t max = ledger_->limits().max;
  const std::string overflow = max == PoolLedger::kUnlimited
                                   ? "unlimited"
                                   : absl::StrCat(max - ledger_->limits().keep);
  return absl::StrCat("pool size ",
                      ledger_->limits().keep == PoolLedger::kUnlimited
                          ? "unlimited"
                          : absl::StrCat(ledger_->limits().keep),
                      ", overflow ", ledger_->overflow(), " of ", overflow,
                      ", checked in ", ledger_->idle(), ", checked out ",
                      ledger_->in_use(), ", waiting ", ledger_->waiting());
}

std::vector<PoolHolder> Pool::HoldersLocked() const {
  const absl::Duration now = clock_.SteadyNow();
  std::vector<PoolHolder> holders;
  for (const PoolEntry* entry = held_; entry != nullptr;
       entry = entry->next_held) {
    holders.push_back({.connection_id = entry->id,
                       .place = entry->holder.origin.ToString(),
                       .thread = ThreadName(entry->holder.thread),
                       .age = now - entry->holder.since,
                       .last_statement = LogText(entry->statements.last_sql(),
                                                 kShownStatementBytes)});
  }
  std::stable_sort(
      holders.begin(), holders.end(),
      [](const PoolHolder& a, const PoolHolder& b) { return a.age > b.age; });
  return holders;
}

absl::Status Pool::TimeoutError(absl::Duration waited) const {
  std::string text = absl::StrCat("no connection came free within ",
                                  absl::FormatDuration(waited), ": ",
                                  StatusLocked(), "; held by");
  absl::string_view separator = " ";
  for (const PoolHolder& holder : HoldersLocked()) {
    absl::StrAppend(&text, separator, holder.place, " (thread ", holder.thread,
                    ", for ", absl::FormatDuration(holder.age));
    if (holder.last_statement.empty()) {
      absl::StrAppend(&text, ", no statement yet)");
    } else {
      absl::StrAppend(&text, ", last statement: ", holder.last_statement, ")");
    }
    separator = ", ";
  }
  absl::StrAppend(&text, "; ", counts_.waits, " waits so far, longest ",
                  absl::FormatDuration(counts_.longest_wait), ", mean ",
                  absl::FormatDuration(counts_.total_wait / counts_.waits),
                  "; hold connections for a shorter time or raise "
                  "PoolOptions::size");
  ErrorInfo info;
  info.kind = ErrorKind::kPoolTimeout;
  info.retry = Retry::kAfterBackoff;
  return MakeError(std::move(info), text);
}

}  // namespace cupel::engine
