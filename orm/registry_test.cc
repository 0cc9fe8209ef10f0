#include "cupel/orm/registry.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/orm/test_models.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/session.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ErrorsOf(const ModelList& models) {
  return std::string(orm_internal::BuildRegistry(models).status().message());
}

// ORM-40, ORM-41, ORM-42
TEST(RegistryTest, FindsKindAndOtherEndOfRelationships) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto registry,
      orm_internal::BuildRegistry(
          Models<Category, Post, Tag, PostTag, Album, Picture>()));
  const session::EntityType* category =
      registry->Find(session::ObjectTypeOf<Category>());
  ASSERT_NE(category, nullptr);
  const session::Relationship* posts = category->FindRelationship("posts");
  ASSERT_NE(posts, nullptr);
  EXPECT_EQ(posts->kind, session::RelationshipKind::kOneToMany);
  ASSERT_NE(posts->reverse, nullptr);
  EXPECT_EQ(posts->reverse->name, "category");
  EXPECT_EQ(posts->reverse->kind, session::RelationshipKind::kManyToOne);
  const session::EntityType* post =
      registry->Find(session::ObjectTypeOf<Post>());
  EXPECT_EQ(post->FindRelationship("tags")->kind,
            session::RelationshipKind::kManyToMany);
  const session::EntityType* album =
      registry->Find(session::ObjectTypeOf<Album>());
  EXPECT_EQ(album->FindRelationship("cover")->kind,
            session::RelationshipKind::kOneToOne);
}

struct Ambiguous {
  int64_t id = 0;
  int64_t one_id = 0;
  int64_t two_id = 0;
  Reference<User> user;
  static constexpr auto Mapping() {
    return Table<Ambiguous>(Column<&Ambiguous::id>(PrimaryKey()),
                            Column<&Ambiguous::one_id>(ForeignKey<&User::id>()),
                            Column<&Ambiguous::two_id>(ForeignKey<&User::id>()),
                            Relationship<&Ambiguous::user>());
  }
};
struct Unlinked {
  int64_t id = 0;
  Reference<User> user;
  static constexpr auto Mapping() {
    return Table<Unlinked>(Column<&Unlinked::id>(PrimaryKey()),
                           Relationship<&Unlinked::user>());
  }
};
struct WrongType {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<WrongType>(Column<&WrongType::id>(PrimaryKey(), Text()));
  }
};
struct SameTable {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<SameTable>("user", Column<&SameTable::id>(PrimaryKey()));
  }
};

struct Circle;
struct Shape {
  int64_t id = 0;
  std::string kind;
  static constexpr auto Mapping() {
    return Table<Shape>(
        Column<&Shape::id>(PrimaryKey()), Column<&Shape::kind>(),
        PolymorphicOn<&Shape::kind>("shape", Subclasses<Circle>()));
  }
};
struct Circle : Shape {
  static constexpr auto Mapping() {
    return Table<Circle>(Inherits<Shape>("circle"),
                         TableArgs([](schema::TableDefinition&) {}));
  }
};

TEST(RegistryTest, TableArgsBelongToTheClassOfTheTable) {
  EXPECT_THAT(ErrorsOf(Models<Shape, Circle>()),
              HasSubstr("class Circle: shares the table of class Shape, whose "
                        "mapping takes the TableArgs()"));
}

// C-17
TEST(RegistryTest, ReportsAllMistakesTogether) {
  const std::string errors =
      ErrorsOf(Models<User, Ambiguous, Unlinked, WrongType, SameTable>());
  EXPECT_THAT(errors, HasSubstr("4 mistakes"));
  EXPECT_THAT(errors,
              AllOf(HasSubstr("relationship Ambiguous.user -> User"),
                    HasSubstr("choose one by ForeignKeys<&T::member>()")));
  EXPECT_THAT(errors, AllOf(HasSubstr("relationship Unlinked.user -> User"),
                            HasSubstr("no foreign key links")));
  EXPECT_THAT(errors, HasSubstr("class WrongType: column id"));
  EXPECT_THAT(errors, HasSubstr("classes User and SameTable are both mapped "
                                "to the table user"));
}

// ORM-11
TEST(RegistryTest, NamesBothSidesOfAMissingClass) {
  const std::string errors = ErrorsOf(Models<Post, Tag, PostTag>());
  EXPECT_THAT(errors, HasSubstr("relationship Post.category -> Category: class "
                                "Category is not listed in Models<>"));
  EXPECT_THAT(errors, HasSubstr("class Post has a foreign key to class "
                                "Category"));
}

TEST(RegistryTest, RefusesAClassListedTwice) {
  EXPECT_THAT(ErrorsOf(Models<User, User>()),
              HasSubstr("class User is listed twice"));
}

TEST(RegistryTest, ListsOfModelsAreJoined) {
  CUPEL_EXPECT_OK(
      orm_internal::BuildRegistry(Models<User>() + Models<Address, Order>()));
}

}  // namespace
}  // namespace cupel::orm_test
