#include "cupel/engine/pool_ledger.h"

#include <vector>

namespace cupel::engine {

bool PoolLedger::Request(Waiter* waiter) {
  if (closed_) {
    Settle(waiter, false, nullptr);
    return false;
  }
  // While somebody waits nothing is free, so that nobody is overtaken.
  if (first_ == nullptr && !idle_.empty()) {
    PoolEntry* entry = nullptr;
    if (limits_.last_in_first_out) {
      entry = idle_.back();
      idle_.pop_back();
    } else {
      entry = idle_.front();
      idle_.pop_front();
    }
    Settle(waiter, true, entry);
    return true;
  }
  if (first_ == nullptr && total_ < limits_.max) {
    ++total_;
    Settle(waiter, true, nullptr);
    return true;
  }
  waiter->queued = true;
  waiter->previous = last_;
  (last_ != nullptr ? last_->next : first_) = waiter;
  last_ = waiter;
  ++waiting_;
  return false;
}

void PoolLedger::Withdraw(Waiter* waiter) {
  if (waiter->queued) Unlink(waiter);
}

bool PoolLedger::GiveBack(PoolEntry* entry) {
  if (first_ != nullptr) {
    Settle(first_, true, entry);
    return true;
  }
  if (closed_ || total_ > limits_.keep) return false;
  idle_.push_back(entry);
  return true;
}

void PoolLedger::Drop() {
  if (first_ != nullptr) {
    Settle(first_, true, nullptr);
  } else {
    --total_;
  }
}

std::vector<PoolEntry*> PoolLedger::TakeIdle() {
  std::vector<PoolEntry*> entries(idle_.begin(), idle_.end());
  idle_.clear();
  return entries;
}

void PoolLedger::Close() {
  closed_ = true;
  while (first_ != nullptr) Settle(first_, false, nullptr);
}

void PoolLedger::Settle(Waiter* waiter, bool granted, PoolEntry* entry) {
  if (waiter->queued) Unlink(waiter);
  waiter->settled = true;
  waiter->granted = granted;
  waiter->entry = entry;
}

void PoolLedger::Unlink(Waiter* waiter) {
  (waiter->previous != nullptr ? waiter->previous->next : first_) =
      waiter->next;
  (waiter->next != nullptr ? waiter->next->previous : last_) = waiter->previous;
  waiter->previous = waiter->next = nullptr;
  waiter->queued = false;
  --waiting_;
}

}  // namespace cupel::engine
