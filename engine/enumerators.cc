#include "cupel/engine/enumerators.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type_traits.h"

namespace cupel::engine_internal {

using engine::ErrorInfo;
using engine::ErrorKind;
using engine::MakeError;

absl::Status BindEnum(const engine::EnumDescriptor& enumerators, int64_t value,
                      BoundValue* out) {
  int index = enumerators.FindValue(value);
  if (index < 0) {
    return MakeError(ErrorKind::kInvalidValue,
                     "the value is none of the enumerators: add it to "
                     "cupel::kEnumerators");
  }
  out->view = ValueView::Text(enumerators.names[static_cast<size_t>(index)]);
  return absl::OkStatus();
}

absl::Status ReadEnum(const engine::EnumDescriptor& enumerators,
                      const ValueView& cell, int64_t* value) {
  CUPEL_RETURN_IF_ERROR(ExpectKind(ValueKind::kText, cell));
  int index = enumerators.FindName(cell.bytes());
  if (index < 0) {
    ErrorInfo info;
    info.kind = ErrorKind::kTypeMismatch;
    info.detail = std::string(cell.bytes());
    return MakeError(std::move(info),
                     "the stored text is none of the enumerators (it is in "
                     "the detail of the error info)");
  }
  *value = enumerators.values[static_cast<size_t>(index)];
  return absl::OkStatus();
}

}  // namespace cupel::engine_internal
