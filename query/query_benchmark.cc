// Building, compiling and finding statements: W11 is BuildAndFind.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "cupel/query/query.h"
#include "cupel/query/test_tables.h"

namespace cupel::query {
namespace {

const Employee& E() {
  static const Employee& columns = *[] {
    const auto* const made = new Employee;
    // As columns of mapped classes are.
    MakeImmortal(made->id);
    MakeImmortal(made->name);
    MakeImmortal(made->age);
    return made;
  }();
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

// What a program without a query builder does: text and values by hand.
void BM_BuildTenFiltersByHand(benchmark::State& state) {
  int64_t value = 0;
  for (auto _ : state) {
    std::string sql = "SELECT id, name FROM employee";
    std::vector<int64_t> values;
    ++value;
    for (int64_t i = 0; i < 10; ++i) {
      sql.append(i == 0 ? " WHERE " : " AND ").append("age > ?");
      values.push_back(value + i);
    }
    sql.append(" ORDER BY id LIMIT ?");
    values.push_back(20);
    benchmark::DoNotOptimize(sql.data());
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(BM_BuildTenFiltersByHand);

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

// The same up to the text and the values of its placeholders.
void BM_BuildFindAndFill(benchmark::State& state) {
  TestDatabase database;
  StatementCache cache;
  int64_t value = 0;
  for (auto _ : state) {
    const auto statement = TenFilters(++value);
    auto compiled = cache.GetOrCompile(statement, database.dialect());
    BoundParameters bound;
    benchmark::DoNotOptimize(bound.Fill(**compiled, statement));
    benchmark::DoNotOptimize(bound.values().data());
  }
}
BENCHMARK(BM_BuildFindAndFill);

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

void BM_ReadRows(benchmark::State& state) {
  TestDatabase database;
  database.Must(
      "INSERT INTO employee SELECT 100 * h.id + 10 * t.id + u.id + 1000, "
      "'somebody called ' || (100 * h.id + 10 * t.id + u.id), u.id, NULL, NULL "
      "FROM employee h, employee t, employee u");
  const Employee& e = E();
  const auto statement = TypedSelect(e.id, e.name, e.age);
  int64_t read = 0;
  for (auto _ : state) {
    const auto rows = database.All(statement);
    benchmark::DoNotOptimize(rows->data());
    read += static_cast<int64_t>(rows->size());
  }
  state.SetItemsProcessed(read);
}
BENCHMARK(BM_ReadRows);

void BM_InsertObjects(benchmark::State& state) {
  struct Person {
    std::string name;
    std::optional<int64_t> age;
  };
  const std::vector<Person> people(100, {"somebody", 40});
  TestDatabase database;
  const Employee& e = E();
  database.Must("DROP TABLE employee");
  database.Must(
      "CREATE TABLE employee (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)");
  for (auto _ : state) {
    benchmark::DoNotOptimize(InsertObjects(
        database.connection(), database.cache(), absl::MakeConstSpan(people),
        {From(e.name, &Person::name), From(e.age, &Person::age)}));
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_InsertObjects);

}  // namespace
}  // namespace cupel::query
