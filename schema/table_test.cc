#include "cupel/schema/table.h"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/client_default.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::shared_ptr<const Table> Build(const TableBuilder& builder) {
  absl::StatusOr<std::shared_ptr<const Table>> table = builder.Build();
  EXPECT_THAT(table, IsOk());
  return table.ok() ? *table : nullptr;
}

TableBuilder Keyed(std::string name) {
  TableBuilder builder(std::move(name));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

// SCH-05
TEST(TableTest, KeepsNameAndKeyOfAColumnApart) {
  const auto table = Build(Keyed("user").Column(
      {.name = "e_mail", .key = "email", .type = engine::String(120)}));
  ASSERT_NE(table->Find("email"), nullptr);
  EXPECT_EQ(table->Find("email")->name(), "e_mail");
  EXPECT_EQ(table->Find("e_mail"), nullptr);
  EXPECT_EQ(table->FindByName("e_mail"), table->Find("email"));
  EXPECT_EQ(table->FindByKeyOrName("e_mail"), table->Find("email"));
}

// SCH-05
TEST(TableTest, KnowsTableAndPlaceOfEachColumn) {
  const auto table =
      Build(Keyed("user").Column({.name = "name",
                                  .type = engine::Text(),
                                  .comment = "as on the passport",
                                  .doc = "for people",
                                  .info = {{"form", "hidden"}}}));
  const Column& name = table->columns()[1];
  EXPECT_EQ(&name.table(), table.get());
  EXPECT_EQ(name.index(), 1);
  EXPECT_TRUE(name.nullable());
  EXPECT_FALSE(table->columns()[0].nullable());
  EXPECT_EQ(name.comment(), "as on the passport");
  EXPECT_EQ(name.options().info.at("form"), "hidden");
}

TEST(TableTest, ColumnsCannotBeCopied) {
  static_assert(!std::is_copy_constructible_v<Column>);
  static_assert(!std::is_copy_constructible_v<Table>);
}

TEST(TableTest, ReportsAllErrorsTogether) {
  const auto table = TableBuilder("")
                         .Column({.name = "a", .type = engine::Integer()})
                         .Column({.name = "a", .type = engine::Integer()})
                         .Column({.name = "", .type = engine::Integer()})
                         .Unique({.columns = {"nowhere"}})
                         .Check({.name = "empty"})
                         .Index({.name = "ix"})
                         .ForeignKey({.columns = {"a"}})
                         .Build();
  EXPECT_THAT(table.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("it has no name"),
                             HasSubstr("column \"a\" occurs twice"),
                             HasSubstr("column \"\" has no name"),
                             HasSubstr("no column \"nowhere\""),
                             HasSubstr("check \"empty\" has no condition"),
                             HasSubstr("index \"ix\" has no parts"),
                             HasSubstr("foreign key refers to no table"))));
}

// SCH-23
TEST(TableTest, RefusesADefaultOnAComputedColumn) {
  const auto table =
      Keyed("t")
          .Column({.name = "twice",
                   .type = engine::Integer(),
                   .server_default = SqlFragment::Text("0"),
                   .computed = ComputedOptions{.expression =
                                                   SqlFragment::Text("id*2")}})
          .Build();
  EXPECT_THAT(table.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("is computed")));
}

// SCH-06
TEST(TableTest, KeepsTheDeclaredOrderOfACompositeKey) {
  const auto table =
      Build(TableBuilder("t")
                .Column({.name = "a", .type = engine::Integer()})
                .Column({.name = "b", .type = engine::Integer()})
                .PrimaryKey({.name = "pk", .columns = {"b", "a"}}));
  ASSERT_EQ(table->primary_key().columns().size(), 2);
  EXPECT_EQ(table->primary_key().columns()[0]->name(), "b");
  EXPECT_EQ(table->primary_key().columns()[1]->name(), "a");
  EXPECT_TRUE(table->columns()[0].primary_key());
  EXPECT_FALSE(table->columns()[0].nullable());
  EXPECT_EQ(table->autoincrement_column(), nullptr);
}

// SCH-07
TEST(TableTest, GeneratesASingleIntegerKey) {
  const auto table = Build(Keyed("t"));
  EXPECT_EQ(table->autoincrement_column(), &table->columns()[0]);
}

// SCH-07
TEST(TableTest, GeneratesNoKeyThatHasAnotherSource) {
  const auto key = [](ColumnOptions options) {
    options.name = "id";
    options.primary_key = true;
    return Build(TableBuilder("t").Column(std::move(options)))
        ->autoincrement_column();
  };
  const ForeignKeyOptions parent = {.referred_table = "parent"};
  EXPECT_EQ(key({.type = engine::Text()}), nullptr);
  EXPECT_EQ(key({.type = engine::Integer(), .foreign_keys = {parent}}),
            nullptr);
  EXPECT_EQ(
      key({.type = engine::Integer(), .autoincrement = Autoincrement::kNo}),
      nullptr);
  EXPECT_EQ(
      key({.type = engine::Integer(),
           .client_default = ClientDefault::Constant(engine::Value::Int64(1))}),
      nullptr);
  EXPECT_NE(key({.type = engine::Integer(),
                 .autoincrement = Autoincrement::kIgnoreForeignKey,
                 .foreign_keys = {parent}}),
            nullptr);
}

// SCH-07
TEST(TableTest, RefusesToGenerateWhatIsNoInteger) {
  const auto table = TableBuilder("t")
                         .Column({.name = "id",
                                  .type = engine::Text(),
                                  .primary_key = true,
                                  .autoincrement = Autoincrement::kYes})
                         .Build();
  EXPECT_THAT(table.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("not an integer")));
}

// SCH-27
TEST(TableTest, MakesConstraintsOfColumnFlags) {
  const auto table = Build(
      Keyed("t")
          .Column({.name = "u", .type = engine::Integer(), .unique = true})
          .Column({.name = "i", .type = engine::Integer(), .index = true})
          .Column({.name = "ui",
                   .type = engine::Integer(),
                   .unique = true,
                   .index = true})
          .Column({.name = "f",
                   .type = engine::Integer(),
                   .foreign_keys = {{.referred_table = "t"}}})
          .Column(
              {.name = "b", .type = engine::Boolean(), .boolean_check = true}));
  ASSERT_EQ(table->uniques().size(), 1);
  EXPECT_EQ(table->uniques()[0].columns()[0]->name(), "u");
  ASSERT_EQ(table->indexes().size(), 2);
  EXPECT_FALSE(table->indexes()[0].unique());
  EXPECT_TRUE(table->indexes()[1].unique());
  ASSERT_EQ(table->foreign_keys().size(), 1);
  EXPECT_EQ(table->foreign_keys()[0].referred_table(), table.get());
  EXPECT_EQ(table->checks().size(), 1);
}

const Table& LateParent() {
  static const auto& table =
      *new std::shared_ptr<const Table>(Build(Keyed("parent")));
  return *table;
}

// SCH-28
TEST(TableTest, ResolvesAForeignKeyLazilyByFunction) {
  const auto table = Build(Keyed("child").Column(
      {.name = "parent_id",
       .type = engine::BigInteger(),
       .foreign_keys = {{.referred_table = TableReference(&LateParent)}}}));
  const ForeignKey& key = table->foreign_keys()[0];
  EXPECT_EQ(key.referred_table(), &LateParent());
  EXPECT_TRUE(key.RefersTo(LateParent()));
  const auto columns = key.ReferredColumns(LateParent());
  ASSERT_THAT(columns, IsOk());
  EXPECT_EQ(columns->front(), &LateParent().columns()[0]);
}

// SCH-28
TEST(TableTest, ResolvesAForeignKeyByNameInTheOwnSchema) {
  const auto child =
      Build(TableBuilder("child", "app")
                .Column({.name = "p",
                         .type = engine::Integer(),
                         .foreign_keys = {{.referred_table = "parent",
                                           .referred_columns = {"id"}}}}));
  const auto here = Build(
      TableBuilder("parent", "app")
          .Column(
              {.name = "id", .type = engine::Integer(), .primary_key = true}));
  const auto elsewhere = Build(Keyed("parent"));
  const ForeignKey& key = child->foreign_keys()[0];
  EXPECT_EQ(key.referred_table(), nullptr);
  EXPECT_TRUE(key.RefersTo(*here));
  EXPECT_FALSE(key.RefersTo(*elsewhere));
  EXPECT_EQ(here->full_name(), "app.parent");
}

TEST(TableTest, NamesTheReferredColumnThatIsMissing) {
  const auto table = Build(Keyed("t").ForeignKey(
      {.columns = {"id"}, .referred_table = "t", .referred_columns = {"x"}}));
  EXPECT_THAT(
      table->foreign_keys()[0].ReferredColumns(*table).status(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("has no column \"x\"")));
}

class FixedContext : public DefaultContext {
 public:
  FixedContext(const Column& column, const Column& other)
      : column_(column), other_(other) {}
  const Column& column() const override { return column_; }
  std::optional<engine::ValueView> Parameter(
      const Column& column) const override {
    if (&column != &other_) return std::nullopt;
    return engine::ValueView::Int64(20);
  }
  bool is_update() const override { return false; }

 private:
  const Column& column_;
  const Column& other_;
};

// SCH-20, SCH-21
TEST(ClientDefaultTest, EvaluatesConstantsFunctionsAndContexts) {
  const auto table =
      Build(Keyed("t").Column({.name = "twice", .type = engine::Integer()}));
  const FixedContext context(table->columns()[1], table->columns()[0]);
  const engine::Value forty = engine::Value::Int64(40);

  EXPECT_THAT(ClientDefault::Constant(forty).Evaluate(context),
              IsOkAndHolds(forty));
  EXPECT_THAT(ClientDefault::Function([&] { return forty; }).Evaluate(context),
              IsOkAndHolds(forty));
  EXPECT_THAT(
      ClientDefault::WithContext([](const DefaultContext& row)
                                     -> absl::StatusOr<engine::Value> {
        const Column& id = row.column().table().columns()[0];
        return engine::Value::Int64(row.Parameter(id)->int64_value() * 2);
      }).Evaluate(context),
      IsOkAndHolds(forty));

  const ClientDefault sql = ClientDefault::Sql(SqlFragment::Text("now()"));
  EXPECT_NE(sql.sql(), nullptr);
  EXPECT_THAT(sql.Evaluate(context).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(ClientDefault().empty());
}

// SCH-25, SCH-14, SCH-29
TEST(TableTest, RefusesWhatASequenceVariantOrExclusionCannotBe) {
  const auto errors_of = [](const TableBuilder& builder) {
    return std::string(builder.Build().status().message());
  };
  EXPECT_THAT(errors_of(TableBuilder("t")
                            .Column({.name = "a",
                                     .type = engine::Text(),
                                     .sequence = Sequence{}})
                            .Column({.name = "b",
                                     .type = engine::Integer(),
                                     .server_default = SqlFragment::Text("1"),
                                     .sequence = Sequence{.name = "s"}})),
              AllOf(HasSubstr("\"a\" takes its values from a sequence without"),
                    HasSubstr("\"a\" takes its values from a sequence but is"),
                    HasSubstr("\"b\" takes its values from a sequence and")));
  EXPECT_THAT(errors_of(TableBuilder("t").Column(
                  {.name = "a",
                   .type = engine::Integer(),
                   .variants = {{"", engine::BigInteger()},
                                {"test", engine::Text()}}})),
              AllOf(HasSubstr("a variant for no dialect"),
                    HasSubstr("of which text cannot be a variant")));
  EXPECT_THAT(
      errors_of(Keyed("t")
                    .Exclude({.name = "none"})
                    .Exclude({.name = "bad",
                              .parts = {{.column = "id", .op = "= 1) --"},
                                        {.op = "="},
                                        {.column = "x", .op = "="}}})),
      AllOf(HasSubstr("\"none\" has no parts"),
            HasSubstr("\"bad\" has a part without an operator"),
            HasSubstr("\"bad\" has a part without either"),
            HasSubstr("\"bad\" has no column \"x\"")));
}

// SCH-25
TEST(TableTest, ASequenceMakesTheKeyInPlaceOfAutoincrement) {
  const auto table =
      Build(TableBuilder("t").Column({.name = "id",
                                      .type = engine::Integer(),
                                      .primary_key = true,
                                      .sequence = Sequence{.name = "s"}}));
  EXPECT_EQ(table->autoincrement_column(), nullptr);
  EXPECT_EQ(table->columns()[0].sequence()->name, "s");
  EXPECT_TRUE(table->columns()[0].has_server_value_on_insert());
}

// SCH-22
TEST(TableTest, TellsWhichValuesTheServerMakes) {
  const auto table = Build(
      Keyed("t")
          .Column({.name = "made",
                   .type = engine::Timestamp(),
                   .server_default = SqlFragment::Text("CURRENT_TIMESTAMP")})
          .Column({.name = "touched",
                   .type = engine::Timestamp(),
                   .fetched_on_insert = true,
                   .fetched_on_update = true})
          .Column({.name = "plain", .type = engine::Integer()}));
  EXPECT_TRUE(table->columns()[0].has_server_value_on_insert());
  EXPECT_TRUE(table->columns()[1].has_server_value_on_insert());
  EXPECT_FALSE(table->columns()[1].has_server_value_on_update());
  EXPECT_TRUE(table->columns()[2].has_server_value_on_update());
  EXPECT_FALSE(table->columns()[3].has_server_value_on_insert());
}

}  // namespace
}  // namespace cupel::schema
