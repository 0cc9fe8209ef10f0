#include "cupel/orm/access.h"

#include <cstdlib>
#include <utility>

#include "absl/status/statusor.h"

namespace cupel::orm_internal {

void FailAccess(absl::Status status) {
  (void)absl::StatusOr<int>(std::move(status)).value();
  std::abort();
}

void LoadOrFail(const session::EntityState* state) {
  if (state == nullptr) {
    FailAccess(absl::FailedPreconditionError(
        "a null Ref was read: test it before (`if (ref)`)"));
  }
  const session::EntityRef ref(const_cast<session::EntityState*>(state));
  if (absl::Status status = ref.Load(); !status.ok()) {
    FailAccess(std::move(status));
  }
}

}  // namespace cupel::orm_internal
