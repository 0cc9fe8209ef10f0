#include "cupel/engine/host_lookup.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "cupel/engine/error_info.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<std::string>> NeverAsked(const std::string&) {
  ADD_FAILURE() << "asked";
  return std::vector<std::string>{};
}

TEST(HostLookupTest, AddressesStandForThemselves) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_THAT(AddressesOf(address, Deadline(), NeverAsked),
                IsOkAndHolds(ElementsAre(address)));
  }
}

TEST(HostLookupTest, AsksTheResolver) {
  EXPECT_THAT(AddressesOf("localhost", Deadline()),
              IsOkAndHolds(Contains(AnyOf("127.0.0.1", "::1"))));
}

TEST(HostLookupTest, NamesAHostThatIsNone) {
  const auto none = AddressesOf("no such host", Deadline());
  EXPECT_THAT(none,
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("cannot look up the host no such host: ")));
  EXPECT_EQ(GetErrorInfo(none.status())->kind, ErrorKind::kCannotConnect);
}

TEST(HostLookupTest, ASilentResolverEndsAtTheDeadline) {
  struct Resolver {
    absl::Notification may_answer;
    absl::Notification has_answered;
  };
  auto resolver = std::make_shared<Resolver>();
  const HostLookup silent =
      [resolver](
          const std::string&) -> absl::StatusOr<std::vector<std::string>> {
    resolver->may_answer.WaitForNotification();
    resolver->has_answered.Notify();
    return std::vector<std::string>{"192.0.2.1"};
  };
  EXPECT_THAT(AddressesOf("db.example", Deadline::After(absl::Milliseconds(20)),
                          silent),
              StatusIs(absl::StatusCode::kUnavailable,
                       "cannot look up the host db.example: no answer in "
                       "time"));
  // Nobody waits for its answer any more, which it may give.
  resolver->may_answer.Notify();
  resolver->has_answered.WaitForNotification();
}

}  // namespace
}  // namespace cupel::engine
