#include "cupel/engine/dialects/postgresql/options.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"

namespace cupel::postgresql_internal {
namespace {

using engine::ErrorKind;
using engine::MakeError;

// What goes to libpq as it stands.
constexpr absl::string_view kPassedOn[] = {
    "application_name",
    "channel_binding",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "port",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
};

constexpr absl::string_view kSslModes[] = {
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
};

constexpr int64_t kMaxFetchSize = 1'000'000;

absl::Status BadOption(absl::string_view option, absl::string_view wanted) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the URL option ", option, " must be ", wanted,
                                "; correct the URL"));
}

// What would end or split a parameter of the packet that opens a connection.
bool HasControls(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c == '\0' || c == '\n' || c == '\r';
  });
}

absl::StatusOr<bool> ParseSwitch(absl::string_view name,
                                 absl::string_view value) {
  for (absl::string_view word : {"on", "true", "yes", "1"}) {
    if (absl::AsciiStrToLower(value) == word) return true;
  }
  for (absl::string_view word : {"off", "false", "no", "0"}) {
    if (absl::AsciiStrToLower(value) == word) return false;
  }
  return BadOption(name, "on or off");
}

// A value of a setting within "-c name=value -c ...".
std::string EscapeSetting(absl::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '\\') {
      escaped.push_back('\\');
    }
    escaped.push_back(c);
  }
  return escaped;
}

// Gathers the options, later ones winning.
struct Reader {
  std::map<std::string, std::string> parameters;
  std::string search_path;
  bool session_settings = true;
  Options options;

  absl::Status Read(const std::string& name, const std::string& value) {
    if (HasControls(value) || HasControls(name)) {
      return MakeError(ErrorKind::kInvalidValue,
                       "an option of the URL holds a line break or NUL");
    }
    if (name == "connect_timeout") {
      double seconds = 0;
      if (!absl::SimpleAtod(value, &seconds) || !(seconds > 0) ||
          seconds > 1e6) {
        return BadOption(name, "a positive number of seconds");
      }
      options.connect_timeout = absl::Seconds(seconds);
      return absl::OkStatus();
    }
    if (name == "prepare") {
      CUPEL_ASSIGN_OR_RETURN(options.prepare, ParseSwitch(name, value));
      return absl::OkStatus();
    }
    if (name == "commit_tokens") {
      CUPEL_ASSIGN_OR_RETURN(options.commit_tokens, ParseSwitch(name, value));
      return absl::OkStatus();
    }
    if (name == "copy") {
      CUPEL_ASSIGN_OR_RETURN(options.copy, ParseSwitch(name, value));
      return absl::OkStatus();
    }
    if (name == "fetch_size") {
      if (!absl::SimpleAtoi(value, &options.fetch_size) ||
          options.fetch_size < 0 || options.fetch_size > kMaxFetchSize) {
        return BadOption(name, "a number of rows from 0 to 1000000");
      }
      return absl::OkStatus();
    }
    if (name == "session_settings") {
      CUPEL_ASSIGN_OR_RETURN(session_settings, ParseSwitch(name, value));
      return absl::OkStatus();
    }
    if (name == "search_path") {
      search_path = value;
      return absl::OkStatus();
    }
    if (name == "sslmode" &&
        std::find(std::begin(kSslModes), std::end(kSslModes), value) ==
            std::end(kSslModes)) {
      return BadOption(name,
                       "disable, allow, prefer, require, verify-ca or "
                       "verify-full");
    }
    if (std::find(std::begin(kPassedOn), std::end(kPassedOn), name) ==
        std::end(kPassedOn)) {
      return MakeError(ErrorKind::kInvalidValue,
                       "the URL has an option that postgresql does not know; "
                       "its README lists them");
    }
    parameters[name] = value;
    return absl::OkStatus();
  }

  void AddSessionSettings() {
    std::string text;
    if (session_settings) {
      text =
          "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex "
          "-c standard_conforming_strings=on";
    }
    if (!search_path.empty()) {
      absl::StrAppend(&text, text.empty() ? "" : " ",
                      "-c search_path=", EscapeSetting(search_path));
    }
    if (!text.empty()) parameters["options"] = text;
  }
};

absl::Status ReadParts(const engine::Url& url, Reader* reader) {
  const std::string password = url.password().value_or("");
  for (const std::string* part :
       {&url.host(), &url.username(), &url.database(), &password}) {
    if (HasControls(*part)) {
      return MakeError(ErrorKind::kInvalidValue,
                       "a part of the URL holds a line break or NUL");
    }
  }
  auto& parameters = reader->parameters;
  if (!url.host().empty()) parameters["host"] = url.host();
  if (url.port() != 0) parameters["port"] = absl::StrCat(url.port());
  if (!url.username().empty()) parameters["user"] = url.username();
  if (url.password().has_value()) parameters["password"] = password;
  // Not dbname as libpq reads it: it would take a connection string there.
  if (!url.database().empty()) parameters["dbname"] = url.database();
  return absl::OkStatus();
}

std::string ServerOf(const std::map<std::string, std::string>& parameters) {
  const auto get = [&](const char* name) -> std::string {
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
  };
  const std::string host = get("host");
  const std::string port = get("port");
  return absl::StrCat(host.empty() ? "the local server" : host,
                      port.empty() ? "" : ":", port);
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments) {
  Reader reader;
  reader.parameters = {
      {"client_encoding", "UTF8"},
      {"fallback_application_name", "cupel"},
      {"gssencmode", "disable"},
  };
  CUPEL_RETURN_IF_ERROR(ReadParts(url, &reader));
  for (const auto& [name, values] : url.query()) {
    if (name == "host" && !url.host().empty()) {
      return MakeError(ErrorKind::kInvalidValue,
                       "the URL names a host twice: before the database and "
                       "as an option");
    }
    for (const std::string& value : values) {
      CUPEL_RETURN_IF_ERROR(reader.Read(name, value));
    }
  }
  for (const auto& [name, value] : arguments.arguments) {
    CUPEL_RETURN_IF_ERROR(reader.Read(name, value));
  }
  reader.AddSessionSettings();
  Options options = std::move(reader.options);
  options.server = ServerOf(reader.parameters);
  options.parameters.assign(reader.parameters.begin(), reader.parameters.end());
  return options;
}

}  // namespace cupel::postgresql_internal
