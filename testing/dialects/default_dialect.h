// The dialect on which tests run that are content with any database: SQLite, or
// that of the server whose provider the test links (test_databases.h). Linking
// it registers the dialect.

#ifndef CUPEL_TESTING_DIALECTS_DEFAULT_DIALECT_H_
#define CUPEL_TESTING_DIALECTS_DEFAULT_DIALECT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"

namespace cupel::testing {

std::shared_ptr<const engine::Dialect> DefaultDialect();

// The URL of a database in memory, a new one for each engine; of a server, a
// new database for each call.
std::string DefaultMemoryUrl();

// The URL of the database in the file of an absolute path, whatever is linked.
std::string DefaultFileUrl(absl::string_view path);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_DEFAULT_DIALECT_H_
