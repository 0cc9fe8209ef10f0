// Reads the catalogue of a SQLite database: pragmas, and the text of the
// statements that made it (table_definition.h) for what pragmas do not tell.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_CATALOG_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_CATALOG_H_

#include <memory>

#include "cupel/engine/catalog.h"

namespace cupel::sqlite_internal {

std::unique_ptr<engine::Catalog> MakeSqliteCatalog();

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_CATALOG_H_
