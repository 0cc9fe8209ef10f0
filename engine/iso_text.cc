#include "cupel/engine/iso_text.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "cupel/engine/error_info.h"

namespace cupel::engine {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

void AppendDigits(int64_t number, int width, std::string* out) {
  size_t begin = out->size();
  out->resize(begin + static_cast<size_t>(width));
  for (int i = width - 1; i >= 0; --i) {
    (*out)[begin + static_cast<size_t>(i)] =
        static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

// Takes text from its front. Every Take... returns whether it found what it
// was to take.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool TakeChar(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `width` digits.
  bool TakeNumber(size_t width, int* number) {
    if (rest_.size() < width) return false;
    *number = 0;
    for (size_t i = 0; i < width; ++i) {
      char c = rest_[i];
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
      *number = *number * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return true;
  }

  bool TakeDate(int64_t* days) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!TakeNumber(4, &year) || !TakeChar('-') || !TakeNumber(2, &month) ||
        !TakeChar('-') || !TakeNumber(2, &day)) {
      return false;
    }
    absl::CivilDay civil(year, month, day);
    // CivilDay turns February 30th into March 2nd: such a date is none.
    if (year == 0 || civil.month() != month || civil.day() != day) return false;
    *days = civil - kEpoch;
    return true;
  }

  bool TakeTime(int64_t* micros) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t fraction = 0;
    if (!TakeNumber(2, &hour) || !TakeChar(':') || !TakeNumber(2, &minute)) {
      return false;
    }
    if (TakeChar(':') &&
        (!TakeNumber(2, &second) || !TakeFraction(&fraction))) {
      return false;
    }
    if (hour > 23 || minute > 59 || second > 59) return false;
    *micros = ((int64_t{hour} * 60 + minute) * 60 + second) * kMicrosPerSecond +
              fraction;
    return true;
  }

  // An optional zone, as microseconds to add to get UTC.
  bool TakeZone(int64_t* micros) {
    *micros = 0;
    if (at_end() || TakeChar('Z')) return true;
    bool east = TakeChar('+');
    if (!east && !TakeChar('-')) return false;
    int hours = 0;
    int minutes = 0;
    if (!TakeNumber(2, &hours)) return false;
    if (TakeChar(':') && !TakeNumber(2, &minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    int64_t offset = (int64_t{hours} * 60 + minutes) * 60 * kMicrosPerSecond;
    *micros = east ? -offset : offset;
    return true;
  }

 private:
  // An optional point with one to nine digits.
  bool TakeFraction(int64_t* micros) {
    if (!TakeChar('.')) return true;
    int digits = 0;
    int digit = 0;
    for (; TakeNumber(1, &digit); ++digits) {
      if (digits < 6) *micros = *micros * 10 + digit;
      if (digits >= 6 && digit != 0) return false;
    }
    for (int i = digits; i < 6; ++i) *micros *= 10;
    return digits >= 1 && digits <= 9;
  }

  absl::string_view rest_;
};

absl::Status Unreadable(absl::string_view what) {
  return MakeError(ErrorKind::kTypeMismatch, what);
}

}  // namespace

absl::Status AppendIsoDate(int32_t days, std::string* out) {
  absl::CivilDay day = kEpoch + days;
  if (day.year() < 1 || day.year() > 9999) {
    return MakeError(ErrorKind::kTooBig,
                     "date out of range: its year must be 1 to 9999");
  }
  AppendDigits(day.year(), 4, out);
  out->push_back('-');
  AppendDigits(day.month(), 2, out);
  out->push_back('-');
  AppendDigits(day.day(), 2, out);
  return absl::OkStatus();
}

void AppendIsoTime(int64_t micros, std::string* out) {
  int64_t seconds = micros / kMicrosPerSecond;
  AppendDigits(seconds / 3600, 2, out);
  out->push_back(':');
  AppendDigits(seconds / 60 % 60, 2, out);
  out->push_back(':');
  AppendDigits(seconds % 60, 2, out);
  out->push_back('.');
  AppendDigits(micros % kMicrosPerSecond, 6, out);
}

absl::Status AppendIsoTimestamp(int64_t micros, std::string* out) {
  int64_t days = micros / kMicrosPerDay;
  int64_t time = micros % kMicrosPerDay;
  if (time < 0) {
    time += kMicrosPerDay;
    --days;
  }
  absl::Status status = AppendIsoDate(static_cast<int32_t>(days), out);
  if (!status.ok()) return status;
  out->push_back(' ');
  AppendIsoTime(time, out);
  return absl::OkStatus();
}

absl::StatusOr<int32_t> ParseIsoDate(absl::string_view text) {
  Scanner scanner(text);
  int64_t days = 0;
  if (!scanner.TakeDate(&days) || !scanner.at_end()) {
    return Unreadable("the stored text is no date of the form YYYY-MM-DD");
  }
  return static_cast<int32_t>(days);
}

absl::StatusOr<int64_t> ParseIsoTime(absl::string_view text) {
  Scanner scanner(text);
  int64_t micros = 0;
  if (!scanner.TakeTime(&micros) || !scanner.at_end()) {
    return Unreadable("the text is no time of the form HH:MM:SS.ffffff");
  }
  return micros;
}

absl::StatusOr<int64_t> ParseIsoTimestamp(absl::string_view text) {
  Scanner scanner(text);
  int64_t days = 0;
  int64_t time = 0;
  int64_t zone = 0;
  if (!scanner.TakeDate(&days) ||
      (!scanner.TakeChar(' ') && !scanner.TakeChar('T')) ||
      !scanner.TakeTime(&time) || !scanner.TakeZone(&zone) ||
      !scanner.at_end()) {
    return Unreadable(
        "the stored text is no timestamp of the form "
        "YYYY-MM-DD HH:MM:SS.ffffff");
  }
  return days * kMicrosPerDay + time + zone;
}

}  // namespace cupel::engine
