#include "cupel/schema/sql_fragment.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::schema {

struct SqlFragment::Content {
  std::variant<std::string, LiteralValue, Renderer> is;
};

SqlFragment::SqlFragment(Content content)
    : content_(std::make_shared<const Content>(std::move(content))) {}

SqlFragment SqlFragment::Text(std::string sql) {
  return SqlFragment(Content{std::move(sql)});
}

SqlFragment SqlFragment::Literal(engine::Type type, engine::Value value) {
  return SqlFragment(Content{LiteralValue{type, std::move(value)}});
}

SqlFragment SqlFragment::Rendered(Renderer renderer) {
  return SqlFragment(Content{std::move(renderer)});
}

const std::string* SqlFragment::text() const {
  return empty() ? nullptr : std::get_if<std::string>(&content_->is);
}

const SqlFragment::LiteralValue* SqlFragment::literal() const {
  return empty() ? nullptr : std::get_if<LiteralValue>(&content_->is);
}

absl::StatusOr<std::string> SqlFragment::Render(
    const engine::Dialect& dialect) const {
  std::string out;
  if (empty()) return out;
  if (const std::string* sql = text()) return *sql;
  if (const Renderer* renderer = std::get_if<Renderer>(&content_->is)) {
    return (*renderer)(dialect);
  }
  if (const LiteralValue* value = literal()) {
    CUPEL_RETURN_IF_ERROR(
        dialect.AppendLiteral(value->type, value->value.view(), &out));
  }
  return out;
}

}  // namespace cupel::schema
