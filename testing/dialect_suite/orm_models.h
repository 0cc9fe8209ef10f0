// The models of the suite's cases of sessions.

#ifndef CUPEL_TESTING_DIALECT_SUITE_ORM_MODELS_H_
#define CUPEL_TESTING_DIALECT_SUITE_ORM_MODELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cupel/orm/orm.h"

namespace cupel::dialect_suite {

struct Book;
struct Tag;
struct BookTag;

struct Author {
  int64_t id = 0;
  std::string name;
  std::optional<int64_t> age;
  int64_t version = 0;
  Collection<Book> books;

  static constexpr auto Mapping() {
    return Table<Author>(Column<&Author::id>(PrimaryKey()),
                         Column<&Author::name>(String(60), Unique()),
                         Column<&Author::age>(),
                         Column<&Author::version>(VersionId()));
  }
};

struct Book {
  int64_t id = 0;
  std::string title;
  int64_t pages = 1;
  std::optional<int64_t> author_id;
  Reference<Author> author;
  Collection<Tag> tags;

  static constexpr auto Mapping();
};

struct Tag {
  int64_t id = 0;
  std::string label;
  Collection<Book> books;

  static constexpr auto Mapping() {
    return Table<Tag>(Column<&Tag::id>(PrimaryKey()),
                      Column<&Tag::label>(String(30)));
  }
};

struct BookTag {
  int64_t book_id = 0;
  int64_t tag_id = 0;

  static constexpr auto Mapping() {
    return Table<BookTag>(
        Column<&BookTag::book_id>(PrimaryKey(), ForeignKey<&Book::id>()),
        Column<&BookTag::tag_id>(PrimaryKey(), ForeignKey<&Tag::id>()));
  }
};

constexpr auto Book::Mapping() {
  return Table<Book>(
      Column<&Book::id>(PrimaryKey()), Column<&Book::title>(String(80)),
      Column<&Book::pages>(ServerDefault("1")),
      Column<&Book::author_id>(ForeignKey<&Author::id>()),
      Relationship<&Book::author>(Backref<&Author::books>()),
      Relationship<&Book::tags>(Secondary<BookTag>(), OrderBy<&Tag::label>(),
                                Backref<&Tag::books>()));
}

// A key of two columns that the program gives.
struct Place {
  std::string country;
  int64_t number = 0;
  std::string name;

  static constexpr auto Mapping() {
    return Table<Place>(Column<&Place::country>(String(10), PrimaryKey()),
                        Column<&Place::number>(PrimaryKey()),
                        Column<&Place::name>(String(40)));
  }
};

// A tree.
struct Node {
  int64_t id = 0;
  std::string name;
  std::optional<int64_t> parent_id;
  Reference<Node> parent;
  Collection<Node> children;

  static constexpr auto Mapping() {
    return Table<Node>("tree_node", Column<&Node::id>(PrimaryKey()),
                       Column<&Node::name>(String(40)),
                       Column<&Node::parent_id>(ForeignKey<&Node::id>()),
                       Relationship<&Node::parent>(
                           Backref<&Node::children>(OrderBy<&Node::name>())));
  }
};

// With arrays.
struct Crate {
  int64_t id = 0;
  std::vector<std::string> labels;
  std::vector<double> sizes;
  std::optional<std::vector<std::optional<int64_t>>> marks;

  static constexpr auto Mapping() {
    return Table<Crate>(
        Column<&Crate::id>(PrimaryKey()), Column<&Crate::labels>(),
        Column<&Crate::sizes>(Array(Float())), Column<&Crate::marks>());
  }
};

// A hierarchy: Car shares its parent's table, Boat has one of its own.
struct Car;
struct Vehicle {
  int64_t id = 0;
  std::string kind;
  std::string name;

  static constexpr auto Mapping() {
    return Table<Vehicle>(
        PolymorphicOn<&Vehicle::kind>("vehicle", Subclasses<Car>()),
        Column<&Vehicle::id>(PrimaryKey()), Column<&Vehicle::kind>(String(20)),
        Column<&Vehicle::name>(String(40)));
  }
};
struct Car : Vehicle {
  int64_t doors = 0;
  static constexpr auto Mapping() {
    return Table<Car>(Inherits<Vehicle>("car"), Column<&Car::doors>());
  }
};
struct Boat : Vehicle {
  int64_t masts = 0;
  static constexpr auto Mapping() {
    return Table<Boat>(Inherits<Vehicle>("boat"), Joined(),
                       Column<&Boat::masts>());
  }
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_ORM_MODELS_H_
