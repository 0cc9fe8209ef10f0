// What went wrong, told in the same terms by every database.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ErrorTest : public DialectTest {
 protected:
  // "parent" (id, code unique, size >= 0) and "child" (id, parent_id not null).
  void Make() {
    parent_ = &Create(
        Keyed("parent")
            .Column({.name = "code", .type = engine::String(20)})
            .Column({.name = "size", .type = engine::Integer()})
            .Unique({.name = "uq_code", .columns = {"code"}})
            .Check({.name = "ck_size",
                    .condition = schema::SqlFragment::Text("size >= 0")}));
    child_ = &Create(Keyed("child").Column(
        {.name = "parent_id",
         .type = engine::BigInteger(),
         .nullable = false,
         .foreign_keys = {{.name = "fk_parent",
                           .referred_table = "parent",
                           .referred_columns = {"id"}}}}));
    CUPEL_ASSERT_OK(AddParent(1, "canary-7319", 1));
    CUPEL_ASSERT_OK(AddChild(1, 1));
    CUPEL_ASSERT_OK(connection().Commit());
  }
  absl::Status AddParent(int64_t id, absl::string_view code, int64_t size) {
    return Execute(query::Insert(*parent_)
                       .Set(Col<int64_t>(*parent_, "id"), id)
                       .Set(Col<std::string>(*parent_, "code"), code)
                       .Set(Col<int64_t>(*parent_, "size"), size))
        .status();
  }
  absl::Status AddChild(int64_t id, std::optional<int64_t> parent) {
    return Execute(query::Insert(*child_)
                       .Set(Col<int64_t>(*child_, "id"), id)
                       .Set(Col<std::optional<int64_t>>(*child_, "parent_id"),
                            parent))
        .status();
  }
  // The case's error, with the transaction out of the way.
  engine::ErrorInfo InfoOf(const absl::Status& status) {
    EXPECT_FALSE(status.ok());
    return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
  }

  const schema::Table* parent_ = nullptr;
  const schema::Table* child_ = nullptr;
};

using ConstraintErrorTest = ErrorTest;

TEST_F(ConstraintErrorTest, PrimaryKey) {
  Make();
  EXPECT_THAT(AddParent(1, "other", 1), IsKind(ErrorKind::kUniqueViolation));
}

TEST_F(ConstraintErrorTest, Unique) {
  Make();
  const absl::Status status = AddParent(2, "canary-7319", 1);
  EXPECT_THAT(status, IsKind(ErrorKind::kUniqueViolation));
  const engine::ErrorInfo info = InfoOf(status);
  // Databases name the constraint or the column.
  EXPECT_TRUE(info.constraint == "uq_code" || info.column == "code")
      << info.constraint << ", " << info.column;
}

TEST_F(ConstraintErrorTest, UniqueInAnUpdate) {
  Make();
  CUPEL_ASSERT_OK(AddParent(2, "two", 1));
  EXPECT_THAT(Execute(query::Update(*parent_).Set(
                  Col<std::string>(*parent_, "code"), "same")),
              IsKind(ErrorKind::kUniqueViolation));
}

TEST_F(ConstraintErrorTest, UniqueIndex) {
  const Items items = CreateItems();
  CUPEL_ASSERT_OK(Execute("CREATE UNIQUE INDEX ux_name ON item (name)"));
  CUPEL_ASSERT_OK(connection().Commit());
  const auto insert = query::Insert(items.table).Set(items.name, "same");
  CUPEL_ASSERT_OK(Execute(insert));
  EXPECT_THAT(Execute(insert), IsKind(ErrorKind::kUniqueViolation));
}

TEST_F(ConstraintErrorTest, ForeignKeyOfANewRow) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make();
  EXPECT_THAT(AddChild(2, 99), IsKind(ErrorKind::kForeignKeyViolation));
}

TEST_F(ConstraintErrorTest, ForeignKeyOfADeletedRow) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make();
  EXPECT_THAT(Execute(query::Delete(*parent_)),
              IsKind(ErrorKind::kForeignKeyViolation));
}

TEST_F(ConstraintErrorTest, ForeignKeyOfAnUpdatedRow) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make();
  EXPECT_THAT(Execute(query::Update(*child_).Set(
                  Col<int64_t>(*child_, "parent_id"), 99)),
              IsKind(ErrorKind::kForeignKeyViolation));
}

TEST_F(ConstraintErrorTest, DroppedParent) {
  CUPEL_SUITE_NEEDS(can().enforces_foreign_keys, "enforces_foreign_keys");
  Make();
  EXPECT_THAT(Execute("DROP TABLE parent"), Not(IsOk()));
}

TEST_F(ConstraintErrorTest, NotNull) {
  Make();
  const absl::Status status = AddChild(2, std::nullopt);
  EXPECT_THAT(status, IsKind(ErrorKind::kNotNullViolation));
  EXPECT_EQ(InfoOf(status).column, "parent_id");
}

TEST_F(ConstraintErrorTest, NotNullInAnUpdate) {
  Make();
  EXPECT_THAT(
      Execute(query::Update(*child_).Set(
          Col<std::optional<int64_t>>(*child_, "parent_id"), std::nullopt)),
      IsKind(ErrorKind::kNotNullViolation));
}

TEST_F(ConstraintErrorTest, Check) {
  Make();
  const absl::Status status = AddParent(2, "two", -1);
  EXPECT_THAT(status, IsKind(ErrorKind::kCheckViolation));
  EXPECT_EQ(InfoOf(status).constraint, "ck_size");
}

TEST_F(ConstraintErrorTest, DeferredForeignKeyFailsTheCommit) {
  CUPEL_SUITE_NEEDS(can().deferrable_constraints && can().enforces_foreign_keys,
                    "deferrable_constraints");
  Make();
  const schema::Table& late = Create(Keyed("late").Column(
      {.name = "parent_id",
       .type = engine::BigInteger(),
       .foreign_keys = {
           {.referred_table = "parent",
            .referred_columns = {"id"},
            .deferrable = schema::Deferrable::kInitiallyDeferred}}}));
  CUPEL_ASSERT_OK(
      Execute(query::Insert(late).Set(Col<int64_t>(late, "parent_id"), 99)));
  // F6
  EXPECT_THAT(connection().Commit(), IsKind(ErrorKind::kForeignKeyViolation));
  EXPECT_FALSE(connection().in_transaction());
  EXPECT_THAT(Count(late), IsOkAndHolds(0));
}

using StatementErrorTest = ErrorTest;

TEST_F(StatementErrorTest, Syntax) {
  EXPECT_THAT(Execute("SELEKT 1"), IsKind(ErrorKind::kSyntax));
}

TEST_F(StatementErrorTest, SyntaxAtTheEnd) {
  EXPECT_THAT(Execute("SELECT (1"), IsKind(ErrorKind::kSyntax));
}

TEST_F(StatementErrorTest, NoSuchTable) {
  EXPECT_THAT(Execute("SELECT * FROM no_such_table"),
              IsKind(ErrorKind::kNoSuchTable));
}

TEST_F(StatementErrorTest, NoSuchTableToWrite) {
  EXPECT_THAT(Execute("INSERT INTO no_such_table VALUES (1)"),
              IsKind(ErrorKind::kNoSuchTable));
}

TEST_F(StatementErrorTest, NoSuchTableToDrop) {
  EXPECT_THAT(Execute("DROP TABLE no_such_table"),
              IsKind(ErrorKind::kNoSuchTable));
}

TEST_F(StatementErrorTest, NoSuchColumn) {
  CreateItems();
  EXPECT_THAT(Execute("SELECT no_such_column FROM item"),
              IsKind(ErrorKind::kNoSuchColumn));
}

// F22
TEST_F(StatementErrorTest, NoSuchQuotedColumn) {
  CreateItems();
  EXPECT_THAT(Execute("SELECT " + Quoted("no such column") + " FROM item"),
              IsKind(ErrorKind::kNoSuchColumn));
}

TEST_F(StatementErrorTest, NoSuchColumnToWrite) {
  CreateItems();
  EXPECT_THAT(Execute("INSERT INTO item (id, nix) VALUES (1, 2)"),
              IsKind(ErrorKind::kNoSuchColumn));
}

TEST_F(StatementErrorTest, TableExists) {
  CreateItems();
  EXPECT_THAT(Execute("CREATE TABLE item (a INTEGER)"),
              IsKind(ErrorKind::kAlreadyExists));
}

TEST_F(StatementErrorTest, IndexExists) {
  CreateItems();
  CUPEL_ASSERT_OK(Execute("CREATE INDEX ix_amount ON item (amount)"));
  EXPECT_THAT(Execute("CREATE INDEX ix_amount ON item (amount)"),
              IsKind(ErrorKind::kAlreadyExists));
}

// F18
TEST_F(StatementErrorTest, RefusesASecondStatement) {
  CreateItems();
  EXPECT_THAT(Execute("SELECT 1; DROP TABLE item"), Not(IsOk()));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(Execute("SELECT * FROM item"));
}

TEST_F(StatementErrorTest, TooFewAndTooManyParameters) {
  std::string sql = "SELECT ";
  dialect().AppendPlaceholder(1, &sql);
  sql += " + 1";
  EXPECT_THAT(connection().Execute(sql),
              StatusIs(absl::StatusCode::kInvalidArgument));
  CUPEL_ASSERT_OK(connection().Rollback());
  EXPECT_THAT(connection().Execute(sql, {engine::ValueView::Int64(1),
                                         engine::ValueView::Int64(2)}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(StatementErrorTest, EmptyStatement) {
  EXPECT_THAT(Execute(""), StatusIs(absl::StatusCode::kInvalidArgument));
}

using ErrorInfoTest = ErrorTest;

TEST_F(ErrorInfoTest, NamesDialectCodeAndStatement) {
  Make();
  const engine::ErrorInfo info = InfoOf(AddParent(1, "x", 1));
  EXPECT_EQ(info.dialect, dialect().name());
  EXPECT_NE(info.native_code, "");
  EXPECT_THAT(info.statement, HasSubstr("INSERT INTO parent"));
  EXPECT_EQ(info.connection_state, engine::ConnectionState::kOk);
}

TEST_F(ErrorInfoTest, TellsWhatBecameOfTheTransaction) {
  Make();
  CUPEL_ASSERT_OK(connection().Begin());
  CUPEL_ASSERT_OK(AddParent(2, "y", 1));
  const auto info = engine::GetErrorInfo(AddParent(1, "x", 1));
  ASSERT_TRUE(info.has_value());
  EXPECT_THAT(info->transaction_state,
              AnyOf(engine::TransactionState::kPoisoned,
                    engine::TransactionState::kRolledBack));
  // Nothing of it stays, and nothing more goes in, whatever the database would.
  EXPECT_THAT(AddParent(3, "z", 1), IsKind(ErrorKind::kTransactionPoisoned));
  EXPECT_THAT(connection().Commit(), IsKind(ErrorKind::kTransactionPoisoned));
  EXPECT_THAT(Count(*parent_), IsOkAndHolds(1));
}

TEST_F(ErrorInfoTest, AConstraintIsNotTriedAgain) {
  Make();
  EXPECT_EQ(InfoOf(AddParent(1, "x", 1)).retry, engine::Retry::kNo);
}

TEST_F(ErrorInfoTest, MessagesHoldNoValue) {
  Make();
  const absl::Status unique = AddParent(2, "canary-7319", 1);
  EXPECT_THAT(unique.ToString(), Not(HasSubstr("canary-7319")));
  CUPEL_ASSERT_OK(connection().Rollback());
  const absl::Status check = AddParent(3, "canary-8420", -731973);
  EXPECT_THAT(check.ToString(), Not(HasSubstr("canary-8420")));
  EXPECT_THAT(check.ToString(), Not(HasSubstr("731973")));
  CUPEL_ASSERT_OK(connection().Rollback());
  const absl::Status foreign = AddChild(4, 731973);
  EXPECT_THAT(foreign.ToString(), Not(HasSubstr("731973")));
}

TEST_F(ErrorInfoTest, TheConnectionGoesOn) {
  Make();
  EXPECT_THAT(AddParent(1, "x", 1), Not(IsOk()));
  CUPEL_ASSERT_OK(connection().Rollback());
  CUPEL_EXPECT_OK(AddParent(2, "y", 1));
  EXPECT_TRUE(connection().is_open());
}

}  // namespace
}  // namespace cupel::dialect_suite
