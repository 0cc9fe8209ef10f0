// RegistryBuilder::Draft: a registry in the making, and what is wrong with it.

#ifndef CUPEL_SESSION_REGISTRY_DRAFT_H_
#define CUPEL_SESSION_REGISTRY_DRAFT_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

struct RegistryBuilder::Draft {
  Registry& registry;
  std::vector<std::string> errors;

  void Fail(absl::string_view where, absl::string_view what) {
    errors.push_back(absl::StrCat(where, ": ", what));
  }
  // The type of a C++ type, or null.
  EntityType* Find(const ObjectType* object) {
    auto found = registry.by_object_.find(object);
    return found == registry.by_object_.end()
               ? nullptr
               : const_cast<EntityType*>(found->second);
  }
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_REGISTRY_DRAFT_H_
