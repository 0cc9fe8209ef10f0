// PropertyMask: which of a type's properties, a bit each.

#ifndef CUPEL_SESSION_PROPERTY_MASK_H_
#define CUPEL_SESSION_PROPERTY_MASK_H_

#include <algorithm>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

using PropertyMask = absl::InlinedVector<uint64_t, 1>;

inline PropertyMask MakeMask(const EntityType& type) {
  return PropertyMask((type.properties().size() + 63) / 64, 0);
}
inline void SetBit(PropertyMask* mask, int i) {
  (*mask)[i / 64] |= uint64_t{1} << (i % 64);
}
inline bool HasBit(const PropertyMask& mask, int i) {
  return ((mask[i / 64] >> (i % 64)) & 1) != 0;
}
inline bool IsEmpty(const PropertyMask& mask) {
  return std::all_of(mask.begin(), mask.end(),
                     [](uint64_t bits) { return bits == 0; });
}

}  // namespace cupel::session

#endif  // CUPEL_SESSION_PROPERTY_MASK_H_
