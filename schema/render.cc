#include "cupel/schema/render.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/sql_fragment.h"
#include "cupel/schema/sql_text.h"

namespace cupel::schema_internal {

absl::StatusOr<std::string> RenderClause(const schema::SqlFragment& fragment,
                                         const engine::Dialect& dialect,
                                         absl::string_view owner) {
  CUPEL_ASSIGN_OR_RETURN(std::string sql, fragment.Render(dialect));
  // The dialect's own literals need no check, and may hold anything.
  if (fragment.literal() == nullptr) {
    const absl::Status status =
        CheckSelfContained(sql, dialect.syntax().backslash_escapes);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(owner, ": ", status.message()));
    }
  }
  return std::string(StripParentheses(sql));
}

absl::Status Lacks(const engine::Dialect& dialect, absl::string_view what,
                   absl::string_view owner) {
  return absl::UnimplementedError(
      absl::StrCat("dialect ", dialect.name(), " has no ", what, ": ", owner));
}

}  // namespace cupel::schema_internal
