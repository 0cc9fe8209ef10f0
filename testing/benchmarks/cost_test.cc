// What the workloads of //testing/benchmarks:compare cost, in counts: a change
// that makes one dearer fails here, whatever the machine.
//
// Beside this file, recorded_costs.txt holds what Cupel needs for small sizes
// of each: heap allocations (an optimised build's), statements that the
// database ran, and steps of its virtual machine (that version's). To accept
// new counts, and then read the diff:
//
//   CUPEL_BLESS=1 ./bazelw run -c opt //testing/benchmarks:cost_test

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/runner.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"
#include "gtest/gtest.h"

namespace cupel::benchmarks {
namespace {

#if !defined(NDEBUG) || defined(ABSL_HAVE_ADDRESS_SANITIZER) || \
    defined(ABSL_HAVE_THREAD_SANITIZER) || !defined(__GLIBCXX__)
// Checks of such builds allocate, too.
constexpr bool kComparesAllocations = false;
#else
constexpr bool kComparesAllocations = true;
#endif

constexpr char kRecord[] = "testing/benchmarks/recorded_costs.txt";

struct Costs {
  int64_t allocations = 0;
  int64_t statements = 0;
  int64_t steps = 0;
};

// What all connections of the process have run.
Costs& Ran() {
  static Costs costs;
  return costs;
}

int CountStatement(unsigned, void*, void* statement, void*) {
  ++Ran().statements;
  Ran().steps += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement),
                                     SQLITE_STMTSTATUS_VM_STEP, /*reset=*/1);
  return 0;
}

int WatchConnection(sqlite3* database, const char**,
                    const sqlite3_api_routines*) {
  return sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, CountStatement,
                          nullptr);
}

// Notes what ran in the timed part of another contestant.
class Counted : public Contestant {
 public:
  Counted(std::unique_ptr<Contestant> inner, Costs* costs)
      : inner_(std::move(inner)), costs_(costs) {}
  void Prepare(const std::string& address) override {
    inner_->Prepare(address);
  }
  uint64_t Run() override {
    Ran() = {};
    const uint64_t sum = inner_->Run();
    *costs_ = Ran();
    return sum;
  }
  void Finish() override { inner_->Finish(); }

 private:
  std::unique_ptr<Contestant> inner_;
  Costs* costs_;
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool Blessing() { return !Environment("CUPEL_BLESS").empty(); }

std::string RecordPath() {
  const std::string workspace = Environment("BUILD_WORKSPACE_DIRECTORY");
  if (!workspace.empty()) return absl::StrCat(workspace, "/", kRecord);
  return absl::StrCat(Environment("TEST_SRCDIR"), "/",
                      Environment("TEST_WORKSPACE"), "/", kRecord);
}

// The file: a line of comment, the database's version, and a line a workload.
struct Record {
  std::string version;
  std::map<std::string, Costs> costs;
};

Record ReadRecord() {
  Record record;
  std::ifstream file(RecordPath());
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string id;
    Costs costs;
    if (!(words >> id) || id == "#") continue;
    if (id == "version") {
      words >> record.version;
    } else if (words >> costs.allocations >> costs.statements >> costs.steps) {
      record.costs[id] = costs;
    }
  }
  return record;
}

class CostTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    size_divisor = 100;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(WatchConnection));
  }

  Costs CostsOf(const Workload& workload) {
    Costs costs;
    // What is made once in a process belongs to no workload.
    runner_.Run(workload, workload.cupel());
    const Outcome outcome = runner_.Run(
        workload, std::make_unique<Counted>(workload.cupel(), &costs),
        /*count_allocations=*/true);
    costs.allocations = outcome.allocations;
    return costs;
  }

  static void ExpectSame(const std::string& what, int64_t recorded,
                         int64_t now) {
    const std::string accept =
        "; if that is meant, accept it with CUPEL_BLESS=1 ./bazelw run -c opt "
        "//testing/benchmarks:cost_test";
    EXPECT_LE(now, recorded + std::max<int64_t>(2, recorded * 3 / 100))
        << what << " went up from " << recorded << " to " << now << accept;
    // Otherwise it could go up again and nobody would see.
    EXPECT_GE(now, recorded - std::max<int64_t>(2, recorded / 10))
        << what << " went down from " << recorded << " to " << now << accept;
  }

  Runner runner_{SqliteDatabases()};
};

TEST_F(CostTest, NoWorkloadCostsMoreThanIsRecorded) {
  const Record record = ReadRecord();
  std::string text =
      "# What cost_test.cc counts: workload, heap allocations, statements, "
      "steps\n";
  absl::StrAppend(&text, "version ", sqlite3_libversion(), "\n");
  for (const Workload& workload : Workloads()) {
    const Costs now = CostsOf(workload);
    absl::StrAppend(&text, workload.id, " ", now.allocations, " ",
                    now.statements, " ", now.steps, "\n");
    if (Blessing()) continue;
    const auto found = record.costs.find(workload.id);
    ASSERT_NE(found, record.costs.end()) << workload.id << " has no record";
    const Costs& recorded = found->second;
    const auto name = [&](const char* what) {
      return absl::StrCat(workload.id, ": number of ", what);
    };
    ExpectSame(name("statements"), recorded.statements, now.statements);
    if (kComparesAllocations) {
      ExpectSame(name("heap allocations"), recorded.allocations,
                 now.allocations);
    }
    if (record.version == sqlite3_libversion()) {
      ExpectSame(name("steps of the database"), recorded.steps, now.steps);
    }
  }
  if (!Blessing()) return;
  ASSERT_TRUE(kComparesAllocations) << "only an optimised build can be blessed";
  std::ofstream file(RecordPath());
  file << text;
  file.close();
  EXPECT_TRUE(file.good()) << "cannot write " << RecordPath();
}

// The bars on allocations, which no record can soften.
TEST_F(CostTest, AllocationsKeepToTheBars) {
  if (!kComparesAllocations) return;
  for (const Workload& workload : Workloads()) {
    const Costs cupel = CostsOf(workload);
    if (workload.id == "W3h" || workload.id == "W12.0") {
      EXPECT_EQ(cupel.allocations, 0) << workload.id;
    } else if (workload.id == "W2") {
      const Outcome raw = runner_.Run(workload, workload.raw(runner_.raw()),
                                      /*count_allocations=*/true);
      EXPECT_LE(cupel.allocations, raw.allocations + workload.n);
    }
  }
}

}  // namespace
}  // namespace cupel::benchmarks
