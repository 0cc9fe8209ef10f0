#include "cupel/engine/dialects/mariadb/driver_fixture.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/engine/dialects/mariadb/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::mariadb_internal {

using engine::Deadline;
using engine::DriverConnection;

DriverConnectionOr OpenUrl(absl::string_view url, Deadline deadline) {
  static MariadbDriver driver;
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  return driver.Open(parsed, {}, deadline);
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
