#include "cupel/schema/sql_fragment.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::schema {

SqlFragment SqlFragment::Text(std::string sql) {
  return SqlFragment(Content(std::move(sql)));
}

SqlFragment SqlFragment::Literal(engine::Type type, engine::Value value) {
  return SqlFragment(Content(LiteralValue{type, std::move(value)}));
}

SqlFragment SqlFragment::Rendered(Renderer renderer) {
  return SqlFragment(Content(std::move(renderer)));
}

absl::StatusOr<std::string> SqlFragment::Render(
    const engine::Dialect& dialect) const {
  if (const std::string* sql = text()) return *sql;
  if (const Renderer* renderer = std::get_if<Renderer>(&content_)) {
    return (*renderer)(dialect);
  }
  std::string out;
  if (const LiteralValue* value = literal()) {
    CUPEL_RETURN_IF_ERROR(
        dialect.AppendLiteral(value->type, value->value.view(), &out));
  }
  return out;
}

}  // namespace cupel::schema
