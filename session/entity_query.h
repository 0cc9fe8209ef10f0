// EntityQuery: what to select as entities and how.

#ifndef CUPEL_SESSION_ENTITY_QUERY_H_
#define CUPEL_SESSION_ENTITY_QUERY_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/select.h"
#include "cupel/session/entity_result.h"  // IWYU pragma: export
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

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_QUERY_H_
