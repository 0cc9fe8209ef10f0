// What a program runs around CREATE and DROP of a table, or of a MetaData as a
// whole: free DDL text (a trigger, say) or a function (to seed a table).
//
//   TableBuilder("audit")...
//       .Hook({.moment = DdlMoment::kAfterCreate,
//              .dialects = {"mydialect"},
//              .sql = "CREATE TRIGGER ..."});

#ifndef CUPEL_SCHEMA_DDL_HOOK_H_
#define CUPEL_SCHEMA_DDL_HOOK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cupel::engine {
class Connection;
class Dialect;
}  // namespace cupel::engine

namespace cupel::schema {

class Table;

enum class DdlMoment : uint8_t {
  kBeforeCreate,
  kAfterCreate,
  kBeforeDrop,
  kAfterDrop,
};

// Runs only when its object is really created or dropped; for a MetaData, on
// every CreateAll() / DropAll(). An error ends the run.
struct DdlHook {
  DdlMoment moment = DdlMoment::kAfterCreate;
  // Names of the dialects it is for; empty: all.
  std::vector<std::string> dialects;
  // Asked before it runs, after `dialects`. `table` is null for a MetaData.
  std::function<bool(engine::Connection& connection, const Table* table)>
      only_if;
  // Executed as it is; never build it from untrusted data.
  std::string sql;
  // Called after `sql`.
  std::function<absl::Status(engine::Connection& connection,
                             const Table* table)>
      function;
};

// Changes the text of CREATE TABLE: what no option can say.
struct CompileHook {
  // Names of the dialects it is for; empty: all.
  std::vector<std::string> dialects;
  // Returns what is executed in place of `sql`. Called whenever the statement
  // is made, from several threads perhaps; what it returns is not checked, so
  // never build it from untrusted data.
  std::function<absl::StatusOr<std::string>(
      const engine::Dialect& dialect, const Table& table, std::string sql)>
      create_table;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_DDL_HOOK_H_
