// PostgreSQL as a dialect of Cupel.
//
// Linking //engine/dialects/postgresql registers it: URLs
// "postgresql://user@host/database" work without further ado. Where a linker
// drops what nobody names (a static library made by another build system), call
// Register() once.
//
// The options of a URL stand in README.md beside this file.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_POSTGRESQL_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_POSTGRESQL_H_

#include <memory>

#include "absl/status/status.h"
#include "cupel/engine/dialect.h"

namespace cupel::postgresql {

// Makes the dialect known; does nothing when it is. Thread-safe.
absl::Status Register();

// The dialect itself, for a compiler of SQL without any database. It knows what
// version 15 can do.
std::shared_ptr<const engine::Dialect> PostgresqlDialect();

}  // namespace cupel::postgresql

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_POSTGRESQL_H_
