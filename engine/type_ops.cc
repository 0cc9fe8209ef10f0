#include "cupel/engine/type_ops.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace cupel::engine {

#define CUPEL_DEFINE_TYPE_OPS(...)                  \
  template const TypeOps& TypeOpsOf<__VA_ARGS__>(); \
  template const TypeOps& TypeOpsOf<std::optional<__VA_ARGS__>>()
CUPEL_DEFINE_TYPE_OPS(bool);
CUPEL_DEFINE_TYPE_OPS(int16_t);
CUPEL_DEFINE_TYPE_OPS(int32_t);
CUPEL_DEFINE_TYPE_OPS(int64_t);
CUPEL_DEFINE_TYPE_OPS(uint8_t);
CUPEL_DEFINE_TYPE_OPS(uint16_t);
CUPEL_DEFINE_TYPE_OPS(uint32_t);
CUPEL_DEFINE_TYPE_OPS(uint64_t);
CUPEL_DEFINE_TYPE_OPS(float);
CUPEL_DEFINE_TYPE_OPS(double);
CUPEL_DEFINE_TYPE_OPS(std::string);
CUPEL_DEFINE_TYPE_OPS(Bytes);
CUPEL_DEFINE_TYPE_OPS(Decimal);
CUPEL_DEFINE_TYPE_OPS(Uuid);
CUPEL_DEFINE_TYPE_OPS(absl::CivilDay);
CUPEL_DEFINE_TYPE_OPS(TimeOfDay);
CUPEL_DEFINE_TYPE_OPS(absl::Time);
CUPEL_DEFINE_TYPE_OPS(absl::Duration);
#undef CUPEL_DEFINE_TYPE_OPS

}  // namespace cupel::engine
