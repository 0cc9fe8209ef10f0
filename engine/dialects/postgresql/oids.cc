#include "cupel/engine/dialects/postgresql/oids.h"

#include "absl/strings/string_view.h"

namespace cupel::postgresql_internal {

absl::string_view TypeIdName(TypeId id) {
  switch (id) {
    case kBoolId:
      return "boolean";
    case kByteaId:
      return "bytea";
    case kCharId:
      return "\"char\"";
    case kNameId:
      return "name";
    case kInt8Id:
      return "bigint";
    case kInt2Id:
      return "smallint";
    case kInt4Id:
      return "integer";
    case kTextId:
      return "text";
    case kOidId:
      return "oid";
    case kJsonId:
      return "json";
    case kXmlId:
      return "xml";
    case kFloat4Id:
      return "real";
    case kFloat8Id:
      return "double precision";
    case kBpcharId:
      return "character";
    case kVarcharId:
      return "character varying";
    case kDateId:
      return "date";
    case kTimeId:
      return "time without time zone";
    case kTimestampId:
      return "timestamp without time zone";
    case kTimestamptzId:
      return "timestamp with time zone";
    case kIntervalId:
      return "interval";
    case kNumericId:
      return "numeric";
    case kVoidId:
      return "void";
    case kUuidId:
      return "uuid";
    case kJsonbId:
      return "jsonb";
    case kBoolArrayId:
      return "boolean[]";
    case kInt2ArrayId:
      return "smallint[]";
    case kInt4ArrayId:
      return "integer[]";
    case kInt8ArrayId:
      return "bigint[]";
    case kFloat4ArrayId:
      return "real[]";
    case kFloat8ArrayId:
      return "double precision[]";
    case kNumericArrayId:
      return "numeric[]";
    case kTextArrayId:
      return "text[]";
    case kVarcharArrayId:
      return "character varying[]";
    case kBpcharArrayId:
      return "character[]";
    case kDateArrayId:
      return "date[]";
    case kTimestampArrayId:
      return "timestamp without time zone[]";
    case kTimestamptzArrayId:
      return "timestamp with time zone[]";
    case kUuidArrayId:
      return "uuid[]";
    default:
      return "";
  }
}

}  // namespace cupel::postgresql_internal
