#include "cupel/engine/thread_stack.h"

#include <pthread.h>

#include <cstddef>
#include <cstdint>

namespace cupel::engine {

ThreadStack StackOfThisThread() {
  ThreadStack stack;
#ifdef __linux__
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack;
  void* lowest = nullptr;
  size_t bytes = 0;
  if (pthread_attr_getstack(&attributes, &lowest, &bytes) == 0) {
    stack.lowest = reinterpret_cast<uintptr_t>(lowest);
    stack.bytes = bytes;
  }
  pthread_attr_destroy(&attributes);
#endif
  return stack;
}

}  // namespace cupel::engine
