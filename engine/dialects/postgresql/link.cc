#include "cupel/engine/dialects/postgresql/link.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/options.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/host_lookup.h"
#include "cupel/engine/status_macros.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using ParameterMap = std::map<std::string, std::string>;

// How often a clock that is not the machine's is looked at.
constexpr int kLookMilliseconds = 20;

void IgnoreNotice(void*, const pg_result*) {}

absl::Status DeadEnd(ErrorKind kind, engine::Retry retry,
                     absl::string_view message) {
  engine::ErrorInfo info;
  info.kind = kind;
  info.dialect = "postgresql";
  info.connection_state = engine::ConnectionState::kDead;
  info.retry = retry;
  return engine::MakeError(std::move(info), message);
}

// Sets what the URL does not say of the server and the environment does, as
// libpq would.
void AddDefaults(ParameterMap* named) {
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconndefaults(), PQconninfoFree);
  if (options == nullptr) return;
  for (const PQconninfoOption* option = options.get();
       option->keyword != nullptr; ++option) {
    const absl::string_view keyword = option->keyword;
    if (option->val != nullptr &&
        (keyword == "host" || keyword == "hostaddr" || keyword == "port")) {
      named->emplace(keyword, option->val);
    }
  }
}

// Whether a host is something to look up, not a folder of sockets.
bool IsName(absl::string_view host) {
  return !host.empty() && host[0] != '/' && host[0] != '@';
}

// One of those that a connection may be made to, as libpq's parameters have it.
struct Server {
  std::string host;
  std::string address;
  std::string port;
};

absl::Status CheckCount(size_t count, size_t hosts, absl::string_view what) {
  if (count == hosts) return absl::OkStatus();
  return DeadEnd(ErrorKind::kInvalidValue, engine::Retry::kNo,
                 absl::StrCat("there are ", count, " ", what, " for ", hosts,
                              " hosts: name one for each"));
}

// The servers that the parameters name, with their addresses, which libpq would
// look up for as long as it takes. A host of several that has none is left out.
absl::StatusOr<std::vector<Server>> ServersOf(ParameterMap* named,
                                              const Deadline& deadline) {
  std::vector<std::string> hosts = absl::StrSplit((*named)["host"], ',');
  std::vector<std::string> known = absl::StrSplit((*named)["hostaddr"], ',');
  std::vector<std::string> ports = absl::StrSplit((*named)["port"], ',');
  if ((*named)["host"].empty()) hosts.resize(known.size());
  if ((*named)["hostaddr"].empty()) known.resize(hosts.size());
  if (ports.size() == 1) ports.resize(hosts.size(), ports[0]);
  CUPEL_RETURN_IF_ERROR(CheckCount(known.size(), hosts.size(), "addresses"));
  CUPEL_RETURN_IF_ERROR(CheckCount(ports.size(), hosts.size(), "ports"));
  std::vector<Server> servers;
  absl::Status failed;
  for (size_t i = 0; i < hosts.size(); ++i) {
    if (!known[i].empty() || !IsName(hosts[i])) {
      servers.push_back({hosts[i], known[i], ports[i]});
      continue;
    }
    const auto addresses = engine::AddressesOf(hosts[i], deadline);
    failed.Update(addresses.status());
    if (!addresses.ok()) continue;
    for (const std::string& address : *addresses) {
      servers.push_back({hosts[i], address, ports[i]});
    }
  }
  if (!servers.empty()) return servers;
  return DeadEnd(ErrorKind::kCannotConnect, engine::Retry::kAfterBackoff,
                 failed.message());
}

// What the servers have to be, in the order of what is tried.
std::vector<std::string> KindsOfServers(const std::string& wanted) {
  if (wanted != "prefer-standby") return {wanted};
  return {"standby", "any"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Link>> Link::Connect(const Options& options,
                                                    Deadline deadline) {
  const Deadline timeout =
      Deadline::After(options.connect_timeout, deadline.clock());
  deadline =
      deadline.is_infinite() ? timeout : Deadline::Earlier(deadline, timeout);
  ParameterMap named(options.parameters.begin(), options.parameters.end());
  AddDefaults(&named);
  CUPEL_ASSIGN_OR_RETURN(const std::vector<Server> servers,
                         ServersOf(&named, deadline));
  const auto kinds = KindsOfServers(named["target_session_attrs"]);
  // One after the other, each with its share of the time: libpq would wait for
  // a silent one until there is none left.
  size_t left = kinds.size() * servers.size();
  absl::StatusOr<std::unique_ptr<Link>> link;
  for (const std::string& kind : kinds) {
    named["target_session_attrs"] = kind;
    for (const Server& server : servers) {
      named["host"] = server.host;
      named["hostaddr"] = server.address;
      named["port"] = server.port;
      const absl::Duration share =
          deadline.Remaining() / static_cast<int64_t>(left--);
      link = ConnectTo(named, options.server,
                       Deadline::After(share, deadline.clock()));
      if (engine::KindOf(link.status()) != ErrorKind::kCannotConnect) {
        return link;
      }
    }
  }
  return link;
}

absl::StatusOr<std::unique_ptr<Link>> Link::ConnectTo(
    const ParameterMap& parameters, absl::string_view server,
    const Deadline& deadline) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Link> link(
      new Link(PQconnectStartParams(names.data(), values.data(), 0)));
  if (link->connection_ == nullptr) {
    return DeadEnd(ErrorKind::kOutOfMemory, engine::Retry::kNo,
                   "no memory for a connection");
  }
  PQsetNoticeReceiver(link->connection_, IgnoreNotice, nullptr);
  PQsetErrorVerbosity(link->connection_, PQERRORS_VERBOSE);
  CUPEL_RETURN_IF_ERROR(link->WaitForConnection(server, deadline));
  CUPEL_RETURN_IF_ERROR(link->CheckSession());
  return link;
}

absl::Status Link::WaitForConnection(absl::string_view server,
                                     const Deadline& deadline) {
  if (PQstatus(connection_) == CONNECTION_BAD) {
    return ConnectError(connection_, server);
  }
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    if (step == PGRES_POLLING_FAILED) {
      return ConnectError(connection_, server);
    }
    if (!Wait(step == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
      Drop();
      return DeadEnd(ErrorKind::kCannotConnect, engine::Retry::kAfterBackoff,
                     absl::StrCat("cannot connect to ", server,
                                  ": it did not answer in time"));
    }
    step = PQconnectPoll(connection_);
  }
  if (PQsetnonblocking(connection_, 1) != 0) {
    return ConnectError(connection_, server);
  }
  PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  return absl::OkStatus();
}

absl::Status Link::CheckSession() const {
  struct Wanted {
    const char* name;
    absl::string_view value;
  };
  constexpr Wanted kWanted[] = {
      {"client_encoding", "UTF8"},
      {"standard_conforming_strings", "on"},
      {"integer_datetimes", "on"},
  };
  for (const Wanted& wanted : kWanted) {
    const char* value = PQparameterStatus(connection_, wanted.name);
    if (value != nullptr && wanted.value == value) continue;
    return DeadEnd(
        ErrorKind::kUnsupported, engine::Retry::kNo,
        absl::StrCat("the session's ", wanted.name, " is not ", wanted.value,
                     ": change what sets it for the role, the "
                     "database or the server"));
  }
  return absl::OkStatus();
}

bool Link::Wait(int events, const Deadline& deadline) {
  const bool real = &deadline.clock() == &engine::Clock::Real();
  while (true) {
    pollfd entry = {.fd = PQsocket(connection_),
                    .events = static_cast<short>(events),  // NOLINT
                    .revents = 0};
    if (entry.fd < 0) return true;  // lost: the caller finds out
    int timeout = deadline.RemainingMilliseconds();
    if (!real && timeout != 0) {
      timeout = timeout < 0 ? kLookMilliseconds
                            : std::min(timeout, kLookMilliseconds);
    }
    if (poll(&entry, 1, timeout) > 0) return true;
    if (deadline.IsOver()) return false;
  }
}

bool Link::TakeArrived(Result* out) {
  if (PQisBusy(connection_)) return false;
  out->reset(PQgetResult(connection_));
  return true;
}

bool Link::Next(const Deadline& deadline, Result* out) {
  while (true) {
    const bool unsent = PQflush(connection_) == 1;
    if (!PQisBusy(connection_)) break;
    if (!Wait(unsent ? POLLIN | POLLOUT : POLLIN, deadline)) return false;
    if (PQconsumeInput(connection_) == 0) break;
  }
  out->reset(PQgetResult(connection_));
  return true;
}

bool Link::Flush(const Deadline& deadline) {
  while (PQflush(connection_) == 1) {
    if (!Wait(POLLIN | POLLOUT, deadline)) return false;
    // A server that waits for us to read would not read either.
    if (PQconsumeInput(connection_) == 0) break;
  }
  return true;
}

void Link::Push() {
  if (PQflush(connection_) == 1) PQconsumeInput(connection_);
}

bool Link::is_alive() const {
  return connection_ != nullptr && !dropped_ &&
         PQstatus(connection_) == CONNECTION_OK;
}

void Link::Close() {
  if (connection_ == nullptr) return;
  PQfinish(connection_);
  connection_ = nullptr;
}

void Link::Abandon() {
  if (connection_ == nullptr) return;
  // PQfinish would tell the server to end the session, which the parent still
  // uses: it may talk to nobody instead.
  const int socket = PQsocket(connection_);
  const int nobody = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (socket >= 0 && nobody >= 0 && dup2(nobody, socket) == socket) {
    PQfinish(connection_);
  } else if (socket >= 0) {
    close(socket);  // and its memory is left alone
  }
  if (nobody >= 0) close(nobody);
  connection_ = nullptr;
}

}  // namespace cupel::postgresql_internal
