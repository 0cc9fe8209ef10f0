#include "cupel/engine/dialects/mariadb/statement.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::DriverConnection;
using engine::DriverStatement;
using engine::ErrorKind;
using engine::KindOf;
using engine::ValueView;
using testing::IsOk;
using testing::IsOkAndHolds;

class StatementTest : public DriverTest {};

std::unique_ptr<DriverStatement> Prepare(DriverConnection& connection,
                                         absl::string_view sql) {
  auto statement = connection.Prepare(sql, {});
  EXPECT_THAT(statement, IsOk());
  return statement.ok() ? *std::move(statement) : nullptr;
}

// The integers of the first column of what is left.
absl::StatusOr<std::vector<int64_t>> Rest(DriverStatement& statement) {
  std::vector<int64_t> result;
  while (true) {
    auto more = statement.Next({});
    if (!more.ok()) return more.status();
    if (!*more) return result;
    result.push_back(statement.row()[0].int64_value());
  }
}

TEST_F(StatementTest, KnowsParametersAndColumns) {
  auto db =
      OpenWith({"CREATE TABLE t (a INT UNSIGNED, b VARCHAR(5), u UUID, "
                "j JSON)"});
  auto statement =
      Prepare(*db, "SELECT a, b AS other, u, j, 1 FROM t WHERE a = ? OR b = ?");

  EXPECT_EQ(statement->parameter_count(), 2);
  ASSERT_EQ(statement->columns().size(), 5u);
  EXPECT_EQ(statement->columns()[0].name, "a");
  EXPECT_EQ(statement->columns()[0].declared_type, "int unsigned");
  EXPECT_EQ(statement->columns()[1].name, "other");
  EXPECT_EQ(statement->columns()[1].declared_type, "varchar");
  EXPECT_EQ(statement->columns()[2].declared_type, "uuid");
  EXPECT_EQ(statement->columns()[3].declared_type, "json");
  EXPECT_EQ(statement->columns()[4].declared_type, "");
}

// F16
TEST_F(StatementTest, CountsRowsThatWereMatchedNotThoseThatChanged) {
  auto db = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY, b INT)",
                      "INSERT INTO t VALUES (1, 5), (2, 5)"});
  auto update = Prepare(*db, "UPDATE t SET b = ?");
  ASSERT_THAT(update->Execute({{ValueView::Int64(5)}}, {}), IsOk());
  EXPECT_THAT(update->Next({}), IsOkAndHolds(false));
  EXPECT_EQ(update->result().affected_rows, 2);
}

TEST_F(StatementTest, GivesTheKeyThatTheDatabaseMade) {
  auto db =
      OpenWith({"CREATE TABLE t (a BIGINT PRIMARY KEY AUTO_INCREMENT, "
                "b INT) AUTO_INCREMENT = 9223372036854775000"});
  auto insert = Prepare(*db, "INSERT INTO t (b) VALUES (?)");
  ASSERT_THAT(insert->Execute({{ValueView::Int64(5)}}, {}), IsOk());
  EXPECT_EQ(insert->result().last_insert_id, 9223372036854775000);
  EXPECT_EQ(insert->result().affected_rows, 1);
}

TEST_F(StatementTest, RefusesAKeyThatIntegersWithSignDoNotHold) {
  auto db =
      OpenWith({"CREATE TABLE t (a BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, "
                "b INT) AUTO_INCREMENT = 9223372036854775808"});
  EXPECT_EQ(KindOf(Exec(*db, "INSERT INTO t (b) VALUES (1)")),
            ErrorKind::kTooBig);
}

TEST_F(StatementTest, ReturnsRowsOfAnInsertInTheirOrder) {
  auto db =
      OpenWith({"CREATE TABLE t (a INT PRIMARY KEY AUTO_INCREMENT, b INT)"});
  auto insert =
      Prepare(*db, "INSERT INTO t (b) VALUES (30), (10), (20) RETURNING b, a");
  ASSERT_THAT(insert->Execute({}, {}), IsOk());
  EXPECT_THAT(Rest(*insert), IsOkAndHolds(std::vector<int64_t>{30, 10, 20}));
  EXPECT_EQ(insert->result().affected_rows, 3);
}

// E27: commands out of sync never surfaces.
TEST_F(StatementTest, ReadsTheRestIntoMemoryForAnotherStatement) {
  auto db = Open();
  auto first = Prepare(*db, "SELECT seq FROM seq_1_to_1000");
  auto second = Prepare(*db, "SELECT seq FROM seq_1_to_3");
  ASSERT_THAT(first->Execute({}, {}), IsOk());
  ASSERT_THAT(first->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(first->row()[0].int64_value(), 1);

  ASSERT_THAT(second->Execute({}, {}), IsOk());
  ASSERT_THAT(second->Next({}), IsOkAndHolds(true));
  ASSERT_THAT(first->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(first->row()[0].int64_value(), 2);
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));

  EXPECT_THAT(Rest(*second), IsOkAndHolds(std::vector<int64_t>{2, 3}));
  auto rest = Rest(*first);
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->size(), 998u);
  EXPECT_EQ(rest->back(), 1000);
}

TEST_F(StatementTest, ARowStaysWhileAnotherStatementIsExecuted) {
  auto db = OpenWith({"CREATE TABLE t (s VARCHAR(100))"});
  auto select = Prepare(*db,
                        "SELECT seq, CONCAT('name ', seq), seq / 4 FROM "
                        "seq_1_to_3000");
  auto insert = Prepare(*db, "INSERT INTO t VALUES (?)");
  ASSERT_THAT(select->Execute({}, {}), IsOk());
  ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
  const absl::Span<const ValueView> row = select->row();
  ASSERT_THAT(insert->Execute({{row[1]}}, {}), IsOk());
  EXPECT_THAT(SelectText(*db, "SELECT s FROM t"), IsOkAndHolds("name 1"));
  for (const auto& same : {row, select->row()}) {
    ASSERT_EQ(same.size(), 3u);
    EXPECT_EQ(same[0].int64_value(), 1);
    EXPECT_EQ(same[1].bytes(), "name 1");
    EXPECT_EQ(same[2].decimal().ToDouble(), 0.25);
  }
  ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(select->row()[1].bytes(), "name 2");
}

// E27
TEST_F(StatementTest, AbandonsAResultHalfWay) {
  auto db = Open();
  auto endless =
      Prepare(*db, "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b");
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(endless->Execute({}, {}), IsOk());
    ASSERT_THAT(endless->Next({}), IsOkAndHolds(true));
    endless->Reset();
    EXPECT_TRUE(db->is_alive());
    EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
  }
}

TEST_F(StatementTest, ClosesItsServerSideWhileRowsOfAnotherAreOnTheirWay) {
  auto db = Open();
  auto first = Prepare(*db, "SELECT seq FROM seq_1_to_1000");
  auto second = Prepare(*db, "SELECT 1");
  ASSERT_THAT(first->Execute({}, {}), IsOk());
  ASSERT_THAT(first->Next({}), IsOkAndHolds(true));
  second = nullptr;
  auto rest = Rest(*first);
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->size(), 999u);
  ASSERT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
}

// E28
TEST_F(StatementTest, SurvivesAChangeOfItsTable) {
  auto db = OpenWith({"CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)"});
  auto select = Prepare(*db, "SELECT * FROM t");
  ASSERT_THAT(select->Execute({}, {}), IsOk());
  EXPECT_THAT(Rest(*select), IsOkAndHolds(std::vector<int64_t>{1}));
  ASSERT_THAT(Exec(*db, "ALTER TABLE t ADD b INT DEFAULT 2, MODIFY a BIGINT"),
              IsOk());

  ASSERT_THAT(select->Execute({}, {}), IsOk());
  ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
  ASSERT_EQ(select->row().size(), 2u);
  EXPECT_EQ(select->row()[0].int64_value(), 1);
  EXPECT_EQ(select->row()[1].int64_value(), 2);
}

// Names are told once, types with each execution.
TEST_F(StatementTest, FollowsTheTypesOfItsColumns) {
  auto db = OpenWith(
      {"CREATE TABLE t (a INT, u UUID)", "INSERT INTO t VALUES (1, NULL)"});
  auto select = Prepare(*db, "SELECT ? AS x, a AS y, u FROM t");
  for (const ValueView& value : {ValueView::Int64(7), ValueView::Text("seven"),
                                 ValueView::Double(0.5), ValueView::Int64(8)}) {
    ASSERT_THAT(select->Execute({{value}}, {}), IsOk());
    ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
    EXPECT_EQ(select->row()[0], value);
    EXPECT_EQ(select->columns()[0].name, "x");
  }
  EXPECT_EQ(select->columns()[1].declared_type, "int");
  ASSERT_THAT(Exec(*db, "ALTER TABLE t MODIFY a BIGINT"), IsOk());
  ASSERT_THAT(Exec(*db, "UPDATE t SET a = 1 << 40"), IsOk());

  ASSERT_THAT(select->Execute({{ValueView::Int64(9)}}, {}), IsOk());
  ASSERT_THAT(select->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(select->row()[1].int64_value(), int64_t{1} << 40);
  ASSERT_EQ(select->columns().size(), 3u);
  EXPECT_EQ(select->columns()[1].name, "y");
  EXPECT_EQ(select->columns()[1].declared_type, "bigint");
  EXPECT_EQ(select->columns()[2].name, "u");
  EXPECT_EQ(select->columns()[2].declared_type, "uuid");
}

TEST_F(StatementTest, DropsFurtherResultsOfAProcedure) {
  auto db =
      OpenWith({"CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2, 3; "
                "SELECT 4; END"});
  auto call = Prepare(*db, "CALL p()");
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(call->Execute({}, {}), IsOk());
    EXPECT_THAT(Rest(*call), IsOkAndHolds(std::vector<int64_t>{1}));
    EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
  }
}

// F18
TEST_F(StatementTest, RefusesMoreThanOneStatement) {
  auto db = OpenWith({"CREATE TABLE t (a INT)"});
  EXPECT_EQ(KindOf(Exec(*db, "SELECT 1; DROP TABLE t")), ErrorKind::kSyntax);
  EXPECT_EQ(KindOf(db->ExecuteSimple("SELECT 1; DROP TABLE t", {})),
            ErrorKind::kSyntax);
  EXPECT_EQ(KindOf(Exec(*db, absl::string_view("SELECT 1\0", 9))),
            ErrorKind::kInvalidValue);
  EXPECT_THAT(Exec(*db, "SELECT * FROM t"), IsOk());
}

// F19
TEST_F(StatementTest, RefusesMoreParametersThanTheServerTakes) {
  auto db = Open();
  std::string sql = "SELECT 1 WHERE 1 IN (?";
  for (int i = 1; i < 65535; ++i) sql += ",?";
  EXPECT_THAT(db->Prepare(sql + ")", {}), IsOk());
  EXPECT_EQ(KindOf(db->Prepare(sql + ",?)", {}).status()), ErrorKind::kTooBig);
}

// F14, E29
TEST_F(StatementTest, RefusesWhatIsLongerThanAPacketBeforeSendingIt) {
  auto db = Open();
  ASSERT_THAT(SelectInteger(*db, "SELECT @@max_allowed_packet"),
              IsOkAndHolds(16 << 20));
  const std::string big(17 << 20, 'x');
  auto length = Prepare(*db, "SELECT LENGTH(?)");
  const absl::Status status = length->Execute({{ValueView::Text(big)}}, {});
  EXPECT_EQ(KindOf(status), ErrorKind::kTooBig);
  EXPECT_EQ(
      KindOf(db->Prepare(absl::StrCat("SELECT '", big, "'"), {}).status()),
      ErrorKind::kTooBig);
  EXPECT_TRUE(db->is_alive());

  const std::string fits(15 << 20, 'x');
  ASSERT_THAT(length->Execute({{ValueView::Text(fits)}}, {}), IsOk());
  EXPECT_THAT(Rest(*length), IsOkAndHolds(std::vector<int64_t>{15 << 20}));
}

// F17
TEST_F(StatementTest, FindsAnErrorAmongTheRows) {
  auto db = Open("max_statement_time=0.2");
  auto select =
      Prepare(*db, "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b");
  ASSERT_THAT(select->Execute({}, {}), IsOk());
  const auto rest = Rest(*select);
  EXPECT_EQ(KindOf(rest.status()), ErrorKind::kStatementTimeout);
  EXPECT_EQ(InfoOf(rest.status()).native_code, "1969");
  EXPECT_TRUE(db->is_alive());
  EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
}

// F15
TEST_F(StatementTest, NeverSendsALocalFile) {
  auto db = OpenWith({"CREATE TABLE t (a TEXT)"});
  // The server would take it.
  ASSERT_THAT(SelectInteger(*db, "SELECT @@local_infile"), IsOkAndHolds(1));
  const absl::Status status =
      Exec(*db, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t");
  EXPECT_EQ(InfoOf(status).native_code, "4166") << status;
  EXPECT_THAT(SelectInteger(*Open(), "SELECT COUNT(*) FROM t"),
              IsOkAndHolds(0));
}

// F21: a negative limit is the layers' matter; the server takes it as none.
TEST_F(StatementTest, LimitsByParameters) {
  auto db = Open();
  auto rows = Select(*db, "SELECT seq FROM seq_1_to_9 LIMIT ? OFFSET ?",
                     {ValueView::Int64(2), ValueView::Int64(3)});
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0][0].view().int64_value(), 4);
}

TEST_F(StatementTest, RefusesAWrongNumberOfParameters) {
  auto db = Open();
  auto statement = Prepare(*db, "SELECT ?");
  EXPECT_EQ(KindOf(statement->Execute({}, {})), ErrorKind::kMisuse);
}

TEST_F(StatementTest, RunsWhatTheServerDoesNotPrepare) {
  auto db = Open();
  auto statement = Prepare(*db, "PREPARE s FROM 'SELECT 1'");
  ASSERT_THAT(statement->Execute({}, {}), IsOk());
  EXPECT_THAT(statement->Next({}), IsOkAndHolds(false));
  EXPECT_THAT(Exec(*db, "EXECUTE s"), IsOk());
}

}  // namespace
}  // namespace cupel::mariadb_internal
