// How much a program that streams many posts grows.

#ifndef CUPEL_TESTING_BENCHMARKS_MEMORY_GROWTH_H_
#define CUPEL_TESTING_BENCHMARKS_MEMORY_GROWTH_H_

#include <cstdint>
#include <optional>
#include <string>

namespace cupel::benchmarks {

// At the bar: the peak of memory may grow so much after the first chunk.
inline constexpr int64_t kMaxMemoryGrowthBytes = 8 << 20;

// Streams the database's posts in chunks through one session, keeping none, and
// returns by how many bytes the peak of this process's memory at the end is
// above the one after the first chunk. The database's own page cache, which is
// meant to grow up to its limit, is full before that. What the process did
// before would hide growth, so it should have done nothing.
int64_t MemoryGrowthOfStreaming(const std::string& address);

// The same in a fresh process: this program, called with `flag` and the
// address. std::nullopt when that fails.
std::optional<int64_t> MemoryGrowthInFreshProcess(const std::string& flag,
                                                  const std::string& address);

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_MEMORY_GROWTH_H_
