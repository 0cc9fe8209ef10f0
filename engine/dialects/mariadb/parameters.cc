#include "cupel/engine/dialects/mariadb/parameters.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

using engine::ErrorKind;
using engine::ValueKind;
using engine::ValueView;

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
// Type, null bit, length: what a parameter costs besides its bytes.
constexpr size_t kOverheadBytes = 16;

absl::Status NotFinite(size_t i) {
  return MakeDriverError(ErrorKind::kInvalidValue,
                         absl::StrCat("parameter ", i + 1,
                                      " is not a finite number, which mariadb "
                                      "does not keep"));
}

absl::Status NoForm(size_t i, const ValueView& value) {
  return MakeDriverError(
      ErrorKind::kMisuse,
      absl::StrCat("parameter ", i + 1, ", ", value.DebugString(),
                   ", has no form in mariadb: encode it by the codec of its "
                   "type"));
}

void SetTimeOfDay(int64_t micros, MYSQL_TIME* out) {
  const int64_t seconds = micros / kMicrosPerSecond;
  out->second_part = static_cast<unsigned long>(micros % kMicrosPerSecond);
  out->hour = static_cast<unsigned>(seconds / 3600);
  out->minute = static_cast<unsigned>(seconds / 60 % 60);
  out->second = static_cast<unsigned>(seconds % 60);
}

bool SetDate(int64_t days, MYSQL_TIME* out) {
  constexpr int64_t kFirst = -719'162;  // 0001-01-01
  constexpr int64_t kLast = 2'932'896;  // 9999-12-31
  if (days < kFirst || days > kLast) return false;
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
  out->year = static_cast<unsigned>(day.year());
  out->month = static_cast<unsigned>(day.month());
  out->day = static_cast<unsigned>(day.day());
  return true;
}

// The date, time or timestamp as the library has it.
absl::Status SetTemporal(size_t i, const ValueView& value, MYSQL_TIME* out) {
  *out = MYSQL_TIME();
  bool fits = true;
  switch (value.kind()) {
    case ValueKind::kDate:
      out->time_type = MYSQL_TIMESTAMP_DATE;
      fits = SetDate(value.date_days(), out);
      break;
    case ValueKind::kTime:
      out->time_type = MYSQL_TIMESTAMP_TIME;
      fits = value.time_micros() >= 0 && value.time_micros() < kMicrosPerDay;
      if (fits) SetTimeOfDay(value.time_micros(), out);
      break;
    default: {
      out->time_type = MYSQL_TIMESTAMP_DATETIME;
      int64_t days = value.timestamp_micros() / kMicrosPerDay;
      int64_t micros = value.timestamp_micros() % kMicrosPerDay;
      if (micros < 0) {
        micros += kMicrosPerDay;
        --days;
      }
      fits = SetDate(days, out);
      SetTimeOfDay(micros, out);
    }
  }
  if (fits) return absl::OkStatus();
  return MakeDriverError(ErrorKind::kTooBig,
                         absl::StrCat("parameter ", i + 1,
                                      " is outside of the years 1 to 9999 "
                                      "or of a day"));
}

enum_field_types TemporalType(ValueKind kind) {
  if (kind == ValueKind::kDate) return MYSQL_TYPE_DATE;
  return kind == ValueKind::kTime ? MYSQL_TYPE_TIME : MYSQL_TYPE_DATETIME;
}

size_t SizeOf(const ValueView& value) {
  if (value.kind() == ValueKind::kDecimal) return kOverheadBytes + 80;
  return kOverheadBytes + (value.has_bytes() ? value.bytes().size() : 0);
}

}  // namespace

absl::Status Parameters::Set(absl::Span<const ValueView> values) {
  binds_.assign(values.size(), MYSQL_BIND());
  cells_.resize(values.size());
  digits_.resize(values.size());
  size_bytes_ = kOverheadBytes;
  for (size_t i = 0; i < values.size(); ++i) {
    CUPEL_RETURN_IF_ERROR(SetOne(i, values[i]));
    size_bytes_ += SizeOf(values[i]);
  }
  return absl::OkStatus();
}

void Parameters::SetBytes(MYSQL_BIND* bind, enum_field_types type,
                          absl::string_view bytes) {
  bind->buffer_type = type;
  bind->buffer = const_cast<char*>(bytes.data() == nullptr ? "" : bytes.data());
  bind->buffer_length = bytes.size();
}

absl::Status Parameters::SetOne(size_t i, const ValueView& value) {
  MYSQL_BIND* const bind = &binds_[i];
  Cell* const cell = &cells_[i];
  bind->buffer = cell;
  switch (value.kind()) {
    case ValueKind::kNull:
      bind->buffer_type = MYSQL_TYPE_NULL;
      return absl::OkStatus();
    case ValueKind::kBool:
      bind->buffer_type = MYSQL_TYPE_TINY;
      cell->boolean = value.bool_value() ? 1 : 0;
      return absl::OkStatus();
    case ValueKind::kInt64:
      bind->buffer_type = MYSQL_TYPE_LONGLONG;
      cell->integer = value.int64_value();
      return absl::OkStatus();
    case ValueKind::kDouble:
      if (!std::isfinite(value.double_value())) return NotFinite(i);
      bind->buffer_type = MYSQL_TYPE_DOUBLE;
      cell->number = value.double_value();
      return absl::OkStatus();
    case ValueKind::kDecimal:
      digits_[i] = value.decimal().ToString();
      SetBytes(bind, MYSQL_TYPE_NEWDECIMAL, digits_[i]);
      return absl::OkStatus();
    case ValueKind::kText:
    case ValueKind::kJson:
      SetBytes(bind, MYSQL_TYPE_STRING, value.bytes());
      return absl::OkStatus();
    case ValueKind::kBlob:
      SetBytes(bind, MYSQL_TYPE_BLOB, value.bytes());
      return absl::OkStatus();
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
      bind->buffer_type = TemporalType(value.kind());
      return SetTemporal(i, value, &cell->time);
    case ValueKind::kInterval:
    case ValueKind::kUuid:
      break;
  }
  return NoForm(i, value);
}

bool BulkParameters::Add(absl::Span<const ValueView> row) {
  for (size_t i = 0; i < row.size(); ++i) {
    const ValueKind kind = row[i].kind();
    if (kind != ValueKind::kNull && columns_[i].kind != ValueKind::kNull &&
        kind != columns_[i].kind) {
      return false;
    }
  }
  for (size_t i = 0; i < row.size(); ++i) {
    Column& column = columns_[i];
    if (!row[i].is_null()) column.kind = row[i].kind();
    column.values.emplace_back(row[i]);
    size_bytes_ += SizeOf(row[i]);
  }
  ++row_count_;
  return true;
}

std::vector<ValueView> BulkParameters::Row(size_t i) const {
  std::vector<ValueView> row;
  row.reserve(columns_.size());
  for (const Column& column : columns_) row.push_back(column.values[i].view());
  return row;
}

void BulkParameters::Clear() {
  for (Column& column : columns_) column = Column();
  row_count_ = 0;
  size_bytes_ = 0;
}

absl::StatusOr<MYSQL_BIND*> BulkParameters::Binds() {
  binds_.assign(columns_.size(), MYSQL_BIND());
  for (size_t i = 0; i < columns_.size(); ++i) {
    CUPEL_RETURN_IF_ERROR(Fill(&columns_[i], &binds_[i]));
  }
  return binds_.data();
}

absl::Status BulkParameters::Fill(Column* column, MYSQL_BIND* bind) {
  column->indicators.assign(row_count_, STMT_INDICATOR_NONE);
  column->integers.assign(row_count_, 0);
  column->numbers.assign(row_count_, 0);
  column->times.assign(row_count_, MYSQL_TIME());
  column->digits.assign(row_count_, std::string());
  column->pointers.assign(row_count_, "");
  column->lengths.assign(row_count_, 0);
  for (size_t row = 0; row < row_count_; ++row) {
    CUPEL_RETURN_IF_ERROR(FillCell(row, column));
  }
  SetBuffer(column, bind);
  return absl::OkStatus();
}

absl::Status BulkParameters::FillCell(size_t row, Column* column) {
  const size_t i = static_cast<size_t>(column - columns_.data());
  const ValueView value = column->values[row].view();
  switch (value.kind()) {
    case ValueKind::kNull:
      column->indicators[row] = STMT_INDICATOR_NULL;
      break;
    case ValueKind::kBool:
      column->integers[row] = value.bool_value() ? 1 : 0;
      break;
    case ValueKind::kInt64:
      column->integers[row] = value.int64_value();
      break;
    case ValueKind::kDouble:
      if (!std::isfinite(value.double_value())) return NotFinite(i);
      column->numbers[row] = value.double_value();
      break;
    case ValueKind::kDecimal:
      column->digits[row] = value.decimal().ToString();
      column->pointers[row] = column->digits[row].data();
      column->lengths[row] = column->digits[row].size();
      break;
    case ValueKind::kText:
    case ValueKind::kJson:
    case ValueKind::kBlob:
      column->pointers[row] = value.bytes().data();
      column->lengths[row] = value.bytes().size();
      break;
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
      column->pointers[row] = &column->times[row];
      return SetTemporal(i, value, &column->times[row]);
    default:
      return NoForm(i, value);
  }
  return absl::OkStatus();
}

// Which of the arrays holds the values.
void BulkParameters::SetBuffer(Column* column, MYSQL_BIND* bind) {
  bind->u.indicator = column->indicators.data();
  bind->length = column->lengths.data();
  bind->buffer = column->pointers.data();
  switch (column->kind) {
    case ValueKind::kNull:
    case ValueKind::kBool:
    case ValueKind::kInt64:
      bind->buffer_type = MYSQL_TYPE_LONGLONG;
      bind->buffer = column->integers.data();
      break;
    case ValueKind::kDouble:
      bind->buffer_type = MYSQL_TYPE_DOUBLE;
      bind->buffer = column->numbers.data();
      break;
    case ValueKind::kDecimal:
      bind->buffer_type = MYSQL_TYPE_NEWDECIMAL;
      break;
    case ValueKind::kBlob:
      bind->buffer_type = MYSQL_TYPE_BLOB;
      break;
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
      bind->buffer_type = TemporalType(column->kind);
      break;
    default:
      bind->buffer_type = MYSQL_TYPE_STRING;
  }
}

}  // namespace cupel::mariadb_internal
