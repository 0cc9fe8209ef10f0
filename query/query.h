// The query layer in one include: typed expressions, SELECT, INSERT, UPDATE,
// DELETE, text, their compiler, the statement cache, execution and results.

#ifndef CUPEL_QUERY_QUERY_H_
#define CUPEL_QUERY_QUERY_H_

#include "cupel/query/array.h"             // IWYU pragma: export
#include "cupel/query/bound_parameters.h"  // IWYU pragma: export
#include "cupel/query/case.h"              // IWYU pragma: export
#include "cupel/query/compiled.h"          // IWYU pragma: export
#include "cupel/query/execution.h"         // IWYU pragma: export
#include "cupel/query/expr.h"              // IWYU pragma: export
#include "cupel/query/from_item.h"         // IWYU pragma: export
#include "cupel/query/function.h"          // IWYU pragma: export
#include "cupel/query/insert.h"            // IWYU pragma: export
#include "cupel/query/insert_objects.h"    // IWYU pragma: export
#include "cupel/query/insert_pages.h"      // IWYU pragma: export
#include "cupel/query/result.h"            // IWYU pragma: export
#include "cupel/query/select.h"            // IWYU pragma: export
#include "cupel/query/statement.h"         // IWYU pragma: export
#include "cupel/query/statement_cache.h"   // IWYU pragma: export
#include "cupel/query/text.h"              // IWYU pragma: export
#include "cupel/query/typed_expr.h"        // IWYU pragma: export
#include "cupel/query/update.h"            // IWYU pragma: export
#include "cupel/query/version.h"           // IWYU pragma: export
#include "cupel/query/window.h"            // IWYU pragma: export

#endif  // CUPEL_QUERY_QUERY_H_
