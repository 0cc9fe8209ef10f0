#include "cupel/engine/time_of_day.h"

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {

absl::StatusOr<TimeOfDay> TimeOfDay::Create(int hour, int minute, int second,
                                            int micros) {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59 || micros < 0 || micros > 999'999) {
    return MakeError(ErrorKind::kTooBig, "time of day out of range");
  }
  int64_t seconds = (int64_t{hour} * 60 + minute) * 60 + second;
  return FromMicros(seconds * 1'000'000 + micros);
}

absl::StatusOr<TimeOfDay> TimeOfDay::FromMicros(int64_t micros_since_midnight) {
  if (micros_since_midnight < 0 || micros_since_midnight >= kMicrosPerDay) {
    return MakeError(ErrorKind::kTooBig, "time of day out of range");
  }
  TimeOfDay time;
  time.micros_ = micros_since_midnight;
  return time;
}

absl::StatusOr<TimeOfDay> TimeOfDay::Parse(absl::string_view text) {
  CUPEL_ASSIGN_OR_RETURN(int64_t micros, ParseIsoTime(text));
  return FromMicros(micros);
}

std::string TimeOfDay::ToString() const {
  std::string text;
  AppendIsoTime(micros_, &text);
  return text;
}

}  // namespace cupel::engine
