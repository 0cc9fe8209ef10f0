// The values that travel between C++ and a database, erased.
//
// A ValueView is one parameter or one cell: a kind, and a number or a pointer
// to bytes that somebody else owns. A Value owns what it holds. Both are used
// in two domains, told apart by context: logical values (the kind follows from
// the column's Type) and storage values (what the driver binds and returns).

#ifndef CUPEL_ENGINE_VALUE_H_
#define CUPEL_ENGINE_VALUE_H_

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/uuid.h"

namespace cupel::engine {

using Bytes = std::vector<uint8_t>;

enum class ValueKind : uint8_t {
  kNull,
  kBool,
  kInt64,
  kDouble,
  kDecimal,
  kText,  // UTF-8
  kBlob,
  kDate,
  kTime,
  kTimestamp,
  kInterval,
  kUuid,
  kJson,  // JSON text, UTF-8
};

// "null", "bool", "int64", ...
absl::string_view ValueKindName(ValueKind kind);

// A value whose bytes, decimal or uuid somebody else owns and keeps unchanged
// for as long as the view is used. 24 bytes, trivially copyable: pass by value.
// An accessor requires its kind (checked in debug builds).
class ValueView {
 public:
  constexpr ValueView() = default;  // NULL

  static constexpr ValueView Null() { return ValueView(); }
  static constexpr ValueView Bool(bool value) {
    return ValueView(ValueKind::kBool, int64_t{value});
  }
  static constexpr ValueView Int64(int64_t value) {
    return ValueView(ValueKind::kInt64, value);
  }
  static constexpr ValueView Double(double value) {
    ValueView view;
    view.kind_ = ValueKind::kDouble;
    view.double_ = value;
    return view;
  }
  static ValueView Decimal(const engine::Decimal* value) {
    return ValueView(ValueKind::kDecimal, value, sizeof(*value));
  }
  static constexpr ValueView Text(absl::string_view value) {
    return ValueView(ValueKind::kText, value.data(), value.size());
  }
  static constexpr ValueView Blob(absl::string_view value) {
    return ValueView(ValueKind::kBlob, value.data(), value.size());
  }
  // Days since 1970-01-01.
  static constexpr ValueView Date(int32_t days) {
    return ValueView(ValueKind::kDate, int64_t{days});
  }
  // Microseconds since midnight.
  static constexpr ValueView Time(int64_t micros) {
    return ValueView(ValueKind::kTime, micros);
  }
  // Microseconds since 1970-01-01 00:00:00 UTC.
  static constexpr ValueView Timestamp(int64_t micros) {
    return ValueView(ValueKind::kTimestamp, micros);
  }
  static constexpr ValueView Interval(int64_t micros) {
    return ValueView(ValueKind::kInterval, micros);
  }
  static ValueView Uuid(const engine::Uuid* value) {
    return ValueView(ValueKind::kUuid, value->bytes.data(), 16);
  }
  // 16 bytes, of any alignment.
  static ValueView UuidBytes(absl::string_view raw) {
    assert(raw.size() == 16);
    return ValueView(ValueKind::kUuid, raw.data(), 16);
  }
  static constexpr ValueView Json(absl::string_view value) {
    return ValueView(ValueKind::kJson, value.data(), value.size());
  }

  constexpr ValueKind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == ValueKind::kNull; }

  bool bool_value() const { return Scalar(ValueKind::kBool) != 0; }
  int64_t int64_value() const { return Scalar(ValueKind::kInt64); }
  double double_value() const {
    assert(kind_ == ValueKind::kDouble);
    return double_;
  }
  const engine::Decimal& decimal() const {
    assert(kind_ == ValueKind::kDecimal);
    return *static_cast<const engine::Decimal*>(pointer_);
  }
  // The bytes of a text, blob or JSON value; the 16 bytes of a uuid.
  absl::string_view bytes() const {
    assert(has_bytes());
    return absl::string_view(static_cast<const char*>(pointer_), size_);
  }
  int32_t date_days() const {
    return static_cast<int32_t>(Scalar(ValueKind::kDate));
  }
  int64_t time_micros() const { return Scalar(ValueKind::kTime); }
  int64_t timestamp_micros() const { return Scalar(ValueKind::kTimestamp); }
  int64_t interval_micros() const { return Scalar(ValueKind::kInterval); }
  engine::Uuid uuid() const {
    assert(kind_ == ValueKind::kUuid);
    engine::Uuid result;
    std::memcpy(result.bytes.data(), pointer_, 16);
    return result;
  }

  constexpr bool has_bytes() const {
    return kind_ == ValueKind::kText || kind_ == ValueKind::kBlob ||
           kind_ == ValueKind::kJson || kind_ == ValueKind::kUuid;
  }

  // Same kind and same content; doubles by their bits (NaN equals itself, -0.0
  // is not 0.0), decimals by their number, JSON by its text. NULL equals NULL.
  friend bool operator==(const ValueView& a, const ValueView& b);

  template <typename H>
  friend H AbslHashValue(H h, const ValueView& view) {
    // The kind comes last, so that no value's bytes end like another kind's.
    if (view.has_bytes()) {
      return H::combine(std::move(h), view.bytes(), view.kind_);
    }
    if (view.kind_ == ValueKind::kDecimal) {
      return H::combine(std::move(h), view.decimal(), view.kind_);
    }
    if (view.kind_ == ValueKind::kDouble) {
      return H::combine(std::move(h), std::bit_cast<int64_t>(view.double_),
                        view.kind_);
    }
    return H::combine(std::move(h), view.int64_, view.kind_);
  }

  // Kind and size, never the content: "text(12 bytes)". Safe to log.
  std::string DebugString() const;

 private:
  friend struct BoundValue;

  constexpr ValueView(ValueKind kind, int64_t value)
      : int64_(value), kind_(kind) {}
  constexpr ValueView(ValueKind kind, const void* pointer, size_t size)
      : pointer_(pointer), size_(size), kind_(kind) {}

  int64_t Scalar([[maybe_unused]] ValueKind kind) const {
    assert(kind_ == kind);
    return int64_;
  }

  bool has_pointer() const {
    return has_bytes() || kind_ == ValueKind::kDecimal;
  }

  union {
    int64_t int64_ = 0;
    double double_;
    const void* pointer_;
  };
  size_t size_ = 0;
  ValueKind kind_ = ValueKind::kNull;
};

static_assert(sizeof(ValueView) == 24);
static_assert(std::is_trivially_copyable_v<ValueView>);

// The owning twin of ValueView. A value; thread-compatible.
class Value {
 public:
  Value() = default;  // NULL
  // Copies what the view points to.
  explicit Value(const ValueView& view);

  static Value Null() { return Value(); }
  static Value Bool(bool value) { return Value(ValueView::Bool(value)); }
  static Value Int64(int64_t value) { return Value(ValueView::Int64(value)); }
  static Value Double(double value) { return Value(ValueView::Double(value)); }
  static Value Decimal(const engine::Decimal& value) {
    return Value(ValueView::Decimal(&value));
  }
  static Value Text(std::string value) {
    return Value(ValueKind::kText, std::move(value));
  }
  static Value Blob(std::string value) {
    return Value(ValueKind::kBlob, std::move(value));
  }
  static Value Date(int32_t days) { return Value(ValueView::Date(days)); }
  static Value Time(int64_t micros) { return Value(ValueView::Time(micros)); }
  static Value Timestamp(int64_t micros) {
    return Value(ValueView::Timestamp(micros));
  }
  static Value Interval(int64_t micros) {
    return Value(ValueView::Interval(micros));
  }
  static Value Uuid(const engine::Uuid& value) {
    return Value(ValueView::Uuid(&value));
  }
  static Value Json(std::string value) {
    return Value(ValueKind::kJson, std::move(value));
  }

  // Valid until the value is changed, moved or gone.
  ValueView view() const;

  ValueKind kind() const { return kind_; }
  bool is_null() const { return kind_ == ValueKind::kNull; }

  // As of ValueView.
  friend bool operator==(const Value& a, const Value& b) {
    return a.view() == b.view();
  }
  template <typename H>
  friend H AbslHashValue(H h, const Value& value) {
    return H::combine(std::move(h), value.view());
  }
  std::string DebugString() const { return view().DebugString(); }

 private:
  Value(ValueKind kind, std::string bytes)
      : kind_(kind), bytes_(std::move(bytes)) {}

  // What is not in `bytes_`. The kind tells which: numbers, booleans and times
  // are kept as a view. (A std::variant would cost every file of a user a
  // twentieth of a second.)
  union Content {
    Content() : view() {}
    ValueView view;
    engine::Decimal decimal;
    engine::Uuid uuid;
  };
  static_assert(std::is_trivially_copyable_v<engine::Decimal> &&
                std::is_trivially_copyable_v<engine::Uuid>);

  ValueKind kind_ = ValueKind::kNull;
  Content content_;
  std::string bytes_;  // of a text, a blob or JSON
};

// Where a conversion puts its result: `view` is the value, and points either
// into the object that was converted or into `storage`. Copying and moving keep
// that so.
struct BoundValue {
  ValueView view;
  Value storage;

  BoundValue() = default;
  BoundValue(const BoundValue& other) { *this = other; }
  BoundValue(BoundValue&& other) { *this = std::move(other); }
  BoundValue& operator=(const BoundValue& other);
  BoundValue& operator=(BoundValue&& other);

  // The value is `owner`, kept in `storage`.
  void Set(Value owner) {
    storage = std::move(owner);
    view = storage.view();
  }

  // Makes `storage` own whatever `view` points to.
  void Own();

 private:
  bool is_in_storage() const;
};

}  // namespace cupel::engine

namespace cupel {
using engine::Bytes;
}  // namespace cupel

#endif  // CUPEL_ENGINE_VALUE_H_
