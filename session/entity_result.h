// EntityResult: the rows of an executed EntityQuery (entity_query.h).

#ifndef CUPEL_SESSION_ENTITY_RESULT_H_
#define CUPEL_SESSION_ENTITY_RESULT_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/session/entity_state.h"

namespace cupel::engine {
struct TypeOps;
}  // namespace cupel::engine

namespace cupel::session {

class ResultState;

// The rows of an executed EntityQuery. Confined to its session; must not
// outlive it. Move-only.
class EntityResult {
 public:
  EntityResult(EntityResult&&) noexcept;
  EntityResult& operator=(EntityResult&&) noexcept;
  ~EntityResult();

  // Advances. False: no more rows.
  absl::StatusOr<bool> Next();
  // Of the row: the entity of an entity item (null for an outer join that
  // found none). Valid until the next Next() unless held.
  const EntityRef& entity(size_t item = 0) const;
  // Of the row: reads the value of a column item.
  absl::Status Read(size_t item, const engine::TypeOps& ops, void* out) const;

  // All remaining rows' first items.
  absl::StatusOr<std::vector<EntityRef>> All();

 private:
  friend class Session;
  explicit EntityResult(std::unique_ptr<ResultState> state);

  std::unique_ptr<ResultState> state_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_RESULT_H_
