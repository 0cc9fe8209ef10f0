#include "cupel/testing/benchmarks/runner.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/benchmarks/raw_sqlite.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"
#include "cupel/testing/heap_counter.h"

namespace cupel::benchmarks {
namespace {

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

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

int64_t PostsIn(Data data) {
  switch (data) {
    case Data::kNone:
      return 0;
    case Data::kPosts:
      return Posts();
    case Data::kManyPosts:
      return ManyPosts();
  }
  return 0;
}

}  // namespace

Runner::Runner() {
  std::error_code error;
  const std::filesystem::path base =
      std::filesystem::is_directory("/dev/shm", error)
          ? std::filesystem::path("/dev/shm")
          : std::filesystem::temp_directory_path();
  std::string pattern = (base / "cupel-benchmark-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    std::perror("mkdtemp");
    std::exit(1);
  }
  folder_ = pattern;
}

Runner::~Runner() {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

std::string Runner::File(absl::string_view name) const {
  return absl::StrCat(folder_, "/", name);
}

const std::string& Runner::Database(Data data) {
  std::string& path = databases_[data];
  if (path.empty()) {
    path = File(absl::StrCat("posts", PostsIn(data), ".db"));
    CreateDatabaseFile(path, PostsIn(data));
  }
  return path;
}

Outcome Runner::Run(const Workload& workload, std::unique_ptr<Contestant> side,
                    bool count_allocations) {
  std::string path = Database(workload.data);
  // What is only read need not be copied.
  if (workload.writes) {
    path = File("copy.db");
    for (absl::string_view suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(absl::StrCat(path, suffix));
    }
    std::filesystem::copy_file(Database(workload.data), path);
  }
  side->Prepare(path);
  Outcome outcome;
  std::optional<testing::HeapCounter> heap;
  if (count_allocations) heap.emplace();
  const auto start = std::chrono::steady_clock::now();
  outcome.checksum = side->Run();
  const std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  if (heap.has_value()) outcome.allocations = heap->allocations();
  heap.reset();
  outcome.seconds = elapsed.count();
  if (workload.writes) side->Finish();
  side.reset();
  if (workload.writes) outcome.checksum ^= ContentChecksum(path);
  return outcome;
}

std::optional<Comparison> Runner::Compare(const Workload& workload,
                                          int rounds) {
  Comparison line{.id = workload.id, .n = workload.n};
  std::vector<double> raw, cupel, ratios;
  for (int round = 0; round <= rounds; ++round) {
    const bool first = round == 0;
    const Outcome a = Run(workload, workload.raw(), first);
    const Outcome b = Run(workload, workload.cupel(), first);
    if (a.checksum != b.checksum) {
      std::fprintf(stderr, "%s: the contestants disagree\n",
                   workload.id.c_str());
      return std::nullopt;
    }
    if (first) {
      const auto items = static_cast<double>(workload.n);
      line.raw_allocations = static_cast<double>(a.allocations) / items;
      line.cupel_allocations = static_cast<double>(b.allocations) / items;
      continue;
    }
    raw.push_back(a.seconds);
    cupel.push_back(b.seconds);
    ratios.push_back(workload.has_ratio ? b.seconds / a.seconds : 0);
  }
  line.raw_seconds = Median(std::move(raw));
  line.cupel_seconds = Median(std::move(cupel));
  line.ratio = Median(std::move(ratios));
  return line;
}

}  // namespace cupel::benchmarks
