#include "cupel/engine/dialects/sqlite/driver_fixture.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/engine/dialects/sqlite/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::sqlite_internal {

using engine::Deadline;
using engine::DriverConnection;

DriverConnectionOr OpenUrl(absl::string_view url,
                           std::shared_ptr<engine::DriverScope> scope,
                           Deadline deadline) {
  static SqliteDriver driver;
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  engine::ConnectOptions options;
  options.scope = std::move(scope);
  return driver.Open(parsed, options, deadline);
}

std::string DriverTest::Url(absl::string_view options) const {
  return absl::StrCat("sqlite:///", directory_.Path("t.db"), options);
}

std::unique_ptr<DriverConnection> DriverTest::Open(absl::string_view options) {
  DriverConnectionOr connection = OpenUrl(Url(options));
  EXPECT_THAT(connection, testing::IsOk());
  return connection.ok() ? *std::move(connection) : nullptr;
}

}  // namespace cupel::sqlite_internal
