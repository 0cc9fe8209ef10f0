// Questions to a music store, answered through the ORM.
//
//   ./bazelw run //examples/chinook -- --sql=/path/to/chinook-sqlite.sql
//   ./bazelw run //examples/chinook -- --database=/path/to/chinook.db
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

ABSL_FLAG(std::string, sql, "",
          "script that makes the store; default: chinook-sqlite.sql in the "
          "folder that $CUPEL_DATA_DIR names");
ABSL_FLAG(std::string, database, "", "a database file with the store in it");

namespace chinook {
namespace {

absl::StatusOr<cupel::Database> OpenStore() {
  if (const std::string path = absl::GetFlag(FLAGS_database); !path.empty()) {
    return OpenFile(path);
  }
  std::string script = absl::GetFlag(FLAGS_sql);
  const char* folder = std::getenv("CUPEL_DATA_DIR");
  if (script.empty() && folder != nullptr) {
    script = absl::StrCat(folder, "/chinook-sqlite.sql");
  }
  if (script.empty()) {
    return absl::InvalidArgumentError(
        "say where the store is: --sql=SCRIPT or --database=FILE; the script "
        "is Chinook_Sqlite.sql of the Chinook sample database");
  }
  return LoadScript(script);
}

absl::Status AskAll() {
  CUPEL_ASSIGN_OR_RETURN(cupel::Database db, OpenStore());
  int number = 0;
  for (const Question& question : Questions()) {
    cupel::Session session = db.NewSession();
    const cupel::engine::StatementRecorder recorder(db.engine());
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
