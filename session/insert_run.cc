#include "cupel/session/insert_run.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/flush_settlement.h"

namespace cupel::session {
namespace {

using engine::ValueView;

// Rows of a statement: twice as many gain a hundredth more. Statements of fewer
// rows would each have to be prepared.
constexpr size_t kPageRows = 50;

// A statement of many rows can be undone by itself, for which the database
// copies what it changes. At the end of a table that is little; in an index
// whose keys come in no order it costs more than it gains.
bool AppendsOnly(const schema::Table& table) {
  return table.uniques().empty() &&
         std::none_of(
             table.indexes().begin(), table.indexes().end(),
             [](const schema::Index& index) { return index.unique(); });
}

absl::StatusOr<int64_t> KeyOf(const Property& key, const EntityState* state) {
  engine::BoundValue bound;
  CUPEL_RETURN_IF_ERROR(key.ops->bind(state->member(key.offset), &bound));
  CUPEL_RET_CHECK(bound.view.kind() == engine::ValueKind::kInt64)
      << "generated key of " << key.column->table().name();
  return bound.view.int64_value();
}

void ClearKeys(absl::Span<const BatchRow> rows) {
  for (const BatchRow& row : rows) ClearGeneratedKey(row.first);
}

absl::Status SetKeys(const Property& key, int64_t first,
                     absl::Span<const BatchRow> rows) {
  for (const BatchRow& row : rows) {
    CUPEL_RETURN_IF_ERROR(key.ops->read(ValueView::Int64(first++),
                                        row.first->member(key.offset)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<size_t> InsertRun(FlushWriter& writer,
                                 const RowStatement& insert,
                                 const Property& key,
                                 absl::Span<const BatchRow> rows,
                                 FlushWriter::Done done) {
  if (writer.can().insert_strategy !=
          engine::InsertStrategy::kMultiRowForeseenKeys ||
      rows.size() <= kPageRows || !AppendsOnly(key.column->table())) {
    return 0;
  }
  CUPEL_RETURN_IF_ERROR(writer.Execute(insert, {}, rows.first(1), done));
  CUPEL_ASSIGN_OR_RETURN(const int64_t first, KeyOf(key, rows[0].first));
  CUPEL_ASSIGN_OR_RETURN(const int64_t greatest, writer.Greatest(*key.column));
  const absl::Span<const BatchRow> run =
      rows.subspan(1, (rows.size() - 1) / kPageRows * kPageRows);
  // A trigger may have added rows, and behind the last key of all the database
  // takes any that is free.
  if (first != greatest || first > std::numeric_limits<int64_t>::max() -
                                       static_cast<int64_t>(run.size())) {
    return 1;
  }
  RowStatement with_key = insert;
  with_key.Set(*key.column, {RowValue::From::kMember, &key});
  absl::Status status = SetKeys(key, first + 1, run);
  if (status.ok()) status = writer.ExecuteInPages(with_key, run, kPageRows);
  if (!status.ok()) {
    ClearKeys(run);
    // Perhaps a trigger took one of the keys: row by row it will be known.
    if (absl::IsAlreadyExists(status)) return 1;
    return status;
  }
  engine::ExecuteResult result;
  result.affected_rows = 1;
  result.last_insert_id = first;
  for (const BatchRow& row : run) {
    ++result.last_insert_id;
    CUPEL_RETURN_IF_ERROR(done(row, result));
  }
  return 1 + run.size();
}

}  // namespace cupel::session
