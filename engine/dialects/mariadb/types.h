// Names of types in MariaDB's DDL, and how values of a type are stored.
//
// The server has a type for most; what it lacks is stored so:
//
//   Boolean()     BOOLEAN, which is TINYINT(1): 0, 1
//   Interval()    BIGINT, microseconds
//   JsonType()    JSON, which is LONGTEXT with a check
//   String()      LONGTEXT: a VARCHAR needs a length; as a key VARCHAR(255)
//   Timestamp(true)  DATETIME(6) in UTC: a TIMESTAMP reaches from 1970 to 2038
//   Numeric(0)    DECIMAL(65, 30): no DECIMAL is without limit

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_TYPES_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_TYPES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/type.h"

namespace cupel::mariadb_internal {

// `is_key`: the column is part of a key or an index, whose length is limited.
absl::StatusOr<std::string> TypeNameOf(const engine::Type& type, bool is_key);

// As CAST(... AS type) has it.
absl::StatusOr<std::string> CastNameOf(const engine::Type& type);

// Of a type as information_schema.columns.column_type has it.
engine::Type TypeFromName(absl::string_view declared);

// Null when the driver takes the logical value.
const engine::Codec* CodecOf(const engine::Type& type);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_TYPES_H_
