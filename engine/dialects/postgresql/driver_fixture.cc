#include "cupel/engine/dialects/postgresql/driver_fixture.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/driver.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::postgresql_internal {

DriverConnectionOr OpenUrl(absl::string_view url, engine::Deadline deadline) {
  static auto* const driver = new PostgresqlDriver();
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  return driver->Open(parsed, {}, deadline);
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
