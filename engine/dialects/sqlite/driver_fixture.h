// What the tests of the driver share: opening, and statements in one line.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_FIXTURE_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_DRIVER_FIXTURE_H_

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
#include "cupel/testing/temp_directory.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {

using DriverConnectionOr =
    absl::StatusOr<std::unique_ptr<engine::DriverConnection>>;
using Rows = std::vector<std::vector<engine::Value>>;

// Opens the URL; `scope` is null for a connection on its own.
DriverConnectionOr OpenUrl(absl::string_view url,
                           std::shared_ptr<engine::DriverScope> scope = nullptr,
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
