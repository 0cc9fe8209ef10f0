// One workload of the comparison: the same work by two contestants.
//
// A contestant gets a database file of its own, does what may stand outside the
// clock in `Prepare`, and the timed work in `Run`, which returns a checksum of
// what it read or of what it must have written. //testing/benchmarks:compare
// alternates the contestants, checks that the sums agree, and prints the median
// of the paired ratios.

#ifndef CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_
#define CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace cupel::benchmarks {

class Contestant {
 public:
  virtual ~Contestant() = default;
  // Opens the database and loads what the workload says is loaded already.
  virtual void Prepare(const std::string& path) = 0;
  // The timed part.
  virtual uint64_t Run() = 0;
  // After it: writes what it left in its transaction.
  virtual void Finish() {}
};

// What is in the database at the beginning (workload_data.h).
enum class Data { kNone, kPosts, kManyPosts };

struct Workload {
  std::string id;
  int64_t n;  // items, for "seconds an item"
  Data data;
  bool writes;  // what is in the file afterwards is compared, too
  std::function<std::unique_ptr<Contestant>()> raw;
  std::function<std::unique_ptr<Contestant>()> cupel;
  bool has_ratio = true;  // the raw program has something to do
};

// Of docs/performance.md, in their order there.
std::vector<Workload> Workloads();

// Cost against size; the ids are a series and a size, as "load/1000".
std::vector<Workload> GrowthWorkloads();

using MadeContestant = std::unique_ptr<Contestant>;

// Makers, one file a side. `repeats` says how often a round does it, nothing of
// one kept for the next.
MadeContestant MakeRawInsertAuthors();
MadeContestant MakeRawLoadPosts();
MadeContestant MakeRawLookUpPosts();
MadeContestant MakeRawLookUpLoadedPosts();
MadeContestant MakeRawUpdatePosts();
MadeContestant MakeRawDeletePosts();
MadeContestant MakeRawAuthorsWithPosts();
MadeContestant MakeRawFilterPosts();
MadeContestant MakeRawInsertPosts();
MadeContestant MakeRawInsertGraph();
MadeContestant MakeRawBuildQueries();

MadeContestant MakeCupelInsertAuthors();
MadeContestant MakeCupelLoadPosts();
MadeContestant MakeCupelStreamPosts();
MadeContestant MakeCupelLookUpPosts();
MadeContestant MakeCupelLookUpLoadedPosts();
MadeContestant MakeCupelUpdatePosts();
MadeContestant MakeCupelDeletePosts();
MadeContestant MakeCupelEagerAuthors();
MadeContestant MakeCupelLazyAuthors();
MadeContestant MakeCupelFilterPosts();
MadeContestant MakeCupelInsertPosts();
MadeContestant MakeCupelInsertGraph();
MadeContestant MakeCupelBuildQueries();

// Those whose cost is followed over a size.
MadeContestant MakeRawScanPosts();
MadeContestant MakeRawFlushPosts(int64_t loaded, int64_t touched,
                                 int64_t flushes);
MadeContestant MakeRawLoadFirstPosts(int64_t count, int64_t repeats);
MadeContestant MakeRawAddPosts(int64_t count, int64_t repeats);
MadeContestant MakeRawGetPosts(int64_t loaded, int64_t gets);

MadeContestant MakeCupelStreamEntities();
MadeContestant MakeCupelFlushPosts(int64_t loaded, int64_t touched,
                                   int64_t flushes);
MadeContestant MakeCupelLoadFirstPosts(int64_t count, int64_t repeats);
MadeContestant MakeCupelAddPosts(int64_t count, int64_t repeats);
MadeContestant MakeCupelGetPosts(int64_t loaded, int64_t gets);

// Streams all posts of the file as entities and keeps none, after a scan that
// fills the database's own caches. Calls back after each chunk.
void StreamPostsInChunks(const std::string& path,
                         absl::FunctionRef<void()> after_chunk);

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

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_
