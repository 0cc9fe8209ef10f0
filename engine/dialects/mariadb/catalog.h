// Reads MariaDB's catalogue, by information_schema.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_CATALOG_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_CATALOG_H_

#include <memory>

#include "cupel/engine/catalog.h"

namespace cupel::mariadb_internal {

// A schema is a database of the server. Temporary tables are not seen: the
// server tells nobody of them.
std::unique_ptr<engine::Catalog> MakeMariadbCatalog();

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_CATALOG_H_
