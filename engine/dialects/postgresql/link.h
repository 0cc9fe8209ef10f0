// The socket to the server: libpq's asynchronous calls, waited for with a
// deadline. It sends and receives; what is said is the connection's matter.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_LINK_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_LINK_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/options.h"
#include "cupel/engine/dialects/postgresql/result.h"

struct pg_conn;

namespace cupel::postgresql_internal {

// Thread-compatible.
class Link {
 public:
  // Connects and checks what the session must be like. Of several servers, or
  // addresses of one, each has its share of the time. Errors: kCannotConnect,
  // kAuthentication and others of errors.h; kInvalidValue for another number of
  // ports than of hosts; kUnsupported for a session that is not UTF-8 or reads
  // backslashes in strings.
  static absl::StatusOr<std::unique_ptr<Link>> Connect(
      const Options& options, engine::Deadline deadline);

  ~Link() { Close(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Null after Close.
  pg_conn* get() const { return connection_; }

  // The next result if all of it is here, else false: no waiting, no input.
  bool TakeArrived(Result* out);

  // Waits for the next result, null at the end of a command. False when the
  // deadline has passed. A lost connection gives an error result or null.
  bool Next(const engine::Deadline& deadline, Result* out);

  // Sends all that is in libpq's buffer. False when the deadline has passed; a
  // lost connection shows when something is read.
  bool Flush(const engine::Deadline& deadline);

  // Sends what is in libpq's buffer, as far as it goes without waiting.
  void Push();

  // It is of no use any more; closed at once or by Close.
  void Drop() { dropped_ = true; }
  bool is_alive() const;

  // Says good-bye if that needs no waiting.
  void Close();
  // Closes this process's end without a word.
  void Abandon();

 private:
  explicit Link(pg_conn* connection) : connection_(connection) {}

  static absl::StatusOr<std::unique_ptr<Link>> ConnectTo(
      const std::map<std::string, std::string>& parameters,
      absl::string_view server, const engine::Deadline& deadline);
  absl::Status WaitForConnection(absl::string_view server,
                                 const engine::Deadline& deadline);
  absl::Status CheckSession() const;
  // Waits until the socket is ready for `events`; false after the deadline.
  bool Wait(int events, const engine::Deadline& deadline);

  pg_conn* connection_;
  bool dropped_ = false;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_LINK_H_
