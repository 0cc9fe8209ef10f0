// What the tests of the driver share: a server, opening, and statements in one
// line.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {

using DriverConnectionOr =
    absl::StatusOr<std::unique_ptr<engine::DriverConnection>>;
using Rows = std::vector<std::vector<engine::Value>>;

DriverConnectionOr OpenUrl(absl::string_view url,
                           engine::Deadline deadline = {});

// Executes one statement to its end.
absl::Status Exec(engine::DriverConnection& connection, absl::string_view sql,
                  std::initializer_list<engine::ValueView> parameters = {},
                  engine::Deadline deadline = {});

// All rows of a statement.
absl::StatusOr<Rows> Select(
    engine::DriverConnection& connection, absl::string_view sql,
    std::initializer_list<engine::ValueView> parameters = {},
    engine::Deadline deadline = {});

// The first cell of the first row, as text.
absl::StatusOr<std::string> SelectText(engine::DriverConnection& connection,
                                       absl::string_view sql);
// The same as an integer.
absl::StatusOr<int64_t> SelectInteger(engine::DriverConnection& connection,
                                      absl::string_view sql);

engine::ErrorInfo InfoOf(const absl::Status& status);

// An empty database of the program's server, for each test.
class DriverTest : public ::testing::Test {
 protected:
  void SetUp() override;

  testing::MariadbServer& server() { return testing::MariadbServer::Shared(); }
  std::string Url(absl::string_view options = "") {
    return server().url("driver_test", options);
  }
  std::unique_ptr<engine::DriverConnection> Open(
      absl::string_view options = "");
  // A connection on which the statements have been executed.
  std::unique_ptr<engine::DriverConnection> OpenWith(
      std::initializer_list<absl::string_view> statements);
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_
