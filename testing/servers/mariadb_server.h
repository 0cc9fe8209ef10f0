// A MariaDB server for tests.
//
//   MariadbServer& server = MariadbServer::Shared();
//   CUPEL_ASSERT_OK(server.CreateDatabase("shop"));
//   Open(server.url("shop"));
//
// A test without the server's programs must say so:
//
//   if (!MariadbServer::IsInstalled()) GTEST_SKIP() << "no MariaDB here";

#ifndef CUPEL_TESTING_SERVERS_MARIADB_SERVER_H_
#define CUPEL_TESTING_SERVERS_MARIADB_SERVER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/servers/server_process.h"

namespace cupel::testing {

// Listens on a port of 127.0.0.1 and on a Unix socket. "cupel" may do
// everything and needs no password; "guarded" needs kGuardedPassword. The
// settings are the server's own, not those of a distribution: its default
// character set is latin1. Small; commits survive a kill of the server, but not
// one of the machine. Thread-compatible.
class MariadbServer {
 public:
  static constexpr char kGuardedPassword[] = "hunter2-canary";

  struct Options {
    // Of the server, such as "--max-connections=5"; they win over the
    // fixture's own.
    std::vector<std::string> arguments;
  };

  // Whether the server's programs are here.
  static bool IsInstalled();

  // One for the whole program, started when it is asked for first. Aborts the
  // program when it cannot start.
  static MariadbServer& Shared();

  MariadbServer() = default;
  explicit MariadbServer(Options options) : options_(std::move(options)) {}
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  // Makes the data folder, at the first time, and starts the server.
  absl::Status Start();

  // Kills it, as a crash would, and starts it again on the same port.
  absl::Status Restart();

  // Ends it in order.
  absl::Status Stop() { return process_.Stop(); }

  // The URL of a database, by the port or by the socket; `query` is appended
  // behind a '?'.
  std::string url(absl::string_view database = "test",
                  absl::string_view query = "") const;
  std::string socket_url(absl::string_view database = "test",
                         absl::string_view query = "") const;

  int port() const { return port_; }
  std::string socket_path() const { return process_.Path("socket"); }
  ServerProcess& process() { return process_; }

  // By a connection of its own. CreateDatabase drops what has the name.
  absl::Status CreateDatabase(absl::string_view name);
  absl::Status Execute(absl::string_view sql);

 private:
  absl::Status MakeData();
  absl::Status StartOnPort(int port);
  // Whether it lets one in.
  bool IsReady() const;

  Options options_;
  ServerProcess process_;
  bool has_data_ = false;
  int port_ = 0;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_SERVERS_MARIADB_SERVER_H_
