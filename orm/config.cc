#include "cupel/orm/config.h"

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"

namespace cupel {
namespace {

absl::Status DoesNotFit(absl::string_view key, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("setting ", key, ": the value is not ", wanted));
}

absl::Status ReadInt(absl::string_view key, absl::string_view value, int* out) {
  return absl::SimpleAtoi(value, out) ? absl::OkStatus()
                                      : DoesNotFit(key, "a whole number");
}

absl::Status ReadBool(absl::string_view key, absl::string_view value,
                      bool* out) {
  return absl::SimpleAtob(value, out) ? absl::OkStatus()
                                      : DoesNotFit(key, "true or false");
}

absl::Status ReadSeconds(absl::string_view key, absl::string_view value,
                         absl::Duration* out) {
  double seconds = 0;
  if (!absl::SimpleAtod(value, &seconds)) {
    return DoesNotFit(key, "a number of seconds");
  }
  *out = absl::Seconds(seconds);
  return absl::OkStatus();
}

absl::Status ReadEcho(absl::string_view key, absl::string_view value,
                      engine::EchoMode* out) {
  if (value == "debug") {
    *out = engine::EchoMode::kDebug;
    return absl::OkStatus();
  }
  bool on = false;
  CUPEL_RETURN_IF_ERROR(ReadBool(key, value, &on));
  *out = on ? engine::EchoMode::kStatements : engine::EchoMode::kOff;
  return absl::OkStatus();
}

absl::Status Apply(absl::string_view key, const std::string& value,
                   DatabaseConfig* config) {
  absl::string_view name = key;
  if (!absl::ConsumePrefix(&name, "CUPEL_")) {
    absl::ConsumePrefix(&name, "SQLALCHEMY_");
  }
  engine::PoolOptions& pool = config->engine.pool;
  if (name == "DATABASE_URI") {
    config->uri = value;
  } else if (absl::ConsumePrefix(&name, "BINDS.")) {
    config->binds[std::string(name)] = value;
  } else if (name == "ECHO") {
    return ReadEcho(key, value, &config->engine.echo);
  } else if (name == "POOL_SIZE") {
    return ReadInt(key, value, &pool.size);
  } else if (name == "MAX_OVERFLOW") {
    return ReadInt(key, value, &pool.max_overflow);
  } else if (name == "POOL_TIMEOUT") {
    return ReadSeconds(key, value, &pool.timeout);
  } else if (name == "POOL_RECYCLE") {
    return ReadSeconds(key, value, &pool.recycle);
  } else if (name == "COMMIT_ON_TEARDOWN") {
    return ReadBool(key, value, &config->commit_on_teardown);
  } else if (name == "NATIVE_UNICODE") {
    config->notices.push_back(
        absl::StrCat("setting ", key, " is ignored: text is always UTF-8"));
  } else if (name == "TRACK_MODIFICATIONS") {
    config->notices.push_back(absl::StrCat(
        "setting ", key,
        " is ignored: listeners of a session cost nothing unless added"));
  } else if (name == "RECORD_QUERIES") {
    config->notices.push_back(absl::StrCat(
        "setting ", key,
        " is ignored: make an engine::StatementRecorder where it is needed"));
  }
  return absl::OkStatus();
}

// The stronger options, over what the plain keys said.
absl::Status ApplyEngineOptions(
    const std::map<std::string, std::string>& settings,
    DatabaseConfig* config) {
  std::map<std::string, std::string> options;
  for (const auto& [key, value] : settings) {
    absl::string_view name = key;
    if (!absl::ConsumePrefix(&name, "CUPEL_")) {
      absl::ConsumePrefix(&name, "SQLALCHEMY_");
    }
    if (absl::ConsumePrefix(&name, "ENGINE_OPTIONS.")) {
      options[std::string(name)] = value;
    }
  }
  if (options.empty()) return absl::OkStatus();
  // FromMap() starts from the defaults: hand it what is set so far.
  const engine::PoolOptions& pool = config->engine.pool;
  options.emplace("uri", config->uri);
  options.emplace("pool_size", absl::StrCat(pool.size));
  options.emplace("max_overflow", absl::StrCat(pool.max_overflow));
  options.emplace("pool_timeout", absl::FormatDuration(pool.timeout));
  options.emplace("pool_recycle", absl::FormatDuration(pool.recycle));
  const engine::EchoMode echo = config->engine.echo;
  const bool has_echo = options.count("echo") > 0;
  CUPEL_ASSIGN_OR_RETURN(config->engine,
                         engine::EngineOptions::FromMap(options, ""));
  if (!has_echo) config->engine.echo = echo;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DatabaseConfig> DatabaseConfig::FromMap(
    const std::map<std::string, std::string>& settings) {
  DatabaseConfig config;
  for (const auto& [key, value] : settings) {
    CUPEL_RETURN_IF_ERROR(Apply(key, value, &config));
  }
  CUPEL_RETURN_IF_ERROR(ApplyEngineOptions(settings, &config));
  return config;
}

}  // namespace cupel
