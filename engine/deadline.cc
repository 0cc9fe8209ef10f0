#include "cupel/engine/deadline.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace cupel::engine {
namespace {

class RealClock final : public Clock {
 public:
  absl::Duration SteadyNow() override {
    return absl::FromChrono(
        std::chrono::steady_clock::now().time_since_epoch());
  }

  absl::Time WallNow() override { return absl::Now(); }

  void Sleep(absl::Duration duration) override { absl::SleepFor(duration); }

  bool Await(absl::Mutex& mutex, const absl::Condition& condition,
             const Deadline& deadline) override {
    // absl waits on the wall clock: wait again for what a jump has cut off.
    for (;;) {
      absl::Duration remaining = deadline.Remaining();
      if (mutex.AwaitWithTimeout(condition, remaining)) return true;
      if (deadline.IsOver()) return false;
    }
  }
};

}  // namespace

Clock& Clock::Real() {
  static RealClock* const clock = new RealClock;
  return *clock;
}

Deadline Deadline::After(absl::Duration timeout, Clock& clock) {
  Deadline deadline;
  if (timeout == absl::InfiniteDuration()) return deadline;
  deadline.clock_ = &clock;
  deadline.at_ = clock.SteadyNow() + timeout;
  return deadline;
}

absl::Duration Deadline::Remaining() const {
  if (is_infinite()) return absl::InfiniteDuration();
  return std::max(at_ - clock_->SteadyNow(), absl::ZeroDuration());
}

int Deadline::RemainingMilliseconds() const {
  if (is_infinite()) return -1;
  int64_t milliseconds =
      absl::ToInt64Milliseconds(absl::Ceil(Remaining(), absl::Milliseconds(1)));
  return static_cast<int>(
      std::min<int64_t>(milliseconds, std::numeric_limits<int>::max()));
}

Deadline Deadline::Earlier(const Deadline& a, const Deadline& b) {
  return b.at_ < a.at_ ? b : a;
}

}  // namespace cupel::engine
