#include "cupel/engine/pool_ledger.h"

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "cupel/engine/pool_entry.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

TEST(PoolLedgerTest, ServesWaitersInOrder) {
  PoolLedger ledger({.keep = 1, .max = 1});
  PoolLedger::Waiter holder, first, second;
  ASSERT_TRUE(ledger.Request(&holder));
  EXPECT_FALSE(ledger.Request(&first));
  EXPECT_FALSE(ledger.Request(&second));
  PoolEntry entry(1);
  EXPECT_TRUE(ledger.GiveBack(&entry));
  EXPECT_TRUE(first.granted);
  EXPECT_EQ(first.entry, &entry);
  EXPECT_FALSE(second.settled);
  ledger.Drop();
  EXPECT_TRUE(second.granted);
  EXPECT_EQ(second.entry, nullptr);
}

// A reference of few lines, to compare with.
struct Model {
  size_t keep, max;
  std::deque<PoolEntry*> idle;
  std::list<int> queue;
  size_t total = 0;
};

// Random schedules of request, return, withdraw and drop, each step compared
// with the model. The seed is printed by the trace.
void Walk(unsigned seed, int operations) {
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const size_t keep = random() % 4;
  Model model{keep, keep + 1 + random() % 4};
  PoolLedger ledger({.keep = model.keep, .max = model.max});
  std::list<PoolLedger::Waiter> waiters;
  std::list<PoolLedger::Waiter*> queue;  // as the model sees it
  std::vector<std::unique_ptr<PoolEntry>> entries;
  std::vector<PoolEntry*> held;
  size_t opening = 0;  // granted without a connection yet

  const auto granted = [&](PoolLedger::Waiter* waiter) {
    ASSERT_TRUE(waiter->granted);
    if (waiter->entry != nullptr) {
      held.push_back(waiter->entry);
    } else {
      ++opening;
    }
  };
  const auto serve_first = [&] {
    PoolLedger::Waiter* first = queue.front();
    queue.pop_front();
    granted(first);
  };
  const auto take_held = [&] {
    const size_t i = random() % held.size();
    PoolEntry* entry = held[i];
    held.erase(held.begin() + static_cast<long>(i));
    return entry;
  };

  for (int i = 0; i < operations; ++i) {
    switch (random() % 6) {
      case 0:
      case 1: {  // request
        PoolLedger::Waiter* waiter = &waiters.emplace_back();
        const bool at_once =
            queue.empty() && (!model.idle.empty() || model.total < model.max);
        ASSERT_EQ(ledger.Request(waiter), at_once);
        if (!at_once) {
          queue.push_back(waiter);
        } else if (!model.idle.empty()) {
          ASSERT_EQ(waiter->entry, model.idle.front());
          model.idle.pop_front();
          granted(waiter);
        } else {
          ++model.total;
          granted(waiter);
        }
        break;
      }
      case 2: {  // a connection is open
        if (opening == 0) break;
        --opening;
        entries.push_back(std::make_unique<PoolEntry>(1));
        held.push_back(entries.back().get());
        break;
      }
      case 3: {  // return
        if (held.empty()) break;
        PoolEntry* entry = take_held();
        const bool kept = ledger.GiveBack(entry);
        if (!queue.empty()) {
          ASSERT_TRUE(kept);
          serve_first();
          ASSERT_EQ(held.back(), entry);
        } else if (model.total <= model.keep) {
          ASSERT_TRUE(kept);
          model.idle.push_back(entry);
        } else {
          ASSERT_FALSE(kept);
          ledger.Drop();
          --model.total;
        }
        break;
      }
      case 4: {  // a connection is lost, or cannot be opened
        if (opening > 0 && random() % 2 == 0) {
          --opening;
        } else if (!held.empty()) {
          take_held();
        } else {
          break;
        }
        ledger.Drop();
        if (!queue.empty()) {
          serve_first();
        } else {
          --model.total;
        }
        break;
      }
      case 5: {  // a waiter gives up
        if (queue.empty()) break;
        auto it = queue.begin();
        std::advance(it, static_cast<long>(random() % queue.size()));
        ledger.Withdraw(*it);
        ASSERT_FALSE((*it)->settled);
        queue.erase(it);
        break;
      }
    }
    ASSERT_EQ(ledger.total(), model.total);
    ASSERT_EQ(ledger.idle(), model.idle.size());
    ASSERT_EQ(ledger.waiting(), queue.size());
    ASSERT_EQ(ledger.in_use(), held.size() + opening);
    ASSERT_LE(ledger.total(), model.max);
    ASSERT_LE(ledger.idle(), model.keep);
    // No wake-up was lost: nobody waits while something is free.
    ASSERT_TRUE(queue.empty() ||
                (ledger.idle() == 0 && ledger.total() == model.max));
    for (PoolLedger::Waiter* waiter : queue) ASSERT_FALSE(waiter->settled);
  }
}

TEST(PoolLedgerTest, AgreesWithAModelOverRandomSchedules) {
  for (unsigned seed = 1; seed <= 20; ++seed) Walk(seed, 1000);
}

}  // namespace
}  // namespace cupel::engine
