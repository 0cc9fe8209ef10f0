// JSON arrays of scalars: the values of array types, as text: "[1,2,null]".

#ifndef CUPEL_ENGINE_JSON_ARRAY_H_
#define CUPEL_ENGINE_JSON_ARRAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

struct JsonScalar {
  enum class Kind : uint8_t { kNull, kTrue, kFalse, kNumber, kText };

  Kind kind = Kind::kNull;
  std::string text;  // of kText; of a number its digits as they stand
};

// The elements of an array. Errors: kTypeMismatch on text that is no JSON array
// of scalars.
absl::StatusOr<std::vector<JsonScalar>> ParseJsonArray(absl::string_view json);

// Appends `text` as a JSON string. Requires: valid UTF-8.
void AppendJsonText(absl::string_view text, std::string* out);

// Appends the shortest number that reads as `value`. Requires: finite.
void AppendJsonNumber(double value, std::string* out);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_JSON_ARRAY_H_
