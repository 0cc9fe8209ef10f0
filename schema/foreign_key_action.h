// What a foreign key does when the row that it refers to goes, and when it is
// checked.

#ifndef CUPEL_SCHEMA_FOREIGN_KEY_ACTION_H_
#define CUPEL_SCHEMA_FOREIGN_KEY_ACTION_H_

#include <cstdint>

namespace cupel::schema {

// What happens to referring rows; kNone writes no clause (NO ACTION then).
enum class ForeignKeyAction : uint8_t {
  kNone,
  kNoAction,
  kRestrict,
  kCascade,
  kSetNull,
  kSetDefault,
};

// When a constraint is checked; kNone writes no clause (at once).
enum class Deferrable : uint8_t {
  kNone,
  kNotDeferrable,
  kInitiallyImmediate,
  kInitiallyDeferred,
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_FOREIGN_KEY_ACTION_H_
