// What the runtime costs on top of a driver that does nothing.

#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/null_driver.h"

namespace cupel::engine {
namespace {

Engine MakeEngine() {
  EngineOptions options;
  options.uri = "null://";
  options.dialect = testing::NullDialect();
  return *Engine::Create(std::move(options));
}

void BM_PoolCheckout(benchmark::State& state) {
  Engine engine = MakeEngine();
  for (auto _ : state) {
    benchmark::DoNotOptimize(engine.Connect());
  }
}
BENCHMARK(BM_PoolCheckout)->ThreadRange(1, 4);

// The driver's part alone, to subtract.
void BM_DriverExecute(benchmark::State& state) {
  auto dialect = testing::NullDialect();
  auto connection = *dialect->driver().Open(Url(), {}, Deadline());
  auto statement = *connection->Prepare("SELECT 1", Deadline());
  for (auto _ : state) {
    benchmark::DoNotOptimize(statement->Execute({}, Deadline()).ok());
    benchmark::DoNotOptimize(statement->Next(Deadline()).ok());
    statement->Reset();
  }
}
BENCHMARK(BM_DriverExecute);

void BM_StatementCacheHit(benchmark::State& state) {
  Engine engine = MakeEngine();
  Connection connection = *engine.Connect();
  const std::string sql =
      "SELECT id, author_id, title, body, score, published FROM post WHERE id "
      "= 1";
  for (auto _ : state) {
    benchmark::DoNotOptimize(connection.Execute(sql).ok());
  }
}
BENCHMARK(BM_StatementCacheHit);

void BM_StatementWithRecorder(benchmark::State& state) {
  Engine engine = MakeEngine();
  Connection connection = *engine.Connect();
  int64_t count = 0;
  Subscription subscription =
      engine.events().OnStatement([&](const StatementEvent&) { ++count; });
  for (auto _ : state) {
    benchmark::DoNotOptimize(connection.Execute("SELECT 1").ok());
  }
}
BENCHMARK(BM_StatementWithRecorder);

void BM_CursorOpenAndClose(benchmark::State& state) {
  Engine engine = MakeEngine();
  Connection connection = *engine.Connect();
  for (auto _ : state) {
    auto cursor = connection.Query("SELECT 1");
    benchmark::DoNotOptimize(cursor->Next().ok());
  }
}
BENCHMARK(BM_CursorOpenAndClose);

}  // namespace
}  // namespace cupel::engine
