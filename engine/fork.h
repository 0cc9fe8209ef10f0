// Notices that the process was forked. Internal to this layer.
//
// A child inherits sockets and file locks that belong to its parent: whoever
// keeps such things compares ForkCount() with that of their making.

#ifndef CUPEL_ENGINE_FORK_H_
#define CUPEL_ENGINE_FORK_H_

#include <cstdint>

#include "absl/synchronization/mutex.h"

namespace cupel::engine {

// How many forks lie between the start of the program and this process.
uint64_t ForkCount();

// While it lives, a fork waits until `mutex` is free, and the child gets it in
// working order: no other thread was inside. Thread-safe.
class ForkSafeMutex {
 public:
  explicit ForkSafeMutex(absl::Mutex& mutex);
  ForkSafeMutex(const ForkSafeMutex&) = delete;
  ForkSafeMutex& operator=(const ForkSafeMutex&) = delete;
  ~ForkSafeMutex();

 private:
  friend struct ForkHandlers;
  absl::Mutex& mutex_;
  ForkSafeMutex* previous_ = nullptr;
  ForkSafeMutex* next_ = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_FORK_H_
