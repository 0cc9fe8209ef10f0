#include "cupel/orm/mapping.h"

#include <optional>
#include <string>
#include <type_traits>

#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/orm/test_models.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// A class that cannot be edited.
namespace legacy {
struct Customer {
  int number = 0;
  std::string name;
  std::string secret;
};
}  // namespace legacy

template <>
struct cupel::MappingOf<legacy::Customer> {
  static constexpr auto Mapping() {
    using namespace cupel;
    return Table<legacy::Customer>(
        "customers", Column<&legacy::Customer::number>(PrimaryKey()),
        Column<&legacy::Customer::name>(Name("usr_nm")));
  }
};

namespace cupel::orm_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::NotNull;

std::vector<std::string> NamesOf(absl::Span<const schema::Column> columns) {
  std::vector<std::string> names;
  for (const schema::Column& column : columns) names.push_back(column.name());
  return names;
}

// ORM-01
TEST(MappingTest, TakesTypeAndNullabilityFromTheMember) {
  const schema::Table& table = TableOf<User>();
  EXPECT_EQ(table.name(), "user");
  EXPECT_THAT(NamesOf(table.columns()),
              ElementsAre("id", "username", "email", "age"));
  EXPECT_EQ(table.Find("id")->type(), BigInteger());
  EXPECT_EQ(table.Find("username")->type(), String(80));
  EXPECT_FALSE(table.Find("username")->nullable());
  EXPECT_TRUE(table.Find("age")->nullable());
  EXPECT_TRUE(table.Find("id")->primary_key());
  EXPECT_EQ(table.autoincrement_column(), table.Find("id"));
  EXPECT_EQ(table.uniques().size(), 2u);
}

struct Overridden {
  int64_t id = 0;
  std::optional<std::string> text;
  std::string maybe;
  double price = 0;

  static constexpr auto Mapping() {
    return Table<Overridden>(
        Column<&Overridden::id>(PrimaryKey(), Autoincrement(false)),
        Column<&Overridden::text>(Nullable(false), Text()),
        Column<&Overridden::maybe>(Nullable(), ServerDefault("'x'"), Index(),
                                   Comment("a text"), Collation("nocase")),
        Column<&Overridden::price>(Default([] { return 1.5; }),
                                   OnUpdate([] { return 2.5; })));
  }
};

TEST(MappingTest, OptionsOverrideWhatTheTypeSays) {
  const schema::Table& table = TableOf<Overridden>();
  EXPECT_FALSE(table.Find("text")->nullable());
  const schema::Column& maybe = *table.Find("maybe");
  EXPECT_TRUE(maybe.nullable());
  ASSERT_THAT(maybe.server_default().text(), NotNull());
  EXPECT_EQ(*maybe.server_default().text(), "'x'");
  EXPECT_EQ(maybe.comment(), "a text");
  EXPECT_EQ(maybe.options().collation, "nocase");
  EXPECT_EQ(table.indexes().size(), 1u);
  EXPECT_THAT(table.autoincrement_column(), IsNull());
  EXPECT_FALSE(table.Find("price")->client_default().empty());
  EXPECT_FALSE(table.Find("price")->client_on_update().empty());
}

// ORM-02, ORM-08
TEST(MappingTest, MapsAClassFromOutside) {
  const schema::Table& table = TableOf<legacy::Customer>();
  EXPECT_EQ(table.name(), "customers");
  // What is not listed is no column; a column may have another name.
  EXPECT_THAT(NamesOf(table.columns()), ElementsAre("number", "usr_nm"));
  EXPECT_EQ(table.Find("name")->name(), "usr_nm");
}

struct Owned {
  int64_t owner_id = 0;
  static constexpr auto Mapping() {
    return Mixin<Owned>(Column<&Owned::owner_id>(ForeignKey<&User::id>()));
  }
};
struct Car : Stamped, Owned {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<Car>(Column<&Car::id>(PrimaryKey()), Include<Stamped>(),
                      Include<Owned>());
  }
};
struct Boat : Owned, Stamped {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<Boat>(Include<Owned>(), Include<Stamped>(),
                       Column<&Boat::id>(PrimaryKey()));
  }
};

struct Plane : Stamped {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<Plane>(Column<&Plane::id>(PrimaryKey()), Include<Stamped>());
  }
};

// ORM-04
TEST(MappingTest, MixinsGiveEachTableItsOwnColumns) {
  EXPECT_THAT(NamesOf(TableOf<Car>().columns()),
              ElementsAre("id", "created_at", "owner_id"));
  EXPECT_THAT(NamesOf(TableOf<Boat>().columns()),
              ElementsAre("owner_id", "created_at", "id"));
  for (const schema::Table* table : {&TableOf<Car>(), &TableOf<Boat>()}) {
    ASSERT_EQ(table->foreign_keys().size(), 1u);
    EXPECT_EQ(&table->foreign_keys()[0].table(), table);
    EXPECT_EQ(table->foreign_keys()[0].referred_table(), &TableOf<User>());
  }
}

// ORM-04
TEST(MappingTest, MembersOfAMixinAreStoredWithEachClass) {
  CUPEL_ASSERT_OK_AND_ASSIGN(Database db,
                             Database::Open({.uri = testing::MemoryUrl()},
                                            Models<User, Car, Boat, Plane>()));
  CUPEL_ASSERT_OK(db.CreateAll());
  Session session = db.NewSession();
  const Ref<User> owner = session.Add(User{});
  CUPEL_ASSERT_OK(session.Flush());
  session.Add(Car{{.created = 1}, {.owner_id = owner->id}});
  session.Add(Boat{{.owner_id = owner->id}, {.created = 2}});
  session.Add(Plane{{.created = 3}});
  CUPEL_ASSERT_OK(session.Commit());
  Session other = db.NewSession();
  EXPECT_EQ(other.Query<Car>().One().value()->created, 1);
  EXPECT_EQ(other.Query<Boat>()
                .Filter(col<&Stamped::created, Boat> == 2)
                .One()
                .value()
                ->owner_id,
            owner->id);
  EXPECT_EQ(other.Query<Plane>().One().value()->created, 3);
  session.Add(Car{{}, {.owner_id = 99}});
  EXPECT_EQ(engine::KindOf(session.Commit()),
            engine::ErrorKind::kForeignKeyViolation);
}

struct OrderLine {
  int64_t shop = 0;
  int64_t number = 0;
  std::string text;
  static constexpr auto Mapping() {
    return Table<OrderLine>(
        Schema("s"), BindKey("archive"), Comment("lines"),
        Column<&OrderLine::shop>(), Column<&OrderLine::number>(),
        Column<&OrderLine::text>(String(20)),
        PrimaryKey<&OrderLine::shop, &OrderLine::number>(),
        Unique<&OrderLine::shop, &OrderLine::text>("one_text"),
        Index<&OrderLine::text, &OrderLine::number>("by_text"),
        UniqueIndex<&OrderLine::text, &OrderLine::shop>("by_shop"),
        Check("number > 0", "positive"));
  }
};
struct LinePart {
  int64_t id = 0;
  int64_t shop = 0;
  int64_t line = 0;
  static constexpr auto Mapping() {
    return Table<LinePart>(
        Schema("s"), Column<&LinePart::id>(PrimaryKey()),
        Column<&LinePart::shop>(), Column<&LinePart::line>(),
        CompositeForeignKey<MemberSet<&LinePart::shop, &LinePart::line>,
                            MemberSet<&OrderLine::shop, &OrderLine::number>>(
            {.on_delete = ForeignKeyAction::kCascade}));
  }
};

// ORM-05
TEST(MappingTest, TableItemsBecomeConstraintsAndOptions) {
  const schema::Table& table = TableOf<OrderLine>();
  EXPECT_EQ(table.full_name(), "s.order_line");
  EXPECT_EQ(table.comment(), "lines");
  EXPECT_EQ(table.definition().info.at("bind_key"), "archive");
  EXPECT_EQ(table.primary_key().columns().size(), 2u);
  ASSERT_EQ(table.uniques().size(), 1u);
  EXPECT_EQ(table.uniques()[0].name(), "one_text");
  ASSERT_EQ(table.indexes().size(), 2u);
  EXPECT_FALSE(table.indexes()[0].unique());
  EXPECT_TRUE(table.indexes()[1].unique());
  ASSERT_EQ(table.checks().size(), 1u);
  EXPECT_EQ(table.checks()[0].name(), "positive");
  ASSERT_EQ(TableOf<LinePart>().foreign_keys().size(), 1u);
  const schema::ForeignKey& key = TableOf<LinePart>().foreign_keys()[0];
  EXPECT_EQ(key.columns().size(), 2u);
  EXPECT_EQ(key.on_delete(), ForeignKeyAction::kCascade);
  EXPECT_TRUE(key.RefersTo(table));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      engine::Engine engine,
      engine::Engine::Create({.uri = testing::MemoryUrl()}));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const std::string sql,
      schema::DdlCompiler(engine.dialect()).CreateTable(table));
  EXPECT_THAT(sql, ::testing::StartsWith("CREATE TABLE s.order_line ("));
  EXPECT_THAT(sql, HasSubstr("PRIMARY KEY (shop, number)"));
  EXPECT_THAT(sql, HasSubstr("CONSTRAINT one_text UNIQUE (shop, text)"));
  EXPECT_THAT(sql, HasSubstr("CONSTRAINT positive CHECK (number > 0)"));
}

struct Payment {
  int64_t id = 0;
  int64_t amount = 0;
  static constexpr auto Mapping() {
    return Table<Payment>(
        Column<&Payment::id>(PrimaryKey()), Column<&Payment::amount>(),
        TableArgs([](schema::TableDefinition& table) {
          table.dialect_options = {{"sqlite", "STRICT", ""},
                                   {"postgresql", "WITH", "(fillfactor = 70)"},
                                   {"mariadb", "ROW_FORMAT", "DYNAMIC"}};
          table.indexes.push_back(
              {.name = "refund", .parts = {{.column = table.columns[1].key}}});
        }));
  }
};

// ORM-05: what the schema layer can say and the mapping has no word for.
TEST(MappingTest, TableArgsChangeTheDefinition) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      engine::Engine engine,
      engine::Engine::Create({.uri = testing::MemoryUrl()}));
  const schema::Table& table = TableOf<Payment>();
  ASSERT_EQ(table.indexes().size(), 1u);
  EXPECT_EQ(table.indexes()[0].name(), "refund");
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const std::string sql,
      schema::DdlCompiler(engine.dialect()).CreateTable(table));
  EXPECT_THAT(sql, ::testing::AnyOf(HasSubstr("STRICT"),
                                    HasSubstr("WITH (fillfactor = 70)"),
                                    HasSubstr("ROW_FORMAT=DYNAMIC")));
}

struct FOOBar {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<FOOBar>(Column<&FOOBar::id>(PrimaryKey()));
  }
};
struct UserID {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<UserID>(NamedBy(TableNameRule::kLegacy),
                         Column<&UserID::id>(PrimaryKey()));
  }
};

struct Identified {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Mixin<Identified>(Column<&Identified::id>(PrimaryKey()));
  }
};
struct KeyOfAMixin : Identified {
  static constexpr auto Mapping() {
    return Table<KeyOfAMixin>(Include<Identified>());
  }
};

// FSA-24, FSA-25, FSA-26
TEST(MappingTest, NamesTablesByTheRule) {
  EXPECT_EQ(TableOf<User>().name(), "user");
  EXPECT_EQ(TableOf<KeyOfAMixin>().name(), "key_of_a_mixin");
  EXPECT_EQ(TableOf<OrderLine>().name(), "order_line");
  EXPECT_EQ(TableOf<FOOBar>().name(), "foo_bar");
  EXPECT_EQ(TableOf<UserID>().name(), "userID");
  EXPECT_EQ(TableOf<Order>().name(), "orders");
}

// ORM-07
TEST(MappingTest, LeavesModelsAggregates) {
  static_assert(std::is_aggregate_v<User>);
  static_assert(std::is_aggregate_v<Post>);
  const User user{.username = "ada"};
  EXPECT_EQ(user.username, "ada");
  EXPECT_EQ(user.age, std::nullopt);
}

TEST(MappingTest, IsAConstant) {
  static constexpr auto kMapping = Post::Mapping();
  static_assert(kMapping.columns.size() == 4);
  static_assert(kMapping.relationships[0].link.member == "category");
  static_assert(kMapping.relationships[0].reverse.member == "posts");
}

// What links as plain values, before any session.
TEST(LinkTest, PlainValuesOwnWhatTheyLinkTo) {
  Category category{.name = "Python"};
  category.posts.Append(Post{.title = "Snakes"});
  Category moved = std::move(category);
  Category copied = moved;
  ASSERT_EQ(moved.posts.size(), 1u);
  ASSERT_EQ(copied.posts.size(), 1u);
  for (const Post& post : moved.posts) EXPECT_EQ(post.title, "Snakes");

  Post post{.title = "Hello", .category = Category{.name = "C++"}};
  EXPECT_EQ(post.category->name, "C++");
  const Ref<Category> ref = Ref<Category>::Make(Category{.name = "Go"});
  post.category = ref;
  EXPECT_TRUE(post.category == ref);
  post.category = nullptr;
  EXPECT_FALSE(post.category);
}

// FSA-30
TEST(ReprTest, ShowsNewEntitiesByAddress) {
  const Ref<User> user = Ref<User>::Make(User{});
  EXPECT_THAT(ToString(user),
              ::testing::MatchesRegex("<User .transient 0x[0-9a-f]+.>"));
  EXPECT_EQ(ToString(Ref<User>()), "<User null>");
}

}  // namespace
}  // namespace cupel::orm_test
