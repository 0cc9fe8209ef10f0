// Questions to a music store, answered through the ORM.
//
//   ./bazelw run //examples/chinook -- --url=URL [--sql=SCRIPT]
//
// The URL says where the store is and of which kind: sqlite:///chinook.db,
// postgresql://user@host/chinook, mariadb://user@host/Chinook. A script fills
// an empty database first; without a URL, one in memory.
//
// Prints each question, its answer, how many statements it took, and the time.

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/examples/chinook/questions.h"
#include "cupel/examples/chinook/store.h"
#include "cupel/orm/orm.h"

ABSL_FLAG(std::string, url, "",
          "the database with the store; default: $DATABASE_URL");
ABSL_FLAG(std::string, sql, "",
          "script that makes the store in an empty database; default, where "
          "there is no URL: chinook-sqlite.sql in the folder that "
          "$CUPEL_DATA_DIR names");

namespace chinook {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<Store> StoreOfFlags() {
  std::string url = absl::GetFlag(FLAGS_url);
  if (url.empty()) url = Environment("DATABASE_URL");
  std::string script = absl::GetFlag(FLAGS_sql);
  if (script.empty()) {
    if (!url.empty()) return OpenStore(url);
    const std::string folder = Environment("CUPEL_DATA_DIR");
    if (!folder.empty()) script = absl::StrCat(folder, "/chinook-sqlite.sql");
  }
  if (script.empty()) {
    return absl::InvalidArgumentError(
        "say where the store is: --url=URL, or --sql=SCRIPT for a store in "
        "memory; the script is Chinook_Sqlite.sql of the Chinook sample "
        "database");
  }
  return LoadScript(url.empty() ? "sqlite://" : url, script);
}

absl::Status AskAll() {
  CUPEL_ASSIGN_OR_RETURN(const Store store, StoreOfFlags());
  int number = 0;
  for (const Question& question : Questions(store.spelling)) {
    cupel::Session session = store.db.NewSession();
    const cupel::engine::StatementRecorder recorder(store.db.engine());
    const absl::Time start = absl::Now();
    CUPEL_ASSIGN_OR_RETURN(const Answer answer, question.ask(session));
    const absl::Duration elapsed = absl::Now() - start;
    std::cout << ++number << ". " << question.text << "\n";
    for (const std::string& line : answer) std::cout << "   " << line << "\n";
    std::cout << "   (" << recorder.count() << " statements, "
              << absl::FormatDuration(
                     absl::Trunc(elapsed, absl::Microseconds(10)))
              << ")\n\n";
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace chinook

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const absl::Status status = chinook::AskAll();
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  return 0;
}
