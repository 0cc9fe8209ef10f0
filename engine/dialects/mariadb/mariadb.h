// MariaDB as a dialect of Cupel.
//
// Linking //engine/dialects/mariadb registers it: URLs
// "mariadb://user@host:3306/shop" work without further ado. Where a linker
// drops what nobody names (a static library made by another build system), call
// Register() once.
//
// The options of a URL stand in README.md beside this file.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_MARIADB_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_MARIADB_H_

#include <memory>

#include "absl/status/status.h"
#include "cupel/engine/dialect.h"

namespace cupel::mariadb {

// Makes the dialect known; does nothing when it is. Thread-safe.
absl::Status Register();

// The dialect itself, for a compiler of SQL without any database.
std::shared_ptr<const engine::Dialect> MariadbDialect();

}  // namespace cupel::mariadb

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_MARIADB_H_
