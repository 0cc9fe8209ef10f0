// Deferred<T>: a column member that queries leave out and that is read from the
// database when it is touched.
//
//   struct Book {
//     int64_t id = 0;
//     std::string title;
//     cupel::Deferred<std::string> text;   // Column<&Book::text>()
//   };
//   std::cout << *book->text;              // one SELECT, of this column alone
//   CUPEL_ASSIGN_OR_RETURN(const std::string* text, book->text.Load());

#ifndef CUPEL_ORM_DEFERRED_H_
#define CUPEL_ORM_DEFERRED_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/type_traits.h"
#include "cupel/orm/access.h"
#include "cupel/session/links.h"

namespace cupel {

// A value in a plain object; a value not yet read in an entity. Confined to the
// thread of the entity's session.
template <typename T>
class Deferred : public session::ColumnSlot {
 public:
  using value_type = T;

  Deferred() = default;
  Deferred(T value) : value_(std::move(value)) {  // NOLINT: implicit
    MarkLoaded();
  }
  Deferred& operator=(T value) {
    value_ = std::move(value);
    MarkLoaded();
    return *this;
  }

  // Reads the column if needed; the value lives as long as the entity.
  // Errors: kFailedPrecondition if it is not loaded and the session is gone.
  absl::StatusOr<const T*> Load(
      session::CallSite site = session::CallSite::Current()) const {
    if (!is_loaded()) {
      absl::Status status = ColumnSlot::Load(site);
      if (!status.ok()) return status;
    }
    return &value_;
  }

  // The value, read if needed; fails like absl::StatusOr::value().
  const T& value(session::CallSite site = session::CallSite::Current()) const {
    if (!is_loaded()) {
      absl::Status status = ColumnSlot::Load(site);
      if (!status.ok()) orm_internal::FailAccess(std::move(status));
    }
    return value_;
  }
  const T& operator*() const { return value(); }
  const T* operator->() const { return &value(); }

  friend bool operator==(const Deferred& a, const Deferred& b) {
    return a.bits_ == b.bits_ && a.value_ == b.value_;
  }

 private:
  friend struct TypeTraits<Deferred<T>>;

  T value_{};
};

namespace orm_internal {

template <typename T>
inline constexpr bool IsDeferred = false;
template <typename T>
inline constexpr bool IsDeferred<Deferred<T>> = true;

// The type that stands for a member in expressions.
template <typename T>
struct ValueTypeOf {
  using Type = T;
};
template <typename T>
struct ValueTypeOf<Deferred<T>> {
  using Type = T;
};

}  // namespace orm_internal

template <engine::Storable T>
struct TypeTraits<Deferred<T>> {
  static constexpr bool kReadsNull = engine::kIsOptional<T>;
  static constexpr engine::Type SqlType() { return TypeTraits<T>::SqlType(); }
  static absl::Status Bind(const Deferred<T>& value, engine::BoundValue* out) {
    return engine::TypeOpsOf<T>().bind(&value.value_, out);
  }
  static absl::Status Read(const engine::ValueView& cell, Deferred<T>* out) {
    out->MarkLoaded();
    return engine::TypeOpsOf<T>().read(cell, &out->value_);
  }
};

}  // namespace cupel

#endif  // CUPEL_ORM_DEFERRED_H_
