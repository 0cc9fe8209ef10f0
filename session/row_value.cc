#include "cupel/session/row_value.h"

#include "absl/strings/str_cat.h"

namespace cupel::session {

using engine::TypeKind;

bool MayNotFit(const RowValue& value) {
  if (value.from != RowValue::From::kMember || !value.is_assignment) {
    return false;
  }
  const engine::Type& type = value.property->column->type();
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kBinary:
      return type.length > 0;
    case TypeKind::kSmallInteger:
    case TypeKind::kInteger:
      return !(value.property->ops->type == type);
    case TypeKind::kNumeric:
    case TypeKind::kEnum:
      return true;
    default:
      return false;
  }
}

absl::Status CheckRowValue(const RowValue& value, const engine::ValueView& view,
                           bool may_not_fit) {
  const schema::Column& column = *value.property->column;
  if (may_not_fit)
    CUPEL_RETURN_IF_ERROR(engine::CheckFits(column.type(), view));
  if (value.is_assignment && view.is_null() && !column.nullable()) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "null in a column that is not nullable");
  }
  return absl::OkStatus();
}

absl::Status WithMember(const absl::Status& status, const RowValue& value,
                        const BatchRow& row) {
  return engine::WithContext(status, absl::StrCat(row.first->type()->name(),
                                                  ".", value.property->name));
}

std::optional<engine::ValueView> RowDefaultContext::Parameter(
    const schema::Column& column) const {
  const int property = state_->type()->FindColumn(column);
  if (property < 0) return std::nullopt;
  const Property& p = state_->type()->property(property);
  if (!p.ops->bind(state_->member(p.offset), &bound_).ok()) {
    return std::nullopt;
  }
  return bound_.view;
}

}  // namespace cupel::session
