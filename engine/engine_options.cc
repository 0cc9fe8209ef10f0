#include "cupel/engine/engine_options.h"

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

// What a value has to be; empty when it could be read.
using Problem = absl::string_view;

Problem ReadBool(const std::string& text, bool* out) {
  return absl::SimpleAtob(text, out) ? "" : "true or false";
}

Problem ReadInt(const std::string& text, int* out) {
  return absl::SimpleAtoi(text, out) ? "" : "an integer";
}

Problem ReadDuration(const std::string& text, absl::Duration* out) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && seconds == seconds) {
    // What others write for "never".
    *out = seconds < 0 ? absl::InfiniteDuration() : absl::Seconds(seconds);
    return "";
  }
  return absl::ParseDuration(text, out) ? "" : "seconds, or a time like 1500ms";
}

template <typename Enum>
struct Choice {
  absl::string_view name;
  Enum value;
};

template <typename Enum, size_t n>
bool Choose(const std::string& text, const Choice<Enum> (&choices)[n],
            Enum* out) {
  for (const Choice<Enum>& choice : choices) {
    if (absl::EqualsIgnoreCase(text, choice.name)) {
      *out = choice.value;
      return true;
    }
  }
  return false;
}

Problem ReadEcho(const std::string& text, EchoMode* out) {
  bool on = false;
  if (absl::SimpleAtob(text, &on)) {
    *out = on ? EchoMode::kStatements : EchoMode::kOff;
    return "";
  }
  if (!absl::EqualsIgnoreCase(text, "debug")) return "true, false or debug";
  *out = EchoMode::kDebug;
  return "";
}

Problem ReadPoolKind(const std::string& text, PoolKind* out) {
  static constexpr Choice<PoolKind> kKinds[] = {
      {"queue", PoolKind::kQueue},
      {"null", PoolKind::kNull},
      {"static", PoolKind::kStatic},
      {"assertion", PoolKind::kAssertion}};
  return Choose(text, kKinds, out) ? "" : "queue, null, static or assertion";
}

Problem ReadReset(const std::string& text, ResetOnReturn* out) {
  static constexpr Choice<ResetOnReturn> kModes[] = {
      {"rollback", ResetOnReturn::kRollback},
      {"commit", ResetOnReturn::kCommit},
      {"none", ResetOnReturn::kNone}};
  return Choose(text, kModes, out) ? "" : "rollback, commit or none";
}

Problem ReadIsolation(std::string text, EngineOptions* options) {
  static constexpr Choice<IsolationLevel> kLevels[] = {
      {"default", IsolationLevel::kDefault},
      {"read uncommitted", IsolationLevel::kReadUncommitted},
      {"read committed", IsolationLevel::kReadCommitted},
      {"repeatable read", IsolationLevel::kRepeatableRead},
      {"serializable", IsolationLevel::kSerializable},
      {"autocommit", IsolationLevel::kAutocommit}};
  for (char& c : text) c = c == '_' ? ' ' : c;
  IsolationLevel level = IsolationLevel::kDefault;
  if (!Choose(text, kLevels, &level)) return "the name of an isolation level";
  TransactionOptions transaction;
  transaction.isolation = level;
  options->execution.transaction = transaction;
  return "";
}

using Reader = std::function<Problem(const std::string&, EngineOptions*)>;

const std::map<std::string, Reader, std::less<>>& Readers() {
  static const auto* const readers =
      new std::map<std::string, Reader, std::less<>>{
          {"uri",
           [](const std::string& text, EngineOptions* o) -> Problem {
             o->uri = text;
             return "";
           }},
          {"url",
           [](const std::string& text, EngineOptions* o) -> Problem {
             o->uri = text;
             return "";
           }},
          {"logging_name",
           [](const std::string& text, EngineOptions* o) -> Problem {
             o->logging_name = text;
             return "";
           }},
          {"echo", [](const std::string& text,
                      EngineOptions* o) { return ReadEcho(text, &o->echo); }},
          {"echo_pool",
           [](const std::string& text, EngineOptions* o) {
             return ReadEcho(text, &o->echo_pool);
           }},
          {"hide_parameters",
           [](const std::string& text, EngineOptions* o) {
             return ReadBool(text, &o->hide_parameters);
           }},
          {"slow_statement",
           [](const std::string& text, EngineOptions* o) {
             return ReadDuration(text, &o->slow_statement);
           }},
          {"pool_kind",
           [](const std::string& text, EngineOptions* o) {
             return ReadPoolKind(text, &o->pool.kind);
           }},
          {"pool_size",
           [](const std::string& text, EngineOptions* o) {
             return ReadInt(text, &o->pool.size);
           }},
          {"max_overflow",
           [](const std::string& text, EngineOptions* o) {
             return ReadInt(text, &o->pool.max_overflow);
           }},
          {"pool_timeout",
           [](const std::string& text, EngineOptions* o) {
             return ReadDuration(text, &o->pool.timeout);
           }},
          {"pool_recycle",
           [](const std::string& text, EngineOptions* o) {
             return ReadDuration(text, &o->pool.recycle);
           }},
          {"pool_pre_ping",
           [](const std::string& text, EngineOptions* o) {
             return ReadBool(text, &o->pool.pre_ping);
           }},
          {"pool_use_lifo",
           [](const std::string& text, EngineOptions* o) {
             return ReadBool(text, &o->pool.last_in_first_out);
           }},
          {"pool_reset_on_return",
           [](const std::string& text, EngineOptions* o) {
             return ReadReset(text, &o->pool.reset);
           }},
          {"statement_cache_size",
           [](const std::string& text, EngineOptions* o) {
             return ReadInt(text, &o->pool.statement_cache_size);
           }},
          {"isolation_level",
           [](const std::string& text, EngineOptions* o) {
             return ReadIsolation(text, o);
           }},
      };
  return *readers;
}

absl::Status KeyError(absl::string_view key, absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the setting ", key, " ", rule));
}

}  // namespace

absl::StatusOr<EngineOptions> EngineOptions::FromMap(
    const std::map<std::string, std::string>& settings,
    absl::string_view prefix) {
  EngineOptions options;
  for (const auto& [key, value] : settings) {
    absl::string_view name = key;
    if (!absl::ConsumePrefix(&name, prefix)) continue;
    if (absl::ConsumePrefix(&name, "connect.")) {
      options.connect.arguments[std::string(name)] = value;
      continue;
    }
    auto reader = Readers().find(name);
    if (reader == Readers().end()) {
      return KeyError(key, "is not known: see EngineOptions::FromMap");
    }
    const Problem problem = reader->second(value, &options);
    if (!problem.empty()) {
      return KeyError(key, absl::StrCat("must be ", problem));
    }
  }
  if (options.uri.empty()) {
    return KeyError(absl::StrCat(prefix, "uri"), "is missing");
  }
  return options;
}

ExecutionOptions ExecutionOptions::Overlaid(
    const ExecutionOptions& above) const {
  ExecutionOptions result = *this;
  if (above.transaction) result.transaction = above.transaction;
  if (above.statement_timeout) {
    result.statement_timeout = above.statement_timeout;
  }
  if (above.logging_token) result.logging_token = above.logging_token;
  for (const auto& entry : above.user) result.user[entry.first] = entry.second;
  return result;
}

}  // namespace cupel::engine
