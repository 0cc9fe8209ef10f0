// Cupel beside the raw C API, in one process, alternating.
//
//   ./bazelw run -c opt //testing/benchmarks:compare -- [--json PATH]
//       [--filter W1,W2] [--rounds N] [--growth]
//       [--url postgresql://... | --url mariadb://... |
//        --server postgresql | --server mariadb]
//
// On SQLite, or on the server at --url, whose user may create databases, or on
// one that --server starts for the run.
//
// Prints a line a workload:
//
//   id n raw_seconds cupel_seconds ratio heap_allocations_per_item nanoseconds
//
// The seconds are medians, the ratio is the median of the paired ratios:
// machines drift, ratios hold. It is 0 where the raw program has nothing to do
// (a flush of nothing). Heap allocations are Cupel's calls of operator new in
// the timed part, counted in a round that is not timed; those of SQLite itself,
// which calls malloc, are not among them. The JSON has the raw program's beside
// them, for strings that do not fit into their objects cost both the same. The
// nanoseconds are Cupel's for one of the `n`.
//
// W10 also streams its posts in a process of its own and says by how much that
// grew after the first chunk. WC, the cost of compiling a user's program, is
// measured by tools/compile_time. --growth runs, in place of the workloads,
// series of sizes: load/1000 loads a thousand posts, insert/1000 adds them,
// get/1000 looks up one of a thousand in a session, and flush/1000 writes one.
//
// Exits with 1 when the contestants disagree about what was read or about what
// is in the database afterwards, and when W10 grows by more than 8 MiB.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/memory_growth.h"
#include "cupel/testing/benchmarks/runner.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/servers/postgresql_server.h"

ABSL_FLAG(std::string, json, "", "also write the results to this file");
ABSL_FLAG(std::string, filter, "",
          "only these workloads (or series), comma-separated");
ABSL_FLAG(int, rounds, 7, "paired rounds a workload");
ABSL_FLAG(bool, growth, false, "cost against size, not the workloads");
ABSL_FLAG(std::string, url, "", "the server to compare on");
ABSL_FLAG(std::string, server, "",
          "starts a server of this kind, postgresql or mariadb, for the run");
ABSL_FLAG(int64_t, divide_sizes, 1,
          "divides all sizes, for a smoke run; figures mean nothing then");
ABSL_FLAG(std::string, stream, "",
          "only streams the database at this address and prints by how many "
          "bytes it grew");

namespace cupel::benchmarks {
namespace {

// A sanitizer keeps what was freed, to see its use.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kKeepsFreedMemory = true;
#else
constexpr bool kKeepsFreedMemory = false;
#endif

struct Line {
  Comparison comparison;
  std::optional<int64_t> memory_growth_bytes;
};

bool IsWanted(const Workload& workload) {
  const std::vector<std::string> wanted =
      absl::StrSplit(absl::GetFlag(FLAGS_filter), ',', absl::SkipEmpty());
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const std::string& id) {
           return id == workload.id ||
                  id == workload.id.substr(0, workload.id.find_first_of("./"));
         });
}

void Print(const Comparison& line) {
  absl::PrintF("%-14s %9d %12.6f %14.6f %7.2f %26.3f %12.0f\n", line.id, line.n,
               line.raw_seconds, line.cupel_seconds, line.ratio,
               line.cupel_allocations,
               line.cupel_seconds * 1e9 / static_cast<double>(line.n));
  std::fflush(stdout);
}

void WriteJson(const std::string& path, const std::vector<Line>& lines) {
  std::ofstream out(path);
  out << "[";
  for (const Line& line : lines) {
    const Comparison& c = line.comparison;
    out << (&line == &lines.front() ? "\n" : ",\n")
        << absl::StrFormat(
               "  {\"id\": \"%s\", \"n\": %d, \"raw_seconds\": %.9f, "
               "\"cupel_seconds\": %.9f, \"ratio\": %.4f, "
               "\"heap_allocations_per_item\": %.4f, "
               "\"raw_heap_allocations_per_item\": %.4f, "
               "\"nanoseconds\": %.1f",
               c.id, c.n, c.raw_seconds, c.cupel_seconds, c.ratio,
               c.cupel_allocations, c.raw_allocations,
               c.cupel_seconds * 1e9 / static_cast<double>(c.n));
    if (line.memory_growth_bytes.has_value()) {
      out << ", \"memory_growth_bytes\": " << *line.memory_growth_bytes;
    }
    out << "}";
  }
  out << "\n]\n";
}

// Adds the memory of W10 to its line; false when it is above the bar.
bool MeasureMemory(Runner& runner, const Workload& workload, Line* line) {
  line->memory_growth_bytes =
      MemoryGrowthInFreshProcess("--stream", runner.Database(workload.data));
  if (!line->memory_growth_bytes.has_value()) {
    absl::FPrintF(stderr, "%s: streaming failed\n", workload.id);
    return false;
  }
  const bool flat =
      kKeepsFreedMemory || *line->memory_growth_bytes <= kMaxMemoryGrowthBytes;
  absl::FPrintF(flat ? stdout : stderr,
                "# %s: memory grew by %d bytes after the first chunk; the bar "
                "is %d\n",
                workload.id, *line->memory_growth_bytes, kMaxMemoryGrowthBytes);
  return flat;
}

// Servers with memory for the data, over the loopback, that do not wait for a
// disk.
std::string UrlOfPostgresql() {
  static testing::PostgresqlServer server(
      {.settings = {"shared_buffers = '512MB'", "max_wal_size = '4GB'",
                    "synchronize_seqscans = off"}});
  const absl::Status status = server.Start();
  if (status.ok()) return server.url();
  absl::FPrintF(stderr, "%s\n", status.ToString());
  std::exit(1);
}

std::string UrlOfMariadb() {
  static testing::MariadbServer server(
      {.arguments = {"--innodb-buffer-pool-size=1G",
                     "--innodb-log-file-size=512M",
                     "--innodb-log-buffer-size=64M"}});
  absl::Status status = server.Start();
  if (status.ok()) status = server.CreateDatabase("test");
  if (status.ok()) return server.url();
  absl::FPrintF(stderr, "%s\n", status.ToString());
  std::exit(1);
}

// Empty: SQLite.
std::string ServerUrl() {
  const std::string server = absl::GetFlag(FLAGS_server);
  if (server.empty()) return absl::GetFlag(FLAGS_url);
  if (server == "postgresql") return UrlOfPostgresql();
  if (server == "mariadb") return UrlOfMariadb();
  absl::FPrintF(stderr, "--server is postgresql or mariadb\n");
  std::exit(1);
}

int Main() {
  size_divisor = std::max<int64_t>(1, absl::GetFlag(FLAGS_divide_sizes));
  const std::string stream = absl::GetFlag(FLAGS_stream);
  if (!stream.empty()) {
    absl::PrintF("%d\n", MemoryGrowthOfStreaming(stream));
    return 0;
  }
  Runner runner(DatabasesAt(ServerUrl()));
  absl::PrintF("%-14s %9s %12s %14s %7s %26s %12s\n", "id", "n", "raw_seconds",
               "cupel_seconds", "ratio", "heap_allocations_per_item",
               "nanoseconds");
  std::vector<Line> lines;
  bool flat = true;
  for (const Workload& workload :
       absl::GetFlag(FLAGS_growth) ? GrowthWorkloads() : Workloads()) {
    if (!IsWanted(workload)) continue;
    const std::optional<Comparison> comparison =
        runner.Compare(workload, std::max(1, absl::GetFlag(FLAGS_rounds)));
    if (!comparison.has_value()) return 1;
    Print(*comparison);
    Line& line = lines.emplace_back(Line{*comparison, std::nullopt});
    if (workload.id == "W10") flat &= MeasureMemory(runner, workload, &line);
  }
  const std::string json = absl::GetFlag(FLAGS_json);
  if (!json.empty()) WriteJson(json, lines);
  return flat ? 0 : 1;
}

}  // namespace
}  // namespace cupel::benchmarks

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return cupel::benchmarks::Main();
}
