// Where the stack of the calling thread lies, for recursion that must end
// before the stack does.

#ifndef CUPEL_ENGINE_THREAD_STACK_H_
#define CUPEL_ENGINE_THREAD_STACK_H_

#include <cstddef>
#include <cstdint>

namespace cupel::engine {

struct ThreadStack {
  uintptr_t lowest = 0;
  size_t bytes = 0;  // 0: nobody can tell
};

// Of the calling thread. It takes a system call or a few, and never changes:
// keep the answer.
ThreadStack StackOfThisThread();

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_THREAD_STACK_H_
