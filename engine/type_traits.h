// How a C++ type is a column: TypeTraits<T>. Its erased form, TypeOps, is in
// cupel/engine/type_ops.h, enumerations are in cupel/engine/enumerators.h.
//
// Built in: bool, all integers, float, double, std::string, Bytes, Decimal,
// Uuid, absl::CivilDay, TimeOfDay, absl::Time, absl::Duration, enumerations and
// std::optional of each (NULL). nlohmann::json comes with cupel/engine/json.h.
//
// Arrays: std::vector of bool, int32_t, int64_t, double, std::string, and of
// std::optional of these where elements may be NULL. Types of other arrays
// (Array(Date()), ...) can be read and written as JSON.
//
// An own type joins by a specialisation, most easily in this way:
//
//   template <>
//   struct cupel::TypeTraits<Money> : cupel::ConvertedType<Money, int64_t> {
//     static int64_t To(const Money& money) { return money.cents; }
//     static Money From(int64_t cents) { return Money{cents}; }
//   };
//
// Conversion is strict. Reading gives a status for a cell of another kind
// (kDataLoss), a number out of range (kOutOfRange), NULL in a type that is not
// optional (kDataLoss); binding for a number that the database cannot hold, for
// text that is not UTF-8 and for infinite times. Nothing is cut or replaced.
// Times are rounded to the nearest microsecond, ties towards the future; two
// times that are stored alike count as equal when changes are looked for.

#ifndef CUPEL_ENGINE_TYPE_TRAITS_H_
#define CUPEL_ENGINE_TYPE_TRAITS_H_

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/time_of_day.h"
#include "cupel/engine/type.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel {

// A specialisation has
//   static constexpr engine::Type SqlType();
//   static void Bind(const T& value, engine::BoundValue* out);
//       or absl::Status Bind(...), if it can fail
//   static absl::Status Read(const engine::ValueView& cell, T* out);
// and may have
//   static bool Equal(const T& a, const T& b);   // instead of ==
//   static constexpr bool kReadsNull = true;     // Read takes NULL, too
// Values are logical: of the kind LogicalKind(SqlType()). What `out->view`
// points to is `value` or `out->storage`.
template <typename T>
struct TypeTraits;

namespace engine {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// T of std::optional<T>, otherwise the type itself.
template <typename T>
struct StripOptional {
  using type = T;
};
template <typename T>
struct StripOptional<std::optional<T>> {
  using type = T;
};
template <typename T>
using ValueTypeOf = typename StripOptional<T>::type;

// Can be bound as a parameter.
template <typename T>
concept Bindable = requires(const T& value, BoundValue* out) {
  { TypeTraits<T>::SqlType() } -> std::convertible_to<Type>;
  TypeTraits<T>::Bind(value, out);
};

// Can be a column: bound and read.
template <typename T>
concept Storable = Bindable<T> && requires(const ValueView& cell, T* out) {
  { TypeTraits<T>::Read(cell, out) } -> std::same_as<absl::Status>;
};

}  // namespace engine

namespace engine_internal {

using engine::BoundValue;
using engine::ValueKind;
using engine::ValueView;

absl::Status WrongKind(ValueKind expected, const ValueView& cell);
absl::Status UnexpectedNull(ValueKind expected);
absl::Status IntegerOutOfRange();

inline absl::Status ExpectKind(ValueKind expected, const ValueView& cell) {
  if (cell.kind() == expected) [[likely]]
    return absl::OkStatus();
  return WrongKind(expected, cell);
}

// Calls Bind of either form.
template <typename T>
absl::Status Bind(const T& value, BoundValue* out) {
  if constexpr (std::is_void_v<decltype(TypeTraits<T>::Bind(value, out))>) {
    TypeTraits<T>::Bind(value, out);
    return absl::OkStatus();
  } else {
    return TypeTraits<T>::Bind(value, out);
  }
}

template <typename T>
bool Equal(const T& a, const T& b) {
  if constexpr (requires { TypeTraits<T>::Equal(a, b); }) {
    return TypeTraits<T>::Equal(a, b);
  } else {
    static_assert(std::equality_comparable<T>,
                  "cupel: a column's type needs == (or TypeTraits<T>::Equal), "
                  "to find out what has changed");
    return a == b;
  }
}

template <typename T>
constexpr bool ReadsNull() {
  if constexpr (requires { TypeTraits<T>::kReadsNull; }) {
    return TypeTraits<T>::kReadsNull;
  } else {
    return engine::kIsOptional<T>;
  }
}

// All integers but characters and bool.
template <typename T>
concept Integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
    !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
    !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <typename T>
constexpr engine::Type IntegerType() {
  // An unsigned type needs one bit more.
  constexpr int kBits = std::numeric_limits<T>::digits;
  if (kBits <= 15) return engine::SmallInteger();
  if (kBits <= 31) return engine::Integer();
  return engine::BigInteger();
}

}  // namespace engine_internal

template <>
struct TypeTraits<bool> {
  static constexpr engine::Type SqlType() { return engine::Boolean(); }
  static void Bind(bool value, engine::BoundValue* out) {
    out->view = engine::ValueView::Bool(value);
  }
  static absl::Status Read(const engine::ValueView& cell, bool* out) {
    if (cell.kind() != engine::ValueKind::kBool) {
      return engine_internal::WrongKind(engine::ValueKind::kBool, cell);
    }
    *out = cell.bool_value();
    return absl::OkStatus();
  }
};

template <engine_internal::Integer T>
struct TypeTraits<T> {
  static constexpr engine::Type SqlType() {
    return engine_internal::IntegerType<T>();
  }
  static absl::Status Bind(T value, engine::BoundValue* out) {
    if (!std::in_range<int64_t>(value)) {
      return engine_internal::IntegerOutOfRange();
    }
    out->view = engine::ValueView::Int64(static_cast<int64_t>(value));
    return absl::OkStatus();
  }
  static absl::Status Read(const engine::ValueView& cell, T* out) {
    if (cell.kind() != engine::ValueKind::kInt64) {
      return engine_internal::WrongKind(engine::ValueKind::kInt64, cell);
    }
    int64_t value = cell.int64_value();
    if (!std::in_range<T>(value)) return engine_internal::IntegerOutOfRange();
    *out = static_cast<T>(value);
    return absl::OkStatus();
  }
};

// Floating types compare by their bits: NaN is unchanged, -0.0 is not 0.0. An
// integer cell is read if the type holds it exactly. A float takes the nearest
// value of a double cell, unless a finite one would become infinite.
template <>
struct TypeTraits<double> {
  static constexpr engine::Type SqlType() { return engine::Double(); }
  static void Bind(double value, engine::BoundValue* out) {
    out->view = engine::ValueView::Double(value);
  }
  static absl::Status Read(const engine::ValueView& cell, double* out);
  static bool Equal(double a, double b) {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
  }
};

template <>
struct TypeTraits<float> {
  static constexpr engine::Type SqlType() { return engine::Float(); }
  static void Bind(float value, engine::BoundValue* out) {
    out->view = engine::ValueView::Double(double{value});
  }
  static absl::Status Read(const engine::ValueView& cell, float* out);
  static bool Equal(float a, float b) {
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
  }
};

// Bound only: what is read needs an owner.
template <>
struct TypeTraits<absl::string_view> {
  static constexpr engine::Type SqlType() { return engine::Text(); }
  static absl::Status Bind(absl::string_view value, engine::BoundValue* out);
};

template <>
struct TypeTraits<const char*> : TypeTraits<absl::string_view> {};

template <>
struct TypeTraits<std::string> : TypeTraits<absl::string_view> {
  static absl::Status Read(const engine::ValueView& cell, std::string* out);
};

// Reads text, too: as its bytes.
template <>
struct TypeTraits<Bytes> {
  static constexpr engine::Type SqlType() { return engine::Binary(); }
  static void Bind(const Bytes& value, engine::BoundValue* out);
  static absl::Status Read(const engine::ValueView& cell, Bytes* out);
};

// Numeric without a precision: say Numeric(p, s) for a column. Reads integers.
template <>
struct TypeTraits<Decimal> {
  static constexpr engine::Type SqlType() {
    return engine::Numeric(0, 0, engine::NumericStorage::kText);
  }
  static void Bind(const Decimal& value, engine::BoundValue* out) {
    out->view = engine::ValueView::Decimal(&value);
  }
  static absl::Status Read(const engine::ValueView& cell, Decimal* out);
};

template <>
struct TypeTraits<Uuid> {
  static constexpr engine::Type SqlType() { return engine::UuidType(); }
  static void Bind(const Uuid& value, engine::BoundValue* out) {
    out->view = engine::ValueView::Uuid(&value);
  }
  static absl::Status Read(const engine::ValueView& cell, Uuid* out);
};

template <>
struct TypeTraits<absl::CivilDay> {
  static constexpr engine::Type SqlType() { return engine::Date(); }
  static absl::Status Bind(absl::CivilDay value, engine::BoundValue* out);
  static absl::Status Read(const engine::ValueView& cell, absl::CivilDay* out);
};

template <>
struct TypeTraits<TimeOfDay> {
  static constexpr engine::Type SqlType() { return engine::Time(); }
  static void Bind(TimeOfDay value, engine::BoundValue* out) {
    out->view = engine::ValueView::Time(value.micros_since_midnight());
  }
  static absl::Status Read(const engine::ValueView& cell, TimeOfDay* out);
};

template <>
struct TypeTraits<absl::Time> {
  static constexpr engine::Type SqlType() { return engine::Timestamp(); }
  static absl::Status Bind(absl::Time value, engine::BoundValue* out);
  static absl::Status Read(const engine::ValueView& cell, absl::Time* out);
  static bool Equal(absl::Time a, absl::Time b);
};

template <>
struct TypeTraits<absl::Duration> {
  static constexpr engine::Type SqlType() { return engine::Interval(); }
  static absl::Status Bind(absl::Duration value, engine::BoundValue* out);
  static absl::Status Read(const engine::ValueView& cell, absl::Duration* out);
  static bool Equal(absl::Duration a, absl::Duration b);
};

template <typename T>
struct TypeTraits<std::optional<T>> {
  static_assert(!engine::kIsOptional<T>,
                "cupel: an optional of an optional cannot be a column");
  static constexpr engine::Type SqlType() { return TypeTraits<T>::SqlType(); }
  static absl::Status Bind(const std::optional<T>& value,
                           engine::BoundValue* out) {
    if (value.has_value()) return engine_internal::Bind<T>(*value, out);
    out->view = engine::ValueView::Null();
    return absl::OkStatus();
  }
  static absl::Status Read(const engine::ValueView& cell,
                           std::optional<T>* out) {
    if (cell.is_null()) {
      out->reset();
      return absl::OkStatus();
    }
    if (!out->has_value()) out->emplace();
    return TypeTraits<T>::Read(cell, &**out);
  }
  static bool Equal(const std::optional<T>& a, const std::optional<T>& b) {
    if (a.has_value() != b.has_value()) return false;
    return !a.has_value() || engine_internal::Equal<T>(*a, *b);
  }
};

namespace engine {

template <typename T>
inline constexpr bool kIsArrayElement =
    std::is_same_v<ValueTypeOf<T>, bool> ||
    std::is_same_v<ValueTypeOf<T>, int32_t> ||
    std::is_same_v<ValueTypeOf<T>, int64_t> ||
    std::is_same_v<ValueTypeOf<T>, double> ||
    std::is_same_v<ValueTypeOf<T>, std::string>;

}  // namespace engine

// A NULL element is read into std::optional elements only. Numbers that are not
// finite cannot be elements. Defined for the types of kIsArrayElement.
template <typename T>
requires(engine::kIsArrayElement<T>) struct TypeTraits<std::vector<T>> {
  static constexpr engine::Type SqlType() {
    return engine::Array(TypeTraits<T>::SqlType());
  }
  static absl::Status Bind(const std::vector<T>& value,
                           engine::BoundValue* out);
  static absl::Status Read(const engine::ValueView& cell, std::vector<T>* out);
  static bool Equal(const std::vector<T>& a, const std::vector<T>& b);
};

// The base of traits that store a `Stored` in place of T. The derived traits
// have static functions To(const T&), which gives Stored or
// absl::StatusOr<Stored>, and From(Stored), which gives T or absl::StatusOr<T>.
template <typename T, typename Stored>
struct ConvertedType {
  static constexpr engine::Type SqlType() {
    return TypeTraits<Stored>::SqlType();
  }

  static absl::Status Bind(const T& value, engine::BoundValue* out) {
    auto stored = TypeTraits<T>::To(value);
    absl::Status status;
    if constexpr (requires { stored.status(); }) {
      if (!stored.ok()) return stored.status();
      status = engine_internal::Bind<Stored>(*stored, out);
    } else {
      status = engine_internal::Bind<Stored>(stored, out);
    }
    if (status.ok()) out->Own();
    return status;
  }

  static absl::Status Read(const engine::ValueView& cell, T* out) {
    Stored stored{};
    absl::Status status = TypeTraits<Stored>::Read(cell, &stored);
    if (!status.ok()) return status;
    auto value = TypeTraits<T>::From(std::move(stored));
    if constexpr (requires { value.status(); }) {
      if (!value.ok()) return value.status();
      *out = *std::move(value);
    } else {
      *out = std::move(value);
    }
    return absl::OkStatus();
  }
};

}  // namespace cupel

#endif  // CUPEL_ENGINE_TYPE_TRAITS_H_
