// Models<...>(): the classes of a database; and the registry made of them,
// where everything that only the whole can show is checked, once.

#ifndef CUPEL_ORM_REGISTRY_H_
#define CUPEL_ORM_REGISTRY_H_

#include <array>
#include <memory>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/orm/model.h"

namespace cupel {

namespace session {
class Registry;
}  // namespace session

// A list of mapped classes. Lists are joined by +.
class ModelList {
 public:
  ModelList() = default;
  explicit ModelList(absl::Span<const orm_internal::ModelInfo* const> models)
      : models_(models.begin(), models.end()) {}

  const std::vector<const orm_internal::ModelInfo*>& models() const {
    return models_;
  }
  friend ModelList operator+(ModelList a, const ModelList& b);

 private:
  std::vector<const orm_internal::ModelInfo*> models_;
};

// The classes of a database, in any order.
template <typename... Ts>
ModelList Models() {
  static constexpr std::array<const orm_internal::ModelInfo*, sizeof...(Ts)>
      kModels = {&orm_internal::kModel<Ts>...};
  return ModelList(kModels);
}

namespace orm_internal {

// Errors: kInvalidArgument with all mistakes, one a line, each naming the
// classes that it concerns.
absl::StatusOr<std::shared_ptr<const session::Registry>> BuildRegistry(
    const ModelList& models);

}  // namespace orm_internal

}  // namespace cupel

#endif  // CUPEL_ORM_REGISTRY_H_
