// The step of a flush that writes new rows.

#ifndef CUPEL_SESSION_INSERT_ROWS_H_
#define CUPEL_SESSION_INSERT_ROWS_H_

#include "absl/status/status.h"
#include "cupel/query/query.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/flush_writer.h"

namespace cupel::session {

// Inserts rows of one type: a batch for each set of columns they give, and for
// each table of the type.
absl::Status InsertRows(FlushWriter& writer, const RowGroup& group);

// Gives a new entity what it is written with: its parents' keys, its
// discriminator, its first version.
absl::Status PrepareNew(FlushWriter& writer, EntityState* state);

// The SQL expression that stands for a property's value, or null.
const query::Expr* ExpressionOf(const EntityState* state, int property);
inline bool HasExpressions(const EntityState* state) {
  return state->edit != nullptr && state->edit->expressions != nullptr;
}

}  // namespace cupel::session

#endif  // CUPEL_SESSION_INSERT_ROWS_H_
