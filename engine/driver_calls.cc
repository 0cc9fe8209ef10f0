#include "cupel/engine/driver_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/engine/status_macros.h"

namespace cupel::driver_calls {

using engine::DriverConnection;
using engine::Value;
using engine::ValueView;

absl::Status Exec(DriverConnection& connection, absl::string_view sql,
                  std::initializer_list<ValueView> parameters,
                  engine::Deadline deadline) {
  return Select(connection, sql, parameters, deadline).status();
}

absl::StatusOr<Rows> Select(DriverConnection& connection, absl::string_view sql,
                            std::initializer_list<ValueView> parameters,
                            engine::Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(auto statement, connection.Prepare(sql, deadline));
  CUPEL_RETURN_IF_ERROR(statement->Execute(parameters, deadline));
  Rows rows;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, statement->Next(deadline));
    if (!more) return rows;
    auto& row = rows.emplace_back();
    for (const ValueView& cell : statement->row()) row.emplace_back(cell);
  }
}

absl::StatusOr<Value> SelectValue(DriverConnection& connection,
                                  absl::string_view sql,
                                  std::initializer_list<ValueView> parameters) {
  CUPEL_ASSIGN_OR_RETURN(Rows rows, Select(connection, sql, parameters));
  if (rows.empty() || rows[0].empty()) return absl::NotFoundError("no row");
  return std::move(rows[0][0]);
}

absl::StatusOr<std::string> SelectText(DriverConnection& connection,
                                       absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Value value, SelectValue(connection, sql));
  const ValueView cell = value.view();
  if (cell.kind() == engine::ValueKind::kInt64) {
    return absl::StrCat(cell.int64_value());
  }
  return cell.has_bytes() ? std::string(cell.bytes()) : cell.DebugString();
}

absl::StatusOr<int64_t> SelectInteger(DriverConnection& connection,
                                      absl::string_view sql) {
  CUPEL_ASSIGN_OR_RETURN(const Value value, SelectValue(connection, sql));
  if (value.kind() != engine::ValueKind::kInt64) {
    return absl::InvalidArgumentError(value.DebugString());
  }
  return value.view().int64_value();
}

engine::ErrorInfo InfoOf(const absl::Status& status) {
  return engine::GetErrorInfo(status).value_or(engine::ErrorInfo());
}

}  // namespace cupel::driver_calls
