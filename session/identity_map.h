// IdentityMap: one entity for one row. A map a hierarchy of types (a type that
// inherits none, mostly): of integers where that is what its key is, else a
// flat hash map. No look-up allocates.

#ifndef CUPEL_SESSION_IDENTITY_MAP_H_
#define CUPEL_SESSION_IDENTITY_MAP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/integer_map.h"

namespace cupel::session {

// Values of a key as views, with what they may point to. Reusable.
class KeyValues {
 public:
  // The values of `properties` in `object`.
  void Assign(const EntityType& type, absl::Span<const int> properties,
              const void* object);
  // The former values of the primary key.
  void AssignBefore(const EntityType& type, const EditRecord& record);
  absl::Span<const engine::ValueView> views() const { return views_; }
  bool has_null() const;

 private:
  absl::InlinedVector<engine::BoundValue, 1> bound_;
  absl::InlinedVector<engine::ValueView, 2> views_;
};

// The value of an integer property; nullopt for NULL or another kind.
std::optional<int64_t> ReadInteger(const Property& property,
                                   const void* object);

size_t HashKey(absl::Span<const engine::ValueView> key);
bool EqualKeys(absl::Span<const engine::ValueView> a,
               absl::Span<const engine::ValueView> b);

// An owned key of any shape.
class EntityKey {
 public:
  explicit EntityKey(absl::Span<const engine::ValueView> key);

  absl::InlinedVector<engine::ValueView, 2> views() const;
  size_t hash() const { return hash_; }

 private:
  std::vector<engine::Value> values_;
  size_t hash_;
};

// For hash tables by EntityKey that are searched by views.
struct KeyHash {
  using is_transparent = void;
  size_t operator()(const EntityKey& key) const { return key.hash(); }
  size_t operator()(absl::Span<const engine::ValueView> key) const {
    return HashKey(key);
  }
};
struct KeyEqual {
  using is_transparent = void;
  bool operator()(const EntityKey& a, const EntityKey& b) const {
    return EqualKeys(a.views(), b.views());
  }
  bool operator()(const EntityKey& a,
                  absl::Span<const engine::ValueView> b) const {
    return EqualKeys(a.views(), b);
  }
  bool operator()(absl::Span<const engine::ValueView> a,
                  const EntityKey& b) const {
    return EqualKeys(a, b.views());
  }
};

// Confined to one session. Does not own the entities.
class IdentityMap {
 public:
  explicit IdentityMap(size_t types) : maps_(types) {}

  // Null also for an entity that is not of `type`.
  EntityState* Find(const EntityType& type, int64_t key) const;
  EntityState* Find(const EntityType& type,
                    absl::Span<const engine::ValueView> key) const;
  // By the values of `properties` in `object`, an object of `source`.
  EntityState* Find(const EntityType& type, const EntityType& source,
                    absl::Span<const int> properties, const void* object) const;
  // By the key in the entity's object. Returns the entity that has the key:
  // `state`, unless there was one before. Null: the key holds a NULL.
  EntityState* Insert(EntityState* state);
  // Where the key is known already.
  EntityState* Insert(EntityState* state, int64_t key);
  // The entry of an integer key, in one look-up. A new one is null: set it, or
  // Drop() it, before any other call.
  EntityState*& Entry(const EntityType& type, int64_t key);
  void Drop(const EntityType& type, int64_t key);
  // By the key in `object`, a former state of it. Does nothing if the key is
  // another entity's.
  void Erase(const EntityState* state, const void* object);
  void Erase(const EntityState* state) { Erase(state, state->object()); }
  void EraseKey(const EntityState* state,
                absl::Span<const engine::ValueView> key);
  size_t size() const { return size_; }
  void Clear();

  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const TypeMap& map : maps_) {
      map.integers.ForEach(visit);
      for (const auto& entry : map.keys) visit(entry.second);
    }
  }

 private:
  using View = absl::Span<const engine::ValueView>;
  struct TypeMap {
    IntegerMap integers;
    absl::flat_hash_map<EntityKey, EntityState*, KeyHash, KeyEqual> keys;
  };

  std::vector<TypeMap> maps_;  // by the root's EntityType::index()
  size_t size_ = 0;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_IDENTITY_MAP_H_
