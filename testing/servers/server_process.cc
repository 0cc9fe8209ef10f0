#include "cupel/testing/servers/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace cupel::testing {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(5);
constexpr size_t kLogTail = 2000;
constexpr char kLogName[] = "log";
// The user of Debian and others that owns nothing.
constexpr uid_t kNobody = 65534;

bool IsExecutable(const std::string& path) {
  return access(path.c_str(), X_OK) == 0 &&
         std::filesystem::is_regular_file(path);
}

std::vector<std::string> Matches(const std::string& pattern) {
  glob_t found = {};
  std::vector<std::string> result;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    result.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return result;
}

// What a process tells of itself ends without warning, as the process does:
// as much as could be read.
std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// As ReadFile(): the names that could be read.
std::vector<std::string> NamesIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  return names;
}

// The parent of each process.
std::multimap<pid_t, pid_t> ChildrenByParent() {
  std::multimap<pid_t, pid_t> result;
  for (const std::string& name : NamesIn("/proc")) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(name, &pid)) continue;
    const std::string stat = ReadFile(absl::StrCat("/proc/", name, "/stat"));
    // "pid (name) state parent ...", where the name may hold anything.
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    const std::vector<std::string> fields =
        absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipEmpty());
    pid_t parent = 0;
    if (fields.size() > 1 && absl::SimpleAtoi(fields[1], &parent)) {
      result.emplace(parent, pid);
    }
  }
  return result;
}

std::vector<pid_t> TreeOf(pid_t root) {
  const std::multimap<pid_t, pid_t> children = ChildrenByParent();
  std::vector<pid_t> tree = {root};
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto it = begin; it != end; ++it) tree.push_back(it->second);
  }
  return tree;
}

// Whether a thread of the process still runs: after the signal that stops it
// they stop one by one.
bool HasRunningThread(pid_t pid) {
  const std::string tasks = absl::StrCat("/proc/", pid, "/task/");
  for (const std::string& name : NamesIn(tasks)) {
    const std::string stat = ReadFile(absl::StrCat(tasks, name, "/stat"));
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat.size()) continue;
    // Stopped, dead, or about to be.
    if (!absl::StrContains("TtZX", stat[name_end + 2])) return true;
  }
  return false;
}

// What the child does between fork and exec: system calls only.
struct Child {
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int log;
  uid_t user;
  gid_t group;
  bool changes_user;
  pid_t parent;
  int death_signal;

  [[noreturn]] void Become() const {
    setpgid(0, 0);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    dup2(log, 1);
    dup2(log, 2);
    if (changes_user && (setgroups(0, nullptr) != 0 || setgid(group) != 0 ||
                         setuid(user) != 0)) {
      constexpr char kWhy[] = "cannot change the user: tag it no-sandbox\n";
      (void)!write(2, kWhy, sizeof(kWhy) - 1);
      _exit(126);
    }
    // After the change of user, which clears it.
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != parent || chdir(folder) != 0) _exit(126);
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    execve(arguments[0], arguments, environment);
    _exit(127);
  }
};

}  // namespace

std::string FindProgram(absl::string_view name,
                        const std::vector<std::string>& folders) {
  std::vector<std::string> all;
  if (const char* path = std::getenv("PATH"); path != nullptr) {
    all = absl::StrSplit(path, ':', absl::SkipEmpty());
  }
  all.insert(all.end(), folders.begin(), folders.end());
  for (const std::string& folder : all) {
    const std::vector<std::string> found =
        Matches(absl::StrCat(folder, "/", name));
    // The last of several versions.
    for (auto path = found.rbegin(); path != found.rend(); ++path) {
      if (IsExecutable(*path)) return *path;
    }
  }
  return "";
}

int FreeLoopbackPort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  int port = 0;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) ==
          0) {
    port = ntohs(address.sin_port);
  }
  close(listener);
  return port;
}

absl::StatusOr<int> StartOnFreePort(
    absl::FunctionRef<absl::Status(int port)> start,
    absl::string_view port_is_taken) {
  constexpr int kTries = 5;
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    const int port = FreeLoopbackPort();
    status = start(port);
    if (status.ok()) return port;
    if (!absl::StrContains(status.message(), port_is_taken)) break;
  }
  return status;
}

ServerProcess::ServerProcess()
    // Not below the test's own folder: others cannot enter that, and the path
    // of a Unix socket must be short.
    : owner_(getpid()),
      folder_("/tmp/cupel.XXXXXX"),
      user_(getuid()),
      group_(getgid()) {
  if (user_ == 0) {
    const passwd* nobody = getpwnam("nobody");
    user_ = nobody != nullptr ? nobody->pw_uid : kNobody;
    group_ = nobody != nullptr ? nobody->pw_gid : kNobody;
  }
  if (mkdtemp(folder_.data()) == nullptr ||
      // Inside a sandbox there is one user only; Start then says so.
      (chown(folder_.c_str(), user_, group_) != 0 && errno != EINVAL)) {
    std::perror(folder_.c_str());
    std::abort();
  }
}

ServerProcess::~ServerProcess() {
  if (getpid() != owner_) return;
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string ServerProcess::Path(absl::string_view name) const {
  return absl::StrCat(folder_, "/", name);
}

absl::Status ServerProcess::WriteFile(absl::string_view name,
                                      absl::string_view content) {
  const std::string path = Path(name);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file || chmod(path.c_str(), 0600) != 0 ||
      chown(path.c_str(), user_, group_) != 0) {
    return absl::InternalError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

std::string ServerProcess::Log() const { return ReadFile(Path(kLogName)); }

absl::Status ServerProcess::Failure(absl::string_view what) const {
  std::string log = Log();
  if (log.size() > kLogTail) log.erase(0, log.size() - kLogTail);
  return absl::InternalError(absl::StrCat(what, "; its log ends with:\n", log));
}

absl::Status ServerProcess::Spawn(const std::vector<std::string>& arguments,
                                  int death_signal) {
  const int log = open(Path(kLogName).c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return absl::InternalError("cannot open the log");
  (void)!fchown(log, user_, group_);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  std::string home = absl::StrCat("HOME=", folder_);
  std::string path = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  std::string language = "LC_ALL=C";
  char* environment[] = {home.data(), path.data(), language.data(), nullptr};
  const Child child = {.arguments = pointers.data(),
                       .environment = environment,
                       .folder = folder_.c_str(),
                       .log = log,
                       .user = user_,
                       .group = group_,
                       .changes_user = user_ != getuid(),
                       .parent = getpid(),
                       .death_signal = death_signal};
  const pid_t pid = fork();
  if (pid == 0) child.Become();
  close(log);
  if (pid < 0) return absl::InternalError("cannot fork");
  pid_ = pid;
  return absl::OkStatus();
}

bool ServerProcess::WaitForEnd(absl::Duration timeout, int* status) {
  const absl::Time end = absl::Now() + timeout;
  while (true) {
    const pid_t ended = waitpid(pid_, status, WNOHANG);
    if (ended == pid_ || (ended < 0 && errno != EINTR)) {
      pid_ = 0;
      return true;
    }
    if (absl::Now() >= end) return false;
    absl::SleepFor(kPause);
  }
}

absl::Status ServerProcess::Run(const std::vector<std::string>& arguments,
                                absl::Duration timeout) {
  const pid_t server = pid_;
  absl::Status started = Spawn(arguments, SIGKILL);
  int status = 0;
  const bool ended = started.ok() && WaitForEnd(timeout, &status);
  if (started.ok() && !ended) Kill();
  pid_ = server;
  if (!started.ok()) return started;
  if (!ended) return Failure(absl::StrCat(arguments[0], " takes too long"));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Failure(absl::StrCat(arguments[0], " failed"));
  }
  return absl::OkStatus();
}

absl::Status ServerProcess::Start(const Command& command) {
  if (pid_ != 0) return absl::FailedPreconditionError("it runs already");
  absl::Status status = Spawn(command.arguments, command.death_signal);
  if (!status.ok()) return status;
  const absl::Time end = absl::Now() + command.timeout;
  while (!command.is_ready()) {
    if (!is_running()) return Failure("the server ended while it started");
    if (absl::Now() >= end) {
      Kill();
      return Failure("the server was not ready in time");
    }
    absl::SleepFor(kPause);
  }
  return absl::OkStatus();
}

bool ServerProcess::is_running() {
  int status = 0;
  return pid_ != 0 && !WaitForEnd(absl::ZeroDuration(), &status);
}

absl::Status ServerProcess::Stop(int signal, absl::Duration timeout) {
  if (pid_ == 0) return absl::OkStatus();
  kill(pid_, signal);
  int status = 0;
  if (WaitForEnd(timeout, &status)) return absl::OkStatus();
  Kill();
  return Failure("the server had to be killed");
}

void ServerProcess::SignalTree(int signal) {
  if (pid_ == 0) return;
  for (const pid_t pid : TreeOf(pid_)) kill(pid, signal);
}

void ServerProcess::Kill() {
  if (pid_ == 0) return;
  // Standing still it makes no further children.
  kill(pid_, SIGSTOP);
  SignalTree(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
}

void ServerProcess::Freeze() {
  if (pid_ == 0) return;
  kill(pid_, SIGSTOP);
  const std::vector<pid_t> tree = TreeOf(pid_);
  for (const pid_t pid : tree) kill(pid, SIGSTOP);
  for (const pid_t pid : tree) {
    while (HasRunningThread(pid)) absl::SleepFor(kPause);
  }
}

void ServerProcess::Thaw() { SignalTree(SIGCONT); }

}  // namespace cupel::testing
