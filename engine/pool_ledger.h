// The books of a pool: how many connections there are, which are idle, and who
// waits. No locks, no input or output, no time: Pool adds those, and a test can
// walk through millions of states. Internal to this layer.
//
// Every connection that is open, being opened or being closed is counted from
// the grant that allowed it to the Drop that ends it, so that there are never
// more than the limit. A waiter gets its turn in the order of arrival; each
// connection that comes free goes to exactly one.

#ifndef CUPEL_ENGINE_POOL_LEDGER_H_
#define CUPEL_ENGINE_POOL_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

namespace cupel::engine {

struct PoolEntry;

// Thread-compatible.
class PoolLedger {
 public:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

  struct Limits {
    size_t keep = 5;  // connections that stay when they are not in use
    size_t max = 15;
    bool last_in_first_out = false;
  };

  // One request, on the stack of who waits for it.
  struct Waiter {
    bool settled = false;  // granted or refused
    bool granted = false;
    // The grant: an idle connection, or null for the right to open one.
    PoolEntry* entry = nullptr;

   private:
    friend class PoolLedger;
    bool queued = false;
    Waiter* previous = nullptr;
    Waiter* next = nullptr;
  };

  explicit PoolLedger(Limits limits) : limits_(limits) {}

  // Grants at once (true), or queues the waiter, or refuses it when closed.
  bool Request(Waiter* waiter);

  // Takes a waiter out of the queue. No effect on one that is settled: a grant
  // that came first is to be given back.
  void Withdraw(Waiter* waiter);

  // A usable connection is back: goes to the first waiter or becomes idle.
  // False: it is one too many; close it, then Drop.
  bool GiveBack(PoolEntry* entry);

  // A counted connection is gone, or its opening failed: its place goes to the
  // first waiter, as the right to open one.
  void Drop();

  // Takes out all idle connections; close each, then Drop.
  std::vector<PoolEntry*> TakeIdle();

  // Refuses all waiters, and whoever comes from now on.
  void Close();

  bool closed() const { return closed_; }
  size_t total() const { return total_; }
  size_t idle() const { return idle_.size(); }
  size_t in_use() const { return total_ - idle_.size(); }
  size_t waiting() const { return waiting_; }
  size_t overflow() const {
    return total_ > limits_.keep ? total_ - limits_.keep : 0;
  }
  const Limits& limits() const { return limits_; }

 private:
  void Settle(Waiter* waiter, bool granted, PoolEntry* entry);
  void Unlink(Waiter* waiter);

  const Limits limits_;
  std::deque<PoolEntry*> idle_;  // front: returned longest ago
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  size_t waiting_ = 0;
  size_t total_ = 0;
  bool closed_ = false;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_POOL_LEDGER_H_
