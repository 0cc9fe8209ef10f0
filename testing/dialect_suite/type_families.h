// Column types with values at their edges, for the cases that every type has to
// pass.

#ifndef CUPEL_TESTING_DIALECT_SUITE_TYPE_FAMILIES_H_
#define CUPEL_TESTING_DIALECT_SUITE_TYPE_FAMILIES_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/enumerators.h"
#include "cupel/engine/json.h"
#include "nlohmann/json.hpp"

namespace cupel::dialect_suite {
enum class Color { kRed, kGreen, kBlue };
}  // namespace cupel::dialect_suite

template <>
inline constexpr auto cupel::kEnumerators<cupel::dialect_suite::Color> =
    cupel::Enumerators<cupel::dialect_suite::Color::kRed,
                       cupel::dialect_suite::Color::kGreen,
                       cupel::dialect_suite::Color::kBlue>();

namespace cupel::dialect_suite {

// A family has the C++ type of its values, its SQL type, values in ascending
// order, and may say that
//   kSorts: the database sorts them in this order;
//   kCompares: = finds them.
template <typename T>
struct Family {
  using Value = T;
  static constexpr bool kSorts = true;
  static constexpr bool kCompares = true;
};

struct SmallIntegers : Family<int16_t> {
  static constexpr const char* kName = "SmallInteger";
  static engine::Type Sql() { return engine::SmallInteger(); }
  static std::vector<Value> Values() { return {-32768, -1, 0, 1, 32767}; }
};

struct Integers : Family<int32_t> {
  static constexpr const char* kName = "Integer";
  static engine::Type Sql() { return engine::Integer(); }
  static std::vector<Value> Values() {
    return {std::numeric_limits<Value>::min(), -1, 0, 7,
            std::numeric_limits<Value>::max()};
  }
};

struct BigIntegers : Family<int64_t> {
  static constexpr const char* kName = "BigInteger";
  static engine::Type Sql() { return engine::BigInteger(); }
  static std::vector<Value> Values() {
    return {std::numeric_limits<Value>::min(), -9007199254740993, 0,
            9007199254740993, std::numeric_limits<Value>::max()};
  }
};

struct Floats : Family<float> {
  static constexpr const char* kName = "Float";
  static constexpr bool kCompares = false;
  static engine::Type Sql() { return engine::Float(); }
  static std::vector<Value> Values() {
    return {-1.5e10f, -0.25f, 0.0f, 0.1f, 16777216.0f, 1.5e30f};
  }
};

struct Doubles : Family<double> {
  static constexpr const char* kName = "Double";
  static engine::Type Sql() { return engine::Double(); }
  static std::vector<Value> Values() {
    return {-1.7976931348623157e308, -0.1, 0.0,
            2.2250738585072014e-308, 0.1,  15.7563,
            9007199254740993.0,      1e300};
  }
};

inline Decimal Digits(const char* text) { return *Decimal::Parse(text); }

struct Numerics : Family<Decimal> {
  static constexpr const char* kName = "Numeric";
  static engine::Type Sql() { return engine::Numeric(12, 2); }
  static std::vector<Value> Values() {
    return {Digits("-9999999999.99"), Digits("-0.01"), Digits("0.00"),
            Digits("0.10"),           Digits("19.90"), Digits("9999999999.99")};
  }
};

struct LongNumerics : Family<Decimal> {
  static constexpr const char* kName = "LongNumeric";
  // Kept as text where the database has no decimals.
  static constexpr bool kSorts = false;
  static engine::Type Sql() {
    return engine::Numeric(38, 10, engine::NumericStorage::kText);
  }
  static std::vector<Value> Values() {
    return {Digits("-9999999999999999999999999999.9999999999"),
            Digits("0.0000000001"),
            Digits("1234567890123456789012345678.0123456789")};
  }
};

struct Strings : Family<std::string> {
  static constexpr const char* kName = "String";
  static constexpr bool kSorts = false;  // by some collation
  static engine::Type Sql() { return engine::String(60); }
  static std::vector<Value> Values() {
    return {"",
            "plain",
            "it's \"quoted\" \\ 100%",
            "caf\u00e9 \u4e2d\u6587",
            "\U0001F600 emoji",
            "line\nand\ttab"};
  }
};

struct Texts : Family<std::string> {
  static constexpr const char* kName = "Text";
  static constexpr bool kSorts = false;
  static engine::Type Sql() { return engine::Text(); }
  static std::vector<Value> Values() {
    return {"", std::string(70000, 'x'), "\u00fc\u00f1\u00ee\u00e7\u00f8de",
            "-- no comment; /* nor this */"};
  }
};

struct Binaries : Family<Bytes> {
  static constexpr const char* kName = "Binary";
  static engine::Type Sql() { return engine::Binary(); }
  static std::vector<Value> Values() {
    Bytes all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<uint8_t>(i));
    return {Bytes(), all, Bytes{0, 255}, Bytes{'\'', '\\', 0}};
  }
};

struct Booleans : Family<bool> {
  static constexpr const char* kName = "Boolean";
  static engine::Type Sql() { return engine::Boolean(); }
  static std::vector<Value> Values() { return {false, true}; }
};

struct Dates : Family<absl::CivilDay> {
  static constexpr const char* kName = "Date";
  static engine::Type Sql() { return engine::Date(); }
  static std::vector<Value> Values() {
    return {absl::CivilDay(1001, 1, 1),   absl::CivilDay(1582, 10, 15),
            absl::CivilDay(1969, 12, 31), absl::CivilDay(1970, 1, 1),
            absl::CivilDay(2024, 2, 29),  absl::CivilDay(9999, 12, 31)};
  }
};

struct Times : Family<TimeOfDay> {
  static constexpr const char* kName = "Time";
  static engine::Type Sql() { return engine::Time(); }
  static std::vector<Value> Values() {
    return {TimeOfDay(), *TimeOfDay::Create(0, 0, 0, 1),
            *TimeOfDay::Create(12, 30, 45, 500000),
            *TimeOfDay::Create(23, 59, 59, 999999)};
  }
};

inline std::vector<absl::Time> Moments() {
  return {absl::FromUnixMicros(-30000000000000000), absl::FromUnixMicros(-1),
          absl::UnixEpoch(), absl::FromUnixMicros(1700000000123456),
          absl::FromUnixMicros(4102444800000000)};
}

struct Timestamps : Family<absl::Time> {
  static constexpr const char* kName = "Timestamp";
  static engine::Type Sql() { return engine::Timestamp(); }
  static std::vector<Value> Values() { return Moments(); }
};

struct ZonedTimestamps : Family<absl::Time> {
  static constexpr const char* kName = "ZonedTimestamp";
  static engine::Type Sql() { return engine::Timestamp(/*timezone=*/true); }
  static std::vector<Value> Values() { return Moments(); }
};

struct Intervals : Family<absl::Duration> {
  static constexpr const char* kName = "Interval";
  static engine::Type Sql() { return engine::Interval(); }
  static std::vector<Value> Values() {
    return {-absl::Hours(50), -absl::Microseconds(1), absl::ZeroDuration(),
            absl::Microseconds(1500000), absl::Hours(24) * 400};
  }
};

struct Uuids : Family<Uuid> {
  static constexpr const char* kName = "Uuid";
  static engine::Type Sql() { return engine::UuidType(); }
  static std::vector<Value> Values() {
    return {Uuid(), *Uuid::Parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8"),
            *Uuid::Parse("ffffffff-ffff-ffff-ffff-ffffffffffff")};
  }
};

struct Jsons : Family<nlohmann::json> {
  static constexpr const char* kName = "Json";
  static constexpr bool kSorts = false;
  static constexpr bool kCompares = false;
  static engine::Type Sql() { return engine::JsonType(); }
  static std::vector<Value> Values() {
    using Json = nlohmann::json;
    return {Json(nullptr),
            Json(true),
            Json(17),
            Json(-0.5),
            Json("text \"quoted\" \u00e9 \U0001F600"),
            Json::array({1, "two", nullptr, Json::array()}),
            Json{{"key", {{"nested", {1, 2, 3}}}}, {"empty", Json::object()}}};
  }
};

struct Enums : Family<Color> {
  static constexpr const char* kName = "Enum";
  static constexpr bool kSorts = false;  // by name or by position
  static engine::Type Sql() { return TypeTraits<Color>::SqlType(); }
  static std::vector<Value> Values() {
    return {Color::kRed, Color::kGreen, Color::kBlue};
  }
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_TYPE_FAMILIES_H_
