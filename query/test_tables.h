// The tables of this layer's tests, and a database that holds them.

#ifndef CUPEL_QUERY_TEST_TABLES_H_
#define CUPEL_QUERY_TEST_TABLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/temp_database.h"

namespace cupel::query {

inline std::shared_ptr<const schema::Table> BuildTable(
    const schema::TableBuilder& builder) {
  auto table = builder.Build();
  if (!table.ok()) abort();
  return *std::move(table);
}

// employee(id, name, age, manager_id -> employee, team_id -> team)
inline const schema::Table& TeamTable() {
  static const auto& table = *new std::shared_ptr<const schema::Table>(
      BuildTable(schema::TableBuilder("team")
                     .Column({.name = "id",
                              .type = engine::BigInteger(),
                              .primary_key = true})
                     .Column({.name = "title",
                              .type = engine::Text(),
                              .nullable = false})));
  return *table;
}

inline const schema::Table& EmployeeTable() {
  static const auto& table =
      *new std::shared_ptr<const schema::Table>(BuildTable(
          schema::TableBuilder("employee")
              .Column({.name = "id",
                       .type = engine::BigInteger(),
                       .primary_key = true})
              .Column(
                  {.name = "name", .type = engine::Text(), .nullable = false})
              .Column({.name = "age", .type = engine::BigInteger()})
              .Column({.name = "manager_id", .type = engine::BigInteger()})
              .Column({.name = "team_id",
                       .type = engine::BigInteger(),
                       .foreign_keys = {{.referred_table = &TeamTable}}})));
  return *table;
}

struct Employee {
  const schema::Table& table = EmployeeTable();
  TypedExpr<int64_t> id = ColumnExpr<int64_t>(*table.Find("id"));
  TypedExpr<std::string> name = ColumnExpr<std::string>(*table.Find("name"));
  TypedExpr<std::optional<int64_t>> age =
      ColumnExpr<std::optional<int64_t>>(*table.Find("age"));
  TypedExpr<std::optional<int64_t>> manager_id =
      ColumnExpr<std::optional<int64_t>>(*table.Find("manager_id"));
  TypedExpr<std::optional<int64_t>> team_id =
      ColumnExpr<std::optional<int64_t>>(*table.Find("team_id"));
};

struct Team {
  const schema::Table& table = TeamTable();
  TypedExpr<int64_t> id = ColumnExpr<int64_t>(*table.Find("id"));
  TypedExpr<std::string> title = ColumnExpr<std::string>(*table.Find("title"));
};

// A database of the default dialect in memory, with both tables and five
// employees:  ada 36 (boss), bob 25, cyd NULL, dan 50, eve 25.
class TestDatabase {
 public:
  // Null: of the default dialect.
  explicit TestDatabase(
      std::shared_ptr<const engine::Dialect> dialect = nullptr)
      : engine_(*engine::Engine::Create(
            {.uri = testing::MemoryUrl(), .dialect = std::move(dialect)})),
        connection_(*engine_.Connect()) {
    Must("CREATE TABLE team (id INTEGER PRIMARY KEY, title TEXT NOT NULL)");
    Must(
        "CREATE TABLE employee (id INTEGER PRIMARY KEY, name TEXT NOT NULL "
        "UNIQUE, age INTEGER, manager_id INTEGER, team_id INTEGER)");
    Must("INSERT INTO team VALUES (1, 'red'), (2, 'blue'), (3, 'none')");
    Must(
        "INSERT INTO employee VALUES (1, 'ada', 36, NULL, 1), (2, 'bob', 25, "
        "1, 1), (3, 'cyd', NULL, 1, 2), (4, 'dan', 50, 2, NULL), (5, 'eve', "
        "25, 3, 2)");
  }

  engine::Connection& connection() { return connection_; }
  engine::Engine& engine() { return engine_; }
  StatementCache& cache() { return cache_; }
  const engine::Dialect& dialect() const { return connection_.dialect(); }

  template <HasRow S>
  auto All(const S& statement) {
    return query::All(connection_, cache_, statement);
  }
  template <HasRow S>
  auto Scalars(const S& statement) {
    return query::Scalars(connection_, cache_, statement);
  }
  absl::StatusOr<engine::ExecuteResult> Execute(const Statement& statement) {
    return query::ExecuteToEnd(connection_, cache_, statement);
  }
  std::string Sql(const Statement& statement) {
    auto sql = SqlOf(statement, dialect());
    return sql.ok() ? *sql : sql.status().ToString();
  }
  void Must(absl::string_view sql) {
    const absl::Status status = connection_.Execute(sql).status();
    if (!status.ok()) {
      fprintf(stderr, "%s\n", status.ToString().c_str());
      abort();
    }
  }

 private:
  engine::Engine engine_;
  engine::Connection connection_;
  StatementCache cache_;
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_TEST_TABLES_H_
