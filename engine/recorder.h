// Counts what an engine sends to its database: the instrument of tests.
//
//   StatementRecorder recorder(engine);
//   ...
//   EXPECT_EQ(recorder.count(), 2);
//
// A batch of n rows is one statement with rows == n. Transaction control is
// kept apart.

#ifndef CUPEL_ENGINE_RECORDER_H_
#define CUPEL_ENGINE_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cupel/engine/events.h"
#include "cupel/engine/location.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

class Engine;

struct RecordedStatement {
  uint64_t id = 0;
  std::string sql;
  // Storage values; empty for a batch.
  std::vector<Value> parameters;
  // Rows of a batch, else 1.
  size_t rows = 1;
  Location origin;
  // Known when the statement has ended.
  bool ended = false;
  int64_t rows_read = 0;
  int64_t affected_rows = 0;
  absl::Duration duration;
  absl::Status status;
};

struct RecordedControl {
  TransactionAction action = TransactionAction::kBegin;
  std::string savepoint;
  absl::Status status;
};

// Records from its construction to its destruction, from all threads.
// Thread-safe.
class StatementRecorder {
 public:
  explicit StatementRecorder(const Engine& engine);
  StatementRecorder(const StatementRecorder&) = delete;
  StatementRecorder& operator=(const StatementRecorder&) = delete;

  // Statements since the beginning or the last Clear.
  int count() const;
  std::vector<RecordedStatement> statements() const;
  // The texts of the statements.
  std::vector<std::string> sql() const;
  std::vector<RecordedControl> control() const;
  // "begin", "savepoint cupel_savepoint_1", "commit", ...
  std::vector<std::string> control_names() const;

  void Clear();

  // A line a statement, without values: for failure messages.
  std::string DebugString() const;

 private:
  void Start(const StatementStart& event);
  void End(const StatementEvent& event);

  mutable absl::Mutex mutex_;
  std::vector<RecordedStatement> statements_ ABSL_GUARDED_BY(mutex_);
  std::vector<RecordedControl> control_ ABSL_GUARDED_BY(mutex_);
  // Last, so that nobody calls while the rest is taken down.
  Subscription start_;
  Subscription end_;
  Subscription transaction_;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_RECORDER_H_
