// What happens when SQLite gets no memory: every allocation of a small
// workload, once and for good. A process of its own, as the allocator is one.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialects/sqlite/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "cupel/testing/dialects/sqlite/fault_malloc.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::sqlite_internal {
namespace {

using absl::StatusCode;
using cupel::testing::FaultMalloc;
using cupel::testing::IsOk;
using cupel::testing::IsOkAndHolds;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::ValueView;
using ::testing::ElementsAre;

constexpr int kNewRows = 3;

// Whether a fault stays.
class OutOfMemoryTest : public DriverTest,
                        public ::testing::WithParamInterface<bool> {
 protected:
  static constexpr absl::string_view kOptions =
      "?journal_mode=delete&synchronous=off&busy_timeout=10";

  // A database of one committed row.
  void MakeDatabase() {
    std::remove(directory_.Path("t.db").c_str());
    std::remove(directory_.Path("t.db-journal").c_str());
    auto connection = Open(kOptions);
    CUPEL_ASSERT_OK(Exec(*connection,
                         "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE"
                         " CHECK (a REGEXP '^[a-z ]+$'))"));
    CUPEL_ASSERT_OK(Exec(*connection, "INSERT INTO t VALUES (0, 'kept')"));
  }

  absl::StatusOr<std::unique_ptr<DriverConnection>> OpenAgain() const {
    return OpenUrl(Url(kOptions));
  }

  // Inserts, reads back and commits. What is read must be right.
  static absl::Status Work(DriverConnection& connection) {
    CUPEL_RETURN_IF_ERROR(connection.Begin({}, {}));
    CUPEL_ASSIGN_OR_RETURN(
        auto insert,
        connection.Prepare("INSERT INTO t(a) VALUES (?) RETURNING id", {}));
    for (int i = 1; i <= kNewRows; ++i) {
      const std::string text(100 * i, 'x');
      CUPEL_RETURN_IF_ERROR(insert->Execute({ValueView::Text(text)}, {}));
      CUPEL_ASSIGN_OR_RETURN(const bool returned, insert->Next({}));
      EXPECT_TRUE(returned);
      EXPECT_THAT(insert->row(), ElementsAre(ValueView::Int64(i)));
      CUPEL_ASSIGN_OR_RETURN(const bool more, insert->Next({}));
      EXPECT_FALSE(more);
    }
    insert = nullptr;
    CUPEL_ASSIGN_OR_RETURN(
        const Rows rows,
        Select(connection,
               "SELECT a, group_concat(a) OVER (), hex(a) FROM t ORDER BY"
               " length(a) DESC"));
    EXPECT_EQ(rows.size(), kNewRows + 1u);
    EXPECT_EQ(rows[0][0].view().bytes(), std::string(300, 'x'));
    return connection.Commit({});
  }

  // Runs `work` after `prepare` with the first, the second ... allocation
  // failing, until it runs without a fault.
  void FailEach(const std::function<void()>& prepare,
                const std::function<absl::Status()>& work,
                const std::function<void(const absl::Status&)>& check) {
    int64_t nth = 1;
    int failures = 0;
    for (bool hit = true; hit && !HasFailure(); ++nth) {
      SCOPED_TRACE(absl::StrCat("allocation ", nth));
      MakeDatabase();
      const int64_t before = memory_.outstanding();
      prepare();
      memory_.FailAt(nth, GetParam());
      const absl::Status status = work();
      hit = memory_.faults() > 0;
      memory_.Heal();
      if (!status.ok()) {
        ++failures;
        EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
        EXPECT_EQ(InfoOf(status).kind, ErrorKind::kOutOfMemory) << status;
      }
      if (!hit) {
        EXPECT_THAT(status, IsOk());
      }
      check(status);
      EXPECT_EQ(memory_.outstanding(), before) << "SQLite's memory leaks";
    }
    EXPECT_GT(failures, 20);
  }

  // What a program finds that opens the file afterwards.
  void ExpectRows(int64_t rows) {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto connection, OpenAgain());
    EXPECT_THAT(SelectText(*connection, "PRAGMA integrity_check"),
                IsOkAndHolds("ok"));
    EXPECT_THAT(SelectInteger(*connection, "SELECT count(*) FROM t"),
                IsOkAndHolds(rows));
  }

  FaultMalloc memory_;
};

// E17, G8
TEST_P(OutOfMemoryTest, AConnectionOpensWholeOrNot) {
  FailEach([] {},
           [this]() -> absl::Status {
             CUPEL_ASSIGN_OR_RETURN(auto connection, OpenAgain());
             memory_.Heal();
             EXPECT_THAT(SelectInteger(*connection, "PRAGMA foreign_keys"),
                         IsOkAndHolds(1));
             EXPECT_THAT(SelectText(*connection, "PRAGMA journal_mode"),
                         IsOkAndHolds("delete"));
             EXPECT_THAT(SelectInteger(*connection, "SELECT 'a' REGEXP '^a'"),
                         IsOkAndHolds(1));
             return absl::OkStatus();
           },
           [this](const absl::Status&) { ExpectRows(1); });
}

// E17, G8
TEST_P(OutOfMemoryTest, ATransactionIsDoneWholeOrNot) {
  std::unique_ptr<DriverConnection> connection;
  FailEach([&] { connection = Open(kOptions); },
           [&] { return Work(*connection); },
           [&](const absl::Status& status) {
             EXPECT_EQ(connection->is_alive(), status.ok());
             connection = nullptr;
             ExpectRows(status.ok() ? kNewRows + 1 : 1);
           });
}

INSTANTIATE_TEST_SUITE_P(Faults, OutOfMemoryTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "persistent" : "once";
                         });

}  // namespace
}  // namespace cupel::sqlite_internal
