#include "cupel/testing/dialects/sqlite/fault_vfs.h"

#include <string>

#include "cupel/testing/temp_directory.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::testing {
namespace {

class FaultVfsTest : public ::testing::Test {
 protected:
  FaultVfsTest() {
    EXPECT_EQ(sqlite3_open_v2(directory_.Path("t.db").c_str(), &database_,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                              vfs_.name().c_str()),
              SQLITE_OK);
    sqlite3_extended_result_codes(database_, 1);
    EXPECT_EQ(Execute("CREATE TABLE t(x)"), SQLITE_OK);
  }
  ~FaultVfsTest() override { sqlite3_close(database_); }

  int Execute(const char* sql) {
    return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  }

  TempDirectory directory_;
  FaultVfs vfs_;
  sqlite3* database_ = nullptr;
};

TEST_F(FaultVfsTest, FailsTheNthCallOnce) {
  vfs_.FailAt(FaultOperation::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_IOERR_FSYNC);
  EXPECT_EQ(vfs_.faults(), 1);
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_OK);
}

TEST_F(FaultVfsTest, APersistentFaultStaysUntilHealed) {
  vfs_.FailAt(FaultOperation::kWrite, 1, SQLITE_FULL, /*persistent=*/true);
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_FULL);
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_FULL);
  vfs_.Heal();
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_OK);
}

TEST_F(FaultVfsTest, CountsCalls) {
  vfs_.ResetCounts();
  EXPECT_EQ(Execute("INSERT INTO t VALUES (1)"), SQLITE_OK);
  EXPECT_GT(vfs_.count(FaultOperation::kWrite), 0);
  EXPECT_GT(vfs_.count(FaultOperation::kSync), 0);
  EXPECT_GT(vfs_.count(FaultOperation::kAny),
            vfs_.count(FaultOperation::kWrite));
}

}  // namespace
}  // namespace cupel::testing
