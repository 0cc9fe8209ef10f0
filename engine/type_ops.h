// What code that knows no C++ types does with the values of columns: a table of
// functions a type, made from its TypeTraits.
//
//   const TypeOps& ops = TypeOpsOf<std::string>();
//   CUPEL_RETURN_IF_ERROR(ops.bind(&user.name, &bound));

#ifndef CUPEL_ENGINE_TYPE_OPS_H_
#define CUPEL_ENGINE_TYPE_OPS_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/enumerators.h"  // IWYU pragma: export
#include "cupel/engine/time_of_day.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_traits.h"  // IWYU pragma: export
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel {

namespace engine {

// What code that knows no C++ types does with objects of one: a static table a
// type. `object`, `a`, ... point to a T; `default_construct`, `copy_construct`
// make one in raw memory.
struct TypeOps {
  Type type;
  bool nullable;  // NULL can be read
  size_t size;
  size_t align;
  // The logical value of an object. On errors `out` is unspecified.
  absl::Status (*bind)(const void* object, BoundValue* out);
  // Sets the object from a logical value. On errors it is unspecified but can
  // still be assigned to and destroyed. NULL: nullopt, otherwise kDataLoss.
  absl::Status (*read)(const ValueView& cell, void* object);
  // Whether both are stored alike, so that there is nothing to write.
  bool (*equal)(const void* a, const void* b);
  void (*default_construct)(void* object);
  void (*copy_construct)(void* object, const void* source);
  void (*copy_assign)(void* object, const void* source);
  void (*destroy)(void* object);
};

}  // namespace engine

namespace engine_internal {

template <typename T>
struct ErasedOps {
  static_assert(std::is_default_constructible_v<T> &&
                    std::is_copy_constructible_v<T> &&
                    std::is_copy_assignable_v<T>,
                "cupel: a column's type must be default constructible and "
                "copyable");

  static const T& Get(const void* object) {
    return *static_cast<const T*>(object);
  }

  static absl::Status Bind(const void* object, BoundValue* out) {
    return engine_internal::Bind<T>(Get(object), out);
  }
  static absl::Status Read(const ValueView& cell, void* object) {
    if constexpr (!ReadsNull<T>()) {
      if (cell.is_null()) [[unlikely]] {
        return UnexpectedNull(LogicalKind(TypeTraits<T>::SqlType()));
      }
    }
    return TypeTraits<T>::Read(cell, static_cast<T*>(object));
  }
  static bool Equal(const void* a, const void* b) {
    return engine_internal::Equal<T>(Get(a), Get(b));
  }
  static void DefaultConstruct(void* object) { new (object) T(); }
  static void CopyConstruct(void* object, const void* source) {
    new (object) T(Get(source));
  }
  static void CopyAssign(void* object, const void* source) {
    *static_cast<T*>(object) = Get(source);
  }
  static void Destroy(void* object) { static_cast<T*>(object)->~T(); }

  static constexpr engine::TypeOps kTable = {TypeTraits<T>::SqlType(),
                                             ReadsNull<T>(),
                                             sizeof(T),
                                             alignof(T),
                                             &Bind,
                                             &Read,
                                             &Equal,
                                             &DefaultConstruct,
                                             &CopyConstruct,
                                             &CopyAssign,
                                             &Destroy};
};

}  // namespace engine_internal

namespace engine {

// The table of a type: one object a program, compiled once for common types.
template <typename T>
const TypeOps& TypeOpsOf() {
  static_assert(Storable<T>,
                "cupel: this type cannot be a column: specialise "
                "cupel::TypeTraits for it (cupel/engine/type_traits.h)");
  return engine_internal::ErasedOps<T>::kTable;
}

#define CUPEL_INTERNAL_DECLARE_TYPE_OPS(...)               \
  extern template const TypeOps& TypeOpsOf<__VA_ARGS__>(); \
  extern template const TypeOps& TypeOpsOf<std::optional<__VA_ARGS__>>()
CUPEL_INTERNAL_DECLARE_TYPE_OPS(bool);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(int16_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(int32_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(int64_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(uint8_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(uint16_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(uint32_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(uint64_t);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(float);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(double);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(std::string);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(Bytes);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(Decimal);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(Uuid);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(absl::CivilDay);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(TimeOfDay);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(absl::Time);
CUPEL_INTERNAL_DECLARE_TYPE_OPS(absl::Duration);
#undef CUPEL_INTERNAL_DECLARE_TYPE_OPS

}  // namespace engine

}  // namespace cupel

#endif  // CUPEL_ENGINE_TYPE_OPS_H_
