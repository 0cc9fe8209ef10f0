// What the driver has to know of a statement from its text, and text that it
// writes itself.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_SQL_TEXT_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_SQL_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {

// The greatest n of the parameters $n that a statement names, 0 without any.
size_t HighestParameter(absl::string_view sql);

// Whether the text may be sent. Errors: kTooBig for one that no message can
// carry, or with more parameters than libpq takes; kInvalidValue with NUL.
absl::Status CheckSqlText(absl::string_view sql);

// Whether `sql` may leave something in the session that the next user of a
// pooled connection would see: a setting, a temporary table, a lock of the
// session, and the like. Looks at words only: it says yes too often rather than
// too rarely, but cannot see into functions.
bool ChangesSession(absl::string_view sql);

// Whether `sql` begins as a definition does: what was prepared before may mean
// something else afterwards.
bool ChangesSchema(absl::string_view sql);

// Whether `sql` only reads, so that a cursor may run it bit by bit. It says no
// too often rather than too rarely: rows that are locked, or changed by a part
// of it, are so when the statement has been executed.
bool OnlyReads(absl::string_view sql);

// `text` as a literal, which means the same whether or not the session reads
// backslashes in strings. Requires: no NUL.
std::string QuoteLiteral(absl::string_view text);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_SQL_TEXT_H_
