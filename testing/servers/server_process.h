// A database server of a test's own: a program in a private folder, below an
// unprivileged user, that ends with the test whatever happens to the test.
//
//   ServerProcess process;
//   CUPEL_RETURN_IF_ERROR(process.Start(
//       {.arguments = {program, "--datadir", process.Path("data")},
//        .is_ready = [&] { return Answers(port); }}));
//
// Tests that use it carry the tag "no-sandbox": inside the sandbox of the build
// the superuser cannot become anybody else.

#ifndef CUPEL_TESTING_SERVERS_SERVER_PROCESS_H_
#define CUPEL_TESTING_SERVERS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace cupel::testing {

// The path of an executable, looked for in $PATH and then in `folders`, whose
// last parts may hold wildcards ("/usr/lib/server/*/bin"). Empty without one.
std::string FindProgram(absl::string_view name,
                        const std::vector<std::string>& folders = {});

// A port of 127.0.0.1 that nobody listened to a moment ago.
int FreeLoopbackPort();

// Calls `start` with such a port, and with another one as long as it fails with
// a message that holds `port_is_taken`: another program may be faster. The port
// that it started with.
absl::StatusOr<int> StartOnFreePort(
    absl::FunctionRef<absl::Status(int port)> start,
    absl::string_view port_is_taken);

// Thread-compatible. Only the process that made it ends the server, not a
// child forked by the test.
class ServerProcess {
 public:
  struct Command {
    // The program's path and its arguments.
    std::vector<std::string> arguments;
    // Asked again and again until it says yes.
    std::function<bool()> is_ready;
    absl::Duration timeout = absl::Seconds(30);
    // What the server gets when the thread that started it dies.
    int death_signal = SIGKILL;
  };

  // Makes the folder, owned by the user that the server runs as: the own one,
  // or "nobody" for the superuser. Aborts the program when it cannot.
  ServerProcess();
  // Kills the server and removes the folder.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& folder() const { return folder_; }
  std::string Path(absl::string_view name) const;

  // Writes a file of the folder that the server may read.
  absl::Status WriteFile(absl::string_view name, absl::string_view content);

  // Runs a program as the server's user to its end. Errors: it cannot be run,
  // takes too long, or fails; the message holds the end of the log.
  absl::Status Run(const std::vector<std::string>& arguments,
                   absl::Duration timeout = absl::Seconds(60));

  // Starts the server and waits until it is ready. Errors: it ended before
  // that, or took too long (and was killed); the message holds the end of the
  // log. Requires: it is not running.
  absl::Status Start(const Command& command);

  // Sends `signal` and waits for the end; kills the server if that takes too
  // long. Errors: it had to be killed.
  absl::Status Stop(int signal = SIGTERM,
                    absl::Duration timeout = absl::Seconds(20));

  // Ends the server and all its descendants at once. Does nothing when it is
  // not running.
  void Kill();

  // Stops all of its processes in their tracks, and lets them go on. Nothing
  // of the server runs any more when Freeze returns.
  void Freeze();
  void Thaw();

  bool is_running();
  pid_t pid() const { return pid_; }

  // What the programs wrote, all of it.
  std::string Log() const;

 private:
  absl::Status Spawn(const std::vector<std::string>& arguments,
                     int death_signal);
  bool WaitForEnd(absl::Duration timeout, int* status);
  absl::Status Failure(absl::string_view what) const;
  void SignalTree(int signal);

  const pid_t owner_;
  std::string folder_;
  uid_t user_;
  gid_t group_;
  pid_t pid_ = 0;  // 0: not running
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_SERVERS_SERVER_PROCESS_H_
