// Arrays in PostgreSQL's binary and text formats, as JSON. Of their bounds only
// the number of elements is kept.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_ARRAYS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_ARRAYS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/postgresql/oids.h"

namespace cupel::postgresql_internal {

struct ArrayText {
  std::string text;
  // False when an element is a number that JSON cannot say (NaN, an infinity):
  // then `text` is the server's own form, "{1,NaN}".
  bool is_json = true;
};

// Reads an array of `element`, a type that ElementIdOf gives; arrays of several
// dimensions become arrays of arrays. Nullopt when it is not well formed.
std::optional<ArrayText> ReadBinaryArray(TypeId element,
                                         absl::string_view bytes);
std::optional<ArrayText> ReadTextArray(TypeId element, absl::string_view text);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_ARRAYS_H_
