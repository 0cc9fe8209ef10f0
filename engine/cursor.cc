#include "cupel/engine/cursor.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {

Cursor::Cursor(ConnectionCore* core, Statement* statement, Deadline deadline,
               std::unique_ptr<Watch> watch)
    : statement_(statement), deadline_(deadline), watch_(std::move(watch)) {
  AttachTo(core, &core->cursors_);
}

Cursor::Cursor(Cursor&& other) noexcept
    : Attachment(std::move(other)),
      statement_(std::exchange(other.statement_, nullptr)),
      row_(other.row_),
      deadline_(other.deadline_),
      watch_(std::move(other.watch_)),
      rows_read_(other.rows_read_),
      result_(other.result_),
      cut_by_(other.cut_by_) {}

Cursor& Cursor::operator=(Cursor&& other) noexcept {
  if (this == &other) return *this;
  Close();
  Attachment::operator=(std::move(other));
  statement_ = std::exchange(other.statement_, nullptr);
  row_ = other.row_;
  deadline_ = other.deadline_;
  watch_ = std::move(other.watch_);
  rows_read_ = other.rows_read_;
  result_ = other.result_;
  cut_by_ = other.cut_by_;
  return *this;
}

Cursor::~Cursor() { Close(); }

absl::StatusOr<bool> Cursor::Next() {
  if (ABSL_PREDICT_FALSE(statement_ == nullptr)) return AfterEnd();
#ifndef NDEBUG
  ConnectionCore::InUse use(*core());
  if (!use.ok()) {
    return MakeError(ErrorKind::kMisuse,
                     "the cursor's connection is in use by another thread");
  }
#endif
  return Step();
}

absl::StatusOr<bool> Cursor::Step() {
  const absl::Duration begin = ABSL_PREDICT_FALSE(watch_ != nullptr)
                                   ? core()->engine_->clock->SteadyNow()
                                   : absl::ZeroDuration();
  absl::StatusOr<bool> more = statement_->driver_->Next(deadline_);
  if (ABSL_PREDICT_FALSE(watch_ != nullptr)) {
    watch_->spent += core()->engine_->clock->SteadyNow() - begin;
  }
  if (ABSL_PREDICT_FALSE(!more.ok())) {
    const std::string text(sql());
    ConnectionCore& connection = *core();
    std::unique_ptr<Watch> watch = std::move(watch_);
    End(more.status());
    absl::Status status = connection.Failed(more.status(), text);
    if (watch != nullptr) connection.EndWatch(*watch, status);
    cut_by_ = "its error";
    return status;
  }
  if (ABSL_PREDICT_FALSE(!*more)) {
    result_ = statement_->driver_->result();
    End(absl::OkStatus());
    return false;
  }
  ++rows_read_;
  row_ = statement_->driver_->row();
  if (ABSL_PREDICT_FALSE(watch_ != nullptr)) {
    watch_->rows_read = rows_read_;
    core()->TellRow(*watch_, row());
  }
  return true;
}

std::vector<Value> Cursor::CopyRow() const {
  std::vector<Value> values;
  for (const ValueView& cell : row()) values.emplace_back(cell);
  return values;
}

absl::StatusOr<ExecuteResult> Cursor::Finish() {
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, Next());
    if (!more) return result_;
  }
}

void Cursor::Close() {
  if (statement_ != nullptr) End(absl::OkStatus());
}

absl::StatusOr<bool> Cursor::AfterEnd() const {
  if (cut_by_ == nullptr) return false;
  return MakeError(ErrorKind::kMisuse,
                   absl::StrCat("the cursor was ended by ", cut_by_,
                                ": execute its statement again"));
}

void Cursor::End(const absl::Status& status) {
  ConnectionCore& connection = *core();
  DetachFrom();
  row_ = {};
  connection.Release(std::exchange(statement_, nullptr));
  if (watch_ != nullptr) {
    watch_->rows_read = rows_read_;
    watch_->result = result_;
    std::unique_ptr<Watch> watch = std::move(watch_);
    connection.EndWatch(*watch, status);
  }
}

void Cursor::Cut(const char* reason) {
  cut_by_ = reason;
  End(absl::OkStatus());
}

}  // namespace cupel::engine
