// What happens when the file system fails: every input and output call of a
// small workload, once and for good.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/dialects/sqlite/fault_vfs.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sqlite3.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::FaultOperation;
using cupel::testing::FaultVfs;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::TransactionState;

struct Fault {
  FaultOperation operation;
  int code;
  StatusCode status;
};

constexpr Fault kFaults[] = {
    {FaultOperation::kRead, SQLITE_IOERR_READ, StatusCode::kDataLoss},
    {FaultOperation::kWrite, SQLITE_IOERR_WRITE, StatusCode::kDataLoss},
    {FaultOperation::kWrite, SQLITE_FULL, StatusCode::kResourceExhausted},
    {FaultOperation::kTruncate, SQLITE_IOERR_TRUNCATE, StatusCode::kDataLoss},
    {FaultOperation::kFileSize, SQLITE_IOERR_FSTAT, StatusCode::kDataLoss},
    {FaultOperation::kLock, SQLITE_IOERR_LOCK, StatusCode::kDataLoss},
    {FaultOperation::kShmMap, SQLITE_IOERR_SHMMAP, StatusCode::kDataLoss},
    {FaultOperation::kDelete, SQLITE_IOERR_DELETE, StatusCode::kDataLoss},
    {FaultOperation::kOpen, SQLITE_CANTOPEN, StatusCode::kNotFound},
};

// Journal mode, whether the fault stays.
class FaultTest
    : public DriverTest,
      public ::testing::WithParamInterface<std::tuple<const char*, bool>> {
 protected:
  std::string Options() const {
    return absl::StrCat("?vfs=", vfs_.name(),
                        "&journal_mode=", std::get<0>(GetParam()),
                        "&cache_size=10&busy_timeout=10");
  }

  // Makes a database of one committed row and opens it.
  std::unique_ptr<DriverConnection> Prepare() {
    std::remove(directory_.Path("t.db").c_str());
    std::remove(directory_.Path("t.db-wal").c_str());
    std::remove(directory_.Path("t.db-shm").c_str());
    std::remove(directory_.Path("t.db-journal").c_str());
    auto connection = Open(Options());
    EXPECT_THAT(Exec(*connection, "CREATE TABLE t(a, b)"), IsOk());
    EXPECT_THAT(Exec(*connection, "INSERT INTO t VALUES (0, 'kept')"), IsOk());
    return connection;
  }

  // A transaction that does not fit into the cache. Its last status.
  static absl::Status Work(DriverConnection& connection) {
    CUPEL_RETURN_IF_ERROR(connection.Begin({}, {}));
    for (int i = 0; i < 30; ++i) {
      CUPEL_RETURN_IF_ERROR(
          Exec(connection, "INSERT INTO t VALUES (1, zeroblob(3000))"));
    }
    CUPEL_RETURN_IF_ERROR(Exec(connection, "SELECT sum(a) FROM t"));
    return connection.Commit({});
  }

  // What a program finds that opens the file after the fault has gone.
  void ExpectIntact(const absl::Status& status) {
    vfs_.Heal();
    auto connection = Open(Options());
    ASSERT_NE(connection, nullptr);
    EXPECT_THAT(SelectText(*connection, "PRAGMA integrity_check"),
                IsOkAndHolds("ok"));
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const int64_t rows,
        SelectInteger(*connection, "SELECT count(*) FROM t"));
    if (status.ok()) {
      EXPECT_EQ(rows, 31);
    } else if (status.code() == StatusCode::kUnknown) {
      EXPECT_TRUE(rows == 1 || rows == 31) << rows;
    } else {
      EXPECT_EQ(rows, 1) << status;
    }
  }

  FaultVfs vfs_;
};

// E16
TEST_P(FaultTest, EveryFailingCallGivesAStatusAndLosesNothing) {
  int hits = 0;
  for (const Fault& fault : kFaults) {
    for (int nth = 1; nth < 200; nth = nth < 8 ? nth + 1 : nth * 2) {
      SCOPED_TRACE(absl::StrCat("operation ", static_cast<int>(fault.operation),
                                ", call ", nth));
      auto connection = Prepare();
      vfs_.FailAt(fault.operation, nth, fault.code, std::get<1>(GetParam()));
      const absl::Status status = Work(*connection);
      const bool hit = vfs_.faults() > 0;
      if (!hit) {
        EXPECT_THAT(status, IsOk());
      }
      if (!status.ok()) {
        ++hits;
        EXPECT_NE(InfoOf(status).kind, ErrorKind::kNone) << status;
        if (connection->is_alive()) {
          vfs_.Heal();
          CUPEL_EXPECT_OK(connection->Rollback({}));
          EXPECT_FALSE(connection->in_transaction());
        }
      }
      connection = nullptr;
      ExpectIntact(status);
      if (!hit) break;
    }
  }
  EXPECT_GT(hits, 5);
}

// E16
TEST_P(FaultTest, AFailedSyncNeverCountsAsACommit) {
  for (int nth = 1; nth < 10; ++nth) {
    SCOPED_TRACE(nth);
    auto connection = Prepare();
    vfs_.FailAt(FaultOperation::kSync, nth, SQLITE_IOERR_FSYNC,
                std::get<1>(GetParam()));
    const absl::Status status = Work(*connection);
    if (vfs_.faults() == 0) break;
    ASSERT_FALSE(status.ok());
    EXPECT_FALSE(connection->is_alive());
    if (status.code() == StatusCode::kUnknown) {
      EXPECT_EQ(InfoOf(status).kind, ErrorKind::kCommitOutcomeUnknown);
      EXPECT_EQ(InfoOf(status).transaction_state, TransactionState::kUnknown);
    } else {
      EXPECT_EQ(status.code(), StatusCode::kDataLoss);
    }
    connection = nullptr;
    ExpectIntact(status);
  }
}

// E16
TEST_P(FaultTest, AFailingFileDoesNotOpenHalfway) {
  Prepare() = nullptr;
  for (int nth = 1; nth < 30; ++nth) {
    SCOPED_TRACE(nth);
    vfs_.FailAt(FaultOperation::kAny, nth, SQLITE_IOERR,
                std::get<1>(GetParam()));
    const auto connection = OpenUrl(Url(Options()));
    const bool hit = vfs_.faults() > 0;
    vfs_.Heal();
    if (!connection.ok()) {
      EXPECT_NE(InfoOf(connection.status()).kind, ErrorKind::kNone)
          << connection.status();
    }
    if (!hit) break;
  }
  ExpectIntact(absl::InternalError("no row was added"));
}

// E12, F5
TEST_P(FaultTest, AFullDiskAtCommitIsRolledBackAndTheConnectionUsable) {
  auto connection = Prepare();
  vfs_.FailAt(FaultOperation::kWrite, 1, SQLITE_FULL, /*persistent=*/true);
  const absl::Status status = Work(*connection);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  vfs_.Heal();
  CUPEL_ASSERT_OK(connection->Rollback({}));
  EXPECT_TRUE(connection->is_alive());
  EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
              IsOkAndHolds(1));
  CUPEL_EXPECT_OK(Exec(*connection, "INSERT INTO t VALUES (2, '')"));
}

INSTANTIATE_TEST_SUITE_P(
    JournalModes, FaultTest,
    ::testing::Combine(::testing::Values("wal", "delete"), ::testing::Bool()),
    [](const auto& info) {
      return absl::StrCat(std::get<0>(info.param),
                          std::get<1>(info.param) ? "_persistent" : "_once");
    });

}  // namespace
}  // namespace cupel::sqlite_internal
