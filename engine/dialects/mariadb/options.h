// What the URL of a MariaDB database says.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_OPTIONS_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"

namespace cupel::mariadb_internal {

enum class TlsMode : uint8_t {
  kOff,
  kRequired,  // encrypted, whoever answers
  kVerify,    // the server's certificate and its name are checked
};

struct Options {
  std::string host;
  int port = 3306;
  std::string unix_socket;  // a path; wins over host and port
  std::string user;
  std::string password;
  std::string database;  // empty: none is chosen

  absl::Duration connect_timeout = absl::Seconds(10);
  // How long after its deadline a statement that is killed may take to end;
  // unset: a part of the time that it had.
  std::optional<absl::Duration> cancel_grace;
  // How long a statement waits for a row's lock; unset: the server's setting.
  std::optional<int64_t> lock_wait_timeout_seconds;
  // The server's own limit of a statement's time; unset: the server's setting.
  std::optional<absl::Duration> max_statement_time;
  // Whether DDL inside a transaction, which commits it, is let through.
  bool allow_implicit_commit = false;
  bool compress = false;
  std::string program_name;

  TlsMode tls = TlsMode::kOff;
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
};

// Reads the URL; `arguments` win over its query. Errors: kInvalidArgument,
// naming the option, never its value.
absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_OPTIONS_H_
