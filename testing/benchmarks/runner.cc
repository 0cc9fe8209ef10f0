#include "cupel/testing/benchmarks/runner.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"
#include "cupel/testing/heap_counter.h"

namespace cupel::benchmarks {
namespace {

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

const std::string& Runner::Database(Data data) {
  std::string& address = made_[data];
  if (address.empty()) address = databases_->Create(PostsIn(data));
  return address;
}

Outcome Runner::Run(const Workload& workload, std::unique_ptr<Contestant> side,
                    bool count_allocations) {
  // What is only read need not be copied.
  const std::string& original = Database(workload.data);
  const std::string address =
      workload.writes ? databases_->Copy(original) : original;
  side->Prepare(address);
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
  if (workload.writes) outcome.checksum ^= databases_->Checksum(address);
  return outcome;
}

std::optional<Comparison> Runner::Compare(const Workload& workload,
                                          int rounds) {
  Comparison line{.id = workload.id, .n = workload.n};
  std::vector<double> raw, cupel, ratios;
  for (int round = 0; round <= rounds; ++round) {
    const bool first = round == 0;
    const Outcome a = Run(workload, workload.raw(databases_->raw()), first);
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
