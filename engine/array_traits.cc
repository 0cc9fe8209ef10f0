#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/json_array.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type_traits.h"
#include "cupel/engine/utf8.h"

namespace cupel {
namespace {

using engine::ErrorKind;
using engine::JsonScalar;
using engine::MakeError;
using Kind = engine::JsonScalar::Kind;

absl::Status Append(bool value, std::string* out) {
  out->append(value ? "true" : "false");
  return absl::OkStatus();
}
absl::Status Append(int32_t value, std::string* out) {
  absl::StrAppend(out, value);
  return absl::OkStatus();
}
absl::Status Append(int64_t value, std::string* out) {
  absl::StrAppend(out, value);
  return absl::OkStatus();
}
absl::Status Append(double value, std::string* out) {
  if (!std::isfinite(value)) {
    return MakeError(ErrorKind::kInvalidValue,
                     "an array holds no number that is not finite");
  }
  engine::AppendJsonNumber(value, out);
  return absl::OkStatus();
}
absl::Status Append(const std::string& value, std::string* out) {
  CUPEL_RETURN_IF_ERROR(engine::ValidateUtf8(value));
  engine::AppendJsonText(value, out);
  return absl::OkStatus();
}
template <typename T>
absl::Status Append(const std::optional<T>& value, std::string* out) {
  if (value.has_value()) return Append(*value, out);
  out->append("null");
  return absl::OkStatus();
}

absl::Status WrongElement(absl::string_view expected) {
  return MakeError(ErrorKind::kTypeMismatch,
                   absl::StrCat("an element of the array is no ", expected));
}

absl::Status Take(JsonScalar& element, bool* out) {
  *out = element.kind == Kind::kTrue;
  return *out || element.kind == Kind::kFalse ? absl::OkStatus()
                                              : WrongElement("boolean");
}
template <typename T>
absl::Status TakeInteger(const JsonScalar& element, T* out) {
  int64_t value = 0;
  if (element.kind != Kind::kNumber ||
      element.text.find_first_of(".eE") != std::string::npos) {
    return WrongElement("integer");
  }
  if (!absl::SimpleAtoi(element.text, &value) || !std::in_range<T>(value)) {
    return engine_internal::IntegerOutOfRange();
  }
  *out = static_cast<T>(value);
  return absl::OkStatus();
}
absl::Status Take(JsonScalar& element, int32_t* out) {
  return TakeInteger(element, out);
}
absl::Status Take(JsonScalar& element, int64_t* out) {
  return TakeInteger(element, out);
}
absl::Status Take(JsonScalar& element, double* out) {
  if (element.kind != Kind::kNumber) return WrongElement("number");
  if (!absl::SimpleAtod(element.text, out) || !std::isfinite(*out)) {
    return MakeError(ErrorKind::kTooBig,
                     "an element of the array is beyond a double");
  }
  return absl::OkStatus();
}
absl::Status Take(JsonScalar& element, std::string* out) {
  if (element.kind != Kind::kText) return WrongElement("text");
  *out = std::move(element.text);
  return absl::OkStatus();
}
template <typename T>
absl::Status TakeOrNull(JsonScalar& element, T* out) {
  if (element.kind == Kind::kNull) {
    return MakeError(ErrorKind::kTypeMismatch,
                     "an element of the array is null: map the column as a "
                     "vector of std::optional");
  }
  return Take(element, out);
}
template <typename T>
absl::Status TakeOrNull(JsonScalar& element, std::optional<T>* out) {
  if (element.kind == Kind::kNull) return absl::OkStatus();
  return Take(element, &out->emplace());
}

bool Same(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}
bool Same(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || Same(*a, *b));
}
template <typename T>
bool Same(const T& a, const T& b) {
  return a == b;
}

}  // namespace

template <typename T>
requires(engine::kIsArrayElement<T>) absl::Status
    TypeTraits<std::vector<T>>::Bind(const std::vector<T>& value,
                                     engine::BoundValue* out) {
  std::string json = "[";
  for (size_t i = 0; i < value.size(); ++i) {
    if (i > 0) json.push_back(',');
    const T& element = value[i];
    CUPEL_RETURN_IF_ERROR(Append(element, &json));
  }
  json.push_back(']');
  out->Set(engine::Value::Json(std::move(json)));
  return absl::OkStatus();
}

template <typename T>
requires(engine::kIsArrayElement<T>) absl::Status
    TypeTraits<std::vector<T>>::Read(const engine::ValueView& cell,
                                     std::vector<T>* out) {
  CUPEL_RETURN_IF_ERROR(
      engine_internal::ExpectKind(engine::ValueKind::kJson, cell));
  CUPEL_ASSIGN_OR_RETURN(std::vector<JsonScalar> elements,
                         engine::ParseJsonArray(cell.bytes()));
  out->clear();
  out->reserve(elements.size());
  for (JsonScalar& element : elements) {
    T value{};
    CUPEL_RETURN_IF_ERROR(TakeOrNull(element, &value));
    out->push_back(std::move(value));
  }
  return absl::OkStatus();
}

template <typename T>
requires(engine::kIsArrayElement<T>) bool TypeTraits<std::vector<T>>::Equal(
    const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const T& x = a[i];
    const T& y = b[i];
    if (!Same(x, y)) return false;
  }
  return true;
}

#define CUPEL_DEFINE_ARRAY_TRAITS(...)                  \
  template struct TypeTraits<std::vector<__VA_ARGS__>>; \
  template struct TypeTraits<std::vector<std::optional<__VA_ARGS__>>>
CUPEL_DEFINE_ARRAY_TRAITS(bool);
CUPEL_DEFINE_ARRAY_TRAITS(int32_t);
CUPEL_DEFINE_ARRAY_TRAITS(int64_t);
CUPEL_DEFINE_ARRAY_TRAITS(double);
CUPEL_DEFINE_ARRAY_TRAITS(std::string);
#undef CUPEL_DEFINE_ARRAY_TRAITS

}  // namespace cupel
