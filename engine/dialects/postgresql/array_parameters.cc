// Arrays among the parameters: JSON arrays in the binary format of arrays.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
#include "cupel/engine/dialects/postgresql/wire.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/json_array.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ErrorKind;
using engine::JsonScalar;
using engine::MakeError;
using engine::ValueView;

absl::Status ElementMismatch(TypeId element) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("an element of the array does not go where ",
                                TypeIdName(element), " is expected"));
}

bool IsInteger(TypeId type) {
  return type == kInt2Id || type == kInt4Id || type == kInt8Id;
}

}  // namespace

absl::Status Parameters::EncodeArray(absl::string_view json, TypeId element) {
  const auto parsed = engine::ParseJsonArray(json);
  if (!parsed.ok()) {
    return MakeError(ErrorKind::kInvalidValue, parsed.status().message());
  }
  int32_t has_null = 0;
  for (const JsonScalar& value : *parsed) {
    if (value.kind == JsonScalar::Kind::kNull) has_null = 1;
  }
  AppendBigEndian(int32_t{parsed->empty() ? 0 : 1}, &buffer_);  // dimensions
  AppendBigEndian(has_null, &buffer_);
  AppendBigEndian(element, &buffer_);
  if (parsed->empty()) return absl::OkStatus();
  AppendBigEndian(static_cast<int32_t>(parsed->size()), &buffer_);
  AppendBigEndian(int32_t{1}, &buffer_);  // the lowest index
  for (const JsonScalar& value : *parsed) {
    const size_t at = buffer_.size();
    AppendBigEndian(int32_t{-1}, &buffer_);
    if (value.kind == JsonScalar::Kind::kNull) continue;
    CUPEL_RETURN_IF_ERROR(EncodeElement(value, element));
    if (buffer_.size() - buffer_start_ > kMaxMessageBytes) {
      return MakeError(ErrorKind::kTooBig, "the array exceeds 1 GiB");
    }
    std::string size;
    AppendBigEndian(static_cast<int32_t>(buffer_.size() - at - 4), &size);
    buffer_.replace(at, size.size(), size);
  }
  return absl::OkStatus();
}

absl::Status Parameters::EncodeElement(const JsonScalar& value,
                                       TypeId element) {
  switch (value.kind) {
    case JsonScalar::Kind::kTrue:
    case JsonScalar::Kind::kFalse:
      if (element != kBoolId) return ElementMismatch(element);
      buffer_.push_back(value.kind == JsonScalar::Kind::kTrue ? 1 : 0);
      return absl::OkStatus();
    case JsonScalar::Kind::kText:
      return EncodeTextElement(value.text, element);
    default:
      break;
  }
  if (IsInteger(element)) {
    int64_t integer = 0;
    if (absl::SimpleAtoi(value.text, &integer)) {
      return EncodeInteger(integer, element);
    }
    const bool is_whole = value.text.find_first_of(".eE") == std::string::npos;
    return is_whole ? MakeError(ErrorKind::kTooBig,
                                absl::StrCat("an element of the array is "
                                             "outside of the range of ",
                                             TypeIdName(element)))
                    : ElementMismatch(element);
  }
  if (element == kFloat4Id || element == kFloat8Id) {
    double number = 0;
    if (!absl::SimpleAtod(value.text, &number)) return ElementMismatch(element);
    return EncodeDouble(number, element);
  }
  if (element != kNumericId) return ElementMismatch(element);
  CUPEL_ASSIGN_OR_RETURN(const engine::Decimal decimal,
                         engine::Decimal::Parse(value.text));
  AppendNumeric(decimal, &buffer_);
  return absl::OkStatus();
}

absl::Status Parameters::EncodeTextElement(const std::string& text,
                                           TypeId element) {
  switch (element) {
    case kDateId: {
      CUPEL_ASSIGN_OR_RETURN(const int32_t days, engine::ParseIsoDate(text));
      return EncodeMoment(ValueView::Date(days), element);
    }
    case kTimestampId:
    case kTimestamptzId: {
      CUPEL_ASSIGN_OR_RETURN(const int64_t micros,
                             engine::ParseIsoTimestamp(text));
      return EncodeMoment(ValueView::Timestamp(micros), element);
    }
    case kUuidId: {
      CUPEL_ASSIGN_OR_RETURN(const engine::Uuid uuid,
                             engine::Uuid::Parse(text));
      buffer_.append(reinterpret_cast<const char*>(uuid.bytes.data()),
                     uuid.bytes.size());
      return absl::OkStatus();
    }
    default:
      break;
  }
  if (!IsTextLike(element)) return ElementMismatch(element);
  if (text.find('\0') != std::string::npos) {
    return MakeError(ErrorKind::kInvalidValue,
                     "text with a NUL character cannot be stored here");
  }
  buffer_.append(text);
  return absl::OkStatus();
}

}  // namespace cupel::postgresql_internal
