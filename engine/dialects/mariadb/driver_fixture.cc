#include "cupel/engine/dialects/mariadb/driver_fixture.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/dialects/mariadb/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/url.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"

namespace cupel::mariadb_internal {

using engine::Deadline;
using engine::DriverConnection;

DriverConnectionOr OpenUrl(absl::string_view url, Deadline deadline) {
  static MariadbDriver driver;
  CUPEL_ASSIGN_OR_RETURN(const engine::Url parsed, engine::Url::Parse(url));
  return driver.Open(parsed, {}, deadline);
}

void ExpectRowsOfAllSizes(DriverConnection& connection) {
  const auto rows =
      Select(connection,
             "SELECT seq, REPEAT(CHAR(65 + seq MOD 26), IF(seq MOD 300 = 0, "
             "40000, seq * 37 MOD 700)) FROM seq_1_to_3000");
  ASSERT_THAT(rows, testing::IsOk());
  ASSERT_EQ(rows->size(), 3000u);
  for (int i = 1; i <= 3000; ++i) {
    const size_t size = i % 300 == 0 ? 40000 : i * 37 % 700;
    const std::vector<engine::Value>& row = (*rows)[i - 1];
    EXPECT_EQ(row[0].view().int64_value(), i);
    EXPECT_EQ(row[1].view().bytes(),
              std::string(size, static_cast<char>('A' + i % 26)));
  }
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
    std::initializer_list<absl::string_view> statements,
    absl::string_view options) {
  std::unique_ptr<DriverConnection> connection = Open(options);
  for (absl::string_view sql : statements) {
    EXPECT_THAT(Exec(*connection, sql), testing::IsOk());
  }
  return connection;
}

}  // namespace cupel::mariadb_internal
