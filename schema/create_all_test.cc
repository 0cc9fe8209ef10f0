// MetaData::CreateAll() and DropAll() on a real database.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/recorder.h"
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
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

engine::Value Int(int64_t value) { return engine::Value::Int64(value); }

TableBuilder Keyed(std::string name) {
  TableBuilder builder(std::move(name));
  builder.Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
  return builder;
}

TableBuilder Referring(std::string name, std::string target,
                       ForeignKeyOptions options = {}) {
  options.referred_table = TableReference(std::move(target));
  return Keyed(std::move(name))
      .Column({.name = "ref",
               .type = engine::BigInteger(),
               .foreign_keys = {std::move(options)}});
}

class CreateAllTest : public ::testing::Test {
 protected:
  void Add(const TableBuilder& builder) {
    auto table = builder.Build();
    ASSERT_THAT(table, IsOk());
    ASSERT_THAT(metadata_.Add(*table), IsOk());
  }

  absl::Status CreateAll(CreateOptions options = {}) {
    return metadata_.CreateAll(database_.connection(), options);
  }
  absl::Status DropAll(DropOptions options = {}) {
    return metadata_.DropAll(database_.connection(), options);
  }

  std::vector<std::string> TableNames() {
    return *Inspector(database_.connection()).TableNames();
  }

  TestDatabase database_;
  MetaData metadata_;
};

// SCH-02
TEST_F(CreateAllTest, MakesParentsFirstAndDropsThemLast) {
  Add(Referring("child", "parent"));
  Add(Keyed("parent"));
  DdlReport report;
  ASSERT_THAT(CreateAll({.report = &report}), IsOk());
  EXPECT_THAT(report.created_tables, ElementsAre("parent", "child"));
  ASSERT_THAT(database_.Execute("INSERT INTO parent VALUES (1)"), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO child VALUES (1, 1)"), IsOk());
  ASSERT_THAT(database_.connection().Commit(), IsOk());

  ASSERT_THAT(DropAll({.report = &report}), IsOk());
  EXPECT_THAT(report.dropped_tables, ElementsAre("child", "parent"));
  EXPECT_THAT(TableNames(), IsEmpty());
}

// SCH-04
TEST_F(CreateAllTest, OnlyChecksForExistenceTheSecondTime) {
  for (int i = 0; i < 5; ++i) {
    Add(Keyed(absl::StrCat("t", i))
            .Column({.name = "c", .type = engine::Integer(), .index = true}));
  }
  ASSERT_THAT(CreateAll(), IsOk());
  engine::StatementRecorder recorder(database_.engine());
  DdlReport report;
  ASSERT_THAT(CreateAll({.report = &report}), IsOk());
  EXPECT_THAT(report.created_tables, IsEmpty());
  EXPECT_LE(recorder.count(), 1) << recorder.DebugString();
}

// SCH-04
TEST_F(CreateAllTest, MakesWhatIsMissingAndASubset) {
  Add(Keyed("a"));
  Add(Keyed("b"));
  Add(Keyed("c"));
  DdlReport report;
  ASSERT_THAT(CreateAll({.tables = {metadata_.Find("b")}}), IsOk());
  EXPECT_THAT(TableNames(), ElementsAre("b"));
  ASSERT_THAT(CreateAll({.report = &report}), IsOk());
  EXPECT_THAT(report.created_tables, ElementsAre("a", "c"));
  ASSERT_THAT(DropAll({.tables = {metadata_.Find("b")}}), IsOk());
  EXPECT_THAT(TableNames(), ElementsAre("a", "c"));
}

// SCH-04
TEST_F(CreateAllTest, FailsOnWhatExistsWithoutTheCheck) {
  Add(Keyed("a"));
  ASSERT_THAT(CreateAll(), IsOk());
  EXPECT_THAT(CreateAll({.check_first = false}), Not(IsOk()));
  EXPECT_FALSE(database_.connection().in_transaction());
  ASSERT_THAT(DropAll(), IsOk());
  EXPECT_THAT(DropAll(), IsOk());
  EXPECT_THAT(DropAll({.check_first = false}), Not(IsOk()));
}

// SCH-04
TEST_F(CreateAllTest, MakesMissingIndexesWhenAsked) {
  Add(Keyed("t").Column(
      {.name = "c", .type = engine::Integer(), .index = true}));
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(database_.Execute("DROP INDEX ix_t_c"), IsOk());
  ASSERT_THAT(database_.connection().Commit(), IsOk());
  DdlReport report;
  ASSERT_THAT(CreateAll({.report = &report}), IsOk());
  EXPECT_THAT(report.created_indexes, IsEmpty());
  ASSERT_THAT(CreateAll({.missing_indexes = true, .report = &report}), IsOk());
  EXPECT_THAT(report.created_indexes, ElementsAre("ix_t_c"));
}

// SCH-03
TEST_F(CreateAllTest, CreatesAndDropsCyclicTablesWithRows) {
  Add(Referring("a", "b", {.name = "fk_a_b"}));
  Add(Referring("b", "a", {.name = "fk_b_a"}));
  DdlReport report;
  ASSERT_THAT(CreateAll({.report = &report}), IsOk());
  EXPECT_THAT(report.cycles, ElementsAre("a -> b -> a"));
  ASSERT_THAT(database_.Execute("INSERT INTO a VALUES (1, NULL)"), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO b VALUES (1, 1)"), IsOk());
  ASSERT_THAT(database_.Execute("UPDATE a SET ref = 1"), IsOk());
  EXPECT_THAT(database_.Execute("UPDATE a SET ref = 2"), Not(IsOk()));
  ASSERT_THAT(database_.connection().Rollback(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO a VALUES (1, NULL)"), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO b VALUES (1, 1)"), IsOk());
  ASSERT_THAT(database_.Execute("UPDATE a SET ref = 1"), IsOk());
  ASSERT_THAT(database_.connection().Commit(), IsOk());
  ASSERT_THAT(DropAll(), IsOk());
  EXPECT_THAT(TableNames(), IsEmpty());
}

TEST_F(CreateAllTest, LeavesNothingBehindWhenItFails) {
  Add(Keyed("good"));
  Add(Keyed("bad").Check(
      {.name = "c", .condition = SqlFragment::Text("no_such_column > 0")}));
  EXPECT_THAT(CreateAll(), Not(IsOk()));
  EXPECT_THAT(TableNames(), IsEmpty());
}

TEST_F(CreateAllTest, ExecutesNothingWhenTheSchemaDoesNotFit) {
  Add(Referring("child", "ghost"));
  engine::StatementRecorder recorder(database_.engine());
  EXPECT_THAT(CreateAll(), StatusIs(absl::StatusCode::kInvalidArgument,
                                    HasSubstr("\"ghost\"")));
  EXPECT_EQ(recorder.count(), 0);
}

TEST_F(CreateAllTest, JoinsTheTransactionOfItsCaller) {
  Add(Keyed("t"));
  ASSERT_THAT(database_.connection().Begin(), IsOk());
  ASSERT_THAT(CreateAll(), IsOk());
  EXPECT_TRUE(database_.connection().in_transaction());
  ASSERT_THAT(database_.connection().Rollback(), IsOk());
  EXPECT_THAT(TableNames(), IsEmpty());
}

// SCH-07
TEST_F(CreateAllTest, NeverReusesKeysOnlyWhereAsked) {
  Add(Keyed("reusing"));
  Add(TableBuilder("unique").Column({.name = "id",
                                     .type = engine::BigInteger(),
                                     .primary_key = true,
                                     .never_reuse_keys = true}));
  const DdlCompiler compiler(database_.dialect(), &metadata_);
  EXPECT_THAT(*compiler.CreateTable(*metadata_.Find("reusing")),
              Not(HasSubstr("AUTOINCREMENT")));
  EXPECT_THAT(*compiler.CreateTable(*metadata_.Find("unique")),
              HasSubstr("AUTOINCREMENT"));
  ASSERT_THAT(CreateAll(), IsOk());
  for (const absl::string_view table : {"reusing", "\"unique\""}) {
    const std::string insert =
        absl::StrCat("INSERT INTO ", table, " DEFAULT VALUES");
    ASSERT_THAT(database_.Execute(insert), IsOk());
    ASSERT_THAT(database_.Execute(insert), IsOk());
    ASSERT_THAT(
        database_.Execute(absl::StrCat("DELETE FROM ", table, " WHERE id = 2")),
        IsOk());
    ASSERT_THAT(database_.Execute(insert), IsOk());
  }
  EXPECT_THAT(database_.Query("SELECT max(id) FROM reusing"),
              IsOkAndHolds(ElementsAre(Int(2))));
  EXPECT_THAT(database_.Query("SELECT max(id) FROM \"unique\""),
              IsOkAndHolds(ElementsAre(Int(3))));
}

// SCH-27
TEST_F(CreateAllTest, EnforcesEachConstraint) {
  Add(Keyed("parent"));
  Add(Referring("t", "parent")
          .Column({.name = "u", .type = engine::Integer(), .unique = true})
          .Column({.name = "n", .type = engine::Integer(), .nullable = false})
          .Check({.name = "n_is_positive",
                  .condition = SqlFragment::Text("n > 0")}));
  ASSERT_THAT(CreateAll(), IsOk());
  const auto error_of = [&](absl::string_view values) {
    const absl::Status status =
        database_.Execute(absl::StrCat("INSERT INTO t VALUES ", values));
    EXPECT_THAT(database_.connection().Rollback(), IsOk());
    return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
  };
  engine::ErrorInfo error = error_of("(1, NULL, 1, 1), (2, NULL, 1, 1)");
  EXPECT_EQ(error.kind, engine::ErrorKind::kUniqueViolation);
  EXPECT_EQ(error.table, "t");
  EXPECT_EQ(error.column, "u");
  EXPECT_EQ(engine::ClassOf(error.kind), engine::ErrorClass::kIntegrity);
  error = error_of("(1, NULL, 1, NULL)");
  EXPECT_EQ(error.kind, engine::ErrorKind::kNotNullViolation);
  EXPECT_EQ(error.table, "t");
  EXPECT_EQ(error.column, "n");
  error = error_of("(1, NULL, 1, 0)");
  EXPECT_EQ(error.kind, engine::ErrorKind::kCheckViolation);
  EXPECT_EQ(error.constraint, "n_is_positive");
  EXPECT_EQ(error_of("(1, 7, 1, 1)").kind,
            engine::ErrorKind::kForeignKeyViolation);
}

// SCH-28
TEST_F(CreateAllTest, ChecksADeferredForeignKeyAtCommit) {
  if (!database_.dialect().capabilities().deferrable_constraints) {
    GTEST_SKIP() << "the database checks at once";
  }
  Add(Keyed("parent"));
  Add(Referring("child", "parent",
                {.on_delete = ForeignKeyAction::kCascade,
                 .deferrable = Deferrable::kInitiallyDeferred}));
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO child VALUES (1, 1)"), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO parent VALUES (1)"), IsOk());
  ASSERT_THAT(database_.connection().Commit(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO child VALUES (2, 9)"), IsOk());
  EXPECT_THAT(database_.connection().Commit(), Not(IsOk()));
  ASSERT_THAT(database_.connection().Rollback(), IsOk());
  ASSERT_THAT(database_.Execute("DELETE FROM parent"), IsOk());
  EXPECT_THAT(database_.Query("SELECT count(*) FROM child"),
              IsOkAndHolds(ElementsAre(Int(0))));
}

// SCH-22, SCH-23
TEST_F(CreateAllTest, LetsTheServerMakeDefaultsAndComputedValues) {
  const std::string odd = "it's \\ \"odd\"\n\u00E4";
  Add(Keyed("t")
          .Column({.name = "big", .type = engine::Integer()})
          .Column(
              {.name = "twice",
               .type = engine::Integer(),
               .computed =
                   ComputedOptions{.expression = SqlFragment::Text("big * 2"),
                                   .storage = ComputedStorage::kStored}})
          .Column({.name = "text",
                   .type = engine::Text(),
                   .server_default = SqlFragment::Literal(
                       engine::Text(), engine::Value::Text(odd))})
          .Column({.name = "sum",
                   .type = engine::Integer(),
                   .server_default = SqlFragment::Text("1 + 2")}));
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO t (big) VALUES (1)"), IsOk());
  EXPECT_THAT(
      database_.Query("SELECT twice, text, sum FROM t"),
      IsOkAndHolds(ElementsAre(Int(2), engine::Value::Text(odd), Int(3))));
  EXPECT_THAT(database_.Execute("INSERT INTO t (twice) VALUES (1)"),
              Not(IsOk()));
}

// SCH-32
TEST_F(CreateAllTest, CreatesTablesWithEachOptionOfTheDialect) {
  for (const absl::string_view option :
       database_.dialect().syntax().table_options) {
    MetaData metadata;
    auto table = Keyed("t").Option(std::string(option)).Build();
    ASSERT_THAT(table, IsOk());
    ASSERT_THAT(metadata.Add(*table), IsOk());
    EXPECT_THAT(metadata.CreateAll(database_.connection()), IsOk()) << option;
    EXPECT_THAT(metadata.DropAll(database_.connection()), IsOk());
  }
}

// SCH-31
TEST_F(CreateAllTest, CreatesUniquePartialAndExpressionIndexes) {
  Add(Keyed("t")
          .Column({.name = "email", .type = engine::Text()})
          .Column({.name = "live", .type = engine::Integer()})
          .Index({.name = "ix_mail",
                  .parts = {{.expression = SqlFragment::Text("lower(email)")}},
                  .unique = true,
                  .where = SqlFragment::Text("live = 1")}));
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO t VALUES (1, 'A', 1)"), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO t VALUES (2, 'a', 0)"), IsOk());
  EXPECT_THAT(database_.Execute("INSERT INTO t VALUES (3, 'a', 1)"),
              Not(IsOk()));
}

// SCH-42
TEST_F(CreateAllTest, SeedsATableOnceByAHook) {
  std::vector<std::string> log;
  const auto note = [&](std::string what) {
    return [&log, what](engine::Connection&, const Table* table) {
      log.push_back(absl::StrCat(what, " ", table ? table->name() : "all"));
      return absl::OkStatus();
    };
  };
  Add(Keyed("color").Hook({.moment = DdlMoment::kAfterCreate,
                           .sql = "INSERT INTO color VALUES (7)",
                           .function = note("created")}));
  Add(Keyed("other").Hook(
      {.moment = DdlMoment::kBeforeDrop, .function = note("dropping")}));
  metadata_.AddHook(
      {.moment = DdlMoment::kBeforeCreate, .function = note("creating")});
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(CreateAll(), IsOk());
  EXPECT_THAT(database_.Query("SELECT id FROM color"),
              IsOkAndHolds(ElementsAre(Int(7))));
  ASSERT_THAT(database_.connection().Rollback(), IsOk());
  ASSERT_THAT(DropAll(), IsOk());
  EXPECT_THAT(log, ElementsAre("creating all", "created color", "creating all",
                               "dropping other"));
}

// SCH-41
TEST_F(CreateAllTest, RunsFreeTextForTheRightDialectOnly) {
  const std::string trigger =
      "CREATE TRIGGER trg AFTER INSERT ON t BEGIN "
      "INSERT INTO log VALUES (new.id); END";
  Add(Keyed("log"));
  Add(Keyed("t")
          .Hook({.dialects = {database_.dialect().name()}, .sql = trigger})
          .Hook({.dialects = {"elsewhere"}, .sql = "NOT SQL"})
          .Hook({.only_if = [](engine::Connection&,
                               const Table*) { return false; },
                 .sql = "NOT SQL"}));
  ASSERT_THAT(CreateAll(), IsOk());
  ASSERT_THAT(database_.Execute("INSERT INTO t VALUES (5)"), IsOk());
  EXPECT_THAT(database_.Query("SELECT id FROM log"),
              IsOkAndHolds(ElementsAre(Int(5))));
}

// SCH-42
TEST_F(CreateAllTest, StopsAtAHookThatFails) {
  Add(Keyed("t").Hook({.function = [](engine::Connection&, const Table*) {
    return absl::AbortedError("no seeds");
  }}));
  EXPECT_THAT(CreateAll(),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("no seeds")));
  EXPECT_THAT(TableNames(), IsEmpty());
}

}  // namespace
}  // namespace cupel::schema
