// Opens databases of SQLite.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"

namespace cupel::sqlite_internal {

// Thread-safe.
//
// A database in memory belongs to ConnectOptions::scope: all connections of
// that scope see it, and it lives as long as the scope. SQLite's memdb keeps
// it, whose locks work like those of a file (one writer, others wait for the
// busy deadline), not like those of a shared cache.
class SqliteDriver final : public engine::Driver {
 public:
  absl::StatusOr<std::unique_ptr<engine::DriverConnection>> Open(
      const engine::Url& url, const engine::ConnectOptions& options,
      engine::Deadline deadline) override;
};

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_H_
