// What is done many at a time gives what the slow way gives: the same rows,
// keys, entities and errors.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/new_users.h"
#include "cupel/session/test_mapping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::SizeIs;

TEST_F(InsertRunTest, GivesTheRowsAndKeysOfSingleInserts) {
  Create(Table());
  AddRow(41, "there");
  engine::StatementRecorder recorder(fast_.engine());
  ASSERT_THAT(fast_.Commit(), IsOk());
  // At most one row, six pages of fifty, one batch of the rest.
  EXPECT_THAT(recorder.sql(), SizeIs(Lt(12))) << recorder.DebugString();
  EXPECT_THAT(recorder.sql(), Contains(HasSubstr("), (")));
  ASSERT_THAT(slow_.Commit(), IsOk());
  EXPECT_THAT(fast_.Rows(), SizeIs(NewUsers::kCount + 1));
  EXPECT_EQ(fast_.Entities()[0], "42 user0 0@example.com");
  ExpectSame();
}

TEST_F(InsertRunTest, NeverUsesAKeyAgainWhereTheTableForbidsIt) {
  schema::ColumnOptions id = Key(Integer("id"));
  id.never_reuse_keys = true;
  Create(schema::TableBuilder("users")
             .Column(id)
             .Column(Text("name"))
             .Column(Text("email", true)));
  AddRow(1000, "gone");
  Sql("DELETE FROM users");
  ASSERT_THAT(fast_.Commit(), IsOk());
  ASSERT_THAT(slow_.Commit(), IsOk());
  EXPECT_EQ(fast_.Rows().front(), "1001 user0 0@example.com");
  ExpectSame();
}

// The keys of the trigger's rows are none of the users'.
TEST_F(InsertRunTest, IsNotMisledByATriggerThatAddsRowsElsewhere) {
  Create(Table());
  AddRow(41, "there");
  Create(Keyed("log").Column(Text("name")));
  const engine::Dialect& dialect = fast_.engine().dialect();
  if (dialect.name() == "postgresql") {
    Sql("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " INSERT INTO log (name) VALUES (NEW.name); RETURN NEW; END$$");
    Sql("CREATE TRIGGER shadows AFTER INSERT ON users FOR EACH ROW"
        " EXECUTE FUNCTION note()");
  } else {
    Sql("CREATE TRIGGER shadows AFTER INSERT ON users FOR EACH ROW"
        " BEGIN INSERT INTO log (name) VALUES (NEW.name); END");
  }
  ASSERT_THAT(fast_.Commit(), IsOk());
  ASSERT_THAT(slow_.Commit(), IsOk());
  EXPECT_EQ(fast_.CountOf("log"), NewUsers::kCount);
  EXPECT_EQ(fast_.Entities()[0], "42 user0 0@example.com");
  ExpectSame();
}

std::vector<std::string> WithoutKeys(std::vector<std::string> rows) {
  for (std::string& row : rows) row.erase(0, row.find(' ') + 1);
  return rows;
}

TEST_F(InsertRunTest, FailsInTheMiddleAsSingleInsertsDo) {
  Create(Table().Check(
      {.name = "ck_users_name",
       .condition = schema::SqlFragment::Text("name <> 'user120'")}));
  const absl::Status fast = fast_.Commit();
  const absl::Status slow = slow_.Commit();
  EXPECT_EQ(fast.code(), slow.code());
  EXPECT_EQ(fast_.Plain(fast.message()), slow_.Plain(slow.message()));
  EXPECT_EQ(engine::KindOf(fast), engine::ErrorKind::kCheckViolation) << fast;
  EXPECT_EQ(engine::KindOf(slow), engine::ErrorKind::kCheckViolation) << slow;
  EXPECT_THAT(fast_.Rows(), IsEmpty());
  // No key is left behind, and the corrected rows go in.
  EXPECT_EQ(fast_.Entities(), slow_.Entities());
  EXPECT_EQ(fast_.Entities()[7], "0 user7 -");
  for (NewUsers* users : {&fast_, &slow_}) {
    users->Edit(120).name = "corrected";
    ASSERT_THAT(users->Commit(), IsOk());
    // In the order of their keys, of which some may be used up.
    EXPECT_EQ(users->Entities(), users->Rows());
  }
  EXPECT_THAT(fast_.Rows(), SizeIs(NewUsers::kCount));
  EXPECT_EQ(WithoutKeys(fast_.Rows()), WithoutKeys(slow_.Rows()));
}

}  // namespace
}  // namespace cupel::session
