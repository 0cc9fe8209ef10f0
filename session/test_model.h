// Entities for the tests of this layer, mapped by hand as the layer above would
// map them, and a fixture with a real database.

#ifndef CUPEL_SESSION_TEST_MODEL_H_
#define CUPEL_SESSION_TEST_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/session/session.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

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

class TestModel {
 public:
  // The one of the process.
  static const TestModel& Get();

  std::shared_ptr<const Registry> registry;
  const EntityType *user, *address, *tag, *profile, *category, *post, *folder,
      *file, *order, *line, *node, *team, *player, *note, *seat;

  schema::MetaData& metadata() const { return *metadata_; }
  const Relationship& link(const EntityType& type,
                           absl::string_view name) const {
    return *type.FindRelationship(name);
  }

 private:
  TestModel();

  std::unique_ptr<schema::MetaData> metadata_;
};

// A session over an empty database in memory.
class SessionTest : public ::testing::Test {
 protected:
  SessionTest();

  // Another session over the same database.
  std::unique_ptr<Session> NewSession(SessionOptions options = {});
  void Reopen(SessionOptions options = {});

  template <typename T>
  EntityRef Add(const EntityType& type, T value) {
    return session_->Add(type, &value);
  }
  template <typename T>
  static EntityRef Make(T value) {
    return EntityRef::Make(ObjectTypeOf<T>(), &value);
  }
  template <typename T>
  static const T& As(const EntityRef& ref) {
    return *static_cast<const T*>(ref.object());
  }
  template <typename T>
  static T& Edit(const EntityRef& ref) {
    return *static_cast<T*>(ref.Edit().value());
  }
  EntityRef Get(const EntityType& type, int64_t key) {
    absl::StatusOr<EntityRef> found = session_->Get(type, key);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : EntityRef();
  }
  // All entities of a type, by primary key.
  std::vector<EntityRef> All(const EntityType& type,
                             std::vector<LoadOption> options = {});
  EntityQuery Query(const EntityType& type) const;
  // A single value straight from the database, through a connection of its own
  // when the session has none open, else through the session's.
  int64_t Scalar(absl::string_view sql);
  void Sql(absl::string_view sql);

  const TestModel& model_ = TestModel::Get();
  engine::Engine engine_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> warnings_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_TEST_MODEL_H_
