// An index of a table: over columns or expressions, unique, partial.
//
//   TableBuilder("user")...
//       .Index({.name = "ix_mail", .parts = {{.column = "email"}}})
//       .Index({.name = "ix_lower",
//               .parts = {{.expression = SqlFragment::Text("lower(email)")}},
//               .unique = true,
//               .where = SqlFragment::Text("active")});

#ifndef CUPEL_SCHEMA_INDEX_H_
#define CUPEL_SCHEMA_INDEX_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema {

class Column;
class Table;

enum class SortOrder : uint8_t { kDefault, kAscending, kDescending };
enum class NullsOrder : uint8_t { kDefault, kFirst, kLast };

// One part of an index: a column (by key or name) or an expression.
struct IndexPartOptions {
  std::string column;
  SqlFragment expression;
  SortOrder order = SortOrder::kDefault;
  NullsOrder nulls = NullsOrder::kDefault;
  std::string collation;
  std::string operator_class;
};

// What one dialect makes of an index. What is not empty stands in place of what
// the index says.
struct IndexVariant {
  std::string dialect;
  SqlFragment where;
  std::string method;
  // Words behind the columns, "WITH (fillfactor = 70)" say. Never build them
  // from untrusted data.
  std::string options;
};

struct IndexOptions {
  // Empty: named by the MetaData's NamingConvention.
  std::string name;
  // The name is meant as it is: no naming convention touches it.
  bool name_is_final = false;
  std::vector<IndexPartOptions> parts;
  bool unique = false;
  // Only rows for which this holds are indexed.
  SqlFragment where;
  // Index method (USING), columns that are only carried along (INCLUDE), and
  // building without blocking writers, where the dialect has them.
  std::string method;
  std::vector<std::string> include;
  bool concurrently = false;
  // Each on its dialect only: a `where` that only some databases have, say.
  std::vector<IndexVariant> variants;
};

// Owned by its table, immutable, at a stable address; lives as long as the
// table.
class Index {
 public:
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;
  Index(Index&&) = default;

  const Table& table() const { return *table_; }
  // As given; NamingConvention::NameOf() tells what the database gets.
  const std::string& name() const { return options_.name; }
  bool unique() const { return options_.unique; }
  const IndexOptions& options() const { return options_; }

  // The column of each part of options().parts; null for an expression.
  absl::Span<const Column* const> columns() const { return columns_; }
  absl::Span<const Column* const> include() const { return include_; }

 private:
  friend class Table;
  Index(const Table* table, IndexOptions options,
        std::vector<const Column*> columns, std::vector<const Column*> include)
      : table_(table),
        options_(std::move(options)),
        columns_(std::move(columns)),
        include_(std::move(include)) {}

  const Table* table_;
  IndexOptions options_;
  std::vector<const Column*> columns_;
  std::vector<const Column*> include_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_INDEX_H_
