// Rows whose keys the database generates, many by one statement, where the
// database has keys that can be foreseen: each is the greatest plus one.

#ifndef CUPEL_SESSION_INSERT_RUN_H_
#define CUPEL_SESSION_INSERT_RUN_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/flush_writer.h"
#include "cupel/session/row_statement.h"
#include "cupel/session/row_value.h"

namespace cupel::session {

// Inserts rows from the front of `rows` and returns how many: none where it
// would not pay. The others are to be inserted row by row, which gives the same
// rows, keys and errors.
//
// The first row is inserted by itself. Its key, if it is the greatest, tells
// those of the others, which bring them along. `insert` leaves the key, a
// member that `key` describes, to the database. `done` hears of each row as if
// it had been inserted by itself.
absl::StatusOr<size_t> InsertRun(FlushWriter& writer,
                                 const RowStatement& insert,
                                 const Property& key,
                                 absl::Span<const BatchRow> rows,
                                 FlushWriter::Done done);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_INSERT_RUN_H_
