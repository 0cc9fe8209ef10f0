#include "cupel/testing/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::testing {
namespace {

constexpr size_t kMaxBuffered = size_t{1} << 18;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

absl::Status SystemError(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("fault proxy: ", what, ": ", std::strerror(errno)));
}

void CloseAndForget(int* fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

// Sends as much of `buffer` as goes without waiting; false when the other end
// is gone.
bool Send(int fd, std::string* buffer) {
  const ssize_t sent = send(fd, buffer->data(), buffer->size(), MSG_NOSIGNAL);
  if (sent > 0) buffer->erase(0, static_cast<size_t>(sent));
  return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

// Sends all of `buffer`, unless the other end does not take it.
void SendAll(int fd, std::string* buffer) {
  while (!buffer->empty() && Send(fd, buffer)) {
    pollfd writable = {fd, POLLOUT, 0};
    if (poll(&writable, 1, 1000) <= 0) return;
  }
}

}  // namespace

// A connection of a client, and the one to the server that stands behind it.
class FaultProxy::Link {
 public:
  Link(int client, int server) : client_(client), server_(server) {}
  ~Link() {
    CloseAndForget(&client_);
    CloseAndForget(&server_);
  }

  void ToServer(absl::string_view bytes) { to_server_.append(bytes); }
  void ToClient(absl::string_view bytes) { to_client_.append(bytes); }

  // The end of what the client has sent, where a pattern may have begun.
  std::string& tail() { return tail_; }

  void Spoil(Fault fault) {
    // The server still gets what it was sent, and then the end of its input.
    if (server_ >= 0) {
      SendAll(server_, &to_server_);
      shutdown(server_, SHUT_WR);
    }
    silent_ = true;
    if (fault == Fault::kBlackhole) return;
    if (client_ < 0) return;
    SendAll(client_, &to_client_);
    // What is left unread would make an error of a proper end.
    char bytes[4096];
    while (recv(client_, bytes, sizeof(bytes), 0) > 0) {
    }
    if (fault == Fault::kReset) {
      const linger at_once = {1, 0};
      setsockopt(client_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    CloseAndForget(&client_);
  }

  bool silent() const { return silent_; }
  bool over() const { return client_ < 0 && server_ < 0; }

  void AddTo(std::vector<pollfd>* polls) const {
    polls->push_back({client_, Events(to_server_, to_client_), 0});
    polls->push_back({server_, Events(to_client_, to_server_), 0});
  }

  // What has come from the client, and from the server.
  std::string FromClient(short events) { return Receive(&client_, events); }
  std::string FromServer(short events) { return Receive(&server_, events); }

  // Writes what can be written, and closes what is over.
  void Flush() {
    if (client_ >= 0 && !to_client_.empty() && !Send(client_, &to_client_)) {
      CloseAndForget(&client_);
    }
    if (server_ >= 0 && !to_server_.empty() && !Send(server_, &to_server_)) {
      CloseAndForget(&server_);
    }
    if (silent_) return;
    // One end has closed: the other one follows when it has got everything.
    if (client_ < 0 && to_server_.empty()) CloseAndForget(&server_);
    if (server_ < 0 && to_client_.empty()) CloseAndForget(&client_);
  }

 private:
  static short Events(const std::string& incoming,
                      const std::string& outgoing) {
    const int in = incoming.size() < kMaxBuffered ? POLLIN : 0;
    return static_cast<short>(in | (outgoing.empty() ? 0 : POLLOUT));
  }

  static std::string Receive(int* fd, short events) {
    if (*fd < 0 || (events & (POLLIN | POLLHUP | POLLERR)) == 0) return "";
    char bytes[16384];
    const ssize_t size = recv(*fd, bytes, sizeof(bytes), 0);
    if (size > 0) return std::string(bytes, static_cast<size_t>(size));
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) CloseAndForget(fd);
    return "";
  }

  int client_;
  int server_;
  std::string to_server_;
  std::string to_client_;
  std::string tail_;
  bool silent_ = false;
};

absl::StatusOr<std::unique_ptr<FaultProxy>> FaultProxy::Start(int server_port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return SystemError("no socket");
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener, 128) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) !=
          0) {
    const absl::Status error = SystemError("cannot listen");
    CloseAndForget(&listener);
    return error;
  }
  auto proxy = std::unique_ptr<FaultProxy>(
      new FaultProxy(listener, ntohs(address.sin_port), server_port));
  if (pipe2(proxy->wake_, O_CLOEXEC | O_NONBLOCK) != 0) {
    return SystemError("no pipe");
  }
  proxy->thread_ = std::thread([p = proxy.get()] { p->Run(); });
  return proxy;
}

FaultProxy::FaultProxy(int listener, int port, int server_port)
    : listener_(listener), port_(port), server_port_(server_port) {}

FaultProxy::~FaultProxy() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  Wake();
  if (thread_.joinable()) thread_.join();
  close(listener_);
  CloseAndForget(&wake_[0]);
  CloseAndForget(&wake_[1]);
}

void FaultProxy::Arm(Rule rule) {
  absl::MutexLock lock(&mutex_);
  rules_.push_back(std::move(rule));
}

void FaultProxy::ArmAfterAnswer(int64_t bytes, Fault fault) {
  absl::MutexLock lock(&mutex_);
  answer_left_ = bytes;
  answer_fault_ = fault;
}

void FaultProxy::Break(Fault fault) {
  {
    absl::MutexLock lock(&mutex_);
    for (const std::unique_ptr<Link>& link : links_) Spoil(*link, fault);
  }
  Wake();
}

void FaultProxy::set_welcome(Fault fault) {
  absl::MutexLock lock(&mutex_);
  welcome_ = fault;
}

int FaultProxy::accepted() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}

int FaultProxy::spoilt() const {
  absl::MutexLock lock(&mutex_);
  return spoilt_;
}

bool FaultProxy::AwaitSpoilt(int count, absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  const auto enough = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return spoilt_ >= count;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), patience);
}

void FaultProxy::Wake() {
  const char byte = 0;
  // A full pipe wakes it, too.
  [[maybe_unused]] const ssize_t written = write(wake_[1], &byte, 1);
}

void FaultProxy::Run() {
  std::vector<pollfd> polls;
  while (true) {
    size_t served = 0;
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) {
        links_.clear();
        return;
      }
      polls.clear();
      polls.push_back({wake_[0], POLLIN, 0});
      polls.push_back({listener_, POLLIN, 0});
      for (const std::unique_ptr<Link>& link : links_) link->AddTo(&polls);
      served = links_.size();
    }
    if (poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR) return;
    char drain[64];
    while (read(wake_[0], drain, sizeof(drain)) > 0) {
    }
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < served; ++i) {
      Link& link = *links_[i];
      FromClient(link, link.FromClient(polls[2 + 2 * i].revents));
      FromServer(link, link.FromServer(polls[3 + 2 * i].revents));
      link.Flush();
    }
    links_.erase(std::remove_if(links_.begin(), links_.end(),
                                [](const auto& link) { return link->over(); }),
                 links_.end());
    if ((polls[1].revents & POLLIN) != 0) Accept();
  }
}

void FaultProxy::Accept() {
  int client =
      accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  ++accepted_;
  int server = -1;
  if (welcome_ == Fault::kNone) {
    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(server_port_);
    // On the loopback this answers at once, whatever the answer is.
    if (server < 0 ||
        connect(server, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
      CloseAndForget(&server);
      CloseAndForget(&client);
      return;
    }
    fcntl(server, F_SETFL, fcntl(server, F_GETFL) | O_NONBLOCK);
  }
  links_.push_back(std::make_unique<Link>(client, server));
  if (welcome_ != Fault::kNone) Spoil(*links_.back(), welcome_);
}

void FaultProxy::FromClient(Link& link, absl::string_view bytes) {
  if (bytes.empty() || link.silent()) return;
  std::string& tail = link.tail();
  tail.append(bytes);
  size_t longest = 0;
  for (size_t i = 0; i < rules_.size(); ++i) {
    longest = std::max(longest, rules_[i].pattern.size());
    if (!absl::StrContains(tail, rules_[i].pattern)) continue;
    const Rule rule = std::move(rules_[i]);
    rules_.erase(rules_.begin() + static_cast<std::ptrdiff_t>(i));
    tail.clear();
    if (rule.forward) link.ToServer(bytes);
    link.ToClient(rule.answer);
    Spoil(link, rule.fault);
    return;
  }
  if (tail.size() > longest) tail.erase(0, tail.size() - longest);
  link.ToServer(bytes);
}

void FaultProxy::FromServer(Link& link, absl::string_view bytes) {
  if (bytes.empty() || link.silent()) return;
  if (answer_left_ < 0) {
    link.ToClient(bytes);
    return;
  }
  const size_t pass = std::min(bytes.size(), static_cast<size_t>(answer_left_));
  link.ToClient(bytes.substr(0, pass));
  answer_left_ -= static_cast<int64_t>(pass);
  if (answer_left_ > 0) return;
  answer_left_ = -1;
  Spoil(link, answer_fault_);
}

void FaultProxy::Spoil(Link& link, Fault fault) {
  if (fault == Fault::kNone || link.silent()) return;
  link.Spoil(fault);
  ++spoilt_;
}

}  // namespace cupel::testing
