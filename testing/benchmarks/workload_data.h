// The data of the comparison benchmarks: two tables, seeded content.
//
// Both contestants of //testing/benchmarks:compare start from a copy of the
// same database and work on the same structs' worth of data:
//
//   author(id, name, email)
//   post(id, author_id, title, body, score, published)   index post(author_id)
//
// 1,000 authors with 100 posts each, the posts interleaved, so that an author's
// posts are never neighbours on disk; or ten times as many where a workload
// wants many.
//
// Everything here is deterministic: same seed, same bytes.

#ifndef CUPEL_TESTING_BENCHMARKS_WORKLOAD_DATA_H_
#define CUPEL_TESTING_BENCHMARKS_WORKLOAD_DATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace cupel::benchmarks {

// All sizes are divided by this: 1 for measuring, more for a smoke run. Set
// once, before anything else.
inline int64_t size_divisor = 1;

inline constexpr int64_t kPostsPerAuthor = 100;
inline int64_t Authors() { return 1000 / size_divisor; }
inline int64_t Posts() { return Authors() * kPostsPerAuthor; }
inline int64_t InsertedAuthors() { return 100000 / size_divisor; }
inline int64_t LookUps() { return 100000 / size_divisor; }
inline int64_t LoadedLookUps() { return 1000000 / size_divisor; }
inline int64_t Touched() { return 20000 / size_divisor; }
inline int64_t Filters() { return 20000 / size_divisor; }
inline int64_t InsertedPosts() { return 100000 / size_divisor; }
inline int64_t BuiltQueries() { return 100000 / size_divisor; }
inline int64_t GraphAuthors() { return 10000 / size_divisor; }
inline constexpr int64_t kGraphPosts = 5;
inline int64_t ManyPosts() { return 1000000 / size_divisor; }
inline constexpr int64_t kPostsInChunk = 1000;
inline int64_t LoadedForFlush() { return 10000 / size_divisor; }

// A small fast generator (splitmix64): the values only have to be the same on
// every machine. Source: Steele, Lea, Flood, "Fast splittable pseudorandom
// number generators", OOPSLA 2014.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(bound));
  }

 private:
  uint64_t state_;
};

// Content of one row, by its number: the same for both contestants.
std::string AuthorName(int64_t number);
std::string AuthorEmail(int64_t number);
std::string PostTitle(int64_t number);  // 24 to 40 characters
std::string PostBody(int64_t number);   // 200 characters
double PostScore(int64_t number);       // 0.00 to 99.99
int64_t PostPublished(int64_t number);  // 0 or 1

// The same, made once and kept, so that no contestant makes text on the clock.
struct AuthorContent {
  std::string name;
  std::string email;
};
struct PostContent {
  std::string title;
  std::string body;
  double score;
  int64_t published;
};
const std::vector<AuthorContent>& AuthorContents(int64_t count);
const std::vector<PostContent>& PostContents(int64_t count);

// What the filter workload asks in its `i`-th query.
double FilterScore(int64_t i);
std::string FilterPattern(int64_t i);

// What the bulk workload inserts: as many posts as InsertedPosts(), of authors
// that are there.
struct NewPost {
  int64_t author_id;
  std::string title;
  std::string body;
  double score;
  int64_t published;
};
const std::vector<NewPost>& NewPosts();

// The ten optional filters of the building workload's `i`-th query.
struct OptionalFilters {
  std::optional<int64_t> author, min_author, max_author, id, min_id, max_id;
  std::optional<double> min_score, max_score;
  std::optional<int64_t> published, not_published;
};
OptionalFilters FiltersOf(int64_t i);

// Adds one field to a checksum; the order of fields and rows matters.
class Checksum {
 public:
  void Add(int64_t value) { Mix(static_cast<uint64_t>(value)); }
  void Add(double value);
  void Add(absl::string_view value);
  uint64_t value() const { return state_; }

 private:
  void Mix(uint64_t value) {
    state_ = (state_ ^ value) * 0x9fb21c651e98df25;
    state_ ^= state_ >> 32;
  }
  uint64_t state_ = 0x243f6a8885a308d3;
};

// The statements that fill empty tables with so many posts, a hundredth of
// authors among them: many rows each, the keys 1 to the number.
void ForEachFill(int64_t posts,
                 absl::FunctionRef<void(const std::string&)> run);

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_WORKLOAD_DATA_H_
