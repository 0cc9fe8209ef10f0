// Statements that are executed once for each of many rows.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/parameters.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/dialects/mariadb/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::Value;
using engine::ValueView;

// What one message of the bulk protocol holds at most.
constexpr size_t kBulkRows = 4096;
constexpr size_t kBulkBytes = size_t{1} << 20;

// The server takes only these in bulk.
bool IsBulkStatement(absl::string_view sql) {
  const SqlScanner scanner(sql);
  return scanner.current().Is("INSERT") || scanner.current().Is("UPDATE") ||
         scanner.current().Is("DELETE") || scanner.current().Is("REPLACE");
}

}  // namespace

bool MariadbStatement::CanGoInBulk(const engine::BatchSink* sink) const {
  return sink == nullptr && parameter_count_ > 0 && columns_.empty() &&
         connection_->is_alive() && statement_ != nullptr &&
         connection_->has_bulk() && IsBulkStatement(sql_);
}

absl::Status MariadbStatement::ExecuteBatch(engine::BatchSource& rows,
                                            engine::BatchSink* sink,
                                            Deadline deadline) {
  engine::ExecuteResult total;
  if (CanGoInBulk(sink)) return ExecuteBulk(rows, deadline);
  for (size_t i = 0; i < rows.size(); ++i) {
    CUPEL_ASSIGN_OR_RETURN(const absl::Span<const ValueView> row, rows.row(i));
    CUPEL_RETURN_IF_ERROR(ExecuteBatchRow(i, row, sink, deadline));
    total.affected_rows += result_.affected_rows;
    total.last_insert_id = result_.last_insert_id;
  }
  result_ = total;
  return absl::OkStatus();
}

absl::Status MariadbStatement::ExecuteBatchRow(size_t i,
                                               absl::Span<const ValueView> row,
                                               engine::BatchSink* sink,
                                               Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(Execute(row, deadline));
  std::vector<Value> returned;
  for (bool first = true;; first = false) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, Next(deadline));
    if (!more) break;
    if (!first || sink == nullptr) continue;
    for (const ValueView& cell : row_) returned.emplace_back(cell);
  }
  if (sink == nullptr) return absl::OkStatus();
  std::vector<ValueView> views;
  for (const Value& cell : returned) views.push_back(cell.view());
  return sink->OnRow(i, result_, views);
}

absl::Status MariadbStatement::ExecuteBulk(engine::BatchSource& rows,
                                           Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  const size_t limit =
      std::min(kBulkBytes, connection_->max_packet_bytes() / 2);
  engine::ExecuteResult total;
  BulkParameters bulk(parameter_count_);
  auto flush = [&]() -> absl::Status {
    if (bulk.row_count() == 0) return absl::OkStatus();
    CUPEL_RETURN_IF_ERROR(SendBulk(&bulk, deadline));
    total.affected_rows += result_.affected_rows;
    total.last_insert_id = result_.last_insert_id;
    bulk.Clear();
    return absl::OkStatus();
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    CUPEL_ASSIGN_OR_RETURN(const absl::Span<const ValueView> row, rows.row(i));
    if (bulk.row_count() == kBulkRows || bulk.size_bytes() > limit) {
      CUPEL_RETURN_IF_ERROR(flush());
    }
    if (bulk.Add(row)) continue;
    // Of another kind than the rows before: these go first.
    CUPEL_RETURN_IF_ERROR(flush());
    bulk.Add(row);
  }
  CUPEL_RETURN_IF_ERROR(flush());
  result_ = total;
  return absl::OkStatus();
}

absl::Status MariadbStatement::SendBulk(BulkParameters* bulk,
                                        Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(CheckSize(bulk->size_bytes()));
  CUPEL_ASSIGN_OR_RETURN(MYSQL_BIND* const binds, bulk->Binds());
  unsigned int count = static_cast<unsigned int>(bulk->row_count());
  mysql_stmt_attr_set(statement_, STMT_ATTR_ARRAY_SIZE, &count);
  absl::Status status;
  if (mysql_stmt_bind_param(statement_, binds) != 0) {
    status = Fail(Phase::kExecute);
  } else {
    status = Send(deadline);
  }
  if (statement_ != nullptr) {
    count = 0;
    mysql_stmt_attr_set(statement_, STMT_ATTR_ARRAY_SIZE, &count);
  }
  CUPEL_RETURN_IF_ERROR(status);
  return TakeResult();
}

}  // namespace cupel::mariadb_internal
