// Memory of a session's entities: slabs a type, so that an entity costs no
// allocation of its own beyond its strings.

#ifndef CUPEL_SESSION_ENTITY_HEAP_H_
#define CUPEL_SESSION_ENTITY_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

// Lives as long as its owner and any entity in it. Confined to one session.
class EntityHeap {
 public:
  EntityHeap() = default;
  EntityHeap(const EntityHeap&) = delete;
  EntityHeap& operator=(const EntityHeap&) = delete;

  // Memory for an entity: an initialised header, a raw object.
  EntityState* Allocate(const EntityType& type);
  // Gives the memory back; the object has been destroyed. Deletes the heap if
  // it was abandoned and this was its last entity. Also for entities that
  // stand alone.
  static void Free(EntityState* state);
  // The owner is gone.
  void Abandon();

  size_t live() const { return live_; }

  // Calls `visit(EntityState*)` for each entity, which must not allocate here.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const Pool& pool : pools_) {
      for (Chunk* chunk = pool.chunks; chunk != nullptr; chunk = chunk->next) {
        for (uint32_t i = 0; i < chunk->used; ++i) {
          EntityState* state = Slot(chunk, i);
          if (state->lifecycle != kFreeSlot) visit(state);
        }
      }
    }
  }

 private:
  struct alignas(kMaxObjectAlign) Chunk {
    EntityHeap* heap;
    Chunk* next;
    size_t slot_size;
    uint32_t used;
    uint32_t capacity;
    uint32_t pool;
  };
  struct Pool {
    Chunk* chunks = nullptr;
    EntityState* free = nullptr;
  };
  static constexpr Lifecycle kFreeSlot = static_cast<Lifecycle>(0xff);
  static constexpr size_t kMaxChunkBytes = 64 * 1024;

  ~EntityHeap();
  static EntityState* Slot(Chunk* chunk, uint32_t i) {
    return reinterpret_cast<EntityState*>(reinterpret_cast<char*>(chunk + 1) +
                                          i * chunk->slot_size);
  }
  static Chunk* AddChunk(EntityHeap* heap, uint32_t pool, size_t slot_size);

  std::vector<Pool> pools_;  // by EntityType::index()
  size_t live_ = 0;
  bool abandoned_ = false;
};

namespace entity_heap_internal {
// An entity outside of any heap: initialised header, raw object.
EntityState* AllocateStandalone(const ObjectType& type);
}  // namespace entity_heap_internal

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ENTITY_HEAP_H_
