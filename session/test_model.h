// Entities for the tests of this layer, and a fixture with them.

#ifndef CUPEL_SESSION_TEST_MODEL_H_
#define CUPEL_SESSION_TEST_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/session/session.h"
#include "cupel/session/session_fixture.h"
#include "cupel/session/test_mapping.h"

namespace cupel::session {

// One to many, many to many, one to one.
struct Address;
struct User {
  int64_t id = 0;
  std::string name;
  std::optional<std::string> email;
  ToManyLink addresses;
  ToManyLink tags;
  ToOneLink profile;
};
struct Address {
  int64_t id = 0;
  std::optional<int64_t> user_id;
  std::string city;
  ToOneLink user;
};
struct Tag {
  int64_t id = 0;
  std::string label;
  ToManyLink users;
};
struct Profile {
  int64_t id = 0;
  std::optional<int64_t> user_id;
  std::string bio;
  ToOneLink user;
};

// A required parent without any cascade.
struct Category {
  int64_t id = 0;
  std::string name;
  ToManyLink posts;
};
struct Post {
  int64_t id = 0;
  int64_t category_id = 0;
  std::string title;
  int64_t score = 0;
  ToOneLink category;
};

// The database deletes the children.
struct Folder {
  int64_t id = 0;
  std::string name;
  ToManyLink files;
};
struct File {
  int64_t id = 0;
  int64_t folder_id = 0;
  std::string name;
  ToOneLink folder;
};

// The session deletes the children, and orphans.
struct Order {
  int64_t id = 0;
  std::string customer;
  ToManyLink lines;
};
struct Line {
  int64_t id = 0;
  int64_t order_id = 0;
  std::string product;
  ToOneLink order;
};

// A tree.
struct Node {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  std::string name;
  ToOneLink parent;
  ToManyLink children;
};

// Two tables that refer to each other.
struct Team {
  int64_t id = 0;
  std::string name;
  std::optional<int64_t> captain_id;
  ToOneLink captain;
  ToManyLink players;
};
struct Player {
  int64_t id = 0;
  std::string name;
  std::optional<int64_t> team_id;
  ToOneLink team;
};

// A version counter, defaults of the database.
struct Note {
  int64_t id = 0;
  int64_t version = 0;
  std::string text;
  std::optional<std::string> state;
};

// A composite key.
struct Seat {
  int64_t row = 0;
  std::string letter;
  std::string guest;
};

class TestModel : public TestMapping {
 public:
  // The one of the process.
  static const TestModel& Get();

  const EntityType *user, *address, *tag, *profile, *category, *post, *folder,
      *file, *order, *line, *node, *team, *player, *note, *seat;

  static const Relationship& link(const EntityType& type,
                                  absl::string_view name) {
    return *type.FindRelationship(name);
  }

 private:
  TestModel();

  void MapUsers();
  void MapPosts();
  void MapFolders();
  void MapOrders();
  void MapNodes();
  void MapTeams();
  void MapNotes();
  void MapSeats();
};

class SessionTest : public SessionFixture {
 protected:
  SessionTest() : SessionFixture(TestModel::Get()) {}

  const TestModel& model_ = TestModel::Get();
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_TEST_MODEL_H_
