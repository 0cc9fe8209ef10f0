#include "cupel/engine/dialects/sqlite/connection.h"

#ifdef __linux__
#endif

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/errors.h"
#include "cupel/engine/dialects/sqlite/options.h"
#include "cupel/engine/dialects/sqlite/regexp.h"
#include "cupel/engine/dialects/sqlite/sql_scanner.h"
#include "cupel/engine/dialects/sqlite/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/thread_stack.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using engine::Deadline;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::LockMode;
using engine::MakeError;
using engine::TransactionOptions;

// Instructions of SQLite's machine between two looks at the deadline: some ten
// microseconds.
constexpr int kProgressInstructions = 1000;

// Control texts that stay prepared: those of transactions and of savepoints
// some levels deep.
constexpr size_t kMaxControls = 32;

// Milliseconds between two tries to get a lock.
constexpr int kBusyDelays[] = {1, 2, 5, 10, 15, 20, 25, 25, 50, 50, 100};

// The file system's name of the database, for messages.
std::string FileOf(const Options& options) {
  if (options.memory) return "in memory";
  absl::string_view path = options.path;
  if (options.is_uri) {
    absl::ConsumePrefix(&path, "file:");
    path = path.substr(0, path.find('?'));
  }
  return std::string(path);
}

ErrorInfo OpenErrorInfo(ErrorKind kind, int code) {
  ErrorInfo info;
  info.kind = kind;
  info.dialect = "sqlite";
  info.native_code = absl::StrCat(code);
  info.connection_state = engine::ConnectionState::kDead;
  return info;
}

// Why a file cannot be opened, in words that name the culprit.
absl::Status OpenFailure(const Options& options, int code, int system_error) {
  const std::string file = FileOf(options);
  struct stat status;
  if (stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return MakeError(OpenErrorInfo(ErrorKind::kNotFound, code),
                     absl::StrCat("cannot open the database: ", file,
                                  " is a directory; name a file in it"));
  }
  const size_t slash = file.rfind('/');
  const std::string directory =
      slash == std::string::npos ? "." : file.substr(0, slash + 1);
  if (stat(directory.c_str(), &status) != 0 && errno == ENOENT) {
    return MakeError(OpenErrorInfo(ErrorKind::kNotFound, code),
                     absl::StrCat("cannot open the database: the directory ",
                                  directory, " does not exist; create it"));
  }
  if (system_error == EACCES || system_error == EPERM ||
      system_error == EROFS) {
    return MakeError(
        OpenErrorInfo(ErrorKind::kPermission, code),
        absl::StrCat("cannot open the database ", file, ": ",
                     strerror(system_error),
                     "; check the permissions of the file and its directory"));
  }
  if (system_error == EMFILE || system_error == ENFILE) {
    return MakeError(OpenErrorInfo(ErrorKind::kOutOfMemory, code),
                     absl::StrCat("cannot open the database ", file, ": ",
                                  strerror(system_error)));
  }
  if (stat(file.c_str(), &status) != 0 && errno == ENOENT) {
    return MakeError(OpenErrorInfo(ErrorKind::kNotFound, code),
                     absl::StrCat("the database file ", file,
                                  " does not exist, and the options do not "
                                  "ask to create it"));
  }
  return MakeError(OpenErrorInfo(Classify(code).kind, code),
                   absl::StrCat("cannot open the database ", file, ": ",
                                sqlite3_errstr(code)));
}

absl::Status CheckText(absl::string_view sql) {
  if (sql.size() > INT_MAX) {
    return MakeError(ErrorKind::kTooBig, "the SQL text is too long");
  }
  if (absl::StrContains(sql, '\0')) {
    return MakeError(ErrorKind::kInvalidValue, "the SQL text holds NUL");
  }
  return absl::OkStatus();
}

// SQLite recurses for each term of a compound SELECT. For its own life it is
// told to refuse what a thread's small stack does not hold.
class SmallStackLimits {
 public:
  explicit SmallStackLimits(sqlite3* database) : database_(database) {
    thread_local const size_t stack = engine::StackOfThisThread().bytes;
    if (stack == 0 || stack >= kEnough) return;
    const int most = static_cast<int>(stack / kBytesPerTerm);
    if (sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, -1) > most) {
      terms_ = sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, most);
    }
  }
  ~SmallStackLimits() {
    if (terms_ < 0) return;
    sqlite3_limit(database_, SQLITE_LIMIT_COMPOUND_SELECT, terms_);
  }
  SmallStackLimits(const SmallStackLimits&) = delete;
  SmallStackLimits& operator=(const SmallStackLimits&) = delete;

 private:
  // As measured, twice over.
  static constexpr size_t kBytesPerTerm = 2048;
  static constexpr size_t kEnough = size_t{4} << 20;

  sqlite3* const database_;
  int terms_ = -1;  // what the limit was
};

}  // namespace

// Everything between construction and destruction is one execution.
class SqliteConnection::Call {
 public:
  Call(SqliteConnection* connection, const Deadline& deadline)
      : connection_(connection), token_(connection->NewToken()) {
    connection_->Enter(token_, deadline);
  }
  ~Call() { connection_->Leave(token_); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  SqliteConnection* const connection_;
  const CallToken token_;
};

// sqlite3_interrupt would also stop a statement that begins just afterwards.
class SqliteConnection::SqliteCanceller final : public engine::Canceller {
 public:
  explicit SqliteCanceller(SqliteConnection* connection)
      : connection_(connection) {}

  void Cancel() override {
    const CallToken token =
        connection_->running_.load(std::memory_order_acquire);
    if (token != 0) {
      connection_->cancelled_.store(token, std::memory_order_release);
    }
  }

 private:
  SqliteConnection* const connection_;
};

SqliteConnection::SqliteConnection(const Options& options,
                                   std::shared_ptr<void> memory)
    : memory_(std::move(memory)),
      default_lock_(options.begin),
      busy_timeout_(options.busy_timeout) {}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(
    const Options& options, std::shared_ptr<void> memory, Deadline deadline) {
  if (sqlite3_threadsafe() == 0) {
    return MakeError(ErrorKind::kUnsupported,
                     "this SQLite is built without support for threads");
  }
  auto connection = std::unique_ptr<SqliteConnection>(
      new SqliteConnection(options, std::move(memory)));
  Call call(connection.get(), deadline);
  CUPEL_RETURN_IF_ERROR(connection->OpenDatabase(options));
  CUPEL_RETURN_IF_ERROR(engine::WithContext(
      connection->Configure(options),
      absl::StrCat("cannot open the database ", FileOf(options))));
  return connection;
}

SqliteConnection::~SqliteConnection() { Close(); }

absl::Status SqliteConnection::OpenDatabase(const Options& options) {
  // One user at a time: no mutex of its own.
  int flags = SQLITE_OPEN_NOMUTEX;
  switch (options.mode) {
    case OpenMode::kReadOnly:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case OpenMode::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case OpenMode::kReadWriteCreate:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
  }
  if (options.is_uri || options.memory) flags |= SQLITE_OPEN_URI;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &database_, flags,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code == SQLITE_OK) return absl::OkStatus();
  if (database_ == nullptr) {
    return MakeStatus(nullptr, code, {.phase = Phase::kOpen});
  }
  const int extended_code = sqlite3_extended_errcode(database_);
  if ((extended_code & 0xff) == SQLITE_CANTOPEN) {
    return OpenFailure(options, extended_code, sqlite3_system_errno(database_));
  }
  if (!options.vfs.empty() &&
      sqlite3_vfs_find(options.vfs.c_str()) == nullptr) {
    return MakeError(ErrorKind::kInvalidValue,
                     "the VFS of the URL option vfs is not registered");
  }
  return Fail(extended_code, Phase::kOpen, "", false);
}

absl::Status SqliteConnection::Configure(const Options& options) {
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_handler(database_, OnBusy, this);
  sqlite3_progress_handler(database_, kProgressInstructions, OnProgress, this);
  CUPEL_RETURN_IF_ERROR(SetSwitches(options));
  CUPEL_RETURN_IF_ERROR(SetPragmas(options));
  if (!options.memory) CUPEL_RETURN_IF_ERROR(SetJournalMode(options));
  if (options.quick_check) CUPEL_RETURN_IF_ERROR(QuickCheck());
  const int code = AddRegexpFunction(database_);
  if (code != SQLITE_OK) return Fail(code, Phase::kOpen, "", false);
  session_changed_ = false;
  return absl::OkStatus();
}

absl::Status SqliteConnection::QuickCheck() {
  CUPEL_ASSIGN_OR_RETURN(const std::string answer, Pragma("quick_check"));
  if (answer == "ok") return absl::OkStatus();
  ErrorInfo info = OpenErrorInfo(ErrorKind::kCorrupt, SQLITE_CORRUPT);
  info.detail = answer;
  return MakeError(std::move(info),
                   "the quick check of the database found damage; restore it "
                   "from a backup");
}

absl::StatusOr<std::string> SqliteConnection::Pragma(absl::string_view name,
                                                     absl::string_view value) {
  const std::string sql =
      absl::StrCat("PRAGMA ", name, value.empty() ? "" : "=", value);
  CUPEL_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql, Phase::kOpen));
  const int code = sqlite3_step(statement);
  std::string answer;
  absl::Status status;
  if (code == SQLITE_ROW) {
    const auto* text =
        reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (text != nullptr) {
      answer = text;
    } else if (sqlite3_errcode(database_) == SQLITE_NOMEM) {
      status = Fail(SQLITE_NOMEM, Phase::kOpen, sql, false);
    }
  } else if (code != SQLITE_DONE) {
    status = Fail(code, Phase::kOpen, sql, false);
  }
  sqlite3_finalize(statement);
  if (!status.ok()) return status;
  return answer;
}

bool SqliteConnection::MustStop() {
  if (!in_call_) return false;
  if (IsCancelled(running_.load(std::memory_order_relaxed))) {
    interruption_ = Interruption::kCancelled;
    return true;
  }
  if (!deadline_.is_infinite() && deadline_.IsOver()) {
    interruption_ = Interruption::kDeadline;
    return true;
  }
  return false;
}

int SqliteConnection::OnProgress(void* connection) {
  return static_cast<SqliteConnection*>(connection)->MustStop() ? 1 : 0;
}

int SqliteConnection::OnBusy(void* connection, int attempt) {
  auto* self = static_cast<SqliteConnection*>(connection);
  engine::Clock& clock = self->deadline_.clock();
  if (attempt == 0) {
    self->busy_deadline_ = Deadline::After(self->busy_timeout_, clock);
  }
  const absl::Duration patience = self->busy_deadline_.Remaining();
  if (self->MustStop() || patience <= absl::ZeroDuration()) return 0;
  const size_t step = std::min<size_t>(attempt, std::size(kBusyDelays) - 1);
  clock.Sleep(std::min({absl::Milliseconds(kBusyDelays[step]), patience,
                        self->deadline_.Remaining()}));
  return 1;
}

absl::Status SqliteConnection::Fail(int code, Phase phase,
                                    absl::string_view statement,
                                    bool was_in_transaction) {
  const absl::Status status =
      MakeStatus(database_, code,
                 {.phase = phase,
                  .statement = statement,
                  .interruption = interruption_,
                  .was_in_transaction = was_in_transaction});
  if (Classify(code).closes_connection ||
      engine::KindOf(status) == ErrorKind::kCommitOutcomeUnknown) {
    alive_ = false;
  }
  return status;
}

absl::Status SqliteConnection::FailCancelled(absl::string_view statement) {
  ErrorInfo info;
  info.kind = ErrorKind::kInterrupted;
  info.dialect = "sqlite";
  info.native_code = absl::StrCat(SQLITE_INTERRUPT);
  info.statement = std::string(statement);
  if (in_transaction()) {
    info.transaction_state = engine::TransactionState::kActive;
  }
  return MakeError(std::move(info), sqlite3_errstr(SQLITE_INTERRUPT));
}

absl::StatusOr<sqlite3_stmt*> SqliteConnection::Compile(absl::string_view sql,
                                                        Phase phase) {
  CUPEL_RETURN_IF_ERROR(CheckText(sql));
  const SmallStackLimits limits(database_);
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  if (code != SQLITE_OK) return Fail(code, phase, sql, in_transaction());
  if (statement == nullptr) {
    return MakeError(ErrorKind::kSyntax, "the SQL text holds no statement");
  }
  const absl::string_view rest = sql.substr(tail - sql.data());
  if (!IsBlankSql(rest)) {
    sqlite3_finalize(statement);
    ErrorInfo info;
    info.kind = ErrorKind::kSyntax;
    info.dialect = "sqlite";
    info.statement = std::string(sql);
    return MakeError(std::move(info),
                     "the SQL text holds more than one statement; execute "
                     "them one by one");
  }
  return statement;
}

absl::StatusOr<std::unique_ptr<engine::DriverStatement>>
SqliteConnection::Prepare(absl::string_view sql, Deadline deadline) {
  Call call(this, deadline);
  CUPEL_ASSIGN_OR_RETURN(sqlite3_stmt * statement,
                         Compile(sql, Phase::kPrepare));
  if (ChangesSession(sql)) session_changed_ = true;
  return std::unique_ptr<engine::DriverStatement>(
      std::make_unique<SqliteStatement>(this, statement));
}

absl::Status SqliteConnection::ExecuteSimple(absl::string_view sql,
                                             Deadline deadline) {
  Call call(this, deadline);
  if (ChangesSession(sql)) session_changed_ = true;
  return Run(sql, Phase::kStep);
}

absl::Status SqliteConnection::Run(absl::string_view text, Phase phase) {
  auto found = controls_.find(text);
  if (found == controls_.end()) {
    if (controls_.size() == kMaxControls) FinalizeControls();
    CUPEL_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(text, phase));
    found = controls_.emplace(text, statement).first;
  }
  sqlite3_stmt* const statement = found->second;
  const bool was_in_transaction = in_transaction();
  int code;
  do {
    code = sqlite3_step(statement);
  } while (code == SQLITE_ROW);
  absl::Status status;
  if (code != SQLITE_DONE) {
    status = Fail(code, phase, text, was_in_transaction);
  }
  sqlite3_reset(statement);
  return status;
}

void SqliteConnection::FinalizeControls() {
  for (const auto& [text, statement] : controls_) sqlite3_finalize(statement);
  controls_.clear();
}

absl::Status SqliteConnection::Begin(const TransactionOptions& options,
                                     Deadline deadline) {
  switch (options.isolation) {
    case IsolationLevel::kAutocommit:
      return absl::OkStatus();
    case IsolationLevel::kDefault:
    case IsolationLevel::kSerializable:
      break;
    default:
      return MakeError(ErrorKind::kUnsupported,
                       "sqlite knows the isolation levels serializable and "
                       "autocommit only");
  }
  Call call(this, deadline);
  constexpr absl::string_view kBegin = "BEGIN";
  absl::string_view control = kBegin;
  switch (options.lock == LockMode::kDefault ? default_lock_ : options.lock) {
    case LockMode::kDefault:
    case LockMode::kDeferred:
      break;
    case LockMode::kImmediate:
      control = "BEGIN IMMEDIATE";
      break;
    case LockMode::kExclusive:
      control = "BEGIN EXCLUSIVE";
      break;
  }
  // A transaction that only reads takes no lock for writing.
  if (options.read_only) control = kBegin;
  CUPEL_RETURN_IF_ERROR(Run(control, Phase::kBegin));
  if (!options.read_only) return absl::OkStatus();
  return SetQueryOnly(true);
}

absl::Status SqliteConnection::SetQueryOnly(bool on) {
  if (query_only_ == on) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(Pragma("query_only", on ? "ON" : "OFF").status());
  query_only_ = on;
  return absl::OkStatus();
}

absl::Status SqliteConnection::Commit(Deadline deadline) {
  Call call(this, deadline);
  absl::Status status = Run("COMMIT", Phase::kCommit);
  if (status.ok()) return SetQueryOnly(false);
  if (!in_transaction()) return status;
  if (const absl::Status rollback = Run("ROLLBACK", Phase::kStep);
      !rollback.ok() && in_transaction()) {
    alive_ = false;
  }
  SetQueryOnly(false).IgnoreError();
  std::optional<ErrorInfo> info = engine::GetErrorInfo(status);
  if (!info.has_value()) return status;
  if (info->transaction_state != engine::TransactionState::kUnknown) {
    info->transaction_state = engine::TransactionState::kRolledBack;
  }
  return engine::WithErrorInfo(std::move(status), *info);
}

absl::Status SqliteConnection::Rollback(Deadline deadline) {
  // An error may have rolled back already.
  absl::Status status;
  if (in_transaction()) {
    // Not to be stopped: what is left open would be worse.
    Call call(this, Deadline::Infinite());
    status = Run("ROLLBACK", Phase::kStep);
    if (!in_transaction()) status = absl::OkStatus();
  }
  if (!status.ok()) {
    alive_ = false;
    return status;
  }
  Call call(this, deadline);
  return SetQueryOnly(false);
}

bool SqliteConnection::in_transaction() const {
  return database_ != nullptr && sqlite3_get_autocommit(database_) == 0;
}

bool SqliteConnection::may_have_written() const {
#if SQLITE_VERSION_NUMBER >= 3034000
  return database_ != nullptr &&
         sqlite3_txn_state(database_, nullptr) == SQLITE_TXN_WRITE;
#else
  return in_transaction();
#endif
}

absl::Status SqliteConnection::Ping(Deadline deadline) {
  if (!is_alive()) {
    return MakeError(ErrorKind::kConnectionLost, "the connection is closed");
  }
  Call call(this, deadline);
  return Pragma("schema_version").status();
}

absl::Status SqliteConnection::Reset(Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(Rollback(deadline));
  if (!session_changed_) return absl::OkStatus();
  return MakeError(ErrorKind::kMisuse,
                   "a PRAGMA, ATTACH or temporary table has changed the "
                   "connection; it is replaced by a new one");
}

std::unique_ptr<engine::Canceller> SqliteConnection::canceller() {
  return std::make_unique<SqliteCanceller>(this);
}

void SqliteConnection::Close() {
  if (database_ == nullptr) return;
  FinalizeControls();
  // Closing may checkpoint: it must not look at deadlines long gone.
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
  sqlite3_busy_handler(database_, nullptr, nullptr);
  // Waits for statements that somebody forgot, instead of failing.
  sqlite3_close_v2(database_);
  database_ = nullptr;
  memory_ = nullptr;
}

void SqliteConnection::Abandon() {
  // SQLite allows no call in a process that inherited the handle: leak it.
  database_ = nullptr;
  new std::shared_ptr<void>(std::move(memory_));
}

}  // namespace cupel::sqlite_internal
