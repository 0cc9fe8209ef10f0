// Looks at SQL text of MariaDB's dialect, as far as the driver has to know what
// a statement is.
//
// https://mariadb.com/kb/en/comment-syntax/

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/sql_scanner.h"

namespace cupel::mariadb_internal {

using engine::Token;
using engine::TokenKind;

// See engine/sql_scanner.h. Backslashes in strings are ordinary characters, as
// the driver's sql_mode has it.
class SqlScanner : public engine::SqlScanner {
 public:
  explicit SqlScanner(absl::string_view sql);
};

// What executing a statement means for its connection.
struct StatementTraits {
  // It ends the transaction that is open, as DDL does.
  bool commits_implicitly = false;
  // It makes, changes or drops an object, and gives no rows.
  bool is_ddl = false;
  // A query that locks what it reads.
  bool takes_locks = false;
  // It may leave traces on the connection besides those of its transaction: a
  // setting, a user variable, a lock, a temporary table.
  bool changes_session = false;
  // It cannot change any table: stopping it half-way loses nothing.
  bool only_reads = false;
};

StatementTraits TraitsOf(absl::string_view sql);

// An UPDATE or DELETE of one table with conditions on columns alone, all of
// which hold:
//   UPDATE t SET ... WHERE a = ? AND b = ?
struct KeyedWrite {
  std::string table;  // as it stands in the SQL
  std::vector<std::string> columns;
};

// std::nullopt for any other statement.
std::optional<KeyedWrite> KeyedWriteOf(absl::string_view sql);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_SQL_SCANNER_H_
