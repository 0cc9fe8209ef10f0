// KeyIndex: numbers keys in the order in which they come, each once.

#ifndef CUPEL_SESSION_KEY_INDEX_H_
#define CUPEL_SESSION_KEY_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/session/identity_map.h"

namespace cupel::session {

class KeyIndex {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  // The number of `key`, and whether it is new.
  std::pair<uint32_t, bool> Insert(absl::Span<const engine::ValueView> key) {
    if (IsInteger(key)) {
      auto [found, added] = integers_.try_emplace(key[0].int64_value(), size_);
      if (added) ++size_;
      return {found->second, added};
    }
    auto [found, added] = keys_.try_emplace(EntityKey(key), size_);
    if (added) ++size_;
    return {found->second, added};
  }
  uint32_t Find(absl::Span<const engine::ValueView> key) const {
    if (IsInteger(key)) {
      auto found = integers_.find(key[0].int64_value());
      return found == integers_.end() ? kNone : found->second;
    }
    auto found = keys_.find(key);
    return found == keys_.end() ? kNone : found->second;
  }
  uint32_t size() const { return size_; }

 private:
  static bool IsInteger(absl::Span<const engine::ValueView> key) {
    return key.size() == 1 && key[0].kind() == engine::ValueKind::kInt64;
  }

  absl::flat_hash_map<int64_t, uint32_t> integers_;
  absl::flat_hash_map<EntityKey, uint32_t, KeyHash, KeyEqual> keys_;
  uint32_t size_ = 0;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_KEY_INDEX_H_
