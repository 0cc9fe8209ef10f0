#include "cupel/engine/dialects/sqlite/driver.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/sqlite/connection.h"
#include "cupel/engine/dialects/sqlite/errors.h"
#include "cupel/engine/dialects/sqlite/options.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

// A database in memory, kept by a handle that does nothing else.
struct MemoryDatabase {
  ~MemoryDatabase() { sqlite3_close(handle); }

  std::string uri;
  sqlite3* handle = nullptr;
};

// Escapes what has a meaning in a URI.
std::string EscapeUri(absl::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '%' || c == '?' || c == '#' || c == '&' || c == '=') {
      absl::StrAppend(
          &result, "%",
          absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      result.push_back(c);
    }
  }
  return result;
}

// `shared_name` is what engines share, or empty for one of its own.
std::string MemoryUri(absl::string_view shared_name) {
  static std::atomic<int> counter{0};
  const std::string name =
      shared_name.empty() ? absl::StrCat("cupel-", ++counter)
                          : absl::StrCat("shared-", EscapeUri(shared_name));
  // memdb shares a database between connections since 3.36.
  return sqlite3_libversion_number() >= 3036000
             ? absl::StrCat("file:/", name, "?vfs=memdb")
             : absl::StrCat("file:", name, "?mode=memory&cache=shared");
}

absl::StatusOr<std::shared_ptr<MemoryDatabase>> MakeMemoryDatabase(
    absl::string_view shared_name) {
  auto memory = std::make_shared<MemoryDatabase>();
  memory->uri = MemoryUri(shared_name);
  const int code = sqlite3_open_v2(
      memory->uri.c_str(), &memory->handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
  if (code != SQLITE_OK) {
    return MakeStatus(nullptr, code, {.phase = Phase::kOpen});
  }
  return memory;
}

// The database of the scope, made when it is asked for first.
absl::StatusOr<std::shared_ptr<MemoryDatabase>> MemoryOf(
    engine::DriverScope* scope, absl::string_view shared_name) {
  if (scope == nullptr) return MakeMemoryDatabase(shared_name);
  absl::MutexLock lock(&scope->mutex);
  if (scope->state == nullptr) {
    CUPEL_ASSIGN_OR_RETURN(scope->state, MakeMemoryDatabase(shared_name));
  }
  return std::static_pointer_cast<MemoryDatabase>(scope->state);
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const engine::Url& url,
                                     const engine::ConnectOptions& arguments) {
  if (!url.host().empty() || url.port() != 0 || !url.username().empty() ||
      url.password().has_value()) {
    return engine::MakeError(
        engine::ErrorKind::kInvalidValue,
        "the URL of a sqlite database has no user, password or host; write "
        "three slashes before a relative path, four before an absolute one");
  }
  OptionList list;
  for (const auto& [name, values] : url.query()) {
    for (const std::string& value : values) list.emplace_back(name, value);
  }
  for (const auto& [name, value] : arguments.arguments) {
    list.emplace_back(name, value);
  }
  return ParseOptions(url.database(), list);
}

absl::StatusOr<std::unique_ptr<engine::DriverConnection>> SqliteDriver::Open(
    const engine::Url& url, const engine::ConnectOptions& options,
    engine::Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(Options parsed, ParseOptions(url, options));
  std::shared_ptr<MemoryDatabase> memory;
  if (parsed.memory) {
    CUPEL_ASSIGN_OR_RETURN(memory, MemoryOf(options.scope.get(), parsed.path));
    parsed.path = memory->uri;
  }
  return SqliteConnection::Open(parsed, std::move(memory), deadline);
}

}  // namespace cupel::sqlite_internal
