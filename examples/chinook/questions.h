// Real questions to the music store, each answered through the ORM.

#ifndef CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_
#define CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/orm/orm.h"

namespace chinook {

// The lines of an answer; the fields of a line stand between " | ".
using Answer = std::vector<std::string>;

struct Question {
  absl::string_view text;
  absl::StatusOr<Answer> (*ask)(cupel::Session& session);
  // The same in plain SQL, one column a field: what a test compares with.
  absl::string_view sql;
};

absl::Span<const Question> Questions();

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_
