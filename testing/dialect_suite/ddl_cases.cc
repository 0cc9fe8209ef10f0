// CREATE, ALTER and DROP: tables, constraints, indexes, defaults, views.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using query::TypedSelect;
using schema::ForeignKeyAction;
using schema::SqlFragment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DdlTest : public DialectTest {
 protected:
  schema::DdlCompiler Compiler() const {
    return schema::DdlCompiler(dialect());
  }
  absl::Status Run(const absl::StatusOr<std::string>& sql) {
    if (!sql.ok()) return sql.status();
    return Execute(*sql).status();
  }
  bool HasTable(absl::string_view name) {
    schema::Inspector inspector(connection());
    return inspector.HasTable(name).value_or(false);
  }
};

using TableDdlTest = DdlTest;

TEST_F(TableDdlTest, CreatesAndDrops) {
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(*Keyed("plain").Build()));
  CUPEL_ASSERT_OK(metadata.CreateAll(connection()));
  EXPECT_TRUE(HasTable("plain"));
  CUPEL_ASSERT_OK(metadata.DropAll(connection()));
  EXPECT_FALSE(HasTable("plain"));
}
TEST_F(TableDdlTest, CreatingTwiceLeavesWhatIsThere) {
  const Items items = FillItems();
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.AddStatic(items.table));
  CUPEL_EXPECT_OK(metadata.CreateAll(connection()));
  EXPECT_THAT(Count(items.table), IsOkAndHolds(5));
  EXPECT_THAT(metadata.CreateAll(connection(), {.check_first = false}),
              IsKind(ErrorKind::kAlreadyExists));
}
TEST_F(TableDdlTest, DroppingTwiceIsNoError) {
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(*Keyed("plain").Build()));
  CUPEL_EXPECT_OK(metadata.DropAll(connection()));
  EXPECT_THAT(metadata.DropAll(connection(), {.check_first = false}),
              IsKind(ErrorKind::kNoSuchTable));
}
TEST_F(TableDdlTest, IfExistsAndIfNotExists) {
  CUPEL_SUITE_NEEDS(can().if_exists, "if_exists");
  const Items items = CreateItems();
  CUPEL_EXPECT_OK(
      Run(Compiler().CreateTable(items.table, {.if_not_exists = true})));
  CUPEL_EXPECT_OK(
      Run(Compiler().DropTable(**Keyed("absent").Build(), /*if_exists=*/true)));
}
TEST_F(TableDdlTest, ReportsWhatItDid) {
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(*Keyed("plain").Build()));
  schema::DdlReport report;
  CUPEL_ASSERT_OK(metadata.CreateAll(connection(), {.report = &report}));
  EXPECT_THAT(report.created_tables, ElementsAre("plain"));
  CUPEL_ASSERT_OK(metadata.DropAll(connection(), {.report = &report}));
  EXPECT_THAT(report.dropped_tables, ElementsAre("plain"));
}
TEST_F(TableDdlTest, EmptiesATable) {
  const Items items = FillItems();
  CUPEL_ASSERT_OK(Run(Compiler().EmptyTable(items.table)));
  EXPECT_THAT(Count(items.table), IsOkAndHolds(0));
}
TEST_F(TableDdlTest, AddsAColumn) {
  const Items items = FillItems();
  auto wider = schema::TableBuilder(items.table.definition())
                   .Column({.name = "note", .type = engine::String(20)})
                   .Build();
  CUPEL_ASSERT_OK(wider);
  CUPEL_ASSERT_OK(Run(Compiler().AddColumn(*(*wider)->Find("note"))));
  const auto note = Col<std::optional<std::string>>(**wider, "note");
  EXPECT_THAT(Scalars(TypedSelect(note).Distinct()),
              IsOkAndHolds(ElementsAre(std::nullopt)));
}
TEST_F(TableDdlTest, DropsAColumn) {
  const Items items = FillItems();
  const absl::StatusOr<std::string> sql =
      Compiler().DropColumn(*items.table.Find("amount"));
  if (!can().alter_drop_column) {
    EXPECT_THAT(sql, IsRefused());
    return;
  }
  CUPEL_ASSERT_OK(Run(sql));
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.HasColumn("item", "amount"), IsOkAndHolds(false));
}
TEST_F(TableDdlTest, ManyColumns) {
  schema::TableBuilder builder = Keyed("wide");
  for (int n = 0; n < 100; ++n) {
    builder.Column({.name = absl::StrCat("c", n), .type = engine::Integer()});
  }
  const schema::Table& wide = Create(builder);
  CUPEL_ASSERT_OK(
      Execute(query::Insert(wide).Set(Col<int64_t>(wide, "c99"), 7)));
  EXPECT_THAT(Scalar(TypedSelect(Col<int64_t>(wide, "c99"))), IsOkAndHolds(7));
}
TEST_F(TableDdlTest, MistakesAreToldBeforeAnythingIsDone) {
  schema::MetaData metadata;
  CUPEL_ASSERT_OK(metadata.Add(*Keyed("good").Build()));
  CUPEL_ASSERT_OK(metadata.Add(
      *Keyed("bad")
           .Column({.name = "x",
                    .type = engine::BigInteger(),
                    .foreign_keys = {{.referred_table = "nowhere"}}})
           .Build()));
  EXPECT_THAT(metadata.CreateAll(connection()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(HasTable("good"));
}

using TableCommentTest = DdlTest;

TEST_F(TableCommentTest, IsKept) {
  CUPEL_SUITE_NEEDS(can().comments, "comments");
  Create(Keyed("told")
             .Column({.name = "n",
                      .type = engine::Integer(),
                      .comment = "the column's \"comment\""})
             .Comment("it's 100% the table's"));
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("told"));
  EXPECT_EQ(found->comment, "it's 100% the table's");
  EXPECT_EQ(found->columns[1].comment, "the column's \"comment\"");
}
TEST_F(TableCommentTest, IsKeptToTheLastCharacter) {
  CUPEL_SUITE_NEEDS(can().comments, "comments");
  const std::string comment = "gr\xC3\xBC\xC3\x9F\xF0\x9F\x92\xA9";
  if (!can().comments_beyond_bmp) {
    schema::MetaData metadata;
    CUPEL_ASSERT_OK(metadata.Add(*Keyed("told").Comment(comment).Build()));
    EXPECT_THAT(metadata.CreateAll(connection()),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("beyond U+FFFF")));
    return;
  }
  Create(Keyed("told").Comment(comment));
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("told"));
  EXPECT_EQ(found->comment, comment);
}

using PrimaryKeyTest = DdlTest;

TEST_F(PrimaryKeyTest, OfSeveralColumns) {
  const schema::Table& table =
      Create(schema::TableBuilder("pair")
                 .Column({.name = "a", .type = engine::Integer()})
                 .Column({.name = "b", .type = engine::Integer()})
                 .PrimaryKey({.columns = {"a", "b"}}));
  const auto row = [&](int64_t a, int64_t b) {
    return query::Insert(table)
        .Set(Col<int64_t>(table, "a"), a)
        .Set(Col<int64_t>(table, "b"), b);
  };
  CUPEL_ASSERT_OK(Execute(row(1, 1)));
  CUPEL_ASSERT_OK(Execute(row(1, 2)));
  EXPECT_THAT(Execute(row(1, 2)), IsKind(ErrorKind::kUniqueViolation));
}
TEST_F(PrimaryKeyTest, OfAText) {
  const schema::Table& table = Create(schema::TableBuilder("by_text").Column(
      {.name = "code", .type = engine::String(20), .primary_key = true}));
  const auto code = Col<std::string>(table, "code");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(code, "a")));
  EXPECT_THAT(Execute(query::Insert(table).Set(code, "a")),
              IsKind(ErrorKind::kUniqueViolation));
}
TEST_F(PrimaryKeyTest, OfAUuid) {
  const schema::Table& table = Create(schema::TableBuilder("by_uuid").Column(
      {.name = "id", .type = engine::UuidType(), .primary_key = true}));
  const auto id = Col<Uuid>(table, "id");
  const Uuid one = Uuid::Random();
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(id, one)));
  EXPECT_THAT(Scalar(TypedSelect(id).Where(id == one)), IsOkAndHolds(one));
}
TEST_F(PrimaryKeyTest, RefusesNull) {
  const schema::Table& table = Create(schema::TableBuilder("by_text").Column(
      {.name = "code", .type = engine::String(20), .primary_key = true}));
  EXPECT_THAT(
      Execute(query::Insert(table).Set(
          Col<std::optional<std::string>>(table, "code"), std::nullopt)),
      IsKind(ErrorKind::kNotNullViolation));
}

class ForeignKeyTest : public DdlTest {
 protected:
  void Make(ForeignKeyAction on_delete, ForeignKeyAction on_update) {
    parent_ = &Create(Keyed("parent"));
    child_ = &Create(
        Keyed("child").Column({.name = "parent_id",
                               .type = engine::BigInteger(),
                               .foreign_keys = {{.referred_table = "parent",
                                                 .referred_columns = {"id"},
                                                 .on_delete = on_delete,
                                                 .on_update = on_update}}}));
    parent_id_ = Col<int64_t>(*parent_, "id");
    link_ = Col<std::optional<int64_t>>(*child_, "parent_id");
    CUPEL_ASSERT_OK(Execute(query::Insert(*parent_).Set(parent_id_, 1)));
    CUPEL_ASSERT_OK(Execute(query::Insert(*child_).Set(link_, 1)));
  }
  const schema::Table* parent_ = nullptr;
  const schema::Table* child_ = nullptr;
  query::TypedExpr<int64_t> parent_id_;
  query::TypedExpr<std::optional<int64_t>> link_;
};

TEST_F(ForeignKeyTest, DeleteCascades) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make(ForeignKeyAction::kCascade, ForeignKeyAction::kNone);
  CUPEL_ASSERT_OK(Execute(query::Delete(*parent_)));
  EXPECT_THAT(Count(*child_), IsOkAndHolds(0));
}
TEST_F(ForeignKeyTest, DeleteSetsNull) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make(ForeignKeyAction::kSetNull, ForeignKeyAction::kNone);
  CUPEL_ASSERT_OK(Execute(query::Delete(*parent_)));
  EXPECT_THAT(Scalars(TypedSelect(link_)),
              IsOkAndHolds(ElementsAre(std::nullopt)));
}
TEST_F(ForeignKeyTest, DeleteIsRestricted) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make(ForeignKeyAction::kRestrict, ForeignKeyAction::kNone);
  EXPECT_THAT(Execute(query::Delete(*parent_)),
              IsKind(ErrorKind::kForeignKeyViolation));
}
TEST_F(ForeignKeyTest, UpdateCascades) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make(ForeignKeyAction::kNone, ForeignKeyAction::kCascade);
  CUPEL_ASSERT_OK(Execute(query::Update(*parent_).Set(parent_id_, 9)));
  EXPECT_THAT(Scalars(TypedSelect(link_)), IsOkAndHolds(ElementsAre(9)));
}
TEST_F(ForeignKeyTest, NullRefersToNothing) {
  Make(ForeignKeyAction::kNone, ForeignKeyAction::kNone);
  CUPEL_EXPECT_OK(Execute(query::Insert(*child_).Set(link_, std::nullopt)));
}
TEST_F(ForeignKeyTest, ToItsOwnTable) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  const schema::Table& tree = Create(
      Keyed("tree").Column({.name = "up",
                            .type = engine::BigInteger(),
                            .foreign_keys = {{.referred_table = "tree",
                                              .referred_columns = {"id"}}}}));
  const auto id = Col<int64_t>(tree, "id");
  const auto up = Col<std::optional<int64_t>>(tree, "up");
  CUPEL_ASSERT_OK(
      Execute(query::Insert(tree).Set(id, 1).Set(up, std::nullopt)));
  CUPEL_ASSERT_OK(Execute(query::Insert(tree).Set(id, 2).Set(up, 1)));
  EXPECT_THAT(Execute(query::Insert(tree).Set(id, 3).Set(up, 77)),
              IsKind(ErrorKind::kForeignKeyViolation));
}
TEST_F(ForeignKeyTest, OfSeveralColumns) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Create(schema::TableBuilder("pair")
             .Column({.name = "a", .type = engine::Integer()})
             .Column({.name = "b", .type = engine::Integer()})
             .PrimaryKey({.columns = {"a", "b"}}));
  const schema::Table& use =
      Create(Keyed("pair_use")
                 .Column({.name = "x", .type = engine::Integer()})
                 .Column({.name = "y", .type = engine::Integer()})
                 .ForeignKey({.columns = {"x", "y"},
                              .referred_table = "pair",
                              .referred_columns = {"a", "b"}}));
  CUPEL_ASSERT_OK(Execute("INSERT INTO pair (a, b) VALUES (1, 2)"));
  const auto row = [&](int64_t x, int64_t y) {
    return query::Insert(use)
        .Set(Col<int64_t>(use, "x"), x)
        .Set(Col<int64_t>(use, "y"), y);
  };
  CUPEL_EXPECT_OK(Execute(row(1, 2)));
  EXPECT_THAT(Execute(row(2, 1)), IsKind(ErrorKind::kForeignKeyViolation));
}
TEST_F(ForeignKeyTest, TwoTablesReferToEachOther) {
  CUPEL_SUITE_NEEDS(
      can().alter_add_constraint || can().forward_references_in_create,
      "alter_add_constraint");
  schema::MetaData metadata;
  for (const auto& [name, other] :
       {std::make_pair("hen", "egg"), std::make_pair("egg", "hen")}) {
    CUPEL_ASSERT_OK(metadata.Add(
        *Keyed(name)
             .Column({.name = "origin",
                      .type = engine::BigInteger(),
                      .foreign_keys = {{.name = absl::StrCat("fk_", name),
                                        .referred_table = other,
                                        .referred_columns = {"id"}}}})
             .Build()));
  }
  schema::DdlReport report;
  CUPEL_ASSERT_OK(metadata.CreateAll(connection(), {.report = &report}));
  EXPECT_THAT(report.cycles, Not(IsEmpty()));
  const schema::Table& hen = *metadata.Find("hen");
  const auto wrong =
      Execute(query::Insert(hen).Set(Col<int64_t>(hen, "origin"), int64_t{77}));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(metadata.DropAll(connection()));
  EXPECT_FALSE(HasTable("hen") || HasTable("egg"));
  if (can().enforces_foreign_keys) {
    EXPECT_THAT(wrong, IsKind(ErrorKind::kForeignKeyViolation));
  }
}

using ConstraintDdlTest = DdlTest;

TEST_F(ConstraintDdlTest, IsAddedAndDropped) {
  const Items items = FillItems();
  auto changed = schema::TableBuilder(items.table.definition())
                     .Unique({.name = "uq_added", .columns = {"name"}})
                     .Build();
  CUPEL_ASSERT_OK(changed);
  const schema::Unique& unique = (*changed)->uniques()[0];
  const auto add = Compiler().AddConstraint(unique);
  if (!can().alter_add_constraint) {
    EXPECT_THAT(add, IsRefused());
    return;
  }
  CUPEL_ASSERT_OK(Run(add));
  const auto again =
      query::Insert(items.table).Set(items.id, 9).Set(items.name, "ant");
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Execute(again), IsKind(ErrorKind::kUniqueViolation));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_ASSERT_OK(Run(Compiler().DropConstraint(unique)));
  CUPEL_EXPECT_OK(Execute(again));
}
TEST_F(ConstraintDdlTest, UniqueAllowsSeveralNulls) {
  const schema::Table& table = Create(Keyed("u").Column(
      {.name = "code", .type = engine::String(20), .unique = true}));
  const auto code = Col<std::optional<std::string>>(table, "code");
  CUPEL_EXPECT_OK(Execute(query::Insert(table).Set(code, std::nullopt)));
  CUPEL_EXPECT_OK(Execute(query::Insert(table).Set(code, std::nullopt)));
}
TEST_F(ConstraintDdlTest, CheckLetsNullPass) {
  const schema::Table& table = Create(
      Keyed("c")
          .Column({.name = "n", .type = engine::Integer()})
          .Check({.name = "ck_n", .condition = SqlFragment::Text("n > 0")}));
  const auto n = Col<std::optional<int64_t>>(table, "n");
  CUPEL_EXPECT_OK(Execute(query::Insert(table).Set(n, std::nullopt)));
  CUPEL_EXPECT_OK(Execute(query::Insert(table).Set(n, 1)));
  EXPECT_THAT(Execute(query::Insert(table).Set(n, 0)),
              IsKind(ErrorKind::kCheckViolation));
}
TEST_F(ConstraintDdlTest, CheckOfSeveralColumns) {
  const schema::Table& table =
      Create(Keyed("span")
                 .Column({.name = "low", .type = engine::Integer()})
                 .Column({.name = "high", .type = engine::Integer()})
                 .Check({.name = "ck_span",
                         .condition = SqlFragment::Text(
                             "low <= high AND (low <> 13 OR high = 13)")}));
  const auto row = [&](int64_t low, int64_t high) {
    return query::Insert(table)
        .Set(Col<int64_t>(table, "low"), low)
        .Set(Col<int64_t>(table, "high"), high);
  };
  CUPEL_EXPECT_OK(Execute(row(1, 2)));
  EXPECT_THAT(Execute(row(3, 2)), IsKind(ErrorKind::kCheckViolation));
}

}  // namespace
}  // namespace cupel::dialect_suite
