// The checks that every value passes on its way to the database, so that what a
// database would cut, clip or turn into NULL is refused instead.

#ifndef CUPEL_QUERY_BIND_CHECK_H_
#define CUPEL_QUERY_BIND_CHECK_H_

#include "absl/status/status.h"
#include "cupel/engine/engine.h"

namespace cupel::query {

// Whether `logical` may be bound anywhere. (What a column takes is
// engine::CheckFits.)
//
// Errors: kInvalidArgument for text that is not UTF-8 (with the offset of the
// first bad byte), for NUL in text where the database cuts there, and for a
// number that is not finite where the database does not keep it. No message
// holds the value.
absl::Status CheckBindable(const engine::ValueView& logical,
                           const engine::Capabilities& capabilities);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_BIND_CHECK_H_
