// What a new connection is set to, so that SQLite is safe and does as the URL
// says: switches, pragmas, the journal mode.

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/sqlite/connection.h"
#include "cupel/engine/dialects/sqlite/errors.h"
#include "cupel/engine/dialects/sqlite/options.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using engine::ErrorKind;

// How long a switch to WAL that nobody asked for may wait for other users.
constexpr absl::Duration kJournalPatience = absl::Seconds(1);

}  // namespace

absl::Status SqliteConnection::SetSwitches(const Options& options) {
  struct Switch {
    int verb;
    int value;
  };
  constexpr Switch kSwitches[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_DQS_DML, 0},
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
      {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
      // A plan does not depend on bound values: binding a new pattern of LIKE
      // does not compile the statement again.
      {SQLITE_DBCONFIG_ENABLE_QPSG, 1},
  };
  for (const Switch& item : kSwitches) {
    const int code =
        sqlite3_db_config(database_, item.verb, item.value, nullptr);
    if (code != SQLITE_OK) return Fail(code, Phase::kOpen, "", false);
  }
  return SetForeignKeys(options.foreign_keys);
}

absl::Status SqliteConnection::SetForeignKeys(bool on) {
  int actual = -1;
  const int code = sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_FKEY,
                                     on ? 1 : 0, &actual);
  if (code != SQLITE_OK) return Fail(code, Phase::kOpen, "", false);
  if (actual != (on ? 1 : 0)) {
    return MakeError(ErrorKind::kUnsupported,
                     "this SQLite does not enforce foreign keys; open the "
                     "database with foreign_keys=off to do without");
  }
  return absl::OkStatus();
}

absl::Status SqliteConnection::SetPragmas(const Options& options) {
  const auto set = [this](absl::string_view name, absl::string_view value) {
    return Pragma(name, value).status();
  };
  // A page of a map is not kept, and would be checked at each use.
  CUPEL_RETURN_IF_ERROR(
      set("cell_size_check", options.mmap_size_bytes == 0 ? "ON" : "OFF"));
  CUPEL_RETURN_IF_ERROR(
      set("mmap_size", absl::StrCat(options.mmap_size_bytes)));
  CUPEL_RETURN_IF_ERROR(set("synchronous", options.synchronous));
  if (options.cache_size.has_value()) {
    CUPEL_RETURN_IF_ERROR(set("cache_size", absl::StrCat(*options.cache_size)));
  }
  if (!options.temp_store.empty()) {
    CUPEL_RETURN_IF_ERROR(set("temp_store", options.temp_store));
  }
  return absl::OkStatus();
}

absl::Status SqliteConnection::SetJournalMode(const Options& options) {
  CUPEL_ASSIGN_OR_RETURN(const std::string current, Pragma("journal_mode"));
  if (absl::EqualsIgnoreCase(current, options.journal_mode)) {
    return absl::OkStatus();
  }
  const bool is_wish = !options.journal_mode_is_given;
  if (is_wish && sqlite3_db_readonly(database_, "main") != 0) {
    return absl::OkStatus();
  }
  const absl::Duration patience = busy_timeout_;
  if (is_wish) busy_timeout_ = std::min(patience, kJournalPatience);
  const absl::StatusOr<std::string> actual =
      Pragma("journal_mode", options.journal_mode);
  busy_timeout_ = patience;
  if (actual.ok()) {
    if (is_wish || absl::EqualsIgnoreCase(*actual, options.journal_mode)) {
      return absl::OkStatus();
    }
    return MakeError(
        ErrorKind::kUnsupported,
        absl::StrCat("the database cannot use journal_mode=",
                     options.journal_mode, ", it stays ", *actual));
  }
  // In use in another mode: WAL has to wait for another day.
  const ErrorKind kind = engine::KindOf(actual.status());
  const bool is_tolerable = kind == ErrorKind::kBusy ||
                            kind == ErrorKind::kReadOnly ||
                            kind == ErrorKind::kNotFound;
  return is_wish && is_tolerable ? absl::OkStatus() : actual.status();
}

}  // namespace cupel::sqlite_internal
