#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/status_macros.h"

namespace cupel {

absl::Status HandOnTheError(absl::StatusOr<int> value) {
  CUPEL_ASSIGN_OR_RETURN(const int number, value);
  CUPEL_RET_CHECK(number > 0);
  return absl::OkStatus();
}

// EXPECT: (could not convert|cannot convert|no viable conversion)
#if defined(RETURN_FROM_A_FUNCTION_WITHOUT_STATUS)
int Count(const absl::Status& status) {
  CUPEL_RETURN_IF_ERROR(status);
  return 0;
}
#endif

}  // namespace cupel
