#include "cupel/examples/chinook/store.h"

#include <sqlite3.h>

#include <fstream>
#include <istream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/examples/chinook/models.h"
#include "cupel/orm/orm.h"

namespace chinook {
namespace {

// Cupel sends one statement at a time; the client knows where one ends.
absl::Status RunScript(cupel::engine::Connection& connection,
                       std::istream& script) {
  std::string statement;
  for (std::string line; std::getline(script, line);) {
    absl::StrAppend(&statement, line, "\n");
    if (!sqlite3_complete(statement.c_str())) continue;
    CUPEL_RETURN_IF_ERROR(connection.Execute(statement).status());
    statement.clear();
  }
  return connection.Commit();
}

}  // namespace

absl::StatusOr<cupel::Database> LoadScript(const std::string& path) {
  std::ifstream script(path);
  if (!script) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", path, "; give a script by --sql"));
  }
  CUPEL_ASSIGN_OR_RETURN(
      cupel::Database db,
      cupel::Database::Open({.uri = "sqlite://"}, AllModels()));
  CUPEL_ASSIGN_OR_RETURN(cupel::engine::Connection connection,
                         db.engine().Connect());
  CUPEL_RETURN_IF_ERROR(RunScript(connection, script));
  return db;
}

absl::StatusOr<cupel::Database> OpenFile(const std::string& path) {
  // Three slashes and a relative path; an absolute one brings the fourth.
  return cupel::Database::Open(
      {.uri = absl::StrCat("sqlite:///", path, "?create=false")}, AllModels());
}

}  // namespace chinook
