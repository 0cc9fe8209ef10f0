// Opens connections to servers of MariaDB.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"

namespace cupel::mariadb_internal {

// Thread-safe.
class MariadbDriver final : public engine::Driver {
 public:
  absl::StatusOr<std::unique_ptr<engine::DriverConnection>> Open(
      const engine::Url& url, const engine::ConnectOptions& options,
      engine::Deadline deadline) override;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_H_
