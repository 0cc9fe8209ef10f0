#include "cupel/engine/dialects/postgresql/literals.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/dialects/postgresql/types.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/json_array.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/utf8.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::BoundValue;
using engine::ValueKind;
using engine::ValueView;

class NumberCodec final : public engine::Codec {
 public:
  absl::Status Encode(const ValueView& logical,
                      BoundValue* storage) const override {
    storage->view = logical;
    return absl::OkStatus();
  }
  absl::Status Decode(const ValueView& storage,
                      BoundValue* logical) const override {
    logical->view = storage.kind() == ValueKind::kDecimal
                        ? ValueView::Double(storage.decimal().ToDouble())
                        : storage;
    return absl::OkStatus();
  }
};

void AppendTyped(absl::string_view text, absl::string_view type,
                 std::string* out) {
  absl::StrAppend(out, "'", text, "'::", type);
}

absl::Status AppendJson(absl::string_view text, std::string* out) {
  if (text.find('\0') != text.npos ||
      engine::FindInvalidUtf8(text) != text.npos) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "a literal must be UTF-8 without NUL");
  }
  AppendTyped(absl::StrReplaceAll(text, {{"'", "''"}}), "jsonb", out);
  return absl::OkStatus();
}

constexpr int64_t kDayMicros = int64_t{24} * 3600 * 1000000;

// Numbers without a type lose the sign of zero.
bool IsMinusZero(double value) { return value == 0 && std::signbit(value); }

void AppendQuotedElement(absl::string_view text, std::string* out) {
  absl::StrAppend(
      out, "\"",
      absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"'", "''"}}),
      "\"");
}

// '{1,NULL}'::BIGINT[]
absl::Status AppendArray(const engine::Type& type, absl::string_view json,
                         std::string* out) {
  CUPEL_ASSIGN_OR_RETURN(const std::string name, TypeNameOf(type));
  CUPEL_ASSIGN_OR_RETURN(const std::vector<engine::JsonScalar> elements,
                         engine::ParseJsonArray(json));
  std::string text = "{";
  for (const engine::JsonScalar& element : elements) {
    if (text.size() > 1) text.push_back(',');
    switch (element.kind) {
      case engine::JsonScalar::Kind::kNull:
        text.append("NULL");
        break;
      case engine::JsonScalar::Kind::kTrue:
      case engine::JsonScalar::Kind::kFalse:
        text.append(element.kind == engine::JsonScalar::Kind::kTrue ? "t"
                                                                    : "f");
        break;
      case engine::JsonScalar::Kind::kNumber:
        text.append(element.text);
        break;
      case engine::JsonScalar::Kind::kText:
        if (element.text.find('\0') != std::string::npos) {
          return engine::MakeError(engine::ErrorKind::kInvalidValue,
                                   "a literal must be without NUL");
        }
        AppendQuotedElement(element.text, &text);
        break;
    }
  }
  text.push_back('}');
  AppendTyped(text, name, out);
  return absl::OkStatus();
}

}  // namespace

bool IsTypedLiteral(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kBlob:
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
    case ValueKind::kInterval:
    case ValueKind::kUuid:
    case ValueKind::kJson:
      return true;
    case ValueKind::kDouble:
      return !std::isfinite(value.double_value()) ||
             IsMinusZero(value.double_value());
    default:
      return false;
  }
}

absl::Status AppendTypedLiteral(const engine::Type& type,
                                const ValueView& value, std::string* out) {
  std::string text;
  switch (value.kind()) {
    case ValueKind::kBlob:
      AppendTyped(absl::StrCat("\\x", absl::BytesToHexString(value.bytes())),
                  "bytea", out);
      return absl::OkStatus();
    case ValueKind::kDate:
      CUPEL_RETURN_IF_ERROR(engine::AppendIsoDate(value.date_days(), &text));
      AppendTyped(text, "date", out);
      return absl::OkStatus();
    case ValueKind::kTime:
      if (value.time_micros() < 0 || value.time_micros() >= kDayMicros) {
        return engine::MakeError(engine::ErrorKind::kTooBig,
                                 "a literal must be a time of one day");
      }
      engine::AppendIsoTime(value.time_micros(), &text);
      AppendTyped(text, "time", out);
      return absl::OkStatus();
    case ValueKind::kTimestamp:
      CUPEL_RETURN_IF_ERROR(
          engine::AppendIsoTimestamp(value.timestamp_micros(), &text));
      if (type.timezone) text += "+00";
      AppendTyped(text, type.timezone ? "timestamptz" : "timestamp", out);
      return absl::OkStatus();
    case ValueKind::kInterval:
      AppendTyped(absl::StrCat(value.interval_micros(), " microseconds"),
                  "interval", out);
      return absl::OkStatus();
    case ValueKind::kUuid:
      AppendTyped(value.uuid().ToString(), "uuid", out);
      return absl::OkStatus();
    case ValueKind::kJson:
      return type.kind == engine::TypeKind::kArray
                 ? AppendArray(type, value.bytes(), out)
                 : AppendJson(value.bytes(), out);
    case ValueKind::kDouble:
      AppendTyped(std::isnan(value.double_value()) ? "NaN"
                  : value.double_value() == 0      ? "-0"
                  : value.double_value() > 0       ? "Infinity"
                                                   : "-Infinity",
                  "float8", out);
      return absl::OkStatus();
    default:
      return engine::MakeError(engine::ErrorKind::kInternal,
                               "the value has a literal of its own");
  }
}

const engine::Codec* CodecOf(const engine::Type& type) {
  static const NumberCodec* const codec = new NumberCodec();
  const bool is_floating = type.kind == engine::TypeKind::kDouble ||
                           type.kind == engine::TypeKind::kFloat;
  return is_floating ? codec : nullptr;
}

}  // namespace cupel::postgresql_internal
