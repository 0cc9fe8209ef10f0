// A fixture with an open database of the shared models, a session and a
// recorder of its statements.

#ifndef CUPEL_ORM_TEST_DATABASE_H_
#define CUPEL_ORM_TEST_DATABASE_H_

#include <optional>
#include <string>

#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/orm/test_models.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {

inline ModelList AllModels() {
  return Models<User, Category, Post, Tag, PostTag, Node, Person, Follow,
                Address, Order, Album, Picture>();
}

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<Database> db =
        Database::Open({.uri = temp_.url()}, AllModels());
    CUPEL_ASSERT_OK(db);
    db_.emplace(*std::move(db));
    CUPEL_ASSERT_OK(db_->CreateAll());
    session_.emplace(db_->NewSession());
    recorder_.emplace(db_->engine());
  }

  Database& db() { return *db_; }
  Session& session() { return *session_; }
  // A fresh session, so that nothing is in memory, and no statement so far.
  Session& Fresh() {
    session_.emplace(db_->NewSession());
    recorder_->Clear();
    return *session_;
  }
  int statements() const { return recorder_->count(); }
  engine::StatementRecorder& recorder() { return *recorder_; }

  // `count` categories "c1", "c2", ... of `posts` posts "c1-p1", ... each.
  void AddCategories(int count, int posts) {
    for (int i = 1; i <= count; ++i) {
      Category category{.name = "c" + std::to_string(i)};
      for (int j = 1; j <= posts; ++j) {
        category.posts.Append(
            Post{.title = category.name + "-p" + std::to_string(j)});
      }
      session().Add(std::move(category));
    }
    CUPEL_ASSERT_OK(session().Commit());
  }

 private:
  testing::TempDatabase temp_;
  std::optional<Database> db_;
  std::optional<Session> session_;
  std::optional<engine::StatementRecorder> recorder_;
};

}  // namespace cupel::orm_test

#endif  // CUPEL_ORM_TEST_DATABASE_H_
