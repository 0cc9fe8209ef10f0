// IntegerMap: entities by integer keys, for the identity map. Keys that lie
// close together share a page, in which a key is an index: most tables number
// their rows, and a look-up then reads one word of a page instead of probing a
// table of all entities. Keys without neighbours stay in a hash map.

#ifndef CUPEL_SESSION_INTEGER_MAP_H_
#define CUPEL_SESSION_INTEGER_MAP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace cupel::session {

struct EntityState;

// Does not own the entities. Costs about 9 bytes an entity where keys follow
// one another, at most 270 where they come in lonely pairs. Thread-compatible.
class IntegerMap {
 public:
  // Null: there is none.
  EntityState* Find(int64_t key) const {
    if (const auto page = pages_.find(Number(key)); page != pages_.end()) {
      return page->second->entries[Place(key)];
    }
    if (scattered_.empty()) return nullptr;
    const auto found = scattered_.find(key);
    return found == scattered_.end() ? nullptr : found->second;
  }

  // The entry of a key, and whether it is new. A new one is null: set it, or
  // Drop() it, before any other call.
  std::pair<EntityState**, bool> Insert(int64_t key);

  // Removes the entry of a key, which must be there.
  void Drop(int64_t key);

  void Clear() {
    pages_.clear();
    scattered_.clear();
  }

  // `visit` must not change the map.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [number, page] : pages_) {
      for (EntityState* entity : page->entries) {
        if (entity != nullptr) visit(entity);
      }
    }
    for (const auto& [key, entity] : scattered_) visit(entity);
  }

 private:
  static constexpr int kBits = 6;
  static constexpr size_t kPageSize = size_t{1} << kBits;
  struct Page {
    size_t used = 0;
    EntityState* entries[kPageSize] = {};
  };

  // Rounds down for negative keys, too.
  static int64_t Number(int64_t key) { return key >> kBits; }
  static size_t Place(int64_t key) {
    return static_cast<size_t>(key) & (kPageSize - 1);
  }
  // A page with those of its keys that were scattered.
  Page* AddPage(int64_t number);

  // A key is in the page of its number if there is one.
  absl::flat_hash_map<int64_t, std::unique_ptr<Page>> pages_;
  absl::flat_hash_map<int64_t, EntityState*> scattered_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_INTEGER_MAP_H_
