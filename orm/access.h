// What `->`, `*` and a range-for on an entity do where they have no room for a
// status: load what is missing, or fail like absl::StatusOr::value().

#ifndef CUPEL_ORM_ACCESS_H_
#define CUPEL_ORM_ACCESS_H_

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "cupel/session/entity_state.h"

namespace cupel::orm_internal {

// Throws absl::BadStatusOrAccess, or ends the program where exceptions are
// switched off. Requires an error.
[[noreturn]] void FailAccess(absl::Status status);

// Loads what is expired or missing of the entity, or fails.
void LoadOrFail(const session::EntityState* state);

// The object of an entity for reading. Requires a state.
inline const void* Readable(const session::EntityState* state) {
  if (ABSL_PREDICT_FALSE(state == nullptr || state->needs_load())) {
    LoadOrFail(state);
  }
  return state->object();
}

}  // namespace cupel::orm_internal

#endif  // CUPEL_ORM_ACCESS_H_
