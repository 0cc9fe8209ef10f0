// What the driver makes of the server's messages: however they come in pieces,
// and whatever they say.

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_directory.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::DriverConnection;
using engine::ErrorKind;
using engine::KindOf;
using engine::ValueView;
using testing::Fault;
using testing::FaultProxy;
using testing::IsOk;
using testing::IsOkAndHolds;

// The first message of an answer.
std::string Message(absl::string_view payload) {
  const auto size = static_cast<char>(payload.size());
  return absl::StrCat(std::string({size, 0, 0, 1}), payload);
}

std::string Error(int number) {
  const std::string head = {'\xff', static_cast<char>(number & 0xff),
                            static_cast<char>(number >> 8)};
  return Message(absl::StrCat(head, "#HY000it is made up"));
}

class ProtocolTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    auto proxy = FaultProxy::Start(server().port());
    ASSERT_THAT(proxy, IsOk());
    proxy_ = *std::move(proxy);
  }

  DriverConnectionOr OpenByProxy(absl::string_view options = "",
                                 Deadline deadline = {}) {
    return OpenUrl(absl::StrCat("mariadb://cupel@127.0.0.1:", proxy_->port(),
                                "/driver_test?", options),
                   deadline);
  }
  // What the server gets to see no more than the proxy's pattern.
  void Answer(absl::string_view pattern, std::string answer) {
    proxy_->Arm({.pattern = std::string(pattern),
                 .forward = false,
                 .fault = Fault::kNone,
                 .answer = std::move(answer)});
  }

  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(ProtocolTest, RowsOfAllSizesAreReadWholly) {
  for (absl::string_view options : {"", "compress=on"}) {
    auto db = Open(options);
    ExpectRowsOfAllSizes(*db);
  }
}

// F13: what has come of a row is no row.
TEST_F(ProtocolTest, ADeadlineInTheMidstOfARowEndsTheCall) {
  struct Case {
    absl::string_view options;
    absl::string_view sql;
    int first, step, count;
  };
  for (const Case& each :
       {Case{"", "SELECT REPEAT('x', 100) FROM seq_1_to_1000", 17000, 1, 6},
        Case{"", "SELECT REPEAT('x', 100) FROM seq_1_to_1000", 20000, 29, 4},
        Case{"compress=on", "SELECT REPEAT('x', 40000) FROM seq_1_to_200", 400,
             13, 6}}) {
    for (int i = 0; i < each.count; ++i) {
      SCOPED_TRACE(absl::StrCat(each.sql, " ", i));
      auto db = OpenByProxy(each.options);
      ASSERT_THAT(db, IsOk());
      auto statement = (*db)->Prepare(each.sql, {});
      ASSERT_THAT(statement, IsOk());
      proxy_->ArmAfterAnswer(each.first + i * each.step, Fault::kBlackhole);
      const Deadline deadline = Deadline::After(absl::Milliseconds(100));
      absl::Status status = (*statement)->Execute({}, deadline);
      while (status.ok()) {
        const auto more = (*statement)->Next(deadline);
        ASSERT_TRUE(!more.ok() || *more);
        status = more.status();
      }
      EXPECT_EQ(KindOf(status), ErrorKind::kStatementTimeout) << status;
      EXPECT_FALSE((*db)->is_alive());
    }
  }
}

// A row longer than a message of the protocol, or as long, has several.
TEST_F(ProtocolTest, ARowOfSeveralMessagesIsRead) {
  auto root = Open();
  ASSERT_THAT(Exec(*root, "SET GLOBAL max_allowed_packet = 67108864"), IsOk());
  for (absl::string_view options : {"", "compress=on"}) {
    constexpr int64_t kMessage = 0xFFFFFF;
    // Before the text stand 6 bytes, or 11 where it is longer than kMessage.
    for (const int64_t size : {kMessage - 7, kMessage - 6, kMessage - 5,
                               2 * kMessage - 12, 2 * kMessage - 11}) {
      // What ends with an empty message, the library does not decompress.
      const bool is_even = size == kMessage - 6 || size == 2 * kMessage - 11;
      if (is_even && !options.empty()) continue;
      SCOPED_TRACE(absl::StrCat(options, " ", size));
      auto db = Open(options);
      auto repeat = db->Prepare("SELECT REPEAT('x', ?)", {});
      ASSERT_THAT(repeat, IsOk());
      ASSERT_THAT((*repeat)->Execute({{ValueView::Int64(size)}}, {}), IsOk());
      ASSERT_THAT((*repeat)->Next({}), IsOkAndHolds(true));
      const absl::string_view text = (*repeat)->row()[0].bytes();
      EXPECT_EQ(text.size(), static_cast<size_t>(size));
      EXPECT_EQ(text.find_first_not_of('x'), text.npos);
      EXPECT_THAT((*repeat)->Next({}), IsOkAndHolds(false));
      EXPECT_THAT(SelectInteger(*db, "SELECT 7"), IsOkAndHolds(7));
    }
  }
  ASSERT_THAT(Exec(*root, "SET GLOBAL max_allowed_packet = 16777216"), IsOk());
}

// F15, G25: whatever a server asks for.
TEST_F(ProtocolTest, AServerThatAsksForAFileGetsNone) {
  const testing::TempDirectory directory;
  const std::string path = directory.Path("secret");
  std::ofstream(path) << "canary-of-a-file";
  const std::string question = Message(absl::StrCat("\xfb", path));
  proxy_->Arm({.pattern = "canary", .fault = Fault::kReset});

  Answer("SET NAMES", question);
  // An answer to PREPARE that is none is read on and on.
  const absl::Duration patience = absl::Milliseconds(300);
  EXPECT_FALSE(OpenByProxy("", Deadline::After(patience)).ok());
  using Call = absl::Status (*)(DriverConnection&, Deadline);
  const Call calls[] = {[](DriverConnection& db, Deadline end) {
                          return db.ExecuteSimple("SAVEPOINT ask", end);
                        },
                        [](DriverConnection& db, Deadline end) {
                          return db.Prepare("SELECT 'ask'", end).status();
                        },
                        [](DriverConnection& db, Deadline end) {
                          return Exec(db, "SELECT ?", {ValueView::Text("ask")},
                                      end);
                        }};
  for (const Call call : calls) {
    auto db = OpenByProxy();
    ASSERT_THAT(db, IsOk());
    Answer("ask", question);
    EXPECT_FALSE(call(**db, Deadline::After(patience)).ok());
  }
  EXPECT_EQ(proxy_->spoilt(), 0);
}

// E20: on a cluster, a transaction may be gone before it is rolled back.
TEST_F(ProtocolTest, ARollbackAnsweredByAConflictIsDone) {
  OpenWith({"CREATE TABLE t (a INT PRIMARY KEY)"});
  auto db = OpenByProxy();
  ASSERT_THAT(db, IsOk());
  for (const bool two_phase : {false, true}) {
    ASSERT_THAT((*db)->Begin({.two_phase_id = two_phase ? "xa" : ""}, {}),
                IsOk());
    ASSERT_THAT(Exec(**db, "INSERT INTO t VALUES (1)"), IsOk());
    Answer(two_phase ? "XA ROLLBACK" : "\x03ROLLBACK",
           Error(two_phase ? 1614 : 1213));
    EXPECT_THAT((*db)->Rollback({}), IsOk());
    EXPECT_TRUE((*db)->is_alive());
    EXPECT_FALSE((*db)->in_transaction());
    EXPECT_THAT(SelectInteger(**db, "SELECT COUNT(*) FROM t"), IsOkAndHolds(0));
    EXPECT_THAT((*db)->Commit({}), IsOk());
  }
  // However often it says so.
  ASSERT_THAT((*db)->Begin({}, {}), IsOk());
  for (int i = 0; i < 2; ++i) Answer("\x03ROLLBACK", Error(1213));
  EXPECT_THAT((*db)->Rollback({}), IsOk());
  EXPECT_TRUE((*db)->is_alive());
}

// F9: without a transaction, statements would be done one by one.
TEST_F(ProtocolTest, ATransactionThatDoesNotBeginAgainCostsTheConnection) {
  auto reader = OpenWith({"CREATE TABLE t (a INT PRIMARY KEY)"});
  auto db = OpenByProxy();
  ASSERT_THAT(db, IsOk());
  for (absl::string_view ddl : {"CREATE TABLE u (a INT)"}) {
    ASSERT_THAT((*db)->Begin({}, {}), IsOk());
    Answer("\x03START TRANSACTION", Error(1105));
    EXPECT_THAT(Exec(**db, ddl), IsOk());
    EXPECT_EQ(KindOf(Exec(**db, "INSERT INTO t VALUES (1)")),
              ErrorKind::kConnectionLost);
    EXPECT_THAT(SelectInteger(*reader, "SELECT COUNT(*) FROM t"),
                IsOkAndHolds(0));
  }
}

// E28
TEST_F(ProtocolTest, AStatementIsPreparedOnceMoreAfterThatFailed) {
  OpenWith({"CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)"});
  auto db = OpenByProxy();
  ASSERT_THAT(db, IsOk());
  auto select = (*db)->Prepare("SELECT * FROM t", {});
  ASSERT_THAT(select, IsOk());
  ASSERT_THAT(Exec(**db, "ALTER TABLE t ADD b INT DEFAULT 2"), IsOk());
  Answer("\x16SELECT * FROM t", Error(1317));
  EXPECT_EQ(KindOf((*select)->Execute({}, {})), ErrorKind::kInterrupted);
  ASSERT_THAT((*select)->Execute({}, {}), IsOk());
  ASSERT_THAT((*select)->Next({}), IsOkAndHolds(true));
  EXPECT_EQ((*select)->row().size(), 2u);
}

// E2: lost while the rest of another statement's rows is read.
TEST_F(ProtocolTest, AConnectionIsLostAmongRowsThatAreNotRead) {
  auto db = OpenByProxy();
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT((*db)->Begin({}, {}), IsOk());
  auto select = (*db)->Prepare(
      "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000 b", {});
  ASSERT_THAT(select, IsOk());
  ASSERT_THAT((*select)->Execute({}, {}), IsOk());
  ASSERT_THAT((*select)->Next({}), IsOkAndHolds(true));
  proxy_->Break(Fault::kReset);
  EXPECT_EQ(KindOf((*db)->ExecuteSimple("SAVEPOINT s", {})),
            ErrorKind::kConnectionLost);
  EXPECT_EQ(KindOf((*db)->Commit({})), ErrorKind::kTransactionPoisoned);
}

// E2: a statement was stopped, but long ago.
TEST_F(ProtocolTest, ALostConnectionIsNoDeadlineOfAnEarlierStatement) {
  auto db = OpenByProxy();
  ASSERT_THAT(db, IsOk());
  auto endless = (*db)->Prepare(
      "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b", {});
  ASSERT_THAT(endless, IsOk());
  ASSERT_THAT((*endless)->Execute({}, {}), IsOk());
  ASSERT_THAT((*endless)->Next({}), IsOkAndHolds(true));
  (*endless)->Reset();
  EXPECT_TRUE((*db)->is_alive());
  proxy_->Break(Fault::kReset);
  EXPECT_EQ(KindOf((*db)->ExecuteSimple("SAVEPOINT s", {})),
            ErrorKind::kConnectionLost);
}

}  // namespace
}  // namespace cupel::mariadb_internal
