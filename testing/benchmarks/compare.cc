// Cupel beside the raw C API, in one process, alternating.
//
//   ./bazelw run -c opt //testing/benchmarks:compare -- [--json PATH]
//       [--filter W1,W2] [--rounds N]
//
// Prints a line a workload: `id n raw_seconds cupel_seconds ratio nanoseconds`.
// The seconds are medians, the ratio is the median of the paired ratios:
// machines drift, ratios hold. The nanoseconds are Cupel's for one of the `n`.
// Exits with 1 when the contestants disagree about what was read or about what
// is in the database afterwards.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cupel/testing/benchmarks/raw_sqlite.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

ABSL_FLAG(std::string, json, "", "also write the results to this file");
ABSL_FLAG(std::string, filter, "", "only these workloads, comma-separated");
ABSL_FLAG(int, rounds, 5, "paired rounds a workload");
ABSL_FLAG(int64_t, divide_sizes, 1,
          "divides all sizes, for a smoke run; figures mean nothing then");

namespace cupel::benchmarks {
namespace {

constexpr Workload kWorkloads[] = {
    {"W1", InsertedAuthors, false, true, MakeRawInsertAuthors,
     MakeCupelInsertAuthors},
    {"W2", Posts, true, false, MakeRawLoadPosts, MakeCupelLoadPosts},
    {"W2v", Posts, true, false, MakeRawLoadPosts, MakeCupelStreamPosts},
    {"W3", LookUps, true, false, MakeRawLookUpPosts, MakeCupelLookUpPosts},
    {"W3h", LoadedLookUps, true, false, MakeRawLookUpLoadedPosts,
     MakeCupelLookUpLoadedPosts},
    {"W4", Touched, true, true, MakeRawUpdatePosts, MakeCupelUpdatePosts},
    {"W5", Touched, true, true, MakeRawDeletePosts, MakeCupelDeletePosts},
    {"W6", Authors, true, false, MakeRawAuthorsWithPosts,
     MakeCupelEagerAuthors},
    {"W6b", Authors, true, false, MakeRawAuthorsWithPosts,
     MakeCupelLazyAuthors},
    {"W7", Filters, true, false, MakeRawFilterPosts, MakeCupelFilterPosts},
    {"W8", InsertedPosts, true, true, MakeRawInsertPosts, MakeCupelInsertPosts},
    {"W9", GraphAuthors, false, true, MakeRawInsertGraph, MakeCupelInsertGraph},
    {"W11", BuiltQueries, false, false, MakeRawBuildQueries,
     MakeCupelBuildQueries},
};

// A folder on a memory file system where there is one; removed at the end.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code error;
    const std::filesystem::path base =
        std::filesystem::is_directory("/dev/shm", error)
            ? std::filesystem::path("/dev/shm")
            : std::filesystem::temp_directory_path();
    std::string pattern = (base / "cupel-compare-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      std::perror("mkdtemp");
      std::exit(1);
    }
    path_ = pattern;
  }
  ~WorkFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  std::string File(absl::string_view name) const {
    return absl::StrCat(path_, "/", name);
  }

 private:
  std::string path_;
};

// All rows of both tables, in key order.
uint64_t ContentChecksum(const std::string& path) {
  RawConnection db(path);
  Checksum sum;
  std::string text;
  RawStatement authors(db, "SELECT id, name, email FROM author ORDER BY id");
  while (authors.Step()) {
    sum.Add(authors.Int(0));
    for (int column : {1, 2}) {
      authors.Text(column, &text);
      sum.Add(text);
    }
  }
  RawStatement posts(db,
                     "SELECT id, author_id, published, score, title, body"
                     " FROM post ORDER BY id");
  while (posts.Step()) {
    for (int column : {0, 1, 2}) sum.Add(posts.Int(column));
    sum.Add(posts.Real(3));
    for (int column : {4, 5}) {
      posts.Text(column, &text);
      sum.Add(text);
    }
  }
  return sum.value();
}

struct Outcome {
  double seconds;
  uint64_t checksum;
};

Outcome RunOnce(const Workload& workload, std::unique_ptr<Contestant> side,
                const std::string& prototype, const std::string& path) {
  for (absl::string_view suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(absl::StrCat(path, suffix));
  }
  std::filesystem::copy_file(prototype, path);
  side->Prepare(path);
  const auto start = std::chrono::steady_clock::now();
  const uint64_t sum = side->Run();
  const std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  side.reset();
  return {elapsed.count(), workload.writes ? ContentChecksum(path) : sum};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

struct Line {
  absl::string_view id;
  int64_t n;
  double raw_seconds;
  double cupel_seconds;
  double ratio;
};

bool Measure(const Workload& workload, const WorkFolder& folder, int rounds,
             Line* line) {
  const std::string prototype =
      folder.File(workload.filled ? "filled.db" : "empty.db");
  std::vector<double> raw, cupel, ratios;
  // The first round warms the caches and is not counted.
  for (int round = 0; round <= rounds; ++round) {
    const Outcome a =
        RunOnce(workload, workload.raw(), prototype, folder.File("raw.db"));
    const Outcome b =
        RunOnce(workload, workload.cupel(), prototype, folder.File("cupel.db"));
    if (a.checksum != b.checksum) {
      absl::FPrintF(stderr, "%s: the contestants disagree\n", workload.id);
      return false;
    }
    if (round == 0) continue;
    raw.push_back(a.seconds);
    cupel.push_back(b.seconds);
    ratios.push_back(b.seconds / a.seconds);
  }
  *line = {workload.id, workload.n(), Median(raw), Median(cupel),
           Median(ratios)};
  return true;
}

void WriteJson(const std::string& path, const std::vector<Line>& lines) {
  std::ofstream out(path);
  out << "[\n";
  for (const Line& line : lines) {
    out << absl::StrFormat(
        "  {\"id\": \"%s\", \"n\": %d, \"raw_seconds\": %.6f, "
        "\"cupel_seconds\": %.6f, \"ratio\": %.4f}%s\n",
        line.id, line.n, line.raw_seconds, line.cupel_seconds, line.ratio,
        &line == &lines.back() ? "" : ",");
  }
  out << "]\n";
}

int Main() {
  size_divisor = std::max<int64_t>(1, absl::GetFlag(FLAGS_divide_sizes));
  const std::string filter = absl::GetFlag(FLAGS_filter);
  const std::vector<std::string> wanted =
      absl::StrSplit(filter, ',', absl::SkipEmpty());
  const WorkFolder folder;
  CreateDatabaseFile(folder.File("empty.db"), /*filled=*/false);
  CreateDatabaseFile(folder.File("filled.db"), /*filled=*/true);
  absl::PrintF("%-4s %9s %12s %14s %7s %12s\n", "id", "n", "raw_seconds",
               "cupel_seconds", "ratio", "nanoseconds");
  std::vector<Line> lines;
  for (const Workload& workload : kWorkloads) {
    if (!wanted.empty() &&
        std::find(wanted.begin(), wanted.end(), workload.id) == wanted.end()) {
      continue;
    }
    Line line;
    if (!Measure(workload, folder, absl::GetFlag(FLAGS_rounds), &line)) {
      return 1;
    }
    absl::PrintF("%-4s %9d %12.4f %14.4f %7.2f %12.0f\n", line.id, line.n,
                 line.raw_seconds, line.cupel_seconds, line.ratio,
                 line.cupel_seconds * 1e9 / static_cast<double>(line.n));
    std::fflush(stdout);
    lines.push_back(line);
  }
  const std::string json = absl::GetFlag(FLAGS_json);
  if (!json.empty()) WriteJson(json, lines);
  return 0;
}

}  // namespace
}  // namespace cupel::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return cupel::benchmarks::Main();
}
