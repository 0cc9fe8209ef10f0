#include "cupel/schema/inspector.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/recorder.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_database.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class InspectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const absl::string_view sql :
         {"CREATE TABLE author (id INTEGER NOT NULL PRIMARY KEY, "
          "name VARCHAR(80) DEFAULT 'anon' NOT NULL, "
          "CONSTRAINT uq_name UNIQUE (name))",
          "CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, "
          "author_id INTEGER NOT NULL REFERENCES author (id) "
          "ON DELETE CASCADE, score INTEGER, "
          "twice INTEGER GENERATED ALWAYS AS (score * 2) STORED, "
          "CONSTRAINT positive CHECK (score > 0))",
          "CREATE INDEX ix_post ON post (author_id)",
          "CREATE VIEW titles AS SELECT id, score FROM post"}) {
      ASSERT_THAT(database_.Execute(sql), IsOk());
    }
    ASSERT_THAT(database_.connection().Commit(), IsOk());
  }

  TestDatabase database_;
  Inspector inspector_{database_.connection()};
};

// SCH-44
TEST_F(InspectorTest, ListsTablesAndViews) {
  EXPECT_THAT(inspector_.TableNames(),
              IsOkAndHolds(ElementsAre("author", "post")));
  EXPECT_THAT(inspector_.ViewNames(), IsOkAndHolds(ElementsAre("titles")));
  EXPECT_THAT(inspector_.SortedTableNames(),
              IsOkAndHolds(ElementsAre("author", "post")));
  EXPECT_THAT(inspector_.ViewDefinition("titles"),
              IsOkAndHolds(HasSubstr("SELECT id, score FROM post")));
  EXPECT_THAT(inspector_.SchemaNames(), IsOk());
  ASSERT_THAT(inspector_.DefaultSchema(), IsOk());
}

// SCH-44
TEST_F(InspectorTest, DescribesColumns) {
  const auto post = inspector_.Describe("post");
  ASSERT_THAT(post, IsOk());
  ASSERT_EQ((*post)->columns.size(), 4);
  EXPECT_FALSE((*post)->columns[1].nullable);
  ASSERT_TRUE((*post)->columns[3].computed.has_value());
  EXPECT_EQ((*post)->columns[3].computed->expression, "score * 2");
  EXPECT_TRUE((*post)->columns[3].computed->stored);
  const auto author = inspector_.Describe("author");
  ASSERT_THAT(author, IsOk());
  EXPECT_EQ((*author)->columns[1].type, engine::String(80));
  EXPECT_EQ((*author)->columns[1].server_default, "'anon'");
  EXPECT_THAT(inspector_.HasColumn("post", "score"), IsOkAndHolds(true));
  EXPECT_THAT(inspector_.HasColumn("post", "ghost"), IsOkAndHolds(false));
  EXPECT_THAT(inspector_.HasIndex("post", "ix_post"), IsOkAndHolds(true));
  EXPECT_THAT(inspector_.HasIndex("post", "ghost"), IsOkAndHolds(false));
}

// SCH-44
TEST_F(InspectorTest, RemembersUntilItsCacheIsCleared) {
  EXPECT_THAT(inspector_.HasTable("late"), IsOkAndHolds(false));
  EXPECT_THAT(inspector_.TableNames(), IsOkAndHolds(SizeIs(2)));
  ASSERT_THAT(database_.Execute("CREATE TABLE late (id INTEGER)"), IsOk());
  engine::StatementRecorder recorder(database_.engine());
  EXPECT_THAT(inspector_.HasTable("late"), IsOkAndHolds(false));
  EXPECT_THAT(inspector_.TableNames(), IsOkAndHolds(SizeIs(2)));
  EXPECT_EQ(recorder.count(), 0);
  inspector_.ClearCache();
  EXPECT_THAT(inspector_.HasTable("late"), IsOkAndHolds(true));
  EXPECT_THAT(inspector_.TableNames(), IsOkAndHolds(SizeIs(3)));
}

TEST_F(InspectorTest, NamesTheTableThatIsMissing) {
  EXPECT_THAT(inspector_.ReflectTable("ghost").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("ghost")));
}

// SCH-43
TEST_F(InspectorTest, ReflectsATableThatCanBeUsed) {
  const auto post = inspector_.ReflectTable("post");
  ASSERT_THAT(post, IsOk());
  const Table& table = **post;
  ASSERT_EQ(table.columns().size(), 4);
  EXPECT_EQ(table.autoincrement_column(), table.Find("id"));
  ASSERT_EQ(table.foreign_keys().size(), 1);
  EXPECT_EQ(table.foreign_keys()[0].referred_name(), "author");
  EXPECT_EQ(table.foreign_keys()[0].on_delete(), ForeignKeyAction::kCascade);
  ASSERT_EQ(table.checks().size(), 1);
  EXPECT_EQ(table.checks()[0].name(), "positive");
  ASSERT_EQ(table.indexes().size(), 1);
  EXPECT_EQ(table.indexes()[0].columns()[0], table.Find("author_id"));
}

// SCH-43
TEST_F(InspectorTest, LetsOverridesWin) {
  ReflectOptions options;
  options.overrides = {{.name = "score", .type = engine::Double()},
                       {.name = "extra", .type = engine::Text()}};
  options.adjust = [](TableDefinition* definition) {
    definition->info["seen"] = "yes";
  };
  const auto post = inspector_.ReflectTable("post", options);
  ASSERT_THAT(post, IsOk());
  EXPECT_EQ((*post)->Find("score")->type(), engine::Double());
  EXPECT_EQ((*post)->Find("score")->index(), 2);
  EXPECT_NE((*post)->Find("extra"), nullptr);
  EXPECT_EQ((*post)->definition().info.at("seen"), "yes");
}

// SCH-43
TEST_F(InspectorTest, FollowsForeignKeys) {
  MetaData followed;
  ASSERT_THAT(inspector_.ReflectAll(&followed, {.only = {"post"}}), IsOk());
  EXPECT_NE(followed.Find("author"), nullptr);
  MetaData alone;
  ASSERT_THAT(inspector_.ReflectAll(
                  &alone, {.only = {"post"}, .follow_foreign_keys = false}),
              IsOk());
  EXPECT_EQ(alone.Find("author"), nullptr);
  EXPECT_THAT(inspector_.ReflectAll(&alone, {.only = {"ghost"}}),
              StatusIs(absl::StatusCode::kNotFound));
}

// SCH-43
TEST_F(InspectorTest, FiltersAndReflectsViewsWhenAsked) {
  MetaData metadata;
  ReflectAllOptions options;
  options.views = true;
  options.filter = [](absl::string_view name) { return name != "post"; };
  ASSERT_THAT(inspector_.ReflectAll(&metadata, options), IsOk());
  EXPECT_EQ(metadata.Find("post"), nullptr);
  ASSERT_NE(metadata.Find("titles"), nullptr);
  EXPECT_TRUE(metadata.Find("titles")->is_view());
  EXPECT_THAT(metadata.Find("titles")->columns(), SizeIs(2));
}

}  // namespace
}  // namespace cupel::schema
