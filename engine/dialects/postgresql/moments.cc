#include "cupel/engine/dialects/postgresql/moments.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/wire.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ValueKind;
using engine::ValueView;

constexpr int64_t kMicrosOfSecond = 1'000'000;
constexpr int64_t kMicrosOfDay = 86'400 * kMicrosOfSecond;
constexpr int32_t kEpochDays = 10957;  // 1970-01-01 to 2000-01-01
constexpr int64_t kEpochMicros = kEpochDays * kMicrosOfDay;

// The server's limits, in its own count: 4714-11-24 BC, and the years 5874898
// and 294277.
constexpr int32_t kMinDate = -2451545;
constexpr int32_t kEndDate = 2145031949;
constexpr int64_t kMinTimestamp = int64_t{-211813488000000000};
constexpr int64_t kEndTimestamp = int64_t{9223371331200000000};

MomentResult AppendDate(int64_t days, std::string* out) {
  days -= kEpochDays;
  if (days < kMinDate || days >= kEndDate) return MomentResult::kOutOfRange;
  AppendBigEndian(static_cast<int32_t>(days), out);
  return MomentResult::kOk;
}

MomentResult AppendTimestamp(int64_t micros, std::string* out) {
  if (micros < kMinTimestamp + kEpochMicros) return MomentResult::kOutOfRange;
  micros -= kEpochMicros;
  if (micros >= kEndTimestamp) return MomentResult::kOutOfRange;
  AppendBigEndian(micros, out);
  return MomentResult::kOk;
}

MomentResult AppendMidnight(int64_t days, std::string* out) {
  if (days < kMinDate + kEpochDays ||
      days >= kEndTimestamp / kMicrosOfDay + kEpochDays) {
    return MomentResult::kOutOfRange;
  }
  const int64_t micros = (days - kEpochDays) * kMicrosOfDay;
  AppendBigEndian(micros, out);
  return MomentResult::kOk;
}

// False when the sum does not fit.
bool AddDays(int64_t days, int64_t micros, int64_t* total) {
  return !__builtin_mul_overflow(days, kMicrosOfDay, total) &&
         !__builtin_add_overflow(*total, micros, total);
}

// "-02:03:04.5"
bool ReadClock(absl::string_view text, int64_t* micros) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  const size_t hours_end = text.find(':');
  const size_t minutes_end = hours_end + 3;
  if (hours_end == text.npos || text.size() < hours_end + 6 ||
      text[minutes_end] != ':') {
    return false;
  }
  int64_t hours = 0;
  int64_t minutes = 0;
  const auto seconds = engine::Decimal::Parse(text.substr(minutes_end + 1));
  if (!absl::SimpleAtoi(text.substr(0, hours_end), &hours) ||
      !absl::SimpleAtoi(text.substr(hours_end + 1, 2), &minutes) ||
      !seconds.ok()) {
    return false;
  }
  const auto fraction = seconds->ToUnscaledInt64(6);
  if (!fraction.ok() ||
      __builtin_mul_overflow(hours, 3600 * kMicrosOfSecond, micros) ||
      __builtin_add_overflow(
          *micros, minutes * 60 * kMicrosOfSecond + *fraction, micros)) {
    return false;
  }
  if (negative) *micros = -*micros;
  return true;
}

bool ReadInterval(absl::string_view bytes, ValueView* out) {
  if (bytes.size() != 16) return false;
  const auto micros = ReadBigEndian<int64_t>(bytes.data());
  const auto days = ReadBigEndian<int32_t>(bytes.data() + 8);
  const auto months = ReadBigEndian<int32_t>(bytes.data() + 12);
  int64_t total = 0;
  if (months != 0) {
    *out = ValueView::Text("an interval with months");
  } else if (!AddDays(days, micros, &total)) {
    *out = ValueView::Text("an interval beyond 292277 years");
  } else {
    *out = ValueView::Interval(total);
  }
  return true;
}

bool ReadTimestamp(absl::string_view bytes, ValueView* out) {
  if (bytes.size() != 8) return false;
  const auto micros = ReadBigEndian<int64_t>(bytes.data());
  if (micros == std::numeric_limits<int64_t>::max()) {
    *out = ValueView::Text("infinity");
  } else if (micros == std::numeric_limits<int64_t>::min()) {
    *out = ValueView::Text("-infinity");
  } else if (micros > std::numeric_limits<int64_t>::max() - kEpochMicros) {
    *out = ValueView::Text("a timestamp beyond the year 294246");
  } else {
    *out = ValueView::Timestamp(micros + kEpochMicros);
  }
  return true;
}

bool ReadDate(absl::string_view bytes, ValueView* out) {
  if (bytes.size() != 4) return false;
  const auto days = ReadBigEndian<int32_t>(bytes.data());
  if (days == std::numeric_limits<int32_t>::max()) {
    *out = ValueView::Text("infinity");
  } else if (days == std::numeric_limits<int32_t>::min()) {
    *out = ValueView::Text("-infinity");
  } else if (days > std::numeric_limits<int32_t>::max() - kEpochDays) {
    return false;  // no server has such a date
  } else {
    *out = ValueView::Date(days + kEpochDays);
  }
  return true;
}

}  // namespace

MomentResult AppendMoment(const ValueView& value, TypeId type,
                          std::string* out) {
  const bool is_timestamp = type == kTimestampId || type == kTimestamptzId;
  switch (value.kind()) {
    case ValueKind::kDate:
      if (type == kDateId) return AppendDate(value.date_days(), out);
      if (is_timestamp) return AppendMidnight(value.date_days(), out);
      return MomentResult::kMismatch;
    case ValueKind::kTime:
      if (type != kTimeId) return MomentResult::kMismatch;
      if (value.time_micros() < 0 || value.time_micros() >= kMicrosOfDay) {
        return MomentResult::kOutOfRange;
      }
      AppendBigEndian(value.time_micros(), out);
      return MomentResult::kOk;
    case ValueKind::kTimestamp:
      if (!is_timestamp) return MomentResult::kMismatch;
      return AppendTimestamp(value.timestamp_micros(), out);
    case ValueKind::kInterval:
      if (type != kIntervalId) return MomentResult::kMismatch;
      AppendBigEndian(value.interval_micros(), out);
      AppendBigEndian(int32_t{0}, out);  // days
      AppendBigEndian(int32_t{0}, out);  // months
      return MomentResult::kOk;
    default:
      return MomentResult::kMismatch;
  }
}

bool ReadIntervalText(absl::string_view text, ValueView* out) {
  int64_t days = 0;
  int64_t micros = 0;
  int64_t total = 0;
  if (const size_t day = text.find(" day"); day != text.npos) {
    if (!absl::SimpleAtoi(text.substr(0, day), &days)) return false;
    text.remove_prefix(day + 4);
    absl::ConsumePrefix(&text, "s");
    absl::ConsumePrefix(&text, " ");
    if (text.empty()) text = "00:00:00";
  }
  if (!ReadClock(text, &micros) || !AddDays(days, micros, &total)) return false;
  *out = ValueView::Interval(total);
  return true;
}

bool ReadMoment(TypeId type, absl::string_view bytes, ValueView* out) {
  switch (type) {
    case kDateId:
      return ReadDate(bytes, out);
    case kTimeId: {
      if (bytes.size() != 8) return false;
      const auto micros = ReadBigEndian<int64_t>(bytes.data());
      // 24:00 is a time there.
      *out = micros < kMicrosOfDay ? ValueView::Time(micros)
                                   : ValueView::Text("24:00:00");
      return true;
    }
    case kTimestampId:
    case kTimestamptzId:
      return ReadTimestamp(bytes, out);
    case kIntervalId:
      return ReadInterval(bytes, out);
    default:
      return false;
  }
}

}  // namespace cupel::postgresql_internal
