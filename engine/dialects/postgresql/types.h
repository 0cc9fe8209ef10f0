// The names of types in PostgreSQL, both ways.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_TYPES_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_TYPES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"

namespace cupel::postgresql_internal {

// What DDL writes. Errors: kUnsupported for a type of no known kind.
absl::StatusOr<std::string> TypeNameOf(const engine::Type& type);

// What a declared type means, as DDL and format_type() spell it. Another name
// becomes an ExactType of kind kUnknown.
engine::Type TypeFromName(absl::string_view declared);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_TYPES_H_
