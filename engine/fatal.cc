#include "cupel/engine/fatal.h"

#include <cstdio>
#include <cstdlib>

namespace cupel::engine_internal {

void Fatal(const char* message) {
  std::fprintf(stderr, "cupel: %s\n", message);
  std::abort();
}

}  // namespace cupel::engine_internal
