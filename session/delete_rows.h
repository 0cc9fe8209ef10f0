// The step of a flush that deletes rows.

#ifndef CUPEL_SESSION_DELETE_ROWS_H_
#define CUPEL_SESSION_DELETE_ROWS_H_

#include "absl/status/status.h"
#include "cupel/session/flush_writer.h"

namespace cupel::session {

// Deletes rows of one type, in each table of the type. Rows that are gone
// already are warned of; of a versioned type they are an error.
absl::Status DeleteRows(FlushWriter& writer, const RowGroup& group);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_DELETE_ROWS_H_
