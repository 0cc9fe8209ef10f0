#include "cupel/engine/status_macros.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

absl::Status HandOn(const absl::Status& status, bool& reached_end) {
  CUPEL_RETURN_IF_ERROR(status);
  reached_end = true;
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, ReturnsTheErrorAtOnce) {
  bool reached_end = false;
  EXPECT_EQ(HandOn(absl::NotFoundError("gone"), reached_end),
            absl::NotFoundError("gone"));
  EXPECT_FALSE(reached_end);
}

TEST(ReturnIfErrorTest, GoesOnAfterOk) {
  bool reached_end = false;
  EXPECT_TRUE(HandOn(absl::OkStatus(), reached_end).ok());
  EXPECT_TRUE(reached_end);
}

absl::StatusOr<int> Next(absl::StatusOr<int> value) {
  CUPEL_ASSIGN_OR_RETURN(const int number, value);
  int copy = 0;
  CUPEL_ASSIGN_OR_RETURN(copy, value);
  return (number + copy) / 2 + 1;
}

TEST(AssignOrReturnTest, AssignsTheValue) { EXPECT_EQ(*Next(1), 2); }

TEST(AssignOrReturnTest, ReturnsTheError) {
  EXPECT_EQ(Next(absl::NotFoundError("gone")).status(),
            absl::NotFoundError("gone"));
}

TEST(AssignOrReturnTest, MovesOutOfTheResult) {
  auto pass = []() -> absl::StatusOr<std::unique_ptr<int>> {
    CUPEL_ASSIGN_OR_RETURN(
        std::unique_ptr<int> pointer,
        absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(7)));
    return pointer;
  };
  EXPECT_EQ(**pass(), 7);
}

TEST(AssignOrReturnTest, TakesATypeWithACommaInParentheses) {
  auto sum = []() -> absl::StatusOr<int> {
    CUPEL_ASSIGN_OR_RETURN((std::pair<int, int> pair),
                           absl::StatusOr<std::pair<int, int>>({1, 2}));
    return pair.first + pair.second;
  };
  EXPECT_EQ(*sum(), 3);
}

absl::Status RequirePositive(int number) {
  CUPEL_RET_CHECK(number > 0) << "number is " << number;
  return absl::OkStatus();
}

TEST(RetCheckTest, PassesWhenTheConditionHolds) {
  EXPECT_TRUE(RequirePositive(1).ok());
}

TEST(RetCheckTest, ReturnsInternalWithLocationConditionAndText) {
  const absl::Status status = RequirePositive(-1);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("status_macros_test.cc:"),
            HasSubstr("check failed: number > 0"), EndsWith("number is -1")));
}

TEST(RetCheckTest, BindsToItsOwnIfWithoutBraces) {
  auto check = [](bool wanted) -> absl::StatusOr<int> {
    if (wanted)
      CUPEL_RET_CHECK(false);
    else
      return 1;
    return 2;
  };
  EXPECT_EQ(check(true).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(*check(false), 1);
}

}  // namespace
}  // namespace cupel
