#include "cupel/schema/type_check.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::schema {
namespace {

// "column IN (literal, ...)"; empty where the database's own type refuses other
// values already, so that no constraint is made.
absl::StatusOr<std::string> RenderMembership(const Column& column,
                                             const engine::Dialect& dialect) {
  const engine::Type& type = column.type();
  const engine::Type& declared = column.TypeFor(dialect.name());
  const bool alike = declared.kind == type.kind;
  std::vector<engine::Value> values;
  if (type.kind == engine::TypeKind::kBoolean) {
    if (alike && dialect.capabilities().native_boolean) return "";
    values.push_back(engine::Value::Bool(false));
    values.push_back(engine::Value::Bool(true));
  } else {
    if (alike && dialect.capabilities().native_enum && declared.native_enum) {
      return "";
    }
    if (alike && dialect.capabilities().named_enums &&
        !declared.enum_name.empty()) {
      return "";
    }
    for (absl::string_view name : type.enumerators->names) {
      values.push_back(engine::Value::Text(std::string(name)));
    }
  }
  std::string out;
  CUPEL_RETURN_IF_ERROR(dialect.AppendIdentifier(column.name(), &out));
  absl::string_view separator = " IN (";
  for (const engine::Value& value : values) {
    out.append(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(dialect.AppendLiteral(type, value.view(), &out));
  }
  out += ')';
  return out;
}

}  // namespace

std::optional<CheckOptions> TypeCheck(const Column& column) {
  const engine::Type& type = column.type();
  const bool of_enum = type.kind == engine::TypeKind::kEnum &&
                       type.enum_check && type.enumerators != nullptr &&
                       !type.enumerators->names.empty();
  const bool of_boolean =
      type.kind == engine::TypeKind::kBoolean && column.options().boolean_check;
  if (!of_enum && !of_boolean) return std::nullopt;
  return CheckOptions{.condition = SqlFragment::Rendered(
                          [&column](const engine::Dialect& dialect) {
                            return RenderMembership(column, dialect);
                          })};
}

}  // namespace cupel::schema
