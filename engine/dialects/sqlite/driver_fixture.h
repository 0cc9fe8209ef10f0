// What the tests of the driver share: opening, and statements in one line.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_FIXTURE_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/driver_calls.h"
#include "cupel/testing/temp_directory.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {

using driver_calls::DriverConnectionOr;
using driver_calls::Exec;
using driver_calls::InfoOf;
using driver_calls::Rows;
using driver_calls::Select;
using driver_calls::SelectInteger;
using driver_calls::SelectText;

// Opens the URL; `scope` is null for a connection on its own.
DriverConnectionOr OpenUrl(absl::string_view url,
                           std::shared_ptr<engine::DriverScope> scope = nullptr,
                           engine::Deadline deadline = {});

// A file database in a directory of its own.
class DriverTest : public ::testing::Test {
 protected:
  std::string Url(absl::string_view options = "") const;
  std::unique_ptr<engine::DriverConnection> Open(
      absl::string_view options = "");

  testing::TempDirectory directory_;
};

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_FIXTURE_H_
