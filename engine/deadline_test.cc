#include "cupel/engine/deadline.h"

#include <limits>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

class ManualClock : public Clock {
 public:
  absl::Duration SteadyNow() override { return now; }
  absl::Time WallNow() override { return absl::UnixEpoch() + now; }
  void Sleep(absl::Duration duration) override { now += duration; }
  bool Await(absl::Mutex&, const absl::Condition& condition,
             const Deadline&) override {
    return condition.Eval();
  }

  absl::Duration now = absl::Hours(1);
};

TEST(DeadlineTest, CountsDownToZero) {
  ManualClock clock;
  Deadline deadline = Deadline::After(absl::Milliseconds(10), clock);
  EXPECT_EQ(deadline.Remaining(), absl::Milliseconds(10));
  clock.Sleep(absl::Microseconds(9500));
  EXPECT_FALSE(deadline.IsOver());
  EXPECT_EQ(deadline.RemainingMilliseconds(), 1);
  clock.Sleep(absl::Hours(1));
  EXPECT_TRUE(deadline.IsOver());
  EXPECT_EQ(deadline.Remaining(), absl::ZeroDuration());
  EXPECT_EQ(deadline.RemainingMilliseconds(), 0);
}

TEST(DeadlineTest, InfiniteNeverComes) {
  ManualClock clock;
  EXPECT_TRUE(Deadline().is_infinite());
  EXPECT_TRUE(Deadline::After(absl::InfiniteDuration(), clock).is_infinite());
  EXPECT_EQ(Deadline::Infinite().RemainingMilliseconds(), -1);
  EXPECT_FALSE(Deadline::Infinite().IsOver());
}

TEST(DeadlineTest, LongOnesFitTheInterfacesOfClients) {
  ManualClock clock;
  EXPECT_EQ(
      Deadline::After(absl::Hours(24 * 365), clock).RemainingMilliseconds(),
      std::numeric_limits<int>::max());
}

TEST(DeadlineTest, TheEarlierOneWins) {
  ManualClock clock;
  Deadline soon = Deadline::After(absl::Seconds(1), clock);
  Deadline late = Deadline::After(absl::Seconds(2), clock);
  EXPECT_EQ(Deadline::Earlier(late, soon).Remaining(), absl::Seconds(1));
  EXPECT_EQ(Deadline::Earlier(soon, Deadline()).Remaining(), absl::Seconds(1));
}

TEST(ClockTest, WaitsForAConditionOrTheDeadline) {
  absl::Mutex mutex;
  bool ready = true;
  absl::MutexLock lock(&mutex);
  EXPECT_TRUE(Clock::Real().Await(mutex, absl::Condition(&ready), Deadline()));
  ready = false;
  EXPECT_FALSE(Clock::Real().Await(mutex, absl::Condition(&ready),
                                   Deadline::After(absl::Milliseconds(1))));
}

}  // namespace
}  // namespace cupel::engine
