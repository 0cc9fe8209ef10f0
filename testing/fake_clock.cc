#include "cupel/testing/fake_clock.h"

#include <algorithm>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"

namespace cupel::testing {

absl::Duration FakeClock::SteadyNow() {
  return absl::Nanoseconds(now_nanos_.load());
}

absl::Time FakeClock::WallNow() {
  return absl::FromUnixSeconds(1767225600) + SteadyNow() +
         absl::Nanoseconds(wall_jump_nanos_.load());
}

void FakeClock::Sleep(absl::Duration duration) {
  {
    absl::MutexLock lock(&mutex_);
    sleeps_.push_back(duration);
  }
  Advance(duration);
}

bool FakeClock::Await(absl::Mutex& mutex, const absl::Condition& condition,
                      const engine::Deadline& deadline)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (skips_waits_ && !condition.Eval() && !deadline.is_infinite()) {
    now_nanos_ += absl::ToInt64Nanoseconds(deadline.Remaining());
  }
  struct Wait {
    const absl::Condition& condition;
    const engine::Deadline& deadline;
    bool Over() const { return condition.Eval() || deadline.IsOver(); }
  } wait{condition, deadline};
  {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(&mutex);
  }
  mutex.Await(absl::Condition(&wait, &Wait::Over));
  {
    absl::MutexLock lock(&mutex_);
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &mutex));
  }
  return condition.Eval();
}

void FakeClock::Advance(absl::Duration duration) {
  now_nanos_ += absl::ToInt64Nanoseconds(duration);
  std::vector<absl::Mutex*> waiting;
  {
    absl::MutexLock lock(&mutex_);
    waiting = waiting_;
  }
  // Releasing a mutex looks at the conditions of who waits for it.
  for (absl::Mutex* mutex : waiting) {
    mutex->Lock();
    mutex->Unlock();
  }
}

void FakeClock::JumpWallClock(absl::Duration duration) {
  wall_jump_nanos_ += absl::ToInt64Nanoseconds(duration);
}

void FakeClock::AwaitWaiters(int count) const {
  struct Wanted {
    const std::vector<absl::Mutex*>& waiting;
    size_t count;
    bool Enough() const { return waiting.size() >= count; }
  };
  absl::MutexLock lock(&mutex_);
  Wanted wanted{waiting_, static_cast<size_t>(count)};
  mutex_.Await(absl::Condition(&wanted, &Wanted::Enough));
}

std::vector<absl::Duration> FakeClock::sleeps() const {
  absl::MutexLock lock(&mutex_);
  return sleeps_;
}

}  // namespace cupel::testing
