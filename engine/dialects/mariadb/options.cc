#include "cupel/engine/dialects/mariadb/options.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"

namespace cupel::mariadb_internal {
namespace {

using engine::ErrorKind;
using engine::MakeError;

constexpr int64_t kMaxSeconds = 31'536'000;

absl::Status BadValue(absl::string_view name, absl::string_view expected) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the value of the URL option ", name,
                                " is not one of: ", expected));
}

absl::Status ParseBool(absl::string_view name, absl::string_view value,
                       bool* out) {
  if (absl::SimpleAtob(value, out)) return absl::OkStatus();
  if (absl::EqualsIgnoreCase(value, "on")) {
    *out = true;
  } else if (absl::EqualsIgnoreCase(value, "off")) {
    *out = false;
  } else {
    return BadValue(name, "on, off");
  }
  return absl::OkStatus();
}

absl::Status ParseSeconds(absl::string_view name, absl::string_view value,
                          double minimum, absl::Duration* out) {
  double seconds;
  if (!absl::SimpleAtod(value, &seconds) || !(seconds >= minimum) ||
      seconds > kMaxSeconds) {
    return BadValue(name, absl::StrCat("seconds from ", minimum));
  }
  *out = absl::Seconds(seconds);
  return absl::OkStatus();
}

absl::Status ReadCancelGrace(absl::string_view value, Options* options) {
  absl::Duration time;
  CUPEL_RETURN_IF_ERROR(ParseSeconds("cancel_grace", value, 0.001, &time));
  options->cancel_grace = time;
  return absl::OkStatus();
}
absl::Status ReadCompress(absl::string_view value, Options* options) {
  return ParseBool("compress", value, &options->compress);
}
absl::Status ReadConnectTimeout(absl::string_view value, Options* options) {
  return ParseSeconds("connect_timeout", value, 0.001,
                      &options->connect_timeout);
}
absl::Status ReadImplicitCommit(absl::string_view value, Options* options) {
  if (absl::EqualsIgnoreCase(value, "allow")) {
    options->allow_implicit_commit = true;
  } else if (absl::EqualsIgnoreCase(value, "refuse")) {
    options->allow_implicit_commit = false;
  } else {
    return BadValue("implicit_commit", "refuse, allow");
  }
  return absl::OkStatus();
}
absl::Status ReadLockWaitTimeout(absl::string_view value, Options* options) {
  int64_t seconds;
  if (!absl::SimpleAtoi(value, &seconds) || seconds < 0 ||
      seconds > kMaxSeconds) {
    return BadValue("lock_wait_timeout", "whole seconds from 0");
  }
  options->lock_wait_timeout_seconds = seconds;
  return absl::OkStatus();
}
absl::Status ReadMaxStatementTime(absl::string_view value, Options* options) {
  absl::Duration time;
  CUPEL_RETURN_IF_ERROR(ParseSeconds("max_statement_time", value, 0, &time));
  options->max_statement_time = time;
  return absl::OkStatus();
}
absl::Status ReadProgramName(absl::string_view value, Options* options) {
  options->program_name = std::string(value);
  return absl::OkStatus();
}
absl::Status ReadTls(absl::string_view value, Options* options) {
  if (absl::EqualsIgnoreCase(value, "off")) {
    options->tls = TlsMode::kOff;
  } else if (absl::EqualsIgnoreCase(value, "required")) {
    options->tls = TlsMode::kRequired;
  } else if (absl::EqualsIgnoreCase(value, "verify")) {
    options->tls = TlsMode::kVerify;
  } else {
    return BadValue("tls", "off, required, verify");
  }
  return absl::OkStatus();
}
absl::Status ReadTlsCa(absl::string_view value, Options* options) {
  options->tls_ca = std::string(value);
  return absl::OkStatus();
}
absl::Status ReadTlsCert(absl::string_view value, Options* options) {
  options->tls_cert = std::string(value);
  return absl::OkStatus();
}
absl::Status ReadTlsKey(absl::string_view value, Options* options) {
  options->tls_key = std::string(value);
  return absl::OkStatus();
}
absl::Status ReadUnixSocket(absl::string_view value, Options* options) {
  // The library copies it there without looking.
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (value.size() > kLongest) {
    return BadValue("unix_socket",
                    absl::StrCat("a path of up to ", kLongest, " bytes"));
  }
  options->unix_socket = std::string(value);
  return absl::OkStatus();
}

struct Reader {
  absl::string_view name;
  absl::Status (*read)(absl::string_view value, Options* options);
};

constexpr Reader kReaders[] = {
    {"cancel_grace", ReadCancelGrace},
    {"compress", ReadCompress},
    {"connect_timeout", ReadConnectTimeout},
    {"implicit_commit", ReadImplicitCommit},
    {"lock_wait_timeout", ReadLockWaitTimeout},
    {"max_statement_time", ReadMaxStatementTime},
    {"program_name", ReadProgramName},
    {"tls", ReadTls},
    {"tls_ca", ReadTlsCa},
    {"tls_cert", ReadTlsCert},
    {"tls_key", ReadTlsKey},
    {"unix_socket", ReadUnixSocket},
};

absl::Status ReadOption(absl::string_view name, absl::string_view value,
                        Options* options) {
  if (absl::StrContains(value, '\0')) {
    return MakeError(ErrorKind::kInvalidValue, "a URL option holds NUL");
  }
  for (const Reader& reader : kReaders) {
    if (reader.name == name) return reader.read(value, options);
  }
  return MakeError(
      ErrorKind::kInvalidValue,
      absl::StrCat("unknown option in the URL of a mariadb database; known "
                   "are ",
                   absl::StrJoin(kReaders, ", ",
                                 [](std::string* out, const Reader& reader) {
                                   absl::StrAppend(out, reader.name);
                                 })));
}

absl::Status CheckPart(absl::string_view what, absl::string_view text) {
  if (!absl::StrContains(text, '\0')) return absl::OkStatus();
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("the ", what, " of the URL holds NUL"));
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments) {
  Options options;
  options.host = url.host().empty() ? "127.0.0.1" : url.host();
  if (url.port() != 0) options.port = url.port();
  options.user = url.username();
  options.password = url.password().value_or("");
  options.database = url.database();
  CUPEL_RETURN_IF_ERROR(CheckPart("host", options.host));
  CUPEL_RETURN_IF_ERROR(CheckPart("user", options.user));
  CUPEL_RETURN_IF_ERROR(CheckPart("password", options.password));
  CUPEL_RETURN_IF_ERROR(CheckPart("database", options.database));
  for (const auto& [name, values] : url.query()) {
    for (const std::string& value : values) {
      CUPEL_RETURN_IF_ERROR(ReadOption(name, value, &options));
    }
  }
  for (const auto& [name, value] : arguments.arguments) {
    CUPEL_RETURN_IF_ERROR(ReadOption(name, value, &options));
  }
  const bool has_tls_file = !options.tls_ca.empty() ||
                            !options.tls_cert.empty() ||
                            !options.tls_key.empty();
  if (options.tls == TlsMode::kOff && has_tls_file) {
    return MakeError(ErrorKind::kInvalidValue,
                     "tls_ca, tls_cert and tls_key need tls=required or "
                     "tls=verify");
  }
  return options;
}

}  // namespace cupel::mariadb_internal
