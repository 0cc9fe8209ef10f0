#include "cupel/session/entity_heap.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace cupel::session {
namespace {

size_t SlotSize(const ObjectType& type) {
  const size_t align = std::max(alignof(EntityState), type.align);
  return (sizeof(EntityState) + type.size + align - 1) / align * align;
}

void Initialise(EntityState* state) {
  std::memset(static_cast<void*>(state), 0, sizeof(EntityState));
}

}  // namespace

EntityHeap::~EntityHeap() {
  for (Pool& pool : pools_) {
    while (pool.chunks != nullptr) {
      Chunk* next = pool.chunks->next;
      ::operator delete(pool.chunks);
      pool.chunks = next;
    }
  }
}

EntityHeap::Chunk* EntityHeap::AddChunk(EntityHeap* heap, uint32_t pool,
                                        size_t slot_size) {
  Chunk* last = heap->pools_[pool].chunks;
  // Chunks double up to a size that suits the allocator.
  size_t capacity = last == nullptr ? 16 : size_t{last->capacity} * 2;
  capacity =
      std::min(capacity, std::max<size_t>(kMaxChunkBytes / slot_size, 4));
  auto* chunk =
      static_cast<Chunk*>(::operator new(sizeof(Chunk) + capacity * slot_size));
  *chunk = {heap, last, slot_size, 0, static_cast<uint32_t>(capacity), pool};
  heap->pools_[pool].chunks = chunk;
  return chunk;
}

EntityState* EntityHeap::Allocate(const EntityType& type) {
  const auto index = static_cast<uint32_t>(type.index());
  if (index >= pools_.size()) pools_.resize(index + 1);
  Pool& pool = pools_[index];
  EntityState* state;
  uint16_t slot;
  if (pool.free != nullptr) {
    state = pool.free;
    slot = state->slot;
    pool.free = reinterpret_cast<EntityState*>(state->edit);
  } else {
    Chunk* chunk = pool.chunks;
    if (chunk == nullptr || chunk->used == chunk->capacity) {
      chunk = AddChunk(this, index, SlotSize(type.object_type()));
    }
    slot = static_cast<uint16_t>(chunk->used);
    state = Slot(chunk, chunk->used++);
  }
  Initialise(state);
  state->slot = slot;
  state->entity_type_ = &type;
  state->set(EntityState::kTyped);
  ++live_;
  return state;
}

void EntityHeap::Free(EntityState* state) {
  if (state->has(EntityState::kStandalone)) {
    ::operator delete(state);
    return;
  }
  const size_t slot_size = SlotSize(state->object_type());
  auto* chunk = reinterpret_cast<Chunk*>(reinterpret_cast<char*>(state) -
                                         state->slot * slot_size) -
                1;
  EntityHeap* heap = chunk->heap;
  Pool& pool = heap->pools_[chunk->pool];
  state->lifecycle = kFreeSlot;
  state->edit = reinterpret_cast<EditRecord*>(pool.free);
  pool.free = state;
  if (--heap->live_ == 0 && heap->abandoned_) delete heap;
}

void EntityHeap::Abandon() {
  abandoned_ = true;
  if (live_ == 0) delete this;
}

namespace entity_heap_internal {

EntityState* AllocateStandalone(const ObjectType& type) {
  auto* state = static_cast<EntityState*>(
      ::operator new(sizeof(EntityState) + type.size));
  Initialise(state);
  state->object_type_ = &type;
  state->set(EntityState::kStandalone);
  return state;
}

}  // namespace entity_heap_internal
}  // namespace cupel::session
