#include "cupel/schema/client_default.h"

#include <memory>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/value.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema {

struct ClientDefault::Content {
  std::variant<engine::Value, ValueFunction, ContextFunction, SqlFragment> is;
};

ClientDefault::ClientDefault(Content content)
    : content_(std::make_shared<const Content>(std::move(content))) {}

ClientDefault ClientDefault::Constant(engine::Value value) {
  return ClientDefault(Content{std::move(value)});
}

ClientDefault ClientDefault::Function(ValueFunction function) {
  return ClientDefault(Content{std::move(function)});
}

ClientDefault ClientDefault::WithContext(ContextFunction function) {
  return ClientDefault(Content{std::move(function)});
}

ClientDefault ClientDefault::Sql(SqlFragment sql) {
  return ClientDefault(Content{std::move(sql)});
}

const SqlFragment* ClientDefault::sql() const {
  return empty() ? nullptr : std::get_if<SqlFragment>(&content_->is);
}

absl::StatusOr<engine::Value> ClientDefault::Evaluate(
    const DefaultContext& context) const {
  if (!empty()) {
    const auto& is = content_->is;
    if (const auto* value = std::get_if<engine::Value>(&is)) return *value;
    if (const auto* function = std::get_if<ValueFunction>(&is)) {
      return (*function)();
    }
    if (const auto* function = std::get_if<ContextFunction>(&is)) {
      return (*function)(context);
    }
  }
  return absl::FailedPreconditionError(
      "this default is SQL or empty: put its sql() into the statement");
}

}  // namespace cupel::schema
