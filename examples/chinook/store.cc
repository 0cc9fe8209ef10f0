#include "cupel/examples/chinook/store.h"

#include <sqlite3.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/examples/chinook/models.h"
#include "cupel/orm/orm.h"

namespace chinook {
namespace {

// The script is many statements at once, which Cupel never sends: it goes to
// the client's own handle, inside a transaction of ours.
absl::Status RunScript(cupel::engine::Connection& connection,
                       const std::string& script) {
  CUPEL_RETURN_IF_ERROR(connection.Begin());
  auto* handle = static_cast<sqlite3*>(connection.native_handle());
  char* message = nullptr;
  if (sqlite3_exec(handle, script.c_str(), nullptr, nullptr, &message) !=
      SQLITE_OK) {
    absl::Status status =
        absl::InvalidArgumentError(absl::StrCat("the script fails: ", message));
    sqlite3_free(message);
    return status;
  }
  return connection.Commit();
}

}  // namespace

absl::StatusOr<cupel::Database> LoadScript(const std::string& path) {
  std::ifstream file(path);
  std::stringstream script;
  script << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", path, "; give a script by --sql"));
  }
  CUPEL_ASSIGN_OR_RETURN(
      cupel::Database db,
      cupel::Database::Open({.uri = "sqlite://"}, AllModels()));
  CUPEL_ASSIGN_OR_RETURN(cupel::engine::Connection connection,
                         db.engine().Connect());
  CUPEL_RETURN_IF_ERROR(RunScript(connection, script.str()));
  return db;
}

absl::StatusOr<cupel::Database> OpenFile(const std::string& path) {
  // Three slashes and a relative path; an absolute one brings the fourth.
  return cupel::Database::Open(
      {.uri = absl::StrCat("sqlite:///", path, "?create=false")}, AllModels());
}

}  // namespace chinook
