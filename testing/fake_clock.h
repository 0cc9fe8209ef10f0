// A clock that a test turns forward by hand: no test sleeps.
//
//   FakeClock clock;
//   EngineOptions options{.uri = "fake://", .clock = &clock};
//   std::thread waiter([&] { engine.Connect(...); });
//   clock.AwaitWaiters(1);
//   clock.Advance(absl::Seconds(31));
//   waiter.join();

#ifndef CUPEL_TESTING_FAKE_CLOCK_H_
#define CUPEL_TESTING_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"

namespace cupel::testing {

// Starts at 2026-01-01 00:00:00 UTC and stands still. Thread-safe. Deadlines
// that it waits for must have been made with it.
class FakeClock : public engine::Clock {
 public:
  FakeClock() = default;

  absl::Duration SteadyNow() override;
  absl::Time WallNow() override;

  // Turns the clock forward by `duration` and returns at once.
  void Sleep(absl::Duration duration) override;

  bool Await(absl::Mutex& mutex, const absl::Condition& condition,
             const engine::Deadline& deadline) override;

  // Turns the clock forward, and wakes who waits.
  void Advance(absl::Duration duration);

  // Moves the time of day only, as an administrator does.
  void JumpWallClock(absl::Duration duration);

  // From now on a wait that cannot end by itself turns the clock to its
  // deadline at once: for tests with one thread.
  void set_skips_waits(bool skips) { skips_waits_ = skips; }

  // Returns when `count` threads are inside Await.
  void AwaitWaiters(int count) const;

  // What Sleep was asked for, in order.
  std::vector<absl::Duration> sleeps() const;

 private:
  std::atomic<int64_t> now_nanos_{0};
  std::atomic<int64_t> wall_jump_nanos_{0};
  std::atomic<bool> skips_waits_{false};
  mutable absl::Mutex mutex_;
  std::vector<absl::Mutex*> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Duration> sleeps_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_FAKE_CLOCK_H_
