#include "cupel/engine/dialects/postgresql/options.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// Of these, what libpq would refuse as if another attempt could do.
struct Words {
  absl::string_view option;
  absl::string_view words;  // all that it may be
};
constexpr Words kWords[] = {
    {"channel_binding", "disable, prefer, require"},
    {"sslmode", "disable, allow, prefer, require, verify-ca, verify-full"},
    {"target_session_attrs",
     "any, read-write, read-only, primary, standby, prefer-standby"},
};
constexpr absl::string_view kNumbers[] = {
    "keepalives",          "keepalives_count", "keepalives_idle",
    "keepalives_interval", "tcp_user_timeout",
};

struct Switch {
  absl::string_view option;
  bool Options::*value;
};
constexpr Switch kSwitches[] = {
    {"commit_tokens", &Options::commit_tokens},
    {"copy", &Options::copy},
    {"prepare", &Options::prepare},
    {"session_settings", &Options::session_settings},
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

absl::StatusOr<absl::Duration> ParseSeconds(absl::string_view name,
                                            absl::string_view value) {
  double seconds = 0;
  if (!absl::SimpleAtod(value, &seconds) || !(seconds > 0) || seconds > 1e6) {
    return BadOption(name, "a positive number of seconds");
  }
  return absl::Seconds(seconds);
}

absl::Status CheckPassedOn(absl::string_view name, absl::string_view value) {
  if (!absl::c_linear_search(kPassedOn, name)) {
    return MakeError(ErrorKind::kInvalidValue,
                     "the URL has an option that postgresql does not know; "
                     "its README lists them");
  }
  for (const Words& known : kWords) {
    if (name != known.option) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(known.words, ", ");
    if (!absl::c_linear_search(words, value)) {
      return BadOption(name, absl::StrCat("one of ", known.words));
    }
  }
  int number = 0;
  if (absl::c_linear_search(kNumbers, name) &&
      (!absl::SimpleAtoi(value, &number) || number < 0)) {
    return BadOption(name, "a number");
  }
  if (name == "port") {
    for (absl::string_view port : absl::StrSplit(value, ',')) {
      if (!absl::SimpleAtoi(port, &number) || number < 1 || number > 65535) {
        return BadOption(name,
                         "a number from 1 to 65535, or several by commas");
      }
    }
  }
  return absl::OkStatus();
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
  Options options;

  absl::Status Read(const std::string& name, const std::string& value) {
    if (HasControls(value) || HasControls(name)) {
      return MakeError(ErrorKind::kInvalidValue,
                       "an option of the URL holds a line break or NUL");
    }
    for (const Switch& known : kSwitches) {
      if (name != known.option) continue;
      CUPEL_ASSIGN_OR_RETURN(options.*known.value, ParseSwitch(name, value));
      return absl::OkStatus();
    }
    if (name == "cancel_grace") {
      CUPEL_ASSIGN_OR_RETURN(options.cancel_grace, ParseSeconds(name, value));
      return absl::OkStatus();
    }
    if (name == "connect_timeout") {
      CUPEL_ASSIGN_OR_RETURN(options.connect_timeout,
                             ParseSeconds(name, value));
      return absl::OkStatus();
    }
    if (name == "fetch_size") return ReadFetchSize(value);
    if (name == "search_path") {
      search_path = value;
      return absl::OkStatus();
    }
    CUPEL_RETURN_IF_ERROR(CheckPassedOn(name, value));
    parameters[name] = value;
    return absl::OkStatus();
  }

  absl::Status ReadFetchSize(const std::string& value) {
    if (!absl::SimpleAtoi(value, &options.fetch_size) ||
        options.fetch_size < 0 || options.fetch_size > kMaxFetchSize) {
      return BadOption("fetch_size", "a number of rows from 0 to 1000000");
    }
    return absl::OkStatus();
  }

  void AddSessionSettings() {
    std::string text;
    if (options.session_settings) {
      // But for the time zone: how values are spelt in rows that go as text.
      text =
          "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres "
          "-c bytea_output=hex -c extra_float_digits=1 "
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
