#include "cupel/engine/host_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/error_info.h"

namespace cupel::engine {
namespace {

absl::Status CannotLookUp(absl::string_view host, absl::string_view why) {
  ErrorInfo info;
  info.kind = ErrorKind::kCannotConnect;
  info.connection_state = ConnectionState::kDead;
  info.retry = Retry::kAfterBackoff;
  return MakeError(std::move(info),
                   absl::StrCat("cannot look up the host ", host, ": ", why));
}

bool IsNumeric(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// What the thread of a look-up shares with who waits for it.
struct Question {
  absl::Mutex mutex;
  bool is_answered ABSL_GUARDED_BY(mutex) = false;
  absl::StatusOr<std::vector<std::string>> answer ABSL_GUARDED_BY(mutex);
};

}  // namespace

absl::StatusOr<std::vector<std::string>> AskResolver(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return CannotLookUp(host, gai_strerror(error));
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof(text),
                    nullptr, 0, NI_NUMERICHOST) != 0) {
      continue;
    }
    if (std::find(addresses.begin(), addresses.end(), text) ==
        addresses.end()) {
      addresses.push_back(text);
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) return CannotLookUp(host, "it has no address");
  return addresses;
}

absl::StatusOr<std::vector<std::string>> AddressesOf(const std::string& host,
                                                     const Deadline& deadline,
                                                     const HostLookup& lookup) {
  if (IsNumeric(host)) return std::vector<std::string>{host};
  auto question = std::make_shared<Question>();
  std::thread([question, host, lookup] {
    auto answer = lookup(host);
    absl::MutexLock lock(&question->mutex);
    question->answer = std::move(answer);
    question->is_answered = true;
  }).detach();
  absl::MutexLock lock(&question->mutex);
  if (!deadline.clock().Await(
          question->mutex, absl::Condition(&question->is_answered), deadline)) {
    return CannotLookUp(host, "no answer in time");
  }
  return std::move(question->answer);
}

}  // namespace cupel::engine
