#include "cupel/session/delete_rows.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace cupel::session {
namespace {

absl::Status DeleteLevel(FlushWriter& writer, const RowGroup& group,
                         int level) {
  const EntityType& type = *group.type;
  RowStatement statement(RowStatement::Verb::kDelete, TableAt(type, level));
  statement.WhereKey(type, level, RowValue::From::kBefore);
  const bool versioned = level == 0 && type.version_property() >= 0;
  if (versioned) {
    const Property& version = type.property(type.version_property());
    statement.Where(*version.column,
                    {RowValue::From::kBefore, &version, false});
  }
  std::vector<BatchRow> rows;
  rows.reserve(group.rows.size());
  for (EntityState* state : group.rows) rows.push_back({state, nullptr});
  int64_t gone = 0;
  CUPEL_RETURN_IF_ERROR(writer.Execute(
      std::move(statement), {}, rows,
      [&](const BatchRow& row, const engine::ExecuteResult& result) {
        if (versioned ? result.affected_rows != 1 : result.affected_rows > 1) {
          return StaleError(*row.first, "delete", result.affected_rows);
        }
        // What was wanted, though by somebody else.
        if (result.affected_rows == 0) ++gone;
        return absl::OkStatus();
      }));
  if (gone > 0 && level == 0) {
    writer.Warn(absl::StrCat("deleting ", type.name(), ": ", gone, " of ",
                             rows.size(), " rows had been deleted already"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DeleteRows(FlushWriter& writer, const RowGroup& group) {
  // What has a base row's key before the base row.
  for (int level = LevelCount(*group.type) - 1; level >= 0; --level) {
    CUPEL_RETURN_IF_ERROR(
        engine::WithContext(DeleteLevel(writer, group, level),
                            absl::StrCat("deleting ", group.type->name())));
  }
  return absl::OkStatus();
}

}  // namespace cupel::session
