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
inline constexpr TypeId kBoolArrayId = 1000;
inline constexpr TypeId kInt2ArrayId = 1005;
inline constexpr TypeId kInt4ArrayId = 1007;
inline constexpr TypeId kTextArrayId = 1009;
inline constexpr TypeId kBpcharArrayId = 1014;
inline constexpr TypeId kVarcharArrayId = 1015;
inline constexpr TypeId kInt8ArrayId = 1016;
inline constexpr TypeId kFloat4ArrayId = 1021;
inline constexpr TypeId kFloat8ArrayId = 1022;
inline constexpr TypeId kTimestampArrayId = 1115;
inline constexpr TypeId kDateArrayId = 1182;
inline constexpr TypeId kTimestamptzArrayId = 1185;
inline constexpr TypeId kNumericArrayId = 1231;
inline constexpr TypeId kUuidArrayId = 2951;
inline constexpr TypeId kVoidId = 2278;
inline constexpr TypeId kUuidId = 2950;
inline constexpr TypeId kJsonbId = 3802;

// The first of what the server does not bring along.
inline constexpr TypeId kFirstMadeId = 16384;

// "integer", "timestamp with time zone", ...; empty for a type that is not
// among the above.
absl::string_view TypeIdName(TypeId id);

// The type of the elements of an array type among the above; kUnspecifiedId for
// all others.
constexpr TypeId ElementIdOf(TypeId id) {
  switch (id) {
    case kBoolArrayId:
      return kBoolId;
    case kInt2ArrayId:
      return kInt2Id;
    case kInt4ArrayId:
      return kInt4Id;
    case kInt8ArrayId:
      return kInt8Id;
    case kFloat4ArrayId:
      return kFloat4Id;
    case kFloat8ArrayId:
      return kFloat8Id;
    case kNumericArrayId:
      return kNumericId;
    case kTextArrayId:
      return kTextId;
    case kVarcharArrayId:
      return kVarcharId;
    case kBpcharArrayId:
      return kBpcharId;
    case kDateArrayId:
      return kDateId;
    case kTimestampArrayId:
      return kTimestampId;
    case kTimestamptzArrayId:
      return kTimestamptzId;
    case kUuidArrayId:
      return kUuidId;
    default:
      return kUnspecifiedId;
  }
}

// Whether its binary form is just its text.
constexpr bool IsTextLike(TypeId id) {
  return id == kTextId || id == kVarcharId || id == kBpcharId ||
         id == kNameId || id == kUnknownId || id == kXmlId || id == kCharId;
}

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_OIDS_H_
