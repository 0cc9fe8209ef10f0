// Calls of several messages, on a network that falls silent in their midst:
// batches, and commits in two phases.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/fault_fixture.h"
#include "cupel/testing/dialects/faulty_server.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using engine::Connection;
using engine::ConnectionState;
using engine::Deadline;
using engine::Engine;
using engine::ErrorKind;
using ::testing::AnyOf;

constexpr absl::Duration kTimeout = absl::Milliseconds(150);
constexpr char kPrepared[] = "silent";

class SilenceAmidTest : public FaultTest {
 protected:
  void SetUp() override {
    FaultTest::SetUp();
    CUPEL_ASSERT_OK_AND_ASSIGN(proxy_, FaultProxy::Start(server().port));
  }
  // Nothing that is prepared stays in the way of others.
  void TearDown() override {
    EndWhatIsPrepared();
    FaultTest::TearDown();
  }

  Engine OpenSilent() {
    return Open({.size = 1, .max_overflow = 0, .reset_timeout = kTimeout},
                proxy_->port());
  }
  void BeSilent() { proxy_->Break(Fault::kBlackhole); }

  // Of a connection that is of no use any more, after a call that ended soon.
  void ExpectTheEnd(Connection& connection,
                    const std::function<absl::Status()>& call) {
    absl::Status status;
    EXPECT_LT(TimeOf([&] { status = call(); }), kTooLong);
    // Which one depends on how far it came.
    EXPECT_THAT(InfoOf(status).kind, AnyOf(ErrorKind::kStatementTimeout,
                                           ErrorKind::kCommitOutcomeUnknown))
        << status;
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
    EXPECT_FALSE(connection.is_open());
  }
  static void ExpectNobody(const Engine& engine) {
    EXPECT_EQ(engine.pool().counters().checked_out, 0u);
    EXPECT_EQ(engine.pool().counters().checked_in, 0u);
  }

  // The server may take a moment to see that a session is gone.
  static void EndWhatIsPrepared() {
    Engine engine = Open();
    absl::Status ended = absl::UnknownError("not tried");
    for (int i = 0; i < 1000 && !ended.ok(); ++i) {
      auto names = engine.PreparedTransactions();
      CUPEL_ASSERT_OK(names);
      if (names->empty()) return;
      ended = engine.RollbackPrepared(kPrepared);
      if (!ended.ok()) absl::SleepFor(absl::Milliseconds(5));
    }
    CUPEL_EXPECT_OK(ended);
  }

  std::unique_ptr<FaultProxy> proxy_;
};

// Rows of which one has the network fall silent.
class RowsIntoSilence : public engine::BatchSource {
 public:
  explicit RowsIntoSilence(std::function<void()> be_silent)
      : be_silent_(std::move(be_silent)) {}
  size_t size() const override { return 5000; }
  absl::StatusOr<absl::Span<const engine::ValueView>> row(size_t i) override {
    if (i == 2500) be_silent_();
    id_ = engine::ValueView::Int64(static_cast<int64_t>(i) + 100);
    return absl::Span<const engine::ValueView>(&id_, 1);
  }

 private:
  const std::function<void()> be_silent_;
  engine::ValueView id_;
};

// E4: so many rows may be on their way by another protocol than statements.
TEST_F(SilenceAmidTest, OfABatchEndsItAtItsDeadline) {
  Engine engine = OpenSilent();
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
    RowsIntoSilence rows([this] { BeSilent(); });
    std::string sql = "INSERT INTO t (id) VALUES (";
    connection.dialect().AppendPlaceholder(1, &sql);
    CUPEL_ASSERT_OK(connection.Prepare(sql + ")"));
    connection.set_deadline(Deadline::After(2 * kTimeout));
    ExpectTheEnd(connection, [&] {
      return connection.ExecuteBatch(sql + ")", rows, nullptr);
    });
  }
  ExpectNobody(engine);
}

// E4, E23, ENG-28
TEST_F(SilenceAmidTest, OfATwoPhaseCommitEndsEachOfItsCalls) {
  using Call = std::function<absl::Status(Connection&)>;
  const Call prepare = [](Connection& c) { return c.PrepareCommit(); };
  struct Case {
    const char* name;
    Call before;
    Call call;
  };
  const Case cases[] = {
      {"prepare", [](Connection&) { return absl::OkStatus(); }, prepare},
      {"commit", prepare, [](Connection& c) { return c.Commit(); }},
      {"rollback", prepare, [](Connection& c) { return c.Rollback(); }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Engine engine = OpenSilent();
    {
      CUPEL_ASSERT_OK_AND_ASSIGN(Connection connection, engine.Connect());
      CUPEL_ASSERT_OK(connection.Begin({.two_phase_id = kPrepared}));
      CUPEL_ASSERT_OK(connection.Execute("INSERT INTO t VALUES (3, 0)"));
      CUPEL_ASSERT_OK(each.before(connection));
      BeSilent();
      connection.set_deadline(Deadline::After(kTimeout));
      ExpectTheEnd(connection, [&] { return each.call(connection); });
    }
    ExpectNobody(engine);
    EndWhatIsPrepared();
  }
}

// E4: what another connection has prepared.
TEST_F(SilenceAmidTest, OfAStrangersTwoPhaseCommitEndsEachOfItsCalls) {
  using Call = std::function<absl::Status(Engine&, Deadline)>;
  struct Case {
    const char* name;
    Call call;
  };
  const Case cases[] = {
      {"list", [](Engine& e,
                  Deadline d) { return e.PreparedTransactions(d).status(); }},
      {"commit",
       [](Engine& e, Deadline d) { return e.CommitPrepared(kPrepared, d); }},
      {"rollback",
       [](Engine& e, Deadline d) { return e.RollbackPrepared(kPrepared, d); }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Engine engine = OpenSilent();
    CUPEL_ASSERT_OK(engine.Connect());
    BeSilent();
    absl::Status status;
    EXPECT_LT(
        TimeOf([&] { status = each.call(engine, Deadline::After(kTimeout)); }),
        kTooLong);
    EXPECT_THAT(InfoOf(status).kind, AnyOf(ErrorKind::kStatementTimeout,
                                           ErrorKind::kCommitOutcomeUnknown))
        << status;
    EXPECT_EQ(InfoOf(status).connection_state, ConnectionState::kDead);
    ExpectNobody(engine);
  }
}

}  // namespace
}  // namespace cupel::testing
