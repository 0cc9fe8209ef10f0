#include "cupel/engine/json.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "nlohmann/json.hpp"

namespace cupel {
namespace {

using engine::BoundValue;
using engine::ErrorKind;
using engine::MakeError;
using engine::Value;
using engine::ValueKind;
using engine::ValueView;
using Json = nlohmann::json;

absl::Status TooDeep() {
  return MakeError(ErrorKind::kTooBig, "json is nested too deeply");
}

absl::Status CannotBeJson(absl::string_view what) {
  return MakeError(ErrorKind::kInvalidValue, what);
}

// Whether JSON text can say a value, apart from what is in it.
absl::Status CheckLeaf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string:
      return engine::ValidateUtf8(*value.get_ptr<const std::string*>());
    case Json::value_t::number_float:
      if (std::isfinite(*value.get_ptr<const double*>())) {
        return absl::OkStatus();
      }
      return CannotBeJson("json has no infinity and no nan");
    case Json::value_t::binary:
      return CannotBeJson("json has no binary values");
    case Json::value_t::discarded:
      return CannotBeJson("the json value is a parse error");
    default:
      return absl::OkStatus();
  }
}

// Without recursion: values may be as deep as memory allows.
absl::Status CheckWritable(const Json& root) {
  std::vector<std::pair<const Json*, int>> pending = {{&root, 0}};
  while (!pending.empty()) {
    auto [value, depth] = pending.back();
    pending.pop_back();
    CUPEL_RETURN_IF_ERROR(CheckLeaf(*value));
    if (!value->is_structured()) continue;
    if (depth == engine::kMaxJsonDepth) return TooDeep();
    for (auto it = value->begin(); it != value->end(); ++it) {
      if (value->is_object()) {
        CUPEL_RETURN_IF_ERROR(engine::ValidateUtf8(it.key()));
      }
      pending.emplace_back(&*it, depth + 1);
    }
  }
  return absl::OkStatus();
}

// How deep JSON text is nested; brackets in strings do not count.
int DepthOf(absl::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// Numbers are integers (signed or not, as the parser found them) or not.
bool SameNumber(const Json& a, const Json& b) {
  if (a.is_number_float() != b.is_number_float()) return false;
  if (a.is_number_float()) {
    return std::bit_cast<uint64_t>(*a.get_ptr<const double*>()) ==
           std::bit_cast<uint64_t>(*b.get_ptr<const double*>());
  }
  return a == b;
}

// Whether two values are equal apart from their elements, which are put on
// `pending`.
bool SameAtTop(const Json& a, const Json& b,
               std::vector<std::pair<const Json*, const Json*>>* pending) {
  if (a.is_number() && b.is_number()) return SameNumber(a, b);
  if (a.type() != b.type()) return false;
  if (!a.is_structured()) return a == b;
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  for (auto it = a.begin(); it != a.end(); ++it, ++other) {
    if (a.is_object() && it.key() != other.key()) return false;
    pending->emplace_back(&*it, &*other);
  }
  return true;
}

}  // namespace

absl::Status TypeTraits<Json>::Bind(const Json& value, BoundValue* out) {
  CUPEL_RETURN_IF_ERROR(CheckWritable(value));
  out->Set(
      Value::Json(value.dump(-1, ' ', false, Json::error_handler_t::replace)));
  return absl::OkStatus();
}

absl::Status TypeTraits<Json>::Read(const ValueView& cell, Json* out) {
  CUPEL_RETURN_IF_ERROR(engine_internal::ExpectKind(ValueKind::kJson, cell));
  absl::string_view text = cell.bytes();
  if (DepthOf(text) > engine::kMaxJsonDepth) return TooDeep();
  Json value = Json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                           /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return MakeError(ErrorKind::kTypeMismatch, "the stored text is no json");
  }
  *out = std::move(value);
  return absl::OkStatus();
}

bool TypeTraits<Json>::Equal(const Json& a, const Json& b) {
  std::vector<std::pair<const Json*, const Json*>> pending = {{&a, &b}};
  while (!pending.empty()) {
    auto [x, y] = pending.back();
    pending.pop_back();
    if (!SameAtTop(*x, *y, &pending)) return false;
  }
  return true;
}

namespace engine {
template const TypeOps& TypeOpsOf<Json>();
template const TypeOps& TypeOpsOf<std::optional<Json>>();
}  // namespace engine

}  // namespace cupel
