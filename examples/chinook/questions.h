// Real questions to the music store, each answered through the ORM.

#ifndef CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_
#define CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/examples/chinook/spelling.h"
#include "cupel/orm/orm.h"

namespace chinook {

// The lines of an answer; the fields of a line stand between " | ".
using Answer = std::vector<std::string>;

struct Question {
  absl::string_view text;
  absl::StatusOr<Answer> (*ask)(cupel::Session& session);
  // The same in plain SQL of SQLite, one column a field: what a test compares
  // with.
  absl::string_view sql;
};

// Those to a store of that spelling; the answers do not depend on it.
absl::Span<const Question> Questions(Spelling spelling);

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_QUESTIONS_H_
