// The database that the cases of this process run on.

#ifndef CUPEL_TESTING_DIALECT_SUITE_SUBJECT_H_
#define CUPEL_TESTING_DIALECT_SUITE_SUBJECT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialect_suite/dialect_under_test.h"

namespace cupel::dialect_suite {

// One database for all cases, made anew when a case leaves something behind.
// Thread-compatible.
class Subject {
 public:
  // That of this process.
  static Subject& Get();

  void Set(testing::DialectUnderTest dialect) { dialect_ = std::move(dialect); }

  // The engine of the database; opened at the first call.
  absl::StatusOr<engine::Engine> Engine();
  // What another engine of the same database is made from.
  absl::StatusOr<engine::EngineOptions> Options();
  // The next call of Engine() makes a new database.
  void Replace();

 private:
  testing::DialectUnderTest dialect_;
  std::string url_;
  std::optional<engine::Engine> engine_;
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_SUBJECT_H_
