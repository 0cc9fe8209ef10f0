// The fixture of the suite's cases of sessions: the models' tables, a session,
// and a recorder of what it sends.

#ifndef CUPEL_TESTING_DIALECT_SUITE_ORM_TEST_H_
#define CUPEL_TESTING_DIALECT_SUITE_ORM_TEST_H_

#include <optional>
#include <string>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/orm_models.h"

namespace cupel::dialect_suite {

class OrmTest : public DialectTest {
 protected:
  void Open() override;
  void Close() override;

  Database& database() { return *database_; }
  Session& session() { return *session_; }
  engine::StatementRecorder& recorder() { return *recorder_; }

  // A session without entities, and no statement recorded.
  Session& Fresh();

  // Authors "a1", "a2", ... each with `books` books "a1-b1", ...
  void AddLibrary(int authors, int books);

 private:
  std::optional<Database> database_;
  std::optional<Session> session_;
  std::optional<engine::StatementRecorder> recorder_;
};

}  // namespace cupel::dialect_suite

#endif  // CUPEL_TESTING_DIALECT_SUITE_ORM_TEST_H_
