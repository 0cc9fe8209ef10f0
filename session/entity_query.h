// EntityQuery: what to select as entities and how; EntityResult: its rows.

#ifndef CUPEL_SESSION_ENTITY_QUERY_H_
#define CUPEL_SESSION_ENTITY_QUERY_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/load_option.h"

namespace cupel::session {

class EntityType;

// One element of a result row: an entity or a plain expression.
struct RowItem {
  const EntityType* entity = nullptr;  // null: `column`
  // The alias (or subquery) that the entity's columns come from; unset: its
  // table. Not for a joined type, which has several; what joined subtypes have
  // beside is then loaded at the first touch.
  std::optional<query::FromItem> source;
  query::Expr column;  // when entity is null
};

// A query for entities. `select` says FROM, WHERE, ORDER BY, LIMIT and so on;
// its own columns are replaced by what `items` and `options` need. An empty
// FROM is the first item's; a FROM of its own holds the tables of all items:
// EntitySource(type).from(). Thread-compatible value.
struct EntityQuery {
  std::vector<RowItem> items;
  query::Select select;
  std::vector<LoadOption> options;  // paths start at the first entity
  // Overwrites loaded values with the row's, except what was edited since.
  bool populate_existing = false;
  // Rows fetched and eagerly loaded at a time when streaming; 0: all at once.
  // Rows of columns only are then read as the database gives them, one by one.
  size_t yield_per = 0;
  // Rows are one item, an entity: a row that repeats it is dropped.
  bool unique = true;
  bool autoflush = true;
  // `select` holds EntitySource::Restriction() of its entities; otherwise that
  // of the first is added.
  bool restricted = false;
};

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

#endif  // CUPEL_SESSION_ENTITY_QUERY_H_
