#include "cupel/engine/dialects/sqlite/types.h"

#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/type.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using cupel::testing::IsOkAndHolds;
using cupel::testing::StatusIs;
using engine::NumericStorage;
using engine::Type;

constexpr absl::string_view kNames[] = {"red", "light_blue", "Paint"};
constexpr int64_t kValues[] = {0, 1, 2};
constexpr engine::EnumDescriptor kColors = {kNames, kValues};

const Type kAllTypes[] = {
    engine::Boolean(),
    engine::SmallInteger(),
    engine::Integer(),
    engine::BigInteger(),
    engine::Float(),
    engine::Double(),
    engine::Numeric(12, 2),
    engine::Numeric(38, 10, NumericStorage::kText),
    engine::Numeric(10, 3, NumericStorage::kFloating),
    engine::String(),
    engine::String(80),
    engine::Text(),
    engine::Binary(),
    engine::Binary(16),
    engine::Date(),
    engine::Time(),
    engine::Timestamp(),
    engine::Timestamp(true),
    engine::Interval(),
    engine::UuidType(),
    engine::JsonType(),
    engine::EnumType(&kColors),
    engine::EnumType(nullptr),
};

// SCH-45
TEST(TypesTest, EveryTypeReadsBackFromItsName) {
  for (const Type& type : kAllTypes) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const std::string name, TypeNameOf(type, false));
    EXPECT_TRUE(TypeFromName(name) == type)
        << name << " reads as " << TypeFromName(name).DebugString();
  }
}

// What SQLite does to a value when it is stored in a column of the type.
std::string StoredAs(absl::string_view type, absl::string_view literal) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
  const std::string create = "CREATE TABLE t(a " + std::string(type) + ")";
  const std::string insert =
      "INSERT INTO t VALUES (" + std::string(literal) + ")";
  EXPECT_EQ(sqlite3_exec(database, create.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << create;
  EXPECT_EQ(sqlite3_exec(database, insert.c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK)
      << insert;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, "SELECT typeof(a) || ' ' || a FROM t", -1,
                     &statement, nullptr);
  sqlite3_step(statement);
  const std::string result =
      reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return result;
}

// C-12
TEST(TypesTest, TheAffinityOfANameKeepsWhatIsStored) {
  const auto stored = [](const Type& type, absl::string_view literal) {
    return StoredAs(TypeNameOf(type, false).value(), literal);
  };
  EXPECT_EQ(stored(engine::Boolean(), "1"), "integer 1");
  EXPECT_EQ(stored(engine::BigInteger(), "9223372036854775807"),
            "integer 9223372036854775807");
  EXPECT_EQ(stored(engine::Double(), "3.0"), "real 3.0");
  EXPECT_EQ(stored(engine::Numeric(12, 2), "1050"), "integer 1050");
  EXPECT_EQ(stored(engine::Numeric(38, 10, NumericStorage::kText),
                   "'123456789012345678901234567890.5'"),
            "text 123456789012345678901234567890.5");
  EXPECT_EQ(stored(engine::String(5), "'0123'"), "text 0123");
  EXPECT_EQ(stored(engine::Text(), "'1e5'"), "text 1e5");
  EXPECT_EQ(stored(engine::Date(), "'2026-01-02'"), "text 2026-01-02");
  EXPECT_EQ(stored(engine::Time(), "'03:04:05'"), "text 03:04:05");
  EXPECT_EQ(stored(engine::Timestamp(), "'2026-01-02 03:04:05.000006'"),
            "text 2026-01-02 03:04:05.000006");
  EXPECT_EQ(stored(engine::Timestamp(true), "'2026-01-02 03:04:05.000006'"),
            "text 2026-01-02 03:04:05.000006");
  EXPECT_EQ(stored(engine::Interval(), "'1970-01-02 00:00:05.000000'"),
            "text 1970-01-02 00:00:05.000000");
  // All digits, and an exponent: a numeric affinity would make numbers of them.
  EXPECT_EQ(stored(engine::UuidType(), "'12345678901234567890123456789012'"),
            "text 12345678901234567890123456789012");
  EXPECT_EQ(stored(engine::UuidType(), "'1234567890123456789012345678e123'"),
            "text 1234567890123456789012345678e123");
  EXPECT_EQ(stored(engine::JsonType(), "'1.0'"), "text 1.0");
  EXPECT_EQ(stored(engine::EnumType(&kColors), "'red'"), "text red");
  EXPECT_EQ(stored(engine::Binary(3), "x'616263'"), "blob abc");
}

TEST(TypesTest, AnAutomaticKeyIsAnInteger) {
  EXPECT_THAT(TypeNameOf(engine::BigInteger(), true), IsOkAndHolds("INTEGER"));
  EXPECT_THAT(TypeNameOf(engine::Integer(), true), IsOkAndHolds("INTEGER"));
  EXPECT_THAT(TypeNameOf(engine::BigInteger(), false), IsOkAndHolds("BIGINT"));
  EXPECT_THAT(TypeNameOf(engine::String(5), true), IsOkAndHolds("VARCHAR(5)"));
}

TEST(TypesTest, UnderstandsNamesOfOthers) {
  EXPECT_TRUE(TypeFromName(" varchar ( 20 ) ") == engine::String(20));
  EXPECT_TRUE(TypeFromName("double  precision") == engine::Double());
  EXPECT_TRUE(TypeFromName("DECIMAL(10,5)") ==
              engine::Numeric(10, 5, NumericStorage::kFloating));
  EXPECT_TRUE(TypeFromName("datetime") == engine::Timestamp());
  const Type unknown = TypeFromName("GEOMETRY(7)");
  EXPECT_EQ(unknown.kind, engine::TypeKind::kUnknown);
  EXPECT_EQ(unknown.exact_name, "GEOMETRY(7)");
  EXPECT_THAT(TypeNameOf(unknown, false), IsOkAndHolds("GEOMETRY(7)"));
}

// D4
TEST(TypesTest, AHostileTypeNameIsQuotedNotPasted) {
  const Type type = TypeFromName("INT); DROP TABLE t; --\"");
  EXPECT_THAT(TypeNameOf(type, false),
              IsOkAndHolds("\"INT); DROP TABLE t; --\"\"\""));
}

TEST(TypesTest, ATypeThatIsNotKnownCannotBeDeclared) {
  EXPECT_THAT(TypeNameOf(Type(), false),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(TypesTest, OnlyWhatSqliteLacksHasACodec) {
  for (const Type& type :
       {engine::BigInteger(), engine::Double(), engine::Text(),
        engine::String(3), engine::Binary(), engine::SmallInteger()}) {
    EXPECT_EQ(CodecOf(type), nullptr) << type.DebugString();
  }
  for (const Type& type :
       {engine::Boolean(), engine::Numeric(5, 2), engine::Date(),
        engine::Time(), engine::Timestamp(), engine::Interval(),
        engine::UuidType(), engine::JsonType(), engine::EnumType(&kColors)}) {
    EXPECT_NE(CodecOf(type), nullptr) << type.DebugString();
  }
}

}  // namespace
}  // namespace cupel::sqlite_internal
