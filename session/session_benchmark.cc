// The identity map beside the standard library's, planning, and flushes of many
// entities.

#include <cstdint>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "cupel/engine/engine.h"
#include "cupel/session/flush_plan.h"
#include "cupel/session/identity_map.h"
#include "cupel/session/session.h"
#include "cupel/session/test_model.h"
#include "cupel/session/topological_sort.h"
#include "cupel/testing/temp_database.h"

namespace cupel::session {
namespace {

int Size(int full) {
  return std::getenv("CUPEL_BENCHMARK_SMOKE") != nullptr ? 100 : full;
}

engine::Engine OpenEngine() {
  engine::Engine engine =
      engine::Engine::Create({.uri = testing::MemoryUrl()}).value();
  engine::Connection connection = engine.Connect().value();
  TestModel::Get().metadata().CreateAll(connection).IgnoreError();
  connection.Commit().IgnoreError();
  return engine;
}

std::vector<EntityRef> AddTags(Session& session, int count) {
  std::vector<EntityRef> tags;
  tags.reserve(count);
  for (int i = 0; i < count; ++i) {
    Tag tag{.label = absl::StrCat("tag", i)};
    tags.push_back(session.Add(*TestModel::Get().tag, &tag));
  }
  return tags;
}

// Walks over all keys from 1 to a power of ten, far from key to key.
int64_t NextKey(int64_t key, int count) { return (key + 7919) % count + 1; }

// Entities with keys 1 to `count`, whose session keeps them.
struct KeyedTags {
  explicit KeyedTags(int count)
      : session(OpenEngine(), TestModel::Get().registry()),
        tags(AddTags(session, count)) {
    session.Commit().IgnoreError();
  }
  Session session;
  std::vector<EntityRef> tags;
};

void BM_MapFind(benchmark::State& state) {
  const int count = Size(100000);
  const KeyedTags keyed(count);
  const EntityType& type = *TestModel::Get().tag;
  IdentityMap map(TestModel::Get().registry()->types().size());
  for (int i = 0; i < count; ++i) map.Insert(keyed.tags[i].state(), i + 1);
  int64_t key = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(map.Find(type, key));
    key = NextKey(key, count);
  }
}
BENCHMARK(BM_MapFind);

void BM_MapFindStandard(benchmark::State& state) {
  const int count = Size(100000);
  const KeyedTags keyed(count);
  std::unordered_map<int64_t, EntityState*> map;
  for (int i = 0; i < count; ++i) map.emplace(i + 1, keyed.tags[i].state());
  int64_t key = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(map.find(key)->second);
    key = NextKey(key, count);
  }
}
BENCHMARK(BM_MapFindStandard);

void BM_MapInsertAndErase(benchmark::State& state) {
  const int count = Size(10000);
  const KeyedTags keyed(count);
  IdentityMap map(TestModel::Get().registry()->types().size());
  for (auto _ : state) {
    for (int i = 0; i < count; ++i) map.Insert(keyed.tags[i].state(), i + 1);
    for (int i = 0; i < count; ++i) map.Erase(keyed.tags[i].state());
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_MapInsertAndErase);

void BM_MapInsertAndEraseStandard(benchmark::State& state) {
  const int count = Size(10000);
  const KeyedTags keyed(count);
  std::unordered_map<int64_t, EntityState*> map;
  for (auto _ : state) {
    for (int i = 0; i < count; ++i) map.emplace(i + 1, keyed.tags[i].state());
    for (int i = 0; i < count; ++i) map.erase(i + 1);
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_MapInsertAndEraseStandard);

// W3h
void BM_GetFromTheMap(benchmark::State& state) {
  const int count = Size(100000);
  Session session(OpenEngine(), TestModel::Get().registry());
  const std::vector<EntityRef> tags = AddTags(session, count);
  session.Commit().IgnoreError();
  const EntityType& type = *TestModel::Get().tag;
  int64_t key = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(session.Get(type, key));
    key = NextKey(key, count);
  }
}
BENCHMARK(BM_GetFromTheMap);

// W1
void BM_AddAndCommit(benchmark::State& state) {
  const int count = Size(20000);
  for (auto _ : state) {
    state.PauseTiming();
    Session session(OpenEngine(), TestModel::Get().registry());
    state.ResumeTiming();
    benchmark::DoNotOptimize(AddTags(session, count));
    session.Commit().IgnoreError();
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_AddAndCommit);

// W2
void BM_LoadAll(benchmark::State& state) {
  const int count = Size(20000);
  engine::Engine engine = OpenEngine();
  {
    Session session(engine, TestModel::Get().registry());
    AddTags(session, count);
    session.Commit().IgnoreError();
  }
  for (auto _ : state) {
    Session session(engine, TestModel::Get().registry());
    EntityQuery query;
    query.items.push_back({.entity = TestModel::Get().tag});
    benchmark::DoNotOptimize(session.Execute(std::move(query))->All());
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_LoadAll);

// W12
void BM_FlushWithTouched(benchmark::State& state) {
  Session session(OpenEngine(), TestModel::Get().registry());
  const std::vector<EntityRef> tags = AddTags(session, Size(10000));
  session.Commit().IgnoreError();
  int round = 0;
  for (auto _ : state) {
    ++round;
    for (int i = 0; i < state.range(0); ++i) {
      static_cast<Tag*>(tags[i].Edit().value())->label =
          absl::StrCat("round", round, "/", i);
    }
    session.Flush().IgnoreError();
  }
}
BENCHMARK(BM_FlushWithTouched)->Arg(0)->Arg(1)->Arg(100);

// What a flush works out in memory: ten posts each of new categories.
void BM_PlanInserts(benchmark::State& state) {
  constexpr int kPosts = 10;
  const int categories = Size(1000);
  const TestModel& model = TestModel::Get();
  Session session(OpenEngine(), model.registry());
  std::vector<EntityRef> added;
  for (int i = 0; i < categories; ++i) {
    Category category{.name = absl::StrCat("c", i)};
    const EntityRef parent = session.Add(*model.category, &category);
    for (int j = 0; j < kPosts; ++j) {
      Post post{.title = absl::StrCat("p", j)};
      post.category = ToOneLink(parent);
      added.push_back(session.Add(*model.post, &post));
    }
    added.push_back(parent);
  }
  for (auto _ : state) {
    FlushPlan plan(added[0].state()->session);
    if (!plan.Build().ok()) state.SkipWithError("no plan");
    benchmark::DoNotOptimize(plan.inserts.data());
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(added.size()));
}
BENCHMARK(BM_PlanInserts);

void BM_SortRows(benchmark::State& state) {
  const auto count = static_cast<uint32_t>(Size(100000));
  std::vector<Dependency> dependencies;
  for (uint32_t i = 1; i < count; ++i) dependencies.push_back({i / 2, i});
  for (auto _ : state) {
    benchmark::DoNotOptimize(Levels(count, dependencies));
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_SortRows);

}  // namespace
}  // namespace cupel::session
