#include "cupel/engine/dialects/mariadb/driver_fixture.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/dialects/mariadb/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::mariadb_internal {

using engine::Deadline;
using engine::DriverConnection;
using engine::Value;
using engine::ValueView;

DriverConnectionOr OpenUrl(absl::string_view url, Deadline deadline) {
  static MariadbDriver driver;
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  return driver.Open(parsed, {}, deadline);
}

absl::Status Exec(DriverConnection& connection, absl::string_view sql,
                  std::initializer_list<ValueView> parameters,
                  Deadline deadline) {
  return Select(connection, sql, parameters, deadline).status();
}

absl::StatusOr<Rows> Select(DriverConnection& connection, absl::string_view sql,
                            std::initializer_list<ValueView> parameters,
                            Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(auto statement, connection.Prepare(sql, deadline));
  CUPEL_RETURN_IF_ERROR(statement->Execute(parameters, deadline));
  Rows rows;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, statement->Next(deadline));
    if (!more) return rows;
    std::vector<Value> row;
    for (const ValueView& cell : statement->row()) row.emplace_back(cell);
    rows.push_back(std::move(row));
  }
}

absl::StatusOr<std::string> SelectText(DriverConnection& connection,
                                       absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Rows rows, Select(connection, sql));
  if (rows.empty()) return absl::NotFoundError("no row");
  const ValueView cell = rows[0][0].view();
  switch (cell.kind()) {
    case engine::ValueKind::kText:
      return std::string(cell.bytes());
    case engine::ValueKind::kInt64:
      return absl::StrCat(cell.int64_value());
    default:
      return cell.DebugString();
  }
}

absl::StatusOr<int64_t> SelectInteger(DriverConnection& connection,
                                      absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Rows rows, Select(connection, sql));
  if (rows.empty() || rows[0][0].kind() != engine::ValueKind::kInt64) {
    return absl::NotFoundError("no integer");
  }
  return rows[0][0].view().int64_value();
}

engine::ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
}

void DriverTest::SetUp() {
  if (!testing::MariadbServer::IsInstalled()) {
    GTEST_SKIP() << "no MariaDB here";
  }
  ASSERT_THAT(server().CreateDatabase("driver_test"), testing::IsOk());
}

std::unique_ptr<DriverConnection> DriverTest::Open(absl::string_view options) {
  DriverConnectionOr connection = OpenUrl(Url(options));
  EXPECT_THAT(connection, testing::IsOk());
  return connection.ok() ? *std::move(connection) : nullptr;
}

std::unique_ptr<DriverConnection> DriverTest::OpenWith(
    std::initializer_list<absl::string_view> statements) {
  std::unique_ptr<DriverConnection> connection = Open();
  for (absl::string_view sql : statements) {
    EXPECT_THAT(Exec(*connection, sql), testing::IsOk());
  }
  return connection;
}

}  // namespace cupel::mariadb_internal
