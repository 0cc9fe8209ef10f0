#include "cupel/engine/dialects/postgresql/driver_fixture.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/driver.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/engine/value.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::postgresql_internal {

using engine::Value;
using engine::ValueView;

DriverConnectionOr OpenUrl(absl::string_view url, engine::Deadline deadline) {
  static auto* const driver = new PostgresqlDriver();
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  return driver->Open(parsed, {}, deadline);
}

absl::Status Exec(engine::DriverConnection& connection, absl::string_view sql,
                  std::initializer_list<ValueView> parameters,
                  engine::Deadline deadline) {
  return Select(connection, sql, parameters, deadline).status();
}

absl::StatusOr<Rows> Select(engine::DriverConnection& connection,
                            absl::string_view sql,
                            std::initializer_list<ValueView> parameters,
                            engine::Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(auto statement, connection.Prepare(sql, deadline));
  if (statement->parameter_count() != static_cast<int>(parameters.size())) {
    return absl::InvalidArgumentError("wrong number of parameters");
  }
  CUPEL_RETURN_IF_ERROR(statement->Execute(
      std::vector<ValueView>(parameters.begin(), parameters.end()), deadline));
  Rows rows;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, statement->Next(deadline));
    if (!more) return rows;
    auto& row = rows.emplace_back();
    for (const ValueView& cell : statement->row()) row.emplace_back(cell);
  }
}

absl::StatusOr<Value> SelectValue(engine::DriverConnection& connection,
                                  absl::string_view sql,
                                  std::initializer_list<ValueView> parameters) {
  CUPEL_ASSIGN_OR_RETURN(Rows rows, Select(connection, sql, parameters));
  if (rows.empty() || rows[0].empty()) return absl::NotFoundError("no row");
  return std::move(rows[0][0]);
}

absl::StatusOr<std::string> SelectText(engine::DriverConnection& connection,
                                       absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Value value, SelectValue(connection, sql));
  if (!value.view().has_bytes()) return value.DebugString();
  return std::string(value.view().bytes());
}

absl::StatusOr<int64_t> SelectInteger(engine::DriverConnection& connection,
                                      absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Value value, SelectValue(connection, sql));
  if (value.kind() != engine::ValueKind::kInt64) {
    return absl::InvalidArgumentError(value.DebugString());
  }
  return value.view().int64_value();
}

engine::ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
}

void DriverTest::SetUp() {
  if (!testing::PostgresqlServer::IsInstalled()) {
    GTEST_SKIP() << "PostgreSQL's server is not installed";
  }
  static int count = 0;
  database_ = absl::StrCat("test_", ++count);
  CUPEL_ASSERT_OK(server().CreateDatabase(database_));
}

std::string DriverTest::Url(absl::string_view query) const {
  return testing::PostgresqlServer::Shared().url(database_, query);
}

std::unique_ptr<engine::DriverConnection> DriverTest::Open(
    absl::string_view query) {
  DriverConnectionOr connection = OpenUrl(Url(query));
  EXPECT_THAT(connection, testing::IsOk());
  return std::move(connection).value();
}

}  // namespace cupel::postgresql_internal
