#include "cupel/engine/engine.h"

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/echo.h"
#include "cupel/engine/engine_core.h"
#include "cupel/engine/log_text.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

std::function<void(absl::string_view)> NamedLog(const EngineOptions& options) {
  std::function<void(absl::string_view)> log =
      options.log ? options.log : LogToStandardError;
  if (options.logging_name.empty()) return log;
  return [log, name = LogText(options.logging_name)](absl::string_view line) {
    log(absl::StrCat(name, ": ", line));
  };
}

absl::StatusOr<std::unique_ptr<DriverConnection>> OpenConnection(
    const EngineCore& core, Deadline deadline) {
  Url url = core.url;
  ConnectOptions connect = core.options.connect;
  if (core.options.before_connect) {
    CUPEL_RETURN_IF_ERROR(core.options.before_connect(&url, &connect));
  }
  std::unique_ptr<DriverConnection> connection;
  if (core.options.creator) {
    CUPEL_ASSIGN_OR_RETURN(connection,
                           core.options.creator(url, connect, deadline));
  } else {
    CUPEL_ASSIGN_OR_RETURN(connection,
                           core.dialect->driver().Open(url, connect, deadline));
  }
  if (core.options.on_connect) {
    absl::Status status = core.options.on_connect(*connection);
    if (!status.ok()) {
      connection->Close();
      return status;
    }
  }
  return connection;
}

}  // namespace

absl::StatusOr<Engine> Engine::Create(EngineOptions options) {
  CUPEL_ASSIGN_OR_RETURN(Url url, Url::Parse(options.uri));
  CUPEL_RETURN_IF_ERROR(ValidatePoolOptions(options.pool));
  std::shared_ptr<const Dialect> dialect = options.dialect;
  if (dialect == nullptr) {
    CUPEL_ASSIGN_OR_RETURN(dialect, FindDialect(url.dialect()));
  }
  // The URL has all of it; a dump of the options must not show a password.
  options.uri = url.ToString();
  if (options.connect.scope == nullptr) {
    options.connect.scope = std::make_shared<DriverScope>();
  }
  const auto log = NamedLog(options);
  options.log = log;
  auto execution = std::make_shared<const ExecutionOptions>(options.execution);
  auto core = std::make_shared<EngineCore>(std::move(options), std::move(url));
  core->dialect = std::move(dialect);
  core->clock =
      core->options.clock != nullptr ? core->options.clock : &Clock::Real();
  core->pool = std::make_unique<Pool>(
      core->options.pool,
      [raw = core.get()](Deadline deadline) {
        return OpenConnection(*raw, deadline);
      },
      core->events, *core->clock, log);
  EchoSettings echo;
  echo.statements = core->options.echo != EchoMode::kOff;
  echo.rows = core->options.echo == EchoMode::kDebug;
  echo.pool = core->options.echo_pool != EchoMode::kOff;
  echo.pool_checkouts = core->options.echo_pool == EchoMode::kDebug;
  echo.hide_parameters = core->options.hide_parameters;
  echo.slow_statement = core->options.slow_statement;
  echo.log = log;
  core->listeners = StartEcho(core->events, echo);
  return Engine(std::move(core), std::move(execution));
}

absl::StatusOr<Connection> Engine::Connect(Deadline deadline,
                                           Location origin) const {
  return Connect(deadline, std::stop_token(), origin);
}

absl::StatusOr<Connection> Engine::Connect(Deadline deadline,
                                           std::stop_token stop,
                                           Location origin) const {
  CUPEL_ASSIGN_OR_RETURN(
      PoolEntry * entry,
      core_->pool->Checkout(deadline, origin, std::move(stop)));
  return Connection(std::make_unique<ConnectionCore>(core_, options_, entry));
}

absl::StatusOr<CommitOutcome> Engine::ResolveCommit(absl::string_view token,
                                                    Deadline deadline) const {
  CUPEL_ASSIGN_OR_RETURN(Connection connection, Connect(deadline));
  connection.set_deadline(deadline);
  return connection.core_->ResolveCommit(token);
}

absl::StatusOr<std::vector<std::string>> Engine::PreparedTransactions(
    Deadline deadline) const {
  CUPEL_ASSIGN_OR_RETURN(Connection connection, Connect(deadline));
  connection.set_deadline(deadline);
  return connection.core_->PreparedTransactions();
}

absl::Status Engine::CommitPrepared(absl::string_view id,
                                    Deadline deadline) const {
  CUPEL_ASSIGN_OR_RETURN(Connection connection, Connect(deadline));
  connection.set_deadline(deadline);
  return connection.core_->EndPreparedTransaction(id,
                                                  TransactionAction::kCommit);
}

absl::Status Engine::RollbackPrepared(absl::string_view id,
                                      Deadline deadline) const {
  CUPEL_ASSIGN_OR_RETURN(Connection connection, Connect(deadline));
  connection.set_deadline(deadline);
  return connection.core_->EndPreparedTransaction(id,
                                                  TransactionAction::kRollback);
}

Engine Engine::WithOptions(const ExecutionOptions& options) const {
  return Engine(core_, std::make_shared<const ExecutionOptions>(
                           options_->Overlaid(options)));
}

const Dialect& Engine::dialect() const { return *core_->dialect; }

const std::shared_ptr<const Dialect>& Engine::shared_dialect() const {
  return core_->dialect;
}

const Url& Engine::url() const { return core_->url; }

Pool& Engine::pool() const { return *core_->pool; }

Events& Engine::events() const { return core_->events; }

Clock& Engine::clock() const { return *core_->clock; }

const ExecutionOptions& Engine::options() const { return *options_; }

bool Engine::hides_parameters() const { return core_->options.hide_parameters; }

void Engine::Log(absl::string_view line) const {
  core_->options.log(LogText(line));
}

std::shared_ptr<void> Engine::Extension(
    const void* key, absl::FunctionRef<std::shared_ptr<void>()> make) const {
  absl::MutexLock lock(&core_->mutex);
  std::shared_ptr<void>& extension = core_->extensions[key];
  if (extension == nullptr) extension = make();
  return extension;
}

void Engine::Dispose() { core_->pool->Dispose(); }

void Engine::Close() { core_->pool->Close(); }

Engine Connection::engine() const {
  return Engine(core_->engine(), core_->engine_options());
}

}  // namespace cupel::engine
