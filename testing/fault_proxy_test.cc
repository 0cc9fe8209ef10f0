#include "cupel/testing/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Answers each byte with the same one, a connection at a time; keeps all that
// it received until the connection ended.
class EchoServer {
 public:
  EchoServer() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Loopback(0);
    socklen_t length = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length),
              0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~EchoServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }

  // What the connections that have ended had sent, one behind the other, once
  // `count` of them have.
  std::string Received(int count) {
    absl::MutexLock lock(&mutex_);
    const auto ended = [this, count] { return ended_ >= count; };
    mutex_.Await(absl::Condition(&ended));
    return received_;
  }

 private:
  void Run() {
    while (true) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      char byte;
      while (recv(client, &byte, 1, 0) == 1) {
        {
          absl::MutexLock lock(&mutex_);
          received_ += byte;
        }
        send(client, &byte, 1, MSG_NOSIGNAL);
      }
      close(client);
      absl::MutexLock lock(&mutex_);
      ++ended_;
    }
  }

  const int listener_;
  int port_ = 0;
  absl::Mutex mutex_;
  std::string received_;
  int ended_ = 0;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const sockaddr_in address = Loopback(port);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)),
              0);
  }
  ~Client() { close(socket_); }

  void Send(absl::string_view bytes) {
    send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // The next bytes: at least one, or "" at the end, or "reset".
  std::string Receive() {
    char bytes[256];
    const ssize_t size = recv(socket_, bytes, sizeof(bytes), 0);
    if (size < 0) return errno == ECONNRESET ? "reset" : "error";
    return std::string(bytes, static_cast<size_t>(size));
  }
  std::string ReceiveAll(size_t size) {
    std::string all;
    while (all.size() < size) {
      const std::string part = Receive();
      all += part;
      if (part.empty() || part == "reset") break;
    }
    return all;
  }
  bool HasSomething(int milliseconds) {
    pollfd readable = {socket_, POLLIN, 0};
    return poll(&readable, 1, milliseconds) > 0;
  }

 private:
  const int socket_;
};

class FaultProxyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto proxy = FaultProxy::Start(server_.port());
    CUPEL_ASSERT_OK(proxy);
    proxy_ = *std::move(proxy);
  }

  EchoServer server_;
  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(FaultProxyTest, PassesAllOn) {
  const std::string much(1 << 20, 'x');
  {
    Client client(proxy_->port());
    client.Send("hello");
    EXPECT_EQ(client.ReceiveAll(5), "hello");
    std::thread sender([&] { client.Send(much); });
    EXPECT_EQ(client.ReceiveAll(much.size()), much);
    sender.join();
  }
  EXPECT_EQ(server_.Received(1), "hello" + much);
  EXPECT_EQ(proxy_->accepted(), 1);
  EXPECT_EQ(proxy_->spoilt(), 0);
}

TEST_F(FaultProxyTest, KeepsBackWhatHoldsThePattern) {
  proxy_->Arm({.pattern = "COMMIT", .forward = false, .fault = Fault::kReset});
  Client client(proxy_->port());
  client.Send("begin");
  EXPECT_EQ(client.ReceiveAll(5), "begin");
  client.Send("COMMIT");
  EXPECT_EQ(client.Receive(), "reset");
  EXPECT_EQ(server_.Received(1), "begin");
  EXPECT_TRUE(proxy_->AwaitSpoilt(1));
  // Once only.
  Client next(proxy_->port());
  next.Send("COMMIT");
  EXPECT_EQ(next.ReceiveAll(6), "COMMIT");
}

TEST_F(FaultProxyTest, ForwardsWhatHoldsThePatternAndLosesTheAnswer) {
  proxy_->Arm({.pattern = "COMMIT", .forward = true, .fault = Fault::kClose});
  Client client(proxy_->port());
  client.Send("COM");
  EXPECT_EQ(client.ReceiveAll(3), "COM");
  client.Send("MIT");  // the pattern may come in pieces
  EXPECT_EQ(client.Receive(), "");
  EXPECT_EQ(server_.Received(1), "COMMIT");
}

TEST_F(FaultProxyTest, AnswersInTheServersPlace) {
  proxy_->Arm({.pattern = "who", .fault = Fault::kNone, .answer = "I"});
  {
    Client client(proxy_->port());
    client.Send("who");
    EXPECT_EQ(client.ReceiveAll(1), "I");
    client.Send("what");
    EXPECT_EQ(client.ReceiveAll(4), "what");
  }
  EXPECT_EQ(server_.Received(1), "what");
  EXPECT_EQ(proxy_->spoilt(), 0);
}

TEST_F(FaultProxyTest, ABlackholeIsSilent) {
  Client client(proxy_->port());
  client.Send("a");
  EXPECT_EQ(client.Receive(), "a");
  proxy_->Break(Fault::kBlackhole);
  client.Send("b");
  EXPECT_FALSE(client.HasSomething(50));
  EXPECT_EQ(server_.Received(1), "a");
}

TEST_F(FaultProxyTest, CutsAnAnswer) {
  proxy_->ArmAfterAnswer(3, Fault::kClose);
  Client client(proxy_->port());
  client.Send("abcdef");
  EXPECT_EQ(client.ReceiveAll(6), "abc");
  EXPECT_TRUE(proxy_->AwaitSpoilt(1));
}

TEST_F(FaultProxyTest, WelcomesWithSilenceOrARefusal) {
  proxy_->set_welcome(Fault::kBlackhole);
  Client silent(proxy_->port());
  silent.Send("a");
  EXPECT_FALSE(silent.HasSomething(50));
  proxy_->set_welcome(Fault::kReset);
  Client refused(proxy_->port());
  EXPECT_EQ(refused.Receive(), "reset");
  proxy_->set_welcome(Fault::kNone);
  Client served(proxy_->port());
  served.Send("c");
  EXPECT_EQ(served.Receive(), "c");
}

}  // namespace
}  // namespace cupel::testing
