// JSON columns: nlohmann::json as the type of a member.
//
//   struct Event {
//     int64_t id = 0;
//     nlohmann::json payload;                  // JSON null is stored as null
//     std::optional<nlohmann::json> notes;     // nullopt is stored as NULL
//   };
//
// Compared by value at any depth, so every change inside is seen and an undone
// one is not written; 1 and 1.0 differ. What JSON cannot say (NaN, infinity,
// binary, text that is not UTF-8) and nesting beyond kMaxJsonDepth is refused.

#ifndef CUPEL_ENGINE_JSON_H_
#define CUPEL_ENGINE_JSON_H_

#include <optional>

#include "absl/status/status.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/value.h"
#include "nlohmann/json.hpp"

namespace cupel {
namespace engine {

// Arrays and objects inside each other.
inline constexpr int kMaxJsonDepth = 1000;

}  // namespace engine

template <>
struct TypeTraits<nlohmann::json> {
  static constexpr engine::Type SqlType() { return engine::JsonType(); }
  // Errors: kInvalidArgument, kOutOfRange (too deep).
  static absl::Status Bind(const nlohmann::json& value,
                           engine::BoundValue* out);
  // Errors: kDataLoss on text that is not JSON, kOutOfRange (too deep).
  static absl::Status Read(const engine::ValueView& cell, nlohmann::json* out);
  static bool Equal(const nlohmann::json& a, const nlohmann::json& b);
};

namespace engine {
extern template const TypeOps& TypeOpsOf<nlohmann::json>();
extern template const TypeOps& TypeOpsOf<std::optional<nlohmann::json>>();
}  // namespace engine

}  // namespace cupel

#endif  // CUPEL_ENGINE_JSON_H_
