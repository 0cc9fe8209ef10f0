// The steps of a flush that change rows which are there.

#ifndef CUPEL_SESSION_UPDATE_ROWS_H_
#define CUPEL_SESSION_UPDATE_ROWS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/session/flush_writer.h"

namespace cupel::session {

// Updates what really changed of the plan's entities: a batch for each set of
// columns.
absl::Status UpdateRows(FlushWriter& writer);
// Gives the rows of deleted entities to new ones with the same keys.
absl::Status SwitchRows(FlushWriter& writer);

enum class KeyChange { kToParent, kToNull };
// Sets the foreign keys alone, of rows that refer to one another in a circle.
absl::Status UpdateKeys(FlushWriter& writer, absl::Span<const KeyFlow> flows,
                        KeyChange change);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_UPDATE_ROWS_H_
