// A time of the day without date and zone, to the microsecond: what SQL calls
// TIME.
//
//   CUPEL_ASSIGN_OR_RETURN(TimeOfDay opening, TimeOfDay::Create(9, 30));

#ifndef CUPEL_ENGINE_TIME_OF_DAY_H_
#define CUPEL_ENGINE_TIME_OF_DAY_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// A value: 00:00:00 up to 23:59:59.999999. There is neither 24:00 nor a leap
// second.
class TimeOfDay {
 public:
  static constexpr int64_t kMicrosPerDay = int64_t{86'400} * 1'000'000;

  constexpr TimeOfDay() = default;  // midnight

  // Errors: kOutOfRange when a part is outside of its range.
  static absl::StatusOr<TimeOfDay> Create(int hour, int minute, int second = 0,
                                          int micros = 0);
  static absl::StatusOr<TimeOfDay> FromMicros(int64_t micros_since_midnight);

  // Reads "HH:MM[:SS[.ffffff]]". Errors: kInvalidArgument.
  static absl::StatusOr<TimeOfDay> Parse(absl::string_view text);

  // "09:30:00.000000"
  std::string ToString() const;

  constexpr int hour() const { return Part(3'600'000'000, 24); }
  constexpr int minute() const { return Part(60'000'000, 60); }
  constexpr int second() const { return Part(1'000'000, 60); }
  constexpr int micros() const { return Part(1, 1'000'000); }
  constexpr int64_t micros_since_midnight() const { return micros_; }

  friend bool operator==(const TimeOfDay&, const TimeOfDay&) = default;
  friend auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const TimeOfDay& time) {
    return H::combine(std::move(h), time.micros_);
  }

 private:
  constexpr int Part(int64_t unit, int64_t modulus) const {
    return static_cast<int>(micros_ / unit % modulus);
  }

  int64_t micros_ = 0;
};

}  // namespace cupel::engine

namespace cupel {
using engine::TimeOfDay;
}  // namespace cupel

#endif  // CUPEL_ENGINE_TIME_OF_DAY_H_
