// Which statements leave traces in the session that the next user of a pooled
// connection would see.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_SESSION_CHANGES_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_SESSION_CHANGES_H_

#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {

// Whether `sql` may set something, make a temporary table, take a lock of the
// session, listen, or the like. Looks at words only: it says yes too often
// rather than too rarely, but cannot see into functions.
bool ChangesSession(absl::string_view sql);

// Whether `sql` begins as a definition does: what was prepared before may mean
// something else afterwards.
bool ChangesSchema(absl::string_view sql);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_SESSION_CHANGES_H_
