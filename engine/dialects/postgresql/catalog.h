// Reads the catalogue of a PostgreSQL database: pg_catalog, by statements whose
// parameters are bound.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_H_

#include <memory>

#include "cupel/engine/catalog.h"

namespace cupel::postgresql_internal {

std::unique_ptr<engine::Catalog> MakePostgresqlCatalog();

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_CATALOG_H_
