#include "cupel/schema/ddl_compiler.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_dialect.h"
#include "cupel/testing/golden.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::GoldenFile;
using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const Table> Build(const TableBuilder& builder) {
  absl::StatusOr<std::shared_ptr<const Table>> table = builder.Build();
  EXPECT_THAT(table, IsOk());
  return *table;
}

TableBuilder Keyed(std::string name, std::string schema = "") {
  TableBuilder builder(std::move(name), std::move(schema));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

std::string Text(const absl::StatusOr<std::string>& sql) {
  return sql.ok() ? *sql : sql.status().ToString();
}

class DdlCompilerTest : public ::testing::Test {
 protected:
  const TestDialect dialect_;
  const DdlCompiler compiler_{dialect_};
};

// SCH-05, SCH-07, SCH-22, SCH-23
TEST_F(DdlCompilerTest, RendersColumns) {
  const auto table = Build(
      Keyed("item")
          .Column({.name = "name",
                   .type = engine::String(80),
                   .nullable = false,
                   .server_default = SqlFragment::Literal(
                       engine::String(80),
                       engine::Value::Text("it's \\ \"new\"\nline")),
                   .collation = "de_DE"})
          .Column({.name = "made",
                   .type = engine::Timestamp(),
                   .server_default = SqlFragment::Text("CURRENT_TIMESTAMP")})
          .Column({.name = "price",
                   .type = engine::Numeric(10, 2),
                   .server_default = SqlFragment::Text("1 + 1")})
          .Column(
              {.name = "twice",
               .type = engine::Integer(),
               .computed =
                   ComputedOptions{.expression = SqlFragment::Text("(id * 2)"),
                                   .storage = ComputedStorage::kStored}})
          .Column(
              {.name = "exact", .type = engine::ExactType("DOUBLE_PRECISION")})
          .Column(
              {.name = "rowid", .type = engine::BigInteger(), .system = true})
          .Option("compressed"));
  GoldenFile("schema/testdata/columns.golden")
      .Expect("test", Text(compiler_.CreateTable(*table)));
}

// SCH-06, SCH-27, SCH-28, SCH-32, SCH-40
TEST_F(DdlCompilerTest, RendersConstraints) {
  const auto table = Build(
      TableBuilder("line", "shop")
          .Column({.name = "order id", .type = engine::Integer()})
          .Column({.name = "no", .type = engine::Integer()})
          .Column(
              {.name = "item", .key = "item_key", .type = engine::Integer()})
          .PrimaryKey({.name = "pk_line", .columns = {"no", "order id"}})
          .Unique({.name = "uq_item",
                   .columns = {"item_key"},
                   .deferrable = Deferrable::kInitiallyDeferred})
          .Unique(
              {.columns = {"no", "item"}, .on_conflict = OnConflict::kReplace})
          .Check({.name = "positive", .condition = SqlFragment::Text("no > 0")})
          .ForeignKey({.columns = {"order id"},
                       .referred_table = "order",
                       .referred_columns = {"id"}})
          .ForeignKey({.name = "fk_full",
                       .columns = {"item", "no"},
                       .referred_table = TableReference("stock", "item"),
                       .referred_columns = {"a", "b"},
                       .on_delete = ForeignKeyAction::kSetNull,
                       .on_update = ForeignKeyAction::kCascade,
                       .deferrable = Deferrable::kInitiallyDeferred,
                       .match = Match::kFull}));
  GoldenFile golden("schema/testdata/constraints.golden");
  golden.Expect("create",
                Text(compiler_.CreateTable(*table, {.if_not_exists = true})));
  golden.Expect("add", Text(compiler_.AddConstraint(table->foreign_keys()[1])));
  golden.Expect("drop",
                Text(compiler_.DropConstraint(table->foreign_keys()[1])));
  EXPECT_THAT(compiler_.DropConstraint(table->foreign_keys()[0]).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// SCH-31, SCH-40
TEST_F(DdlCompilerTest, RendersIndexes) {
  const auto table = Build(
      Keyed("user", "app")
          .Column({.name = "email", .type = engine::Text(), .index = true})
          .Column({.name = "big", .type = engine::Integer()})
          .Index({.name = "ix_partial",
                  .parts = {{.column = "big",
                             .order = SortOrder::kDescending,
                             .nulls = NullsOrder::kLast}},
                  .unique = true,
                  .where = SqlFragment::Text("big > 5")})
          .Index({.name = "ix_rich",
                  .parts = {{.expression = SqlFragment::Text("lower(email)"),
                             .collation = "c",
                             .operator_class = "text_ops"},
                            {.column = "big"}},
                  .method = "btree",
                  .include = {"id"},
                  .concurrently = true}));
  GoldenFile golden("schema/testdata/indexes.golden");
  golden.Expect("column", Text(compiler_.CreateIndex(table->indexes()[0])));
  golden.Expect("partial", Text(compiler_.CreateIndex(table->indexes()[1])));
  golden.Expect("rich", Text(compiler_.CreateIndex(table->indexes()[2], true)));
  golden.Expect("drop", Text(compiler_.DropIndex(table->indexes()[2], true)));
}

// SCH-40
TEST_F(DdlCompilerTest, RendersTheOtherElements) {
  const auto table =
      Build(Keyed("t").Column({.name = "Odd\"Name", .type = engine::Date()}));
  GoldenFile golden("schema/testdata/elements.golden");
  golden.Expect("create schema", Text(compiler_.CreateSchema("app")));
  golden.Expect("create schema if not exists",
                Text(compiler_.CreateSchema("app", true)));
  golden.Expect("drop schema", Text(compiler_.DropSchema("app", true)));
  golden.Expect("drop table", Text(compiler_.DropTable(*table)));
  golden.Expect("drop table if exists",
                Text(compiler_.DropTable(*table, true)));
  golden.Expect("empty table", Text(compiler_.EmptyTable(*table)));
  golden.Expect("add column", Text(compiler_.AddColumn(table->columns()[1])));
  golden.Expect("drop column", Text(compiler_.DropColumn(table->columns()[1])));
  golden.Expect("create view", Text(compiler_.CreateView(
                                   "app", "v", SqlFragment::Text("SELECT 1"))));
  golden.Expect("drop view", Text(compiler_.DropView("", "v", true)));
}

// SCH-24
TEST_F(DdlCompilerTest, RendersIdentityColumns) {
  const auto table = Build(TableBuilder("t").Column(
      {.name = "id",
       .type = engine::BigInteger(),
       .primary_key = true,
       .identity = IdentityOptions{.start = 10, .cycle = true}}));
  EXPECT_THAT(compiler_.ColumnText(table->columns()[0]),
              IsOkAndHolds(HasSubstr("GENERATED BY DEFAULT AS IDENTITY "
                                     "(START WITH 10 CYCLE)")));
}

// SCH-33
TEST_F(DdlCompilerTest, RendersCommentsWhereTheDialectHasThem) {
  const auto table = Build(
      Keyed("t")
          .Column(
              {.name = "c", .type = engine::Integer(), .comment = "a column's"})
          .Unique({.name = "u", .columns = {"c"}, .comment = "why"})
          .Comment("a table"));
  const auto comments = compiler_.Comments(*table);
  ASSERT_THAT(comments, IsOk());
  GoldenFile("schema/testdata/comments.golden")
      .Expect("test", absl::StrJoin(*comments, "\n"));

  const TestDialect plain{engine::Capabilities()};
  const auto none = DdlCompiler(plain).Comments(*table);
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->empty());
}

constexpr absl::string_view kColors[] = {"red", "it's"};
constexpr int64_t kColorValues[] = {0, 1};
constexpr engine::EnumDescriptor kColor = {kColors, kColorValues};

// SCH-34
TEST_F(DdlCompilerTest, ChecksBooleansAndEnumsOnlyWhenAsked) {
  engine::Capabilities capabilities = TestDialect::Everything();
  capabilities.native_boolean = false;
  const TestDialect without_booleans(capabilities);
  const DdlCompiler compiler(without_booleans);
  const auto table = Build(
      Keyed("t")
          .Column({.name = "asked",
                   .type = engine::Boolean(),
                   .boolean_check = true})
          .Column({.name = "silent", .type = engine::Boolean()})
          .Column({.name = "color", .type = engine::EnumType(&kColor, true)})
          .Column({.name = "free",
                   .type = engine::EnumType(&kColor, true, false)}));
  ASSERT_EQ(table->checks().size(), 2);
  EXPECT_THAT(Text(compiler.ConstraintText(table->checks()[0])),
              HasSubstr("CHECK (asked IN ("));
  EXPECT_EQ(Text(compiler.ConstraintText(table->checks()[1])),
            "CHECK (color IN ('red', 'it''s'))");
  // A database with booleans of its own needs no check.
  EXPECT_EQ(Text(compiler_.ConstraintText(table->checks()[0])), "");
}

// SCH-03
TEST_F(DdlCompilerTest, BreaksACycleByAlter) {
  MetaData metadata;
  ASSERT_THAT(
      metadata.Add(Build(Keyed("a").Column(
          {.name = "b_id",
           .type = engine::BigInteger(),
           .foreign_keys = {{.name = "fk_a_b", .referred_table = "b"}}}))),
      IsOk());
  ASSERT_THAT(
      metadata.Add(Build(Keyed("b").Column(
          {.name = "a_id",
           .type = engine::BigInteger(),
           .foreign_keys = {{.name = "fk_b_a", .referred_table = "a"}}}))),
      IsOk());
  const auto statements = metadata.CreateStatements(dialect_);
  ASSERT_THAT(statements, IsOk());
  GoldenFile("schema/testdata/cycle.golden")
      .Expect("test", absl::StrJoin(*statements, ";\n"));
  EXPECT_THAT(metadata.Sort().cycles, ::testing::ElementsAre("a -> b -> a"));
}

// SCH-03
TEST_F(DdlCompilerTest, NamesACycleThatCannotBeCreated) {
  engine::Capabilities capabilities = TestDialect::Everything();
  capabilities.alter_add_constraint = false;
  MetaData metadata;
  for (const absl::string_view name : {"a", "b"}) {
    ASSERT_THAT(
        metadata.Add(Build(
            Keyed(std::string(name))
                .Column({.name = "other",
                         .type = engine::BigInteger(),
                         .foreign_keys = {{.referred_table =
                                               name == "a" ? "b" : "a"}}}))),
        IsOk());
  }
  EXPECT_THAT(
      metadata.CreateStatements(TestDialect(capabilities)).status(),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("a -> b -> a")));
}

// SCH-32
TEST_F(DdlCompilerTest, RefusesAnUnknownTableOption) {
  const auto table = Build(Keyed("t").Option("x); DROP TABLE user; --"));
  EXPECT_THAT(compiler_.CreateTable(*table).status(),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("COMPRESSED, LOGGED")));
}

// D9
TEST_F(DdlCompilerTest, RefusesTextThatWouldLeaveItsClause) {
  const auto table = Build(Keyed("t").Check(
      {.name = "c",
       .condition = SqlFragment::Text("1); DROP TABLE user; --")}));
  EXPECT_THAT(compiler_.CreateTable(*table).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("constraint \"c\" of table \"t\"")));
}

// SCH-31
TEST_F(DdlCompilerTest, NamesWhatADialectLacks) {
  const TestDialect plain{engine::Capabilities()};
  const DdlCompiler compiler(plain);
  const auto table = Build(
      Keyed("t")
          .Column({.name = "c",
                   .type = engine::Integer(),
                   .computed =
                       ComputedOptions{.expression = SqlFragment::Text("1")}})
          .Index({.name = "ix",
                  .parts = {{.column = "id"}},
                  .where = SqlFragment::Text("id > 1")}));
  EXPECT_THAT(compiler.CreateTable(*table).status(),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("computed columns: column \"t.c\"")));
  EXPECT_THAT(compiler.CreateIndex(table->indexes()[0]).status(),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("partial indexes: index \"ix\"")));
}

// D2
TEST_F(DdlCompilerTest, ShortensGeneratedNamesAndRefusesLongGivenOnes) {
  const std::string column(60, 'c');
  const auto table = Build(
      Keyed("first")
          .Column({.name = column, .type = engine::Integer(), .index = true})
          .Column(
              {.name = column + "x", .type = engine::Integer(), .index = true})
          .Unique({.name = std::string(64, 'u'), .columns = {"id"}}));
  const auto one = compiler_.NameOf(table->indexes()[0]);
  const auto other = compiler_.NameOf(table->indexes()[1]);
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(one->size(), 63);
  EXPECT_NE(*one, *other);
  EXPECT_THAT(compiler_.NameOf(table->indexes()[0]), IsOkAndHolds(*one));
  EXPECT_THAT(compiler_.ConstraintText(table->uniques()[0]), Not(IsOk()));
}

}  // namespace
}  // namespace cupel::schema
