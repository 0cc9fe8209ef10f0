// SessionFixture: a session over an empty database in memory, with the tables
// of a mapping.

#ifndef CUPEL_SESSION_SESSION_FIXTURE_H_
#define CUPEL_SESSION_SESSION_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/session/session.h"
#include "cupel/session/test_mapping.h"
#include "cupel/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace cupel::session {

class SessionFixture : public ::testing::Test {
 protected:
  // `mapping` outlives the test.
  explicit SessionFixture(const TestMapping& mapping);

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

  const TestMapping& mapping_;
  engine::Engine engine_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> warnings_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_FIXTURE_H_
