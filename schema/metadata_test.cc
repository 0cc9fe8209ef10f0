#include "cupel/schema/metadata.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/type.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_dialect.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TableBuilder Keyed(std::string name, std::string schema = "") {
  TableBuilder builder(std::move(name), std::move(schema));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

std::shared_ptr<const Table> Referring(std::string name,
                                       std::vector<std::string> targets,
                                       bool use_alter = false) {
  TableBuilder builder = Keyed(std::move(name));
  for (const std::string& target : targets) {
    builder.Column(
        {.name = absl::StrCat(target, "_id"),
         .type = engine::BigInteger(),
         .foreign_keys = {{.referred_table = target, .use_alter = use_alter}}});
  }
  return *builder.Build();
}

std::vector<std::string> Names(const SortedTables& sorted) {
  std::vector<std::string> names;
  for (const Table* table : sorted.tables) names.push_back(table->full_name());
  return names;
}

// SCH-01
TEST(MetaDataTest, FindsTablesByNameAndSchema) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(*Keyed("user").Build()), IsOk());
  ASSERT_THAT(metadata.Add(*Keyed("user", "app").Build()), IsOk());
  ASSERT_NE(metadata.Find("user", "app"), nullptr);
  EXPECT_EQ(metadata.Find("user", "app")->full_name(), "app.user");
  EXPECT_EQ(metadata.Find("user")->full_name(), "user");
  EXPECT_EQ(metadata.Find("app.user"), nullptr);
  EXPECT_THAT(metadata.Get("ghost").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"ghost\"")));
}

// SCH-01
TEST(MetaDataTest, RefusesASecondTableOfTheSameName) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(*Keyed("user").Build()), IsOk());
  EXPECT_THAT(
      metadata.Add(*Keyed("user").Build()),
      StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("\"user\"")));
}

// SCH-01
TEST(MetaDataTest, KeepsExtendsOrReplacesWhenTold) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(*Keyed("user").Build()), IsOk());
  const auto more =
      *TableBuilder("user")
           .Column({.name = "name", .type = engine::Text(), .unique = true})
           .Build();

  ASSERT_THAT(metadata.Add(more, IfTaken::kKeep), IsOk());
  EXPECT_EQ(metadata.Find("user")->columns().size(), 1);
  ASSERT_THAT(metadata.Add(more, IfTaken::kExtend), IsOk());
  EXPECT_EQ(metadata.Find("user")->columns().size(), 2);
  EXPECT_EQ(metadata.Find("user")->uniques().size(), 1);
  ASSERT_THAT(metadata.Add(more, IfTaken::kReplace), IsOk());
  EXPECT_EQ(metadata.Find("user"), more.get());
  EXPECT_EQ(metadata.tables().size(), 1);
}

// SCH-02
TEST(MetaDataTest, SortsReferredTablesFirst) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(Referring("line", {"order", "item"})), IsOk());
  ASSERT_THAT(metadata.Add(Referring("order", {"user"})), IsOk());
  ASSERT_THAT(metadata.Add(Referring("user", {"user"})), IsOk());
  ASSERT_THAT(metadata.Add(Referring("item", {})), IsOk());
  const SortedTables sorted = metadata.Sort();
  EXPECT_THAT(Names(sorted), ElementsAre("user", "order", "item", "line"));
  EXPECT_THAT(sorted.late_keys, IsEmpty());
  EXPECT_THAT(sorted.cycles, IsEmpty());
}

// SCH-03
TEST(MetaDataTest, ReportsCyclesAndTheKeysThatCloseThem) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(Referring("a", {"b"})), IsOk());
  ASSERT_THAT(metadata.Add(Referring("b", {"c"})), IsOk());
  ASSERT_THAT(metadata.Add(Referring("c", {"a"})), IsOk());
  const SortedTables sorted = metadata.Sort();
  EXPECT_THAT(Names(sorted), ElementsAre("c", "b", "a"));
  EXPECT_THAT(sorted.cycles, ElementsAre("a -> b -> c -> a"));
  EXPECT_THAT(sorted.late_keys,
              ElementsAre(&metadata.Find("c")->foreign_keys()[0]));
}

// SCH-03
TEST(MetaDataTest, BreaksACycleWhereUseAlterSaysSo) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(Referring("a", {"b"}, /*use_alter=*/true)), IsOk());
  ASSERT_THAT(metadata.Add(Referring("b", {"a"})), IsOk());
  const SortedTables sorted = metadata.Sort();
  EXPECT_THAT(Names(sorted), ElementsAre("a", "b"));
  EXPECT_THAT(sorted.cycles, IsEmpty());
  EXPECT_THAT(sorted.late_keys,
              ElementsAre(&metadata.Find("a")->foreign_keys()[0]));
}

TEST(MetaDataTest, SortsAChainOfManyTables) {
  MetaData metadata;
  constexpr int kTables = 2000;
  for (int i = 0; i < kTables; ++i) {
    const std::vector<std::string> next = {absl::StrCat("t", i + 1)};
    ASSERT_THAT(metadata.Add(Referring(absl::StrCat("t", i), next)), IsOk());
  }
  ASSERT_THAT(metadata.Add(Referring(absl::StrCat("t", kTables), {})), IsOk());
  EXPECT_EQ(metadata.Sort().tables.front()->name(), absl::StrCat("t", kTables));
}

// SCH-28
TEST(MetaDataTest, ResolvesForeignKeysAmongItsTables) {
  MetaData metadata;
  ASSERT_THAT(metadata.Add(Referring("post", {"user"})), IsOk());
  const ForeignKey& key = metadata.Find("post")->foreign_keys()[0];
  EXPECT_THAT(metadata.ReferredTable(key).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"user\"")));
  ASSERT_THAT(metadata.Add(*Keyed("user").Build()), IsOk());
  EXPECT_EQ(*metadata.ReferredTable(key), metadata.Find("user"));
}

// SCH-25
TEST(MetaDataTest, CollectsSequencesOnceAndRefusesTwoMeanings) {
  const auto numbered = [](std::string name, Sequence sequence) {
    return *TableBuilder(std::move(name))
                .Column({.name = "id",
                         .type = engine::Integer(),
                         .primary_key = true,
                         .sequence = std::move(sequence)})
                .Build();
  };
  const auto names = [](const std::vector<const Sequence*>& sequences) {
    std::vector<std::string> names;
    for (const Sequence* sequence : sequences) {
      names.push_back(
          absl::StrCat(sequence->name, " ", sequence->start.value_or(0)));
    }
    return names;
  };
  MetaData metadata;
  ASSERT_THAT(metadata.AddSequence({.name = "own"}), IsOk());
  ASSERT_THAT(metadata.AddSequence({.name = "own"}), IsOk());
  EXPECT_THAT(metadata.AddSequence({.name = "own", .start = 2}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_THAT(metadata.Add(numbered("a", {.name = "s"})), IsOk());
  ASSERT_THAT(metadata.Add(numbered("b", {.name = "s", .start = 5})), IsOk());
  ASSERT_THAT(metadata.Add(numbered("c", {.name = "t", .schema = "x"})),
              IsOk());
  EXPECT_THAT(names(metadata.Sequences()), ElementsAre("own 0", "s 5", "t 0"));
  const Table* const a = metadata.Find("a");
  EXPECT_THAT(names(metadata.Sequences({a})), ElementsAre("s 5"));

  engine::Capabilities capabilities = TestDialect::Everything();
  capabilities.sequences = true;
  EXPECT_THAT(metadata.Validate(TestDialect(capabilities)), IsOk());
  EXPECT_THAT(metadata.Validate(TestDialect()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has no sequences: sequence \"own\"")));
  ASSERT_THAT(metadata.Add(numbered("d", {.name = "s", .start = 6})), IsOk());
  ASSERT_THAT(metadata.Add(numbered("e", {.name = "a"})), IsOk());
  EXPECT_THAT(metadata.Validate(TestDialect(capabilities)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"s\" is defined in two ways"),
                             HasSubstr("sequence \"a\" and table \"a\""))));
}

// D3
TEST(MetaDataTest, ReportsAllThatADialectCannotTakeTogether) {
  engine::Capabilities capabilities = TestDialect::Everything();
  capabilities.case_insensitive_names = true;
  const TestDialect dialect(capabilities);
  MetaData metadata;
  ASSERT_THAT(metadata.Add(Referring("post", {"ghost"})), IsOk());
  ASSERT_THAT(
      metadata.Add(*Keyed("User")
                        .Column({.name = "Id", .type = engine::Integer()})
                        .Unique({.name = "u", .columns = {"id"}})
                        .Unique({.name = "u", .columns = {"Id"}})
                        .Index({.name = "POST", .parts = {{.column = "id"}}})
                        .Build()),
      IsOk());
  ASSERT_THAT(metadata.Add(*Keyed("user").Build()), IsOk());
  ASSERT_THAT(metadata.Add(*Keyed(std::string(64, 'x')).Build()), IsOk());
  EXPECT_THAT(
      metadata.Validate(dialect),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("refers to table \"ghost\""),
                     HasSubstr("columns \"id\" and \"Id\" of table \"User\""),
                     HasSubstr("two constraints of table \"User\""),
                     HasSubstr("index \"POST\" and table \"post\""),
                     HasSubstr("table \"user\" and table \"User\""),
                     HasSubstr(std::string(64, 'x')))));
  EXPECT_THAT(metadata.Validate(TestDialect()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::Not(HasSubstr("table \"user\" and table"))));
}

}  // namespace
}  // namespace cupel::schema
