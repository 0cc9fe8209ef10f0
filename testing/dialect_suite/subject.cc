#include "cupel/testing/dialect_suite/subject.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/engine.h"

namespace cupel::dialect_suite {

Subject& Subject::Get() {
  static auto* const subject = new Subject;
  return *subject;
}

absl::StatusOr<engine::EngineOptions> Subject::Options() {
  if (url_.empty()) {
    if (dialect_.fresh_database == nullptr) {
      return absl::FailedPreconditionError("fresh_database is not given");
    }
    CUPEL_ASSIGN_OR_RETURN(url_, dialect_.fresh_database());
  }
  engine::EngineOptions options;
  options.uri = url_;
  options.dialect = dialect_.dialect;
  return options;
}

absl::StatusOr<engine::Engine> Subject::Engine() {
  if (!engine_.has_value()) {
    CUPEL_ASSIGN_OR_RETURN(engine::EngineOptions options, Options());
    CUPEL_ASSIGN_OR_RETURN(engine_, engine::Engine::Create(std::move(options)));
  }
  return *engine_;
}

void Subject::Replace() {
  engine_.reset();
  url_.clear();
}

}  // namespace cupel::dialect_suite
