// A place in the user's source, for warnings that should name one.

#ifndef CUPEL_SESSION_CALL_SITE_H_
#define CUPEL_SESSION_CALL_SITE_H_

#include "cupel/engine/location.h"

namespace cupel::session {

// As a default argument `CallSite site = CallSite::Current()` it is the place
// of the call.
using CallSite = engine::Location;

}  // namespace cupel::session

#endif  // CUPEL_SESSION_CALL_SITE_H_
