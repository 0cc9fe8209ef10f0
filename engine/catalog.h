// What exists in a database, as plain data: the result of reflection, and the
// interface by which a dialect reads it.
//
//   std::unique_ptr<Catalog> catalog = connection.dialect().MakeCatalog();
//   CUPEL_ASSIGN_OR_RETURN(auto names, catalog->TableNames(connection, ""));
//
// All texts are untrusted data: a name in them may hold anything and has to
// pass Dialect::AppendIdentifier before it becomes part of a statement.

#ifndef CUPEL_ENGINE_CATALOG_H_
#define CUPEL_ENGINE_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"

namespace cupel::engine {

class Connection;

// A computed column: its expression, and whether the value is stored.
struct CatalogComputed {
  std::string expression;
  bool stored = false;
};

// An identity column, where the database has them.
struct CatalogIdentity {
  bool always = false;
  int64_t start = 1;
  int64_t increment = 1;
};

struct CatalogColumn {
  std::string name;
  // As the database spells it, e.g. "VARCHAR(80)".
  std::string declared_type;
  Type type;
  bool nullable = true;
  // The expression of the default as SQL text.
  std::optional<std::string> server_default;
  // The database makes the value of a key that an INSERT leaves out, and, if
  // so, whether it never gives the key of a deleted row again.
  bool autoincrement = false;
  bool never_reuses_keys = false;
  // Position in the primary key, from 1; 0 when it is not part of it.
  int primary_key_position = 0;
  std::optional<CatalogComputed> computed;
  std::optional<CatalogIdentity> identity;
  std::string collation;
  std::string comment;
};

struct CatalogPrimaryKey {
  std::string name;  // empty when it has none
  std::vector<std::string> columns;
};

// `referred_columns` is empty when the constraint names the table only: its
// primary key is meant. Actions are upper case ("CASCADE", "SET NULL", "NO
// ACTION", ...), empty for the default.
struct CatalogForeignKey {
  std::string name;
  std::vector<std::string> columns;
  std::string referred_schema;
  std::string referred_table;
  std::vector<std::string> referred_columns;
  std::string on_delete;
  std::string on_update;
  std::string match;
  bool deferrable = false;
  bool initially_deferred = false;
};

// A part of an index: a column, or an expression when `column` is empty.
struct CatalogIndexPart {
  std::string column;
  std::string expression;
  bool descending = false;
  std::string collation;
};

struct CatalogIndex {
  std::string name;
  bool unique = false;
  std::vector<CatalogIndexPart> parts;
  // The condition of a partial index, else empty.
  std::string where;
  std::string method;
};

struct CatalogUnique {
  std::string name;
  std::vector<std::string> columns;
};

struct CatalogCheck {
  std::string name;
  std::string expression;
};

// A part of an exclusion constraint: a column, or an expression when `column`
// is empty; and the operator that must not hold between two rows.
struct CatalogExcludePart {
  std::string column;
  std::string expression;
  std::string op;
};

struct CatalogExclude {
  std::string name;
  std::string method;
  std::vector<CatalogExcludePart> parts;
  std::string where;
  bool deferrable = false;
  bool initially_deferred = false;
};

enum class CatalogTableKind : uint8_t { kTable, kView, kVirtual, kTemporary };

struct CatalogTable {
  std::string schema;
  std::string name;
  CatalogTableKind kind = CatalogTableKind::kTable;
  std::vector<CatalogColumn> columns;
  CatalogPrimaryKey primary_key;
  std::vector<CatalogForeignKey> foreign_keys;
  // Without those that only serve a constraint above.
  std::vector<CatalogIndex> indexes;
  std::vector<CatalogUnique> uniques;
  std::vector<CatalogCheck> checks;
  std::vector<CatalogExclude> excludes;
  std::string comment;
  // Options behind the column list ("STRICT", "WITHOUT ROWID", "ENGINE=...").
  std::vector<std::string> options;
};

struct CatalogView {
  std::string schema;
  std::string name;
  // The text of the query, or the whole CREATE statement, as the database
  // keeps it.
  std::string definition;
};

// An enum type that is an object of its own.
struct CatalogEnum {
  std::string schema;  // empty: the connection's default one
  std::string name;
  std::vector<std::string> names;  // of its values, in order
};

// Reads a database's catalogue through an ordinary connection. Stateless and
// thread-compatible. An empty `schema` is the connection's default one.
class Catalog {
 public:
  virtual ~Catalog() = default;

  virtual absl::StatusOr<std::string> DefaultSchema(Connection& connection) = 0;
  virtual absl::StatusOr<std::vector<std::string>> SchemaNames(
      Connection& connection) = 0;

  // Names of ordinary tables, of views, in alphabetical order; without the
  // database's own.
  virtual absl::StatusOr<std::vector<std::string>> TableNames(
      Connection& connection, absl::string_view schema) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ViewNames(
      Connection& connection, absl::string_view schema) = 0;
  virtual absl::StatusOr<std::vector<std::string>> TemporaryTableNames(
      Connection& connection) = 0;

  // Whether a table or view of that name exists.
  virtual absl::StatusOr<bool> HasTable(Connection& connection,
                                        absl::string_view schema,
                                        absl::string_view table) = 0;

  // All about one table or view (its columns). Errors: kNoSuchTable.
  virtual absl::StatusOr<CatalogTable> ReadTable(Connection& connection,
                                                 absl::string_view schema,
                                                 absl::string_view table) = 0;

  // Errors: kNoSuchTable.
  virtual absl::StatusOr<CatalogView> ReadView(Connection& connection,
                                               absl::string_view schema,
                                               absl::string_view view) = 0;

  // Names of sequences in alphabetical order, without those that only serve an
  // identity column. None where there are no sequences.
  virtual absl::StatusOr<std::vector<std::string>> SequenceNames(
      Connection& connection, absl::string_view schema);

  // Enum types in alphabetical order. None where they are no objects.
  virtual absl::StatusOr<std::vector<CatalogEnum>> EnumTypes(
      Connection& connection, absl::string_view schema);
};

inline absl::StatusOr<std::vector<std::string>> Catalog::SequenceNames(
    Connection&, absl::string_view) {
  return std::vector<std::string>();
}

inline absl::StatusOr<std::vector<CatalogEnum>> Catalog::EnumTypes(
    Connection&, absl::string_view) {
  return std::vector<CatalogEnum>();
}

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CATALOG_H_
