// Looking at raw SQL text of definitions, without understanding it: whether it
// stays inside the clause it is put into, and whether parentheses surround it.

#ifndef CUPEL_SCHEMA_SQL_TEXT_H_
#define CUPEL_SCHEMA_SQL_TEXT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cupel::schema_internal {

// OK when `sql` cannot end the clause that surrounds it: parentheses and quotes
// are balanced, and outside of quotes there is no semicolon, no comment and no
// dollar quote. Reflected text passes this before it is used again.
//
// Errors: kInvalidArgument. The text itself is not in the message.
absl::Status CheckSelfContained(absl::string_view sql,
                                bool backslash_escapes = false);

// `sql` without white space and pairs of parentheses that enclose all of it.
absl::string_view StripParentheses(absl::string_view sql);

// Whether `sql` may follow DEFAULT without parentheses on every database: one
// literal, signed number or word.
bool IsPlainDefault(absl::string_view sql, bool backslash_escapes = false);

}  // namespace cupel::schema_internal

#endif  // CUPEL_SCHEMA_SQL_TEXT_H_
