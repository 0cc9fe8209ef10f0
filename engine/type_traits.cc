#include "cupel/engine/type_traits.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"

namespace cupel {
namespace engine_internal {

using engine::ErrorKind;
using engine::MakeError;
using engine::ValueKindName;

absl::Status WrongKind(ValueKind expected, const ValueView& cell) {
  return MakeError(
      ErrorKind::kTypeMismatch,
      absl::StrCat("expected ", ValueKindName(expected), ", found ",
                   cell.DebugString(),
                   ": correct the stored value or the mapped type"));
}

absl::Status UnexpectedNull(ValueKind expected) {
  return MakeError(ErrorKind::kTypeMismatch,
                   absl::StrCat("null in a non-null ", ValueKindName(expected),
                                ": map the column as std::optional"));
}

absl::Status IntegerOutOfRange() {
  return MakeError(ErrorKind::kTooBig,
                   "integer out of range: the type on the other side is "
                   "smaller");
}

namespace {

constexpr absl::CivilDay kEpochDay(1970, 1, 1);
// Half of what is rounded to.
constexpr absl::Duration kHalfMicro = absl::Nanoseconds(500);

// Microseconds of a duration, to nearest; false beyond 64 bits.
bool RoundToMicros(absl::Duration duration, int64_t* micros) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  absl::Duration rounded =
      absl::Floor(duration + kHalfMicro, absl::Microseconds(1));
  if (rounded > absl::Microseconds(kMax) ||
      rounded < absl::Microseconds(std::numeric_limits<int64_t>::min())) {
    return false;
  }
  *micros = absl::ToInt64Microseconds(rounded);
  return true;
}

bool SameMicros(absl::Duration a, absl::Duration b) {
  if (a == b) return true;
  int64_t x = 0;
  int64_t y = 0;
  return RoundToMicros(a, &x) && RoundToMicros(b, &y) && x == y;
}

absl::Status TimeOutOfRange() {
  return MakeError(ErrorKind::kTooBig,
                   "time out of range: microseconds are kept in 64 bits");
}

absl::Status InfiniteTime() {
  return MakeError(ErrorKind::kInvalidValue,
                   "an infinite time cannot be stored: use std::optional for "
                   "a time that may be missing");
}

}  // namespace
}  // namespace engine_internal

using engine::BoundValue;
using engine::ErrorKind;
using engine::MakeError;
using engine::ValueKind;
using engine::ValueView;
using engine_internal::ExpectKind;

absl::Status TypeTraits<double>::Read(const ValueView& cell, double* out) {
  if (cell.kind() == ValueKind::kInt64) {
    int64_t value = cell.int64_value();
    auto nearest = static_cast<double>(value);
    // 2^63 is a double but no int64.
    if (nearest >= 0x1p63 || static_cast<int64_t>(nearest) != value) {
      return engine_internal::IntegerOutOfRange();
    }
    *out = nearest;
    return absl::OkStatus();
  }
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kDouble, cell));
  *out = cell.double_value();
  return absl::OkStatus();
}

absl::Status TypeTraits<float>::Read(const ValueView& cell, float* out) {
  double value = 0;
  CUPEL_RETURN_IF_ERROR(TypeTraits<double>::Read(cell, &value));
  auto nearest = static_cast<float>(value);
  bool inexact_integer =
      cell.kind() == ValueKind::kInt64 && double{nearest} != value;
  if (inexact_integer || (std::isinf(nearest) && !std::isinf(value))) {
    return MakeError(ErrorKind::kTooBig,
                     "number out of range of a float: map it as double");
  }
  *out = nearest;
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::string_view>::Bind(absl::string_view value,
                                                 BoundValue* out) {
  CUPEL_RETURN_IF_ERROR(engine::ValidateUtf8(value));
  out->view = ValueView::Text(value);
  return absl::OkStatus();
}

absl::Status TypeTraits<std::string>::Read(const ValueView& cell,
                                           std::string* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kText, cell));
  absl::string_view text = cell.bytes();
  CUPEL_RETURN_IF_ERROR(engine::ValidateUtf8(text));
  out->assign(text.data(), text.size());
  return absl::OkStatus();
}

void TypeTraits<Bytes>::Bind(const Bytes& value, BoundValue* out) {
  out->view = ValueView::Blob(absl::string_view(
      reinterpret_cast<const char*>(value.data()), value.size()));
}

absl::Status TypeTraits<Bytes>::Read(const ValueView& cell, Bytes* out) {
  if (cell.kind() != ValueKind::kText) {
    CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kBlob, cell));
  }
  out->assign(cell.bytes().begin(), cell.bytes().end());
  return absl::OkStatus();
}

absl::Status TypeTraits<Decimal>::Read(const ValueView& cell, Decimal* out) {
  if (cell.kind() == ValueKind::kInt64) {
    *out = Decimal(cell.int64_value());
    return absl::OkStatus();
  }
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kDecimal, cell));
  *out = cell.decimal();
  return absl::OkStatus();
}

absl::Status TypeTraits<Uuid>::Read(const ValueView& cell, Uuid* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kUuid, cell));
  *out = cell.uuid();
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::CivilDay>::Bind(absl::CivilDay value,
                                              BoundValue* out) {
  // Far below where the difference of days itself could overflow.
  constexpr int64_t kMaxYear = 5'000'000;
  if (value.year() > kMaxYear || value.year() < -kMaxYear) {
    return MakeError(ErrorKind::kTooBig, "date out of range");
  }
  out->view =
      ValueView::Date(static_cast<int32_t>(value - engine_internal::kEpochDay));
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::CivilDay>::Read(const ValueView& cell,
                                              absl::CivilDay* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kDate, cell));
  *out = engine_internal::kEpochDay + cell.date_days();
  return absl::OkStatus();
}

absl::Status TypeTraits<TimeOfDay>::Read(const ValueView& cell,
                                         TimeOfDay* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kTime, cell));
  CUPEL_ASSIGN_OR_RETURN(*out, TimeOfDay::FromMicros(cell.time_micros()));
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::Time>::Bind(absl::Time value, BoundValue* out) {
  if (value == absl::InfiniteFuture() || value == absl::InfinitePast()) {
    return engine_internal::InfiniteTime();
  }
  int64_t micros = 0;
  if (!engine_internal::RoundToMicros(value - absl::UnixEpoch(), &micros)) {
    return engine_internal::TimeOutOfRange();
  }
  out->view = ValueView::Timestamp(micros);
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::Time>::Read(const ValueView& cell,
                                          absl::Time* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kTimestamp, cell));
  *out = absl::FromUnixMicros(cell.timestamp_micros());
  return absl::OkStatus();
}

bool TypeTraits<absl::Time>::Equal(absl::Time a, absl::Time b) {
  return engine_internal::SameMicros(a - absl::UnixEpoch(),
                                     b - absl::UnixEpoch());
}

absl::Status TypeTraits<absl::Duration>::Bind(absl::Duration value,
                                              BoundValue* out) {
  if (value == absl::InfiniteDuration() || value == -absl::InfiniteDuration()) {
    return engine_internal::InfiniteTime();
  }
  int64_t micros = 0;
  if (!engine_internal::RoundToMicros(value, &micros)) {
    return engine_internal::TimeOutOfRange();
  }
  out->view = ValueView::Interval(micros);
  return absl::OkStatus();
}

absl::Status TypeTraits<absl::Duration>::Read(const ValueView& cell,
                                              absl::Duration* out) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kInterval, cell));
  *out = absl::Microseconds(cell.interval_micros());
  return absl::OkStatus();
}

bool TypeTraits<absl::Duration>::Equal(absl::Duration a, absl::Duration b) {
  return engine_internal::SameMicros(a, b);
}

}  // namespace cupel
