// A database of the default dialect for this layer's tests: empty, in memory,
// gone with the object.

#ifndef CUPEL_SCHEMA_TEST_DATABASE_H_
#define CUPEL_SCHEMA_TEST_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/cursor.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/value.h"
#include "cupel/schema/table.h"
#include "cupel/testing/temp_database.h"

namespace cupel::schema {

// Thread-compatible. Aborts the program when the database cannot be opened.
class TestDatabase {
 public:
  TestDatabase()
      : engine_(*engine::Engine::Create({.uri = testing::MemoryUrl()})),
        connection_(*engine_.Connect()) {}

  engine::Engine& engine() { return engine_; }
  engine::Connection& connection() { return connection_; }
  const engine::Dialect& dialect() const { return connection_.dialect(); }

  absl::Status Execute(absl::string_view sql) {
    return connection_.Execute(sql).status();
  }

  // All cells of the result, row by row.
  absl::StatusOr<std::vector<engine::Value>> Query(absl::string_view sql) {
    absl::StatusOr<engine::Cursor> cursor = connection_.Query(sql);
    if (!cursor.ok()) return cursor.status();
    std::vector<engine::Value> cells;
    while (true) {
      const absl::StatusOr<bool> more = cursor->Next();
      if (!more.ok()) return more.status();
      if (!*more) return cells;
      for (const engine::ValueView& cell : cursor->row()) {
        cells.emplace_back(cell);
      }
    }
  }

 private:
  engine::Engine engine_;
  engine::Connection connection_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_TEST_DATABASE_H_
