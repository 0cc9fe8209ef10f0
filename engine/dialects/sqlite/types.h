// Names of types in SQLite's DDL, and how values of a type are stored.
//
// SQLite knows a column's type by its affinity, which follows from letters in
// the type's name; the names here have the affinity that keeps what is stored
// as it is, and each reads back as the Type that it was made from:
//
//   Numeric(p, s), scaled     DECIMAL_INT(p, s)     integer
//   Numeric(p, s), text       DECIMAL_TEXT(p, s)    text
//   Numeric(p, s), floating   NUMERIC(p, s)         number
//   UuidType()                UUID_TEXT             text: a numeric affinity
//   JsonType()                JSON_TEXT             would take hex digits or
//                                                   JSON numbers for numbers
//   EnumType(...)             ENUM_TEXT "a" "b"     text
//   Date, Time, Timestamp     DATE, TIME, TIMESTAMP text: ISO text looks like
//                                                   no number and stays
//
// https://www.sqlite.org/datatype3.html#determination_of_column_affinity

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_TYPES_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_TYPES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/type.h"

namespace cupel::sqlite_internal {

// `rowid`: the column is the table's automatic key, which SQLite wants to be
// declared INTEGER.
absl::StatusOr<std::string> TypeNameOf(const engine::Type& type, bool rowid);

engine::Type TypeFromName(absl::string_view declared);

// Null when the driver takes the logical value.
const engine::Codec* CodecOf(const engine::Type& type);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_TYPES_H_
