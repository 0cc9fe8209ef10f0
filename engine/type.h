// SQL types: what a column is declared as, apart from any database.
//
//   Column<&User::username>(String(80))
//   Column<&Account::balance>(Numeric(12, 2))
//
// A Type is a small literal value, so that mappings are constant expressions.
// Immutable once made; texts and enumerators that it refers to are static data
// (or interned, see below).

#ifndef CUPEL_ENGINE_TYPE_H_
#define CUPEL_ENGINE_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

enum class TypeKind : uint8_t {
  kUnknown,
  kBoolean,
  kSmallInteger,
  kInteger,
  kBigInteger,
  kFloat,
  kDouble,
  kNumeric,
  kString,
  kText,
  kBinary,
  kDate,
  kTime,
  kTimestamp,
  kInterval,
  kUuid,
  kJson,
  kEnum,
  kExact,  // nothing is known but the text: values pass as they are
  kArray,  // of one dimension; the rest of the Type describes the elements
};

// How an exact decimal is kept where the database has none of its own.
enum class NumericStorage : uint8_t {
  kScaledInteger,  // value * 10^scale in a 64-bit integer: exact, SUM is exact
  kText,           // its digits: exact at any length, no arithmetic in SQL
  kFloating,       // a double: only values that survive it are accepted
};

// The enumerators of a C++ enumeration, in order of declaration.
struct EnumDescriptor {
  absl::Span<const absl::string_view> names;
  absl::Span<const int64_t> values;

  // The index of a name or value, -1 when there is none.
  int FindName(absl::string_view name) const;
  int FindValue(int64_t value) const;
};

struct Type {
  TypeKind kind = TypeKind::kUnknown;
  TypeKind element = TypeKind::kUnknown;  // kArray: the kind of its elements
  NumericStorage storage = NumericStorage::kScaledInteger;
  bool timezone = false;    // kTimestamp: instants, in the server's own terms
  bool native_enum = true;  // kEnum: the database's enum type, if it has one
  bool enum_check = true;   // kEnum: otherwise with a CHECK constraint
  uint16_t precision = 0;   // kNumeric: all digits; 0: unlimited
  int16_t scale = 0;        // kNumeric: digits behind the point
  uint32_t length = 0;      // kString: characters; kBinary: bytes; 0: any
  const EnumDescriptor* enumerators = nullptr;
  // kEnum: the name of the enum type, where that is an object of the database.
  // Empty: text.
  absl::string_view enum_name;
  absl::string_view exact_name;  // if not empty, is rendered as it stands

  // Equal when they are rendered and stored alike (enumerators by content).
  friend bool operator==(const Type& a, const Type& b) {
    return a.kind == b.kind && a.element == b.element &&
           a.storage == b.storage && a.timezone == b.timezone &&
           a.native_enum == b.native_enum && a.enum_check == b.enum_check &&
           a.precision == b.precision && a.scale == b.scale &&
           a.length == b.length && a.enum_name == b.enum_name &&
           a.exact_name == b.exact_name &&
           SameEnumerators(a.enumerators, b.enumerators);
  }

  template <typename H>
  friend H AbslHashValue(H h, const Type& type) {
    return H::combine(std::move(h), type.kind, type.element, type.storage,
                      type.timezone, type.precision, type.scale, type.length,
                      type.enum_name, type.exact_name,
                      type.enumerators ? type.enumerators->names.size() : 0);
  }

  // For messages and logs: "numeric(10, 2)".
  std::string DebugString() const;

 private:
  static bool SameEnumerators(const EnumDescriptor* a, const EnumDescriptor* b);
};

constexpr Type MakeType(TypeKind kind) {
  Type type;
  type.kind = kind;
  return type;
}

constexpr Type Boolean() { return MakeType(TypeKind::kBoolean); }
constexpr Type SmallInteger() { return MakeType(TypeKind::kSmallInteger); }
constexpr Type Integer() { return MakeType(TypeKind::kInteger); }
constexpr Type BigInteger() { return MakeType(TypeKind::kBigInteger); }
constexpr Type Float() { return MakeType(TypeKind::kFloat); }
constexpr Type Double() { return MakeType(TypeKind::kDouble); }
constexpr Type Text() { return MakeType(TypeKind::kText); }
constexpr Type Date() { return MakeType(TypeKind::kDate); }
constexpr Type Time() { return MakeType(TypeKind::kTime); }
constexpr Type Interval() { return MakeType(TypeKind::kInterval); }
constexpr Type UuidType() { return MakeType(TypeKind::kUuid); }
constexpr Type JsonType() { return MakeType(TypeKind::kJson); }

// An exact decimal of `precision` digits, `scale` of them behind the point.
constexpr Type Numeric(
    uint16_t precision, int16_t scale,
    NumericStorage storage = NumericStorage::kScaledInteger) {
  Type type = MakeType(TypeKind::kNumeric);
  type.precision = precision;
  type.scale = scale;
  type.storage = storage;
  return type;
}

// Text of at most `length` characters (Unicode code points); 0: no limit.
constexpr Type String(uint32_t length = 0) {
  Type type = MakeType(TypeKind::kString);
  type.length = length;
  return type;
}

// Bytes, at most `length` of them; 0: no limit.
constexpr Type Binary(uint32_t length = 0) {
  Type type = MakeType(TypeKind::kBinary);
  type.length = length;
  return type;
}

// An instant in microseconds. Written and read as UTC with and without
// `timezone`, which chooses between the two types of a server that has two.
constexpr Type Timestamp(bool timezone = false) {
  Type type = MakeType(TypeKind::kTimestamp);
  type.timezone = timezone;
  return type;
}

// One of `enumerators` (static data), by name. `native`: as an enum type of the
// database where there is one; otherwise text, with a CHECK if `check`.
constexpr Type EnumType(const EnumDescriptor* enumerators, bool native = true,
                        bool check = true) {
  Type type = MakeType(TypeKind::kEnum);
  type.enumerators = enumerators;
  type.native_enum = native;
  type.enum_check = check;
  return type;
}

// The same with a name (static or interned text) for databases whose enum types
// are objects of their own: the schema creates and drops them with the tables.
constexpr Type NamedEnumType(absl::string_view name,
                             const EnumDescriptor* enumerators) {
  Type type = EnumType(enumerators);
  type.enum_name = name;
  return type;
}

// A type rendered exactly as `name` (static or interned text). `kind` says how
// values are converted; by default they pass unchanged.
constexpr Type ExactType(absl::string_view name,
                         TypeKind kind = TypeKind::kExact) {
  Type type = MakeType(kind);
  type.exact_name = name;
  return type;
}

// Whether arrays of a type are known: of booleans, numbers, texts, dates,
// timestamps and UUIDs, never of arrays.
constexpr bool IsArrayElement(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kSmallInteger:
    case TypeKind::kInteger:
    case TypeKind::kBigInteger:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kNumeric:
    case TypeKind::kString:
    case TypeKind::kText:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kUuid:
      return type.exact_name.empty();
    default:
      return false;
  }
}

// An array of `element`, whose logical value is the text of a JSON array:
// "[1,2,null]", with dates, timestamps and UUIDs as texts. An array type where
// the database has them, otherwise stored as JsonType() is. Other elements than
// those of IsArrayElement give a type that no database can declare.
constexpr Type Array(const Type& element) {
  Type type = element;
  type.kind = TypeKind::kArray;
  type.element = IsArrayElement(element) ? element.kind : TypeKind::kUnknown;
  type.exact_name = absl::string_view();
  return type;
}

// The type of an array's elements. Requires: kArray.
constexpr Type ElementOf(const Type& array) {
  Type type = array;
  type.kind = array.element;
  type.element = TypeKind::kUnknown;
  return type;
}

// The kind of the logical values of a type; kNull for kUnknown and kExact,
// whose values may be of any kind.
constexpr ValueKind LogicalKind(TypeKind kind) {
  switch (kind) {
    case TypeKind::kUnknown:
    case TypeKind::kExact:
      return ValueKind::kNull;
    case TypeKind::kBoolean:
      return ValueKind::kBool;
    case TypeKind::kSmallInteger:
    case TypeKind::kInteger:
    case TypeKind::kBigInteger:
      return ValueKind::kInt64;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return ValueKind::kDouble;
    case TypeKind::kNumeric:
      return ValueKind::kDecimal;
    case TypeKind::kString:
    case TypeKind::kText:
    case TypeKind::kEnum:
      return ValueKind::kText;
    case TypeKind::kBinary:
      return ValueKind::kBlob;
    case TypeKind::kDate:
      return ValueKind::kDate;
    case TypeKind::kTime:
      return ValueKind::kTime;
    case TypeKind::kTimestamp:
      return ValueKind::kTimestamp;
    case TypeKind::kInterval:
      return ValueKind::kInterval;
    case TypeKind::kUuid:
      return ValueKind::kUuid;
    case TypeKind::kJson:
    case TypeKind::kArray:
      return ValueKind::kJson;
  }
  return ValueKind::kNull;
}
constexpr ValueKind LogicalKind(const Type& type) {
  return LogicalKind(type.kind);
}

// "boolean", "small_integer", ...
absl::string_view TypeKindName(TypeKind kind);

// A copy of `name` that lives for ever, one per distinct text: for types found
// at run time (reflection). Thread-safe.
absl::string_view InternTypeName(absl::string_view name);

// The same for enumerators; values are 0, 1, 2, ... Thread-safe.
const EnumDescriptor* InternEnumerators(const std::vector<std::string>& names);

}  // namespace cupel::engine

namespace cupel {
using engine::Array;
using engine::BigInteger;
using engine::Binary;
using engine::Boolean;
using engine::Date;
using engine::Double;
using engine::EnumType;
using engine::ExactType;
using engine::Float;
using engine::Integer;
using engine::Interval;
using engine::JsonType;
using engine::NamedEnumType;
using engine::Numeric;
using engine::NumericStorage;
using engine::SmallInteger;
using engine::String;
using engine::Text;
using engine::Time;
using engine::Timestamp;
using engine::UuidType;
}  // namespace cupel

#endif  // CUPEL_ENGINE_TYPE_H_
