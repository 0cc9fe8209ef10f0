// One workload of the comparison: the same work by two contestants.
//
// A contestant gets a database of its own, does what may stand outside the
// clock in `Prepare`, and the timed work in `Run`, which returns a checksum of
// what it read or of what it must have written. //testing/benchmarks:compare
// alternates the contestants, checks that the sums agree, and prints the median
// of the paired ratios.

#ifndef CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_
#define CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace cupel::benchmarks {

class Contestant {
 public:
  virtual ~Contestant() = default;
  // Opens the database, a file's path or a server's URL, and loads what the
  // workload says is loaded already.
  virtual void Prepare(const std::string& address) = 0;
  // The timed part.
  virtual uint64_t Run() = 0;
  // After it: writes what it left in its transaction.
  virtual void Finish() {}
};

// What is in the database at the beginning (workload_data.h).
enum class Data { kNone, kPosts, kManyPosts };

using MadeContestant = std::unique_ptr<Contestant>;

// Makers of the raw contestants on one client's C API. `repeats` says how often
// a round does it, nothing of one kept for the next.
struct RawContestants {
  MadeContestant (*insert_authors)();
  MadeContestant (*load_posts)();
  MadeContestant (*look_up_posts)();
  MadeContestant (*look_up_loaded_posts)();
  MadeContestant (*update_posts)();
  MadeContestant (*delete_posts)();
  MadeContestant (*authors_with_posts)();
  MadeContestant (*filter_posts)();
  MadeContestant (*insert_posts)();
  MadeContestant (*insert_graph)();
  MadeContestant (*build_queries)();
  // Those whose cost is followed over a size.
  MadeContestant (*scan_posts)();
  MadeContestant (*flush_posts)(int64_t loaded, int64_t touched,
                                int64_t flushes);
  MadeContestant (*load_first_posts)(int64_t count, int64_t repeats);
  MadeContestant (*add_posts)(int64_t count, int64_t repeats);
  MadeContestant (*get_posts)(int64_t loaded, int64_t gets);
};

struct Workload {
  std::string id;
  int64_t n;  // items, for "seconds an item"
  Data data;
  bool writes;  // what is in the database afterwards is compared, too
  std::function<MadeContestant(const RawContestants&)> raw;
  std::function<MadeContestant()> cupel;
  bool has_ratio = true;  // the raw program has something to do
};

// Of docs/performance.md, in their order there.
std::vector<Workload> Workloads();

// Cost against size; the ids are a series and a size, as "load/1000".
std::vector<Workload> GrowthWorkloads();

// Makers of the Cupel contestants.
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
MadeContestant MakeCupelStreamEntities();
MadeContestant MakeCupelFlushPosts(int64_t loaded, int64_t touched,
                                   int64_t flushes);
MadeContestant MakeCupelLoadFirstPosts(int64_t count, int64_t repeats);
MadeContestant MakeCupelAddPosts(int64_t count, int64_t repeats);
MadeContestant MakeCupelGetPosts(int64_t loaded, int64_t gets);

// Streams all posts of the database as entities and keeps none, after a scan
// that fills the database's own caches. Calls back after each chunk.
void StreamPostsInChunks(const std::string& address,
                         absl::FunctionRef<void()> after_chunk);

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_WORKLOAD_H_
