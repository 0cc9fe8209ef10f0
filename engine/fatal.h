// The end of the program where no status can be returned: a failed check.

#ifndef CUPEL_ENGINE_FATAL_H_
#define CUPEL_ENGINE_FATAL_H_

namespace cupel::engine_internal {

// Writes "cupel: `message`" to standard error and aborts.
[[noreturn]] void Fatal(const char* message);

}  // namespace cupel::engine_internal

#endif  // CUPEL_ENGINE_FATAL_H_
