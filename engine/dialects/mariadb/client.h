// One connection of the client library, whose calls end at their deadlines.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_CLIENT_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_CLIENT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/options.h"
#include "cupel/engine/dialects/mariadb/tls.h"

// The library's own header is not for everybody: it defines macros.
struct st_mysql;

namespace cupel::mariadb_internal {

// Thread-compatible. All calls that may block are the library's non-blocking
// ones (https://mariadb.com/kb/en/non-blocking-client-library/), driven by
// Run.
class Client {
 public:
  Client() = default;
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Opens the connection; nothing is set on the session. Requires: not open.
  absl::Status Connect(const Options& options,
                       const engine::Deadline& deadline);

  // Drives one call to its end. At the deadline the helper of OnDeadline has
  // its chance; then the connection is cut, by which the call fails.
  template <typename Start, typename Continue>
  void Run(const engine::Deadline& deadline, Start start, Continue go_on) {
    const TlsCall call(uses_tls_);
    deadline_passed_ = false;
    int waits_for = start();
    if (ABSL_PREDICT_FALSE(waits_for == 0)) return;
    BeginWait(deadline);
    do {
      waits_for = go_on(Wait(waits_for));
    } while (waits_for != 0);
  }

  // Executes SQL by the text protocol and drops its rows: for constant texts.
  // False on an error, which is error().
  bool Query(absl::string_view sql, const engine::Deadline& deadline);

  // What is called when a deadline passes while the server works: to stop the
  // statement from elsewhere, so that the server itself ends it within the
  // given time. Null: the connection is cut at once.
  // Says whether it has been told to stop.
  void OnDeadline(std::function<bool(const engine::Deadline&)> stop) {
    stop_ = std::move(stop);
  }
  // A deadline has passed during the last Run.
  bool deadline_passed() const { return deadline_passed_; }

  // Whether the next message, of a row or of the end of the rows, is here as a
  // whole: the library's blocking calls read it without waiting.
  bool HasRow() const;

  NativeError error() const;
  bool is_alive() const;

  // Ends the connection; its statements live on without it.
  void Close();
  // As Close, but no byte is sent: for a child process.
  void Abandon();

  // Null when closed.
  st_mysql* handle() const { return handle_; }

 private:
  absl::Status SetOptions(const Options& options);
  void BeginWait(const engine::Deadline& deadline);
  // Waits for the socket; returns what has come of `waits_for`.
  int Wait(int waits_for);
  void PassDeadline();

  st_mysql* handle_ = nullptr;
  std::function<bool(const engine::Deadline&)> stop_;
  engine::Deadline deadline_;
  std::optional<absl::Duration> cancel_grace_;
  absl::Duration patience_;
  bool deadline_passed_ = false;
  bool cut_ = false;
  bool uses_tls_ = false;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_CLIENT_H_
