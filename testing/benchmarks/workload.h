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
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cupel::benchmarks {

class Contestant {
 public:
  virtual ~Contestant() = default;
  // Opens the database and loads what the workload says is loaded already.
  virtual void Prepare(const std::string& path) = 0;
  // The timed part.
  virtual uint64_t Run() = 0;
};

struct Workload {
  absl::string_view id;
  int64_t (*n)();  // items, for "seconds an item"
  bool filled;     // starts from the filled database
  bool writes;     // what is in the file afterwards is compared, too
  std::unique_ptr<Contestant> (*raw)();
  std::unique_ptr<Contestant> (*cupel)();
};

// Makers by workload id, one file a side.
std::unique_ptr<Contestant> MakeRawInsertAuthors();
std::unique_ptr<Contestant> MakeRawLoadPosts();
std::unique_ptr<Contestant> MakeRawLookUpPosts();
std::unique_ptr<Contestant> MakeRawLookUpLoadedPosts();
std::unique_ptr<Contestant> MakeRawUpdatePosts();
std::unique_ptr<Contestant> MakeRawDeletePosts();
std::unique_ptr<Contestant> MakeRawAuthorsWithPosts();
std::unique_ptr<Contestant> MakeRawFilterPosts();
std::unique_ptr<Contestant> MakeRawInsertPosts();
std::unique_ptr<Contestant> MakeRawInsertGraph();
std::unique_ptr<Contestant> MakeRawBuildQueries();

std::unique_ptr<Contestant> MakeCupelInsertAuthors();
std::unique_ptr<Contestant> MakeCupelLoadPosts();
std::unique_ptr<Contestant> MakeCupelStreamPosts();
std::unique_ptr<Contestant> MakeCupelLookUpPosts();
std::unique_ptr<Contestant> MakeCupelLookUpLoadedPosts();
std::unique_ptr<Contestant> MakeCupelUpdatePosts();
std::unique_ptr<Contestant> MakeCupelDeletePosts();
std::unique_ptr<Contestant> MakeCupelEagerAuthors();
std::unique_ptr<Contestant> MakeCupelLazyAuthors();
std::unique_ptr<Contestant> MakeCupelFilterPosts();
std::unique_ptr<Contestant> MakeCupelInsertPosts();
std::unique_ptr<Contestant> MakeCupelInsertGraph();
std::unique_ptr<Contestant> MakeCupelBuildQueries();

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
