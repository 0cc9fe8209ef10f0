#include "cupel/testing/fake_driver.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"

namespace cupel::testing {

using engine::BatchSink;
using engine::BatchSource;
using engine::ColumnInfo;
using engine::Deadline;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::ExecuteResult;
using engine::ValueView;

absl::Status FakeError(ErrorKind kind, bool dead, engine::Retry retry) {
  ErrorInfo info;
  info.kind = kind;
  info.native_code = "F0001";
  info.retry = retry;
  info.connection_state =
      dead ? engine::ConnectionState::kDead : engine::ConnectionState::kOk;
  return engine::MakeError(std::move(info), "the fake database failed");
}

class FakeConnection;

class FakeStatement : public engine::DriverStatement {
 public:
  FakeStatement(FakeConnection& connection, std::string sql, FakeAnswer answer);
  ~FakeStatement() override;

  int parameter_count() const override { return parameter_count_; }
  absl::Span<const ColumnInfo> columns() const override { return columns_; }
  absl::Status Execute(absl::Span<const ValueView> parameters,
                       Deadline deadline) override;
  absl::StatusOr<bool> Next(Deadline deadline) override;
  absl::Span<const ValueView> row() const override { return views_; }
  ExecuteResult result() const override { return result_; }
  void Reset() override { running_ = false; }
  absl::Status ExecuteBatch(BatchSource& rows, BatchSink* sink,
                            Deadline deadline) override;

 private:
  FakeConnection& connection_;
  const std::string sql_;
  const FakeAnswer answer_;
  int parameter_count_ = 0;
  std::vector<ColumnInfo> columns_;
  std::vector<ValueView> views_;
  size_t next_row_ = 0;
  bool running_ = false;
  ExecuteResult result_;
};

class FakeCanceller : public engine::Canceller {
 public:
  FakeCanceller(FakeDatabase& database, std::atomic<bool>& cancelled)
      : database_(database), cancelled_(cancelled) {}
  void Cancel() override;

 private:
  FakeDatabase& database_;
  std::atomic<bool>& cancelled_;
};

class FakeConnection : public engine::DriverConnection {
 public:
  FakeConnection(std::shared_ptr<FakeDatabase> database, uint64_t epoch)
      : database_(std::move(database)), epoch_(epoch) {}

  ~FakeConnection() override {
    if (open_) Leave();
  }

  absl::StatusOr<std::unique_ptr<engine::DriverStatement>> Prepare(
      absl::string_view sql, Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(
        Enter(FakeCall::kPrepare, absl::StrCat("prepare ", sql), deadline));
    return std::make_unique<FakeStatement>(*this, std::string(sql),
                                           database_->AnswerOf(sql));
  }

  absl::Status ExecuteSimple(absl::string_view sql,
                             Deadline deadline) override {
    return Enter(FakeCall::kSimple, sql, deadline);
  }

  absl::Status Begin(const engine::TransactionOptions&,
                     Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(Enter(FakeCall::kBegin, "begin", deadline));
    in_transaction_ = true;
    return absl::OkStatus();
  }

  absl::Status Commit(Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(Enter(FakeCall::kCommit, "commit", deadline));
    in_transaction_ = false;
    return absl::OkStatus();
  }

  absl::Status Rollback(Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(Enter(FakeCall::kRollback, "rollback", deadline));
    in_transaction_ = false;
    return absl::OkStatus();
  }

  absl::StatusOr<engine::CommitOutcome> ResolveCommit(
      absl::string_view token, Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(
        Enter(FakeCall::kSimple, absl::StrCat("resolve ", token), deadline));
    return engine::CommitOutcome::kCommitted;
  }

  absl::Status PrepareCommit(absl::string_view id, Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(Enter(FakeCall::kTwoPhase,
                                absl::StrCat("prepare commit ", id), deadline));
    in_transaction_ = false;
    return absl::OkStatus();
  }

  absl::Status CommitPrepared(absl::string_view id,
                              Deadline deadline) override {
    return Enter(FakeCall::kTwoPhase, absl::StrCat("commit prepared ", id),
                 deadline);
  }

  absl::Status RollbackPrepared(absl::string_view id,
                                Deadline deadline) override {
    return Enter(FakeCall::kTwoPhase, absl::StrCat("rollback prepared ", id),
                 deadline);
  }

  absl::StatusOr<std::vector<std::string>> PreparedTransactions(
      Deadline deadline) override {
    CUPEL_RETURN_IF_ERROR(
        Enter(FakeCall::kTwoPhase, "list prepared", deadline));
    return std::vector<std::string>{"left"};
  }

  bool in_transaction() const override { return in_transaction_; }

  absl::Status Ping(Deadline deadline) override {
    return Enter(FakeCall::kPing, "ping", deadline);
  }

  absl::Status Reset(Deadline deadline) override {
    return Enter(FakeCall::kReset, "reset", deadline);
  }

  std::unique_ptr<engine::Canceller> canceller() override {
    return std::make_unique<FakeCanceller>(*database_, cancelled_);
  }

  bool is_alive() const override { return alive_; }

  void Close() override {
    database_->Note("close");
    Leave();
  }

  void Abandon() override {
    database_->Note("abandon");
    Leave();
  }

  void* native_handle() override { return this; }

  absl::Status Enter(FakeCall call, absl::string_view line, Deadline deadline) {
    bool ends_transaction = false;
    absl::Status status = database_->Enter(call, line, &ends_transaction);
    if (status.ok() && IsKilled()) {
      status = FakeError(ErrorKind::kConnectionLost, true);
    }
    if (status.ok() && cancelled_.exchange(false)) {
      status = FakeError(ErrorKind::kInterrupted);
    }
    if (status.ok() && !deadline.is_infinite() && deadline.IsOver()) {
      status = FakeError(ErrorKind::kStatementTimeout);
    }
    if (ends_transaction) in_transaction_ = false;
    auto info = engine::GetErrorInfo(status);
    if (info && info->connection_state == engine::ConnectionState::kDead) {
      alive_ = false;
      in_transaction_ = false;
    }
    return status;
  }

  FakeDatabase& database() { return *database_; }

 private:
  bool IsKilled() const {
    absl::MutexLock lock(&database_->mutex_);
    return epoch_ != database_->epoch_;
  }

  void Leave() {
    absl::MutexLock lock(&database_->mutex_);
    --database_->open_;
    open_ = false;
  }

  const std::shared_ptr<FakeDatabase> database_;
  const uint64_t epoch_;
  bool open_ = true;
  bool alive_ = true;
  bool in_transaction_ = false;
  std::atomic<bool> cancelled_{false};
};

void FakeCanceller::Cancel() {
  database_.Note("cancel");
  cancelled_ = true;
}

FakeStatement::FakeStatement(FakeConnection& connection, std::string sql,
                             FakeAnswer answer)
    : connection_(connection),
      sql_(std::move(sql)),
      answer_(std::move(answer)) {
  parameter_count_ =
      static_cast<int>(std::count(sql_.begin(), sql_.end(), '?'));
  for (const std::string& name : answer_.columns) {
    columns_.push_back({.name = name});
  }
  absl::MutexLock lock(&connection_.database().mutex_);
  ++connection_.database().statements_;
}

FakeStatement::~FakeStatement() {
  absl::MutexLock lock(&connection_.database().mutex_);
  --connection_.database().statements_;
}

absl::Status FakeStatement::Execute(absl::Span<const ValueView>,
                                    Deadline deadline) {
  next_row_ = 0;
  CUPEL_RETURN_IF_ERROR(connection_.Enter(
      FakeCall::kExecute, absl::StrCat("execute ", sql_), deadline));
  running_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> FakeStatement::Next(Deadline deadline) {
  if (!running_) {
    return engine::MakeError(ErrorKind::kInternal,
                             "Next of a fake statement that is not running");
  }
  CUPEL_RETURN_IF_ERROR(connection_.Enter(FakeCall::kNext, "", deadline));
  if (next_row_ == answer_.rows.size()) {
    result_ = answer_.result;
    return false;
  }
  views_.clear();
  for (const engine::Value& value : answer_.rows[next_row_]) {
    views_.push_back(value.view());
  }
  ++next_row_;
  return true;
}

absl::Status FakeStatement::ExecuteBatch(BatchSource& rows, BatchSink* sink,
                                         Deadline deadline) {
  result_ = {};
  for (size_t i = 0; i < rows.size(); ++i) {
    CUPEL_RETURN_IF_ERROR(connection_.Enter(
        FakeCall::kBatchRow, absl::StrCat("batch row ", sql_), deadline));
    CUPEL_RETURN_IF_ERROR(rows.row(i).status());
    result_.affected_rows += answer_.result.affected_rows;
    if (sink != nullptr) {
      CUPEL_RETURN_IF_ERROR(sink->OnRow(i, answer_.result, {}));
    }
  }
  return absl::OkStatus();
}

class FakeDriver : public engine::Driver {
 public:
  explicit FakeDriver(std::shared_ptr<FakeDatabase> database)
      : database_(std::move(database)) {}

  absl::StatusOr<std::unique_ptr<engine::DriverConnection>> Open(
      const engine::Url&, const engine::ConnectOptions&,
      Deadline deadline) override {
    bool unused = false;
    CUPEL_RETURN_IF_ERROR(database_->Enter(FakeCall::kOpen, "open", &unused));
    if (!deadline.is_infinite() && deadline.IsOver()) {
      return FakeError(ErrorKind::kCannotConnect);
    }
    uint64_t epoch = 0;
    {
      absl::MutexLock lock(&database_->mutex_);
      epoch = database_->epoch_;
      ++database_->open_;
      database_->most_open_ = std::max(database_->most_open_, database_->open_);
    }
    return std::make_unique<FakeConnection>(database_, epoch);
  }

 private:
  const std::shared_ptr<FakeDatabase> database_;
};

namespace {

class FakeCatalog : public engine::Catalog {
 public:
  absl::StatusOr<std::string> DefaultSchema(engine::Connection&) override {
    return std::string();
  }
  absl::StatusOr<std::vector<std::string>> SchemaNames(
      engine::Connection&) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<std::string>> TableNames(
      engine::Connection&, absl::string_view) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<std::string>> ViewNames(
      engine::Connection&, absl::string_view) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<std::string>> TemporaryTableNames(
      engine::Connection&) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<bool> HasTable(engine::Connection&, absl::string_view,
                                absl::string_view) override {
    return false;
  }
  absl::StatusOr<engine::CatalogTable> ReadTable(engine::Connection&,
                                                 absl::string_view,
                                                 absl::string_view) override {
    return engine::MakeError(ErrorKind::kNoSuchTable,
                             "the fake database has no tables");
  }
  absl::StatusOr<engine::CatalogView> ReadView(engine::Connection&,
                                               absl::string_view,
                                               absl::string_view) override {
    return engine::MakeError(ErrorKind::kNoSuchTable,
                             "the fake database has no views");
  }
};

class FakeDialect : public engine::Dialect {
 public:
  FakeDialect(engine::Capabilities capabilities,
              std::shared_ptr<FakeDatabase> database)
      : Dialect("fake", std::move(capabilities), engine::Syntax()),
        driver_(std::move(database)) {}

  engine::Driver& driver() const override { return driver_; }
  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return std::make_unique<FakeCatalog>();
  }

 private:
  mutable FakeDriver driver_;
};

}  // namespace

std::shared_ptr<FakeDatabase> FakeDatabase::Create(
    engine::Capabilities capabilities) {
  return std::shared_ptr<FakeDatabase>(
      new FakeDatabase(std::move(capabilities)));
}

engine::Capabilities FakeDatabase::DefaultCapabilities() {
  engine::Capabilities capabilities;
  capabilities.isolation_levels = {engine::IsolationLevel::kReadCommitted,
                                   engine::IsolationLevel::kSerializable,
                                   engine::IsolationLevel::kAutocommit};
  capabilities.max_identifier_bytes = 63;
  capabilities.returning = true;
  capabilities.native_boolean = true;
  return capabilities;
}

std::shared_ptr<const engine::Dialect> FakeDatabase::dialect() {
  return std::make_shared<FakeDialect>(capabilities_, shared_from_this());
}

void FakeDatabase::Answer(absl::string_view sql, FakeAnswer answer) {
  absl::MutexLock lock(&mutex_);
  answers_[std::string(sql)] = std::move(answer);
}

void FakeDatabase::FailNext(FakeCall call, absl::Status error, int skip,
                            int times) {
  absl::MutexLock lock(&mutex_);
  failures_.push_back({call, std::move(error), skip, times, false});
}

void FakeDatabase::FailNextAndEndTransaction(FakeCall call,
                                             absl::Status error) {
  absl::MutexLock lock(&mutex_);
  failures_.push_back({call, std::move(error), 0, 1, true});
}

void FakeDatabase::ClearFailures() {
  absl::MutexLock lock(&mutex_);
  failures_.clear();
}

void FakeDatabase::OnCall(FakeCall call, std::function<void()> hook) {
  absl::MutexLock lock(&mutex_);
  hooks_[call] = std::move(hook);
}

void FakeDatabase::KillConnections() {
  absl::MutexLock lock(&mutex_);
  ++epoch_;
}

std::vector<std::string> FakeDatabase::log() const {
  absl::MutexLock lock(&mutex_);
  return log_;
}

void FakeDatabase::ClearLog() {
  absl::MutexLock lock(&mutex_);
  log_.clear();
}

int FakeDatabase::Count(absl::string_view line) const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(std::count(log_.begin(), log_.end(), line));
}

int FakeDatabase::open_connections() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

int FakeDatabase::most_open_connections() const {
  absl::MutexLock lock(&mutex_);
  return most_open_;
}

int FakeDatabase::open_statements() const {
  absl::MutexLock lock(&mutex_);
  return statements_;
}

absl::Status FakeDatabase::Enter(FakeCall call, absl::string_view line,
                                 bool* ends_transaction) {
  std::function<void()> hook;
  {
    absl::MutexLock lock(&mutex_);
    if (!line.empty()) log_.emplace_back(line);
    auto it = hooks_.find(call);
    if (it != hooks_.end()) hook = it->second;
  }
  if (hook) hook();
  absl::MutexLock lock(&mutex_);
  for (auto it = failures_.begin(); it != failures_.end(); ++it) {
    if (it->call != call) continue;
    if (it->skip > 0) {
      --it->skip;
      break;
    }
    absl::Status error = it->error;
    *ends_transaction = it->ends_transaction;
    if (--it->times == 0) failures_.erase(it);
    return error;
  }
  return absl::OkStatus();
}

void FakeDatabase::Note(absl::string_view line) {
  absl::MutexLock lock(&mutex_);
  log_.emplace_back(line);
}

FakeAnswer FakeDatabase::AnswerOf(absl::string_view sql) const {
  absl::MutexLock lock(&mutex_);
  auto it = answers_.find(sql);
  return it == answers_.end() ? FakeAnswer() : it->second;
}

}  // namespace cupel::testing
