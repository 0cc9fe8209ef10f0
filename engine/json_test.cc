#include "cupel/engine/json.h"

#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cupel/engine/type_ops.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using Json = nlohmann::json;

const TypeOps& Ops() { return TypeOpsOf<Json>(); }

std::string Write(const Json& value) {
  BoundValue bound;
  EXPECT_THAT(Ops().bind(&value, &bound), IsOk());
  return std::string(bound.view.bytes());
}

absl::Status WriteStatus(const Json& value) {
  BoundValue bound;
  return Ops().bind(&value, &bound);
}

absl::Status Read(absl::string_view text, Json* value) {
  return Ops().read(ValueView::Json(text), value);
}

Json Nested(int depth) {
  Json value;
  for (int i = 0; i < depth; ++i) value = Json::array({std::move(value)});
  return value;
}

// SCH-08
TEST(JsonTest, GoesRound) {
  for (absl::string_view text :
       {"null", "true", "0", "-9223372036854775808", "18446744073709551615",
        "0.1", "-0.0", "\"\\u0000\"", "[]", "{}",
        "{\"a\":[1,2.5,{\"b\":\"\u00e9\"}],\"c\":null}"}) {
    Json value;
    ASSERT_THAT(Read(text, &value), IsOk()) << text;
    EXPECT_EQ(Write(value), text);
  }
}

// C-10
TEST(JsonTest, SeesChangesAtAnyDepth) {
  Json before = Json::parse(R"({"a": [{"b": {"c": 1}}], "d": 2})");
  Json after = before;
  EXPECT_TRUE(Ops().equal(&before, &after));
  after["a"][0]["b"]["c"] = 3;
  EXPECT_FALSE(Ops().equal(&before, &after));
  after["a"][0]["b"]["c"] = 1;
  EXPECT_TRUE(Ops().equal(&before, &after));
}

TEST(JsonTest, NumbersAreEqualWhenTheirTextIs) {
  Json integer = 1;
  Json same = 1u;
  Json floating = 1.0;
  EXPECT_TRUE(Ops().equal(&integer, &same));
  EXPECT_FALSE(Ops().equal(&integer, &floating));
  Json large = 9007199254740993;
  Json nearly = 9007199254740992.0;
  EXPECT_FALSE(Ops().equal(&large, &nearly));
}

// SCH-13
TEST(JsonTest, JsonNullIsNotSqlNull) {
  std::optional<Json> none;
  BoundValue bound;
  ASSERT_THAT(TypeOpsOf<std::optional<Json>>().bind(&none, &bound), IsOk());
  EXPECT_TRUE(bound.view.is_null());
  std::optional<Json> null = Json(nullptr);
  ASSERT_THAT(TypeOpsOf<std::optional<Json>>().bind(&null, &bound), IsOk());
  EXPECT_EQ(bound.view.bytes(), "null");
}

TEST(JsonTest, RefusesWhatJsonCannotSay) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(WriteStatus({{"a", {1, kInfinity}}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(WriteStatus({{"a", "\xff"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(WriteStatus({{"\xff", 1}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(WriteStatus(Json::binary({1, 2})),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonTest, RefusesTextThatIsNoJson) {
  for (absl::string_view text : {"", "{", "[1,]", "nul", "{} {}", "\"\xff\""}) {
    Json value = 7;
    EXPECT_THAT(Read(text, &value), StatusIs(absl::StatusCode::kDataLoss))
        << text;
    EXPECT_EQ(value, 7);
  }
}

TEST(JsonTest, DepthIsBounded) {
  EXPECT_THAT(WriteStatus(Nested(kMaxJsonDepth)), IsOk());
  EXPECT_THAT(WriteStatus(Nested(kMaxJsonDepth + 1)),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(WriteStatus(Nested(200000)),
              StatusIs(absl::StatusCode::kOutOfRange));
  Json value;
  EXPECT_THAT(Read(std::string(200000, '['), &value),
              StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(Read("\"" + std::string(2000, '[') + "\\\"[\"", &value), IsOk());
}

}  // namespace
}  // namespace cupel::engine
