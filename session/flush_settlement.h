// The settlement of a flush: what entities in memory become once the database
// has accepted their rows.

#ifndef CUPEL_SESSION_FLUSH_SETTLEMENT_H_
#define CUPEL_SESSION_FLUSH_SETTLEMENT_H_

#include "cupel/session/entity_state.h"
#include "cupel/session/flush_plan.h"
#include "cupel/session/flush_writer.h"
#include "cupel/session/session_core.h"

namespace cupel::session {

// Moves entities on in their lifecycle, in the identity map and in collections,
// and notes in the undo log how to go back.
void SettleFlush(SessionCore* core, const FlushPlan& plan,
                 const FlushAccount& account);

// Makes a generated key unset again.
void ClearGeneratedKey(EntityState* state);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_FLUSH_SETTLEMENT_H_
