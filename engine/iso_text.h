// Dates and times as ISO 8601 text, as databases without types for them keep
// it: "2026-01-02", "03:04:05.000006", "2026-01-02 03:04:05.000006".
//
// Written text sorts like what it says. Years are 0001 to 9999, everything is
// UTC, the calendar is the Gregorian one, also before its time.

#ifndef CUPEL_ENGINE_ISO_TEXT_H_
#define CUPEL_ENGINE_ISO_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// Appends a date, given in days since 1970-01-01. Errors: kOutOfRange outside
// of the years 1 to 9999; `out` is unchanged.
absl::Status AppendIsoDate(int32_t days, std::string* out);

// Appends a time, given in microseconds since midnight, always with six digits
// of fraction. Requires: within one day.
void AppendIsoTime(int64_t micros, std::string* out);

// Appends an instant, given in microseconds since 1970-01-01 00:00:00 UTC.
// Errors: as AppendIsoDate.
absl::Status AppendIsoTimestamp(int64_t micros, std::string* out);

// The reverse. A time may lack its seconds or have up to nine digits of
// fraction, of which those beyond microseconds must be zeros. A timestamp may
// have 'T' for its space and end in 'Z' or an offset (+01:00); without one it
// is UTC. Errors: kDataLoss on other text, dates that do not exist, 24:00 and
// leap seconds.
absl::StatusOr<int32_t> ParseIsoDate(absl::string_view text);
absl::StatusOr<int64_t> ParseIsoTime(absl::string_view text);
absl::StatusOr<int64_t> ParseIsoTimestamp(absl::string_view text);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ISO_TEXT_H_
