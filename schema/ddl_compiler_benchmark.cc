// The cost of rendering the DDL of a schema of 100 tables.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "cupel/engine/type.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/naming_convention.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_dialect.h"

namespace cupel::schema {
namespace {

constexpr int kTables = 100;

// Each table has nine columns, a unique constraint, an index, and refers to the
// one before it.
TableDefinition DefinitionOf(int i) {
  TableBuilder builder(absl::StrCat("table_", i));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  for (int column = 0; column < 6; ++column) {
    builder.Column({.name = absl::StrCat("column_", column),
                    .type = engine::String(80),
                    .nullable = false});
  }
  builder.Column(
      {.name = "email", .type = engine::String(120), .unique = true});
  ColumnOptions previous = {
      .name = "previous", .type = engine::BigInteger(), .index = true};
  if (i > 0) {
    previous.foreign_keys = {
        {.referred_table = TableReference(absl::StrCat("table_", i - 1))}};
  }
  return builder.Column(previous).definition();
}

MetaData MakeMetaData() {
  MetaData metadata({.naming = NamingConvention::Recommended()});
  for (int i = 0; i < kTables; ++i) {
    metadata.Add(*Table::Create(DefinitionOf(i))).IgnoreError();
  }
  return metadata;
}

void BM_BuildTables(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(MakeMetaData());
  state.SetItemsProcessed(state.iterations() * kTables);
}
BENCHMARK(BM_BuildTables);

// Validation included, as CreateAll() does it.
void BM_CreateStatements(benchmark::State& state) {
  const MetaData metadata = MakeMetaData();
  const TestDialect dialect;
  for (auto _ : state) {
    auto statements = metadata.CreateStatements(dialect);
    if (!statements.ok()) {
      state.SkipWithError(statements.status().ToString().c_str());
      break;
    }
    benchmark::DoNotOptimize(statements);
  }
  state.SetItemsProcessed(state.iterations() * kTables);
}
BENCHMARK(BM_CreateStatements);

void BM_RenderCreateTable(benchmark::State& state) {
  const MetaData metadata = MakeMetaData();
  const TestDialect dialect;
  const DdlCompiler compiler(dialect, &metadata);
  for (auto _ : state) {
    for (const auto& table : metadata.tables()) {
      benchmark::DoNotOptimize(compiler.CreateTable(*table));
    }
  }
  state.SetItemsProcessed(state.iterations() * kTables);
}
BENCHMARK(BM_RenderCreateTable);

void BM_Sort(benchmark::State& state) {
  const MetaData metadata = MakeMetaData();
  for (auto _ : state) benchmark::DoNotOptimize(metadata.Sort());
  state.SetItemsProcessed(state.iterations() * kTables);
}
BENCHMARK(BM_Sort);

}  // namespace
}  // namespace cupel::schema
