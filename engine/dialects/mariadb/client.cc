#include "cupel/engine/dialects/mariadb/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <mutex>
#include <string>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/options.h"
#include "cupel/engine/dialects/mariadb/tls.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/host_lookup.h"
#include "mariadb/errmsg.h"
#include "mariadb/mysql.h"

// It needs the names of mysql.h.
#include "mariadb/ma_pvio.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;

// How much longer than its deadline a call may take so that the server itself
// can end the statement, when the URL does not say: the connection then stays.
// To ask for that over TLS takes longer.
absl::Duration GraceOf(absl::Duration patience, bool uses_tls) {
  return std::clamp(patience / 10, absl::Milliseconds(uses_tls ? 200 : 40),
                    absl::Milliseconds(400));
}

// Ways to prove who one is that send no password in clear.
constexpr char kAuthentication[] =
    "mysql_native_password,client_ed25519,parsec,caching_sha2_password,"
    "sha256_password,auth_gssapi_client";

void InitLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
}

const char* OrNull(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

absl::Status Client::SetOptions(const Options& options) {
  const my_bool off = 0;
  const my_bool on = 1;
  const unsigned int no_files = 0;
  int failures = 0;
  failures += mysql_optionsv(handle_, MYSQL_OPT_NONBLOCK, nullptr) != 0;
  failures += mysql_optionsv(handle_, MYSQL_OPT_LOCAL_INFILE, &no_files) != 0;
  failures += mysql_optionsv(handle_, MYSQL_OPT_RECONNECT, &off) != 0;
  failures += mysql_optionsv(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0;
  if (options.unix_socket.empty()) {
    // Otherwise "localhost" means the socket of whatever server is there.
    const unsigned int tcp = MYSQL_PROTOCOL_TCP;
    failures += mysql_optionsv(handle_, MYSQL_OPT_PROTOCOL, &tcp) != 0;
  }
  failures += mysql_optionsv(handle_, MARIADB_OPT_RESTRICTED_AUTH,
                             kAuthentication) != 0;
  failures +=
      mysql_optionsv(handle_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name",
                     options.program_name.empty()
                         ? "cupel"
                         : options.program_name.c_str()) != 0;
  if (options.compress) {
    failures += mysql_optionsv(handle_, MYSQL_OPT_COMPRESS, nullptr) != 0;
  }
  if (options.tls != TlsMode::kOff) {
    const my_bool verify = options.tls == TlsMode::kVerify;
    failures += !TlsPatience::Install(handle_);
    failures += mysql_optionsv(handle_, MYSQL_OPT_SSL_ENFORCE, &on) != 0;
    failures +=
        mysql_optionsv(handle_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify) != 0;
    mysql_ssl_set(handle_, OrNull(options.tls_key), OrNull(options.tls_cert),
                  OrNull(options.tls_ca), nullptr, nullptr);
  }
  if (failures == 0) return absl::OkStatus();
  return MakeDriverError(ErrorKind::kUnsupported,
                         "the client library refuses an option that is needed "
                         "for safe connections: use Connector/C 3.3 or newer");
}

absl::Status Client::Connect(const Options& options, const Deadline& deadline) {
  InitLibrary();
  const bool local = !options.unix_socket.empty();
  // The library looks the host up, too, for as long as it takes: by now the
  // resolver has answered once.
  if (!local) {
    const auto found = engine::AddressesOf(options.host, deadline);
    if (!found.ok()) {
      return MakeStatus(
          {CR_UNKNOWN_HOST, std::string(found.status().message())},
          {.phase = Phase::kOpen});
    }
  }
  handle_ = mysql_init(nullptr);
  if (handle_ == nullptr) {
    return MakeDriverError(ErrorKind::kOutOfMemory,
                           "no memory for a connection");
  }
  cut_ = false;
  absl::Status status = SetOptions(options);
  if (!status.ok()) {
    Close();
    return status;
  }
  MYSQL* connected = nullptr;
  uses_tls_ = options.tls != TlsMode::kOff;
  cancel_grace_ = options.cancel_grace;
  const TlsPatience patience(uses_tls_ ? &deadline : nullptr);
  Run(
      deadline,
      [&] {
        return mysql_real_connect_start(
            &connected, handle_, local ? nullptr : options.host.c_str(),
            options.user.c_str(), options.password.c_str(),
            OrNull(options.database), options.port,
            local ? options.unix_socket.c_str() : nullptr, CLIENT_FOUND_ROWS);
      },
      [&](int ready) {
        return mysql_real_connect_cont(&connected, handle_, ready);
      });
  if (connected != nullptr && !cut_) {
    if (uses_tls_) MakeNonBlocking(mysql_get_socket(handle_));
    if (options.tls == TlsMode::kOff ||
        mysql_get_ssl_cipher(handle_) != nullptr) {
      return absl::OkStatus();
    }
    // The library does without when the server has none.
    Close();
    return MakeStatus({CR_SSL_CONNECTION_ERROR,
                       "TLS is required, but the server does not offer it"},
                      {.phase = Phase::kOpen});
  }
  status =
      MakeStatus(error(), {.phase = Phase::kOpen,
                           .interruption = deadline_passed_ || deadline.IsOver()
                                               ? Interruption::kDeadline
                                               : Interruption::kNone});
  Close();
  return status;
}

bool Client::Query(absl::string_view sql, const Deadline& deadline) {
  int code = 0;
  Run(
      deadline,
      [&] {
        return mysql_real_query_start(&code, handle_, sql.data(), sql.size());
      },
      [&](int ready) { return mysql_real_query_cont(&code, handle_, ready); });
  if (code != 0) return false;
  if (mysql_field_count(handle_) == 0) return true;
  MYSQL_RES* rows = nullptr;
  Run(
      deadline, [&] { return mysql_store_result_start(&rows, handle_); },
      [&](int ready) {
        return mysql_store_result_cont(&rows, handle_, ready);
      });
  if (rows != nullptr) mysql_free_result(rows);
  return mysql_errno(handle_) == 0;
}

void Client::BeginWait(const Deadline& deadline) {
  deadline_ = deadline;
  patience_ = deadline.Remaining();
}

int Client::Wait(int waits_for) {
  while (true) {
    pollfd socket = {mysql_get_socket(handle_), 0, 0};
    if ((waits_for & MYSQL_WAIT_READ) != 0) socket.events |= POLLIN;
    if ((waits_for & MYSQL_WAIT_WRITE) != 0) socket.events |= POLLOUT;
    if ((waits_for & MYSQL_WAIT_EXCEPT) != 0) socket.events |= POLLPRI;
    int timeout = -1;
    if (cut_) {
      timeout = 0;
    } else if (!deadline_.is_infinite()) {
      timeout = std::max(0, deadline_.RemainingMilliseconds());
    }
    const int count = poll(&socket, 1, timeout);
    if (ABSL_PREDICT_FALSE(uses_tls_)) ForgetTlsErrors();
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 && !cut_) {
      PassDeadline();
      continue;
    }
    // Cut or broken: the call finds out by itself when it goes on.
    if (count <= 0 || cut_) return waits_for & ~MYSQL_WAIT_TIMEOUT;
    int ready = 0;
    const int over = POLLHUP | POLLERR | POLLNVAL;
    if ((socket.revents & (POLLIN | over)) != 0) ready |= MYSQL_WAIT_READ;
    if ((socket.revents & (POLLOUT | over)) != 0) ready |= MYSQL_WAIT_WRITE;
    if ((socket.revents & POLLPRI) != 0) ready |= MYSQL_WAIT_EXCEPT;
    return ready & waits_for;
  }
}

void Client::PassDeadline() {
  if (!deadline_.IsOver()) return;
  const bool first = !deadline_passed_;
  deadline_passed_ = true;
  if (first && stop_ != nullptr) {
    const absl::Duration grace =
        cancel_grace_.value_or(GraceOf(patience_, uses_tls_));
    deadline_ = Deadline::After(grace);
    // The statement's own answer comes behind that of the request.
    if (stop_(deadline_)) deadline_ = Deadline::After(grace);
    return;
  }
  cut_ = true;
  shutdown(mysql_get_socket(handle_), SHUT_RDWR);
}

// https://mariadb.com/kb/en/0-packet/
bool Client::HasRow() const {
  constexpr size_t kHeader = 4;
  constexpr unsigned char kRow = 0x00;
  constexpr unsigned char kEnd = 0xFE;
  if (!is_alive() || handle_->net.compress) return false;
  const MARIADB_PVIO* const io = handle_->net.pvio;
  if (io->cache == nullptr) return false;
  const unsigned char* const next = io->cache_pos;
  const auto size = static_cast<size_t>(io->cache + io->cache_size - next);
  // Another message, such as one of progress, may be followed by more.
  if (size <= kHeader || (next[kHeader] != kRow && next[kHeader] != kEnd)) {
    return false;
  }
  const size_t length = next[0] | next[1] << 8 | next[2] << 16;
  return length != 0 && size - kHeader >= length;
}

NativeError Client::error() const {
  if (handle_ == nullptr) return {CR_SERVER_LOST, "the connection is closed"};
  return {mysql_errno(handle_), mysql_error(handle_)};
}

bool Client::is_alive() const {
  return handle_ != nullptr && !cut_ && handle_->net.pvio != nullptr;
}

void Client::Close() {
  if (handle_ == nullptr) return;
  const TlsCall call(uses_tls_);
  mysql_close(handle_);
  handle_ = nullptr;
}

void Client::Abandon() {
  if (handle_ == nullptr) return;
  // The descriptor is turned into a socket that leads nowhere: what the library
  // sends when it closes never reaches the parent's server.
  const int socket_of_parent = mysql_get_socket(handle_);
  const int nowhere = socket(AF_UNIX, SOCK_STREAM, 0);
  if (nowhere >= 0 && socket_of_parent >= 0) {
    dup2(nowhere, socket_of_parent);
    close(nowhere);
    Close();
    return;
  }
  if (socket_of_parent >= 0) close(socket_of_parent);
  handle_ = nullptr;  // leaked rather than closed
}

}  // namespace cupel::mariadb_internal
