#include "cupel/engine/uuid.h"

#include <random>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;

constexpr absl::string_view kText = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

TEST(UuidTest, WritesWhatItRead) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Uuid uuid, Uuid::Parse(kText));
  EXPECT_EQ(uuid.ToString(), kText);
  EXPECT_EQ(uuid.ToHex(), "6ba7b8109dad41d180b400c04fd430c8");
  EXPECT_THAT(Uuid::Parse(uuid.ToHex()), IsOkAndHolds(uuid));
  EXPECT_THAT(Uuid::Parse("6BA7B810-9DAD-41D1-80B4-00C04FD430C8"),
              IsOkAndHolds(uuid));
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_EQ(Uuid().ToHex(), std::string(32, '0'));
}

TEST(UuidTest, RefusesOtherText) {
  for (absl::string_view text :
       {"", "6ba7b810", "6ba7b810-9dad-41d1-80b4-00c04fd430c",
        "6ba7b810-9dad-41d1-80b4-00c04fd430c8a",
        "6ba7b81-09dad-41d1-80b4-00c04fd430c8",
        "6ba7b810-9dad-41d1-80b4-00c04fd430cg",
        "{6ba7b8109dad41d180b400c04fd430}"}) {
    EXPECT_THAT(Uuid::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  EXPECT_THAT(Uuid::FromBytes("short"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(UuidTest, RandomOnesAreVersionFourAndDiffer) {
  absl::flat_hash_set<Uuid> seen;
  for (int i = 0; i < 1000; ++i) {
    Uuid uuid = Uuid::Random();
    EXPECT_EQ(uuid.bytes[6] >> 4, 4);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(UuidTest, PropertyTextGoesRoundAndOrdersLikeBytes) {
  std::mt19937_64 random(11);
  Uuid before;
  for (int i = 0; i < 2000; ++i) {
    Uuid uuid;
    for (uint8_t& byte : uuid.bytes) byte = static_cast<uint8_t>(random());
    ASSERT_THAT(Uuid::Parse(uuid.ToString()), IsOkAndHolds(uuid));
    ASSERT_EQ(uuid < before, uuid.ToString() < before.ToString());
    std::string broken = uuid.ToString();
    broken[random() % broken.size()] = 'x';
    ASSERT_THAT(Uuid::Parse(broken),
                StatusIs(absl::StatusCode::kInvalidArgument));
    before = uuid;
  }
}

}  // namespace
}  // namespace cupel::engine
