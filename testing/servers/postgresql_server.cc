#include "cupel/testing/servers/postgresql_server.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/servers/server_process.h"

namespace cupel::testing {
namespace {

constexpr char kData[] = "data";

constexpr absl::string_view kSettings = R"(
listen_addresses = '127.0.0.1'
shared_buffers = '8MB'
dynamic_shared_memory_type = mmap
max_connections = 60
fsync = off
full_page_writes = off
max_wal_size = '256MB'
autovacuum = off
max_prepared_transactions = 4
max_parallel_workers = 0
max_logical_replication_workers = 0
log_min_messages = warning
log_min_error_statement = panic
)";

constexpr absl::string_view kAuthentication =
    "local all all trust\n"
    "host all guarded 127.0.0.1/32 scram-sha-256\n"
    "host all all 127.0.0.1/32 trust\n";

std::string Program(absl::string_view name) {
  return FindProgram(name, {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
                            "/usr/local/pgsql/bin"});
}

std::string QueryPart(absl::string_view query) {
  return query.empty() ? "" : absl::StrCat("?", query);
}

}  // namespace

bool PostgresqlServer::IsInstalled() {
  return !Program("postgres").empty() && !Program("initdb").empty() &&
         !Program("psql").empty();
}

PostgresqlServer& PostgresqlServer::Shared() {
  // Destroyed at exit, so that server and folder go with the program.
  static PostgresqlServer server;
  if (server.port_ == 0) {
    const absl::Status status = server.Start();
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      std::abort();
    }
  }
  return server;
}

PostgresqlServer::~PostgresqlServer() = default;

absl::Status PostgresqlServer::MakeCluster() {
  if (!IsInstalled()) {
    return absl::NotFoundError("PostgreSQL's server is not installed");
  }
  absl::Status status =
      process_.Run({Program("initdb"), "--no-sync", "--auth=trust",
                    "--encoding=UTF8", "--locale=C", "--username=cupel",
                    "--no-instructions", "-D", process_.Path(kData)});
  if (!status.ok()) return status;
  status =
      process_.WriteFile(absl::StrCat(kData, "/pg_hba.conf"), kAuthentication);
  if (!status.ok()) return status;
  status = process_.WriteFile(
      absl::StrCat(kData, "/postgresql.auto.conf"),
      absl::StrCat(kSettings, absl::StrJoin(options_.settings, "\n"), "\n"));
  has_cluster_ = status.ok();
  return status;
}

absl::Status PostgresqlServer::Start() {
  if (!has_cluster_) {
    const absl::Status status = MakeCluster();
    if (!status.ok()) return status;
  }
  if (port_ != 0) return StartOnPort(port_);
  const absl::StatusOr<int> port = StartOnFreePort(
      [this](int port) { return StartOnPort(port); }, "could not bind");
  if (port.ok()) port_ = *port;
  return port.status();
}

absl::Status PostgresqlServer::StartOnPort(int port) {
  return process_.Start(
      {.arguments = {Program("postgres"), "-D", process_.Path(kData), "-p",
                     absl::StrCat(port), "-k", process_.folder()},
       .is_ready = [this] { return IsReady(); },
       // Its other processes end with it then.
       .death_signal = SIGQUIT});
}

// The server writes its state into the eighth line of a file.
bool PostgresqlServer::IsReady() const {
  std::ifstream file(process_.Path(absl::StrCat(kData, "/postmaster.pid")));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  pid_t pid = 0;
  return lines.size() >= 8 && absl::SimpleAtoi(lines[0], &pid) &&
         pid == process_.pid() && absl::StartsWith(lines[7], "ready");
}

absl::Status PostgresqlServer::Restart(bool kill) {
  if (kill) {
    process_.Kill();
  } else {
    const absl::Status status = process_.Stop(SIGQUIT);
    if (!status.ok()) return status;
  }
  return Start();
}

std::string PostgresqlServer::url(absl::string_view database,
                                  absl::string_view query) const {
  return absl::StrCat("postgresql://cupel@127.0.0.1:", port_, "/", database,
                      QueryPart(query));
}

std::string PostgresqlServer::socket_url(absl::string_view database,
                                         absl::string_view query) const {
  return absl::StrCat("postgresql://cupel@/", database,
                      "?host=", socket_folder(), "&port=", port_,
                      query.empty() ? "" : "&", query);
}

absl::Status PostgresqlServer::CreateDatabase(absl::string_view name) {
  return Execute(absl::StrCat("CREATE DATABASE \"", name, "\""));
}

absl::Status PostgresqlServer::Execute(absl::string_view sql,
                                       absl::string_view database) {
  return process_.Run({Program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
                       "-h", process_.folder(), "-p", absl::StrCat(port_), "-U",
                       "cupel", "-d", std::string(database), "-c",
                       std::string(sql)});
}

}  // namespace cupel::testing
