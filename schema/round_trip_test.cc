// Everything that CreateAll() can create is read back by the Inspector as it
// was: the reflected table gives the same DDL as the one it was created from.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/inspector.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_database.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::IsOk;

TableBuilder Keyed(std::string name) {
  TableBuilder builder(std::move(name));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

// The statements that create `table` and its indexes.
std::string Ddl(const Table& table, const MetaData& metadata,
                const engine::Dialect& dialect) {
  const DdlCompiler compiler(dialect, &metadata);
  const auto create = compiler.CreateTable(table);
  EXPECT_THAT(create, IsOk());
  std::vector<std::string> statements;
  for (const Index& index : table.indexes()) {
    const auto sql = compiler.CreateIndex(index);
    EXPECT_THAT(sql, IsOk());
    statements.push_back(sql.value_or(""));
  }
  // The order of indexes is the database's.
  std::sort(statements.begin(), statements.end());
  return absl::StrCat(create.value_or(""), "\n",
                      absl::StrJoin(statements, "\n"));
}

class RoundTripTest : public ::testing::Test {
 protected:
  // Creates the table (and what it refers to), and compares what comes back.
  void Expect(const TableBuilder& builder) {
    const auto table = builder.Build();
    ASSERT_THAT(table, IsOk());
    ASSERT_THAT(metadata_.Add(*table), IsOk());
    ASSERT_THAT(metadata_.CreateAll(database_.connection()), IsOk());
    Inspector inspector(database_.connection());
    MetaData reflected;
    ASSERT_THAT(inspector.ReflectAll(&reflected), IsOk());
    const Table* found = reflected.Find((*table)->name());
    ASSERT_NE(found, nullptr) << (*table)->name();
    EXPECT_EQ(Ddl(*found, reflected, database_.dialect()),
              Ddl(**table, metadata_, database_.dialect()));
  }

  TestDatabase database_;
  MetaData metadata_{{.naming = NamingConvention::Recommended()}};
};

// SCH-08
TEST_F(RoundTripTest, KeepsColumnsOfEachType) {
  Expect(Keyed("t")
             .Column({.name = "si", .type = engine::SmallInteger()})
             .Column({.name = "i", .type = engine::Integer()})
             .Column({.name = "bi", .type = engine::BigInteger()})
             .Column({.name = "n", .type = engine::Numeric(10, 2)})
             .Column({.name = "f", .type = engine::Float()})
             .Column({.name = "d", .type = engine::Double()})
             .Column({.name = "s", .type = engine::String(80)})
             .Column({.name = "t", .type = engine::Text()})
             .Column({.name = "b", .type = engine::Binary()})
             .Column({.name = "flag", .type = engine::Boolean()})
             .Column({.name = "day", .type = engine::Date()})
             .Column({.name = "clock", .type = engine::Time()})
             .Column({.name = "moment", .type = engine::Timestamp()})
             .Column({.name = "span", .type = engine::Interval()})
             .Column({.name = "uuid", .type = engine::UuidType()})
             .Column({.name = "json", .type = engine::JsonType()})
             .Column(
                 {.name = "exact", .type = engine::ExactType("VARCHAR2(10)")}));
}

// SCH-06, SCH-27, SCH-44
TEST_F(RoundTripTest, KeepsKeysAndConstraints) {
  Expect(TableBuilder("t")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .Column({.name = "c", .type = engine::Integer(), .unique = true})
             .PrimaryKey({.columns = {"b", "a"}})
             .Unique({.name = "uq_given", .columns = {"c", "a"}})
             .Check({.name = "pos", .condition = SqlFragment::Text("a > 0")})
             .Check({.condition = SqlFragment::Text(
                         "b <> ')' AND (a < 10 OR c IS NULL)")}));
}

// SCH-28
TEST_F(RoundTripTest, KeepsForeignKeyOptions) {
  ASSERT_THAT(
      metadata_.Add(*TableBuilder("parent")
                         .Column({.name = "x", .type = engine::Integer()})
                         .Column({.name = "y", .type = engine::Integer()})
                         .PrimaryKey({.columns = {"x", "y"}})
                         .Build()),
      IsOk());
  const bool deferrable =
      database_.dialect().capabilities().deferrable_constraints;
  Expect(
      Keyed("child")
          .Column({.name = "px", .type = engine::Integer()})
          .Column({.name = "py", .type = engine::Integer()})
          .Column(
              {.name = "up",
               .type = engine::BigInteger(),
               .foreign_keys = {{.referred_table = "child",
                                 .on_delete = ForeignKeyAction::kRestrict}}})
          .ForeignKey({.name = "fk_given",
                       .columns = {"py", "px"},
                       .referred_table = "parent",
                       .referred_columns = {"y", "x"},
                       .on_delete = ForeignKeyAction::kSetNull,
                       .on_update = ForeignKeyAction::kCascade,
                       .deferrable = deferrable ? Deferrable::kInitiallyDeferred
                                                : Deferrable::kNone}));
}

// SCH-31, SCH-45
TEST_F(RoundTripTest, KeepsExpressionAndPartialIndexes) {
  Expect(
      Keyed("t")
          .Column({.name = "email", .type = engine::Text(), .index = true})
          .Column({.name = "big", .type = engine::Integer()})
          .Index({.name = "ix_lower",
                  .parts = {{.expression = SqlFragment::Text("lower(email)")},
                            {.column = "big", .order = SortOrder::kDescending}},
                  .unique = true})
          .Index({.name = "ix_partial",
                  .parts = {{.column = "big"}},
                  .where = SqlFragment::Text("big > 5 AND email <> ';'")}));
}

// SCH-22, SCH-23, D9
TEST_F(RoundTripTest, KeepsDefaultsAndComputedColumns) {
  Expect(Keyed("t")
             .Column({.name = "text",
                      .type = engine::Text(),
                      .server_default = SqlFragment::Literal(
                          engine::Text(),
                          engine::Value::Text("it's \\ (odd) -- \"x\"\n;"))})
             .Column({.name = "made",
                      .type = engine::Timestamp(),
                      .server_default = SqlFragment::Text("CURRENT_TIMESTAMP")})
             .Column({.name = "sum",
                      .type = engine::Integer(),
                      .server_default = SqlFragment::Text("(1 + 2) * 3")})
             .Column({.name = "negative",
                      .type = engine::Integer(),
                      .server_default = SqlFragment::Literal(
                          engine::Integer(), engine::Value::Int64(-5))})
             .Column({.name = "stored",
                      .type = engine::Integer(),
                      .computed =
                          ComputedOptions{
                              .expression = SqlFragment::Text("sum * (1 + 1)"),
                              .storage = ComputedStorage::kStored}})
             .Column({.name = "virtual",
                      .type = engine::Text(),
                      .computed = ComputedOptions{
                          .expression = SqlFragment::Text("text || ')'"),
                          .storage = ComputedStorage::kVirtual}}));
}

// SCH-07
TEST_F(RoundTripTest, KeepsKeysThatAreNeverReused) {
  Expect(TableBuilder("t").Column({.name = "id",
                                   .type = engine::BigInteger(),
                                   .primary_key = true,
                                   .never_reuse_keys = true}));
}

constexpr absl::string_view kColors[] = {"red", "it's"};
constexpr int64_t kColorValues[] = {0, 1};
constexpr engine::EnumDescriptor kColor = {kColors, kColorValues};

// SCH-34, SCH-45, D9
TEST_F(RoundTripTest, KeepsChecksOfTypes) {
  Expect(Keyed("t")
             .Column({.name = "flag",
                      .type = engine::Boolean(),
                      .boolean_check = true})
             .Column({.name = "color", .type = engine::EnumType(&kColor)}));
}

// SCH-32
TEST_F(RoundTripTest, KeepsTableOptions) {
  TableBuilder builder = Keyed("t");
  for (const absl::string_view option :
       database_.dialect().syntax().table_options) {
    builder.Option(std::string(option));
  }
  Expect(builder);
}

// D1
TEST_F(RoundTripTest, KeepsOddNames) {
  int i = 0;
  for (const absl::string_view name : {"select",
                                       "Mixed",
                                       "two words",
                                       "quo\"te",
                                       "apo'strophe",
                                       "do.t",
                                       "back\\slash",
                                       "per%cent",
                                       "semi;colon",
                                       "br[ack]et",
                                       "(paren)",
                                       "comma,",
                                       "new\nline",
                                       "-- comment",
                                       "/* c */",
                                       "`tick`",
                                       "$1",
                                       "?",
                                       ":name",
                                       "@x",
                                       "\u00FCml\u00E4ut",
                                       "\U0001F600",
                                       " lead",
                                       "trail ",
                                       "1st",
                                       "",
                                       "null",
                                       "rowid"}) {
    if (name.empty()) continue;
    SCOPED_TRACE(name);
    const std::string column(name);
    Expect(TableBuilder(absl::StrCat(name, ++i))
               .Column({.name = "id",
                        .type = engine::BigInteger(),
                        .primary_key = true})
               .Column({.name = column + "x", .type = engine::Integer()})
               .Unique({.name = absl::StrCat("u", name, i),
                        .columns = {column + "x"}})
               .Check({.name = absl::StrCat("c", name, i),
                       .name_is_final = true,
                       .condition = SqlFragment::Text("id > 0")})
               .ForeignKey({.name = absl::StrCat("f", name, i),
                            .columns = {column + "x"},
                            .referred_table = absl::StrCat(name, i),
                            .referred_columns = {column + "x"}})
               .Index({.name = absl::StrCat("i", name, i),
                       .parts = {{.column = column + "x"}}}));
  }
}

// D1
TEST_F(RoundTripTest, RefusesNamesThatNoDatabaseKeeps) {
  for (const std::string& name :
       {std::string("a\0b", 3), std::string("bad \xff utf8")}) {
    MetaData metadata;
    ASSERT_THAT(metadata.Add(*Keyed(name).Build()), IsOk());
    EXPECT_THAT(metadata.CreateAll(database_.connection()),
                ::cupel::testing::StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace cupel::schema
