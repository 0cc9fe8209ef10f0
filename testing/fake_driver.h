// A database without data, for tests of what lies above a driver: it answers
// what it was told to answer, fails where it was told to fail, and remembers
// what it was asked.
//
//   auto fake = FakeDatabase::Create();
//   fake->Answer("SELECT 1", {.columns = {"a"}, .rows = {{Value::Int64(1)}}});
//   fake->FailNext(FakeCall::kExecute, SomeError());
//   Engine engine = *Engine::Create(
//       {.uri = "fake://", .dialect = fake->dialect()});
//
// A statement that has no answer gives no rows and affects one. "fake" can also
// be registered as a dialect: then all engines share one FakeDatabase.

#ifndef CUPEL_TESTING_FAKE_DRIVER_H_
#define CUPEL_TESTING_FAKE_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/engine.h"

namespace cupel::testing {

// The calls that can fail.
enum class FakeCall : uint8_t {
  kOpen,
  kPrepare,
  kExecute,
  kNext,
  kBatchRow,
  kSimple,  // savepoints
  kBegin,
  kCommit,
  kRollback,
  kTwoPhase,
  kPing,
  kReset,
};

// What a statement gives.
struct FakeAnswer {
  std::vector<std::string> columns;
  std::vector<std::vector<engine::Value>> rows;
  engine::ExecuteResult result{.affected_rows = 1};
};

// An error as a driver makes it; dead: the connection is lost with it.
absl::Status FakeError(engine::ErrorKind kind, bool dead = false,
                       engine::Retry retry = engine::Retry::kNo);

// A script and a record, shared by all connections. Thread-safe.
class FakeDatabase : public std::enable_shared_from_this<FakeDatabase> {
 public:
  static std::shared_ptr<FakeDatabase> Create(
      engine::Capabilities capabilities = DefaultCapabilities());
  static engine::Capabilities DefaultCapabilities();

  // A dialect over this database; its name is "fake".
  std::shared_ptr<const engine::Dialect> dialect();

  void Answer(absl::string_view sql, FakeAnswer answer);

  // The next call of this kind fails, after `skip` that succeed, `times` times.
  void FailNext(FakeCall call, absl::Status error, int skip = 0, int times = 1);

  // An error that also ends the transaction inside the database.
  void FailNextAndEndTransaction(FakeCall call, absl::Status error);

  // Forgets the failures that have not happened yet.
  void ClearFailures();

  // Called at the start of each call of a kind, without a lock: to block, or to
  // look.
  void OnCall(FakeCall call, std::function<void()> hook);

  // All connections made so far stop answering: their next call fails with a
  // lost connection.
  void KillConnections();

  // Everything asked of all connections, in order: "open", "begin", "prepare
  // SELECT 1", "execute SELECT 1", "commit", "ping", "reset", "close", ...
  std::vector<std::string> log() const;
  void ClearLog();
  // How often a line of the log occurs.
  int Count(absl::string_view line) const;

  int open_connections() const;
  int most_open_connections() const;
  int open_statements() const;

 private:
  friend class FakeConnection;
  friend class FakeStatement;
  friend class FakeCanceller;
  friend class FakeDriver;

  struct Failure {
    FakeCall call;
    absl::Status error;
    int skip;
    int times;
    bool ends_transaction;
  };

  explicit FakeDatabase(engine::Capabilities capabilities)
      : capabilities_(std::move(capabilities)) {}

  // Notes a call; its error if it shall fail.
  absl::Status Enter(FakeCall call, absl::string_view line,
                     bool* ends_transaction);
  void Note(absl::string_view line);
  FakeAnswer AnswerOf(absl::string_view sql) const;

  const engine::Capabilities capabilities_;
  mutable absl::Mutex mutex_;
  std::map<std::string, FakeAnswer, std::less<>> answers_
      ABSL_GUARDED_BY(mutex_);
  std::vector<Failure> failures_ ABSL_GUARDED_BY(mutex_);
  std::map<FakeCall, std::function<void()>> hooks_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> log_ ABSL_GUARDED_BY(mutex_);
  uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_open_ ABSL_GUARDED_BY(mutex_) = 0;
  int statements_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_FAKE_DRIVER_H_
