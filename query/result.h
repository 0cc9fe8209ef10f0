// Whole results as typed rows.
//
//   CUPEL_ASSIGN_OR_RETURN(auto rows, query::All(connection, cache,
//                                                query::TypedSelect(id,
//                                                name)));
//   for (const auto& [id, name] : rows) ...
//
// Ts come from the statement; of an erased statement they are spelled:
// All<int64_t, std::string>(connection, cache, statement).

#ifndef CUPEL_QUERY_RESULT_H_
#define CUPEL_QUERY_RESULT_H_

#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/query/execution.h"
#include "cupel/query/insert.h"
#include "cupel/query/select.h"

namespace cupel::query_internal {

// Where a row's cells go: one entry a column.
struct CellTarget {
  const engine::TypeOps* ops;
  void* object;
};

enum class RowDemand : uint8_t { kAny, kFirst, kExactlyOne, kAtMostOne };

// Executes, checks the number of columns, and calls `row` to get the targets of
// each row before it is decoded.
absl::Status ReadRows(engine::Connection& connection,
                      query::StatementCache& cache,
                      const query::Statement& statement, RowDemand demand,
                      size_t width,
                      absl::FunctionRef<void(absl::Span<CellTarget>)> row);

template <typename Row, size_t... I>
void AimAt([[maybe_unused]] Row& row,
           [[maybe_unused]] absl::Span<CellTarget> targets,
           std::index_sequence<I...>) {
  ((targets[I] = {&engine::TypeOpsOf<std::tuple_element_t<I, Row>>(),
                  &std::get<I>(row)}),
   ...);
}

template <typename Row>
absl::StatusOr<std::vector<Row>> CollectRows(engine::Connection& connection,
                                             query::StatementCache& cache,
                                             const query::Statement& statement,
                                             RowDemand demand) {
  constexpr size_t kWidth = std::tuple_size_v<Row>;
  std::vector<Row> rows;
  CUPEL_RETURN_IF_ERROR(ReadRows(connection, cache, statement, demand, kWidth,
                                 [&rows](absl::Span<CellTarget> targets) {
                                   AimAt(rows.emplace_back(), targets,
                                         std::make_index_sequence<kWidth>());
                                 }));
  return rows;
}

}  // namespace cupel::query_internal

namespace cupel::query {

// A statement that knows the type of its rows.
template <typename S>
concept HasRow = requires {
  typename S::Row;
};

// All rows.
template <typename... Ts>
absl::StatusOr<std::vector<std::tuple<Ts...>>> All(
    engine::Connection& connection, StatementCache& cache,
    const Statement& statement) {
  return query_internal::CollectRows<std::tuple<Ts...>>(
      connection, cache, statement, query_internal::RowDemand::kAny);
}
template <HasRow S>
absl::StatusOr<std::vector<typename S::Row>> All(engine::Connection& connection,
                                                 StatementCache& cache,
                                                 const S& statement) {
  return query_internal::CollectRows<typename S::Row>(
      connection, cache, statement, query_internal::RowDemand::kAny);
}

// The first row, or nullopt; the rest is not fetched.
template <HasRow S>
absl::StatusOr<std::optional<typename S::Row>> First(
    engine::Connection& connection, StatementCache& cache, const S& statement) {
  CUPEL_ASSIGN_OR_RETURN(
      auto rows,
      (query_internal::CollectRows<typename S::Row>(
          connection, cache, statement, query_internal::RowDemand::kFirst)));
  if (rows.empty()) return std::optional<typename S::Row>();
  return std::optional<typename S::Row>(std::move(rows.front()));
}

// The only row. Errors: kNotFound when there is none, ErrorKind::kMultipleRows
// when there are more.
template <HasRow S>
absl::StatusOr<typename S::Row> One(engine::Connection& connection,
                                    StatementCache& cache, const S& statement) {
  CUPEL_ASSIGN_OR_RETURN(auto rows,
                         (query_internal::CollectRows<typename S::Row>(
                             connection, cache, statement,
                             query_internal::RowDemand::kExactlyOne)));
  return std::move(rows.front());
}

// The only row, or nullopt. Errors: ErrorKind::kMultipleRows.
template <HasRow S>
absl::StatusOr<std::optional<typename S::Row>> OneOrNone(
    engine::Connection& connection, StatementCache& cache, const S& statement) {
  CUPEL_ASSIGN_OR_RETURN(auto rows,
                         (query_internal::CollectRows<typename S::Row>(
                             connection, cache, statement,
                             query_internal::RowDemand::kAtMostOne)));
  if (rows.empty()) return std::optional<typename S::Row>();
  return std::optional<typename S::Row>(std::move(rows.front()));
}

// The first column of the only row / of all rows.
template <HasRow S>
absl::StatusOr<std::tuple_element_t<0, typename S::Row>> ScalarOne(
    engine::Connection& connection, StatementCache& cache, const S& statement) {
  CUPEL_ASSIGN_OR_RETURN(auto row, One(connection, cache, statement));
  return std::move(std::get<0>(row));
}
template <HasRow S>
absl::StatusOr<std::vector<std::tuple_element_t<0, typename S::Row>>> Scalars(
    engine::Connection& connection, StatementCache& cache, const S& statement) {
  CUPEL_ASSIGN_OR_RETURN(auto rows, All(connection, cache, statement));
  std::vector<std::tuple_element_t<0, typename S::Row>> scalars;
  scalars.reserve(rows.size());
  for (auto& row : rows) scalars.push_back(std::move(std::get<0>(row)));
  return scalars;
}

// Calls `visit` for parts of at most `rows` rows, in order, holding one part at
// a time. An error of `visit` ends the reading and is returned.
template <HasRow S>
absl::Status ForEachPartition(
    engine::Connection& connection, StatementCache& cache, const S& statement,
    size_t rows,
    absl::FunctionRef<absl::Status(absl::Span<typename S::Row>)> visit) {
  using Row = typename S::Row;
  constexpr size_t kWidth = std::tuple_size_v<Row>;
  CUPEL_ASSIGN_OR_RETURN(ResultCursor cursor,
                         Execute(connection, cache, statement));
  std::vector<Row> part;
  for (bool more = true; more;) {
    CUPEL_ASSIGN_OR_RETURN(more, cursor.Next());
    if (more) {
      std::array<query_internal::CellTarget, kWidth> targets;
      query_internal::AimAt(part.emplace_back(), absl::MakeSpan(targets),
                            std::make_index_sequence<kWidth>());
      for (size_t i = 0; i < kWidth; ++i) {
        CUPEL_RETURN_IF_ERROR(
            cursor.Read(i, *targets[i].ops, targets[i].object));
      }
    }
    if (part.size() == rows || (!more && !part.empty())) {
      CUPEL_RETURN_IF_ERROR(visit(absl::MakeSpan(part)));
      part.clear();
    }
  }
  return absl::OkStatus();
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_RESULT_H_
