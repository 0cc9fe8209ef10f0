// Mapped classes: MappingOf<T> (where the mapping of a class is found), the
// concept Mapped, and TableOf<T>(), its table.
//
// A class that cannot be edited is mapped from outside:
//
//   template <>
//   struct cupel::MappingOf<legacy::Customer> {
//     static constexpr auto Mapping() {
//       using namespace cupel;
//       return Table<legacy::Customer>(
//           "customers", Column<&legacy::Customer::number>(PrimaryKey()));
//     }
//   };

#ifndef CUPEL_ORM_MODEL_H_
#define CUPEL_ORM_MODEL_H_

#include <atomic>
#include <memory>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/member.h"
#include "cupel/session/object_type.h"

namespace cupel {

// Where the mapping of T is found: T::Mapping(), unless specialised.
template <typename T>
struct MappingOf {
  static constexpr auto Mapping() requires requires { T::Mapping(); }
  { return T::Mapping(); }
};

// A class with a mapping, complete where this is asked.
template <typename T>
concept Mapped = requires {
  MappingOf<T>::Mapping();
};

namespace orm_internal {

// The table of a mapped class. On a mistake in the mapping the table is empty
// and the status names class and mistake.
struct ModelTable {
  std::shared_ptr<const schema::Table> table;  // never null
  absl::Status status;
};

// The class that `model` inherits, or null.
const ModelInfo* BaseOf(const ModelInfo& model);
// The root of its hierarchy; the class itself without one.
const ModelInfo& RootOf(const ModelInfo& model);
// Whether its columns are in the table of its base.
bool SharesTable(const ModelInfo& model);
// The tables that hold its rows, its own first, the root's last.
std::vector<const schema::Table*> TablesOf(const ModelInfo& model);
// The discriminator's value in rows of a class; an enumerator is kept by name.
engine::Value IdentityValue(const IdentitySpec& spec, const engine::Type& type);
// The column of a member of the class or of one that it inherits, or null.
const schema::Column* FindColumn(const ModelInfo& model,
                                 absl::string_view member);

template <typename T>
struct MappingHolder {
  static_assert(Mapped<T>,
                "cupel: this class has no mapping: give it a `static constexpr "
                "auto Mapping()`, or specialise cupel::MappingOf for it");
  static constexpr auto kMapping = MappingOf<T>::Mapping();
  static_assert(std::is_same_v<typename decltype(kMapping)::Entity, T>,
                "cupel: this mapping is the one of another class (a base?): "
                "give the class its own Mapping()");
  static constexpr MappingView kView = kMapping.view();
};

template <typename T>
inline constinit std::atomic<const ModelTable*> made_table{nullptr};

template <typename T>
inline constexpr ModelInfo kModel = {kTypeName<T>, &MappingHolder<T>::kView,
                                     &session::ObjectTypeOf<T>(),
                                     &made_table<T>};

// A function, so that a mapping may name a class that is not complete yet.
template <typename T>
const ModelInfo& ModelOf() {
  return kModel<T>;
}

}  // namespace orm_internal

// The table of a mapped class. Immutable, lives for ever; made at the first
// call. A mistake in the mapping leaves it without columns and is reported by
// Database::Open().
//
// Threads: safe.
template <typename T>
const schema::Table& TableOf() {
  return *orm_internal::ModelOf<T>().table().table;
}

}  // namespace cupel

#endif  // CUPEL_ORM_MODEL_H_
