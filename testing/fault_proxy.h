// A TCP proxy on the loopback interface that spoils what passes through it: for
// tests of what becomes of a client when the network fails.
//
//   CUPEL_ASSERT_OK_AND_ASSIGN(auto proxy, FaultProxy::Start(server.port()));
//   proxy->Arm({.pattern = "COMMIT", .fault = Fault::kReset});
//   ... a client of proxy->port() loses its connection with its COMMIT ...

#ifndef CUPEL_TESTING_FAULT_PROXY_H_
#define CUPEL_TESTING_FAULT_PROXY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace cupel::testing {

// What becomes of a connection.
enum class Fault : uint8_t {
  kNone,
  kBlackhole,  // stays open; nothing passes any more, either way
  kClose,      // ends for the client as if the server had closed it
  kReset,      // ends for the client with an error of the network
};

// Thread-safe. What the server has been sent, it gets: a connection that is
// spoilt ends for it by the end of its input.
class FaultProxy {
 public:
  struct Rule {
    // What the client sends, within one connection; may be binary.
    std::string pattern;
    // Whether what holds the pattern still reaches the server.
    bool forward = false;
    Fault fault = Fault::kReset;
    // What the client gets for it. With Fault::kNone the connection goes on: a
    // server that answers otherwise than the true one.
    std::string answer = {};
  };

  // Listens on a free port of 127.0.0.1 for clients of the server that listens
  // on `server_port` there. Errors: kUnavailable.
  static absl::StatusOr<std::unique_ptr<FaultProxy>> Start(int server_port);
  // Closes all connections.
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }

  // Spoils the next connection whose client sends the pattern; once.
  void Arm(Rule rule) ABSL_LOCKS_EXCLUDED(mutex_);

  // Spoils the next connection to which the server has sent `bytes` from now
  // on; what comes behind them is lost. Once.
  void ArmAfterAnswer(int64_t bytes, Fault fault) ABSL_LOCKS_EXCLUDED(mutex_);

  // Spoils all open connections, now.
  void Break(Fault fault) ABSL_LOCKS_EXCLUDED(mutex_);

  // What becomes of connections that are made from now on: kBlackhole accepts
  // them and is silent.
  void set_welcome(Fault fault) ABSL_LOCKS_EXCLUDED(mutex_);

  // Connections accepted, and spoilt, since the start.
  int accepted() const ABSL_LOCKS_EXCLUDED(mutex_);
  int spoilt() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until `count` connections have been spoilt. Returns whether they
  // have been within `patience`.
  bool AwaitSpoilt(int count, absl::Duration patience = absl::Seconds(10)) const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Link;

  FaultProxy(int listener, int port, int server_port);
  void Run();
  void Wake();
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the rules say about bytes of a link.
  void FromClient(Link& link, absl::string_view bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FromServer(Link& link, absl::string_view bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Spoil(Link& link, Fault fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int listener_;
  const int port_;
  const int server_port_;
  int wake_[2] = {-1, -1};

  mutable absl::Mutex mutex_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Link>> links_ ABSL_GUARDED_BY(mutex_);
  std::vector<Rule> rules_ ABSL_GUARDED_BY(mutex_);
  int64_t answer_left_ ABSL_GUARDED_BY(mutex_) = -1;  // -1: not armed
  Fault answer_fault_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  Fault welcome_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  int accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  int spoilt_ ABSL_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_FAULT_PROXY_H_
