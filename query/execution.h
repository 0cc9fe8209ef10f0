// Executing statements: values out of the tree, SQL out of the cache, rows out
// of the database.
//
//   CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
//                          query::Execute(connection, cache, statement));
//   while (true) {
//     CUPEL_ASSIGN_OR_RETURN(bool more, cursor.Next());
//     if (!more) break;
//     int64_t id;
//     CUPEL_RETURN_IF_ERROR(cursor.Read(0, engine::TypeOpsOf<int64_t>(), &id));
//   }
//
// result.h has whole results as typed rows.

#ifndef CUPEL_QUERY_EXECUTION_H_
#define CUPEL_QUERY_EXECUTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/cursor.h"
#include "cupel/engine/location.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/value.h"
#include "cupel/query/bind_check.h"
#include "cupel/query/statement.h"

namespace cupel::engine {
class Connection;
class Dialect;
}  // namespace cupel::engine

namespace cupel::query {

struct Compiled;
struct ResultColumn;
class StatementCache;

// The rows of an executed statement. Move-only; as its engine::Cursor it holds
// its connection's statement until it is finished or destroyed.
class ResultCursor {
 public:
  // Keeps `statement` and `owned`, into which the running statement points.
  ResultCursor(engine::Cursor&& cursor,
               std::shared_ptr<const Compiled>&& compiled, Statement statement,
               std::shared_ptr<void> owned)
      : compiled_(std::move(compiled)),
        statement_(std::move(statement)),
        owned_(std::move(owned)),
        cursor_(std::move(cursor)) {}

  // Steps to the next row; false when there is none.
  absl::StatusOr<bool> Next() { return cursor_.Next(); }
  // The row's cells in storage form, valid until the next call.
  absl::Span<const engine::ValueView> cells() const { return cursor_.row(); }
  size_t column_count() const;
  // Label, type and codec of each column; empty for untyped text statements.
  absl::Span<const ResultColumn> columns() const;
  const Compiled& compiled() const { return *compiled_; }

  // Decodes cell `i` into `*out`, an object of `ops`'s type. Errors:
  // kOutOfRange for a column that is not there; what reading reports, naming
  // the column: NULL or another kind of value is never a default.
  absl::Status Read(size_t i, const engine::TypeOps& ops, void* out) const;
  template <typename T>
  absl::Status Read(size_t i, T* out) const {
    return Read(i, engine::TypeOpsOf<T>(), out);
  }
  // By label, or by the expression that was selected.
  absl::StatusOr<size_t> Find(absl::string_view label) const;
  absl::StatusOr<size_t> Find(const Expr& expr) const;
  template <typename T, typename Key>
  absl::StatusOr<T> Get(const Key& key) const {
    size_t i = 0;
    if constexpr (std::is_integral_v<Key>) {
      i = static_cast<size_t>(key);
    } else {
      CUPEL_ASSIGN_OR_RETURN(i, Find(key));
    }
    T value{};
    CUPEL_RETURN_IF_ERROR(Read(i, &value));
    return value;
  }

  // Reads to the end and tells what the statement did.
  absl::StatusOr<engine::ExecuteResult> Finish() { return cursor_.Finish(); }

 private:
  std::shared_ptr<const Compiled> compiled_;
  Statement statement_;
  std::shared_ptr<void> owned_;
  engine::Cursor cursor_;  // Ends before what it points into.
};

// Executes `statement`. Errors: those of Compile, of BoundParameters::Fill and
// of the database.
absl::StatusOr<ResultCursor> Execute(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement,
    absl::Span<const ParameterValue> parameters = {},
    engine::Location origin = engine::Location::Current());

// Executes a statement to its end: INSERT, UPDATE, DELETE.
absl::StatusOr<engine::ExecuteResult> ExecuteToEnd(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement,
    absl::Span<const ParameterValue> parameters = {},
    engine::Location origin = engine::Location::Current());

// Executes each of `statements`, all of one shape, as one batch of one prepared
// statement. Errors: kInvalidArgument when the shapes differ.
absl::StatusOr<engine::ExecuteResult> ExecuteMany(
    engine::Connection& connection, StatementCache& cache,
    absl::Span<const Statement> statements,
    engine::Location origin = engine::Location::Current());

// The SQL that `statement` runs as, values left out: what logs show.
absl::StatusOr<std::string> SqlOf(const Statement& statement,
                                  const engine::Dialect& dialect);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_EXECUTION_H_
