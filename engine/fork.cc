#include "cupel/engine/fork.h"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <new>

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace cupel::engine {
namespace {

std::atomic<uint64_t> fork_count{0};
ABSL_CONST_INIT absl::Mutex list_mutex(absl::kConstInit);
ForkSafeMutex* first = nullptr;

// Makes a mutex free that this thread holds, which abseil's search for
// deadlocks (in programs with assertions) has to forget, too.
void Renew(absl::Mutex& mutex) {
  mutex.ForgetDeadlockInfo();
  new (&mutex) absl::Mutex();
}

}  // namespace

// Holds every registered mutex over the fork.
struct ForkHandlers {
  static void Prepare() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    list_mutex.Lock();
    for (ForkSafeMutex* m = first; m != nullptr; m = m->next_) {
      m->mutex_.Lock();
    }
  }

  static void Parent() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (ForkSafeMutex* m = first; m != nullptr; m = m->next_) {
      m->mutex_.Unlock();
    }
    list_mutex.Unlock();
  }

  // The threads that wait for a mutex do not exist in the child: unlocking
  // would pass it to one of them. It is made anew instead.
  static void Child() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    fork_count.fetch_add(1, std::memory_order_relaxed);
    for (ForkSafeMutex* m = first; m != nullptr; m = m->next_) {
      Renew(m->mutex_);
    }
    Renew(list_mutex);
  }

  static void Install() {
    static const int installed = pthread_atfork(Prepare, Parent, Child);
    static_cast<void>(installed);
  }
};

uint64_t ForkCount() { return fork_count.load(std::memory_order_relaxed); }

ForkSafeMutex::ForkSafeMutex(absl::Mutex& mutex) : mutex_(mutex) {
  ForkHandlers::Install();
  absl::MutexLock lock(&list_mutex);
  next_ = first;
  if (next_ != nullptr) next_->previous_ = this;
  first = this;
}

ForkSafeMutex::~ForkSafeMutex() {
  absl::MutexLock lock(&list_mutex);
  (previous_ != nullptr ? previous_->next_ : first) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

}  // namespace cupel::engine
