// Dates and times in PostgreSQL's binary formats, which count from 2000-01-01.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_MOMENTS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_MOMENTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {

enum class MomentResult : uint8_t { kOk, kOutOfRange, kMismatch };

// Appends a date, time, timestamp or interval as `type`. A date goes into a
// timestamp as its midnight. The values that stand for infinity are out of
// range.
MomentResult AppendMoment(const engine::ValueView& value, TypeId type,
                          std::string* out);

// Reads the binary form of a value of `type`. What no value of ours can say
// becomes text: "infinity", "-infinity", an interval with months. False when
// it is not well formed.
bool ReadMoment(TypeId type, absl::string_view bytes, engine::ValueView* out);

// Reads the text of an interval, with IntervalStyle = postgres: "-1 days
// +02:03:04.5". False for one with months, and in other styles.
bool ReadIntervalText(absl::string_view text, engine::ValueView* out);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_MOMENTS_H_
