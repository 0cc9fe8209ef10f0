#include "cupel/engine/dialects/mariadb/driver.h"

#include <memory>

#include "absl/status/statusor.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/options.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"

namespace cupel::mariadb_internal {

absl::StatusOr<std::unique_ptr<engine::DriverConnection>> MariadbDriver::Open(
    const engine::Url& url, const engine::ConnectOptions& options,
    engine::Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(const Options parsed, ParseOptions(url, options));
  return MariadbConnection::Open(parsed, deadline);
}

}  // namespace cupel::mariadb_internal
