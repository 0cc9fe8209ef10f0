// What the tests of the driver share: a server, opening, and statements in one
// line.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_DRIVER_FIXTURE_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_DRIVER_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/driver_calls.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {

using driver_calls::DriverConnectionOr;
using driver_calls::Exec;
using driver_calls::InfoOf;
using driver_calls::Rows;
using driver_calls::Select;
using driver_calls::SelectInteger;
using driver_calls::SelectText;
using driver_calls::SelectValue;

DriverConnectionOr OpenUrl(absl::string_view url,
                           engine::Deadline deadline = {});

// A database of its own in the program's server.
class DriverTest : public ::testing::Test {
 protected:
  void SetUp() override;

  std::string Url(absl::string_view query = "") const;
  // A connection; the program ends without one.
  std::unique_ptr<engine::DriverConnection> Open(absl::string_view query = "");
  testing::PostgresqlServer& server() {
    return testing::PostgresqlServer::Shared();
  }

 private:
  std::string database_;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_DRIVER_FIXTURE_H_
