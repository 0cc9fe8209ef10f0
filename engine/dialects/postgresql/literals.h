// Values that PostgreSQL's SQL text tells apart by their type, and the one kind
// of value that is not stored as it is asked for.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_LITERALS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_LITERALS_H_

#include <string>

#include "absl/status/status.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {

// Whether a value is written with its type behind it.
bool IsTypedLiteral(const engine::ValueView& value);

// Appends such a value: '\x00ff'::bytea, '2026-01-02'::date. Strings are
// standard ones: a backslash is a backslash. Errors: kOutOfRange for a date
// outside of the years 1 to 9999; kInvalidArgument for JSON with NUL or invalid
// UTF-8.
absl::Status AppendTypedLiteral(const engine::Type& type,
                                const engine::ValueView& value,
                                std::string* out);

// Only for floating numbers, which an aggregate of integers gives as a decimal;
// null for all other types.
const engine::Codec* CodecOf(const engine::Type& type);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_LITERALS_H_
