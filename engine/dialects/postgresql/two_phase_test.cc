// Commits in two phases, and commits whose answer is lost.

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cupel/engine/dialects/postgresql/postgresql.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using ::cupel::testing::Fault;
using ::cupel::testing::FaultProxy;
using ::cupel::testing::IsOk;
using ::cupel::testing::PostgresqlServer;
using ::cupel::testing::StatusIs;
using engine::CommitOutcome;
using engine::Connection;
using engine::Engine;
using engine::ErrorKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TwoPhaseTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_THAT(postgresql::Register(), IsOk());
    server_ =
        new PostgresqlServer({.settings = {"max_prepared_transactions = 10"}});
    ASSERT_THAT(server_->Start(), IsOk());
    ASSERT_THAT(server_->Execute("CREATE TABLE t (id int PRIMARY KEY)"),
                IsOk());
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  void SetUp() override {
    auto proxy = FaultProxy::Start(server_->port());
    ASSERT_THAT(proxy, IsOk());
    proxy_ = *std::move(proxy);
    ASSERT_THAT(server_->Execute("TRUNCATE t"), IsOk());
  }

  // Through the proxy.
  Engine Spoilt() {
    return *Engine::Create({.uri = Url::Parse(server_->url())
                                       ->WithPort(proxy_->port())
                                       .ToUnmaskedString()});
  }
  Engine Straight() { return *Engine::Create({.uri = server_->url()}); }

  int64_t Rows() {
    Engine engine = Straight();
    auto connection = engine.Connect();
    EXPECT_THAT(connection, IsOk());
    auto cursor = connection->Query("SELECT count(*) FROM t");
    EXPECT_THAT(cursor, IsOk());
    EXPECT_TRUE(*cursor->Next());
    return cursor->row()[0].int64_value();
  }

  static inline PostgresqlServer* server_ = nullptr;
  std::unique_ptr<FaultProxy> proxy_;
};

// ENG-28
TEST_F(TwoPhaseTest, APreparedTransactionIsEndedByAnotherConnection) {
  Engine engine = Straight();
  for (const char* id : {"keep", "it's \\ \"odd\""}) {
    auto connection = engine.Connect();
    ASSERT_THAT(connection->Begin({.two_phase_id = id}), IsOk());
    ASSERT_THAT(connection->Execute(
                    absl::StrCat("INSERT INTO t VALUES (", id[0] == 'k', ")")),
                IsOk());
    ASSERT_THAT(connection->PrepareCommit(), IsOk());
  }
  EXPECT_EQ(Rows(), 0);
  EXPECT_THAT(*engine.PreparedTransactions(),
              ElementsAre("it's \\ \"odd\"", "keep"));
  ASSERT_THAT(engine.CommitPrepared("keep"), IsOk());
  ASSERT_THAT(engine.RollbackPrepared("it's \\ \"odd\""), IsOk());
  EXPECT_EQ(Rows(), 1);
  EXPECT_THAT(*engine.PreparedTransactions(), IsEmpty());
  EXPECT_THAT(engine.CommitPrepared("keep"),
              StatusIs(absl::StatusCode::kNotFound));
}

// ENG-28
TEST_F(TwoPhaseTest, BothPhasesOnOneConnection) {
  Engine engine = Straight();
  auto connection = engine.Connect();
  ASSERT_THAT(connection->Begin({.two_phase_id = "a"}), IsOk());
  ASSERT_THAT(connection->Execute("INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(connection->Commit(), IsOk());
  ASSERT_THAT(connection->Begin({.two_phase_id = "a"}), IsOk());
  ASSERT_THAT(connection->Execute("INSERT INTO t VALUES (2)"), IsOk());
  ASSERT_THAT(connection->PrepareCommit(), IsOk());
  ASSERT_THAT(connection->Rollback(), IsOk());
  EXPECT_EQ(Rows(), 1);
  ASSERT_THAT(connection->Begin({.two_phase_id = std::string("a\0b", 3)}),
              IsOk());
  EXPECT_THAT(connection->PrepareCommit(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// E23, F10: cut before the server has the COMMIT, and after.
TEST_F(TwoPhaseTest, WhatBecameOfALostCommitIsTold) {
  int id = 0;
  for (const bool reaches : {false, true}) {
    for (const Fault fault :
         {Fault::kReset, Fault::kClose, Fault::kBlackhole}) {
      SCOPED_TRACE(absl::StrCat(reaches, " ", static_cast<int>(fault)));
      const int64_t before = Rows();
      Engine engine = Spoilt();
      auto connection = engine.Connect();
      ASSERT_THAT(connection, IsOk());
      ASSERT_THAT(connection->Execute(
                      absl::StrCat("INSERT INTO t VALUES (", ++id, ")")),
                  IsOk());
      proxy_->Arm({.pattern = std::string("COMMIT\0", 7),
                   .forward = reaches,
                   .fault = fault});
      connection->set_deadline(
          engine::Deadline::After(absl::Milliseconds(500)));
      const absl::Status lost = connection->Commit();
      EXPECT_EQ(engine::KindOf(lost), ErrorKind::kCommitOutcomeUnknown) << lost;
      const auto info = engine::GetErrorInfo(lost);
      ASSERT_TRUE(info && !info->commit_token.empty());
      EXPECT_EQ(info->retry, engine::Retry::kOnlyIfIdempotent);
      Engine straight = Straight();
      auto outcome = straight.ResolveCommit(info->commit_token);
      ASSERT_THAT(outcome, IsOk());
      while (*outcome == CommitOutcome::kInProgress) {
        outcome = straight.ResolveCommit(info->commit_token);
        ASSERT_THAT(outcome, IsOk());
      }
      EXPECT_EQ(*outcome, reaches ? CommitOutcome::kCommitted
                                  : CommitOutcome::kRolledBack);
      EXPECT_EQ(Rows() - before, reaches ? 1 : 0);
    }
  }
}

TEST_F(TwoPhaseTest, ATokenIsANumber) {
  Engine engine = Straight();
  for (const char* token : {"", "'", "1'); DROP TABLE t; --", "x"}) {
    EXPECT_THAT(engine.ResolveCommit(token),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << token;
  }
}

}  // namespace
}  // namespace cupel::postgresql_internal
