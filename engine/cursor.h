// The rows of a statement, read one by one from the database.
//
//   CUPEL_ASSIGN_OR_RETURN(Cursor cursor, connection.Query("SELECT a FROM t"));
//   while (true) {
//     CUPEL_ASSIGN_OR_RETURN(bool more, cursor.Next());
//     if (!more) break;
//     Use(cursor.row()[0]);
//   }

#ifndef CUPEL_ENGINE_CURSOR_H_
#define CUPEL_ENGINE_CURSOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/attachment.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/statement.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

class ConnectionCore;
struct Watch;

// Movable; confined to its connection. It ends with the transaction: after
// Commit, Rollback or the end of the connection Next fails with
// kFailedPrecondition. Dropping it early abandons the rest of the rows.
class Cursor : private Attachment {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&& other) noexcept;
  ~Cursor();

  // Steps to the next row; false when there is none, also when called again.
  absl::StatusOr<bool> Next();

  // The storage values of the current row. Requires: Next returned true.
  // Lifetime: they point into the client's memory, until the next call.
  absl::Span<const ValueView> row() const { return row_; }

  // Copies the current row's cells into owning values.
  std::vector<Value> CopyRow() const;

  // Known from the start; empty once the cursor is done.
  absl::Span<const ColumnInfo> columns() const {
    return statement_ != nullptr ? statement_->columns()
                                 : absl::Span<const ColumnInfo>();
  }
  absl::string_view sql() const {
    return statement_ != nullptr ? statement_->sql() : absl::string_view();
  }
  int64_t rows_read() const { return rows_read_; }

  // Drops the rows that are left and tells what the statement did. The cursor
  // is done. Errors: those of a statement that failed while it was read.
  absl::StatusOr<ExecuteResult> Finish();

  // Abandons the rows that are left, without running the statement to its end.
  void Close();

 private:
  friend class ConnectionCore;
  Cursor(ConnectionCore* core, Statement* statement, Deadline deadline,
         std::unique_ptr<Watch> watch);

  absl::StatusOr<bool> Step();
  absl::StatusOr<bool> AfterEnd() const;
  // Lets go of the statement; `status` is how it ended.
  void End(const absl::Status& status);
  // The connection ends it: `reason` is a literal.
  void Cut(const char* reason);

  Statement* statement_ = nullptr;  // null: over
  absl::Span<const ValueView> row_;
  Deadline deadline_;
  // Set when somebody listens or may interrupt.
  std::unique_ptr<Watch> watch_;
  int64_t rows_read_ = 0;
  ExecuteResult result_;
  const char* cut_by_ = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_CURSOR_H_
