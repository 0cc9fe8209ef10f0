#include "cupel/query/compiled.h"

#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/expr.h"
#include "cupel/query/node.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

absl::Status NoSuchColumn(absl::string_view what) {
  return engine::MakeError(
      engine::ErrorKind::kNotFound,
      absl::StrCat("the result has no column ", what,
                   "; address it by a label it was selected with"));
}

}  // namespace

absl::StatusOr<size_t> Compiled::FindColumn(absl::string_view name) const {
  std::optional<size_t> found;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name != name) continue;
    if (found.has_value()) {
      return engine::MakeError(
          engine::ErrorKind::kInvalidValue,
          absl::StrCat("several columns of the result are called \"",
                       absl::CHexEscape(name),
                       "\"; give them labels, or address them by position"));
    }
    found = i;
  }
  if (!found.has_value())
    return NoSuchColumn(absl::StrCat("\"", absl::CHexEscape(name), "\""));
  return *found;
}

absl::StatusOr<size_t> Compiled::FindColumn(const Expr& expr) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].expr && expr.node() &&
        query_internal::SameShape(*columns[i].expr, *expr.node())) {
      return i;
    }
  }
  return NoSuchColumn("for this expression");
}

size_t Compiled::bytes() const {
  size_t total = sizeof(*this) + sql.capacity() +
                 sites.capacity() * sizeof(BindSite) +
                 columns.capacity() * sizeof(ResultColumn) +
                 defaults.capacity() * sizeof(DefaultSite) +
                 row_values.capacity() * sizeof(RowValueSite) +
                 row.columns.capacity() * sizeof(const schema::Column*) +
                 (tables_read.capacity() + tables_written.capacity()) *
                     sizeof(const schema::Table*);
  for (const ResultColumn& column : columns) total += column.name.capacity();
  if (statement) total += query_internal::BytesBelow(*statement);
  return total;
}

}  // namespace cupel::query
