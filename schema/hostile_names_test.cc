// Hostile texts as the names of a schema: tables, columns, constraints and
// indexes are created, read back and dropped under them, or refused.

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"
#include "cupel/schema/inspector.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sql_fragment.h"
#include "cupel/schema/table.h"
#include "cupel/schema/test_database.h"
#include "cupel/testing/hostile_texts.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::HostileTexts;
using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using engine::Value;
using ::testing::ElementsAre;

class HostileNamesTest : public ::testing::Test {
 protected:
  HostileNamesTest() {
    EXPECT_THAT(database_.Execute("CREATE TABLE employee (a TEXT)"), IsOk());
    EXPECT_THAT(database_.Execute("INSERT INTO employee VALUES ('kept')"),
                IsOk());
    EXPECT_THAT(database_.connection().Commit(), IsOk());
  }

  // Two tables whose every name is `name`, but for a letter where two of a kind
  // would clash or where databases keep names for themselves.
  static absl::Status Define(const std::string& name, MetaData* metadata) {
    TableBuilder parent(absl::StrCat("p", name));
    parent.Column(
        {.name = name, .type = engine::BigInteger(), .primary_key = true});
    TableBuilder child(absl::StrCat("t", name));
    child
        .Column(
            {.name = "id", .type = engine::BigInteger(), .primary_key = true})
        .Column({.name = name,
                 .type = engine::Text(),
                 .server_default =
                     SqlFragment::Literal(engine::Text(), Value::Text(name))})
        .Column({.name = absl::StrCat("r", name), .type = engine::BigInteger()})
        .Unique({.name = absl::StrCat("u", name), .columns = {name}})
        .Check({.name = absl::StrCat("c", name),
                .condition = SqlFragment::Text("id > 0")})
        .ForeignKey({.name = absl::StrCat("f", name),
                     .columns = {absl::StrCat("r", name)},
                     .referred_table = absl::StrCat("p", name),
                     .referred_columns = {name}})
        .Index({.name = absl::StrCat("i", name), .parts = {{.column = name}}});
    for (const TableBuilder* builder : {&parent, &child}) {
      CUPEL_ASSIGN_OR_RETURN(std::shared_ptr<const Table> table,
                             builder->Build());
      CUPEL_RETURN_IF_ERROR(metadata->Add(std::move(table)));
    }
    return absl::OkStatus();
  }

  void ExpectReflected(const std::string& name) {
    Inspector inspector(database_.connection());
    MetaData reflected;
    ASSERT_THAT(inspector.ReflectAll(&reflected), IsOk());
    const Table* table = reflected.Find(absl::StrCat("t", name));
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(table->columns().size(), 3);
    EXPECT_EQ(table->columns()[1].name(), name);
    EXPECT_EQ(table->columns()[2].name(), absl::StrCat("r", name));
    ASSERT_EQ(table->uniques().size(), 1);
    EXPECT_EQ(table->uniques()[0].name(), absl::StrCat("u", name));
    ASSERT_EQ(table->checks().size(), 1);
    EXPECT_EQ(table->checks()[0].name(), absl::StrCat("c", name));
    ASSERT_EQ(table->foreign_keys().size(), 1);
    EXPECT_EQ(table->foreign_keys()[0].name(), absl::StrCat("f", name));
    EXPECT_EQ(table->foreign_keys()[0].referred_name(),
              absl::StrCat("p", name));
    ASSERT_EQ(table->indexes().size(), 1);
    EXPECT_EQ(table->indexes()[0].name(), absl::StrCat("i", name));
  }

  // The default is the text itself.
  void ExpectDefault(const std::string& name) {
    std::string table;
    std::string column;
    ASSERT_THAT(database_.dialect().AppendIdentifier("t" + name, &table),
                IsOk());
    ASSERT_THAT(database_.dialect().AppendIdentifier(name, &column), IsOk());
    ASSERT_THAT(database_.Execute(
                    absl::StrCat("INSERT INTO ", table, "(id) VALUES (1)")),
                IsOk());
    EXPECT_THAT(
        database_.Query(absl::StrCat("SELECT ", column, " FROM ", table)),
        IsOkAndHolds(ElementsAre(Value::Text(name))));
  }

  TestDatabase database_;
};

// Q2, Q9
TEST_F(HostileNamesTest, ASchemaIsCreatedReadBackAndDroppedUnderAnyName) {
  int kept = 0;
  int refused = 0;
  for (const std::string& name : HostileTexts()) {
    SCOPED_TRACE(absl::CHexEscape(name.substr(0, 100)));
    std::string quoted;
    const bool is_name =
        database_.dialect().AppendIdentifier(name, &quoted).ok();
    MetaData metadata;
    absl::Status status = Define(name, &metadata);
    if (status.ok()) status = metadata.CreateAll(database_.connection());
    if (is_name) {
      ++kept;
      ASSERT_THAT(status, IsOk());
      ExpectReflected(name);
      ExpectDefault(name);
      ASSERT_THAT(metadata.DropAll(database_.connection()), IsOk());
      ASSERT_THAT(database_.connection().Commit(), IsOk());
    } else {
      ++refused;
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      ASSERT_THAT(database_.connection().Rollback(), IsOk());
    }
    ASSERT_FALSE(HasFailure());
    Inspector inspector(database_.connection());
    ASSERT_THAT(inspector.TableNames(), IsOkAndHolds(ElementsAre("employee")));
    ASSERT_THAT(database_.Query("SELECT a FROM employee"),
                IsOkAndHolds(ElementsAre(Value::Text("kept"))));
  }
  EXPECT_GT(kept, 40);
  EXPECT_GT(refused, 4);
}

}  // namespace
}  // namespace cupel::schema
