// What an engine is made from. engine.h has the engine.

#ifndef CUPEL_ENGINE_ENGINE_OPTIONS_H_
#define CUPEL_ENGINE_ENGINE_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/execution_options.h"
#include "cupel/engine/pool_options.h"

namespace cupel::engine {

class Dialect;
class Url;

// How much an engine writes to its log.
enum class EchoMode : uint8_t {
  kOff,
  kStatements,  // statements, transaction control, durations
  kDebug,       // rows, too
};

struct EngineOptions {
  // "dialect://user:password@host:port/database?key=value".
  std::string uri;
  PoolOptions pool;
  EchoMode echo = EchoMode::kOff;
  // kStatements: connects and invalidations; kDebug: checkouts, too.
  EchoMode echo_pool = EchoMode::kOff;
  // Bound values are not logged. False shows them, each cut to 100 characters.
  bool hide_parameters = true;
  // Statements that take longer are logged with their place of origin.
  absl::Duration slow_statement = absl::InfiniteDuration();
  // Stands in front of what this engine logs.
  std::string logging_name;
  // Takes lines of the log, without a line end, from any thread. Null: stderr.
  std::function<void(absl::string_view)> log;
  // Options of the driver, over those of the URL.
  ConnectOptions connect;
  // Options of all executions.
  ExecutionOptions execution;
  // Alters the URL and the options of each connection before it is made.
  std::function<absl::Status(Url*, ConnectOptions*)> before_connect;
  // Makes connections in place of the dialect's driver.
  std::function<absl::StatusOr<std::unique_ptr<DriverConnection>>(
      const Url&, const ConnectOptions&, Deadline)>
      creator;
  // Readies each new connection; an error refuses it.
  std::function<absl::Status(DriverConnection&)> on_connect;
  // Null: the registered dialect that the URL names.
  std::shared_ptr<const Dialect> dialect;
  // Null: the machine's clock. Must outlive the engine.
  Clock* clock = nullptr;

  // From a map of texts: keys that begin with `prefix`, as {"db.uri", ...},
  // {"db.pool_size", "3"}, {"db.echo", "true"}. Known names: uri (or url),
  // echo, echo_pool, hide_parameters, logging_name, slow_statement, pool_kind,
  // pool_size, max_overflow, pool_timeout, pool_recycle, pool_pre_ping,
  // pool_use_lifo, pool_reset_on_return, statement_cache_size,
  // isolation_level, and connect.NAME for options of the driver. Times are
  // seconds, or texts with a unit ("1500ms"). Errors: kInvalidArgument, naming
  // the key, for an unknown name or an unreadable value.
  static absl::StatusOr<EngineOptions> FromMap(
      const std::map<std::string, std::string>& settings,
      absl::string_view prefix);
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ENGINE_OPTIONS_H_
