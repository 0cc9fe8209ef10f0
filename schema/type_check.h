// The CHECK constraint that a column's type implies: a boolean or enum column
// that asks for one admits nothing else in the database.

#ifndef CUPEL_SCHEMA_TYPE_CHECK_H_
#define CUPEL_SCHEMA_TYPE_CHECK_H_

#include <optional>

#include "cupel/schema/column.h"
#include "cupel/schema/constraint.h"

namespace cupel::schema {

// The check of `column`'s type, or nullopt unless the type asks for one. The
// condition refers to `column`, which must outlive it.
std::optional<CheckOptions> TypeCheck(const Column& column);

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_TYPE_CHECK_H_
