#include "cupel/engine/events.h"

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

TEST(EventsTest, TellsOnlyWhoListens) {
  Events events;
  int heard = 0;
  EXPECT_FALSE(events.wants(Events::kStatement));
  Subscription subscription =
      events.OnStatement([&](const StatementEvent&) { ++heard; });
  EXPECT_TRUE(events.wants(Events::kStatement));
  EXPECT_FALSE(events.wants(Events::kTransaction));
  events.Tell(StatementEvent());
  subscription.Cancel();
  events.Tell(StatementEvent());
  EXPECT_EQ(heard, 1);
  EXPECT_FALSE(events.wants(Events::kStatement));
}

TEST(EventsTest, ListenerMayCancelItself) {
  Events events;
  int heard = 0;
  Subscription subscription;
  subscription = events.OnStatement([&](const StatementEvent&) {
    ++heard;
    subscription.Cancel();
  });
  events.Tell(StatementEvent());
  events.Tell(StatementEvent());
  EXPECT_EQ(heard, 1);
}

TEST(EventsTest, SubscriptionMayOutliveTheEvents) {
  auto events = std::make_unique<Events>();
  Subscription subscription = events->OnStatement([](const StatementEvent&) {});
  events.reset();
  subscription.Cancel();
}

TEST(EventsTest, CancelWaitsForACallUnderWay) {
  Events events;
  absl::Notification inside;
  absl::Notification go_on;
  bool returned = false;
  Subscription subscription = events.OnStatement([&](const StatementEvent&) {
    inside.Notify();
    go_on.WaitForNotification();
    returned = true;
  });
  std::thread teller([&] { events.Tell(StatementEvent()); });
  inside.WaitForNotification();
  std::thread releaser([&] { go_on.Notify(); });
  subscription.Cancel();
  EXPECT_TRUE(returned);
  teller.join();
  releaser.join();
}

TEST(EventsTest, ErrorOfAListenerIsHandedOn) {
  Events events;
  Subscription subscription = events.OnStatementStart(
      [](StatementStart&) { return absl::PermissionDeniedError("no"); });
  StatementStart event;
  EXPECT_EQ(events.Tell(event).code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace cupel::engine
