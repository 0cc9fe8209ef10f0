#include "cupel/orm/session.h"

#include <string>
#include <vector>

#include "cupel/orm/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

using SessionTest = DatabaseTest;

std::vector<std::string> Titles(const Collection<Post>& posts) {
  std::vector<std::string> titles;
  for (const Post& post : posts) titles.push_back(post.title);
  return titles;
}

TEST_F(SessionTest, WritesAndReadsBack) {
  const Ref<User> admin =
      session().Add(User{.username = "admin", .email = "admin@example.com"});
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(admin->id, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> same, session().Get<User>(1));
  EXPECT_EQ(same, admin);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> read, Fresh().Get<User>(1));
  EXPECT_EQ(read->username, "admin");
  EXPECT_EQ(read->age, std::nullopt);
  EXPECT_EQ(statements(), 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<User> none, session().Get<User>(2));
  EXPECT_EQ(none, nullptr);
}

// C-03
TEST_F(SessionTest, FillsKeysWithoutASelectAndKeepsValuesAfterCommit) {
  recorder().Clear();
  const Ref<User> user = session().Add(User{.username = "a", .email = "b"});
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(user->id, 1);
  EXPECT_EQ(user->username, "a");
  EXPECT_EQ(statements(), 1);
}

// SES-05
TEST_F(SessionTest, WhatLeavesIsNotWrittenUntilItIsMerged) {
  const Ref<User> user = session().Add(User{.username = "a", .email = "b"});
  CUPEL_ASSERT_OK(session().Commit());
  const Ref<User> pending = session().Add(User{.username = "x", .email = "y"});
  session().ExpungeAll();
  EXPECT_FALSE(session().Contains(user));
  EXPECT_FALSE(session().Contains(pending));
  user.Edit().email = "edited";
  recorder().Clear();
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(statements(), 0);
  CUPEL_ASSERT_OK(session().Merge(user));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(const Ref<User> read, Fresh().Get<User>(user->id));
  EXPECT_EQ(read->email, "edited");
}

TEST_F(SessionTest, WritesOnlyWhatChanged) {
  const Ref<User> user = session().Add(User{.username = "a", .email = "b"});
  CUPEL_ASSERT_OK(session().Commit());
  recorder().Clear();
  user.Edit().username = "a";
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(statements(), 0);
  user.Edit().email = "c";
  CUPEL_ASSERT_OK(session().Commit());
  ASSERT_EQ(statements(), 1);
  EXPECT_THAT(recorder().sql()[0], HasSubstr("email"));
  EXPECT_THAT(recorder().sql()[0], ::testing::Not(HasSubstr("username")));
}

// ORM-40, ORM-41
TEST_F(SessionTest, LinkingOneEndLinksTheOther) {
  const Ref<Category> py = session().Add(Category{.name = "Python"});
  const Ref<Post> hello = session().Add(Post{.title = "Hello", .category = py});
  const Ref<Post> snakes = py.Edit().posts.Append(Post{.title = "Snakes"});
  // Before any SQL:
  EXPECT_THAT(Titles(py->posts), ElementsAre("Hello", "Snakes"));
  EXPECT_EQ(snakes->category.ref(), py);
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(snakes->category_id, py->id);

  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Category> read,
                             Fresh().Query<Category>().One());
  EXPECT_THAT(Titles(read->posts), UnorderedElementsAre("Hello", "Snakes"));
  EXPECT_EQ(statements(), 2);
}

TEST_F(SessionTest, TakesPlainValuesThatWereLinkedBefore) {
  Category category{.name = "Python"};
  category.posts.Append(Post{.title = "one"});
  category.posts.Append(Post{.title = "two"});
  session().Add(std::move(category));
  session().Add(Post{.title = "three", .category = Category{.name = "C++"}});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto posts, Fresh().Query<Post>().OrderBy(col<&Post::title>).All());
  ASSERT_EQ(posts.size(), 3u);
  EXPECT_EQ(posts[0]->category->name, "Python");
  EXPECT_EQ(posts[1]->category->name, "C++");
}

// ORM-42
TEST_F(SessionTest, ManyToManyManagesItsLinkRows) {
  const Ref<Category> category = session().Add(Category{.name = "c"});
  const Ref<Post> post =
      session().Add(Post{.title = "p", .category = category});
  const Ref<Tag> red = session().Add(Tag{.name = "red"});
  for (const char* name : {"blue", "green"}) {
    post.Edit().tags.Append(Tag{.name = name});
  }
  red.Edit().posts.Append(post);
  recorder().Clear();
  CUPEL_ASSERT_OK(session().Commit());
  int links = 0;
  for (const auto& statement : recorder().statements()) {
    links += statement.sql.rfind("INSERT INTO post_tag", 0) == 0;
  }
  EXPECT_EQ(links, 1) << recorder().DebugString();
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t rows, session().Query<PostTag>().Count());
  EXPECT_EQ(rows, 3);
  post.Edit().tags.Remove(red);
  CUPEL_ASSERT_OK(session().Commit());

  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Post> read, Fresh().Query<Post>().One());
  std::vector<std::string> names;
  for (const Tag& tag : read->tags) names.push_back(tag.name);
  EXPECT_THAT(names, ElementsAre("blue", "green"));
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t tags, session().Query<Tag>().Count());
  EXPECT_EQ(tags, 3);
}

// ORM-40
TEST_F(SessionTest, OneToOneHasAReferenceAtBothEnds) {
  const Ref<Album> album = session().Add(Album{.title = "Holidays"});
  album.Edit().cover = Picture{.caption = "sea"};
  EXPECT_EQ(album->cover->album.ref(), album);
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Album> read, Fresh().Query<Album>().One());
  EXPECT_EQ(read->cover->caption, "sea");
  EXPECT_EQ(read->created, 7);
}

// ORM-43
TEST_F(SessionTest, AnAssociationCarriesItsOwnData) {
  const Ref<Person> ada = session().Add(Person{.name = "Ada"});
  const Ref<Person> bob = session().Add(Person{.name = "Bob"});
  CUPEL_ASSERT_OK(session().Flush());
  const Ref<Follow> follow = session().Add(
      Follow{.follower_id = ada->id, .leader_id = bob->id, .since = 2024});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto recent,
      session()
          .Query<Person>()
          .Filter(col<&Person::following>.Any(col<&Follow::since> > 2020))
          .All());
  ASSERT_EQ(recent.size(), 1u);
  EXPECT_EQ(recent[0]->name, "Ada");
  CUPEL_ASSERT_OK(session().Delete(follow));
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t people, session().Query<Person>().Count());
  EXPECT_EQ(people, 2);
}

// ORM-44
TEST_F(SessionTest, LinksAClassToItself) {
  Node root{.name = "root"};
  root.children.Append(Node{.name = "b"});
  Ref<Node> a = root.children.Append(Node{.name = "a"});
  session().Add(std::move(root));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(a->parent->name, "root");

  Ref<Person> ada = session().Add(Person{.name = "Ada"});
  ada.Edit().follows.Append(Person{.name = "Bob"});
  CUPEL_ASSERT_OK(session().Commit());

  Session& session = Fresh();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Node> read,
      session.Query<Node>().Filter(col<&Node::parent> == nullptr).One());
  std::vector<std::string> names;
  for (const Node& node : read->children) names.push_back(node.name);
  EXPECT_THAT(names, ElementsAre("a", "b"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Person> bob,
      session.Query<Person>().FilterBy<&Person::name>("Bob").One());
  ASSERT_EQ(bob->followers.size(), 1u);
  EXPECT_EQ(bob->followers[0]->name, "Ada");
  EXPECT_TRUE(bob->follows.empty());
}

// ORM-45
TEST_F(SessionTest, SeveralPathsBetweenTwoTables) {
  session().Add(Order{.billing = Address{.street = "Bill Street"},
                      .shipping = Address{.street = "Ship Street"}});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Order> order, Fresh().Query<Order>().One());
  EXPECT_EQ(order->billing->street, "Bill Street");
  EXPECT_EQ(order->shipping->street, "Ship Street");
  const Alias<Address> to("target");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t found, session()
                         .Query<Order>()
                         .Join<&Order::shipping>(to)
                         .Filter(to.col<&Address::street>() == "Ship Street")
                         .Count());
  EXPECT_EQ(found, 1);
}

// ORM-15
TEST_F(SessionTest, ADeferredColumnIsReadWhenTouched) {
  session().Add(Picture{.caption = "sea", .pixels = std::string("0101")});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Picture> read, Fresh().Query<Picture>().One());
  EXPECT_THAT(recorder().sql()[0], ::testing::Not(HasSubstr("pixels")));
  EXPECT_EQ(read->caption, "sea");
  EXPECT_EQ(statements(), 1);
  EXPECT_EQ(*read->pixels, "0101");
  EXPECT_EQ(statements(), 2);
  read.Edit().pixels = std::string("11");
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Picture> again,
      Fresh().Query<Picture>().Options(Undefer<&Picture::pixels>()).One());
  EXPECT_EQ(*again->pixels, "11");
  EXPECT_EQ(statements(), 1);
}

// C-02
TEST_F(SessionTest, WhatWasLoadedStaysReadableAfterClose) {
  AddCategories(1, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Category> category,
                             Fresh().Query<Category>().One());
  CUPEL_ASSERT_OK(session().Close());
  EXPECT_EQ(category->name, "c1");
  const absl::Status status = category->posts.Load();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Category"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("posts"));
}

// C-04
TEST_F(SessionTest, AQueryFlushesOnlyWhatItReads) {
  session().Add(Post{.title = "without a category", .category_id = 99});
  CUPEL_EXPECT_OK(session().Query<User>().All());
  EXPECT_THAT(session().Query<Post>().All(), ::testing::Not(IsOk()));
  CUPEL_EXPECT_OK(session().Rollback());
}

// C-07
TEST_F(SessionTest, LeavesADeclaredCascadeToTheDatabase) {
  const Ref<Album> album = session().Add(Album{.title = "Holidays"});
  album.Edit().cover = Picture{.caption = "sea"};
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Album> read, Fresh().Query<Album>().One());
  recorder().Clear();
  CUPEL_ASSERT_OK(session().Delete(read));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(statements(), 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t left, session().Query<Picture>().Count());
  EXPECT_EQ(left, 0);
}

// C-07
TEST_F(SessionTest, RefusesToOrphanARequiredKeyBeforeAnySql) {
  AddCategories(1, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Category> category,
                             Fresh().Query<Category>().One());
  absl::Status status = session().Delete(category);
  if (status.ok()) status = session().Commit();
  EXPECT_THAT(status, ::testing::Not(IsOk()));
  for (const std::string& sql : recorder().sql()) {
    EXPECT_THAT(sql, ::testing::Not(HasSubstr("DELETE")));
  }
}

TEST_F(SessionTest, SaysWhichClassIsMissingFromTheModels) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database small,
      Database::Open({.uri = db().config().uri}, Models<User>()));
  Session session = small.NewSession();
  session.Add(Tag{.name = "red"});
  EXPECT_THAT(std::string(session.Commit().message()),
              HasSubstr("class Tag is not among the database's models"));
  EXPECT_THAT(std::string(session.Query<Tag>().All().status().message()),
              HasSubstr("class Tag is not among the database's models"));
}

// FSA-30
TEST_F(SessionTest, EntitiesPrintTheirKey) {
  const Ref<User> user = session().Add(User{.username = "a", .email = "b"});
  EXPECT_THAT(ToString(user), HasSubstr("<User (pending 0x"));
  CUPEL_ASSERT_OK(session().Commit());
  EXPECT_EQ(ToString(user), "<User 1>");
  const Ref<Post> post = session().Add(Post{.category = Category{.name = "c"}});
  post.Edit().tags.Append(Tag{.name = "red"});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<PostTag> link,
                             session().Query<PostTag>().One());
  EXPECT_EQ(ToString(link), "<PostTag 1, 1>");
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<PostTag> same, session().Get<PostTag>(1, 1));
  EXPECT_EQ(same, link);
}

// FSA-41
TEST_F(SessionTest, NotFoundCarries404) {
  const absl::Status by_key = session().GetOr404<User>(7).status();
  EXPECT_THAT(by_key, StatusIs(absl::StatusCode::kNotFound, "no such User"));
  EXPECT_EQ(HttpStatusOf(by_key), 404);
  const absl::Status first =
      session().Query<User>().FirstOr404("no users yet").status();
  EXPECT_EQ(first.message(), "no users yet");
  EXPECT_EQ(HttpStatusOf(first), 404);
  EXPECT_EQ(HttpStatusOf(session().Query<User>().OneOr404().status()), 404);
  EXPECT_EQ(HttpStatusOf(session().Query<User>().One().status()), std::nullopt);
}

TEST_F(SessionTest, ASavepointIsRolledBackUnlessCommitted) {
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto savepoint, session().BeginNested());
    session().Add(User{.username = "lost", .email = "x"});
    CUPEL_ASSERT_OK(session().Flush());
  }
  session().Add(User{.username = "kept", .email = "y"});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto users, Fresh().Query<User>().All());
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users[0]->username, "kept");
}

}  // namespace
}  // namespace cupel::orm_test
