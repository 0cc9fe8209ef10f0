// The schema layer in one include: metadata, tables, columns, constraints,
// indexes, sequences, DDL and the inspection of existing databases.

#ifndef CUPEL_SCHEMA_SCHEMA_H_
#define CUPEL_SCHEMA_SCHEMA_H_

#include "cupel/schema/client_default.h"     // IWYU pragma: export
#include "cupel/schema/column.h"             // IWYU pragma: export
#include "cupel/schema/constraint.h"         // IWYU pragma: export
#include "cupel/schema/ddl_compiler.h"       // IWYU pragma: export
#include "cupel/schema/ddl_hook.h"           // IWYU pragma: export
#include "cupel/schema/index.h"              // IWYU pragma: export
#include "cupel/schema/inspector.h"          // IWYU pragma: export
#include "cupel/schema/metadata.h"           // IWYU pragma: export
#include "cupel/schema/naming_convention.h"  // IWYU pragma: export
#include "cupel/schema/naming_rule.h"        // IWYU pragma: export
#include "cupel/schema/sequence.h"           // IWYU pragma: export
#include "cupel/schema/sql_fragment.h"       // IWYU pragma: export
#include "cupel/schema/table.h"              // IWYU pragma: export
#include "cupel/schema/table_reference.h"    // IWYU pragma: export
#include "cupel/schema/version.h"            // IWYU pragma: export

#endif  // CUPEL_SCHEMA_SCHEMA_H_
