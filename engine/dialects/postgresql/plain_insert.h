// INSERTs that COPY can do as well: one row of parameters and nothing else.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_PLAIN_INSERT_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_PLAIN_INSERT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/parameters.h"

namespace cupel::postgresql_internal {

// The parts of INSERT INTO table (columns) VALUES ($1, $2, ...).
struct PlainInsert {
  std::string table;    // as written: maybe quoted, maybe with a schema
  std::string columns;  // as written, without the parentheses
  std::vector<std::string> names;  // of the columns, as the catalogue has them

  // COPY of the same columns, in binary.
  std::string CopySql() const;

  // Asks the catalogue for the columns of the table, as MayCopy reads them. No
  // rows: COPY would not do what INSERT does there, because the name is that of
  // a view or of a partitioned or foreign table, or the table has rules,
  // triggers on INSERT, or policies for its rows.
  std::string CatalogQuery() const;
};

// Nullopt for every other statement, and for spellings that we do not write.
std::optional<PlainInsert> ParsePlainInsert(absl::string_view sql);

// Whether each column of `insert` has the type of its parameter, of which the
// binary form is known. `catalog` is what CatalogQuery gave.
bool MayCopy(const PlainInsert& insert, absl::Span<const TypeId> types,
             absl::Span<const std::string> catalog);

// COPY's binary format: what comes first, one row, what comes last.
void AppendCopyHeader(std::string* out);
void AppendCopyRow(const Parameters& row, std::string* out);
void AppendCopyTrailer(std::string* out);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_PLAIN_INSERT_H_
