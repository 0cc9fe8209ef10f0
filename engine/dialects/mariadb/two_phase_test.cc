// Commits in two phases, and commits whose answer is lost.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/mariadb/mariadb.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using ::cupel::testing::Fault;
using ::cupel::testing::FaultProxy;
using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::MariadbServer;
using ::cupel::testing::StatusIs;
using engine::Connection;
using engine::Deadline;
using engine::Engine;
using engine::ErrorKind;
using engine::KindOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kTimeout = absl::Milliseconds(300);

class TwoPhaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(mariadb::Register(), IsOk());
    ASSERT_THAT(server().CreateDatabase("two_phase"), IsOk());
    auto proxy = FaultProxy::Start(server().port());
    ASSERT_THAT(proxy, IsOk());
    proxy_ = *std::move(proxy);
    engine_ = std::make_unique<Engine>(OpenAt(server().port()));
    for (absl::string_view sql :
         {"CREATE TABLE t (a INT PRIMARY KEY)",
          "CREATE TABLE done (token VARCHAR(40) PRIMARY KEY)"}) {
      auto connection = engine_->Connect();
      ASSERT_THAT(connection->Execute(sql), IsOk());
    }
  }

  // What a failure leaves prepared would lock the next test out.
  void TearDown() override {
    auto prepared = engine_->PreparedTransactions();
    ASSERT_THAT(prepared, IsOk());
    for (const std::string& id : *prepared) {
      EXPECT_THAT(engine_->RollbackPrepared(id), IsOk());
    }
  }

  static MariadbServer& server() { return MariadbServer::Shared(); }
  static Engine OpenAt(int port) {
    return *Engine::Create({.uri = engine::Url::Parse(server().url("two_phase"))
                                       ->WithPort(port)
                                       .ToUnmaskedString()});
  }
  // Through the proxy.
  Engine Spoilt() { return OpenAt(proxy_->port()); }

  static int64_t SelectInteger(Connection& connection, absl::string_view sql) {
    auto cursor = connection.Query(sql);
    EXPECT_THAT(cursor, IsOk());
    EXPECT_TRUE(*cursor->Next());
    return cursor->row()[0].int64_value();
  }
  int64_t Rows(absl::string_view table = "t") {
    auto connection = engine_->Connect();
    return SelectInteger(*connection,
                         absl::StrCat("SELECT COUNT(*) FROM ", table));
  }
  // Until then the server may still be at the session's last statement.
  void AwaitEndOf(int64_t session) {
    auto connection = engine_->Connect();
    while (SelectInteger(*connection,
                         absl::StrCat("SELECT COUNT(*) FROM "
                                      "information_schema.processlist "
                                      "WHERE id = ",
                                      session)) > 0) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  // A transaction that has written a row and can be prepared.
  static void Write(Connection& connection, absl::string_view id, int row) {
    ASSERT_THAT(connection.Begin({.two_phase_id = std::string(id)}), IsOk());
    ASSERT_THAT(
        connection.Execute(absl::StrCat("INSERT INTO t VALUES (", row, ")")),
        IsOk());
  }

  std::unique_ptr<FaultProxy> proxy_;
  std::unique_ptr<Engine> engine_;
};

// ENG-28
TEST_F(TwoPhaseTest, APreparedTransactionIsEndedByAnotherConnection) {
  const std::string longest(100, 'x');
  int row = 0;
  for (absl::string_view id : {"keep", "it's \\ \"odd\"", longest.c_str()}) {
    auto connection = engine_->Connect();
    Write(*connection, id, ++row);
    ASSERT_THAT(connection->PrepareCommit(), IsOk());
    EXPECT_TRUE(connection->in_transaction());
  }
  EXPECT_EQ(Rows(), 0);
  // The sessions have ended, and let go of what they prepared.
  EXPECT_EQ(engine_->pool().counters().checked_out, 0u);
  EXPECT_THAT(*engine_->PreparedTransactions(),
              ElementsAre("it's \\ \"odd\"", "keep", longest));
  EXPECT_THAT(engine_->CommitPrepared("keep"), IsOk());
  EXPECT_THAT(engine_->RollbackPrepared("it's \\ \"odd\""), IsOk());
  EXPECT_THAT(engine_->CommitPrepared(longest), IsOk());
  EXPECT_EQ(Rows(), 2);
  EXPECT_THAT(*engine_->PreparedTransactions(), IsEmpty());
  EXPECT_THAT(engine_->CommitPrepared("keep"),
              StatusIs(absl::StatusCode::kNotFound));
}

// ENG-28
TEST_F(TwoPhaseTest, TheServerKeepsWhatIsPreparedOverItsRestart) {
  auto connection = engine_->Connect();
  Write(*connection, "survivor", 1);
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(server().Restart(), IsOk());
  const absl::Status lost = connection->Commit();
  EXPECT_EQ(KindOf(lost), ErrorKind::kCommitOutcomeUnknown) << lost;
  EXPECT_THAT(*engine_->PreparedTransactions(), ElementsAre("survivor"));
  EXPECT_THAT(engine_->CommitPrepared("survivor"), IsOk());
  EXPECT_EQ(Rows(), 1);
}

// ENG-28
TEST_F(TwoPhaseTest, BothPhasesOrOneOnOneConnection) {
  auto connection = engine_->Connect();
  Write(*connection, "a", 1);
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(connection->Commit(), IsOk());
  Write(*connection, "a", 2);
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(connection->Rollback(), IsOk());
  Write(*connection, "a", 3);
  ASSERT_THAT(connection->Commit(), IsOk());
  Write(*connection, "a", 4);
  ASSERT_THAT(connection->Rollback(), IsOk());
  // It has savepoints, and begins nothing else.
  Write(*connection, "a", 5);
  auto savepoint = connection->BeginNested();
  ASSERT_THAT(savepoint, IsOk());
  ASSERT_THAT(connection->Execute("INSERT INTO t VALUES (6)"), IsOk());
  ASSERT_THAT(savepoint->Rollback(), IsOk());
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(connection->Commit(), IsOk());
  EXPECT_EQ(Rows(), 3);
  // An ordinary one follows on the same session.
  ASSERT_THAT(connection->Execute("INSERT INTO t VALUES (7)"), IsOk());
  ASSERT_THAT(connection->Commit(), IsOk());
  EXPECT_EQ(Rows(), 4);
  EXPECT_EQ(engine_->pool().counters().connects, 2u);
}

TEST_F(TwoPhaseTest, NamesAreTextOfALength) {
  auto connection = engine_->Connect();
  for (const std::string& id :
       {std::string("a\0b", 3), std::string("\xff"), std::string(129, 'x')}) {
    EXPECT_THAT(connection->Begin({.two_phase_id = id}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  auto other = engine_->Connect();
  ASSERT_THAT(other->Begin({.two_phase_id = "taken"}), IsOk());
  EXPECT_THAT(connection->Begin({.two_phase_id = "taken"}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(connection->Begin(), IsOk());
}

// F2: the victim of a deadlock can only be rolled back.
TEST_F(TwoPhaseTest, AnErrorThatEndsItLeavesNothing) {
  ASSERT_THAT(engine_->Connect()->Execute("SELECT 1"), IsOk());
  Engine patient = OpenAt(server().port());
  auto holder = patient.Connect();
  ASSERT_THAT(holder->Execute("INSERT INTO t VALUES (1)"), IsOk());
  auto connection = engine_->Connect();
  Write(*connection, "loser", 2);
  ASSERT_THAT(connection->Execute("SET innodb_lock_wait_timeout = 0"), IsOk());
  EXPECT_EQ(KindOf(connection->Execute("INSERT INTO t VALUES (1)").status()),
            ErrorKind::kLockTimeout);
  EXPECT_EQ(KindOf(connection->PrepareCommit()),
            ErrorKind::kTransactionPoisoned);
  EXPECT_EQ(KindOf(connection->Commit()), ErrorKind::kTransactionPoisoned);
  ASSERT_THAT(holder->Rollback(), IsOk());
  EXPECT_EQ(Rows(), 0);
  EXPECT_THAT(*engine_->PreparedTransactions(), IsEmpty());
  Write(*connection, "loser", 2);
  ASSERT_THAT(connection->Commit(), IsOk());
  EXPECT_EQ(Rows(), 1);
}

// ENG-28: whoever ends it waits for the session that prepared it, not for ever.
TEST_F(TwoPhaseTest, WhatASessionHoldsStillIsBusy) {
  auto connection = engine_->Connect();
  Write(*connection, "held", 1);
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  const absl::Status busy =
      engine_->CommitPrepared("held", Deadline::After(kTimeout));
  EXPECT_EQ(KindOf(busy), ErrorKind::kBusy) << busy;
  ASSERT_THAT(connection->Commit(), IsOk());
  EXPECT_EQ(Rows(), 1);
}

// E23: what the list of prepared transactions tells of a lost answer.
TEST_F(TwoPhaseTest, WhatIsPreparedTellsOfALostCommit) {
  int row = 0;
  for (const absl::string_view phase : {"XA PREPARE", "XA COMMIT"}) {
    for (const bool reaches : {false, true}) {
      SCOPED_TRACE(absl::StrCat(phase, reaches));
      const int64_t before = Rows();
      Engine spoilt = Spoilt();
      auto connection = spoilt.Connect();
      Write(*connection, "lost", ++row);
      const int64_t session =
          SelectInteger(*connection, "SELECT CONNECTION_ID()");
      proxy_->Arm({.pattern = std::string(phase),
                   .forward = reaches,
                   .fault = Fault::kReset});
      absl::Status lost = connection->PrepareCommit();
      if (phase == "XA COMMIT") {
        ASSERT_THAT(lost, IsOk());
        lost = connection->Commit();
      }
      EXPECT_EQ(KindOf(lost), ErrorKind::kCommitOutcomeUnknown) << lost;
      const auto info = engine::GetErrorInfo(lost);
      EXPECT_EQ(info->transaction_state, engine::TransactionState::kUnknown);
      EXPECT_EQ(info->retry, engine::Retry::kOnlyIfIdempotent);
      EXPECT_FALSE(phase == "XA PREPARE" && connection->Commit().ok());
      AwaitEndOf(session);
      // Whoever finds it commits it; what is not found has ended.
      const absl::Status found = engine_->CommitPrepared("lost");
      const bool was_prepared = (phase == "XA PREPARE") == reaches;
      EXPECT_EQ(found.ok(), was_prepared) << found;
      if (!was_prepared) {
        EXPECT_THAT(found, StatusIs(absl::StatusCode::kNotFound));
      }
      EXPECT_EQ(Rows() - before, phase == "XA PREPARE" && !reaches ? 0 : 1);
    }
  }
}

// E23, as the README has it: the transaction begins with a row of its own, by
// which running it again finds out whether it has happened.
TEST_F(TwoPhaseTest, ALostCommitIsFoundByItsRow) {
  int number = 0;
  for (const bool reaches : {false, true}) {
    for (const Fault fault :
         {Fault::kReset, Fault::kClose, Fault::kBlackhole}) {
      SCOPED_TRACE(absl::StrCat(reaches, " ", static_cast<int>(fault)));
      const std::string token = absl::StrCat("order-", ++number);
      auto order = [&](Connection& connection) -> absl::Status {
        CUPEL_RETURN_IF_ERROR(connection
                                  .Execute("INSERT INTO done VALUES (?)",
                                           {engine::ValueView::Text(token)})
                                  .status());
        return connection
            .Execute(absl::StrCat("INSERT INTO t VALUES (", number, ")"))
            .status();
      };
      Engine spoilt = Spoilt();
      proxy_->Arm({.pattern = "\x03"
                              "COMMIT",
                   .forward = reaches,
                   .fault = fault});
      const absl::Status lost = spoilt.RunInTransaction(
          order, {.deadline = Deadline::After(kTimeout)});
      EXPECT_EQ(KindOf(lost), ErrorKind::kCommitOutcomeUnknown) << lost;

      const absl::Status again = engine_->RunInTransaction(order);
      if (reaches) {
        EXPECT_EQ(KindOf(again), ErrorKind::kUniqueViolation) << again;
      } else {
        EXPECT_THAT(again, IsOk());
      }
      EXPECT_EQ(Rows(), number);
      EXPECT_EQ(Rows("done"), number);
    }
  }
}

}  // namespace
}  // namespace cupel::mariadb_internal
