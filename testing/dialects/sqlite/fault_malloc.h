// An allocator of SQLite that passes everything on to the default one, counts
// the allocations and makes chosen ones fail.
//
//   FaultMalloc memory;               // before the first use of SQLite
//   memory.FailAt(17);
//   EXPECT_THAT(Work(), AnyOf(IsOk(), StatusIs(kResourceExhausted)));
//   memory.Heal();
//
// Installing it shuts SQLite down and starts it anew: no connection may be open
// in the process. It takes SQLite's lookaside away as well, whose slots would
// hide most allocations. One at a time. Thread-safe once it is installed.

#ifndef CUPEL_TESTING_DIALECTS_SQLITE_FAULT_MALLOC_H_
#define CUPEL_TESTING_DIALECTS_SQLITE_FAULT_MALLOC_H_

#include <cstdint>

namespace cupel::testing {

class FaultMalloc {
 public:
  FaultMalloc();
  // Gives SQLite its allocator back. Requires: no connection is open.
  ~FaultMalloc();
  FaultMalloc(const FaultMalloc&) = delete;
  FaultMalloc& operator=(const FaultMalloc&) = delete;

  // Makes the `nth` allocation (from 1, counted from now) fail; with
  // `persistent` also every later one. Replaces the fault set before. Growing a
  // block is an allocation.
  void FailAt(int64_t nth, bool persistent = false);
  // No more faults.
  void Heal();

  // Faults that were served since FailAt().
  int64_t faults() const;
  // Blocks that are allocated and not freed.
  int64_t outstanding() const;
};

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_SQLITE_FAULT_MALLOC_H_
