// What calls over TLS need so that they end at their deadlines, too.
//
// The library's calls that do not block rely on flags that it gives to send and
// recv. Under TLS it is OpenSSL that reads and writes, without such flags: it
// waits as long as it takes unless the descriptor itself does not block, a
// write to a connection that is gone raises SIGPIPE, and what went wrong with
// one connection is remembered when the thread uses another one.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_TLS_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_TLS_H_

#include <csignal>

#include "cupel/engine/deadline.h"

struct st_mysql;

namespace cupel::mariadb_internal {

void MakeNonBlocking(int socket);

// Makes OpenSSL forget the errors of this thread.
void ForgetTlsErrors();

// A call over TLS: for its life, SIGPIPE does not reach this thread. Does
// nothing if `!needed`.
class TlsCall {
 public:
  explicit TlsCall(bool needed) {
    if (needed) Begin();
  }
  ~TlsCall() {
    if (blocks_) End();
  }
  TlsCall(const TlsCall&) = delete;
  TlsCall& operator=(const TlsCall&) = delete;

 private:
  void Begin();
  void End();

  bool blocks_ = false;
  sigset_t before_;
};

// For its life, what this thread connects waits no longer than the deadline for
// the other end to begin TLS: the library waits there by itself.
class TlsPatience {
 public:
  // Null: no TLS is begun. `deadline` must outlive this.
  explicit TlsPatience(const engine::Deadline* deadline);
  ~TlsPatience();
  TlsPatience(const TlsPatience&) = delete;
  TlsPatience& operator=(const TlsPatience&) = delete;

  // Has a connection that is not open yet ask this class. False on an error.
  static bool Install(st_mysql* handle);

 private:
  const engine::Deadline* const before_;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_TLS_H_
