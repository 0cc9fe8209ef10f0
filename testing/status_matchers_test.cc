#include "cupel/testing/status_matchers.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using ::testing::_;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointee;

absl::StatusOr<int> Three() { return 3; }
absl::StatusOr<int> Missing() { return absl::NotFoundError("no author 7"); }

TEST(IsOkTest, MatchesStatusesAndStatusOrs) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(Three(), IsOk());
  EXPECT_THAT(absl::InternalError("x"), Not(IsOk()));
  EXPECT_THAT(Missing(), Not(IsOk()));
}

TEST(IsOkAndHoldsTest, MatchesTheValue) {
  EXPECT_THAT(Three(), IsOkAndHolds(3));
  EXPECT_THAT(Three(), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(Three(), Not(IsOkAndHolds(4)));
  EXPECT_THAT(Missing(), Not(IsOkAndHolds(_)));
  const absl::StatusOr<std::string> text = "abc";
  EXPECT_THAT(text, IsOkAndHolds("abc"));
  EXPECT_THAT((absl::StatusOr<std::vector<int>>({1, 2})),
              IsOkAndHolds(ElementsAre(1, 2)));
}

TEST(IsOkAndHoldsTest, MatchesAMoveOnlyValue) {
  absl::StatusOr<std::unique_ptr<int>> pointer = std::make_unique<int>(5);
  EXPECT_THAT(pointer, IsOkAndHolds(Pointee(5)));
  CUPEL_ASSERT_OK_AND_ASSIGN(std::unique_ptr<int> taken, std::move(pointer));
  EXPECT_EQ(*taken, 5);
}

TEST(StatusIsTest, MatchesCodeAndMessage) {
  EXPECT_THAT(Missing(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Missing().status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("author")));
  EXPECT_THAT(Missing(), StatusIs(AnyOf(absl::StatusCode::kAborted,
                                        absl::StatusCode::kNotFound),
                                  "no author 7"));
  EXPECT_THAT(Missing(), Not(StatusIs(absl::StatusCode::kOk)));
  EXPECT_THAT(Missing(), Not(StatusIs(absl::StatusCode::kNotFound, "post")));
}

TEST(StatusIsTest, ExplainsWithTheActualStatus) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(
      ::testing::ExplainMatchResult(IsOk(), Missing().status(), &listener));
  EXPECT_EQ(listener.str(), "whose status is NOT_FOUND: no author 7");
}

}  // namespace
}  // namespace cupel::testing
