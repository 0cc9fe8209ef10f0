#include "cupel/engine/dialects/mariadb/tls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <utility>

#include "cupel/engine/deadline.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

thread_local const engine::Deadline* patience = nullptr;

sigset_t Sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  return signals;
}

// Called by the library; more than 0: ready, 0: it has taken too long.
int WaitWithPatience(my_socket socket, my_bool is_read, int) {
  pollfd ready = {socket, static_cast<short>(is_read ? POLLIN : POLLOUT), 0};
  int count;
  do {
    // Outside of a call with a deadline, nothing is worth waiting for.
    const int timeout =
        patience == nullptr ? 0 : patience->RemainingMilliseconds();
    count = poll(&ready, 1, timeout);
  } while (count < 0 && errno == EINTR);
  if (count == 0) errno = ETIMEDOUT;
  return count;
}

// Called by the library after each reading and writing: also of the greeting,
// behind which TLS begins.
void NoteTraffic(int, MYSQL* handle, const unsigned char*, size_t) {
  if (patience != nullptr) MakeNonBlocking(mysql_get_socket(handle));
}

// A function of the client library, or of what it is linked to, that no header
// declares; null when there is none.
template <typename Function>
Function* Find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void MakeNonBlocking(int socket) {
  const int flags = fcntl(socket, F_GETFL);
  if (flags >= 0) fcntl(socket, F_SETFL, flags | O_NONBLOCK);
}

void ForgetTlsErrors() {
  static auto* const forget = Find<void()>("ERR_clear_error");
  if (forget != nullptr) forget();
}

void TlsCall::Begin() {
  ForgetTlsErrors();
  sigset_t pending;
  sigpending(&pending);
  // One that waits already is not ours.
  if (sigismember(&pending, SIGPIPE) != 0) return;
  const sigset_t signals = Sigpipe();
  blocks_ = pthread_sigmask(SIG_BLOCK, &signals, &before_) == 0;
}

void TlsCall::End() {
  const sigset_t signals = Sigpipe();
  const timespec no_time = {};
  while (sigtimedwait(&signals, nullptr, &no_time) < 0 && errno == EINTR) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

TlsPatience::TlsPatience(const engine::Deadline* deadline)
    : before_(std::exchange(patience, deadline)) {}

TlsPatience::~TlsPatience() { patience = before_; }

bool TlsPatience::Install(st_mysql* handle) {
  static const bool is_told = [] {
    auto* const tell =
        Find<int(my_bool, void (*)(int, MYSQL*, const unsigned char*, size_t))>(
            "ma_pvio_register_callback");
    return tell != nullptr && tell(1, &NoteTraffic) == 0;
  }();
  return is_told &&
         mysql_optionsv(handle, MARIADB_OPT_IO_WAIT, &WaitWithPatience) == 0;
}

}  // namespace cupel::mariadb_internal
