// How late the machine was to run a thread that wanted to: what a busy machine
// adds to every measured time.

#ifndef CUPEL_TESTING_DIALECTS_STALL_WATCH_H_
#define CUPEL_TESTING_DIALECTS_STALL_WATCH_H_

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
  StallWatch() : thread_([this] { Run(); }) {}
  ~StallWatch() {
    {
      absl::MutexLock lock(&mutex_);
      over_ = true;
    }
    thread_.join();
  }
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  // By how much its short sleeps that ended after `begin` were too long, those
  // together that were a millisecond too long or more: a call waits more than
  // once.
  absl::Duration StallsSince(absl::Time begin) const {
    absl::MutexLock lock(&mutex_);
    absl::Duration sum = Counted(absl::Now() - last_ - kTick);
    for (auto it = stalls_.rbegin(); it != stalls_.rend(); ++it) {
      if (it->first < begin) break;
      sum += Counted(it->second);
    }
    return sum;
  }

 private:
  static constexpr absl::Duration kTick = absl::Milliseconds(2);

  static absl::Duration Counted(absl::Duration stall) {
    return stall < absl::Milliseconds(1) ? absl::ZeroDuration() : stall;
  }

  void Run() {
    absl::MutexLock lock(&mutex_);
    last_ = absl::Now();
    while (!over_) {
      mutex_.AwaitWithTimeout(absl::Condition(&over_), kTick);
      const absl::Time now = absl::Now();
      stalls_.emplace_back(now, now - last_ - kTick);
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

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_STALL_WATCH_H_
