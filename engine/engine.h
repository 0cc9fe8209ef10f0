// The engine layer in one include: values and types, errors, connections,
// transactions, statements, results, pools and events.

#ifndef CUPEL_ENGINE_ENGINE_H_
#define CUPEL_ENGINE_ENGINE_H_

#include "cupel/engine/status_macros.h"  // IWYU pragma: export
#include "cupel/engine/version.h"        // IWYU pragma: export

#endif  // CUPEL_ENGINE_ENGINE_H_
