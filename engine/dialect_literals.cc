#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"

namespace cupel::engine {
namespace {

absl::Status BadLiteral(absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue, absl::StrCat("a literal ", rule));
}

void AppendTextLiteral(absl::string_view text, bool backslash_escapes,
                       std::string* out) {
  out->push_back('\'');
  for (const char c : text) {
    if (c == '\'' || (c == '\\' && backslash_escapes)) out->push_back(c);
    out->push_back(c);
  }
  out->push_back('\'');
}

// The shortest digits that read back as the same number.
std::string ShortestDouble(double value) {
  for (int precision = 15; precision <= 17; ++precision) {
    std::string text = absl::StrFormat("%.*g", precision, value);
    double back = 0;
    if (absl::SimpleAtod(text, &back) && back == value) {
      const bool looks_integer = text.find_first_of(".e") == std::string::npos;
      return looks_integer ? text + ".0" : text;
    }
  }
  return absl::StrFormat("%.17g", value);
}

}  // namespace

absl::Status Dialect::AppendLiteral(const Type& type, const ValueView& logical,
                                    std::string* out) const {
  const Codec* codec = logical.is_null() ? nullptr : CodecFor(type);
  if (codec == nullptr) return AppendStoredLiteral(logical, out);
  BoundValue stored;
  CUPEL_RETURN_IF_ERROR(codec->Encode(logical, &stored));
  return AppendStoredLiteral(stored.view, out);
}

absl::Status Dialect::AppendStoredLiteral(const ValueView& stored,
                                          std::string* out) const {
  switch (stored.kind()) {
    case ValueKind::kNull:
      absl::StrAppend(out, "NULL");
      return absl::OkStatus();
    case ValueKind::kBool:
      absl::StrAppend(out, stored.bool_value() ? syntax_.true_literal
                                               : syntax_.false_literal);
      return absl::OkStatus();
    case ValueKind::kInt64:
      if (stored.int64_value() == std::numeric_limits<int64_t>::min()) {
        // Its digits alone are one too many for an integer.
        absl::StrAppend(out, "(-9223372036854775807 - 1)");
      } else if (stored.int64_value() < 0) {
        // So that no operator before it forms a comment.
        absl::StrAppend(out, "(", stored.int64_value(), ")");
      } else {
        absl::StrAppend(out, stored.int64_value());
      }
      return absl::OkStatus();
    case ValueKind::kDouble: {
      const double value = stored.double_value();
      if (!std::isfinite(value)) return BadLiteral("must be a finite number");
      if (value == 0 && std::signbit(value)) {
        return BadLiteral("must be another number than -0.0, write 0.0");
      }
      const std::string text = ShortestDouble(value);
      absl::StrAppend(out, std::signbit(value) ? "(" : "", text,
                      std::signbit(value) ? ")" : "");
      return absl::OkStatus();
    }
    case ValueKind::kDecimal: {
      const std::string text = stored.decimal().ToString();
      const bool negative = absl::StartsWith(text, "-");
      absl::StrAppend(out, negative ? "(" : "", text, negative ? ")" : "");
      return absl::OkStatus();
    }
    case ValueKind::kText:
    case ValueKind::kJson: {
      const absl::string_view text = stored.bytes();
      if (text.find('\0') != text.npos) {
        return BadLiteral("must not hold a NUL character");
      }
      if (FindInvalidUtf8(text) != text.npos) {
        return BadLiteral("must be valid UTF-8");
      }
      AppendTextLiteral(text, syntax_.backslash_escapes, out);
      return absl::OkStatus();
    }
    case ValueKind::kBlob:
      absl::StrAppend(out, "X'", absl::BytesToHexString(stored.bytes()), "'");
      return absl::OkStatus();
    case ValueKind::kUuid:
      AppendTextLiteral(stored.uuid().ToString(), syntax_.backslash_escapes,
                        out);
      return absl::OkStatus();
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
    case ValueKind::kInterval: {
      const Codec& codec =
          stored.kind() == ValueKind::kDate   ? DateAsIsoTextCodec()
          : stored.kind() == ValueKind::kTime ? TimeAsIsoTextCodec()
          : stored.kind() == ValueKind::kTimestamp
              ? TimestampAsIsoTextCodec()
              : IntervalAsOffsetTextCodec();
      BoundValue text;
      CUPEL_RETURN_IF_ERROR(codec.Encode(stored, &text));
      return AppendStoredLiteral(text.view, out);
    }
  }
  return MakeError(ErrorKind::kInternal, "a value of no known kind");
}

}  // namespace cupel::engine
