#include "cupel/schema/column.h"

#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"

namespace cupel::schema {

const engine::Type& Column::TypeFor(absl::string_view dialect) const {
  for (const ColumnVariant& variant : options_->variants) {
    if (variant.dialect == dialect) return variant.type;
  }
  return options_->type;
}

}  // namespace cupel::schema
