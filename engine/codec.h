// How a database stores a logical value that it has no type for.
//
// A dialect chooses a codec for a Type (Dialect::CodecFor); none means that the
// driver takes the logical kind as it is. The codecs below are shared: any
// dialect may use them. They are strict: a stored value that is not what the
// codec writes (or an equivalent form) is kDataLoss, a logical value that the
// storage cannot hold exactly is kOutOfRange or kInvalidArgument.

#ifndef CUPEL_ENGINE_CODEC_H_
#define CUPEL_ENGINE_CODEC_H_

#include "absl/status/status.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

// Immutable, thread-safe; lives for ever.
class Codec {
 public:
  virtual ~Codec() = default;

  // Converts between domains; NULL stays NULL. The result may alias the
  // argument's bytes: it is valid as long as these are and `storage`
  // (`logical`) is not changed. On errors the result is unspecified.
  virtual absl::Status Encode(const ValueView& logical,
                              BoundValue* storage) const = 0;
  virtual absl::Status Decode(const ValueView& storage,
                              BoundValue* logical) const = 0;
};

// Each in one line: logical kind <-> storage kind, and how.
const Codec& BoolAsIntegerCodec();       // bool <-> 0, 1
const Codec& DateAsIsoTextCodec();       // date <-> "2026-01-02"
const Codec& TimeAsIsoTextCodec();       // time <-> "03:04:05.000006"
const Codec& TimestampAsIsoTextCodec();  // "2026-01-02 03:04:05.000006", UTC
const Codec&
IntervalAsOffsetTextCodec();        // the timestamp 1970-01-01 + interval
const Codec& UuidAsHexTextCodec();  // 32 hex digits; reads 8-4-4-4-12 too
const Codec& JsonAsTextCodec();     // json <-> its text
const Codec& EnumAsTextCodec();     // name <-> name

// decimal <-> value * 10^scale in an integer. Encoding refuses digits beyond
// `scale` and what exceeds 64 bits (kOutOfRange). Requires: scale 0 to 76.
const Codec& DecimalAsScaledIntegerCodec(int scale);

// decimal <-> its digits; keeps the number and its scale.
const Codec& DecimalAsTextCodec();

// decimal <-> double, through the shortest text that reads back the same.
// Encoding refuses decimals that would not come back (kOutOfRange); decoding
// rounds half to even to `scale` digits. Requires: scale 0 to 76.
const Codec& DecimalAsFloatingCodec(int scale);

// The one of the three above that `type` (a kNumeric) asks for.
const Codec& DecimalCodecFor(const Type& type);

// Whether a logical value fits a column of `type`: its kind, the range of
// integers, digits of a decimal (which are never rounded away here), the length
// of text in characters and of binary in bytes, the name of an enumerator.
// Errors: kOutOfRange, or kInvalidArgument for a wrong kind or name. NULL fits.
absl::Status CheckFits(const Type& type, const ValueView& logical);

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CODEC_H_
