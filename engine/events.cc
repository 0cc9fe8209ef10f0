#include "cupel/engine/events.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace cupel::engine {
namespace internal_events {

class Listener {
 public:
  Listener(Events* owner, Events::Kind kind,
           std::function<absl::Status(void*)> call)
      : kind_(kind), call_(std::move(call)), owner_(owner) {}

  Events::Kind kind() const { return kind_; }

  absl::Status Call(void* event) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return absl::OkStatus();
      ++calls_;
    }
    Frame frame{this, innermost_};
    innermost_ = &frame;
    absl::Status status = call_(event);
    innermost_ = frame.outer;
    absl::MutexLock lock(&mutex_);
    --calls_;
    return status;
  }

  // No call begins afterwards, and none is under way in another thread.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (owner_ != nullptr) owner_->Remove(this);
    owner_ = nullptr;
    // A listener that cancels itself does not wait for itself.
    awaited_calls_ = 0;
    for (Frame* frame = innermost_; frame != nullptr; frame = frame->outer) {
      if (frame->listener == this) ++awaited_calls_;
    }
    mutex_.Await(absl::Condition(
        +[](Listener* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return self->calls_ <= self->awaited_calls_;
        },
        this));
  }

  void Orphan() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    owner_ = nullptr;
  }

 private:
  // The calls of listeners that this thread is in.
  struct Frame {
    Listener* listener;
    Frame* outer;
  };
  static thread_local Frame* innermost_;

  const Events::Kind kind_;
  const std::function<absl::Status(void*)> call_;
  absl::Mutex mutex_;
  Events* owner_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int awaited_calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

thread_local Listener::Frame* Listener::innermost_ = nullptr;

}  // namespace internal_events

absl::string_view TransactionActionName(TransactionAction action) {
  switch (action) {
    case TransactionAction::kBegin:
      return "begin";
    case TransactionAction::kCommit:
      return "commit";
    case TransactionAction::kRollback:
      return "rollback";
    case TransactionAction::kSavepoint:
      return "savepoint";
    case TransactionAction::kReleaseSavepoint:
      return "release savepoint";
    case TransactionAction::kRollbackToSavepoint:
      return "rollback to savepoint";
    case TransactionAction::kPrepare:
      return "prepare";
  }
  return "unknown";
}

absl::string_view PoolActionName(PoolAction action) {
  switch (action) {
    case PoolAction::kFirstConnect:
      return "first connect";
    case PoolAction::kConnect:
      return "connect";
    case PoolAction::kCheckout:
      return "checkout";
    case PoolAction::kReset:
      return "reset";
    case PoolAction::kCheckin:
      return "checkin";
    case PoolAction::kInvalidate:
      return "invalidate";
    case PoolAction::kSoftInvalidate:
      return "soft invalidate";
    case PoolAction::kClose:
      return "close";
    case PoolAction::kDetach:
      return "detach";
    case PoolAction::kCloseDetached:
      return "close detached";
  }
  return "unknown";
}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    Cancel();
    listener_ = std::move(other.listener_);
  }
  return *this;
}

void Subscription::Cancel() {
  if (listener_ != nullptr) listener_->Cancel();
  listener_.reset();
}

Events::~Events() {
  std::shared_ptr<const ListenerList> listeners;
  {
    absl::MutexLock lock(&mutex_);
    listeners = listeners_;
  }
  for (const auto& listener : *listeners) listener->Orphan();
}

Subscription Events::OnStatementStart(
    std::function<absl::Status(StatementStart&)> listener) {
  return Add(kStatementStart, [listener = std::move(listener)](void* event) {
    return listener(*static_cast<StatementStart*>(event));
  });
}

Subscription Events::OnStatement(
    std::function<void(const StatementEvent&)> listener) {
  return Add(kStatement, [listener = std::move(listener)](void* event) {
    listener(*static_cast<const StatementEvent*>(event));
    return absl::OkStatus();
  });
}

Subscription Events::OnRow(std::function<void(const RowEvent&)> listener) {
  return Add(kRow, [listener = std::move(listener)](void* event) {
    listener(*static_cast<const RowEvent*>(event));
    return absl::OkStatus();
  });
}

Subscription Events::OnTransaction(
    std::function<void(const TransactionEvent&)> listener) {
  return Add(kTransaction, [listener = std::move(listener)](void* event) {
    listener(*static_cast<const TransactionEvent*>(event));
    return absl::OkStatus();
  });
}

Subscription Events::OnPool(
    std::function<absl::Status(const PoolEvent&)> listener) {
  return Add(kPool, [listener = std::move(listener)](void* event) {
    return listener(*static_cast<const PoolEvent*>(event));
  });
}

Subscription Events::OnError(std::function<void(ErrorEvent&)> listener) {
  return Add(kError, [listener = std::move(listener)](void* event) {
    listener(*static_cast<ErrorEvent*>(event));
    return absl::OkStatus();
  });
}

absl::Status Events::Tell(StatementStart& event) const {
  return TellAll(kStatementStart, &event);
}

void Events::Tell(const StatementEvent& event) const {
  TellAll(kStatement, const_cast<StatementEvent*>(&event)).IgnoreError();
}

void Events::Tell(const RowEvent& event) const {
  TellAll(kRow, const_cast<RowEvent*>(&event)).IgnoreError();
}

void Events::Tell(const TransactionEvent& event) const {
  TellAll(kTransaction, const_cast<TransactionEvent*>(&event)).IgnoreError();
}

absl::Status Events::Tell(const PoolEvent& event) const {
  return TellAll(kPool, const_cast<PoolEvent*>(&event));
}

void Events::Tell(ErrorEvent& event) const {
  TellAll(kError, &event).IgnoreError();
}

Subscription Events::Add(Kind kind, std::function<absl::Status(void*)> call) {
  auto listener = std::make_shared<Listener>(this, kind, std::move(call));
  absl::MutexLock lock(&mutex_);
  auto listeners = std::make_shared<ListenerList>(*listeners_);
  listeners->push_back(listener);
  listeners_ = std::move(listeners);
  wanted_.fetch_or(kind, std::memory_order_relaxed);
  return Subscription(std::move(listener));
}

void Events::Remove(const Listener* listener) {
  absl::MutexLock lock(&mutex_);
  auto listeners = std::make_shared<ListenerList>();
  uint32_t wanted = 0;
  for (const auto& kept : *listeners_) {
    if (kept.get() == listener) continue;
    listeners->push_back(kept);
    wanted |= kept->kind();
  }
  listeners_ = std::move(listeners);
  wanted_.store(wanted, std::memory_order_relaxed);
}

absl::Status Events::TellAll(Kind kind, void* event) const {
  if (!wants(kind)) return absl::OkStatus();
  std::shared_ptr<const ListenerList> listeners;
  {
    absl::MutexLock lock(&mutex_);
    listeners = listeners_;
  }
  absl::Status first;
  for (const auto& listener : *listeners) {
    if (listener->kind() == kind) first.Update(listener->Call(event));
  }
  return first;
}

}  // namespace cupel::engine
