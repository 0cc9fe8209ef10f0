// The schema layer in one include: metadata, tables, columns, constraints,
// indexes, DDL and the inspection of existing databases.

#ifndef CUPEL_SCHEMA_SCHEMA_H_
#define CUPEL_SCHEMA_SCHEMA_H_

#include "cupel/schema/version.h"  // IWYU pragma: export

#endif  // CUPEL_SCHEMA_SCHEMA_H_
