#include "cupel/testing/heap_counter.h"

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

namespace {

std::atomic<int> counters{0};
std::atomic<int64_t> allocations{0};
std::atomic<int64_t> bytes{0};

bool counting() { return counters.load(std::memory_order_relaxed) != 0; }

void* Acquire(size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (counting() && memory != nullptr) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    bytes.fetch_add(static_cast<int64_t>(malloc_usable_size(memory)),
                    std::memory_order_relaxed);
  }
  return memory;
}

void Release(void* memory) {
  if (counting() && memory != nullptr) {
    bytes.fetch_sub(static_cast<int64_t>(malloc_usable_size(memory)),
                    std::memory_order_relaxed);
  }
  std::free(memory);
}

}  // namespace

// The array forms call these.
void* operator new(size_t size) {
  void* memory = Acquire(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Acquire(size);
}
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete(void* memory, size_t) noexcept { Release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  Release(memory);
}

namespace cupel::testing {

HeapCounter::HeapCounter()
    : allocations_before_(::allocations.load()), bytes_before_(bytes.load()) {
  counters.fetch_add(1);
}

HeapCounter::~HeapCounter() { counters.fetch_sub(1); }

int64_t HeapCounter::allocations() const {
  return ::allocations.load() - allocations_before_;
}

int64_t HeapCounter::live_bytes() const { return bytes.load() - bytes_before_; }

int64_t HeapBytes(const std::string& text) {
  const auto* const object = reinterpret_cast<const char*>(&text);
  const std::less<const char*> before;
  const bool inside = !before(text.data(), object) &&
                      before(text.data(), object + sizeof(text));
  return inside ? 0
                : static_cast<int64_t>(
                      malloc_usable_size(const_cast<char*>(text.data())));
}

}  // namespace cupel::testing
