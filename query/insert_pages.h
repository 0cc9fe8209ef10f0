// Many rows by few statements: INSERT ... VALUES (...), (...) RETURNING ...,
// in pages as large as the database takes. What comes back is matched with the
// rows that went in.
//
//   std::vector<query::Statement> rows;
//   for (const auto& name : names) {
//     rows.push_back(query::Insert(user).Set(u.name, name).Returning(u.id));
//   }
//   CUPEL_ASSIGN_OR_RETURN(
//       auto ids, query::InsertMany<int64_t>(connection, cache, rows));
//   // std::get<0>(ids[i]) is the key of rows[i]; 2500 rows took 3 statements.

#ifndef CUPEL_QUERY_INSERT_PAGES_H_
#define CUPEL_QUERY_INSERT_PAGES_H_

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/compiled.h"
#include "cupel/query/result.h"
#include "cupel/query/statement.h"
#include "cupel/query/statement_cache.h"

namespace cupel::query {

struct PageOptions {
  // Rows of one statement, at most; fewer where the database takes fewer rows,
  // parameters or bytes. 0: as many as it takes. 1: no pages.
  size_t rows = 0;
  // The i-th result belongs to the i-th row. Databases promise no order of
  // RETURNING: unless the dialect does, this needs a key among the returned
  // columns, which the database generates in order or each row brings. Without
  // one every row is executed by itself.
  bool in_order = true;
  // What the values of a row point to stays until the call returns, so that
  // they need no copy for the page.
  bool values_stay = false;
};

// Executes `insert`, an INSERT of one row, for each of `rows`, whose values are
// those of its sites. `sink`, which may be null, hears of each row once, with
// what RETURNING gave for it.
//
// An INSERT with an upsert, with values outside of its row, or of defaults
// only, is executed row by row.
//
// Errors: of the database; kUnimplemented (kUnsupported) when the rows
// that came back cannot be told apart after all: they have been inserted, roll
// back. `origin` goes with every statement.
absl::Status ExecutePages(
    engine::Connection& connection, const Compiled& insert,
    engine::BatchSource& rows, engine::BatchSink* sink,
    const PageOptions& options = {},
    engine::Location origin = engine::Location::Current());

}  // namespace cupel::query

namespace cupel::query_internal {

// InsertMany, erased: calls `row` to get the targets of each returned row.
absl::Status InsertManyInto(
    engine::Connection& connection, query::StatementCache& cache,
    absl::Span<const query::Statement> inserts,
    const query::PageOptions& options, engine::Location origin, size_t width,
    absl::FunctionRef<void(absl::Span<CellTarget>)> row);

}  // namespace cupel::query_internal

namespace cupel::query {

// Executes `inserts`, each an INSERT of one row, which differ in values only,
// and returns their RETURNING columns. Errors: kInvalidArgument when the shapes
// differ or another number of columns is returned; those of ExecutePages.
template <typename... Ts>
absl::StatusOr<std::vector<std::tuple<Ts...>>> InsertMany(
    engine::Connection& connection, StatementCache& cache,
    absl::Span<const Statement> inserts, const PageOptions& options = {},
    engine::Location origin = engine::Location::Current()) {
  using Row = std::tuple<Ts...>;
  std::vector<Row> rows;
  rows.reserve(inserts.size());
  CUPEL_RETURN_IF_ERROR(query_internal::InsertManyInto(
      connection, cache, inserts, options, origin, sizeof...(Ts),
      [&rows](absl::Span<query_internal::CellTarget> targets) {
        query_internal::AimAt(rows.emplace_back(), targets,
                              std::index_sequence_for<Ts...>());
      }));
  return rows;
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_INSERT_PAGES_H_
