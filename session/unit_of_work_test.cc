// What a flush writes: order, batches, keys, cascades, versions; and that it
// writes all or nothing.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "cupel/testing/altered_dialect.h"
#include "cupel/testing/plain_placeholders.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class UnitOfWorkTest : public SessionTest {
 protected:
  engine::StatementRecorder recorder_{engine_};
};

// SES-32, SES-31, SES-34, SES-40
TEST_F(UnitOfWorkTest, WritesAGraphInOneStatementATable) {
  std::vector<EntityRef> tags;
  for (int i = 0; i < 3; ++i) {
    tags.push_back(Make(Tag{.label = absl::StrCat("tag", i)}));
  }
  std::vector<EntityRef> users;
  for (int i = 0; i < 3; ++i) {
    User user{.name = absl::StrCat("user", i)};
    user.addresses.Append(Make(Address{.city = "Here"}));
    user.addresses.Append(Make(Address{.city = "There"}));
    user.tags.Append(tags[i]);
    users.push_back(Add(*model_.user, std::move(user)));
  }
  recorder_.Clear();
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(recorder_.count(), 4) << recorder_.DebugString();
  const User& second = As<User>(users[1]);
  EXPECT_NE(second.id, 0);
  for (EntityState* state : second.addresses.targets()) {
    EXPECT_EQ(static_cast<const Address*>(state->object())->user_id, second.id);
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM user_tags"), 3);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM addresses a JOIN users u ON "
                   "a.user_id = u.id"),
            6);
}

// SES-31
TEST_F(UnitOfWorkTest, InsertsParentsFirstWhateverTheOrderOfAdd) {
  EntityRef category = Make(Category{.name = "c"});
  EntityRef post =
      Add(*model_.post, Post{.title = "t", .category = ToOneLink(category)});
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(), ElementsAre(HasSubstr("INSERT INTO categories"),
                                           HasSubstr("INSERT INTO posts")));
  EXPECT_EQ(As<Post>(post).category_id, As<Category>(category).id);

  // And back, again whatever the order.
  ASSERT_THAT(session_->Delete(category), IsOk());
  ASSERT_THAT(session_->Delete(post), IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(),
              ElementsAre(HasSubstr("DELETE FROM posts"),
                          HasSubstr("DELETE FROM categories")));
}

// SES-33, SES-06
TEST_F(UnitOfWorkTest, UpdatesChangedColumnsOnly) {
  EntityRef user = Add(*model_.user, User{.name = "a", .email = "e"});
  ASSERT_THAT(session_->Commit(), IsOk());
  recorder_.Clear();
  Edit<User>(user).name = "b";
  EXPECT_TRUE(session_->IsModified(user));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre("UPDATE users SET name = ? WHERE id = ?"));

  recorder_.Clear();
  Edit<User>(user).name = "b";
  EXPECT_FALSE(session_->IsModified(user));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 0);
}

TEST_F(UnitOfWorkTest, GroupsUpdatesByTheirColumns) {
  std::vector<EntityRef> users;
  for (int i = 0; i < 6; ++i) {
    users.push_back(Add(*model_.user, User{.name = "a", .email = "e"}));
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  for (int i = 0; i < 6; ++i) {
    if (i % 2 == 0) {
      Edit<User>(users[i]).name = "b";
    } else {
      Edit<User>(users[i]).email = "f";
    }
  }
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 2) << recorder_.DebugString();
}

// SES-35
TEST_F(UnitOfWorkTest, WritesATreeLevelByLevel) {
  EntityRef root = Add(*model_.node, Node{.name = "root"});
  EntityRef left = Make(Node{.name = "left"});
  EntityRef right = Make(Node{.name = "right"});
  EntityRef leaf = Make(Node{.name = "leaf"});
  Edit<Node>(root).children.Append(left);
  Edit<Node>(root).children.Append(right);
  Edit<Node>(left).children.Append(leaf);
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 3) << recorder_.DebugString();
  EXPECT_EQ(As<Node>(leaf).parent_id, As<Node>(left).id);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM nodes WHERE parent_id IS NULL"), 1);

  // And back: children before parents.
  ASSERT_THAT(session_->Delete(leaf), IsOk());
  ASSERT_THAT(session_->Delete(left), IsOk());
  ASSERT_THAT(session_->Delete(root), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM nodes"), 1);
}

// U23
TEST_F(UnitOfWorkTest, WritesAChainOfAnyDepth) {
  constexpr int kDepth = 2000;
  EntityRef parent;
  for (int i = 0; i < kDepth; ++i) {
    EntityRef node = Make(Node{.name = "n", .parent = ToOneLink(parent)});
    parent = std::move(node);
  }
  ASSERT_THAT(session_->Add(parent), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM nodes"), kDepth);
}

// SES-36
TEST_F(UnitOfWorkTest, BreaksACircleOfRowsByASecondUpdate) {
  EntityRef team = Add(*model_.team, Team{.name = "t"});
  EntityRef one = Make(Player{.name = "one"});
  EntityRef two = Make(Player{.name = "two"});
  Edit<Team>(team).players.Append(one);
  Edit<Team>(team).players.Append(two);
  Edit<Team>(team).captain.Set(two);
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 3) << recorder_.DebugString();
  EXPECT_EQ(As<Team>(team).captain_id, As<Player>(two).id);
  EXPECT_EQ(Scalar("SELECT captain_id FROM teams"), As<Player>(two).id);

  ASSERT_THAT(session_->Delete(two), IsOk());
  ASSERT_THAT(session_->Delete(one), IsOk());
  ASSERT_THAT(session_->Delete(team), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM players"), 0);
}

// SES-37
TEST_F(UnitOfWorkTest, DeletesOrphans) {
  Order value{.customer = "c"};
  value.lines.Append(Make(Line{.product = "a"}));
  value.lines.Append(Make(Line{.product = "b"}));
  EntityRef order = Add(*model_.order, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  const EntityRef line(As<Order>(order).lines.targets()[0]);
  Edit<Order>(order).lines.Remove(*line.state());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(),
              ElementsAre(HasSubstr("DELETE FROM order_lines")));
  EXPECT_EQ(line.lifecycle(), Lifecycle::kDetached);
}

TEST_F(UnitOfWorkTest, PendingOrphansAreNotInserted) {
  EntityRef order = Add(*model_.order, Order{.customer = "c"});
  EntityRef line = Make(Line{.product = "a"});
  Edit<Order>(order).lines.Append(line);
  Edit<Order>(order).lines.Remove(*line.state());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(line.lifecycle(), Lifecycle::kTransient);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM order_lines"), 0);
}

// SES-37
TEST_F(UnitOfWorkTest, CascadesADeleteToChildrenThatAreNotLoaded) {
  Order value{.customer = "c"};
  for (int i = 0; i < 5; ++i) value.lines.Append(Make(Line{.product = "a"}));
  Add(*model_.order, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  EntityRef order = Get(*model_.order, 1);
  ASSERT_THAT(session_->Delete(order), IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  // The children's keys, one batch for them, one for the parent.
  EXPECT_EQ(recorder_.count(), 3) << recorder_.DebugString();
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM order_lines"), 0);
}

// SES-38
TEST_F(UnitOfWorkTest, NullsTheKeysOfChildrenInOneBatch) {
  User value{.name = "u"};
  for (int i = 0; i < 5; ++i)
    value.addresses.Append(Make(Address{.city = "a"}));
  EntityRef user = Add(*model_.user, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  const EntityRef address(As<User>(user).addresses.targets()[0]);
  ASSERT_THAT(As<User>(user).profile.Load().status(), IsOk());
  ASSERT_THAT(session_->Delete(user), IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_THAT(recorder_.sql(),
              ElementsAre(HasSubstr("UPDATE addresses SET user_id"),
                          HasSubstr("DELETE FROM user_tags"),
                          HasSubstr("DELETE FROM users")));
  EXPECT_EQ(As<Address>(address).user_id, std::nullopt);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM addresses WHERE user_id IS NULL"), 5);
}

// SES-39, C-07
TEST_F(UnitOfWorkTest, LeavesChildrenToOnDeleteCascade) {
  Folder value{.name = "f"};
  for (int i = 0; i < 1000; ++i) value.files.Append(Make(File{.name = "x"}));
  Add(*model_.folder, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  EntityRef folder = Get(*model_.folder, 1);
  ASSERT_THAT(session_->Delete(folder), IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM files"), 0);
}

TEST_F(UnitOfWorkTest, ForgetsWhatTheDatabaseDeleted) {
  Folder value{.name = "f"};
  value.files.Append(Make(File{.name = "x"}));
  Add(*model_.folder, std::move(value));
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  EntityRef folder = Get(*model_.folder, 1);
  EntityRef file = Get(*model_.file, 1);
  ASSERT_THAT(session_->Delete(folder), IsOk());
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_EQ(file.lifecycle(), Lifecycle::kDeleted);
  EXPECT_FALSE(Get(*model_.file, 1));
}

// C-07
TEST_F(UnitOfWorkTest, RefusesToLeaveChildrenWithoutTheirRequiredParent) {
  EntityRef category = Add(*model_.category, Category{.name = "c"});
  Add(*model_.post, Post{.title = "t", .category = ToOneLink(category)});
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(session_->Delete(category), IsOk());
  recorder_.Clear();
  EXPECT_THAT(session_->Flush(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr("Category.posts")));
  EXPECT_EQ(recorder_.count(), 0) << recorder_.DebugString();
  // Together they may go.
  for (EntityState* post : As<Category>(category).posts.targets()) {
    ASSERT_THAT(session_->Delete(EntityRef(post)), IsOk());
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM posts"), 0);
}

// SES-40
TEST_F(UnitOfWorkTest, WritesAndDeletesLinkRows) {
  EntityRef user = Add(*model_.user, User{.name = "u"});
  EntityRef red = Make(Tag{.label = "red"});
  EntityRef blue = Make(Tag{.label = "blue"});
  Edit<User>(user).tags.Append(red);
  Edit<User>(user).tags.Append(blue);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM user_tags"), 2);
  // From the other end.
  Edit<Tag>(red).users.Remove(*user.state());
  EXPECT_EQ(As<User>(user).tags.targets().size(), 1u);
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(), ElementsAre(HasSubstr("DELETE FROM user_tags")));

  ASSERT_THAT(session_->Delete(blue), IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(), ElementsAre(HasSubstr("DELETE FROM user_tags"),
                                           HasSubstr("DELETE FROM tags")));
}

// SES-42
TEST_F(UnitOfWorkTest, CountsVersionsAndSeesAStaleOne) {
  EntityRef note = Add(*model_.note, Note{.text = "a"});
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(As<Note>(note).version, 1);
  Edit<Note>(note).text = "b";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(As<Note>(note).version, 2);

  auto other = NewSession();
  EntityRef same = other->Get(*model_.note, As<Note>(note).id).value();
  static_cast<Note*>(same.Edit().value())->text = "theirs";
  ASSERT_THAT(other->Commit(), IsOk());

  Edit<Note>(note).text = "mine";
  const absl::Status status = session_->Commit();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kAborted, HasSubstr("stale Note")));
  EXPECT_EQ(engine::KindOf(status), engine::ErrorKind::kStale);
  EXPECT_THAT(engine::GetErrorInfo(status)->detail,
              HasSubstr("expected version=2"));
  EXPECT_EQ(As<Note>(note).version, 2);
  EXPECT_EQ(As<Note>(note).text, "mine");

  ASSERT_THAT(session_->Delete(note), IsOk());
  EXPECT_THAT(session_->Flush(), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(session_->Refresh(note), IsOk());
  EXPECT_EQ(As<Note>(note).text, "theirs");
}

// SES-43
TEST_F(UnitOfWorkTest, ReportsARowThatIsGone) {
  EntityRef user = Add(*model_.user, User{.name = "a"});
  ASSERT_THAT(session_->Commit(), IsOk());
  Sql("DELETE FROM users");
  Edit<User>(user).name = "b";
  EXPECT_THAT(session_->Flush(),
              StatusIs(absl::StatusCode::kAborted,
                       HasSubstr("expected 1 row of users, matched 0")));
  ASSERT_THAT(session_->Rollback(), IsOk());
  ASSERT_THAT(session_->Delete(user), IsOk());
  EXPECT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("had been deleted already")));
}

// SES-44
TEST_F(UnitOfWorkTest, WritesAnExpressionAndReadsItBack) {
  EntityRef category = Add(*model_.category, Category{.name = "c"});
  EntityRef post =
      Add(*model_.post,
          Post{.title = "t", .score = 4, .category = ToOneLink(category)});
  ASSERT_THAT(session_->Commit(), IsOk());
  const int score = model_.post->FindProperty("score");
  const query::Expr column =
      query::ColumnOf(*model_.post->property(score).column);
  const engine::ValueView three = engine::ValueView::Int64(3);
  ASSERT_THAT(
      session_->SetExpression(
          post, score,
          query::Binary(query::Operator::kAdd, column,
                        query::BindView(three, column.type()), column.type())),
      IsOk());
  recorder_.Clear();
  ASSERT_THAT(session_->Flush(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre(HasSubstr("SET score = score + ?")));
  // It came with RETURNING where an UPDATE has that.
  EXPECT_EQ(post.needs_load(),
            !engine_.dialect().capabilities().update_returning);
  ASSERT_THAT(post.Load(), IsOk());
  EXPECT_EQ(As<Post>(post).score, 7);
}

// SES-34
TEST_F(UnitOfWorkTest, FetchesDefaultsOfTheDatabase) {
  EntityRef note = Add(*model_.note, Note{.text = "a"});
  recorder_.Clear();
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(note.Load(), IsOk());
  EXPECT_EQ(As<Note>(note).state, "new");
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
}

// SES-45
TEST_F(UnitOfWorkTest, WritesNullOverADefaultWhenTold) {
  EntityRef note = Add(*model_.note, Note{.text = "a"});
  ASSERT_THAT(session_->SetExpression(note, model_.note->FindProperty("state"),
                                      query::Null()),
              IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM notes WHERE state IS NULL"), 1);
}

// SES-45
TEST_F(UnitOfWorkTest, InsertsRowsBesideOneWithAnExpression) {
  EntityRef null = Add(*model_.note, Note{.text = "a"});
  EntityRef other = Add(*model_.note, Note{.text = "b", .state = "old"});
  ASSERT_THAT(session_->SetExpression(null, model_.note->FindProperty("state"),
                                      query::Null()),
              IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_NE(As<Note>(null).id, 0);
  EXPECT_NE(As<Note>(other).id, As<Note>(null).id);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM notes WHERE state = 'old'"), 1);
}

// U6
TEST_F(UnitOfWorkTest, SwitchesTheRowWhenAKeyIsDeletedAndAddedAgain) {
  EntityRef seat = Add(*model_.seat, Seat{5, "a", "old"});
  ASSERT_THAT(session_->Commit(), IsOk());
  ASSERT_THAT(session_->Delete(seat), IsOk());
  EntityRef heir = Add(*model_.seat, Seat{5, "a", "new"});
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre(HasSubstr("UPDATE seats SET guest = ?")));
  EXPECT_EQ(seat.lifecycle(), Lifecycle::kDetached);
  const std::vector<engine::ValueView> key = {engine::ValueView::Int64(5),
                                              engine::ValueView::Text("a")};
  EXPECT_EQ(session_->Get(*model_.seat, key).value(), heir);
}

// U5
TEST_F(UnitOfWorkTest, RefusesASecondEntityWithAKey) {
  Add(*model_.user, User{.id = 5, .name = "one"});
  ASSERT_THAT(session_->Commit(), IsOk());
  EntityRef first = Get(*model_.user, 5);
  EntityRef second = Add(*model_.user, User{.id = 5, .name = "two"});
  recorder_.Clear();
  EXPECT_THAT(session_->Flush(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(recorder_.count(), 0);
  EXPECT_EQ(second.lifecycle(), Lifecycle::kPending);
}

// SES-41
TEST_F(UnitOfWorkTest, FollowsAChangeOfThePrimaryKey) {
  EntityRef seat = Add(*model_.seat, Seat{1, "a", "Ada"});
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<Seat>(seat).letter = "b";
  ASSERT_THAT(session_->Commit(), IsOk());
  const std::vector<engine::ValueView> key = {engine::ValueView::Int64(1),
                                              engine::ValueView::Text("b")};
  recorder_.Clear();
  EXPECT_EQ(session_->Get(*model_.seat, key).value(), seat);
  EXPECT_EQ(recorder_.count(), 0);
}

// SES-47, SES-20, C-06, U1
TEST_F(UnitOfWorkTest, AFailedFlushUndoesItselfAndNothingElse) {
  EntityRef earlier = Add(*model_.tag, Tag{.label = "earlier"});
  ASSERT_THAT(session_->Flush(), IsOk());
  std::vector<EntityRef> tags;
  for (int i = 0; i < 10; ++i) {
    tags.push_back(Add(
        *model_.tag, Tag{.label = i == 6 ? "earlier" : absl::StrCat("t", i)}));
  }
  const absl::Status status = session_->Flush();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(engine::KindOf(status), engine::ErrorKind::kUniqueViolation);
  for (const EntityRef& tag : tags) {
    EXPECT_EQ(tag.lifecycle(), Lifecycle::kPending);
    EXPECT_EQ(As<Tag>(tag).id, 0);
  }
  EXPECT_EQ(session_->new_entities().size(), 10u);
  EXPECT_EQ(session_->identity_count(), 1u);
  // The session goes on, and earlier work is there.
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags"), 1);
  static_cast<Tag*>(tags[6].Edit().value())->label = "cured";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tags"), 11);
  EXPECT_NE(As<Tag>(tags[0]).id, 0);
}

// U1
TEST_F(UnitOfWorkTest, AFailedFlushRestoresKeysVersionsAndDeletes) {
  EntityRef note = Add(*model_.note, Note{.text = "a"});
  EntityRef doomed = Add(*model_.note, Note{.text = "doomed"});
  EntityRef user = Add(*model_.user, User{.name = "u"});
  Add(*model_.tag, Tag{.label = "taken"});
  ASSERT_THAT(session_->Commit(), IsOk());

  Edit<Note>(note).text = "b";
  ASSERT_THAT(session_->Delete(doomed), IsOk());
  EntityRef address = Make(Address{.city = "x"});
  Edit<User>(user).addresses.Append(address);
  EntityRef clash = Add(*model_.tag, Tag{.label = "taken"});
  EXPECT_THAT(session_->Flush(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(As<Note>(note).version, 1);
  EXPECT_EQ(As<Note>(note).text, "b");
  EXPECT_TRUE(session_->IsModified(note));
  EXPECT_EQ(session_->deleted().size(), 1u);
  EXPECT_EQ(As<Address>(address).user_id, std::nullopt);
  EXPECT_EQ(As<Address>(address).id, 0);

  static_cast<Tag*>(clash.Edit().value())->label = "free";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(As<Note>(note).version, 2);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM notes"), 1);
  EXPECT_EQ(Scalar("SELECT user_id FROM addresses"), As<User>(user).id);
}

TEST_F(UnitOfWorkTest, ReportsALinkToWhatIsNotInTheSession) {
  EntityRef user = Add(*model_.user, User{.name = "u"});
  EntityRef address = Make(Address{.city = "x"});
  Edit<User>(user).addresses.Append(address);
  ASSERT_THAT(session_->Expunge(address), IsOk());
  ASSERT_THAT(session_->Flush(), IsOk());
  EntityRef orphan = Make(Address{.city = "y"});
  ASSERT_THAT(session_->Add(orphan), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
}

// U17
TEST_F(UnitOfWorkTest, RefusesARequiredLinkThatIsSetToNothing) {
  EntityRef category = Add(*model_.category, Category{.name = "c"});
  EntityRef post =
      Add(*model_.post, Post{.title = "t", .category = ToOneLink(category)});
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<Post>(post).category.Set(EntityRef());
  recorder_.Clear();
  EXPECT_THAT(session_->Flush(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr("Post.category_id")));
  EXPECT_EQ(recorder_.count(), 0);
}

TEST_F(UnitOfWorkTest, MovesAOneToOneAndFreesTheFormer) {
  EntityRef user = Add(*model_.user, User{.name = "u"});
  EntityRef first = Make(Profile{.bio = "first"});
  Edit<User>(user).profile.Set(first);
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  user = Get(*model_.user, 1);
  EntityRef second = Make(Profile{.bio = "second"});
  Edit<User>(user).profile.Set(second);
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM profiles WHERE user_id = 1"), 1);
  EXPECT_EQ(Scalar("SELECT id FROM profiles WHERE user_id = 1"),
            As<Profile>(second).id);
}

// ENG-71: keys come back by RETURNING, where that is the dialect's way.
TEST(InsertStrategyTest, NewRowsGoInPagesWhereTheDialectWantsThem) {
  const auto dialect =
      testing::AlteredDialect([](engine::Capabilities& can, engine::Syntax&) {
        can.last_insert_id = false;
        can.insert_strategy = engine::InsertStrategy::kMultiRowReturning;
        can.max_insert_rows = 2;
      });
  const TestModel& model = TestModel::Get();
  engine::Engine engine =
      engine::Engine::Create({.uri = testing::MemoryUrl(), .dialect = dialect})
          .value();
  engine::Connection connection = engine.Connect().value();
  ASSERT_THAT(model.metadata().CreateAll(connection), IsOk());
  ASSERT_THAT(connection.Commit(), IsOk());
  Session session(engine, model.registry());
  std::vector<EntityRef> users;
  for (int i = 0; i < 5; ++i) {
    User user{.name = absl::StrCat("user", i)};
    users.push_back(session.Add(*model.user, &user));
  }
  engine::StatementRecorder recorder(engine);
  ASSERT_THAT(session.Commit(), IsOk());
  EXPECT_THAT(recorder.sql(), ElementsAre(HasSubstr("), ("), HasSubstr("), ("),
                                          HasSubstr("RETURNING id")))
      << recorder.DebugString();
  for (const EntityRef& user : users) {
    const User& value = *static_cast<const User*>(user.object());
    absl::StatusOr<engine::Cursor> row = connection.Query(
        absl::StrCat("SELECT name FROM users WHERE id = ", value.id));
    ASSERT_THAT(row, IsOk());
    ASSERT_TRUE(row->Next().value());
    EXPECT_EQ(row->row()[0].bytes(), value.name);
  }
}

}  // namespace
}  // namespace cupel::session
