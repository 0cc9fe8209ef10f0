// Building, compiling and finding statements: W11 is BuildAndFind.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "benchmark/benchmark.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"

namespace cupel::query {
namespace {

const Employee& E() {
  static const Employee& columns = *new Employee;
  return columns;
}

TypedSelect<int64_t, std::string> TenFilters(int64_t value) {
  const Employee& e = E();
  TypedSelect<int64_t, std::string> select(e.id, e.name);
  for (int64_t i = 0; i < 10; ++i) {
    select = std::move(select).Where(e.age > value + i);
  }
  return std::move(select).OrderBy(e.id).Limit(20);
}

void BM_BuildCondition(benchmark::State& state) {
  const Employee& e = E();
  int64_t value = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(e.age > ++value && e.name == "somebody");
  }
}
BENCHMARK(BM_BuildCondition);

void BM_BuildTenFilters(benchmark::State& state) {
  int64_t value = 0;
  for (auto _ : state) benchmark::DoNotOptimize(TenFilters(++value));
}
BENCHMARK(BM_BuildTenFilters);

void BM_BuildAndFind(benchmark::State& state) {
  TestDatabase database;
  StatementCache cache;
  int64_t value = 0;
  for (auto _ : state) {
    auto compiled = cache.GetOrCompile(TenFilters(++value), database.dialect());
    benchmark::DoNotOptimize((*compiled)->sql.data());
  }
}
BENCHMARK(BM_BuildAndFind);

void BM_CompileCold(benchmark::State& state) {
  TestDatabase database;
  const auto statement = TenFilters(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Compile(statement, database.dialect()));
  }
}
BENCHMARK(BM_CompileCold);

void BM_ExecuteOneRow(benchmark::State& state) {
  TestDatabase database;
  const Employee& e = E();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        database.Scalars(TypedSelect(e.name).Where(e.id == 3)));
  }
}
BENCHMARK(BM_ExecuteOneRow);

}  // namespace
}  // namespace cupel::query
