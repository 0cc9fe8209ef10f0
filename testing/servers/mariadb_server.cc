#include "cupel/testing/servers/mariadb_server.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/servers/server_process.h"
#include "mariadb/mysql.h"

namespace cupel::testing {
namespace {

// Executed at each start.
constexpr absl::string_view kUsers =
    "CREATE DATABASE IF NOT EXISTS test CHARACTER SET utf8mb4;\n"
    "CREATE USER IF NOT EXISTS cupel@'localhost';\n"
    "CREATE USER IF NOT EXISTS cupel@'127.0.0.1';\n"
    "CREATE USER IF NOT EXISTS guarded@'127.0.0.1' IDENTIFIED BY "
    "'hunter2-canary';\n"
    "GRANT ALL ON *.* TO cupel@'localhost' WITH GRANT OPTION;\n"
    "GRANT ALL ON *.* TO cupel@'127.0.0.1' WITH GRANT OPTION;\n"
    "GRANT SELECT ON test.* TO guarded@'127.0.0.1';\n";

// Small files and buffers, and no waiting for the disk.
const std::vector<std::string>& SizeArguments() {
  static const auto* const arguments = new std::vector<std::string>{
      "--innodb-buffer-pool-size=16M",
      "--innodb-log-file-size=4M",
      "--innodb-log-buffer-size=1M",
      "--innodb-data-file-path=ibdata1:4M:autoextend",
      "--innodb-temp-data-file-path=ibtmp1:4M:autoextend",
      "--innodb-flush-log-at-trx-commit=2",
      "--innodb-flush-method=nosync",
      "--sync-frm=0",
      "--aria-pagecache-buffer-size=1M",
      "--key-buffer-size=1M",
      "--sync-binlog=0",
  };
  return *arguments;
}

std::string Program(absl::string_view name) {
  return FindProgram(name, {"/usr/sbin", "/usr/libexec", "/usr/local/sbin",
                            "/usr/local/mariadb/bin"});
}

std::string QueryPart(absl::string_view query, absl::string_view separator) {
  return query.empty() ? "" : absl::StrCat(separator, query);
}

// Connects as "cupel" and executes `sql`, if there is any.
absl::Status Run(const std::string& socket, absl::string_view sql) {
  MYSQL* const handle = mysql_init(nullptr);
  const unsigned int seconds = 5;
  mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  bool ok = mysql_real_connect(handle, nullptr, "cupel", nullptr, nullptr, 0,
                               socket.c_str(), 0) != nullptr;
  if (ok && !sql.empty()) {
    ok = mysql_real_query(handle, sql.data(), sql.size()) == 0;
    if (ok) mysql_free_result(mysql_store_result(handle));
  }
  absl::Status status;
  if (!ok) status = absl::InternalError(mysql_error(handle));
  mysql_close(handle);
  return status;
}

}  // namespace

bool MariadbServer::IsInstalled() {
  return !Program("mariadbd").empty() && !Program("mariadb-install-db").empty();
}

MariadbServer& MariadbServer::Shared() {
  // Destroyed at exit, so that server and folder go with the program.
  static MariadbServer server;
  if (server.port_ == 0) {
    const absl::Status status = server.Start();
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      std::abort();
    }
  }
  return server;
}

absl::Status MariadbServer::MakeData() {
  if (!IsInstalled()) {
    return absl::NotFoundError("MariaDB's server is not installed");
  }
  std::vector<std::string> arguments = {
      Program("mariadb-install-db"), "--no-defaults",
      absl::StrCat("--datadir=", process_.Path("data")),
      // Each server that starts removes the temporary tables in its folder.
      absl::StrCat("--tmpdir=", process_.folder()),
      "--auth-root-authentication-method=normal", "--skip-test-db",
      "--skip-name-resolve"};
  arguments.insert(arguments.end(), SizeArguments().begin(),
                   SizeArguments().end());
  absl::Status status = process_.Run(arguments);
  if (!status.ok()) return status;
  status = process_.WriteFile("users.sql", kUsers);
  has_data_ = status.ok();
  return status;
}

absl::Status MariadbServer::Start() {
  if (!has_data_) {
    const absl::Status status = MakeData();
    if (!status.ok()) return status;
  }
  if (port_ != 0) return StartOnPort(port_);
  const absl::StatusOr<int> port = StartOnFreePort(
      [this](int port) { return StartOnPort(port); }, "Can't start server");
  if (port.ok()) port_ = *port;
  return port.status();
}

absl::Status MariadbServer::StartOnPort(int port) {
  std::vector<std::string> arguments = {
      Program("mariadbd"),
      "--no-defaults",
      absl::StrCat("--datadir=", process_.Path("data")),
      absl::StrCat("--socket=", socket_path()),
      absl::StrCat("--pid-file=", process_.Path("pid")),
      absl::StrCat("--tmpdir=", process_.folder()),
      absl::StrCat("--init-file=", process_.Path("users.sql")),
      absl::StrCat("--port=", port),
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      "--skip-log-bin",
      "--max-connections=60",
      "--table-open-cache=200",
      "--performance-schema=OFF"};
  arguments.insert(arguments.end(), SizeArguments().begin(),
                   SizeArguments().end());
  arguments.insert(arguments.end(), options_.arguments.begin(),
                   options_.arguments.end());
  return process_.Start(
      {.arguments = arguments, .is_ready = [this] { return IsReady(); }});
}

bool MariadbServer::IsReady() const { return Run(socket_path(), "").ok(); }

absl::Status MariadbServer::Restart() {
  process_.Kill();
  return Start();
}

std::string MariadbServer::url(absl::string_view database,
                               absl::string_view query) const {
  return absl::StrCat("mariadb://cupel@127.0.0.1:", port_, "/", database,
                      QueryPart(query, "?"));
}

std::string MariadbServer::socket_url(absl::string_view database,
                                      absl::string_view query) const {
  return absl::StrCat("mariadb://cupel@/", database,
                      "?unix_socket=", socket_path(), QueryPart(query, "&"));
}

absl::Status MariadbServer::CreateDatabase(absl::string_view name) {
  absl::Status status =
      Execute(absl::StrCat("DROP DATABASE IF EXISTS `", name, "`"));
  if (!status.ok()) return status;
  return Execute(absl::StrCat("CREATE DATABASE `", name, "`"));
}

absl::Status MariadbServer::Execute(absl::string_view sql) {
  return Run(socket_path(), sql);
}

}  // namespace cupel::testing
