// Orders tables so that each stands behind the tables its foreign keys refer
// to, and finds the keys that make that impossible.

#ifndef CUPEL_SCHEMA_TABLE_SORT_H_
#define CUPEL_SCHEMA_TABLE_SORT_H_

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "cupel/schema/metadata.h"

namespace cupel::schema_internal {

// `referred` gives the table of a key, or null for one that does not matter. A
// depth-first search: linear in tables and keys, stable in their order.
schema::SortedTables SortTables(
    absl::Span<const schema::Table* const> tables,
    absl::FunctionRef<const schema::Table*(const schema::ForeignKey&)>
        referred);

}  // namespace cupel::schema_internal

#endif  // CUPEL_SCHEMA_TABLE_SORT_H_
