#include "cupel/engine/value.h"

#include <bit>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

absl::string_view ValueKindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kInt64:
      return "int64";
    case ValueKind::kDouble:
      return "double";
    case ValueKind::kDecimal:
      return "decimal";
    case ValueKind::kText:
      return "text";
    case ValueKind::kBlob:
      return "blob";
    case ValueKind::kDate:
      return "date";
    case ValueKind::kTime:
      return "time";
    case ValueKind::kTimestamp:
      return "timestamp";
    case ValueKind::kInterval:
      return "interval";
    case ValueKind::kUuid:
      return "uuid";
    case ValueKind::kJson:
      return "json";
  }
  return "unknown";
}

bool operator==(const ValueView& a, const ValueView& b) {
  if (a.kind_ != b.kind_) return false;
  if (a.is_null()) return true;
  if (a.has_bytes()) return a.bytes() == b.bytes();
  if (a.kind_ == ValueKind::kDecimal) return a.decimal() == b.decimal();
  if (a.kind_ == ValueKind::kDouble) {
    return std::bit_cast<int64_t>(a.double_) ==
           std::bit_cast<int64_t>(b.double_);
  }
  return a.int64_ == b.int64_;
}

std::string ValueView::DebugString() const {
  absl::string_view name = ValueKindName(kind_);
  if (!has_bytes() || kind_ == ValueKind::kUuid) return std::string(name);
  return absl::StrCat(name, "(", size_, " bytes)");
}

Value::Value(const ValueView& view) : kind_(view.kind()) {
  switch (view.kind()) {
    case ValueKind::kText:
    case ValueKind::kBlob:
    case ValueKind::kJson:
      bytes_ = std::string(view.bytes());
      return;
    case ValueKind::kDecimal:
      content_.decimal = view.decimal();
      return;
    case ValueKind::kUuid:
      content_.uuid = view.uuid();
      return;
    default:
      content_.view = view;
  }
}

ValueView Value::view() const {
  switch (kind_) {
    case ValueKind::kText:
      return ValueView::Text(bytes_);
    case ValueKind::kBlob:
      return ValueView::Blob(bytes_);
    case ValueKind::kJson:
      return ValueView::Json(bytes_);
    case ValueKind::kDecimal:
      return ValueView::Decimal(&content_.decimal);
    case ValueKind::kUuid:
      return ValueView::Uuid(&content_.uuid);
    default:
      return content_.view;
  }
}

BoundValue& BoundValue::operator=(const BoundValue& other) {
  if (this == &other) return *this;
  view = other.view;
  storage = other.storage;
  if (other.is_in_storage()) view = storage.view();
  return *this;
}

BoundValue& BoundValue::operator=(BoundValue&& other) {
  if (this == &other) return *this;
  bool in_storage = other.is_in_storage();
  view = other.view;
  storage = std::move(other.storage);
  if (in_storage) view = storage.view();
  other.view = ValueView();
  other.storage = Value();
  return *this;
}

void BoundValue::Own() {
  if (!is_in_storage()) Set(Value(view));
}

bool BoundValue::is_in_storage() const {
  return view.has_pointer() && view.kind() == storage.kind() &&
         view.pointer_ == storage.view().pointer_;
}

}  // namespace cupel::engine
