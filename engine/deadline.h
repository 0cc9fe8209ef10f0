// How long a call may take, and the clock that tells.
//
//   connection.Ping(Deadline::After(absl::Seconds(2)));
//
// Deadlines count on a steady clock: a jump of the wall clock moves none. Every
// part of Cupel that waits takes a Clock, so that a test can turn time forward
// without sleeping.

#ifndef CUPEL_ENGINE_DEADLINE_H_
#define CUPEL_ENGINE_DEADLINE_H_

#include <cstdint>

#include "absl/base/config.h"
#include "absl/time/time.h"

namespace absl {
ABSL_NAMESPACE_BEGIN
class Condition;
class Mutex;
ABSL_NAMESPACE_END
}  // namespace absl

namespace cupel::engine {

class Deadline;

// A source of time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // The machine's clock. Lives for ever.
  static Clock& Real();

  // Time since some fixed moment; never goes back.
  virtual absl::Duration SteadyNow() = 0;

  // Time of day, for what people read; may jump.
  virtual absl::Time WallNow() = 0;

  virtual void Sleep(absl::Duration duration) = 0;

  // Waits until `condition` holds or `deadline` is over. Returns whether the
  // condition holds. Requires: the caller holds `mutex`, and still does after.
  virtual bool Await(absl::Mutex& mutex, const absl::Condition& condition,
                     const Deadline& deadline) = 0;
};

// The moment at which a call has to give up. A value: copy it along, so that
// all steps of one call share the same moment.
class Deadline {
 public:
  // Never: what a default-made deadline is.
  constexpr Deadline() = default;
  static constexpr Deadline Infinite() { return Deadline(); }

  // `timeout` from now; an infinite one is Infinite(). `clock` must outlive the
  // deadline.
  static Deadline After(absl::Duration timeout, Clock& clock = Clock::Real());

  bool is_infinite() const { return clock_ == nullptr; }

  // What it counts on; the machine's clock for an infinite one.
  Clock& clock() const { return clock_ == nullptr ? Clock::Real() : *clock_; }

  // Zero once it is over, absl::InfiniteDuration() of an infinite one.
  absl::Duration Remaining() const;
  bool IsOver() const { return Remaining() <= absl::ZeroDuration(); }

  // Remaining() for interfaces that count in milliseconds: rounded up, so that
  // waiting that long is not too short; -1 for infinite; at most INT_MAX.
  int RemainingMilliseconds() const;

  // The one that comes first. Both must count on the same clock.
  static Deadline Earlier(const Deadline& a, const Deadline& b);

 private:
  Clock* clock_ = nullptr;
  absl::Duration at_ = absl::InfiniteDuration();
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_DEADLINE_H_
