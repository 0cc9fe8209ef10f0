// A whole program on MariaDB, opened by nothing but its URL: tables, entities,
// relationships, queries.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace {

using cupel::col;
using cupel::JoinedLoad;
using cupel::Ref;
using cupel::testing::IsOk;
using cupel::testing::MariadbServer;

struct User {
  int64_t id = 0;
  std::string username;
  std::string email;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<User>(Column<&User::id>(PrimaryKey()),
                       Column<&User::username>(String(80), Unique()),
                       Column<&User::email>(String(120), Unique()));
  }
};

struct Post;

struct Category {
  int64_t id = 0;
  std::string name;
  cupel::Collection<Post> posts;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Category>(Column<&Category::id>(PrimaryKey()),
                           Column<&Category::name>(String(50)));
  }
};

struct Post {
  int64_t id = 0;
  std::string title;
  std::string body;
  absl::Time pub_date = absl::Now();
  int64_t category_id = 0;
  cupel::Reference<Category> category;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Post>(
        Column<&Post::id>(PrimaryKey()), Column<&Post::title>(String(80)),
        Column<&Post::body>(Text()), Column<&Post::pub_date>(),
        Column<&Post::category_id>(ForeignKey<&Category::id>()),
        Relationship<&Post::category>(Backref<&Category::posts>()));
  }
};

// One column of each type.
struct Sample {
  int64_t id = 0;
  bool flag = false;
  int32_t number = 0;
  double real = 0;
  cupel::Decimal amount;
  std::string text;
  cupel::Bytes bytes;
  absl::Time when;
  absl::Duration span;
  std::optional<std::string> nothing;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Sample>(
        Column<&Sample::id>(PrimaryKey()), Column<&Sample::flag>(),
        Column<&Sample::number>(), Column<&Sample::real>(),
        Column<&Sample::amount>(Numeric(12, 2)), Column<&Sample::text>(Text()),
        Column<&Sample::bytes>(), Column<&Sample::when>(),
        Column<&Sample::span>(), Column<&Sample::nothing>(String(10)));
  }
};

class QuickstartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MariadbServer::IsInstalled()) GTEST_SKIP() << "no MariaDB here";
    ASSERT_THAT(MariadbServer::Shared().CreateDatabase("quickstart"), IsOk());
  }

  absl::StatusOr<cupel::Database> Open() {
    return cupel::Database::Open(
        {.uri = MariadbServer::Shared().url("quickstart")},
        cupel::Models<User, Category, Post, Sample>());
  }
};

TEST_F(QuickstartTest, StoresAndLoadsEntities) {
  auto db = Open();
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(db->CreateAll(), IsOk());
  ASSERT_THAT(db->CreateAll(), IsOk());
  {
    cupel::Session session = db->NewSession();
    session.Add(User{.username = "admin", .email = "admin@example.com"});
    session.Add(User{.username = "guest", .email = "guest@example.com"});
    ASSERT_THAT(session.Commit(), IsOk());
    auto users = session.Query<User>().All();
    ASSERT_THAT(users, IsOk());
    EXPECT_EQ(users->size(), 2u);

    auto py = session.Add(Category{.name = "Python"});
    session.Add(Post{.title = "Hello Python!",
                     .body = "Python is pretty cool",
                     .category = py});
    py.Edit().posts.Append(Post{.title = "Snakes", .body = "Ssssssss"});
    ASSERT_THAT(session.Commit(), IsOk());
    EXPECT_NE(py->id, 0);
  }
  cupel::Session session = db->NewSession();
  auto admin = session.Query<User>().FilterBy<&User::username>("admin").First();
  ASSERT_THAT(admin, IsOk());
  EXPECT_EQ((*admin)->email, "admin@example.com");
  // Texts are equal when their characters are.
  auto none = session.Query<User>().FilterBy<&User::username>("ADMIN").All();
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->empty());

  auto categories =
      session.Query<Category>().Options(JoinedLoad<&Category::posts>()).All();
  ASSERT_THAT(categories, IsOk());
  ASSERT_EQ(categories->size(), 1u);
  const Ref<Category> py = (*categories)[0];
  EXPECT_EQ(py->posts.size(), 2u);
  auto rest = session.Query<Post>()
                  .WithParent<&Category::posts>(py)
                  .Filter(col<&Post::title> != "Snakes")
                  .All();
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0]->title, "Hello Python!");

  Ref<Post> post = (*rest)[0];
  post.Edit().title = "Hello";
  ASSERT_THAT(session.Commit(), IsOk());
  ASSERT_THAT(session.Delete(post), IsOk());
  ASSERT_THAT(session.Commit(), IsOk());
  auto count = session.Query<Post>().Count();
  ASSERT_THAT(count, IsOk());
  EXPECT_EQ(*count, 1);
}

TEST_F(QuickstartTest, KeepsValuesOfEachType) {
  auto db = Open();
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(db->CreateAll(), IsOk());
  Sample sample;
  sample.flag = true;
  sample.number = -7;
  sample.real = 0.1;
  sample.amount = *cupel::Decimal::Parse("1234567890.12");
  sample.text = "\xF0\x9F\x98\x80 it's \\ here";
  sample.bytes = {0, 255, 39};
  sample.when = absl::FromUnixMicros(1700000000123456);
  sample.span = -absl::Microseconds(5);
  {
    cupel::Session session = db->NewSession();
    session.Add(sample);
    ASSERT_THAT(session.Commit(), IsOk());
  }
  cupel::Session session = db->NewSession();
  auto read = session.Query<Sample>().First();
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ((*read)->flag, true);
  EXPECT_EQ((*read)->number, -7);
  EXPECT_EQ((*read)->real, 0.1);
  EXPECT_EQ((*read)->amount, sample.amount);
  EXPECT_EQ((*read)->text, sample.text);
  EXPECT_EQ((*read)->bytes, sample.bytes);
  EXPECT_EQ((*read)->when, sample.when);
  EXPECT_EQ((*read)->span, sample.span);
  EXPECT_EQ((*read)->nothing, std::nullopt);
}

// F16: a write that changes nothing is no stale row; U5, E24.
TEST_F(QuickstartTest, SessionGoesOnAfterAnErrorOfItsFlush) {
  auto db = Open();
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(db->CreateAll(), IsOk());
  cupel::Session session = db->NewSession();
  Ref<User> user =
      session.Add(User{.username = "admin", .email = "admin@example.com"});
  ASSERT_THAT(session.Commit(), IsOk());
  session.Add(User{.username = "admin", .email = "other@example.com"});
  const absl::Status status = session.Flush();
  EXPECT_EQ(cupel::engine::KindOf(status),
            cupel::engine::ErrorKind::kUniqueViolation);
  EXPECT_THAT(session.Rollback(), IsOk());
  user.Edit().email = "new@example.com";
  EXPECT_THAT(session.Commit(), IsOk());
  auto count = session.Query<User>().Count();
  ASSERT_THAT(count, IsOk());
  EXPECT_EQ(*count, 1);
}

// Many rows: keys come back in the order of the objects.
TEST_F(QuickstartTest, GivesEachOfManyObjectsItsKey) {
  auto db = Open();
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT(db->CreateAll(), IsOk());
  std::vector<Ref<Category>> refs;
  {
    cupel::Session session = db->NewSession();
    for (int i = 0; i < 2500; ++i) {
      refs.push_back(session.Add(Category{.name = absl::StrCat("c", i)}));
    }
    ASSERT_THAT(session.Commit(), IsOk());
  }
  cupel::Session session = db->NewSession();
  for (const int i : {0, 1, 999, 1000, 2499}) {
    auto found = session.Get<Category>(refs[i]->id);
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ((*found)->name, absl::StrCat("c", i));
  }
}

}  // namespace
