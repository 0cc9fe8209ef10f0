// Models that the tests of this layer share: a blog, a tree, people who follow
// each other, orders with two addresses.

#ifndef CUPEL_ORM_TEST_MODELS_H_
#define CUPEL_ORM_TEST_MODELS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cupel/orm/mapping.h"

namespace cupel::orm_test {

struct User {
  int64_t id = 0;
  std::string username;
  std::string email;
  std::optional<int> age;

  static constexpr auto Mapping() {
    return Table<User>(Column<&User::id>(PrimaryKey()),
                       Column<&User::username>(String(80), Unique()),
                       Column<&User::email>(String(120), Unique()),
                       Column<&User::age>());
  }
};

struct Post;
struct Tag;

struct Category {
  int64_t id = 0;
  std::string name;
  Collection<Post> posts;

  static constexpr auto Mapping() {
    return Table<Category>(Column<&Category::id>(PrimaryKey()),
                           Column<&Category::name>(String(50)));
  }
};

struct PostTag;

struct Post {
  int64_t id = 0;
  std::string title;
  std::string body;
  int64_t category_id = 0;
  Reference<Category> category;
  Collection<Tag> tags;

  static constexpr auto Mapping();
};

struct Tag {
  int64_t id = 0;
  std::string name;
  Collection<Post> posts;

  static constexpr auto Mapping() {
    return Table<Tag>(Column<&Tag::id>(PrimaryKey()),
                      Column<&Tag::name>(String(30), Unique()));
  }
};

struct PostTag {
  int64_t post_id = 0;
  int64_t tag_id = 0;

  static constexpr auto Mapping() {
    return Table<PostTag>(
        Column<&PostTag::post_id>(PrimaryKey(), ForeignKey<&Post::id>()),
        Column<&PostTag::tag_id>(PrimaryKey(), ForeignKey<&Tag::id>()));
  }
};

constexpr auto Post::Mapping() {
  return Table<Post>(
      Column<&Post::id>(PrimaryKey()), Column<&Post::title>(String(80)),
      Column<&Post::body>(Text()),
      Column<&Post::category_id>(ForeignKey<&Category::id>()),
      Relationship<&Post::category>(Backref<&Category::posts>()),
      Relationship<&Post::tags>(Secondary<PostTag>(), OrderBy<&Tag::name>(),
                                Backref<&Tag::posts>()));
}

// A tree.
struct Node {
  int64_t id = 0;
  std::string name;
  std::optional<int64_t> parent_id;
  Reference<Node> parent;
  Collection<Node> children;

  static constexpr auto Mapping() {
    return Table<Node>(Column<&Node::id>(PrimaryKey()), Column<&Node::name>(),
                       Column<&Node::parent_id>(ForeignKey<&Node::id>()),
                       Relationship<&Node::parent>(
                           Backref<&Node::children>(OrderBy<&Node::name>())));
  }
};

// Many-to-many of a class with itself, and as an association with its own data.
struct Follow;

struct Person {
  int64_t id = 0;
  std::string name;
  std::string city;
  Collection<Person> follows;
  Collection<Person> followers;
  Collection<Follow> following;

  static constexpr auto Mapping();
};

struct Follow {
  int64_t follower_id = 0;
  int64_t leader_id = 0;
  int since = 2000;
  Reference<Person> follower;

  static constexpr auto Mapping() {
    return Table<Follow>(
        Column<&Follow::follower_id>(PrimaryKey(), ForeignKey<&Person::id>()),
        Column<&Follow::leader_id>(PrimaryKey(), ForeignKey<&Person::id>()),
        Column<&Follow::since>(ServerDefault("2000")),
        Relationship<&Follow::follower>(
            ForeignKeys<&Follow::follower_id>(), ViewOnly(),
            Backref<&Person::following>(ViewOnly())));
  }
};

constexpr auto Person::Mapping() {
  return Table<Person>(
      Column<&Person::id>(PrimaryKey()), Column<&Person::name>(),
      Column<&Person::city>(),
      Relationship<&Person::follows>(
          Secondary<Follow, &Follow::follower_id, &Follow::leader_id>(),
          Backref<&Person::followers>()));
}

// Two paths between two tables.
struct Address {
  int64_t id = 0;
  std::string street;

  static constexpr auto Mapping() {
    return Table<Address>(Column<&Address::id>(PrimaryKey()),
                          Column<&Address::street>());
  }
};

struct Order {
  int64_t id = 0;
  int64_t billing_id = 0;
  int64_t shipping_id = 0;
  Reference<Address> billing;
  Reference<Address> shipping;

  static constexpr auto Mapping() {
    return Table<Order>(
        "orders", Column<&Order::id>(PrimaryKey()),
        Column<&Order::billing_id>(ForeignKey<&Address::id>()),
        Column<&Order::shipping_id>(ForeignKey<&Address::id>()),
        Relationship<&Order::billing>(ForeignKeys<&Order::billing_id>()),
        Relationship<&Order::shipping>(ForeignKeys<&Order::shipping_id>()));
  }
};

// One-to-one, a cascade in the database, a deferred column, a plain base.
struct Stamped {
  int64_t created = 7;

  static constexpr auto Mapping() {
    return Mixin<Stamped>(Column<&Stamped::created>(Name("created_at")));
  }
};

struct Picture;

struct Album : Stamped {
  int64_t id = 0;
  std::string title;
  Reference<Picture> cover;

  static constexpr auto Mapping() {
    return Table<Album>(Include<Stamped>(), Column<&Album::id>(PrimaryKey()),
                        Column<&Album::title>());
  }
};

struct Picture : Stamped {
  int64_t id = 0;
  std::string caption;
  Deferred<std::string> pixels;
  std::optional<int64_t> album_id;
  Reference<Album> album;

  static constexpr auto Mapping() {
    return Table<Picture>(
        Include<Stamped>(), Column<&Picture::id>(PrimaryKey()),
        Column<&Picture::caption>(), Column<&Picture::pixels>(),
        Column<&Picture::album_id>(
            ForeignKey<&Album::id>({.on_delete = ForeignKeyAction::kCascade})),
        Relationship<&Picture::album>(Backref<&Album::cover>()));
  }
};

}  // namespace cupel::orm_test

#endif  // CUPEL_ORM_TEST_MODELS_H_
