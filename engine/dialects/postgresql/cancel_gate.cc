#include "cupel/engine/dialects/postgresql/cancel_gate.h"

#include <pthread.h>

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

// When a request is made again for a connection that was given up.
constexpr absl::Duration kAgain[] = {absl::Milliseconds(50),
                                     absl::Milliseconds(500), absl::Seconds(3)};

// PQcancel blocks for as long as the server likes, so a thread of its own makes
// the request. Whoever comes last deletes it.
struct Request {
  std::shared_ptr<pg_cancel> target;
  bool again = false;
  absl::Mutex mutex;
  bool answered ABSL_GUARDED_BY(mutex) = false;

  static void* Run(void* argument) {
    std::unique_ptr<std::shared_ptr<Request>> holder(
        static_cast<std::shared_ptr<Request>*>(argument));
    Request& request = **holder;
    char text[256];
    PQcancel(request.target.get(), text, sizeof(text));
    for (const absl::Duration pause : kAgain) {
      if (!request.again) break;
      absl::SleepFor(pause);
      PQcancel(request.target.get(), text, sizeof(text));
    }
    absl::MutexLock lock(&request.mutex);
    request.answered = true;
    return nullptr;
  }
};

// Starts the thread; false when there is none.
bool Begin(const std::shared_ptr<Request>& request) {
  auto* const holder = new std::shared_ptr<Request>(request);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, &Request::Run, holder);
  pthread_attr_destroy(&attributes);
  if (error != 0) delete holder;
  return error == 0;
}

// Whether the request was answered in time.
bool Ask(std::shared_ptr<pg_cancel> target, absl::Duration timeout) {
  auto request = std::make_shared<Request>();
  request->target = std::move(target);
  if (!Begin(request)) return true;  // no request, no late one either
  absl::MutexLock lock(&request->mutex);
  return request->mutex.AwaitWithTimeout(absl::Condition(&request->answered),
                                         timeout);
}

}  // namespace

void CancelGate::SetTarget(pg_conn* connection) {
  absl::MutexLock lock(&mutex_);
  target_.reset(PQgetCancel(connection), PQfreeCancel);
}

void CancelGate::Open() {
  absl::MutexLock lock(&mutex_);
  is_open_ = true;
  why_ = Interruption::kNone;
}

bool CancelGate::Close() {
  absl::MutexLock lock(&mutex_);
  is_open_ = false;
  mutex_.Await(absl::Condition(
      +[](int* under_way) { return *under_way == 0; }, &under_way_));
  return !unanswered_;
}

void CancelGate::Cancel(Interruption why, absl::Duration timeout) {
  std::shared_ptr<pg_cancel> target;
  {
    absl::MutexLock lock(&mutex_);
    if (!is_open_ || target_ == nullptr) return;
    if (why_ == Interruption::kNone) why_ = why;
    target = target_;
    ++under_way_;
  }
  const bool answered = Ask(std::move(target), timeout);
  absl::MutexLock lock(&mutex_);
  --under_way_;
  if (!answered) unanswered_ = true;
}

void CancelGate::KeepCancelling() {
  auto request = std::make_shared<Request>();
  {
    absl::MutexLock lock(&mutex_);
    request->target = target_;
  }
  request->again = true;
  if (request->target != nullptr) Begin(request);
}

Interruption CancelGate::why() const {
  absl::MutexLock lock(&mutex_);
  return why_;
}

}  // namespace cupel::postgresql_internal
