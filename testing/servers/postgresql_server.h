// A PostgreSQL server for tests.
//
//   PostgresqlServer& server = PostgresqlServer::Shared();
//   CUPEL_ASSERT_OK(server.CreateDatabase("shop"));
//   Open(server.url("shop"));
//
// A test without the server's programs must say so:
//
//   if (!PostgresqlServer::IsInstalled()) GTEST_SKIP() << "no PostgreSQL here";

#ifndef CUPEL_TESTING_SERVERS_POSTGRESQL_SERVER_H_
#define CUPEL_TESTING_SERVERS_POSTGRESQL_SERVER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/servers/server_process.h"

namespace cupel::testing {

// Listens on a port of 127.0.0.1 and on a Unix socket. Everybody may enter as
// "cupel", a superuser, without a password; a role named "guarded", if a test
// makes it, needs one over the port. Small, UTF-8, collation C, and nothing is
// synced to the disk. Thread-compatible.
class PostgresqlServer {
 public:
  struct Options {
    // Lines of postgresql.conf, which win over the fixture's own.
    std::vector<std::string> settings;
  };

  // Whether the server's programs are here.
  static bool IsInstalled();

  // One for the whole program, started when it is asked for first. Aborts the
  // program when it cannot start.
  static PostgresqlServer& Shared();

  PostgresqlServer() = default;
  explicit PostgresqlServer(Options options) : options_(std::move(options)) {}
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // Makes the cluster, at the first time, and starts the server.
  absl::Status Start();

  // Ends it at once, as a crash would (SIGQUIT), and starts it again on the
  // same port. `kill` takes SIGKILL instead.
  absl::Status Restart(bool kill = false);

  absl::Status Stop() { return process_.Stop(SIGQUIT); }

  // The URL of a database, by the port or by the socket; `query` is appended
  // behind a '?'.
  std::string url(absl::string_view database = "postgres",
                  absl::string_view query = "") const;
  std::string socket_url(absl::string_view database = "postgres",
                         absl::string_view query = "") const;

  int port() const { return port_; }
  std::string socket_folder() const { return process_.folder(); }
  ServerProcess& process() { return process_; }

  absl::Status CreateDatabase(absl::string_view name);

  // Runs statements by the shell of the server.
  absl::Status Execute(absl::string_view sql,
                       absl::string_view database = "postgres");

 private:
  absl::Status MakeCluster();
  absl::Status StartOnPort(int port);
  bool IsReady() const;

  Options options_;
  ServerProcess process_;
  bool has_cluster_ = false;
  int port_ = 0;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_SERVERS_POSTGRESQL_SERVER_H_
