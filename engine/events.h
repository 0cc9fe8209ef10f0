// What happens inside an engine, told to whoever subscribes.
//
//   Subscription subscription = engine.events().OnStatement(
//       [](const StatementEvent& event) { Count(event.sql); });
//
// A listener is called in the thread in which the event happens, without any
// lock of the pool, and until its Subscription is destroyed. It may use other
// connections of the engine, but not the one that the event is about. While
// nobody listens to a kind of event it costs one relaxed load.

#ifndef CUPEL_ENGINE_EVENTS_H_
#define CUPEL_ENGINE_EVENTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/location.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

// Views in events are valid during the call only.

// A statement is about to be executed.
struct StatementStart {
  uint64_t id = 0;  // the same in the StatementEvent that follows
  absl::string_view sql;
  // Storage values; empty for a batch.
  absl::Span<const ValueView> parameters;
  size_t batch_rows = 0;  // 0: not a batch
  Location origin;
  uint64_t connection_id = 0;
  absl::string_view token;  // the connection's logging token
  // Executed in place of `sql` when a listener sets it; it must take the same
  // parameters.
  std::optional<std::string> rewritten_sql;
};

// A statement has ended: failed, been read to its end, or been abandoned.
struct StatementEvent {
  uint64_t id = 0;
  absl::string_view sql;
  absl::Span<const ValueView> parameters;
  size_t batch_rows = 0;
  int64_t rows_read = 0;
  ExecuteResult result;
  absl::Duration duration;  // inside the database's client
  absl::Status status;
  bool statement_cached = false;
  Location origin;
  uint64_t connection_id = 0;
  absl::string_view token;
};

// A row was read (for debugging output).
struct RowEvent {
  uint64_t id = 0;
  absl::Span<const ValueView> row;
  uint64_t connection_id = 0;
  absl::string_view token;
};

enum class TransactionAction : uint8_t {
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kReleaseSavepoint,
  kRollbackToSavepoint,
  kPrepare,  // the first phase of a two-phase commit
};
absl::string_view TransactionActionName(TransactionAction action);

// The database has been asked to begin, commit, ...
struct TransactionEvent {
  TransactionAction action = TransactionAction::kBegin;
  absl::string_view savepoint;
  absl::Duration duration;
  absl::Status status;
  uint64_t connection_id = 0;
  absl::string_view token;
};

enum class PoolAction : uint8_t {
  kFirstConnect,  // before the kConnect of the pool's first connection
  kConnect,
  kCheckout,
  kReset,  // on return, before kCheckin
  kCheckin,
  kInvalidate,      // this connection is unusable
  kSoftInvalidate,  // all connections made so far are to be replaced
  kClose,
  kDetach,
  kCloseDetached,
};
absl::string_view PoolActionName(PoolAction action);

struct PoolEvent {
  PoolAction action = PoolAction::kConnect;
  uint64_t connection_id = 0;
  // The connection, to set it up at kConnect; null where there is none.
  DriverConnection* connection = nullptr;
  // Why: "rollback", "returned", "connection lost", ...
  absl::string_view reason;
  Location origin;
};

// A driver's error on its way to the caller.
struct ErrorEvent {
  absl::string_view sql;
  absl::Status error;
  // What a listener may set: another error in its place; whether it means that
  // the connection is lost; whether then the other connections stay trusted.
  absl::Status replacement;
  std::optional<bool> is_disconnect;
  bool keep_pool = false;
};

namespace internal_events {
class Listener;

}  // namespace internal_events

// Ends listening when destroyed; a call under way in another thread has then
// returned. Movable. It may outlive the engine.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription() { Cancel(); }

  // Ends listening now.
  void Cancel();

  // Keeps listening as long as the engine lives.
  void Release() && { listener_.reset(); }

 private:
  friend class Events;
  explicit Subscription(std::shared_ptr<internal_events::Listener> listener)
      : listener_(std::move(listener)) {}

  std::shared_ptr<internal_events::Listener> listener_;
};

// Where listeners subscribe, and the engine tells. Thread-safe.
class Events {
 public:
  Events() = default;
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events();

  // An error from the listener refuses the statement.
  [[nodiscard]] Subscription OnStatementStart(
      std::function<absl::Status(StatementStart&)> listener);
  [[nodiscard]] Subscription OnStatement(
      std::function<void(const StatementEvent&)> listener);
  [[nodiscard]] Subscription OnRow(
      std::function<void(const RowEvent&)> listener);
  [[nodiscard]] Subscription OnTransaction(
      std::function<void(const TransactionEvent&)> listener);
  // An error at kConnect or kCheckout refuses the connection; elsewhere it is
  // ignored.
  [[nodiscard]] Subscription OnPool(
      std::function<absl::Status(const PoolEvent&)> listener);
  [[nodiscard]] Subscription OnError(std::function<void(ErrorEvent&)> listener);

  // For the engine.
  enum Kind : uint32_t {
    kStatementStart = 1,
    kStatement = 2,
    kRow = 4,
    kTransaction = 8,
    kPool = 16,
    kError = 32,
  };
  bool wants(uint32_t kinds) const {
    return (wanted_.load(std::memory_order_relaxed) & kinds) != 0;
  }
  absl::Status Tell(StatementStart& event) const;
  void Tell(const StatementEvent& event) const;
  void Tell(const RowEvent& event) const;
  void Tell(const TransactionEvent& event) const;
  absl::Status Tell(const PoolEvent& event) const;
  void Tell(ErrorEvent& event) const;

 private:
  using Listener = internal_events::Listener;
  using ListenerList = std::vector<std::shared_ptr<Listener>>;

  Subscription Add(Kind kind, std::function<absl::Status(void*)> call);
  absl::Status TellAll(Kind kind, void* event) const;

  mutable absl::Mutex mutex_;
  std::shared_ptr<const ListenerList> listeners_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<ListenerList>();
  std::atomic<uint32_t> wanted_{0};

  friend class internal_events::Listener;
  void Remove(const Listener* listener);
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_EVENTS_H_
