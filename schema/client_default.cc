#include "cupel/schema/client_default.h"

#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/value.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema {

ClientDefault ClientDefault::Constant(engine::Value value) {
  return ClientDefault(Content(std::move(value)));
}

ClientDefault ClientDefault::Function(ValueFunction function) {
  return ClientDefault(Content(std::move(function)));
}

ClientDefault ClientDefault::WithContext(ContextFunction function) {
  return ClientDefault(Content(std::move(function)));
}

ClientDefault ClientDefault::Sql(SqlFragment sql) {
  return ClientDefault(Content(std::move(sql)));
}

absl::StatusOr<engine::Value> ClientDefault::Evaluate(
    const DefaultContext& context) const {
  if (const auto* value = std::get_if<engine::Value>(&content_)) return *value;
  if (const auto* function = std::get_if<ValueFunction>(&content_)) {
    return (*function)();
  }
  if (const auto* function = std::get_if<ContextFunction>(&content_)) {
    return (*function)(context);
  }
  return absl::FailedPreconditionError(
      "this default is SQL or empty: put its sql() into the statement");
}

}  // namespace cupel::schema
