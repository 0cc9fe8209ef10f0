// Models, sessions and queries on a PostgreSQL server, by nothing but its URL.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/orm/orm.h"
#include "cupel/query/query.h"
#include "cupel/testing/servers/postgresql_server.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

struct User {
  int64_t id = 0;
  std::string username;
  std::string email;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT: the mapping's vocabulary
    return Table<User>(Column<&User::id>(PrimaryKey()),
                       Column<&User::username>(String(80), Unique()),
                       Column<&User::email>(String(120), Unique()));
  }
};

struct Post;
struct Category {
  int64_t id = 0;
  std::string name;
  Collection<Post> posts;

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
  absl::Time pub_date = absl::FromUnixSeconds(1);
  int64_t category_id = 0;
  Reference<Category> category;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Post>(
        Column<&Post::id>(PrimaryKey()), Column<&Post::title>(String(80)),
        Column<&Post::body>(Text()), Column<&Post::pub_date>(),
        Column<&Post::category_id>(ForeignKey<&Category::id>()),
        Relationship<&Post::category>(Backref<&Category::posts>()));
  }
};

// A column of each type.
struct Sample {
  int64_t id = 0;
  bool flag = false;
  int16_t small = 0;
  int32_t number = 0;
  double real = 0;
  Decimal price;
  std::string text;
  Bytes bytes;
  absl::CivilDay day;
  absl::Time moment;
  absl::Duration span;
  Uuid uuid;
  nlohmann::json data;
  std::optional<int64_t> maybe;

  static constexpr auto Mapping() {
    using namespace cupel;  // NOLINT
    return Table<Sample>(Column<&Sample::id>(PrimaryKey()),
                         Column<&Sample::flag>(), Column<&Sample::small>(),
                         Column<&Sample::number>(), Column<&Sample::real>(),
                         Column<&Sample::price>(Numeric(12, 2)),
                         Column<&Sample::text>(), Column<&Sample::bytes>(),
                         Column<&Sample::day>(), Column<&Sample::moment>(),
                         Column<&Sample::span>(), Column<&Sample::uuid>(),
                         Column<&Sample::data>(), Column<&Sample::maybe>());
  }
};

class PostgresqlModelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresqlServer::IsInstalled()) {
      GTEST_SKIP() << "PostgreSQL's server is not installed";
    }
    static int count = 0;
    const std::string name = absl::StrCat("models_", ++count);
    CUPEL_ASSERT_OK(PostgresqlServer::Shared().CreateDatabase(name));
    auto db = Database::Open({.uri = PostgresqlServer::Shared().url(name)},
                             Models<User, Category, Post, Sample>());
    CUPEL_ASSERT_OK(db);
    db_ = std::make_unique<Database>(*std::move(db));
    CUPEL_ASSERT_OK(db_->CreateAll());
  }

  std::unique_ptr<Database> db_;
};

TEST_F(PostgresqlModelsTest, TheQuickstartWorks) {
  Session session = db_->NewSession();
  auto admin =
      session.Add(User{.username = "admin", .email = "admin@example.com"});
  session.Add(User{.username = "guest", .email = "guest@example.com"});
  CUPEL_ASSERT_OK(session.Commit());
  EXPECT_EQ(admin->id, 1);
  session.Add(User{.username = "guest", .email = "again@example.com"});
  EXPECT_THAT(session.Commit(), StatusIs(absl::StatusCode::kAlreadyExists));
  CUPEL_ASSERT_OK(session.Rollback());
  auto py = session.Add(Category{.name = "Python"});
  session.Add(Post{.title = "Hello Python!", .body = "cool", .category = py});
  py.Edit().posts.Append(Post{.title = "Snakes", .body = "Ssssssss"});
  CUPEL_ASSERT_OK(session.Commit());

  Session other = db_->NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto categories,
      other.Query<Category>().Options(JoinedLoad<&Category::posts>()).All());
  ASSERT_EQ(categories.size(), 1U);
  EXPECT_EQ(categories[0]->posts.size(), 2U);
  CUPEL_ASSERT_OK_AND_ASSIGN(auto rest,
                             other.Query<Post>()
                                 .WithParent<&Category::posts>(categories[0])
                                 .Filter(col<&Post::title> != "Snakes")
                                 .All());
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0]->title, "Hello Python!");
  EXPECT_EQ(rest[0]->pub_date, absl::FromUnixSeconds(1));
}

TEST_F(PostgresqlModelsTest, EveryTypeOfAColumnIsKept) {
  Session session = db_->NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(const Decimal price, Decimal::Parse("-19.90"));
  const Sample sample = {.flag = true,
                         .small = -32768,
                         .number = 2147483647,
                         .real = 0.1,
                         .price = price,
                         .text = "it's \xE2\x82\xAC",
                         .bytes = {0, 255, 39},
                         .day = absl::CivilDay(2026, 2, 28),
                         .moment = absl::FromUnixMicros(-1),
                         .span = absl::Microseconds(-86400000001),
                         .uuid = Uuid::Random(),
                         .data = {{"a", {1, 2.5, nullptr}}}};
  auto added = session.Add(sample);
  CUPEL_ASSERT_OK(session.Commit());
  Session other = db_->NewSession();
  CUPEL_ASSERT_OK_AND_ASSIGN(auto read, other.Get<Sample>(added->id));
  EXPECT_EQ(read->flag, sample.flag);
  EXPECT_EQ(read->small, sample.small);
  EXPECT_EQ(read->number, sample.number);
  EXPECT_EQ(read->real, sample.real);
  EXPECT_EQ(read->price, sample.price);
  EXPECT_EQ(read->text, sample.text);
  EXPECT_EQ(read->bytes, sample.bytes);
  EXPECT_EQ(read->day, sample.day);
  EXPECT_EQ(read->moment, sample.moment);
  EXPECT_EQ(read->span, sample.span);
  EXPECT_EQ(read->uuid, sample.uuid);
  EXPECT_EQ(read->data, sample.data);
  EXPECT_EQ(read->maybe, std::nullopt);
}

TEST_F(PostgresqlModelsTest, ManyRowsGetTheirKeysInOrder) {
  Session session = db_->NewSession();
  std::vector<Ref<User>> users;
  for (int i = 0; i < 5000; ++i) {
    users.push_back(session.Add(
        User{.username = absl::StrCat("u", i), .email = absl::StrCat("e", i)}));
  }
  CUPEL_ASSERT_OK(session.Commit());
  for (size_t i = 0; i < users.size(); ++i) {
    ASSERT_EQ(users[i]->id, static_cast<int64_t>(i) + 1);
  }
  CUPEL_ASSERT_OK_AND_ASSIGN(auto found,
                             session.Query<User>()
                                 .Filter(col<&User::username>.StartsWith("u49"))
                                 .OrderBy(col<&User::id>)
                                 .Limit(2)
                                 .Offset(1)
                                 .All());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]->username, "u490");
}

TEST_F(PostgresqlModelsTest, AggregatesHaveTheTypesOfTheQuery) {
  Session session = db_->NewSession();
  for (int i = 1; i <= 4; ++i) {
    session.Add(Sample{.number = i, .price = Decimal::FromInt64(i * 25, 2)});
  }
  CUPEL_ASSERT_OK(session.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto price, session.Select(query::Sum(col<&Sample::price>)).One());
  EXPECT_EQ(std::get<0>(price), Decimal::FromInt64(250, 2));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto number, session.Select(query::Sum(col<&Sample::id>)).One());
  EXPECT_EQ(std::get<0>(number), 10);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto average,
      session.Select(query::Avg(col<&Sample::number>)).One());
  EXPECT_EQ(std::get<0>(average), 2.5);
}

}  // namespace
}  // namespace cupel::testing
