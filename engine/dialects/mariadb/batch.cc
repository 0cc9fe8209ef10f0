// Statements that are executed once for each of many rows.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/parameters.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/dialects/mariadb/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
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

// Fewer are sent one by one: to find out about the table takes time, too.
constexpr size_t kToldFrom = 16;

// Around rows whose sum tells what each did: they are undone and sent one by
// one when it does not.
constexpr absl::string_view kSavepoint = "SAVEPOINT cupel_bulk";
constexpr absl::string_view kToSavepoint = "ROLLBACK TO SAVEPOINT cupel_bulk";
constexpr absl::string_view kRelease = "RELEASE SAVEPOINT cupel_bulk";

// Errors that would come again, and at once, when the rows go one by one.
bool IsOfARow(const absl::Status& status) {
  const auto info = engine::GetErrorInfo(status);
  return info && info->retry == engine::Retry::kNo &&
         info->kind != engine::ErrorKind::kInterrupted &&
         info->kind != engine::ErrorKind::kStatementTimeout;
}

// The server takes only these in bulk.
bool IsBulkStatement(absl::string_view sql) {
  const SqlScanner scanner(sql);
  return scanner.current().Is("INSERT") || scanner.current().Is("UPDATE") ||
         scanner.current().Is("DELETE") || scanner.current().Is("REPLACE");
}

}  // namespace

bool MariadbStatement::CanGoInBulk() const {
  return parameter_count_ > 0 && columns_.empty() && connection_->is_alive() &&
         statement_ != nullptr && connection_->has_bulk() &&
         IsBulkStatement(sql_);
}

absl::Status MariadbStatement::ExecuteBatch(engine::BatchSource& rows,
                                            engine::BatchSink* sink,
                                            Deadline deadline) {
  if (CanGoInBulk()) {
    const bool is_told = sink == nullptr || (rows.size() >= kToldFrom &&
                                             connection_->in_transaction() &&
                                             IsOfOneRow(deadline));
    if (is_told) return ExecuteBulk(rows, sink, deadline);
  }
  engine::ExecuteResult total;
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
                                           engine::BatchSink* sink,
                                           Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  const size_t limit =
      std::min(kBulkBytes, connection_->max_packet_bytes() / 2);
  engine::ExecuteResult total;
  BulkParameters bulk(parameter_count_);
  size_t done = 0;
  auto flush = [&]() -> absl::Status {
    if (bulk.row_count() == 0) return absl::OkStatus();
    CUPEL_RETURN_IF_ERROR(sink == nullptr
                              ? SendBulk(&bulk, deadline)
                              : SendBulkTold(&bulk, done, *sink, deadline));
    total.affected_rows += result_.affected_rows;
    total.last_insert_id = result_.last_insert_id;
    done += bulk.row_count();
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

bool MariadbStatement::IsOfOneRow(Deadline deadline) {
  const std::optional<KeyedWrite> write = KeyedWriteOf(sql_);
  if (!write || !connection_->BeReady(deadline).ok()) return false;
  // A view has no keys, and may show a part of its table's.
  MariadbStatement keys(connection_,
                        absl::StrCat("SHOW KEYS FROM ", write->table,
                                     " WHERE Key_name = 'PRIMARY'"));
  if (!keys.Prepare(deadline).ok() || !keys.Execute({}, deadline).ok()) {
    return false;
  }
  constexpr size_t kColumnName = 4;
  bool has_key = false;
  while (true) {
    const absl::StatusOr<bool> more = keys.Next(deadline);
    if (!more.ok()) return false;
    if (!*more) return has_key;
    has_key = true;
    const ValueView& name = keys.row_[kColumnName];
    if (std::none_of(write->columns.begin(), write->columns.end(),
                     [&](const std::string& column) {
                       return absl::EqualsIgnoreCase(column, name.bytes());
                     })) {
      return false;
    }
  }
}

absl::Status MariadbStatement::SendBulkTold(BulkParameters* bulk, size_t first,
                                            engine::BatchSink& sink,
                                            Deadline deadline) {
  const size_t count = bulk->row_count();
  if (count < kToldFrom) return ExecuteOneByOne(*bulk, first, sink, deadline);
  CUPEL_RETURN_IF_ERROR(connection_->ExecuteSimple(kSavepoint, deadline));
  absl::Status status = SendBulk(bulk, deadline);
  const engine::ExecuteResult sent = result_;
  const bool goes_on = connection_->is_alive() &&
                       connection_->in_transaction() && !deadline.IsOver();
  if (!status.ok() && !(goes_on && IsOfARow(status))) return status;
  if (!status.ok() || sent.affected_rows != static_cast<int64_t>(count)) {
    CUPEL_RETURN_IF_ERROR(connection_->ExecuteSimple(kToSavepoint, deadline));
    return ExecuteOneByOne(*bulk, first, sink, deadline);
  }
  CUPEL_RETURN_IF_ERROR(connection_->ExecuteSimple(kRelease, deadline));
  engine::ExecuteResult one;
  one.affected_rows = 1;
  for (size_t i = 0; i < count; ++i) {
    CUPEL_RETURN_IF_ERROR(sink.OnRow(first + i, one, {}));
  }
  result_ = sent;
  return absl::OkStatus();
}

absl::Status MariadbStatement::ExecuteOneByOne(const BulkParameters& bulk,
                                               size_t first,
                                               engine::BatchSink& sink,
                                               Deadline deadline) {
  engine::ExecuteResult total;
  for (size_t i = 0; i < bulk.row_count(); ++i) {
    const std::vector<ValueView> row = bulk.Row(i);
    CUPEL_RETURN_IF_ERROR(ExecuteBatchRow(first + i, row, &sink, deadline));
    total.affected_rows += result_.affected_rows;
  }
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
