// From what a catalogue tells about a table to its definition.

#ifndef CUPEL_SCHEMA_REFLECTION_H_
#define CUPEL_SCHEMA_REFLECTION_H_

#include "cupel/engine/catalog.h"
#include "cupel/schema/table.h"

namespace cupel::schema_internal {

// The definition of `table`; texts become SqlFragment::Text, names are final.
schema::TableDefinition ToDefinition(const engine::CatalogTable& table);

}  // namespace cupel::schema_internal

#endif  // CUPEL_SCHEMA_REFLECTION_H_
