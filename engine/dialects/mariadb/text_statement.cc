#include "cupel/engine/dialects/mariadb/text_statement.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/client.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/dialects/mariadb/row_decoder.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {

using engine::Deadline;
using engine::ValueView;

TextStatement::TextStatement(MariadbConnection* connection,
                             absl::string_view sql)
    : connection_(connection), sql_(sql), traits_(TraitsOf(sql)) {}

absl::Status TextStatement::Execute(absl::Span<const ValueView> parameters,
                                    Deadline deadline) {
  Reset();
  if (!parameters.empty()) {
    return MakeDriverError(engine::ErrorKind::kMisuse,
                           "mariadb does not prepare this statement: it takes "
                           "no parameters",
                           sql_);
  }
  CUPEL_RETURN_IF_ERROR(connection_->BeReady(deadline));
  CUPEL_RETURN_IF_ERROR(connection_->Admit(traits_, sql_));
  const CallToken token = connection_->Enter();
  absl::Status status = Send(deadline);
  if (!status.ok()) {
    status = connection_->Fail(connection_->client().error(), Phase::kExecute,
                               sql_, token);
  }
  connection_->Leave(token);
  return status;
}

absl::Status TextStatement::Send(Deadline deadline) {
  Client& client = connection_->client();
  MYSQL* const handle = client.handle();
  int code = 0;
  client.Run(
      deadline,
      [&] {
        return mysql_real_query_start(&code, handle, sql_.data(), sql_.size());
      },
      [&](int ready) { return mysql_real_query_cont(&code, handle, ready); });
  if (code != 0) return absl::UnknownError("");
  client.Run(
      deadline, [&] { return mysql_store_result_start(&rows_, handle); },
      [&](int ready) {
        return mysql_store_result_cont(&rows_, handle, ready);
      });
  if (rows_ == nullptr && mysql_errno(handle) != 0) {
    return absl::UnknownError("");
  }
  if (rows_ != nullptr) {
    const size_t count = mysql_num_fields(rows_);
    columns_ = DescribeColumns(mysql_fetch_fields(rows_), count);
    row_.resize(count);
  } else {
    result_.affected_rows = static_cast<int64_t>(mysql_affected_rows(handle));
  }
  connection_->NoteStatus();
  return absl::OkStatus();
}

absl::StatusOr<bool> TextStatement::Next(Deadline) {
  if (rows_ == nullptr) return false;
  MYSQL_ROW cells = mysql_fetch_row(rows_);
  if (cells == nullptr) {
    Reset();
    return false;
  }
  const unsigned long* sizes = mysql_fetch_lengths(rows_);
  for (size_t i = 0; i < row_.size(); ++i) {
    row_[i] = cells[i] == nullptr
                  ? ValueView::Null()
                  : ValueView::Text(absl::string_view(cells[i], sizes[i]));
  }
  return true;
}

void TextStatement::Reset() {
  if (rows_ == nullptr) return;
  mysql_free_result(rows_);
  rows_ = nullptr;
}

absl::Status TextStatement::ExecuteBatch(engine::BatchSource& rows,
                                         engine::BatchSink* sink,
                                         Deadline deadline) {
  for (size_t i = 0; i < rows.size(); ++i) {
    CUPEL_ASSIGN_OR_RETURN(const absl::Span<const ValueView> row, rows.row(i));
    CUPEL_RETURN_IF_ERROR(Execute(row, deadline));
    while (true) {
      CUPEL_ASSIGN_OR_RETURN(const bool more, Next(deadline));
      if (!more) break;
    }
    if (sink != nullptr) CUPEL_RETURN_IF_ERROR(sink->OnRow(i, result_, {}));
  }
  return absl::OkStatus();
}

}  // namespace cupel::mariadb_internal
