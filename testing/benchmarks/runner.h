// Runner: contestants in turns, on databases of their own.
//
//   Runner runner(SqliteDatabases());
//   std::optional<Comparison> line = runner.Compare(workload, /*rounds=*/7);
//
// Databases are made when they are first wanted.

#ifndef CUPEL_TESTING_BENCHMARKS_RUNNER_H_
#define CUPEL_TESTING_BENCHMARKS_RUNNER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/workload.h"

namespace cupel::benchmarks {

// What one contestant did in one round.
struct Outcome {
  double seconds = 0;
  uint64_t checksum = 0;
  int64_t allocations = 0;  // where they were counted
};

struct Comparison {
  std::string id;
  int64_t n = 0;
  double raw_seconds = 0;  // medians
  double cupel_seconds = 0;
  // The median of the paired ratios; 0 where the raw program has nothing to do.
  double ratio = 0;
  // operator new during the timed part.
  double raw_allocations = 0;  // an item
  double cupel_allocations = 0;
};

// Thread-compatible.
class Runner {
 public:
  explicit Runner(std::unique_ptr<Databases> databases)
      : databases_(std::move(databases)) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // The address of a database with that content, which nobody may change.
  const std::string& Database(Data data);

  const RawContestants& raw() const { return databases_->raw(); }

  // One round of one side. Where the workload writes, the checksum is that of
  // all rows afterwards.
  Outcome Run(const Workload& workload, std::unique_ptr<Contestant> side,
              bool count_allocations = false);

  // `rounds` of both sides in turns, after one that warms the caches and counts
  // allocations. std::nullopt, with a message, when they disagree.
  std::optional<Comparison> Compare(const Workload& workload, int rounds);

 private:
  const std::unique_ptr<Databases> databases_;
  std::map<Data, std::string> made_;
};

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_RUNNER_H_
