#include "cupel/orm/query.h"

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "cupel/orm/row_query.h"
#include "cupel/orm/test_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using ::testing::Not;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

class QueryTest : public DatabaseTest {
 protected:
  void AddPeople() {
    for (const auto& [name, city] :
         std::vector<std::pair<const char*, const char*>>{
             {"Ada", "London"}, {"Bob", "Paris"}, {"Cid", "London"}}) {
      session().Add(Person{.name = name, .city = city});
    }
    CUPEL_ASSERT_OK(session().Commit());
  }
  // root -> a -> aa, root -> b
  void AddTree() {
    Node root{.name = "root"};
    Node a{.name = "a"};
    a.children.Append(Node{.name = "aa"});
    root.children.Append(std::move(a));
    root.children.Append(Node{.name = "b"});
    session().Add(std::move(root));
    CUPEL_ASSERT_OK(session().Commit());
  }
};

template <typename T>
std::vector<std::string> Names(
    const absl::StatusOr<std::vector<Ref<T>>>& entities) {
  std::vector<std::string> names;
  if (!entities.ok()) return {std::string(entities.status().message())};
  for (const Ref<T>& entity : *entities) names.push_back(entity->name);
  return names;
}

TEST_F(QueryTest, FiltersOrdersAndSlices) {
  AddPeople();
  const Query<Person> people = session().Query<Person>();
  EXPECT_THAT(Names(people.OrderBy(col<&Person::name>.Desc()).All()),
              ElementsAre("Cid", "Bob", "Ada"));
  EXPECT_THAT(Names(people.FilterBy<&Person::city>("Paris").All()),
              ElementsAre("Bob"));
  EXPECT_THAT(Names(people
                        .Filter(col<&Person::city> == "London",
                                col<&Person::name>.Like("C%"))
                        .All()),
              ElementsAre("Cid"));
  EXPECT_THAT(
      Names(people.OrderBy(col<&Person::name>).Offset(1).Limit(1).All()),
      ElementsAre("Bob"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Person> first,
                             people.OrderBy(col<&Person::name>).First());
  EXPECT_EQ(first->name, "Ada");
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t count, people.Count());
  EXPECT_EQ(count, 3);
  CUPEL_ASSERT_OK_AND_ASSIGN(bool exists,
                             people.FilterBy<&Person::name>("Zoe").Exists());
  EXPECT_FALSE(exists);
  EXPECT_THAT(people.One(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(people.FilterBy<&Person::name>("Zoe").One(),
              StatusIs(absl::StatusCode::kNotFound));
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Person> none,
                             people.FilterBy<&Person::name>("Zoe").OneOrNone());
  EXPECT_EQ(none, nullptr);
}

// ORM-53
TEST_F(QueryTest, TestsRelationships) {
  AddCategories(2, 2);
  session().Add(Category{.name = "empty"});
  CUPEL_ASSERT_OK(session().Commit());
  Session& session = Fresh();
  const Query<Category> categories = session.Query<Category>();
  EXPECT_THAT(Names(categories.Filter(col<&Category::posts>.Any()).All()),
              UnorderedElementsAre("c1", "c2"));
  EXPECT_THAT(Names(categories.Filter(!col<&Category::posts>.Any()).All()),
              ElementsAre("empty"));
  EXPECT_THAT(recorder().sql(),
              ElementsAre(HasSubstr(" WHERE EXISTS (SELECT "),
                          HasSubstr(" WHERE NOT EXISTS (SELECT ")));
  EXPECT_THAT(
      Names(categories
                .Filter(col<&Category::posts>.Any(col<&Post::title> == "c2-p1"))
                .All()),
      ElementsAre("c2"));
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Category> c1,
                             categories.FilterBy<&Category::name>("c1").One());
  const Query<Post> posts = session.Query<Post>();
  for (const Query<Post>& query :
       {posts.Filter(col<&Post::category> == c1),
        posts.FilterBy<&Post::category>(c1),
        posts.WithParent<&Category::posts>(c1),
        posts.Filter(col<&Post::category>.Has(col<&Category::name> == "c1"))}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto found, query.All());
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0]->title.substr(0, 2), "c1");
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t others,
                             posts.Filter(col<&Post::category> != c1).Count());
  EXPECT_EQ(others, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t homeless, posts.Filter(col<&Post::category> == nullptr).Count());
  EXPECT_EQ(homeless, 0);
  EXPECT_THAT(
      Names(categories.Filter(col<&Category::posts>.Contains(c1->posts[0]))
                .All()),
      ElementsAre("c1"));
}

// ORM-53
TEST_F(QueryTest, TestsManyToMany) {
  const Ref<Post> post =
      session().Add(Post{.title = "p", .category = Category{.name = "c"}});
  const Ref<Tag> red = post.Edit().tags.Append(Tag{.name = "red"});
  const Ref<Tag> blue = session().Add(Tag{.name = "blue"});
  CUPEL_ASSERT_OK(session().Commit());
  const Query<Post> posts = session().Query<Post>();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t tagged,
      posts.Filter(col<&Post::tags>.Any(col<&Tag::name> == "red")).Count());
  EXPECT_EQ(tagged, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t with_red, posts.Filter(col<&Post::tags>.Contains(red)).Count());
  EXPECT_EQ(with_red, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t with_blue, posts.Filter(col<&Post::tags>.Contains(blue)).Count());
  EXPECT_EQ(with_blue, 0);
  EXPECT_THAT(Names(session().Query<Tag>().WithParent<&Post::tags>(post).All()),
              ElementsAre("red"));
  EXPECT_THAT(Names(session()
                        .Query<Tag>()
                        .Join<&Tag::posts>()
                        .Filter(col<&Post::title> == "p")
                        .All()),
              ElementsAre("red"));
  EXPECT_THAT(
      recorder().sql().back(),
      ContainsRegex(" JOIN post_tag( AS [a-z_0-9]+)? ON .* JOIN post ON "));
}

// ORM-55, ORM-71
TEST_F(QueryTest, JoinsAnAliasOfTheSameClass) {
  AddTree();
  const Alias<Node> parent("parent");
  EXPECT_THAT(Names(session()
                        .Query<Node>()
                        .Join<&Node::parent>(parent)
                        .Filter(parent.col<&Node::name>() == "root")
                        .OrderBy(col<&Node::name>)
                        .All()),
              ElementsAre("a", "b"));
  const Alias<Node> grandparent("grandparent");
  EXPECT_THAT(Names(session()
                        .Query<Node>()
                        .Join<&Node::parent>(parent)
                        .JoinFrom<&Node::parent>(parent, grandparent)
                        .Filter(grandparent.col<&Node::name>() == "root")
                        .All()),
              ElementsAre("aa"));
  EXPECT_THAT(Names(session()
                        .Query<Node>()
                        .Filter(col<&Node::children>.Any())
                        .OrderBy(col<&Node::name>)
                        .All()),
              ElementsAre("a", "root"));
  const Alias<Node> child("child");
  EXPECT_THAT(Names(session()
                        .Query<Node>()
                        .Filter(col<&Node::children>.Any(
                            child, child.col<&Node::name>() == "aa"))
                        .All()),
              ElementsAre("a"));
}

// ORM-71
TEST_F(QueryTest, PairsAClassWithItself) {
  AddPeople();
  const Alias<Person> one("one"), other("other");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto pairs,
      session()
          .Select(one, other)
          .Join(other, one.col<&Person::city>() == other.col<&Person::city>() &&
                           one.col<&Person::id>() < other.col<&Person::id>())
          .All());
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(std::get<0>(pairs[0])->name, "Ada");
  EXPECT_EQ(std::get<1>(pairs[0])->name, "Cid");
}

// ORM-55, ORM-71
TEST_F(QueryTest, JoinsASubqueryOfTheTarget) {
  AddCategories(2, 2);
  const Alias<Post> first =
      Alias<Post>::Of(query::Select::AllOf(query::FromItem(TableOf<Post>()))
                          .Where(col<&Post::title>.Like("%-p1"))
                          .Subquery("first"));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto rows, Fresh()
                     .Select(col<&Category::name>, first.col<&Post::title>())
                     .From(entity<Category>)
                     .Join<&Category::posts>(first)
                     .OrderBy(col<&Category::name>)
                     .All());
  EXPECT_THAT(
      rows, ElementsAre(std::tuple("c1", "c1-p1"), std::tuple("c2", "c2-p1")));
  CUPEL_ASSERT_OK_AND_ASSIGN(auto posts, session().Query(first).All());
  EXPECT_EQ(posts.size(), 2u);
}

struct Summary {
  std::string name;
  int64_t posts = 0;
  bool operator==(const Summary&) const = default;
};

// ORM-73
TEST_F(QueryTest, CountsWhatAllGives) {
  AddCategories(2, 3);
  session().Add(Category{.name = "empty"});
  CUPEL_ASSERT_OK(session().Commit());
  Session& session = Fresh();
  const Query<Category> joined =
      session.Query<Category>().Join<&Category::posts>();
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto all, joined.All());
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t count, joined.Count());
  EXPECT_EQ(all.size(), 2u);
  EXPECT_EQ(count, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto rows,
                             session.Select(col<&Category::id>, col<&Post::id>)
                                 .Join<&Category::posts>()
                                 .All());
  EXPECT_EQ(rows.size(), 6u);
}

// ORM-70
TEST_F(QueryTest, RowsAreShapedByTheCaller) {
  AddCategories(2, 3);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto rows, Fresh()
                     .Select(entity<Category>, query::Count(),
                             Bundle(col<&Category::id>, col<&Category::name>))
                     .Join<&Category::posts>()
                     .GroupBy(col<&Category::id>)
                     .OrderBy(col<&Category::id>)
                     .All());
  static_assert(std::is_same_v<decltype(rows)::value_type,
                               std::tuple<Ref<Category>, int64_t,
                                          std::tuple<int64_t, std::string>>>);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(std::get<0>(rows[1])->name, "c2");
  EXPECT_EQ(std::get<1>(rows[1]), 3);
  EXPECT_EQ(std::get<2>(rows[1]), std::tuple(2, std::string("c2")));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto summaries,
      session()
          .Select(BundleAs<Summary>(
              col<&Category::name>,
              query::TypedExpr<int64_t>(query::Count(col<&Post::id>))))
          .From(entity<Category>)
          .Join<&Category::posts>()
          .GroupBy(col<&Category::name>)
          .OrderBy(col<&Category::name>)
          .All());
  EXPECT_EQ(std::get<0>(summaries[0]), (Summary{"c1", 3}));
}

// C-18
TEST_F(QueryTest, AnOuterJoinedEntityIsOptional) {
  AddCategories(1, 1);
  session().Add(Category{.name = "empty"});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto rows, Fresh()
                     .Select(entity<Category>, Optional(entity<Post>))
                     .OuterJoin<&Category::posts>()
                     .OrderBy(col<&Category::id>)
                     .All());
  static_assert(
      std::is_same_v<decltype(rows)::value_type,
                     std::tuple<Ref<Category>, std::optional<Ref<Post>>>>);
  ASSERT_EQ(rows.size(), 2u);
  ASSERT_TRUE(std::get<1>(rows[0]).has_value());
  EXPECT_EQ((*std::get<1>(rows[0]))->title, "c1-p1");
  EXPECT_FALSE(std::get<1>(rows[1]).has_value());
}

// C-18
TEST_F(QueryTest, RowsHaveAnyNumberOfTypedColumns) {
  const auto& id = col<&Person::id>;
  const auto& name = col<&Person::name>;
  const auto wide =
      session().Select(id, name, id, name, id, name, id, name, id, name, id,
                       name, id, name, id, name, id, name, id, name);
  static_assert(std::tuple_size_v<decltype(wide)::Row> == 20);
  static_assert(std::is_same_v<std::tuple_element_t<19, decltype(wide)::Row>,
                               std::string>);
  static_assert(std::is_same_v<decltype(session().Select(col<&User::age>))::Row,
                               std::tuple<std::optional<int>>>);
  AddPeople();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto rows, wide.All());
  EXPECT_EQ(std::get<18>(rows[2]), 3);
  EXPECT_EQ(std::get<19>(rows[2]), "Cid");
}

TEST_F(QueryTest, UpdatesAndDeletesByCriteria) {
  AddPeople();
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Person> ada, session().Get<Person>(1));
  const Query<Person> london =
      session().Query<Person>().FilterBy<&Person::city>("London");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      int64_t updated,
      london.Update(Set<&Person::name>(col<&Person::name> + "!")));
  EXPECT_EQ(updated, 2);
  EXPECT_EQ(ada->name, "Ada!");
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t deleted, london.Limit(1).Delete());
  EXPECT_EQ(deleted, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(int64_t left, session().Query<Person>().Count());
  EXPECT_EQ(left, 2);
}

TEST_F(QueryTest, StreamsInChunks) {
  AddPeople();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto stream, Fresh().Query<Person>().OrderBy(col<&Person::id>).Stream(2));
  std::vector<std::string> names;
  while (true) {
    CUPEL_ASSERT_OK_AND_ASSIGN(bool more, stream.Next());
    if (!more) break;
    names.push_back(stream->name);
  }
  EXPECT_THAT(names, ElementsAre("Ada", "Bob", "Cid"));
}

// The streamed values are those that All() gives, also where the row before has
// left something in the row object.
TEST_F(QueryTest, StreamsRowsOfColumnsAndEntities) {
  AddCategories(3, 1);
  session().Add(Category{.name = "empty"});
  CUPEL_ASSERT_OK(session().Commit());
  const auto rows = session()
                        .Select(col<&Category::name>, Optional(entity<Post>))
                        .OuterJoin<&Category::posts>()
                        .OrderBy(col<&Category::id>.Desc());
  const auto names = session().Select(col<&Category::id>, col<&Category::name>);
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto all, rows.All());
  CUPEL_ASSERT_OK_AND_ASSIGN(auto stream, rows.Stream(2));
  for (const auto& row : all) {
    EXPECT_THAT(stream.Next(), IsOkAndHolds(true));
    EXPECT_EQ(*stream, row);
  }
  EXPECT_THAT(stream.Next(), IsOkAndHolds(false));
  EXPECT_THAT(stream.Next(), IsOkAndHolds(false));

  CUPEL_ASSERT_OK_AND_ASSIGN(const auto all_names, names.All());
  ASSERT_EQ(all_names.size(), 4u);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto name_stream, names.Stream());
  for (const auto& row : all_names) {
    EXPECT_THAT(name_stream.Next(), IsOkAndHolds(true));
    EXPECT_EQ(*name_stream, row);
  }
  EXPECT_THAT(name_stream.Next(), IsOkAndHolds(false));
}

using LoadTest = QueryTest;

// ORM-60
TEST_F(LoadTest, LazyLoadsOnceEach) {
  AddCategories(3, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto categories, Fresh().Query<Category>().Options(LazyLoadAll()).All());
  for (int round = 0; round < 2; ++round) {
    for (const Ref<Category>& category : categories) {
      EXPECT_EQ(category->posts.size(), 2u);
    }
    EXPECT_EQ(statements(), 4);
  }
  // To-one whose target is in memory:
  EXPECT_EQ(categories[0]->posts[0]->category->name, "c1");
  EXPECT_EQ(statements(), 4);
}

// C-01
TEST_F(LoadTest, ALoopOverLazyCollectionsCostsFewStatements) {
  AddCategories(100, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto categories, Fresh().Query<Category>().All());
  for (const Ref<Category>& category : categories) {
    EXPECT_EQ(category->posts.size(), 1u);
  }
  EXPECT_LE(statements(), 12);
}

// C-01
TEST_F(LoadTest, ASessionMayRefuseLazyLoads) {
  AddCategories(1, 1);
  Session strict = db().NewSession({.lazy_policy = LazyPolicy::kRefuse});
  CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Category> category,
                             strict.Query<Category>().One());
  const absl::Status status = category->posts.Load();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Category.posts"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("query_test.cc"));
}

// ORM-61
TEST_F(LoadTest, JoinedLoadIsOneStatementAndKeepsTheLimit) {
  AddCategories(3, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto categories,
                             Fresh()
                                 .Query<Category>()
                                 .Options(JoinedLoad<&Category::posts>())
                                 .OrderBy(col<&Category::id>)
                                 .Limit(2)
                                 .All());
  ASSERT_EQ(categories.size(), 2u);
  EXPECT_EQ(categories[1]->posts.size(), 2u);
  EXPECT_EQ(statements(), 1);
}

// ORM-62
TEST_F(LoadTest, SelectInLoadIsTwoStatements) {
  AddCategories(3, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto categories,
                             Fresh()
                                 .Query<Category>()
                                 .Options(SelectInLoad<&Category::posts>())
                                 .All());
  for (const Ref<Category>& category : categories) {
    EXPECT_EQ(category->posts.size(), 2u);
  }
  EXPECT_EQ(statements(), 2);
}

// ORM-63
TEST_F(LoadTest, SubqueryLoadRepeatsTheFilter) {
  AddCategories(3, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto categories,
                             Fresh()
                                 .Query<Category>()
                                 .Filter(col<&Category::name> == "c2")
                                 .Options(SubqueryLoad<&Category::posts>())
                                 .All());
  ASSERT_EQ(categories.size(), 1u);
  EXPECT_EQ(categories[0]->posts.size(), 2u);
  ASSERT_EQ(statements(), 2);
  EXPECT_THAT(recorder().sql()[1], HasSubstr("category.name"));
}

// ORM-64
TEST_F(LoadTest, RaiseLoadNamesTheRelationshipAndSendsNothing) {
  AddCategories(1, 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Category> category,
      Fresh().Query<Category>().Options(RaiseLoad<&Category::posts>()).One());
  const absl::Status status = category->posts.Load();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Category.posts"));
  EXPECT_EQ(statements(), 1);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<Category> empty,
      Fresh().Query<Category>().Options(NoLoad<&Category::posts>()).One());
  EXPECT_EQ(empty->posts.size(), 0u);
}

// ORM-65, ORM-54
TEST_F(LoadTest, ContainsEagerFillsFromTheQuerysOwnJoin) {
  AddCategories(2, 3);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto categories,
                             Fresh()
                                 .Query<Category>()
                                 .Join<&Category::posts>()
                                 .Filter(col<&Post::title>.Like("%-p1"))
                                 .Options(ContainsEager<&Category::posts>())
                                 .All());
  ASSERT_EQ(categories.size(), 2u);
  for (const Ref<Category>& category : categories) {
    ASSERT_EQ(category->posts.size(), 1u);
    EXPECT_THAT(category->posts[0]->title, HasSubstr("-p1"));
  }
  EXPECT_EQ(statements(), 1);
}

// ORM-54
TEST_F(LoadTest, AJoinTakesExtraCriteria) {
  AddCategories(2, 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto rows, Fresh()
                     .Select(entity<Category>, Optional(entity<Post>))
                     .OuterJoin<&Category::posts>(col<&Post::title> == "c1-p2")
                     .OrderBy(col<&Category::id>)
                     .All());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(std::get<1>(rows[0]).has_value());
  EXPECT_FALSE(std::get<1>(rows[1]).has_value());
}

// ORM-66
TEST_F(LoadTest, OptionsFollowAPath) {
  const Ref<Category> category = session().Add(Category{.name = "c"});
  for (const char* title : {"p1", "p2"}) {
    Ref<Post> post = session().Add(Post{.title = title, .category = category});
    post.Edit().tags.Append(Tag{.name = std::string(title) + "-tag"});
  }
  CUPEL_ASSERT_OK(session().Commit());
  {
    CUPEL_ASSERT_OK_AND_ASSIGN(
        Ref<Category> read,
        Fresh()
            .Query<Category>()
            .Options(
                SelectInLoad<&Category::posts>().SelectInLoad<&Post::tags>())
            .One());
    for (const Post& post : read->posts) EXPECT_EQ(post.tags.size(), 1u);
    EXPECT_EQ(statements(), 3);
  }
  {
    // The collection is lazy, what lies behind it comes along.
    CUPEL_ASSERT_OK_AND_ASSIGN(
        Ref<Category> read,
        Fresh()
            .Query<Category>()
            .Options(
                DefaultLoad<&Category::posts>().SelectInLoad<&Post::tags>())
            .One());
    EXPECT_EQ(statements(), 1);
    for (const Post& post : read->posts) EXPECT_EQ(post.tags.size(), 1u);
    EXPECT_EQ(statements(), 3);
  }
}

// ORM-66
TEST_F(LoadTest, AnOptionForAnotherClassIsAnError) {
  EXPECT_THAT(std::string(session()
                              .Query<User>()
                              .Options(SelectInLoad<&Category::posts>())
                              .All()
                              .status()
                              .message()),
              HasSubstr("class User has no relationship posts"));
}

// ORM-67
TEST_F(LoadTest, QueriesChooseTheirColumns) {
  session().Add(User{.username = "ada", .email = "a@x.org", .age = 36});
  CUPEL_ASSERT_OK(session().Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Ref<User> user,
      Fresh().Query<User>().Options(LoadOnly<&User::username>()).One());
  EXPECT_THAT(recorder().sql()[0], HasSubstr("username"));
  EXPECT_THAT(recorder().sql()[0], Not(HasSubstr("email")));
  EXPECT_EQ(user.Get<&User::username>(), "ada");
  EXPECT_EQ(statements(), 1);
  EXPECT_EQ(user->email, "a@x.org");
  EXPECT_EQ(statements(), 2);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      user, Fresh().Query<User>().Options(Defer<&User::email>()).One());
  EXPECT_THAT(recorder().sql()[0], Not(HasSubstr("email")));
  EXPECT_THAT(recorder().sql()[0], HasSubstr("age"));
}

}  // namespace
}  // namespace cupel::orm_test
