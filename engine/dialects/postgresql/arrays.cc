#include "cupel/engine/dialects/postgresql/arrays.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/dialects/postgresql/moments.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/wire.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/json_array.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ValueKind;
using engine::ValueView;

// The server's limit of dimensions.
constexpr int kMaxDimensions = 6;

void AppendNumber(absl::string_view digits, ArrayText* out) {
  const bool is_number =
      absl::ascii_isdigit(static_cast<unsigned char>(digits.back()));
  if (!is_number) out->is_json = false;
  out->text.append(digits);
}

void AppendFloating(double value, bool is_single, ArrayText* out) {
  if (!std::isfinite(value)) {
    AppendNumber(std::isnan(value) ? "NaN"
                 : value > 0       ? "Infinity"
                                   : "-Infinity",
                 out);
  } else if (is_single) {
    char text[32];
    const std::to_chars_result result = std::to_chars(
        std::begin(text), std::end(text), static_cast<float>(value));
    out->text.append(text, result.ptr);
  } else {
    engine::AppendJsonNumber(value, &out->text);
  }
}

template <typename Number>
bool AppendInteger(absl::string_view bytes, ArrayText* out) {
  if (bytes.size() != sizeof(Number)) return false;
  absl::StrAppend(&out->text, ReadBigEndian<Number>(bytes.data()));
  return true;
}

bool AppendMomentText(TypeId type, absl::string_view bytes, ArrayText* out) {
  ValueView value;
  if (!ReadMoment(type, bytes, &value)) return false;
  std::string text;
  const absl::Status status =
      value.kind() == ValueKind::kDate
          ? engine::AppendIsoDate(value.date_days(), &text)
      : value.kind() == ValueKind::kTimestamp
          ? engine::AppendIsoTimestamp(value.timestamp_micros(), &text)
          : absl::OkStatus();
  if (!status.ok()) text = "a moment beyond the years 1 to 9999";
  if (value.kind() == ValueKind::kText) text = std::string(value.bytes());
  engine::AppendJsonText(text, &out->text);
  return true;
}

// One element in binary.
bool AppendBinary(TypeId type, absl::string_view bytes, ArrayText* out) {
  switch (type) {
    case kBoolId:
      if (bytes.size() != 1) return false;
      out->text.append(bytes[0] != 0 ? "true" : "false");
      return true;
    case kInt2Id:
      return AppendInteger<int16_t>(bytes, out);
    case kInt4Id:
      return AppendInteger<int32_t>(bytes, out);
    case kInt8Id:
      return AppendInteger<int64_t>(bytes, out);
    case kFloat4Id:
      if (bytes.size() != 4) return false;
      AppendFloating(
          std::bit_cast<float>(ReadBigEndian<uint32_t>(bytes.data())), true,
          out);
      return true;
    case kFloat8Id:
      if (bytes.size() != 8) return false;
      AppendFloating(
          std::bit_cast<double>(ReadBigEndian<uint64_t>(bytes.data())), false,
          out);
      return true;
    case kNumericId: {
      std::string digits;
      if (!NumericToText(bytes, &digits) || digits.empty()) return false;
      AppendNumber(digits, out);
      return true;
    }
    case kUuidId:
      if (bytes.size() != 16) return false;
      engine::AppendJsonText(ValueView::UuidBytes(bytes).uuid().ToString(),
                             &out->text);
      return true;
    case kDateId:
    case kTimestampId:
    case kTimestamptzId:
      return AppendMomentText(type, bytes, out);
    default:
      engine::AppendJsonText(bytes, &out->text);
      return true;
  }
}

// One element in text. Moments get the form that they have in binary.
bool AppendText(TypeId type, absl::string_view text, ArrayText* out) {
  switch (type) {
    case kBoolId:
      out->text.append(text == "t" ? "true" : "false");
      return text == "t" || text == "f";
    case kInt2Id:
    case kInt4Id:
    case kInt8Id:
    case kFloat4Id:
    case kFloat8Id:
    case kNumericId:
      if (text.empty()) return false;
      AppendNumber(text, out);
      return true;
    case kTimestampId:
    case kTimestamptzId: {
      std::string iso;
      absl::string_view moment = text;
      if (type == kTimestamptzId) absl::ConsumeSuffix(&moment, "+00");
      const auto micros = engine::ParseIsoTimestamp(moment);
      const bool parsed =
          micros.ok() && engine::AppendIsoTimestamp(*micros, &iso).ok();
      engine::AppendJsonText(parsed ? iso : text, &out->text);
      return true;
    }
    default:
      engine::AppendJsonText(text, &out->text);
      return true;
  }
}

// JSON, or the server's own form where that says more.
ArrayText Finished(ArrayText array) {
  if (!array.is_json) {
    array.text = absl::StrReplaceAll(
        array.text, {{"[", "{"}, {"]", "}"}, {"null", "NULL"}});
  }
  return array;
}

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  bool TakeInteger(int32_t* out) {
    if (rest_.size() < sizeof(*out)) return false;
    *out = ReadBigEndian<int32_t>(rest_.data());
    rest_.remove_prefix(sizeof(*out));
    return true;
  }
  bool Take(int32_t count, absl::string_view* out) {
    if (count < 0 || rest_.size() < static_cast<size_t>(count)) return false;
    *out = rest_.substr(0, static_cast<size_t>(count));
    rest_.remove_prefix(static_cast<size_t>(count));
    return true;
  }
  bool at_end() const { return rest_.empty(); }
  size_t size() const { return rest_.size(); }

 private:
  absl::string_view rest_;
};

// The number of elements below each level, outermost first; false when there
// cannot be so many.
bool ReadStrides(Reader* reader, int32_t dimensions,
                 std::vector<int64_t>* strides) {
  std::vector<int32_t> counts;
  for (int32_t i = 0; i < dimensions; ++i) {
    int32_t bound = 0;
    if (!reader->TakeInteger(&counts.emplace_back()) ||
        !reader->TakeInteger(&bound) || counts.back() < 0) {
      return false;
    }
  }
  strides->assign(counts.begin(), counts.end());
  for (size_t i = strides->size(); i-- > 1;) {
    int64_t& outer = (*strides)[i - 1];
    if (__builtin_mul_overflow(outer, (*strides)[i], &outer)) return false;
  }
  // An element takes four bytes at least.
  return strides->empty() ||
         strides->front() <= static_cast<int64_t>(reader->size() / 4);
}

}  // namespace

std::optional<ArrayText> ReadBinaryArray(TypeId element,
                                         absl::string_view bytes) {
  Reader reader(bytes);
  int32_t dimensions = 0;
  int32_t has_null = 0;
  int32_t type = 0;
  std::vector<int64_t> strides;
  if (!reader.TakeInteger(&dimensions) || !reader.TakeInteger(&has_null) ||
      !reader.TakeInteger(&type) || dimensions < 0 ||
      dimensions > kMaxDimensions || static_cast<TypeId>(type) != element ||
      !ReadStrides(&reader, dimensions, &strides)) {
    return std::nullopt;
  }
  if (strides.empty() || strides.front() == 0) return ArrayText{"[]"};
  ArrayText out;
  for (int64_t i = 0; i < strides.front(); ++i) {
    int32_t size = 0;
    absl::string_view value;
    if (i > 0) out.text.push_back(',');
    for (const int64_t stride : strides) {
      if (i % stride == 0) out.text.push_back('[');
    }
    if (!reader.TakeInteger(&size)) return std::nullopt;
    if (size == -1) {
      out.text.append("null");
    } else if (!reader.Take(size, &value) ||
               !AppendBinary(element, value, &out)) {
      return std::nullopt;
    }
    for (const int64_t stride : strides) {
      if ((i + 1) % stride == 0) out.text.push_back(']');
    }
  }
  if (!reader.at_end()) return std::nullopt;
  return Finished(std::move(out));
}

std::optional<ArrayText> ReadTextArray(TypeId element, absl::string_view text) {
  ArrayText out;
  // Bounds other than 1: [0:2]={...}
  if (absl::StartsWith(text, "[")) text.remove_prefix(text.find('=') + 1);
  std::string unquoted;
  while (!text.empty()) {
    const char c = text[0];
    if (c == '{' || c == '}' || c == ',') {
      out.text.push_back(c == '{' ? '[' : c == '}' ? ']' : ',');
      text.remove_prefix(1);
      continue;
    }
    if (c != '"') {
      const absl::string_view plain = text.substr(0, text.find_first_of(",}"));
      text.remove_prefix(plain.size());
      if (plain == "NULL") {
        out.text.append("null");
      } else if (!AppendText(element, plain, &out)) {
        return std::nullopt;
      }
      continue;
    }
    unquoted.clear();
    text.remove_prefix(1);
    while (!text.empty() && text[0] != '"') {
      if (text[0] == '\\') text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
      unquoted.push_back(text[0]);
      text.remove_prefix(1);
    }
    if (!absl::ConsumePrefix(&text, "\"") ||
        !AppendText(element, unquoted, &out)) {
      return std::nullopt;
    }
  }
  if (!absl::StartsWith(out.text, "[")) return std::nullopt;
  return Finished(std::move(out));
}

}  // namespace cupel::postgresql_internal
