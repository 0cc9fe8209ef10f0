// What the files of the DDL compiler share.

#ifndef CUPEL_SCHEMA_RENDER_H_
#define CUPEL_SCHEMA_RENDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema_internal {

// The text of `fragment`, checked to stay inside its clause, without enclosing
// parentheses. `owner` names the element for messages.
absl::StatusOr<std::string> RenderClause(const schema::SqlFragment& fragment,
                                         const engine::Dialect& dialect,
                                         absl::string_view owner);

// What is said of a sequence, or of the one behind an identity column: "START
// WITH 1 CYCLE"; "" for nothing.
std::string CountingText(const schema::Sequence& sequence);

// kUnimplemented: "dialect x has no <what> (<owner>)".
absl::Status Lacks(const engine::Dialect& dialect, absl::string_view what,
                   absl::string_view owner);

}  // namespace cupel::schema_internal

#endif  // CUPEL_SCHEMA_RENDER_H_
