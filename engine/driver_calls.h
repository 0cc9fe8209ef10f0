// What tests of a driver do in one line: statements on a bare connection,
// without the engine above it.
//
//   CUPEL_ASSERT_OK(Exec(*connection, "CREATE TABLE t (a INTEGER)"));
//   EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
//               IsOkAndHolds(0));

#ifndef CUPEL_ENGINE_DRIVER_CALLS_H_
#define CUPEL_ENGINE_DRIVER_CALLS_H_

#include <cstdint>
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

namespace cupel::driver_calls {

using DriverConnectionOr =
    absl::StatusOr<std::unique_ptr<engine::DriverConnection>>;
using Rows = std::vector<std::vector<engine::Value>>;

// Executes one statement to its end.
absl::Status Exec(engine::DriverConnection& connection, absl::string_view sql,
                  std::initializer_list<engine::ValueView> parameters = {},
                  engine::Deadline deadline = {});

// All rows of a statement.
absl::StatusOr<Rows> Select(
    engine::DriverConnection& connection, absl::string_view sql,
    std::initializer_list<engine::ValueView> parameters = {},
    engine::Deadline deadline = {});

// The first cell of the first row. Errors: kNotFound when there is none.
absl::StatusOr<engine::Value> SelectValue(
    engine::DriverConnection& connection, absl::string_view sql,
    std::initializer_list<engine::ValueView> parameters = {});
// The same as text, whatever it is.
absl::StatusOr<std::string> SelectText(engine::DriverConnection& connection,
                                       absl::string_view sql);
// The same as an integer. Errors: kInvalidArgument for another value.
absl::StatusOr<int64_t> SelectInteger(engine::DriverConnection& connection,
                                      absl::string_view sql);

// What an error tells; nothing in particular for others.
engine::ErrorInfo InfoOf(const absl::Status& status);

}  // namespace cupel::driver_calls

#endif  // CUPEL_ENGINE_DRIVER_CALLS_H_
