// The engine layer in one include: values and types, errors, connections,
// transactions, statements, results, pools and events.

#ifndef CUPEL_ENGINE_ENGINE_H_
#define CUPEL_ENGINE_ENGINE_H_

#include "cupel/engine/codec.h"          // IWYU pragma: export
#include "cupel/engine/deadline.h"       // IWYU pragma: export
#include "cupel/engine/decimal.h"        // IWYU pragma: export
#include "cupel/engine/error_info.h"     // IWYU pragma: export
#include "cupel/engine/status_macros.h"  // IWYU pragma: export
#include "cupel/engine/time_of_day.h"    // IWYU pragma: export
#include "cupel/engine/type.h"           // IWYU pragma: export
#include "cupel/engine/type_ops.h"       // IWYU pragma: export
#include "cupel/engine/url.h"            // IWYU pragma: export
#include "cupel/engine/uuid.h"           // IWYU pragma: export
#include "cupel/engine/value.h"          // IWYU pragma: export
#include "cupel/engine/version.h"        // IWYU pragma: export

#endif  // CUPEL_ENGINE_ENGINE_H_
