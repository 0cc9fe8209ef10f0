// How relationships and columns are loaded, counted in statements.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/session/test_model.h"
#include "cupel/testing/plain_placeholders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class LoadingTest : public SessionTest {
 protected:
  // Users with two addresses and one tag each, in a fresh session.
  void Fill(int users, SessionOptions options = {}) {
    EntityRef tag = Make(Tag{.label = "common"});
    for (int i = 0; i < users; ++i) {
      User user{.name = absl::StrCat("user", i)};
      user.addresses.Append(Make(Address{.city = absl::StrCat("a", i)}));
      user.addresses.Append(Make(Address{.city = absl::StrCat("b", i)}));
      user.tags.Append(tag);
      Add(*model_.user, std::move(user));
    }
    ASSERT_THAT(session_->Commit(), IsOk());
    Reopen(std::move(options));
    recorder_.Clear();
  }
  const Relationship& addresses_ = model_.link(*model_.user, "addresses");
  const Relationship& user_ = model_.link(*model_.address, "user");
  const Relationship& tags_ = model_.link(*model_.user, "tags");
  engine::StatementRecorder recorder_{engine_};
};

// ORM-60
TEST_F(LoadingTest, LoadsLazilyOneByOne) {
  Fill(3, {.lazy_policy = LazyPolicy::kPlain});
  std::vector<EntityRef> users = All(*model_.user);
  for (int pass = 0; pass < 2; ++pass) {
    for (const EntityRef& user : users) {
      ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
      EXPECT_THAT(As<User>(user).addresses.targets(), SizeIs(2));
    }
    EXPECT_EQ(recorder_.count(), 4);
  }
  // The way back is known, and so is a target in the map.
  const EntityRef address(As<User>(users[0]).addresses.targets()[0]);
  EXPECT_EQ(As<Address>(address).user.Load().value(), users[0]);
  EXPECT_EQ(recorder_.count(), 4);
}

// ORM-60
TEST_F(LoadingTest, ServesAToOneFromTheMap) {
  Fill(3);
  std::vector<EntityRef> users = All(*model_.user);
  std::vector<EntityRef> addresses = All(*model_.address);
  recorder_.Clear();
  for (const EntityRef& address : addresses) {
    EXPECT_TRUE(*As<Address>(address).user.Load());
  }
  EXPECT_EQ(recorder_.count(), 0);
}

// C-01
TEST_F(LoadingTest, ALoopOverAThousandParentsTakesAboutTenStatements) {
  Fill(1000);
  std::vector<EntityRef> users = All(*model_.user);
  recorder_.Clear();
  for (const EntityRef& user : users) {
    ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
    ASSERT_THAT(As<User>(user).addresses.targets(), SizeIs(2));
  }
  EXPECT_LE(recorder_.count(), 12) << recorder_.DebugString();
}

// C-01
TEST_F(LoadingTest, NeverLoadsMoreThanTwiceWhatIsTouched) {
  Fill(100);
  std::vector<EntityRef> users = All(*model_.user);
  int touched = 0;
  for (size_t i = 0; i < users.size(); i += 7) {
    ASSERT_THAT(As<User>(users[i]).addresses.Load(), IsOk());
    ++touched;
    int loaded = 0;
    for (const EntityRef& user : users) {
      if (As<User>(user).addresses.is_loaded()) ++loaded;
    }
    EXPECT_LE(loaded, 2 * touched);
  }
}

// ORM-62
TEST_F(LoadingTest, SelectInTakesOneStatementForFiveHundredParents) {
  Fill(1200);
  const schema::Column& id = *model_.user->property(0).column;
  EntityQuery query = Query(*model_.user);
  query.select =
      query.select.Where(query::TypedExpr<int64_t>(query::ColumnOf(id)) > 0);
  query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kSelectIn)};
  const std::vector<EntityRef> users =
      session_->Execute(std::move(query)).value().All().value();
  ASSERT_THAT(users, SizeIs(1200));
  EXPECT_EQ(recorder_.count(), 4) << recorder_.DebugString();
  for (const EntityRef& user : users) {
    ASSERT_TRUE(As<User>(user).addresses.is_loaded());
    ASSERT_THAT(As<User>(user).addresses.targets(), SizeIs(2));
  }
}

// ORM-62
TEST_F(LoadingTest, SelectInFollowsLinksAndPaths) {
  Fill(3);
  std::vector<EntityRef> users =
      All(*model_.user,
          {LoadOption::Load({&tags_}, LoadStrategy::kSelectIn),
           LoadOption::Load({&tags_, tags_.reverse}, LoadStrategy::kSelectIn)});
  EXPECT_EQ(recorder_.count(), 3) << recorder_.DebugString();
  const EntityRef tag(As<User>(users[0]).tags.targets()[0]);
  EXPECT_TRUE(As<Tag>(tag).users.is_loaded());
  EXPECT_THAT(As<Tag>(tag).users.targets(), SizeIs(3));
}

// ORM-61
TEST_F(LoadingTest, JoinedTakesOneStatement) {
  Fill(3);
  std::vector<EntityRef> users =
      All(*model_.user, {LoadOption::Load({&addresses_}, LoadStrategy::kJoined),
                         LoadOption::Load({&tags_}, LoadStrategy::kJoined)});
  ASSERT_THAT(users, SizeIs(3));
  for (const EntityRef& user : users) {
    EXPECT_TRUE(As<User>(user).addresses.is_loaded());
    EXPECT_THAT(As<User>(user).addresses.targets(), SizeIs(2));
    EXPECT_THAT(As<User>(user).tags.targets(), SizeIs(1));
  }
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
}

// ORM-61, C-09
TEST_F(LoadingTest, JoinedRespectsLimitAndOrder) {
  Fill(5);
  EntityQuery query = Query(*model_.user);
  query.select = query.select.ClearOrder()
                     .OrderBy(query::Order(
                         query::ColumnOf(*model_.user->property(1).column),
                         /*descending=*/true))
                     .Limit(2);
  query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kJoined)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  auto users = result->All();
  ASSERT_THAT(users, IsOk());
  ASSERT_THAT(*users, SizeIs(2));
  EXPECT_EQ(As<User>((*users)[0]).name, "user4");
  EXPECT_EQ(As<User>((*users)[1]).name, "user3");
  EXPECT_THAT(As<User>((*users)[0]).addresses.targets(), SizeIs(2));
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
}

// ORM-61
TEST_F(LoadingTest, JoinedToOneWithLimitNeedsNoSubquery) {
  Fill(2);
  EntityQuery query = Query(*model_.address);
  query.select = query.select.Limit(3);
  query.options = {LoadOption::Load({&user_}, LoadStrategy::kJoined)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  ASSERT_THAT(*result->All(), SizeIs(3));
  EXPECT_THAT(recorder_.sql(), ElementsAre(Not(HasSubstr("page"))));
}

// ORM-63
TEST_F(LoadingTest, SubqueryRepeatsTheQuery) {
  Fill(4);
  EntityQuery query = Query(*model_.user);
  const schema::Column& name = *model_.user->property(1).column;
  query.select = query.select.Where(query::Binary(
      query::Operator::kEqual, query::ColumnOf(name),
      query::BindView(engine::ValueView::Text("user2"), &name.type()),
      nullptr));
  query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kSubquery)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  auto users = result->All();
  ASSERT_THAT(*users, SizeIs(1));
  EXPECT_THAT(As<User>((*users)[0]).addresses.targets(), SizeIs(2));
  EXPECT_THAT(
      cupel::testing::WithPlainPlaceholders(recorder_.sql()),
      ElementsAre(HasSubstr("users.name = ?"),
                  AllOf(HasSubstr("addresses"), HasSubstr("users.name = ?"))));
}

// ORM-63: a page of the parents, in an order that is not that of their keys.
TEST_F(LoadingTest, SubqueryKeepsToThePageOfTheQuery) {
  Fill(4);
  EntityQuery query = Query(*model_.user);
  query.select = query.select.ClearOrder()
                     .OrderBy(query::Order(
                         query::ColumnOf(*model_.user->property(1).column),
                         /*descending=*/true))
                     .Limit(2);
  query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kSubquery)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  auto users = result->All();
  ASSERT_THAT(users, IsOk());
  ASSERT_THAT(*users, SizeIs(2));
  for (const EntityRef& user : *users) {
    EXPECT_TRUE(As<User>(user).addresses.is_loaded());
    EXPECT_THAT(As<User>(user).addresses.targets(), SizeIs(2));
  }
  EXPECT_EQ(recorder_.count(), 2);
}

// ORM-64
TEST_F(LoadingTest, RaiseNamesTheRelationshipAndSendsNothing) {
  Fill(2);
  std::vector<EntityRef> users = All(
      *model_.user, {LoadOption::Load({&addresses_}, LoadStrategy::kRaise)});
  recorder_.Clear();
  EXPECT_THAT(As<User>(users[0]).addresses.Load(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("User.addresses")));
  EXPECT_EQ(recorder_.count(), 0);
  // It does not stick: another query is not affected.
  users = All(*model_.user);
  EXPECT_THAT(As<User>(users[0]).addresses.Load(), IsOk());
}

// ORM-64
TEST_F(LoadingTest, RaiseOnSqlStillServesFromTheMap) {
  Fill(1);
  EntityRef user = Get(*model_.user, 1);
  std::vector<EntityRef> addresses = All(
      *model_.address, {LoadOption::Load({&user_}, LoadStrategy::kRaiseOnSql)});
  EXPECT_EQ(As<Address>(addresses[0]).user.Load().value(), user);
}

// ORM-64
TEST_F(LoadingTest, NoLoadStaysEmptyAndImmediateLoadsNow) {
  Fill(3);
  std::vector<EntityRef> users =
      All(*model_.user, {LoadOption::Load({&addresses_}, LoadStrategy::kNoLoad),
                         LoadOption::Load({&tags_}, LoadStrategy::kImmediate)});
  EXPECT_EQ(recorder_.count(), 4);
  EXPECT_THAT(As<User>(users[0]).addresses.Load(), IsOk());
  EXPECT_THAT(As<User>(users[0]).addresses.targets(), SizeIs(0));
  EXPECT_TRUE(As<User>(users[0]).tags.is_loaded());
  EXPECT_EQ(recorder_.count(), 4);
}

// ORM-65
TEST_F(LoadingTest, ContainsEagerTakesTheQuerysOwnJoin) {
  Fill(2);
  EntityQuery query = Query(*model_.user);
  const schema::Column& city = *model_.address->property(2).column;
  query.select =
      query.select
          .Join(query::FromItem(model_.address->table()),
                query::Binary(
                    query::Operator::kEqual,
                    query::ColumnOf(*model_.address->property(1).column),
                    query::ColumnOf(*model_.user->property(0).column), nullptr))
          .Where(query::Binary(
              query::Operator::kEqual, query::ColumnOf(city),
              query::BindView(engine::ValueView::Text("b1"), &city.type()),
              nullptr));
  query.options = {
      LoadOption::Load({&addresses_}, LoadStrategy::kContainsEager)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  auto users = result->All();
  ASSERT_THAT(*users, SizeIs(1));
  EXPECT_THAT(As<User>((*users)[0]).addresses.targets(), SizeIs(1));
  EXPECT_EQ(recorder_.count(), 1);
}

// ORM-66
TEST_F(LoadingTest, OptionsReachDeepIntoAPathAndWildcardsStayOnTheirEntity) {
  Fill(2);
  std::vector<EntityRef> users =
      All(*model_.user,
          {LoadOption::All({}, LoadStrategy::kRaise),
           LoadOption::Load({&tags_}, LoadStrategy::kLazy),
           LoadOption::Load({&tags_, tags_.reverse}, LoadStrategy::kSelectIn)});
  EXPECT_THAT(As<User>(users[0]).addresses.Load(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  recorder_.Clear();
  ASSERT_THAT(As<User>(users[0]).tags.Load(), IsOk());
  EXPECT_EQ(recorder_.count(), 2);
  const EntityRef tag(As<User>(users[0]).tags.targets()[0]);
  EXPECT_TRUE(As<Tag>(tag).users.is_loaded());
}

// ORM-67
TEST_F(LoadingTest, LoadOnlyReadsNamedColumnsAndTheKey) {
  Fill(3);
  const int name = model_.user->FindProperty("name");
  const int email = model_.user->FindProperty("email");
  std::vector<EntityRef> users =
      All(*model_.user, {LoadOption::Only({}, {name})});
  EXPECT_THAT(recorder_.sql(), ElementsAre(Not(HasSubstr("email"))));
  EXPECT_TRUE(session_->IsLoaded(users[0], name));
  EXPECT_FALSE(session_->IsLoaded(users[0], email));
  EXPECT_TRUE(users[0].needs_load());
  ASSERT_THAT(users[0].Load(), IsOk());
  EXPECT_FALSE(users[0].needs_load());
  EXPECT_EQ(recorder_.count(), 2);
  // A later query brings what is missing.
  All(*model_.user);
  EXPECT_FALSE(users[1].needs_load());
}

// ORM-67
TEST_F(LoadingTest, DeferLeavesColumnsOut) {
  Fill(1);
  const int name = model_.user->FindProperty("name");
  std::vector<EntityRef> users =
      All(*model_.user, {LoadOption::Defer({}, {name})});
  EXPECT_THAT(recorder_.sql(),
              ElementsAre(AllOf(HasSubstr("email"), Not(HasSubstr("name")))));
  ASSERT_THAT(users[0].LoadProperty(model_.user->property(name).offset),
              IsOk());
  EXPECT_EQ(As<User>(users[0]).name, "user0");
}

// ORM-68
TEST_F(LoadingTest, SelectInFollowsATreeToItsLeaves) {
  EntityRef parent;
  for (int i = 0; i < 4; ++i) {
    parent = Make(Node{.name = absl::StrCat(i), .parent = ToOneLink(parent)});
  }
  ASSERT_THAT(session_->Add(parent), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  recorder_.Clear();
  EntityQuery query = Query(*model_.node);
  const schema::Column& parent_id = *model_.node->property(1).column;
  query.select = query.select.Where(query::Unary(
      query::Operator::kIsNull, query::ColumnOf(parent_id), nullptr));
  query.options = {LoadOption::Load({&model_.link(*model_.node, "children")},
                                    LoadStrategy::kSelectIn)};
  query.options[0].recursion_depth = -1;
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(recorder_.count(), 5) << recorder_.DebugString();
}

// C-01
TEST_F(LoadingTest, APolicyWarnsOfRepeatedLazyLoads) {
  SessionOptions options;
  options.lazy_policy = LazyPolicy::kWarn;
  options.warn_after = 3;
  Fill(5, std::move(options));
  for (const EntityRef& user : All(*model_.user)) {
    ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
  }
  EXPECT_THAT(warnings_, ElementsAre(AllOf(HasSubstr("User.addresses"),
                                           HasSubstr("loading_test.cc:"))));
}

// C-01
TEST_F(LoadingTest, APolicyRefusesLazyLoads) {
  Fill(1, {.lazy_policy = LazyPolicy::kRefuse});
  std::vector<EntityRef> users = All(*model_.user);
  recorder_.Clear();
  EXPECT_THAT(As<User>(users[0]).addresses.Load(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("User.addresses"),
                             HasSubstr("loading_test.cc:"))));
  EXPECT_EQ(recorder_.count(), 0);
}

// ORM-50
TEST_F(LoadingTest, CollectionsComeInTheirOrder) {
  EntityRef root = Add(*model_.node, Node{.name = "root"});
  for (const char* name : {"c", "a", "b"}) {
    Edit<Node>(root).children.Append(Make(Node{.name = name}));
  }
  ASSERT_THAT(session_->Commit(), IsOk());
  Reopen();
  root = Get(*model_.node, 1);
  ASSERT_THAT(As<Node>(root).children.Load(), IsOk());
  std::string names;
  for (EntityState* child : As<Node>(root).children.targets()) {
    names += static_cast<const Node*>(child->object())->name;
  }
  EXPECT_EQ(names, "abc");
}

TEST_F(LoadingTest, ACollectionThatIsNotLoadedRemembersItsChanges) {
  Fill(1);
  EntityRef user = Get(*model_.user, 1);
  recorder_.Clear();
  EntityRef added = Make(Address{.city = "new"});
  Edit<User>(user).addresses.Append(added);
  EXPECT_EQ(recorder_.count(), 0);
  Session::AutoflushGuard guard(*session_);
  ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
  EXPECT_THAT(As<User>(user).addresses.targets(), SizeIs(3));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM addresses WHERE user_id = 1"), 3);
}

// SES-61
TEST_F(LoadingTest, StreamsInParts) {
  Fill(100);
  EntityQuery query = Query(*model_.user);
  query.yield_per = 10;
  query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kSelectIn)};
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  int count = 0;
  while (true) {
    auto more = result->Next();
    ASSERT_THAT(more, IsOk());
    if (!*more) break;
    ++count;
    ASSERT_THAT(As<User>(result->entity()).addresses.targets(), SizeIs(2));
  }
  EXPECT_EQ(count, 100);
  EXPECT_EQ(recorder_.count(), 11);
}

TEST_F(LoadingTest, RowsMayHoldSeveralEntitiesAndValues) {
  Fill(1);
  EntityQuery query;
  query.items = {
      {.entity = model_.user},
      {.entity = model_.address},
      {.column = query::ColumnOf(*model_.address->property(2).column)}};
  query.select =
      query::Select(query::ColumnOf(*model_.user->property(0).column))
          .SelectFrom(query::FromItem(model_.user->table()))
          .Join(query::FromItem(model_.address->table()));
  auto result = session_->Execute(std::move(query));
  ASSERT_THAT(result, IsOk());
  int rows = 0;
  while (result->Next().value()) {
    ++rows;
    std::string city;
    ASSERT_THAT(result->Read(2, engine::TypeOpsOf<std::string>(), &city),
                IsOk());
    EXPECT_EQ(city, As<Address>(result->entity(1)).city);
    EXPECT_EQ(As<User>(result->entity(0)).name, "user0");
  }
  EXPECT_EQ(rows, 2);
}

// Loading for most of the parents that there are.
class ScanTest : public SessionTest {
 protected:
  void Fill(int users) {
    for (int i = 0; i < users; ++i) {
      User user{.name = absl::StrCat("user", i)};
      for (int k = 0; k < i % 4; ++k) {
        user.addresses.Append(
            Make(Address{.city = absl::StrCat(users - i, " ", k)}));
      }
      Add(*model_.user, std::move(user));
    }
    Add(*model_.address, Address{.city = "nobody's"});
    ASSERT_THAT(session_->Commit(), IsOk());
    Reopen();
    recorder_.Clear();
  }
  std::vector<EntityRef> AllUsers(bool filtered) {
    EntityQuery query = Query(*model_.user);
    query.options = {LoadOption::Load({&addresses_}, LoadStrategy::kSelectIn)};
    if (filtered) query.select = AnyUser();
    return session_->Execute(std::move(query)).value().All().value();
  }
  query::Select AnyUser() const {
    const schema::Column& id = *model_.user->property(0).column;
    return query::Select(query::TypedExpr<int64_t>(query::ColumnOf(id)))
        .Where(query::TypedExpr<int64_t>(query::ColumnOf(id)) > 0);
  }
  static std::vector<std::string> Cities(const std::vector<EntityRef>& users) {
    std::vector<std::string> all;
    for (const EntityRef& user : users) {
      all.push_back(absl::StrCat(As<User>(user).name, ":"));
      for (const auto& address : As<User>(user).addresses.targets()) {
        absl::StrAppend(&all.back(), " ", As<Address>(EntityRef(address)).city);
        EXPECT_EQ(As<Address>(EntityRef(address)).user.Load().value(), user);
      }
    }
    return all;
  }
  const Relationship& addresses_ = model_.link(*model_.user, "addresses");
  engine::StatementRecorder recorder_{engine_};
};

TEST_F(ScanTest, GivesWhatListsOfKeysGive) {
  Fill(700);
  std::vector<EntityRef> users = AllUsers(false);
  const std::vector<std::string> scanned = Cities(users);
  EXPECT_THAT(recorder_.sql(), AllOf(SizeIs(2), Each(Not(HasSubstr(" IN ")))));
  // Only what was asked for is there.
  EXPECT_THAT(session_->entities(), SizeIs(700 + 175 * (1 + 2 + 3)));
  users.clear();
  Reopen();
  recorder_.Clear();
  const std::vector<std::string> listed = Cities(AllUsers(true));
  EXPECT_THAT(recorder_.sql(), AllOf(SizeIs(3), Contains(HasSubstr(" IN "))));
  EXPECT_EQ(scanned, listed);
}

TEST_F(ScanTest, AsksForFewParentsByTheirKeys) {
  Fill(20);
  AllUsers(false);
  EXPECT_THAT(recorder_.sql(), Contains(HasSubstr(" IN ")));
}

TEST_F(ScanTest, ServesTouchesOneByOne) {
  Fill(700);
  const std::vector<EntityRef> users = All(*model_.user);
  for (const EntityRef& user : users) {
    ASSERT_THAT(As<User>(user).addresses.Load(), IsOk());
  }
  const std::vector<std::string> touched = Cities(users);
  Reopen();
  EXPECT_EQ(touched, Cities(AllUsers(true)));
}

}  // namespace
}  // namespace cupel::session
