// What tests of faults share: an engine on the faulty server, and questions in
// one line.

#ifndef CUPEL_TESTING_DIALECTS_FAULT_FIXTURE_H_
#define CUPEL_TESTING_DIALECTS_FAULT_FIXTURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "gtest/gtest.h"

namespace cupel::testing {

// The first cell of the first row.
absl::StatusOr<int64_t> SelectInteger(engine::Connection& connection,
                                      absl::string_view sql);

engine::ErrorInfo InfoOf(const absl::Status& status);

// How long `call` takes.
template <typename Call>
absl::Duration TimeOf(Call call) {
  const absl::Time begin = absl::Now();
  call();
  return absl::Now() - begin;
}

// A table t (id, b) with the rows (1, 0) and (2, 0) for each test.
class FaultTest : public ::testing::Test {
 protected:
  // Ends whatever the test has left.
  void SetUp() override;
  void TearDown() override { server().process->Thaw(); }

  static FaultyServer& server() { return GetFaultyServer(); }

  // An engine of its own, through another port if there is one.
  static engine::Engine Open(const engine::PoolOptions& pool = {},
                             std::optional<int> port = {},
                             const engine::ExecutionOptions& execution = {});

  // By a connection of its own.
  static absl::StatusOr<int64_t> Ask(absl::string_view sql);
  // Waits until the server, which notices the end of a connection a moment
  // later, has so many sessions; how many they are in the end.
  static absl::StatusOr<int64_t> AwaitSessions(int64_t count);
  // Waits until the statement of another session runs.
  static void AwaitBusy(int64_t session);
};

// A busy machine is no reason to fail: what has no deadline takes for ever.
constexpr absl::Duration kTooLong = absl::Seconds(5);
// For what is to succeed.
constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_DIALECTS_FAULT_FIXTURE_H_
