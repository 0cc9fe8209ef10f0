// The fixture of the suite's cases: a connection to the database under test,
// tables that go with the case, and the shortest way to run a statement.

#ifndef CUPEL_TESTING_DIALECT_SUITE_DIALECT_TEST_H_
#define CUPEL_TESTING_DIALECT_SUITE_DIALECT_TEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/suite_case.h"
#include "cupel/testing/status_matchers.h"  // IWYU pragma: export
#include "gmock/gmock.h"                    // IWYU pragma: export
#include "gtest/gtest.h"                    // IWYU pragma: export

namespace cupel::dialect_suite {

using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

// A status (or StatusOr) of this kind.
MATCHER_P(IsKind, kind, std::string(engine::ErrorKindName(kind))) {
  const absl::Status& status = testing::internal::StatusOf(arg);
  *result_listener << status.ToString();
  return engine::KindOf(status) == kind;
}

// The refusal of what a database lacks.
MATCHER(IsRefused, "is refused as unimplemented") {
  const absl::Status& status = testing::internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == absl::StatusCode::kUnimplemented;
}

// `table`'s column, as T.
template <typename T>
query::TypedExpr<T> Col(const schema::Table& table, absl::string_view name) {
  return query::ColumnExpr<T>(*table.Find(name));
}

// A builder with the column "id" as its generated key.
schema::TableBuilder Keyed(std::string name);

// The table that most cases of queries read.
struct Items {
  explicit Items(const schema::Table& items) : table(items) {}

  const schema::Table& table;
  query::TypedExpr<int64_t> id = Col<int64_t>(table, "id");
  query::TypedExpr<std::string> name = Col<std::string>(table, "name");
  query::TypedExpr<std::optional<int64_t>> amount =
      Col<std::optional<int64_t>>(table, "amount");
};

class DialectTest : public SuiteCase {
 public:
  DialectTest();
  ~DialectTest() override;

 protected:
  void Open() override;
  void Close() override;

  const engine::Dialect& dialect() const { return engine_->dialect(); }
  const engine::Capabilities& can() const { return dialect().capabilities(); }
  const engine::Syntax& syntax() const { return dialect().syntax(); }
  engine::Engine& engine() { return *engine_; }
  engine::Connection& connection() { return *connection_; }
  query::StatementCache& cache() { return cache_; }

  // Another connection to the same database.
  engine::Connection Connect();

  // Creates the table, which is dropped at the end. A failure is the case's.
  const schema::Table& Create(const schema::TableBuilder& builder);
  // The same, where a failure is what the case asks about.
  absl::Status TryCreate(const schema::TableBuilder& builder);
  // Runs `sql` at the end, before tables are dropped.
  void Later(std::string sql) { later_.push_back(std::move(sql)); }

  // "item" (id, name, amount), and with five rows: ant 10, bee 20, cat NULL,
  // dog 20, eel 50.
  Items CreateItems();
  Items FillItems();

  absl::StatusOr<engine::ExecuteResult> Execute(
      const query::Statement& statement) {
    return query::ExecuteToEnd(connection(), cache_, statement);
  }
  absl::StatusOr<engine::ExecuteResult> Execute(absl::string_view sql) {
    return connection().Execute(sql);
  }
  template <query::HasRow S>
  auto All(const S& statement) {
    return query::All(connection(), cache_, statement);
  }
  template <query::HasRow S>
  auto Scalars(const S& statement) {
    return query::Scalars(connection(), cache_, statement);
  }
  template <query::HasRow S>
  auto Scalar(const S& statement) {
    return query::ScalarOne(connection(), cache_, statement);
  }
  // Rows of the table, by `connection`.
  absl::StatusOr<int64_t> Count(engine::Connection& connection,
                                const schema::Table& table);
  absl::StatusOr<int64_t> Count(const schema::Table& table) {
    return Count(connection(), table);
  }
  // All cells of a text's result, row by row.
  absl::StatusOr<std::vector<engine::Value>> Cells(absl::string_view sql);

  std::string Quoted(absl::string_view identifier);
  absl::StatusOr<std::string> Sql(const query::Statement& statement) {
    return query::SqlOf(statement, dialect());
  }

 private:
  std::optional<engine::Engine> engine_;
  std::optional<engine::Connection> connection_;
  query::StatementCache cache_;
  schema::MetaData metadata_;
  std::vector<std::string> later_;
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_DIALECT_TEST_H_
