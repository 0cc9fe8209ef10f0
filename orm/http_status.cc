#include "cupel/orm/http_status.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"

namespace cupel {
namespace {

constexpr absl::string_view kPayload = "cupel.dev/HttpStatus";

}  // namespace

absl::Status NotFound404(absl::string_view description) {
  absl::Status status =
      engine::MakeError({.kind = engine::ErrorKind::kNotFound}, description);
  status.SetPayload(kPayload, absl::Cord("404"));
  return status;
}

std::optional<int> HttpStatusOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  int code = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &code)) {
    return std::nullopt;
  }
  return code;
}

namespace orm_internal {

absl::StatusOr<session::EntityRef> NullAsNotFound(
    absl::StatusOr<session::EntityRef> found, absl::string_view name,
    absl::string_view description) {
  if (!found.ok() || *found) return found;
  return NotFound404(description.empty() ? absl::StrCat("no such ", name)
                                         : std::string(description));
}

absl::StatusOr<session::EntityRef> ErrorAsNotFound(
    absl::StatusOr<session::EntityRef> found, absl::string_view description) {
  if (found.ok()) return found;
  const std::optional<engine::ErrorInfo> info =
      engine::GetErrorInfo(found.status());
  if (!info || (info->kind != engine::ErrorKind::kNotFound &&
                info->kind != engine::ErrorKind::kMultipleRows)) {
    return found;
  }
  return NotFound404(description.empty() ? found.status().message()
                                         : description);
}

}  // namespace orm_internal
}  // namespace cupel
