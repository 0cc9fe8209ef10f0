#include "cupel/schema/naming_convention.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/type.h"
#include "cupel/schema/table.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::schema {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;

class NamingConventionTest : public ::testing::Test {
 protected:
  NamingConventionTest() {
    a_ =
        *TableBuilder("a")
             .Column(
                 {.name = "id", .type = engine::Integer(), .primary_key = true})
             .Column({.name = "email", .type = engine::Text(), .unique = true})
             .Column({.name = "big", .type = engine::Integer(), .index = true})
             .Check({.name = "pos", .condition = SqlFragment::Text("big > 0")})
             .Unique({.name = "given", .columns = {"email", "big"}})
             .Index({.parts = {{.expression = SqlFragment::Text("big+1")}}})
             .Build();
    b_ = *TableBuilder("b")
              .Column({.name = "a_ref",
                       .key = "a_id",
                       .type = engine::Integer(),
                       .foreign_keys = {{.referred_table = "a",
                                         .referred_columns = {"id"}}}})
              .Column({.name = "n", .type = engine::Integer()})
              .Unique({.columns = {"a_id", "n"}})
              .Build();
  }

  std::shared_ptr<const Table> a_;
  std::shared_ptr<const Table> b_;
};

// SCH-30
TEST_F(NamingConventionTest, FillsTemplatesOfEachKind) {
  const auto naming = NamingConvention::Create(
      {.primary_key = "pk_{table_name}",
       .unique = "uq_{table_name}_{column_0_name}",
       .check = "ck_{table_name}_{constraint_name}",
       .foreign_key = "fk_{table_name}_{column_0_key}_{referred_table_name}_"
                      "{referred_column_0_name}",
       .index = "ix_{column_0_label}"});
  ASSERT_THAT(naming, IsOk());
  EXPECT_EQ(naming->NameOf(a_->primary_key()), "pk_a");
  EXPECT_EQ(naming->NameOf(a_->uniques()[0]), "uq_a_email");
  EXPECT_EQ(naming->NameOf(a_->checks()[0]), "ck_a_pos");
  EXPECT_EQ(naming->NameOf(a_->indexes()[0]), "ix_a_big");
  EXPECT_EQ(naming->NameOf(b_->foreign_keys()[0], a_.get()), "fk_b_a_id_a_id");
}

// SCH-30
TEST_F(NamingConventionTest, KnowsAllColumnsNamesKeysAndOwnTokens) {
  const auto naming = NamingConvention::Create(
      {.unique = "{column_0N_name}|{column_0_N_key}|{column_1_label}|{mine}"},
      {{"mine", [](const NamingSubject& subject) {
          return absl::StrCat("<", subject.constraint->columns().size(), ">");
        }}});
  ASSERT_THAT(naming, IsOk());
  EXPECT_EQ(naming->NameOf(b_->uniques()[0]), "a_refn|a_id_n|b_n|<2>");
}

// SCH-30
TEST_F(NamingConventionTest, LetsAGivenNameWin) {
  EXPECT_EQ(NamingConvention::Recommended().NameOf(a_->uniques()[1]), "given");
}

// SCH-30
TEST_F(NamingConventionTest, NamesOnlyIndexesByDefault) {
  const NamingConvention naming;
  EXPECT_EQ(naming.NameOf(a_->indexes()[0]), "ix_a_big");
  EXPECT_EQ(naming.NameOf(a_->indexes()[1]), "ix_expr");
  EXPECT_EQ(naming.NameOf(a_->primary_key()), "");
  EXPECT_EQ(naming.NameOf(a_->checks()[0]), "pos");
}

TEST_F(NamingConventionTest, KeepsAFinalName) {
  const auto table = TableBuilder(a_->definition())
                         .Check({.name = "ck_a_pos",
                                 .name_is_final = true,
                                 .condition = SqlFragment::Text("1 = 1")})
                         .Build();
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(NamingConvention::Recommended().NameOf((*table)->checks()[1]),
            "ck_a_pos");
}

// SCH-30
TEST_F(NamingConventionTest, RefusesUnknownTokens) {
  EXPECT_THAT(NamingConvention::Create({.unique = "uq_{tabel_name}"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"tabel_name\"")));
  EXPECT_THAT(NamingConvention::Create({.unique = "uq_{table_name"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      NamingConvention::Create({.unique = "{referred_table_name}"}).status(),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cupel::schema
