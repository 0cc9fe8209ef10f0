// A flush whose k-th step fails, for every k: nothing in memory has changed,
// and once the fault is gone the same flush succeeds.

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "cupel/testing/fake_driver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::FakeCall;
using ::cupel::testing::FakeDatabase;
using ::cupel::testing::FakeError;
using ::cupel::testing::IsOk;
using ::testing::SizeIs;

class FlushFaultTest : public ::testing::TestWithParam<FakeCall> {
 protected:
  // A session with one edited, one deleted and two new entities, some of an
  // earlier flush of the same transaction.
  struct Scene {
    std::shared_ptr<FakeDatabase> fake = FakeDatabase::Create();
    engine::Engine engine =
        engine::Engine::Create({.uri = "fake://", .dialect = fake->dialect()})
            .value();
    Session session{engine, TestModel::Get().registry()};
    EntityRef edited, doomed, first, second;

    Scene() {
      edited = Add(Seat{1, "a", "before"});
      doomed = Add(Seat{1, "b", "doomed"});
      CUPEL_EXPECT_OK(session.Flush());
      static_cast<Seat*>(edited.Edit().value())->guest = "after";
      CUPEL_EXPECT_OK(session.Delete(doomed));
      first = Add(Seat{2, "a", "first"});
      second = Add(Seat{2, "b", "second"});
    }
    EntityRef Add(Seat value) {
      return session.Add(*TestModel::Get().seat, &value);
    }
    static const Seat& As(const EntityRef& ref) {
      return *static_cast<const Seat*>(ref.object());
    }
  };
};

// U1, SES-47
TEST_P(FlushFaultTest, LeavesMemoryAsItWas) {
  int failures = 0;
  for (int k = 0; k < 20; ++k) {
    Scene scene;
    scene.fake->FailNext(GetParam(), FakeError(engine::ErrorKind::kDiskFull),
                         k);
    const absl::Status status = scene.session.Flush();
    if (status.ok()) {
      EXPECT_GT(failures, 0);
      break;
    }
    ++failures;
    EXPECT_EQ(engine::KindOf(status), engine::ErrorKind::kDiskFull) << status;
    EXPECT_EQ(scene.first.lifecycle(), Lifecycle::kPending) << k;
    EXPECT_EQ(scene.second.lifecycle(), Lifecycle::kPending) << k;
    EXPECT_EQ(scene.edited.lifecycle(), Lifecycle::kPersistent) << k;
    EXPECT_EQ(scene.doomed.lifecycle(), Lifecycle::kPersistent) << k;
    EXPECT_EQ(Scene::As(scene.edited).guest, "after") << k;
    EXPECT_TRUE(scene.session.IsModified(scene.edited)) << k;
    EXPECT_THAT(scene.session.new_entities(), SizeIs(2)) << k;
    EXPECT_THAT(scene.session.deleted(), SizeIs(1)) << k;
    EXPECT_EQ(scene.session.identity_count(), 2u) << k;

    ASSERT_THAT(scene.session.Commit(), IsOk()) << k;
    EXPECT_EQ(scene.first.lifecycle(), Lifecycle::kPersistent) << k;
    EXPECT_EQ(scene.doomed.lifecycle(), Lifecycle::kDetached) << k;
    EXPECT_FALSE(scene.session.IsModified(scene.edited)) << k;
  }
  EXPECT_GT(failures, 0);
}

INSTANTIATE_TEST_SUITE_P(Calls, FlushFaultTest,
                         ::testing::Values(FakeCall::kBatchRow,
                                           FakeCall::kPrepare));

// U24
TEST(CommitFaultTest, AnUnknownOutcomeClosesTheSessionForWriting) {
  auto fake = FakeDatabase::Create();
  engine::Engine engine =
      engine::Engine::Create({.uri = "fake://", .dialect = fake->dialect()})
          .value();
  Session session(engine, TestModel::Get().registry());
  Seat value{1, "a", "x"};
  EntityRef seat = session.Add(*TestModel::Get().seat, &value);
  ASSERT_THAT(session.Flush(), IsOk());
  fake->FailNext(FakeCall::kCommit,
                 FakeError(engine::ErrorKind::kConnectionLost, /*dead=*/true));
  const absl::Status status = session.Commit();
  EXPECT_EQ(engine::KindOf(status), engine::ErrorKind::kCommitOutcomeUnknown)
      << status;
  EXPECT_TRUE(seat.needs_load());
  Seat other{2, "a", "y"};
  EntityRef late = session.Add(*TestModel::Get().seat, &other);
  EXPECT_FALSE(session.Flush().ok());
  EXPECT_THAT(session.Rollback(), IsOk());
  EXPECT_EQ(late.lifecycle(), Lifecycle::kTransient);
}

// C-06
TEST(CommitFaultTest, AFailedCommitSaysThatItIsRolledBack) {
  auto fake = FakeDatabase::Create();
  engine::Engine engine =
      engine::Engine::Create({.uri = "fake://", .dialect = fake->dialect()})
          .value();
  Session session(engine, TestModel::Get().registry());
  Seat value{1, "a", "x"};
  EntityRef seat = session.Add(*TestModel::Get().seat, &value);
  fake->FailNextAndEndTransaction(
      FakeCall::kCommit, FakeError(engine::ErrorKind::kSerializationFailure));
  EXPECT_FALSE(session.Commit().ok());
  EXPECT_EQ(seat.lifecycle(), Lifecycle::kTransient);
  ASSERT_THAT(session.Add(seat), IsOk());
  EXPECT_THAT(session.Commit(), IsOk());
}

}  // namespace
}  // namespace cupel::session
