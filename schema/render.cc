#include "cupel/schema/render.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/sequence.h"
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

std::string CountingText(const schema::Sequence& sequence) {
  std::string text;
  const auto add = [&](absl::string_view words, std::optional<int64_t> value) {
    if (!value) return;
    absl::StrAppend(&text, text.empty() ? "" : " ", words, *value);
  };
  add("START WITH ", sequence.start);
  add("INCREMENT BY ", sequence.increment);
  add("MINVALUE ", sequence.minimum);
  add("MAXVALUE ", sequence.maximum);
  add("CACHE ", sequence.cache);
  if (sequence.cycle) absl::StrAppend(&text, text.empty() ? "" : " ", "CYCLE");
  return text;
}

absl::Status Lacks(const engine::Dialect& dialect, absl::string_view what,
                   absl::string_view owner) {
  return absl::UnimplementedError(
      absl::StrCat("dialect ", dialect.name(), " has no ", what, ": ", owner));
}

}  // namespace cupel::schema_internal
