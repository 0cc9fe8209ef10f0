#include "cupel/engine/dialects/mariadb/types.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Type;
using engine::TypeKind;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr absl::string_view kColours[] = {"red", "it's"};
constexpr int64_t kColourValues[] = {0, 1};
constexpr engine::EnumDescriptor kColourEnum = {kColours, kColourValues};

TEST(TypesTest, NamesReadBackAsTheTypeTheyWereMadeFrom) {
  for (const Type& type :
       {engine::Boolean(), engine::SmallInteger(), engine::Integer(),
        engine::BigInteger(), engine::Float(), engine::Double(),
        engine::Numeric(12, 2), engine::Numeric(0, 0), engine::String(80),
        engine::Text(), engine::Binary(16), engine::Binary(), engine::Date(),
        engine::Time(), engine::Timestamp(), engine::UuidType(),
        engine::JsonType(), engine::EnumType(&kColourEnum)}) {
    const auto name = TypeNameOf(type, false);
    ASSERT_THAT(name, IsOk()) << type.DebugString();
    EXPECT_EQ(TypeFromName(*name), type) << *name;
  }
}

// A TIMESTAMP would end in 2038.
TEST(TypesTest, MomentsWithAZoneAreKeptAsThoseInUtc) {
  EXPECT_THAT(TypeNameOf(engine::Timestamp(true), false),
              IsOkAndHolds("DATETIME(6)"));
  EXPECT_EQ(TypeFromName("DATETIME(6)"), engine::Timestamp());
  EXPECT_EQ(TypeFromName("TIMESTAMP(6)"), engine::Timestamp(true));
}

TEST(TypesTest, TextsAndKeysGetTheLengthThatTheyNeed) {
  EXPECT_THAT(TypeNameOf(engine::String(), false), IsOkAndHolds("LONGTEXT"));
  EXPECT_THAT(TypeNameOf(engine::String(), true), IsOkAndHolds("VARCHAR(255)"));
  EXPECT_THAT(TypeNameOf(engine::String(20000), false),
              IsOkAndHolds("LONGTEXT"));
  EXPECT_THAT(TypeNameOf(engine::Binary(), true),
              IsOkAndHolds("VARBINARY(255)"));
}

TEST(TypesTest, WhatTheServerCannotKeepIsRefused) {
  EXPECT_FALSE(TypeNameOf(engine::Numeric(66, 2), false).ok());
  EXPECT_FALSE(TypeNameOf(engine::Numeric(60, 39), false).ok());
  EXPECT_FALSE(TypeNameOf(engine::MakeType(TypeKind::kUnknown), false).ok());
}

// Of what the server would keep as another text, and of what is no text.
TEST(TypesTest, EnumeratorsAreRefusedThatWouldBeAltered) {
  for (const absl::string_view name :
       {absl::string_view("red "), absl::string_view("\xC0\xA7"),
        absl::string_view("r\0d", 3)}) {
    const Type type = engine::EnumType(
        engine::InternEnumerators({std::string(name), "blue"}));
    EXPECT_EQ(engine::KindOf(TypeNameOf(type, false).status()),
              engine::ErrorKind::kInvalidValue)
        << name;
  }
}

TEST(TypesTest, NamesOfTheServerAreUnderstood) {
  EXPECT_EQ(TypeFromName("int(11)"), engine::Integer());
  EXPECT_EQ(TypeFromName("tinyint(1)"), engine::Boolean());
  EXPECT_EQ(TypeFromName("tinyint(4)"), engine::SmallInteger());
  EXPECT_EQ(TypeFromName("decimal(10,2)"), engine::Numeric(10, 2));
  EXPECT_EQ(TypeFromName("datetime(6)"), engine::Timestamp());
  EXPECT_EQ(TypeFromName("int(10) unsigned").kind, TypeKind::kBigInteger);
  EXPECT_EQ(TypeFromName("int(10) unsigned").exact_name, "int(10) unsigned");
  EXPECT_EQ(TypeFromName("point").kind, TypeKind::kUnknown);
}

// D4: a reflected name is data.
TEST(TypesTest, HostileNamesAreRefused) {
  for (const char* name : {"INT); DROP TABLE t; --", "INT COMMENT 'x'",
                           "ENUM('a'); DROP TABLE t", "INT -- x", "`INT`"}) {
    EXPECT_FALSE(TypeNameOf(engine::ExactType(name), false).ok()) << name;
  }
  for (const char* name : {"int(10) unsigned", "point", "set('a', 'b')"}) {
    EXPECT_THAT(TypeNameOf(engine::ExactType(name), false), IsOkAndHolds(name));
  }
}

TEST(TypesTest, AveragesAndSumsAreReadAsWhatTheyStandFor) {
  const engine::Decimal half = *engine::Decimal::Parse("0.5");
  engine::BoundValue value;
  ASSERT_THAT(CodecOf(engine::Double())
                  ->Decode(engine::ValueView::Decimal(&half), &value),
              IsOk());
  EXPECT_EQ(value.view.double_value(), 0.5);
  ASSERT_THAT(CodecOf(engine::Numeric(10, 2))
                  ->Decode(engine::ValueView::Int64(7), &value),
              IsOk());
  EXPECT_EQ(value.view.decimal(), engine::Decimal(7));
}

}  // namespace
}  // namespace cupel::mariadb_internal
