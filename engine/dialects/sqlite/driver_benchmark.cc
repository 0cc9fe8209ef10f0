// The driver beside SQLite's own C API: the same statements on the same data.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "cupel/engine/dialects/sqlite/driver.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/url.h"
#include "cupel/engine/value.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using engine::ValueView;

const int64_t kRows =
    std::getenv("CUPEL_BENCHMARK_SMOKE") != nullptr ? 100 : 100'000;
constexpr char kCreate[] =
    "CREATE TABLE post(id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL,"
    " title TEXT NOT NULL, body TEXT NOT NULL, score REAL, published INTEGER)";
constexpr char kInsert[] = "INSERT INTO post VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kSelectOne[] =
    "SELECT id, author_id, title, body, score, published FROM post"
    " WHERE id = ?";
constexpr char kSelectAll[] =
    "SELECT id, author_id, title, body, score, published FROM post";

const std::string& Body() {
  static const auto* const body = new std::string(200, 'b');
  return *body;
}

// The raw program opens as an ordinary expert would, the same kind of file.
class Raw {
 public:
  Raw() {
    sqlite3_open_v2(
        "file:raw?vfs=memdb", &database_,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, nullptr);
    sqlite3_exec(database_, kCreate, nullptr, nullptr, nullptr);
  }
  ~Raw() { sqlite3_close(database_); }
  void Execute(const char* sql) {
    sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  }
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                       &statement, nullptr);
    return statement;
  }

 private:
  sqlite3* database_ = nullptr;
};

void BindRaw(sqlite3_stmt* statement, int64_t id) {
  sqlite3_bind_int64(statement, 1, id);
  sqlite3_bind_int64(statement, 2, id % 1000);
  sqlite3_bind_text(statement, 3, "a title of ordinary length", 26,
                    SQLITE_STATIC);
  sqlite3_bind_text(statement, 4, Body().data(),
                    static_cast<int>(Body().size()), SQLITE_STATIC);
  sqlite3_bind_double(statement, 5, 0.5);
  sqlite3_bind_int64(statement, 6, 1);
}

void FillRaw(Raw* raw) {
  raw->Execute("BEGIN");
  sqlite3_stmt* insert = raw->Prepare(kInsert);
  for (int64_t id = 1; id <= kRows; ++id) {
    BindRaw(insert, id);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  raw->Execute("COMMIT");
}

int64_t ReadRaw(sqlite3_stmt* statement) {
  return sqlite3_column_int64(statement, 0) +
         sqlite3_column_int64(statement, 1) +
         sqlite3_column_text(statement, 2)[0] +
         sqlite3_column_bytes(statement, 2) +
         sqlite3_column_text(statement, 3)[0] +
         sqlite3_column_bytes(statement, 3) +
         static_cast<int64_t>(sqlite3_column_double(statement, 4)) +
         sqlite3_column_int64(statement, 5);
}

std::unique_ptr<engine::DriverConnection> OpenCupel() {
  static SqliteDriver driver;
  auto connection =
      driver.Open(engine::Url::Parse("sqlite://").value(), {}, {}).value();
  connection->ExecuteSimple(kCreate, {}).IgnoreError();
  return connection;
}

class Posts : public engine::BatchSource {
 public:
  size_t size() const override { return static_cast<size_t>(kRows); }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    const auto id = static_cast<int64_t>(i) + 1;
    row_[0] = ValueView::Int64(id);
    row_[1] = ValueView::Int64(id % 1000);
    row_[2] = ValueView::Text("a title of ordinary length");
    row_[3] = ValueView::Text(Body());
    row_[4] = ValueView::Double(0.5);
    row_[5] = ValueView::Int64(1);
    return absl::MakeConstSpan(row_);
  }

 private:
  ValueView row_[6];
};

void FillCupel(engine::DriverConnection* connection) {
  connection->Begin({}, {}).IgnoreError();
  Posts posts;
  connection->Prepare(kInsert, {})
      .value()
      ->ExecuteBatch(posts, nullptr, {})
      .IgnoreError();
  connection->Commit({}).IgnoreError();
}

int64_t ReadCupel(absl::Span<const ValueView> row) {
  return row[0].int64_value() + row[1].int64_value() + row[2].bytes()[0] +
         static_cast<int64_t>(row[2].bytes().size()) + row[3].bytes()[0] +
         static_cast<int64_t>(row[3].bytes().size()) +
         static_cast<int64_t>(row[4].double_value()) + row[5].int64_value();
}

void BM_InsertRaw(benchmark::State& state) {
  for (auto _ : state) {
    Raw raw;
    FillRaw(&raw);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}
void BM_InsertCupel(benchmark::State& state) {
  for (auto _ : state) {
    auto connection = OpenCupel();
    FillCupel(connection.get());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

void BM_ScanRaw(benchmark::State& state) {
  Raw raw;
  FillRaw(&raw);
  sqlite3_stmt* statement = raw.Prepare(kSelectAll);
  for (auto _ : state) {
    int64_t sum = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) sum += ReadRaw(statement);
    sqlite3_reset(statement);
    benchmark::DoNotOptimize(sum);
  }
  sqlite3_finalize(statement);
  state.SetItemsProcessed(state.iterations() * kRows);
}
void BM_ScanCupel(benchmark::State& state) {
  auto connection = OpenCupel();
  FillCupel(connection.get());
  auto statement = connection->Prepare(kSelectAll, {}).value();
  for (auto _ : state) {
    int64_t sum = 0;
    statement->Execute({}, {}).IgnoreError();
    while (*statement->Next({})) sum += ReadCupel(statement->row());
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

void BM_LookUpRaw(benchmark::State& state) {
  Raw raw;
  FillRaw(&raw);
  raw.Execute("BEGIN");
  sqlite3_stmt* statement = raw.Prepare(kSelectOne);
  int64_t id = 0;
  for (auto _ : state) {
    id = (id + 7919) % kRows;
    sqlite3_bind_int64(statement, 1, id + 1);
    if (sqlite3_step(statement) == SQLITE_ROW) {
      benchmark::DoNotOptimize(ReadRaw(statement));
    }
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
}
void BM_LookUpCupel(benchmark::State& state) {
  auto connection = OpenCupel();
  FillCupel(connection.get());
  connection->Begin({}, {}).IgnoreError();
  auto statement = connection->Prepare(kSelectOne, {}).value();
  int64_t id = 0;
  for (auto _ : state) {
    id = (id + 7919) % kRows;
    const ValueView key = ValueView::Int64(id + 1);
    statement->Execute({&key, 1}, {}).IgnoreError();
    if (*statement->Next({})) {
      benchmark::DoNotOptimize(ReadCupel(statement->row()));
    }
    statement->Reset();
  }
}

// Binding alone: the statement reads nothing.
constexpr char kBindSix[] = "SELECT 1 WHERE ? + ? + ? + ? + ? + ? IS NULL";

void BM_BindRaw(benchmark::State& state) {
  Raw raw;
  sqlite3_stmt* statement = raw.Prepare(kBindSix);
  int64_t id = 0;
  for (auto _ : state) {
    BindRaw(statement, ++id);
    benchmark::DoNotOptimize(sqlite3_step(statement));
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
}
void BM_BindCupel(benchmark::State& state) {
  auto connection = OpenCupel();
  auto statement = connection->Prepare(kBindSix, {}).value();
  Posts posts;
  size_t i = 0;
  for (auto _ : state) {
    statement->Execute(*posts.row(++i), {}).IgnoreError();
    benchmark::DoNotOptimize(statement->Next({}));
    statement->Reset();
  }
}

void BM_PrepareRaw(benchmark::State& state) {
  Raw raw;
  for (auto _ : state) sqlite3_finalize(raw.Prepare(kSelectOne));
}
void BM_PrepareCupel(benchmark::State& state) {
  auto connection = OpenCupel();
  for (auto _ : state) {
    benchmark::DoNotOptimize(connection->Prepare(kSelectOne, {}));
  }
}

void BM_TransactionRaw(benchmark::State& state) {
  Raw raw;
  for (auto _ : state) {
    raw.Execute("BEGIN");
    raw.Execute("COMMIT");
  }
}
void BM_TransactionCupel(benchmark::State& state) {
  auto connection = OpenCupel();
  for (auto _ : state) {
    connection->Begin({}, {}).IgnoreError();
    connection->Commit({}).IgnoreError();
  }
}

BENCHMARK(BM_InsertRaw)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_InsertCupel)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScanRaw)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScanCupel)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_LookUpRaw);
BENCHMARK(BM_LookUpCupel);
BENCHMARK(BM_BindRaw);
BENCHMARK(BM_BindCupel);
BENCHMARK(BM_PrepareRaw);
BENCHMARK(BM_PrepareCupel);
BENCHMARK(BM_TransactionRaw);
BENCHMARK(BM_TransactionCupel);

}  // namespace
}  // namespace cupel::sqlite_internal
