#include "cupel/engine/dialects/postgresql/parameters.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/moments.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/wire.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ErrorKind;
using engine::MakeError;
using engine::ValueKind;
using engine::ValueView;

constexpr size_t kElsewhere = std::numeric_limits<size_t>::max();
constexpr char kJsonbVersion = 1;

absl::Status Mismatch(ValueKind kind, TypeId type) {
  const absl::string_view name = TypeIdName(type);
  return MakeError(
      ErrorKind::kInvalidValue,
      absl::StrCat("a value of kind ", engine::ValueKindName(kind),
                   " does not go where ", name.empty() ? "another type" : name,
                   " is expected; cast it in the statement"));
}

absl::Status OutOfRange(TypeId type) {
  return MakeError(
      ErrorKind::kTooBig,
      absl::StrCat("the value is outside of the range of ", TypeIdName(type)));
}

absl::Status CheckText(absl::string_view text) {
  if (text.find('\0') != text.npos) {
    return MakeError(ErrorKind::kInvalidValue,
                     "text with a NUL character cannot be stored here; use "
                     "bytes");
  }
  if (const size_t bad = engine::FindInvalidUtf8(text); bad != text.npos) {
    return MakeError(ErrorKind::kInvalidValue,
                     absl::StrCat("the text is not UTF-8 at byte ", bad));
  }
  return absl::OkStatus();
}

template <typename Number>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<Number>::min() &&
         value <= std::numeric_limits<Number>::max();
}

bool IsNumber(TypeId type) {
  return type == kInt2Id || type == kInt4Id || type == kInt8Id ||
         type == kFloat4Id || type == kFloat8Id || type == kNumericId ||
         type == kOidId;
}

}  // namespace

TypeId TypeFor(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return kBoolId;
    case ValueKind::kInt64:
      return Fits<int32_t>(value.int64_value()) ? kInt4Id : kInt8Id;
    case ValueKind::kDouble:
      return kFloat8Id;
    case ValueKind::kDecimal:
      return kNumericId;
    case ValueKind::kBlob:
      return kByteaId;
    case ValueKind::kDate:
      return kDateId;
    case ValueKind::kTime:
      return kTimeId;
    case ValueKind::kTimestamp:
      return kTimestampId;
    case ValueKind::kInterval:
      return kIntervalId;
    case ValueKind::kUuid:
      return kUuidId;
    case ValueKind::kNull:
    case ValueKind::kText:
    case ValueKind::kJson:
      break;
  }
  return kUnspecifiedId;
}

void Parameters::Keep() {
  offsets_.push_back(buffer_start_);
  pointers_.push_back(nullptr);
  lengths_.push_back(static_cast<int>(buffer_.size() - buffer_start_));
  formats_.push_back(1);
}

void Parameters::Point(absl::string_view bytes, bool binary) {
  offsets_.push_back(kElsewhere);
  // A null pointer would mean NULL.
  pointers_.push_back(bytes.data() == nullptr ? "" : bytes.data());
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(binary ? 1 : 0);
}

void Parameters::PointNull() {
  offsets_.push_back(kElsewhere);
  pointers_.push_back(nullptr);
  lengths_.push_back(0);
  formats_.push_back(1);
}

absl::Status Parameters::Encode(absl::Span<const ValueView> values,
                                absl::Span<const TypeId> types) {
  pointers_.clear();
  lengths_.clear();
  formats_.clear();
  offsets_.clear();
  buffer_.clear();
  total_bytes_ = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    buffer_start_ = buffer_.size();
    absl::Status status = EncodeOne(values[i], types[i]);
    if (!status.ok()) {
      return engine::WithContext(status, absl::StrCat("parameter ", i + 1));
    }
    total_bytes_ += static_cast<size_t>(lengths_.back()) + 8;
    if (total_bytes_ > kMaxMessageBytes) {
      return MakeError(ErrorKind::kTooBig,
                       "the values of the statement exceed 1 GiB");
    }
  }
  for (size_t i = 0; i < offsets_.size(); ++i) {
    if (offsets_[i] != kElsewhere) pointers_[i] = buffer_.data() + offsets_[i];
  }
  return absl::OkStatus();
}

absl::Status Parameters::EncodeOne(const ValueView& value, TypeId type) {
  switch (value.kind()) {
    case ValueKind::kNull:
      PointNull();
      return absl::OkStatus();
    case ValueKind::kBool:
      if (type != kBoolId) return Mismatch(value.kind(), type);
      buffer_.push_back(value.bool_value() ? 1 : 0);
      break;
    case ValueKind::kInt64:
      CUPEL_RETURN_IF_ERROR(EncodeInteger(value.int64_value(), type));
      break;
    case ValueKind::kDouble:
      CUPEL_RETURN_IF_ERROR(EncodeDouble(value.double_value(), type));
      break;
    case ValueKind::kDecimal:
      CUPEL_RETURN_IF_ERROR(EncodeDecimal(value.decimal(), type));
      break;
    case ValueKind::kBlob:
      if (type != kByteaId) return Mismatch(value.kind(), type);
      if (value.bytes().size() > kMaxMessageBytes) return OutOfRange(type);
      Point(value.bytes());
      return absl::OkStatus();
    case ValueKind::kUuid:
      if (IsTextLike(type)) {
        buffer_.append(value.uuid().ToString());
      } else if (type == kUuidId) {
        buffer_.append(value.bytes());
      } else {
        return Mismatch(value.kind(), type);
      }
      break;
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
    case ValueKind::kInterval:
      CUPEL_RETURN_IF_ERROR(EncodeMoment(value, type));
      break;
    case ValueKind::kText:
    case ValueKind::kJson:
      return EncodeText(value, type);
  }
  Keep();
  return absl::OkStatus();
}

absl::Status Parameters::EncodeInteger(int64_t value, TypeId type) {
  switch (type) {
    case kInt2Id:
      if (!Fits<int16_t>(value)) return OutOfRange(type);
      AppendBigEndian(static_cast<int16_t>(value), &buffer_);
      return absl::OkStatus();
    case kInt4Id:
      if (!Fits<int32_t>(value)) return OutOfRange(type);
      AppendBigEndian(static_cast<int32_t>(value), &buffer_);
      return absl::OkStatus();
    case kOidId:
      if (!Fits<uint32_t>(value)) return OutOfRange(type);
      AppendBigEndian(static_cast<uint32_t>(value), &buffer_);
      return absl::OkStatus();
    case kInt8Id:
      AppendBigEndian(value, &buffer_);
      return absl::OkStatus();
    case kFloat4Id:
    case kFloat8Id:
      return EncodeDouble(static_cast<double>(value), type);
    case kNumericId:
      AppendNumeric(engine::Decimal(value), &buffer_);
      return absl::OkStatus();
    default:
      if (!IsTextLike(type)) return Mismatch(ValueKind::kInt64, type);
      absl::StrAppend(&buffer_, value);
      return absl::OkStatus();
  }
}

absl::Status Parameters::EncodeDouble(double value, TypeId type) {
  switch (type) {
    case kFloat4Id: {
      const auto narrow = static_cast<float>(value);
      if (std::isfinite(value) && !std::isfinite(narrow)) {
        return OutOfRange(type);
      }
      AppendBigEndian(std::bit_cast<uint32_t>(narrow), &buffer_);
      return absl::OkStatus();
    }
    case kFloat8Id:
      AppendBigEndian(std::bit_cast<uint64_t>(value), &buffer_);
      return absl::OkStatus();
    case kNumericId: {
      if (!std::isfinite(value)) {
        AppendNonFiniteNumeric(value, &buffer_);
        return absl::OkStatus();
      }
      CUPEL_ASSIGN_OR_RETURN(const engine::Decimal decimal,
                             engine::Decimal::FromDouble(value));
      AppendNumeric(decimal, &buffer_);
      return absl::OkStatus();
    }
    case kInt2Id:
    case kInt4Id:
    case kInt8Id:
      if (value != std::trunc(value) || value < -0x1p63 || value >= 0x1p63) {
        return Mismatch(ValueKind::kDouble, type);
      }
      return EncodeInteger(static_cast<int64_t>(value), type);
    default:
      return Mismatch(ValueKind::kDouble, type);
  }
}

absl::Status Parameters::EncodeDecimal(const engine::Decimal& value,
                                       TypeId type) {
  switch (type) {
    case kNumericId:
      AppendNumeric(value, &buffer_);
      return absl::OkStatus();
    case kFloat4Id:
    case kFloat8Id:
      return EncodeDouble(value.ToDouble(), type);
    case kInt2Id:
    case kInt4Id:
    case kInt8Id:
    case kOidId: {
      CUPEL_ASSIGN_OR_RETURN(const int64_t integer, value.ToUnscaledInt64(0));
      return EncodeInteger(integer, type);
    }
    default:
      return Mismatch(ValueKind::kDecimal, type);
  }
}

absl::Status Parameters::EncodeMoment(const ValueView& value, TypeId type) {
  switch (AppendMoment(value, type, &buffer_)) {
    case MomentResult::kOk:
      return absl::OkStatus();
    case MomentResult::kOutOfRange:
      return OutOfRange(type);
    case MomentResult::kMismatch:
      break;
  }
  return Mismatch(value.kind(), type);
}

absl::Status Parameters::EncodeText(const ValueView& value, TypeId type) {
  const absl::string_view text = value.bytes();
  if (text.size() > kMaxMessageBytes) return OutOfRange(kTextId);
  CUPEL_RETURN_IF_ERROR(CheckText(text));
  if (const TypeId element = ElementIdOf(type);
      element != kUnspecifiedId && value.kind() == ValueKind::kJson) {
    CUPEL_RETURN_IF_ERROR(EncodeArray(text, element));
    Keep();
    return absl::OkStatus();
  }
  if (IsTextLike(type) || type == kJsonId) {
    Point(text);
    return absl::OkStatus();
  }
  if (type == kJsonbId) {
    buffer_.push_back(kJsonbVersion);
    buffer_.append(text);
    Keep();
    return absl::OkStatus();
  }
  if (value.kind() == ValueKind::kJson) return Mismatch(value.kind(), type);
  return EncodeTextAs(text, type);
}

// What the server would read in many spellings is read here in one.
absl::Status Parameters::EncodeTextAs(absl::string_view text, TypeId type) {
  if (type == kByteaId) return Mismatch(ValueKind::kText, type);
  ValueView value;
  engine::Decimal decimal;
  engine::Uuid uuid;
  if (IsNumber(type)) {
    CUPEL_ASSIGN_OR_RETURN(decimal, engine::Decimal::Parse(text));
    value = ValueView::Decimal(&decimal);
  } else if (type == kUuidId) {
    CUPEL_ASSIGN_OR_RETURN(uuid, engine::Uuid::Parse(text));
    value = ValueView::Uuid(&uuid);
  } else if (type == kDateId) {
    CUPEL_ASSIGN_OR_RETURN(const int32_t days, engine::ParseIsoDate(text));
    value = ValueView::Date(days);
  } else if (type == kTimeId) {
    CUPEL_ASSIGN_OR_RETURN(const int64_t micros, engine::ParseIsoTime(text));
    value = ValueView::Time(micros);
  } else if (type == kTimestampId || type == kTimestamptzId) {
    CUPEL_ASSIGN_OR_RETURN(const int64_t micros,
                           engine::ParseIsoTimestamp(text));
    value = ValueView::Timestamp(micros);
  } else if (type == kBoolId || type == kIntervalId) {
    return Mismatch(ValueKind::kText, type);
  } else {
    // An enumeration, an array, a type of an extension: its own text form,
    // which libpq takes with a NUL behind it.
    buffer_.append(text);
    buffer_.push_back('\0');
    Keep();
    --lengths_.back();
    formats_.back() = 0;
    return absl::OkStatus();
  }
  return EncodeOne(value, type);
}

}  // namespace cupel::postgresql_internal
