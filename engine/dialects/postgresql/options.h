// How a server is reached, read from the URL.
//
//   postgresql://user:password@host:5432/database
//   postgresql://user@/database?host=/var/run/postgresql     a Unix socket
//
// The options of the query stand in README.md; any other is an error.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_OPTIONS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"

namespace cupel::postgresql_internal {

struct Options {
  // For libpq: keywords and values. Holds the password: never print it.
  std::vector<std::pair<std::string, std::string>> parameters;
  // Host and port for messages.
  std::string server;
  absl::Duration connect_timeout = absl::Seconds(30);
  // How long after its deadline a statement that is cancelled may take to end;
  // unset: a part of the time that it had.
  std::optional<absl::Duration> cancel_grace;
  // Statements are prepared by name in the server's session.
  bool prepare = true;
  // The session is the driver's own: it is set up, and what a program leaves in
  // it is undone. Off behind a proxy, which gives it to others as well.
  bool session_settings = true;
  // A COMMIT of written work asks for the transaction's number before.
  bool commit_tokens = true;
  // Large batches of plain INSERTs go as COPY.
  bool copy = true;
  // In a transaction queries are read through a cursor of the server, so many
  // rows at a time; 0: as they come.
  int64_t fetch_size = 0;
};

// Reads the URL; `arguments` win over its query. Errors: kInvalidArgument,
// naming the option and never its value.
absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_OPTIONS_H_
