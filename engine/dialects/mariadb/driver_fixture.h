// What the tests of the driver share: a server, opening, and statements in one
// line.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_

#include <initializer_list>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/driver_calls.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {

using driver_calls::DriverConnectionOr;
using driver_calls::Exec;
using driver_calls::InfoOf;
using driver_calls::Rows;
using driver_calls::Select;
using driver_calls::SelectInteger;
using driver_calls::SelectText;

DriverConnectionOr OpenUrl(absl::string_view url,
                           engine::Deadline deadline = {});

// Reads rows of many sizes, below and beyond what the library's buffer holds.
void ExpectRowsOfAllSizes(engine::DriverConnection& connection);

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
      std::initializer_list<absl::string_view> statements,
      absl::string_view options = "");
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_DRIVER_FIXTURE_H_
