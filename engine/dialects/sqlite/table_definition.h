// Reads the text of a CREATE TABLE or CREATE INDEX statement as sqlite_schema
// keeps it: what the pragmas do not tell (names of constraints, CHECKs,
// DEFERRABLE, expressions).
//
// The texts are valid SQL, for SQLite has accepted them, but what is in them is
// data: nothing of it is executed.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_TABLE_DEFINITION_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_TABLE_DEFINITION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/catalog.h"

namespace cupel::sqlite_internal {

struct ColumnDefinition {
  std::string name;
  std::string collation;
  bool autoincrement = false;
  std::string computed;  // the expression; empty when it is not computed
};

struct TableDefinition {
  std::vector<ColumnDefinition> columns;
  engine::CatalogPrimaryKey primary_key;
  std::vector<engine::CatalogForeignKey> foreign_keys;  // in order of text
  std::vector<engine::CatalogUnique> uniques;
  std::vector<engine::CatalogCheck> checks;
  std::vector<std::string> options;  // "WITHOUT ROWID", "STRICT"

  // Null when there is none of the name, compared without regard to case.
  const ColumnDefinition* FindColumn(absl::string_view name) const;
};

// Understands as much of `sql` as it can.
TableDefinition ParseCreateTable(absl::string_view sql);

struct IndexDefinition {
  // One a part: its text without COLLATE and ASC or DESC.
  std::vector<std::string> parts;
  std::string where;
};

IndexDefinition ParseCreateIndex(absl::string_view sql);

// The query of a CREATE VIEW statement.
std::string ParseCreateView(absl::string_view sql);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_TABLE_DEFINITION_H_
