// A prepared statement of a connection.
//
// A program gets a Statement from Connection::Prepare; it needs one only to
// look at its columns or parameters ahead of time: Connection::Query caches by
// SQL text anyway.

#ifndef CUPEL_ENGINE_STATEMENT_H_
#define CUPEL_ENGINE_STATEMENT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/driver.h"

namespace cupel::engine {

class StatementCache;

// A prepared statement. Belongs to its connection and is confined to it.
class Statement {
 public:
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  absl::string_view sql() const { return sql_; }
  int parameter_count() const { return driver_->parameter_count(); }
  absl::Span<const ColumnInfo> columns() const { return driver_->columns(); }

 private:
  friend class StatementCache;
  friend class ConnectionCore;
  friend class Cursor;

  Statement(std::string sql, std::unique_ptr<DriverStatement> driver)
      : sql_(std::move(sql)), driver_(std::move(driver)) {}

  const std::string sql_;
  std::unique_ptr<DriverStatement> driver_;
  bool cached_ = false;
  bool in_use_ = false;  // a cursor or a call is running it
  Statement* newer_ = nullptr;
  Statement* older_ = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_STATEMENT_H_
