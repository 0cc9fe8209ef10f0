// Queries that are read through a cursor of the server, a page of rows at a
// time: between two pages the connection is free for other statements.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

// How long the end of a cursor that nobody reads any more may take.
constexpr absl::Duration kCloseTimeout = absl::Seconds(2);

}  // namespace

bool PostgresqlStatement::UsesCursor() const {
  return connection_->fetch_size() > 0 && !columns_.empty() &&
         !connection_->has_failed() && OnlyReads(sql_);
}

absl::Status PostgresqlStatement::OpenCursor(const engine::Deadline& deadline) {
  CUPEL_RETURN_IF_ERROR(connection_->Start(Phase::kExecute, sql_, deadline));
  const std::string name = connection_->NewName();
  const std::string declare =
      absl::StrCat("DECLARE ", name, " NO SCROLL CURSOR FOR ", sql_);
  if (PQsendQueryParams(connection_->handle(), declare.c_str(),
                        parameters_.size(), types_.data(),
                        parameters_.pointers(), parameters_.lengths(),
                        parameters_.formats(), 0) == 0) {
    return connection_->SendFailed();
  }
  absl::Status status = connection_->ReadAll([](Result) {});
  if (!status.ok()) {
    is_current_ = false;  // maybe: it is understood anew with each cursor
    return status;
  }
  cursor_ = name;
  cursor_transaction_ = connection_->transaction_serial();
  page_rows_ = connection_->fetch_size();
  state_ = State::kFirst;
  return FetchPage(deadline);
}

bool PostgresqlStatement::CursorIsOpen() const {
  return connection_->is_alive() && connection_->in_transaction() &&
         cursor_transaction_ == connection_->transaction_serial();
}

absl::Status PostgresqlStatement::FetchFromCursor(
    const engine::Deadline& deadline) {
  if (next_in_page_ < PQntuples(page_.get())) return TakePageRow();
  if (PQntuples(page_.get()) < page_rows_) {
    row_.Clear();
    state_ = State::kIdle;
    return CloseCursor(deadline);
  }
  return FetchPage(deadline);
}

absl::Status PostgresqlStatement::FetchPage(const engine::Deadline& deadline) {
  row_.Clear();
  page_.reset();
  absl::Status status;
  if (!CursorIsOpen()) {
    status = engine::MakeError(
        engine::ErrorKind::kMisuse,
        "the transaction in which this result was opened has ended, and the "
        "rest of the rows with it: read them before, or execute the statement "
        "again");
  } else {
    status = connection_->Start(Phase::kExecute, sql_, deadline);
  }
  if (!status.ok()) return DropCursor(std::move(status));
  const std::string fetch =
      absl::StrCat("FETCH FORWARD ", page_rows_, " FROM ", cursor_);
  if (PQsendQueryParams(connection_->handle(), fetch.c_str(), 0, nullptr,
                        nullptr, nullptr, nullptr, binary_ ? 1 : 0) == 0) {
    return DropCursor(connection_->SendFailed());
  }
  status =
      connection_->ReadAll([this](Result page) { page_ = std::move(page); });
  if (!status.ok()) return DropCursor(std::move(status));
  next_in_page_ = 0;
  const auto rows = static_cast<size_t>(PQntuples(page_.get()));
  most_rows_kept_ = std::max(most_rows_kept_, rows);
  return FetchFromCursor(deadline);
}

absl::Status PostgresqlStatement::TakePageRow() {
  absl::Status status = ReadRow(page_.get(), next_in_page_++);
  if (!status.ok()) Reset();
  return status;
}

absl::Status PostgresqlStatement::DropCursor(absl::Status status) {
  state_ = State::kIdle;
  row_.Clear();
  CloseCursor(engine::Deadline::After(kCloseTimeout)).IgnoreError();
  return status;
}

absl::Status PostgresqlStatement::CloseCursor(
    const engine::Deadline& deadline) {
  const bool closes = CursorIsOpen() && !connection_->has_failed();
  const std::string name = std::exchange(cursor_, "");
  page_.reset();
  next_in_page_ = 0;
  if (!closes) return absl::OkStatus();
  return connection_->Run(Phase::kControl, absl::StrCat("CLOSE ", name),
                          deadline, [](Result) {});
}

}  // namespace cupel::postgresql_internal
