// The name of a column's type, as databases write it, taken apart.

#ifndef CUPEL_ENGINE_TYPE_NAME_H_
#define CUPEL_ENGINE_TYPE_NAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::engine {

// NUMERIC(10, 2), TIMESTAMP(3) WITH TIME ZONE, DOUBLE PRECISION
struct TypeName {
  // Upper case, single blanks, without the parentheses.
  std::string name;
  bool has_first = false;
  // The numbers in the parentheses; 0 where there is none.
  int64_t first = 0;
  int64_t second = 0;
};

// None where `declared` is something else, such as ENUM('a', 'b').
std::optional<TypeName> ParseTypeName(absl::string_view declared);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_TYPE_NAME_H_
