// The life of a session and of its entities: identity, states, transactions,
// savepoints, autoflush, merge, and misuse.

#include "cupel/session/session.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SessionLifeTest : public SessionTest {
 protected:
  EntityRef AddUser(std::string name) {
    return Add(*model_.user, User{.name = std::move(name)});
  }
  engine::StatementRecorder recorder_{engine_};
};

// SES-01, SES-02
TEST_F(SessionLifeTest, GivesOneEntityForOneRow) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(All(*model_.user)[0], user);
  EXPECT_EQ(All(*model_.user)[0].object(), user.object());
  auto other = NewSession();
  EXPECT_NE(other->Get(*model_.user, As<User>(user).id).value(), user);
}

// SES-07
TEST_F(SessionLifeTest, GetAsksTheMapFirst) {
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  recorder_.Clear();
  EntityRef user = Get(*model_.user, 1);
  EXPECT_EQ(recorder_.count(), 1);
  EXPECT_EQ(Get(*model_.user, 1), user);
  EXPECT_EQ(recorder_.count(), 1);
  EXPECT_FALSE(Get(*model_.user, 2));
}

// SES-07
TEST_F(SessionLifeTest, GetTakesCompositeKeys) {
  EntityRef seat = Add(*model_.seat, Seat{1, "a", "Ada"});
  Add(*model_.seat, Seat{1, "b", "Bob"});
  ASSERT_THAT(session_->Commit(), IsOk());
  const std::vector<engine::ValueView> key = {engine::ValueView::Int64(1),
                                              engine::ValueView::Text("a")};
  recorder_.Clear();
  EXPECT_EQ(session_->Get(*model_.seat, key).value(), seat);
  EXPECT_EQ(recorder_.count(), 0);
  Reopen();
  EXPECT_EQ(As<Seat>(session_->Get(*model_.seat, key).value()).guest, "Ada");
  EXPECT_THAT(session_->Get(*model_.seat, 1).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// SES-07
TEST_F(SessionLifeTest, GetGivesNothingForAnExpiredEntityWhoseRowIsGone) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("DELETE FROM users");
  // Nobody has asked the database yet.
  EXPECT_EQ(Get(*model_.user, 1), user);
  ASSERT_THAT(session_->Expire(user), IsOk());
  EXPECT_FALSE(Get(*model_.user, 1));
}

// SES-03
TEST_F(SessionLifeTest, FreesWhatNobodyHolds) {
  for (int i = 0; i < 1200; ++i) AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(session_->identity_count(), 0u);
  EntityRef kept;
  {
    std::vector<EntityRef> all = All(*model_.user);
    EXPECT_EQ(session_->identity_count(), 1200u);
    kept = all[3];
    Edit<User>(all[7]).name = "dirty";
  }
  EXPECT_EQ(session_->identity_count(), 2u);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users WHERE name = 'dirty'"), 1);
}

// SES-03
TEST_F(SessionLifeTest, CirclesOfLinksDoNotKeepEntitiesAlive) {
  User value{.name = "u"};
  value.addresses.Append(Make(Address{.city = "c"}));
  Add(*model_.user, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(session_->identity_count(), 0u);
  EntityRef user = Get(*model_.user, 1);
  ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
  EXPECT_EQ(session_->identity_count(), 2u);
  user = EntityRef();
  EXPECT_EQ(session_->identity_count(), 0u);
}

// SES-04
TEST_F(SessionLifeTest, EntitiesGoThroughTheirStates) {
  EntityRef user = Make(User{.name = "a"});
  EXPECT_EQ(user.lifecycle(), Lifecycle::kTransient);
  ASSERT_THAT(session_->Add(user), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kPending);
  EXPECT_THAT(session_->new_entities(), ElementsAre(user));
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kPersistent);
  ASSERT_THAT(session_->Delete(user), IsOk());
  EXPECT_THAT(session_->deleted(), ElementsAre(user));
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kDeleted);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kDetached);
  EXPECT_EQ(As<User>(user).name, "a");
}

// SES-05
TEST_F(SessionLifeTest, ExpungedEntitiesAreNotWritten) {
  EntityRef user = AddUser("a");
  EXPECT_TRUE(session_->Contains(user));
  ASSERT_THAT(session_->Expunge(user), IsOk());
  EXPECT_FALSE(session_->Contains(user));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 0);
  ASSERT_THAT(session_->Add(user), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(session_->Expunge(user), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kDetached);
  ASSERT_THAT(session_->Add(user), IsOk());
  EXPECT_EQ(user.lifecycle(), Lifecycle::kPersistent);
  EXPECT_THAT(session_->entities(), ElementsAre(user));
  EntityRef fresh = AddUser("b");
  EXPECT_THAT(session_->entities(), UnorderedElementsAre(user, fresh));
  session_->ExpungeAll();
  EXPECT_THAT(session_->entities(), SizeIs(0));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 1);
}

// SES-08
TEST_F(SessionLifeTest, BeginsByItselfOnlyIfAllowed) {
  Reopen({.autobegin = false});
  EXPECT_THAT(session_->Get(*model_.user, 1).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "no transaction has begun and autobegin is off: call "
                       "Begin()"));
  ASSERT_THAT(session_->Begin(), IsOk());
  EXPECT_THAT(session_->Get(*model_.user, 1), IsOk());
  EXPECT_TRUE(session_->in_transaction());
  ASSERT_THAT(session_->Rollback(), IsOk());
  EXPECT_FALSE(session_->in_transaction());
}

// SES-09
TEST_F(SessionLifeTest, RefusesUseAfterClose) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Close(), IsOk());
  EXPECT_THAT(session_->Commit(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the session is closed: open a new one"));
  EXPECT_THAT(session_->Get(*model_.user, 1).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(As<User>(user).name, "a");
  AddUser("b");  // Stays a value.
}

// SES-09
TEST_F(SessionLifeTest, MayBeUsedAgainAfterAReset) {
  EntityRef kept = AddUser("kept");
  ASSERT_THAT(session_->Commit(), IsOk());
  EntityRef lost = AddUser("lost");
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(session_->Reset(), IsOk());
  EXPECT_FALSE(session_->is_closed());
  EXPECT_FALSE(session_->in_transaction());
  EXPECT_EQ(kept.lifecycle(), Lifecycle::kDetached);
  EXPECT_EQ(lost.lifecycle(), Lifecycle::kTransient);
  EntityRef again = Get(*model_.user, 1);
  EXPECT_NE(again, kept);
  EXPECT_EQ(As<User>(again).name, "kept");
  AddUser("next");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 2);
}

// SES-10, C-03
TEST_F(SessionLifeTest, ValuesStayAfterCommit) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  recorder_.Clear();
  EXPECT_FALSE(user.needs_load());
  EXPECT_NE(As<User>(user).id, 0);
  EXPECT_EQ(recorder_.count(), 0);
}

// SES-10
TEST_F(SessionLifeTest, ExpiresOnCommitWhenAsked) {
  Reopen({.expire_on_commit = true});
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("UPDATE users SET name = 'b'");
  recorder_.Clear();
  ASSERT_THAT(user.Load(), IsOk());
  EXPECT_EQ(As<User>(user).name, "b");
  EXPECT_EQ(recorder_.count(), 1);
}

// SES-11, U2
TEST_F(SessionLifeTest, RollbackRestores) {
  EntityRef old = AddUser("old");
  EntityRef doomed = AddUser("doomed");
  ASSERT_THAT(session_->Commit(), IsOk());
  EntityRef added = AddUser("new");
  Edit<User>(old).name = "changed";
  ASSERT_THAT(session_->Delete(doomed), IsOk());
  ASSERT_THAT(session_->Flush(), IsOk());
  EntityRef pending = AddUser("pending");
  ASSERT_THAT(session_->Rollback(), IsOk());
  EXPECT_EQ(added.lifecycle(), Lifecycle::kTransient);
  EXPECT_EQ(As<User>(added).id, 0);
  EXPECT_EQ(pending.lifecycle(), Lifecycle::kTransient);
  EXPECT_EQ(doomed.lifecycle(), Lifecycle::kPersistent);
  EXPECT_TRUE(old.needs_load());
  ASSERT_THAT(old.Load(), IsOk());
  EXPECT_EQ(As<User>(old).name, "old");
  EXPECT_EQ(session_->identity_count(), 2u);
  // What was added may be added again.
  ASSERT_THAT(session_->Add(added), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users"), 3);
}

// SES-11
TEST_F(SessionLifeTest, RollbackDropsEditsThatWereNotFlushed) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<User>(user).name = "b";
  ASSERT_THAT(session_->Rollback(), IsOk());
  EXPECT_EQ(As<User>(user).name, "a");
  EXPECT_THAT(session_->dirty(), SizeIs(0));
}

TEST_F(SessionLifeTest, AfterARollbackEntitiesStayReadableOnceDetached) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<User>(user).name = "b";
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(session_->Rollback(), IsOk());
  ASSERT_THAT(session_->Close(), IsOk());
  EXPECT_THAT(user.Load(), IsOk());
  EXPECT_EQ(As<User>(user).name, "a");
}

// SES-37
TEST_F(SessionLifeTest, ExpungesWhatTheCascadeReaches) {
  Order order{.customer = "c"};
  EntityRef line = Make(Line{.product = "p"});
  order.lines.Append(line);
  EntityRef ordered = Add(*model_.order, std::move(order));
  EntityRef user = AddUser("a");
  EntityRef address = Make(Address{.city = "here"});
  Edit<User>(user).addresses.Append(address);
  ASSERT_THAT(session_->Commit(), IsOk());
  EntityRef added = Make(Line{.product = "pending"});
  Edit<Order>(ordered).lines.Append(added);
  ASSERT_THAT(session_->Expunge(ordered), IsOk());
  ASSERT_THAT(session_->Expunge(user), IsOk());
  EXPECT_EQ(line.lifecycle(), Lifecycle::kDetached);
  EXPECT_EQ(added.lifecycle(), Lifecycle::kTransient);
  EXPECT_EQ(address.lifecycle(), Lifecycle::kPersistent);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM order_lines"), 1);
}

// SES-37
TEST_F(SessionLifeTest, ExpiresAndRefreshesWhatTheCascadeReaches) {
  Order order{.customer = "c"};
  order.lines.Append(Make(Line{.product = "p"}));
  EntityRef ordered = Add(*model_.order, std::move(order));
  ASSERT_THAT(session_->Commit(), IsOk());
  EntityRef line(As<Order>(ordered).lines.targets()[0]);
  for (bool refresh : {false, true}) {
    ASSERT_THAT(As<Order>(ordered).lines.Load(), IsOk());
    ASSERT_THAT(line.Load(), IsOk());
    Edit<Line>(line).product = "edited";
    EntityRef added = Make(Line{.product = "pending"});
    Edit<Order>(ordered).lines.Append(added);
    ASSERT_THAT(
        refresh ? session_->Refresh(ordered) : session_->Expire(ordered),
        IsOk());
    EXPECT_TRUE(line.needs_load());
    EXPECT_FALSE(session_->IsModified(line));
    EXPECT_EQ(added.lifecycle(), Lifecycle::kTransient);
    ASSERT_THAT(session_->Commit(), IsOk());
    ASSERT_THAT(line.Load(), IsOk());
    EXPECT_EQ(As<Line>(line).product, "p");
    EXPECT_EQ(Scalar("SELECT COUNT(*) FROM order_lines"), 1);
  }
}

// SES-19, C3
TEST_F(SessionLifeTest, ReportsUseByTwoThreads) {
  SessionOptions options;
  absl::Status inner;
  options.listeners.push_back([&](Session& session, SessionEventKind kind) {
    if (kind == SessionEventKind::kBeforeFlush) {
      std::thread([&] { inner = session.Flush(); }).join();
    }
    return absl::OkStatus();
  });
  Reopen(std::move(options));
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(inner, StatusIs(absl::StatusCode::kFailedPrecondition,
                              "the session is used by two threads at once: "
                              "give each thread a session of its own"));
}

// U22
TEST_F(SessionLifeTest, RefusesAFlushInsideOfAListener) {
  SessionOptions options;
  absl::Status inner;
  options.listeners.push_back([&](Session& session, SessionEventKind kind) {
    if (kind == SessionEventKind::kBeforeFlush) inner = session.Flush();
    return absl::OkStatus();
  });
  Reopen(std::move(options));
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(inner, StatusIs(absl::StatusCode::kFailedPrecondition));
}

// SES-30, C-04
TEST_F(SessionLifeTest, FlushesBeforeAQueryOfTheSameTableOnly) {
  AddUser("a");
  recorder_.Clear();
  EXPECT_THAT(All(*model_.tag), SizeIs(0));
  EXPECT_EQ(recorder_.count(), 1);
  EXPECT_THAT(All(*model_.user), SizeIs(1));
  EXPECT_EQ(recorder_.count(), 3);
}

// SES-30
TEST_F(SessionLifeTest, AGuardStopsAutoflush) {
  AddUser("a");
  {
    Session::AutoflushGuard guard(*session_);
    EXPECT_THAT(All(*model_.user), SizeIs(0));
  }
  EXPECT_THAT(All(*model_.user), SizeIs(1));
  Reopen({.autoflush = false});
  AddUser("b");
  EXPECT_THAT(All(*model_.user), SizeIs(0));
}

// SES-50
TEST_F(SessionLifeTest, RefreshReadsAgain) {
  EntityRef user = Add(*model_.user, User{.name = "a", .email = "e"});
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("UPDATE users SET name = 'b', email = 'f'");
  EXPECT_EQ(As<User>(user).name, "a");
  recorder_.Clear();
  const int name = model_.user->FindProperty("name");
  ASSERT_THAT(session_->Refresh(user, {name}), IsOk());
  EXPECT_EQ(As<User>(user).name, "b");
  EXPECT_EQ(As<User>(user).email, "e");
  EXPECT_THAT(recorder_.sql(), ElementsAre(::testing::Not(HasSubstr("email"))));
  ASSERT_THAT(session_->Refresh(user), IsOk());
  EXPECT_EQ(As<User>(user).email, "f");
}

// SES-50, U4
TEST_F(SessionLifeTest, ExpireReadsAtTheNextUse) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("UPDATE users SET name = 'b'");
  ASSERT_THAT(session_->Expire(user), IsOk());
  EXPECT_TRUE(user.needs_load());
  ASSERT_THAT(user.Load(), IsOk());
  EXPECT_EQ(As<User>(user).name, "b");
  ASSERT_THAT(session_->Rollback(), IsOk());
  Sql("DELETE FROM users");
  session_->ExpireAll();
  EXPECT_THAT(user.Load(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(user.lifecycle(), Lifecycle::kDetached);
}

// SES-51
TEST_F(SessionLifeTest, QueriesDoNotOverwriteUnlessAsked) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("UPDATE users SET name = 'b'");
  All(*model_.user);
  EXPECT_EQ(As<User>(user).name, "a");
  EntityQuery query = Query(*model_.user);
  query.populate_existing = true;
  ASSERT_THAT(session_->Execute(std::move(query)), IsOk());
  EXPECT_EQ(As<User>(user).name, "b");
}

// SES-52
TEST_F(SessionLifeTest, MergeCopiesOntoTheRow) {
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  recorder_.Clear();
  User foreign{.id = 1, .name = "merged"};
  foreign.addresses.Append(Make(Address{.city = "new"}));
  auto merged = session_->Merge(*model_.user, &foreign);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(As<User>(*merged).name, "merged");
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users WHERE name = 'merged'"), 1);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM addresses WHERE user_id = 1"), 1);
}

// SES-52
TEST_F(SessionLifeTest, MergeWithoutLoadSendsNothing) {
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  recorder_.Clear();
  User foreign{.id = 1, .name = "a"};
  auto merged = session_->Merge(*model_.user, &foreign, /*load=*/false);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->lifecycle(), Lifecycle::kPersistent);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 0);
}

// SES-54
TEST_F(SessionLifeTest, HistoryTellsWhatChanged) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  const int name = model_.user->FindProperty("name");
  EXPECT_FALSE(session_->History(user, name).changed);
  Edit<User>(user).name = "b";
  EntityRef address = Make(Address{.city = "c"});
  Edit<User>(user).addresses.Append(address);
  const PropertyHistory history = session_->History(user, name);
  EXPECT_TRUE(history.changed);
  EXPECT_EQ(history.before, engine::Value::Text("a"));
  EXPECT_EQ(history.after, engine::Value::Text("b"));
  const Relationship& addresses = model_.link(*model_.user, "addresses");
  EXPECT_THAT(session_->History(user, addresses).added, ElementsAre(address));
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_FALSE(session_->History(user, name).changed);
}

// SES-62, C-02, U21
TEST_F(SessionLifeTest, DetachedEntitiesAreReadableWhereLoaded) {
  User value{.name = "u"};
  value.addresses.Append(Make(Address{.city = "c"}));
  Add(*model_.user, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  EntityRef user = Get(*model_.user, 1);
  session_.reset();
  EXPECT_EQ(As<User>(user).name, "u");
  EXPECT_THAT(As<User>(user).addresses.Load(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "User.addresses is not loaded and its entity belongs "
                       "to no session: load it while the session lives (an "
                       "eager load option of the query, or Load())"));
}

TEST_F(SessionLifeTest, LinkedEntitiesOutliveTheirSessionTogether) {
  User value{.name = "u"};
  value.addresses.Append(Make(Address{.city = "c"}));
  EntityRef user = Add(*model_.user, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  session_.reset();
  const auto targets = As<User>(user).addresses.targets();
  ASSERT_THAT(targets, SizeIs(1));
  EXPECT_EQ(static_cast<const Address*>(targets[0]->object())->city, "c");
}

// C-08
TEST_F(SessionLifeTest, AddBeforeOrAfterLinkingMakesNoDifference) {
  EntityRef first = AddUser("first");
  EntityRef late = Make(Address{.city = "late"});
  Edit<User>(first).addresses.Append(late);
  EXPECT_EQ(late.lifecycle(), Lifecycle::kPending);

  EntityRef second = Make(User{.name = "second"});
  EntityRef early =
      Add(*model_.address, Address{.city = "early", .user = ToOneLink(second)});
  EXPECT_EQ(second.lifecycle(), Lifecycle::kPending);
  EXPECT_THAT(As<User>(second).addresses.targets(), ElementsAre(early.state()));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM addresses WHERE user_id IS NOT NULL"),
            2);
}

// ORM-41
TEST_F(SessionLifeTest, BothEndsOfALinkAgreeBeforeAnyFlush) {
  EntityRef ann = AddUser("ann");
  EntityRef bob = AddUser("bob");
  EntityRef address = Add(*model_.address, Address{.city = "c"});
  Edit<Address>(address).user.Set(ann);
  EXPECT_THAT(As<User>(ann).addresses.targets(), ElementsAre(address.state()));
  Edit<User>(bob).addresses.Append(address);
  EXPECT_EQ(As<Address>(address).user.target(), bob.state());
  EXPECT_THAT(As<User>(ann).addresses.targets(), SizeIs(0));
  Edit<User>(bob).addresses.Remove(*address.state());
  EXPECT_EQ(As<Address>(address).user.target(), nullptr);
}

TEST_F(SessionLifeTest, AKeySetAsAValueMovesTheLink) {
  EntityRef ann = AddUser("ann");
  EntityRef bob = AddUser("bob");
  EntityRef address =
      Add(*model_.address, Address{.city = "c", .user = ToOneLink(ann)});
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<Address>(address).user_id = As<User>(bob).id;
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(As<Address>(address).user.Load().value(), bob);
}

TEST_F(SessionLifeTest, RefusesAnEntityOfAnotherLivingSession) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  auto other = NewSession();
  EXPECT_THAT(other->Add(user), StatusIs(absl::StatusCode::kFailedPrecondition,
                                         HasSubstr("another session")));
}

TEST_F(SessionLifeTest, TakesADetachedEntityOfAClosedSession) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  EXPECT_EQ(user.lifecycle(), Lifecycle::kDetached);
  ASSERT_THAT(session_->Add(user), IsOk());
  Edit<User>(user).name = "b";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM users WHERE name = 'b'"), 1);
}

TEST_F(SessionLifeTest, TransientChainsEndWithoutRecursion) {
  EntityRef head;
  for (int i = 0; i < 100000; ++i) {
    head = Make(Node{.name = "n", .parent = ToOneLink(head)});
  }
}

TEST_F(SessionLifeTest, ReportsAWriteThroughAStaleReference) {
  EntityRef user = AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen({.report_late_writes = true});
  user = Get(*model_.user, 1);
  User& stale = Edit<User>(user);
  stale.name = "b";
  ASSERT_THAT(session_->Commit(), IsOk());
  stale.name = "lost";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("a User was written")));
}

// SES-30
TEST_F(SessionLifeTest, AutoflushFollowsWhatIsPendingNow) {
  AddUser("a");
  EXPECT_THAT(All(*model_.user), SizeIs(1));
  Add(*model_.tag, Tag{.label = "t"});
  EXPECT_THAT(All(*model_.tag), SizeIs(1));
}

TEST_F(SessionLifeTest, NothingToFlushSendsNothing) {
  AddUser("a");
  ASSERT_THAT(session_->Commit(), IsOk());
  std::vector<EntityRef> all = All(*model_.user);
  recorder_.Clear();
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(recorder_.count(), 0);
}

}  // namespace
}  // namespace cupel::session
