// EntityList: pointers to the entities of one result, in four bytes each while
// they lie within 16 GiB of the first.

#ifndef CUPEL_SESSION_ENTITY_LIST_H_
#define CUPEL_SESSION_ENTITY_LIST_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "cupel/session/entity_state.h"

namespace cupel::session {

// Entities may leave, which keeps the places of the others. Not thread-safe.
class EntityList {
 public:
  size_t size() const { return is_far_ ? far_.size() : near_.size(); }

  // Null where one has left.
  EntityState* operator[](size_t i) const {
    if (ABSL_PREDICT_FALSE(is_far_)) return far_[i];
    return near_[i] == kLeft ? nullptr : AtDistance(near_[i]);
  }

  void push_back(EntityState* state) {
    if (size() == 0) first_ = reinterpret_cast<uintptr_t>(state);
    if (ABSL_PREDICT_TRUE(!is_far_)) {
      const int64_t distance = DistanceOf(state);
      if (ABSL_PREDICT_TRUE(distance > kLeft && distance <= kFarthest)) {
        near_.push_back(static_cast<int32_t>(distance));
        return;
      }
      Widen();
    }
    far_.push_back(state);
  }

  void Leave(size_t i) {
    if (is_far_) {
      far_[i] = nullptr;
    } else {
      near_[i] = kLeft;
    }
  }

  void shrink_to_fit() {
    near_.shrink_to_fit();
    far_.shrink_to_fit();
  }

 private:
  static constexpr int32_t kLeft = std::numeric_limits<int32_t>::min();
  static constexpr int32_t kFarthest = std::numeric_limits<int32_t>::max();
  static constexpr int64_t kUnit = alignof(EntityState);

  int64_t DistanceOf(const EntityState* state) const {
    return static_cast<int64_t>(reinterpret_cast<uintptr_t>(state) - first_) /
           kUnit;
  }
  EntityState* AtDistance(int32_t distance) const {
    return reinterpret_cast<EntityState*>(
        first_ + static_cast<uintptr_t>(distance * kUnit));
  }
  // From here on the list holds pointers.
  void Widen() {
    far_.reserve(near_.size() + 1);
    for (size_t i = 0; i < near_.size(); ++i) far_.push_back((*this)[i]);
    near_.clear();
    near_.shrink_to_fit();
    is_far_ = true;
  }

  uintptr_t first_ = 0;
  bool is_far_ = false;
  // Distances from the first, in units. Most results have few rows.
  absl::InlinedVector<int32_t, 8> near_;
  std::vector<EntityState*> far_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_LIST_H_
