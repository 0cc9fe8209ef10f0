// Ref<T>: a counted handle to an entity of class T that a session handed out.
//
//   Ref<User> admin = ...;
//   std::cout << admin->email;          // `->` and `*` read
//   admin.Edit().email = "new@x.org";   // Edit() writes, and is what a flush
//   sees
//
// A Ref to a class is one to the classes that this inherits, too; the way back
// is asked for:
//
//   Ref<Employee> somebody = manager;
//   if (Ref<Manager> boss = somebody.As<Manager>()) ...boss->budget...
//
// What it points to stays readable after the session has ended. Confined to the
// session's thread. A default-constructed Ref is null.

#ifndef CUPEL_ORM_REF_H_
#define CUPEL_ORM_REF_H_

#include <iosfwd>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/orm/access.h"
#include "cupel/orm/member.h"
#include "cupel/orm/model.h"
#include "cupel/session/call_site.h"
#include "cupel/session/entity_state.h"

namespace cupel {

using session::Lifecycle;

namespace orm_internal {

// A class that inherits another (not T itself).
template <typename U, typename T>
concept InheritsFrom =
    !std::is_same_v<U, T> && std::is_class_v<U> && std::is_base_of_v<T, U>;

template <typename U, typename T>
concept IsOrInherits = std::is_same_v<U, T> || InheritsFrom<U, T>;

bool IsEntityOf(const session::EntityRef& ref, const session::ObjectType& type);
void* EditOrFail(const session::EntityRef& ref);
void LoadMemberOrFail(const session::EntityRef& ref, size_t offset,
                      session::CallSite site);
// See ToString(Ref).
std::string DescribeEntity(const session::EntityRef& ref,
                           const ModelInfo& model);

}  // namespace orm_internal

template <typename T>
class Ref {
 public:
  using Entity = T;

  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT: implicit
  explicit Ref(session::EntityRef ref) : ref_(std::move(ref)) {}
  // From an entity of a class that inherits T (see Inherits<>).
  template <typename U>
  requires orm_internal::InheritsFrom<U, T> Ref(
      const Ref<U>& ref)  // NOLINT: implicit
      : ref_(ref.erased()) {}

  // A transient entity, moved from `value`; a session takes it by Add() or
  // through a link.
  static Ref Make(T value) {
    return Ref(session::EntityRef::Make(session::ObjectTypeOf<T>(), &value));
  }

  // Reads: what is expired or was left out is loaded first. Fails like
  // absl::StatusOr::value() if that fails; Load() tells before.
  const T& operator*() const {
    return *static_cast<const T*>(orm_internal::Readable(ref_.state()));
  }
  const T* operator->() const { return &**this; }

  // Loads what `->` would. OK at once if nothing is missing.
  // Errors: kFailedPrecondition if something is and the entity is in no living
  // session; kNotFound if its row is gone.
  absl::Status Load() const { return ref_.Load(); }

  // For writing, until the next flush. Fails like absl::StatusOr::value() if
  // the entity must be loaded first and cannot be.
  T& Edit() const { return *static_cast<T*>(orm_internal::EditOrFail(ref_)); }
  // The same with a status.
  absl::StatusOr<T*> TryEdit() const {
    absl::StatusOr<void*> object = ref_.Edit();
    if (!object.ok()) return std::move(object).status();
    return static_cast<T*>(*object);
  }

  // One member, loading it alone if it is not there (`->` loads all).
  template <auto kMember>
  const MemberType<kMember>& Get(
      session::CallSite site = session::CallSite::Current()) const {
    static_assert(std::is_base_of_v<MemberClass<kMember>, T>,
                  "cupel: this member belongs to another class");
    const T* object = static_cast<const T*>(ref_.object());
    const auto& member = object->*kMember;
    orm_internal::LoadMemberOrFail(
        ref_,
        static_cast<size_t>(reinterpret_cast<const char*>(&member) -
                            reinterpret_cast<const char*>(object)),
        site);
    return member;
  }

  // Whether the entity is a U, a class that inherits T, or of one below that.
  template <typename U>
  bool Is() const {
    static_assert(std::is_base_of_v<T, U>,
                  "cupel: Is<> and As<> take a class that inherits this one");
    return orm_internal::IsEntityOf(ref_, session::ObjectTypeOf<U>());
  }
  // The entity as a U; a null Ref if it is none.
  template <typename U>
  Ref<U> As() const {
    return Is<U>() ? Ref<U>(ref_) : Ref<U>();
  }

  // A plain copy; its relationships are not loaded and belong to nobody.
  T Copy() const { return **this; }

  explicit operator bool() const { return static_cast<bool>(ref_); }
  Lifecycle lifecycle() const { return ref_.lifecycle(); }
  const session::EntityRef& erased() const { return ref_; }

  // The same entity, not an equal one.
  friend bool operator==(const Ref& a, const Ref& b) {
    return a.ref_ == b.ref_;
  }
  friend bool operator==(const Ref& a, std::nullptr_t) { return !a.ref_; }
  template <typename H>
  friend H AbslHashValue(H hash, const Ref& ref) {
    return H::combine(std::move(hash), ref.ref_);
  }

 private:
  session::EntityRef ref_;
};

namespace orm_internal {

// The erased handles that an array of handles consists of.
template <typename T>
session::EntityRef* Erased(Ref<T>* refs) {
  static_assert(sizeof(Ref<T>) == sizeof(session::EntityRef) &&
                std::is_standard_layout_v<Ref<T>>);
  return reinterpret_cast<session::EntityRef*>(refs);
}

}  // namespace orm_internal

// "<User 1>"; "<Line 1, 2>" for a key of two columns; "<User (pending
// 0x5581)>" or "<User (transient 0x5581)>" before there is a key.
template <typename T>
std::string ToString(const Ref<T>& ref) {
  return orm_internal::DescribeEntity(ref.erased(), orm_internal::ModelOf<T>());
}
template <typename Stream, typename T>
requires requires(Stream& out) { out << std::string(); }
Stream& operator<<(Stream& out, const Ref<T>& ref) {
  out << ToString(ref);
  return out;
}

}  // namespace cupel

#endif  // CUPEL_ORM_REF_H_
