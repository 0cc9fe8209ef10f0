// How late the machine was to run a thread that wanted to: what a busy machine
// adds to every measured time.
//
//   StallWatch watch;
//   const CallWatch call(watch);
//   ...
//   EXPECT_LE(call.Elapsed(), limit + call.Stalled());

#ifndef CUPEL_TESTING_DIALECTS_STALL_WATCH_H_
#define CUPEL_TESTING_DIALECTS_STALL_WATCH_H_

#include <sched.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace cupel::testing {

// Watches from its construction to its end. Thread-safe.
class StallWatch {
 public:
  // Each processor for itself: a virtual one may stand still alone, and with it
  // what waits for its clock.
  StallWatch() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof(allowed), &allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed)) continue;
      watchers_.push_back(std::make_unique<Watcher>(cpu));
      if (watchers_.size() == kMostWatchers) break;
    }
  }

  // By how much its short sleeps that ended after `begin` were too long, those
  // together that were a millisecond too long or more: a call waits more than
  // once.
  absl::Duration StallsSince(absl::Time begin) const {
    absl::Duration sum;
    for (const auto& watcher : watchers_) sum += watcher->StallsSince(begin);
    return sum;
  }

 private:
  static constexpr size_t kMostWatchers = 16;
  static constexpr absl::Duration kTick = absl::Milliseconds(2);

  class Watcher {
   public:
    explicit Watcher(int cpu) : thread_([this, cpu] { Run(cpu); }) {}
    ~Watcher() {
      {
        absl::MutexLock lock(&mutex_);
        over_ = true;
      }
      thread_.join();
    }

    absl::Duration StallsSince(absl::Time begin) const {
      absl::MutexLock lock(&mutex_);
      absl::Duration sum = Counted(absl::Now() - last_ - kTick);
      for (auto it = stalls_.rbegin(); it != stalls_.rend(); ++it) {
        if (it->first < begin) break;
        sum += it->second;
      }
      return sum;
    }

   private:
    static absl::Duration Counted(absl::Duration stall) {
      return stall < absl::Milliseconds(1) ? absl::ZeroDuration() : stall;
    }

    void Run(int cpu) {
      cpu_set_t own;
      CPU_ZERO(&own);
      CPU_SET(cpu, &own);
      sched_setaffinity(0, sizeof(own), &own);
      absl::MutexLock lock(&mutex_);
      last_ = absl::Now();
      while (!over_) {
        mutex_.AwaitWithTimeout(absl::Condition(&over_), kTick);
        const absl::Time now = absl::Now();
        const absl::Duration stall = Counted(now - last_ - kTick);
        if (stall > absl::ZeroDuration()) stalls_.emplace_back(now, stall);
        last_ = now;
      }
    }

    mutable absl::Mutex mutex_;
    bool over_ ABSL_GUARDED_BY(mutex_) = false;
    absl::Time last_ ABSL_GUARDED_BY(mutex_) = absl::Now();
    std::vector<std::pair<absl::Time, absl::Duration>> stalls_
        ABSL_GUARDED_BY(mutex_);
    std::thread thread_;
  };

  std::vector<std::unique_ptr<Watcher>> watchers_;
};

// One call of this thread, from the construction on. Thread-compatible.
class CallWatch {
 public:
  // `watch` must outlive it.
  explicit CallWatch(const StallWatch& watch) : watch_(watch) {}

  absl::Duration Elapsed() const { return absl::Now() - begin_; }
  // What of that the machine took: this thread waited to be run, and so did
  // that of the watch, which stands for others that the call needs.
  absl::Duration Stalled() const {
    return watch_.StallsSince(begin_) + RunDelay() - run_delay_;
  }

 private:
  // How long this thread has waited to be run so far; zero where the system
  // does not tell.
  static absl::Duration RunDelay() {
    std::ifstream file("/proc/thread-self/schedstat");
    int64_t ran = 0;
    int64_t waited = 0;
    file >> ran >> waited;
    return absl::Nanoseconds(file ? waited : 0);
  }

  const StallWatch& watch_;
  const absl::Duration run_delay_ = RunDelay();
  const absl::Time begin_ = absl::Now();
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_STALL_WATCH_H_
