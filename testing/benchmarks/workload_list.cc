// Which workloads there are, and at which sizes.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace {

using Raw = RawContestants;

// The maker that is called so, whichever the client is.
auto Of(MadeContestant (*Raw::*maker)()) {
  return [maker](const Raw& raw) { return (raw.*maker)(); };
}

// `touched` of the loaded posts are written by each of `flushes` flushes.
Workload Flushes(int64_t touched, int64_t flushes) {
  flushes /= size_divisor;
  return {
      absl::StrCat("W12.", touched),
      flushes,
      Data::kPosts,
      true,
      [=](const Raw& raw) {
        return raw.flush_posts(LoadedForFlush(), touched, flushes);
      },
      [=] { return MakeCupelFlushPosts(LoadedForFlush(), touched, flushes); },
      touched > 0};
}

// Small sizes are repeated until there is something to measure.
int64_t Repeats(int64_t size) {
  return std::max<int64_t>(1, 100000 / size_divisor / size);
}

}  // namespace

std::vector<Workload> Workloads() {
  return {
      {"W1", InsertedAuthors(), Data::kNone, true, Of(&Raw::insert_authors),
       MakeCupelInsertAuthors},
      {"W2", Posts(), Data::kPosts, false, Of(&Raw::load_posts),
       MakeCupelLoadPosts},
      {"W2v", Posts(), Data::kPosts, false, Of(&Raw::load_posts),
       MakeCupelStreamPosts},
      {"W3", LookUps(), Data::kPosts, false, Of(&Raw::look_up_posts),
       MakeCupelLookUpPosts},
      {"W3h", LoadedLookUps(), Data::kPosts, false,
       Of(&Raw::look_up_loaded_posts), MakeCupelLookUpLoadedPosts},
      {"W4", Touched(), Data::kPosts, true, Of(&Raw::update_posts),
       MakeCupelUpdatePosts},
      {"W5", Touched(), Data::kPosts, true, Of(&Raw::delete_posts),
       MakeCupelDeletePosts},
      {"W6", Authors(), Data::kPosts, false, Of(&Raw::authors_with_posts),
       MakeCupelEagerAuthors},
      {"W6b", Authors(), Data::kPosts, false, Of(&Raw::authors_with_posts),
       MakeCupelLazyAuthors},
      {"W7", Filters(), Data::kPosts, false, Of(&Raw::filter_posts),
       MakeCupelFilterPosts},
      {"W8", InsertedPosts(), Data::kPosts, true, Of(&Raw::insert_posts),
       MakeCupelInsertPosts},
      {"W9", GraphAuthors(), Data::kNone, true, Of(&Raw::insert_graph),
       MakeCupelInsertGraph},
      {"W10", ManyPosts(), Data::kManyPosts, false, Of(&Raw::scan_posts),
       MakeCupelStreamEntities},
      {"W11", BuiltQueries(), Data::kNone, false, Of(&Raw::build_queries),
       MakeCupelBuildQueries},
      Flushes(0, 200000),
      Flushes(1, 20000),
      Flushes(100, 200),
  };
}

std::vector<Workload> GrowthWorkloads() {
  std::vector<Workload> workloads;
  for (int64_t size = 1; size <= ManyPosts(); size *= 10) {
    const int64_t repeats = Repeats(size);
    workloads.push_back(
        {absl::StrCat("load/", size), size * repeats, Data::kManyPosts, false,
         [=](const Raw& raw) { return raw.load_first_posts(size, repeats); },
         [=] { return MakeCupelLoadFirstPosts(size, repeats); }});
  }
  for (int64_t size = 1; size <= ManyPosts(); size *= 10) {
    const int64_t repeats = std::min<int64_t>(1000, Repeats(size));
    workloads.push_back(
        {absl::StrCat("insert/", size), size * repeats, Data::kPosts, true,
         [=](const Raw& raw) { return raw.add_posts(size, repeats); },
         [=] { return MakeCupelAddPosts(size, repeats); }});
  }
  const int64_t gets = LoadedLookUps();
  for (int64_t size = 10; size <= ManyPosts(); size *= 10) {
    workloads.push_back(
        {absl::StrCat("get/", size), gets, Data::kManyPosts, false,
         [=](const Raw& raw) { return raw.get_posts(size, gets); },
         [=] { return MakeCupelGetPosts(size, gets); }});
  }
  const int64_t flushes = 10000 / size_divisor;
  for (int64_t size = 10; size <= ManyPosts(); size *= 10) {
    workloads.push_back(
        {absl::StrCat("flush/", size), flushes, Data::kManyPosts, false,
         [=](const Raw& raw) { return raw.flush_posts(size, 1, flushes); },
         [=] { return MakeCupelFlushPosts(size, 1, flushes); }});
  }
  return workloads;
}

}  // namespace cupel::benchmarks
