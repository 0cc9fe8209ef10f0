// NewUsers: many new entities of one table, which are inserted as the dialect
// likes it best, or one by one; and a test that compares the two.

#ifndef CUPEL_SESSION_NEW_USERS_H_
#define CUPEL_SESSION_NEW_USERS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/test_model.h"
#include "gtest/gtest.h"

namespace cupel::session {

// An empty database, and new users in a session over it.
class NewUsers {
 public:
  static constexpr int kCount = 333;

  // `one_by_one`: each by a statement of its own.
  explicit NewUsers(bool one_by_one);

  void Sql(absl::string_view sql);
  // Creates the table of users.
  void Create(const schema::TableBuilder& table);
  // Adds a row that was there before; the next keys are greater.
  void AddRow(int64_t id, absl::string_view name);

  absl::Status Commit() { return session_.Commit(); }
  User& Edit(int i) { return *static_cast<User*>(users_[i].Edit().value()); }
  engine::Engine& engine() { return engine_; }

  // What each entity says of itself: "1 user0 0@example.com".
  std::vector<std::string> Entities() const;
  // What the table holds, in the order of the keys.
  std::vector<std::string> Rows();
  int CountOf(absl::string_view table);
  // `message` without the name of the database.
  std::string Plain(absl::string_view message) const;

 private:
  engine::Engine engine_;
  Session session_;
  std::vector<EntityRef> users_;
};

// The same new rows as the dialect inserts them, and one by one.
class InsertRunTest : public ::testing::Test {
 protected:
  // The table of users, as a mapping would create it.
  static schema::TableBuilder Table();

  // Both databases get the same.
  void Create(const schema::TableBuilder& table);
  void AddRow(int64_t id, absl::string_view name);
  void Sql(absl::string_view sql);

  void ExpectSame();

  NewUsers fast_{/*one_by_one=*/false};
  NewUsers slow_{/*one_by_one=*/true};
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_NEW_USERS_H_
