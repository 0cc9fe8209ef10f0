// Opening the store: from its SQL script, or from a database file.

#ifndef CUPEL_EXAMPLES_CHINOOK_STORE_H_
#define CUPEL_EXAMPLES_CHINOOK_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "cupel/orm/orm.h"

namespace chinook {

// A database in memory, filled by the script at `path`.
absl::StatusOr<cupel::Database> LoadScript(const std::string& path);

// The database file at `path`, which must exist.
absl::StatusOr<cupel::Database> OpenFile(const std::string& path);

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_STORE_H_
