// The numbers by which PostgreSQL's protocol names its built-in types. They are
// the same in every server.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_OIDS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_OIDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {

using TypeId = uint32_t;  // libpq's Oid

inline constexpr TypeId kUnspecifiedId = 0;
inline constexpr TypeId kBoolId = 16;
inline constexpr TypeId kByteaId = 17;
inline constexpr TypeId kCharId = 18;
inline constexpr TypeId kNameId = 19;
inline constexpr TypeId kInt8Id = 20;
inline constexpr TypeId kInt2Id = 21;
inline constexpr TypeId kInt4Id = 23;
inline constexpr TypeId kTextId = 25;
inline constexpr TypeId kOidId = 26;
inline constexpr TypeId kJsonId = 114;
inline constexpr TypeId kXmlId = 142;
inline constexpr TypeId kFloat4Id = 700;
inline constexpr TypeId kFloat8Id = 701;
inline constexpr TypeId kUnknownId = 705;
inline constexpr TypeId kBpcharId = 1042;
inline constexpr TypeId kVarcharId = 1043;
inline constexpr TypeId kDateId = 1082;
inline constexpr TypeId kTimeId = 1083;
inline constexpr TypeId kTimestampId = 1114;
inline constexpr TypeId kTimestamptzId = 1184;
inline constexpr TypeId kIntervalId = 1186;
inline constexpr TypeId kNumericId = 1700;
inline constexpr TypeId kVoidId = 2278;
inline constexpr TypeId kUuidId = 2950;
inline constexpr TypeId kJsonbId = 3802;

// The first of what the server does not bring along.
inline constexpr TypeId kFirstMadeId = 16384;

// "integer", "timestamp with time zone", ...; empty for a type that is not
// among the above.
absl::string_view TypeIdName(TypeId id);

// Whether its binary form is just its text.
constexpr bool IsTextLike(TypeId id) {
  return id == kTextId || id == kVarcharId || id == kBpcharId ||
         id == kNameId || id == kUnknownId || id == kXmlId || id == kCharId;
}

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_OIDS_H_
