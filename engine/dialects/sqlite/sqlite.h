// SQLite as a dialect of Cupel.
//
// Linking //engine/dialects/sqlite registers it: URLs "sqlite:///file.db" work
// without further ado. Where a linker drops what nobody names (a static library
// made by another build system), call Register() once.
//
// The options of a URL stand in README.md beside this file.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_SQLITE_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_SQLITE_H_

#include <memory>

#include "absl/status/status.h"
#include "cupel/engine/dialect.h"

namespace cupel::sqlite {

// Makes the dialect known; does nothing when it is. Thread-safe.
absl::Status Register();

// The dialect itself, for a compiler of SQL without any database.
std::shared_ptr<const engine::Dialect> SqliteDialect();

// What SQLite of that version can do (3040001 is 3.40.1).
engine::Capabilities CapabilitiesOf(int version);

}  // namespace cupel::sqlite

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_SQLITE_H_
