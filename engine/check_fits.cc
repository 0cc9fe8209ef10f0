#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/utf8.h"
#include "cupel/engine/value.h"

namespace cupel::engine {
namespace {

absl::Status DoesNotFit(const Type& type, absl::string_view why) {
  return MakeError(
      ErrorKind::kTooBig,
      absl::StrCat("the value does not fit ", type.DebugString(), ": ", why,
                   "; make it fit, or use a wider type"));
}

template <typename Small>
absl::Status CheckInteger(const Type& type, int64_t value) {
  if (value < std::numeric_limits<Small>::min() ||
      value > std::numeric_limits<Small>::max()) {
    return DoesNotFit(type, "it is out of range");
  }
  return absl::OkStatus();
}

absl::Status CheckDecimal(const Type& type, const Decimal& value) {
  if (type.precision == 0) return absl::OkStatus();
  absl::StatusOr<Decimal> scaled = value.Rescale(type.scale);
  if (!scaled.ok()) {
    return DoesNotFit(type, "it has more digits behind the point");
  }
  if (scaled->digits() > type.precision) {
    return DoesNotFit(type, "it has more digits");
  }
  return absl::OkStatus();
}

absl::Status CheckLength(const Type& type, size_t length) {
  if (type.length == 0 || length <= type.length) return absl::OkStatus();
  return DoesNotFit(type, absl::StrCat("its length is ", length));
}

absl::Status CheckText(const Type& type, absl::string_view text) {
  // A character is at least a byte: most texts need no counting.
  if (type.length == 0 || text.size() <= type.length) return absl::OkStatus();
  return CheckLength(type, CountCodePoints(text));
}

absl::Status CheckEnumerator(const Type& type, absl::string_view name) {
  if (type.enumerators == nullptr || type.enumerators->FindName(name) >= 0) {
    return absl::OkStatus();
  }
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the value is no name of ", type.DebugString(),
                                ": use one of its names"));
}

}  // namespace

absl::Status CheckFits(const Type& type, const ValueView& logical) {
  ValueKind expected = LogicalKind(type);
  if (logical.is_null() || expected == ValueKind::kNull) {
    return absl::OkStatus();
  }
  if (logical.kind() != expected) {
    return MakeError(ErrorKind::kInvalidValue,
                     absl::StrCat("a ", logical.DebugString(),
                                  " cannot go into a column of ", "type ",
                                  type.DebugString()));
  }
  switch (type.kind) {
    case TypeKind::kSmallInteger:
      return CheckInteger<int16_t>(type, logical.int64_value());
    case TypeKind::kInteger:
      return CheckInteger<int32_t>(type, logical.int64_value());
    case TypeKind::kNumeric:
      return CheckDecimal(type, logical.decimal());
    case TypeKind::kString:
      return CheckText(type, logical.bytes());
    case TypeKind::kBinary:
      return CheckLength(type, logical.bytes().size());
    case TypeKind::kEnum:
      return CheckEnumerator(type, logical.bytes());
    default:
      return absl::OkStatus();
  }
}

}  // namespace cupel::engine
