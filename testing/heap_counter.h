// Counts what a program takes from the heap through operator new.
//
//   HeapCounter heap;
//   ...
//   EXPECT_EQ(heap.allocations(), 0);
//   EXPECT_LT(heap.live_bytes(), 1 << 20);
//
// Depending on this replaces the program's global operator new and delete. They
// cost one relaxed load more while nobody counts. What C libraries take from
// malloc themselves is not counted, nor is over-aligned memory.

#ifndef CUPEL_TESTING_HEAP_COUNTER_H_
#define CUPEL_TESTING_HEAP_COUNTER_H_

#include <cstdint>
#include <string>

namespace cupel::testing {

// Counts from its construction on, what all threads do. Thread-safe.
class HeapCounter {
 public:
  HeapCounter();
  ~HeapCounter();
  HeapCounter(const HeapCounter&) = delete;
  HeapCounter& operator=(const HeapCounter&) = delete;

  int64_t allocations() const;
  // What was taken and not given back, as malloc rounds it up; negative where
  // more was given back.
  int64_t live_bytes() const;

 private:
  int64_t allocations_before_;
  int64_t bytes_before_;
};

// What a string has on the heap, rounded up in the same way.
int64_t HeapBytes(const std::string& text);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_HEAP_COUNTER_H_
