#include "cupel/testing/dialect_suite/dialect_test.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/subject.h"

namespace cupel::dialect_suite {

schema::TableBuilder Keyed(std::string name) {
  schema::TableBuilder builder(std::move(name));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

DialectTest::DialectTest() = default;
DialectTest::~DialectTest() = default;

void DialectTest::Open() {
  absl::StatusOr<engine::Engine> engine = Subject::Get().Engine();
  CUPEL_ASSERT_OK(engine);
  engine_ = *std::move(engine);
  absl::StatusOr<engine::Connection> connection = engine_->Connect();
  CUPEL_ASSERT_OK(connection);
  connection_ = *std::move(connection);
}

void DialectTest::Close() {
  if (!connection_.has_value()) return;
  // The case may have put any connection into any state: clear up by a new one.
  connection_.reset();
  absl::StatusOr<engine::Connection> connection = engine_->Connect();
  absl::Status cleared = connection.status();
  if (cleared.ok()) {
    // What a case left running may hold its tables.
    connection->set_deadline(engine::Deadline::After(absl::Seconds(20)));
    for (const std::string& sql : later_) {
      cleared.Update(connection->Execute(sql).status());
    }
    if (cleared.ok()) cleared = connection->Commit();
    if (cleared.ok()) cleared = metadata_.DropAll(*connection);
  }
  // What connections know of tables (prepared statements) ends with the tables.
  connection = absl::UnavailableError("closed");
  engine_->Dispose();
  if (cleared.ok()) return;
  std::fprintf(stderr, "the case could not clear up: %s\n",
               cleared.ToString().c_str());
  Subject::Get().Replace();
}

engine::Connection DialectTest::Connect() {
  absl::StatusOr<engine::Connection> connection = engine().Connect();
  if (!connection.ok()) {
    std::fprintf(stderr, "%s\n", connection.status().ToString().c_str());
    std::abort();
  }
  return *std::move(connection);
}

absl::Status DialectTest::TryCreate(const schema::TableBuilder& builder) {
  CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const schema::Table> table,
                         builder.Build());
  schema::CreateOptions options;
  options.tables = {table.get()};
  CUPEL_RETURN_IF_ERROR(metadata_.Add(std::move(table)));
  return metadata_.CreateAll(connection(), options);
}

const schema::Table& DialectTest::Create(const schema::TableBuilder& builder) {
  EXPECT_THAT(TryCreate(builder), IsOk());
  const schema::TableDefinition& definition = builder.definition();
  const schema::Table* table =
      metadata_.Find(definition.name, definition.schema);
  if (table == nullptr) std::abort();  // the case's own mistake
  return *table;
}

Items DialectTest::CreateItems() {
  return Items(Create(
      Keyed("item")
          .Column(
              {.name = "name", .type = engine::String(40), .nullable = false})
          .Column({.name = "amount", .type = engine::BigInteger()})));
}

Items DialectTest::FillItems() {
  const Items items = CreateItems();
  query::Insert insert(items.table);
  bool first = true;
  const auto add = [&](int64_t id, const char* name,
                       std::optional<int64_t> amount) {
    const query::Assignment row[] = {query::Assign(items.id, id),
                                     query::Assign(items.name, name),
                                     query::Assign(items.amount, amount)};
    insert = first ? insert.Values(row) : insert.AddRow(row);
    first = false;
  };
  add(1, "ant", 10);
  add(2, "bee", 20);
  add(3, "cat", std::nullopt);
  add(4, "dog", 20);
  add(5, "eel", 50);
  EXPECT_THAT(Execute(insert), IsOk());
  EXPECT_THAT(connection().Commit(), IsOk());
  return items;
}

absl::StatusOr<int64_t> DialectTest::Count(engine::Connection& connection,
                                           const schema::Table& table) {
  return query::ScalarOne(connection, cache_,
                          query::TypedSelect(query::Count()).SelectFrom(table));
}

absl::StatusOr<std::vector<engine::Value>> DialectTest::Cells(
    absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor, connection().Query(sql));
  std::vector<engine::Value> cells;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    if (!more) return cells;
    for (const engine::ValueView& cell : cursor.row()) {
      cells.emplace_back(cell);
    }
  }
}

std::string DialectTest::Quoted(absl::string_view identifier) {
  std::string sql;
  EXPECT_THAT(dialect().AppendIdentifier(identifier, &sql), IsOk());
  return sql;
}

}  // namespace cupel::dialect_suite
