// What is known of a mapped C++ type without any registry: how to make, move
// and destroy one. The address of a type's ObjectType is its identity.

#ifndef CUPEL_SESSION_OBJECT_TYPE_H_
#define CUPEL_SESSION_OBJECT_TYPE_H_

#include <cstddef>
#include <new>
#include <utility>

namespace cupel::session {

// Objects follow a header in memory: they are aligned to this at most.
inline constexpr size_t kMaxObjectAlign = 16;

struct ObjectType {
  size_t size;
  size_t align;
  void (*default_construct)(void* target);
  void (*move_construct)(void* target, void* source);
  void (*destroy)(void* object);
};

namespace object_type_internal {

template <typename T>
void DefaultConstruct(void* target) {
  ::new (target) T();
}
template <typename T>
void MoveConstruct(void* target, void* source) {
  ::new (target) T(std::move(*static_cast<T*>(source)));
}
template <typename T>
void Destroy(void* object) {
  static_cast<T*>(object)->~T();
}

template <typename T>
inline constexpr ObjectType kObjectType = {sizeof(T), alignof(T),
                                           &DefaultConstruct<T>,
                                           &MoveConstruct<T>, &Destroy<T>};

}  // namespace object_type_internal

// The one ObjectType of T, which must be complete, default and move
// constructible.
template <typename T>
constexpr const ObjectType& ObjectTypeOf() {
  return object_type_internal::kObjectType<T>;
}

}  // namespace cupel::session

#endif  // CUPEL_SESSION_OBJECT_TYPE_H_
