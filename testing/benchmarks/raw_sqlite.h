// The thinnest possible wrapper over the C API, for the raw contestant of the
// comparison: every call is one C call, inline, and any error ends the process.
//
// Thread-compatible. A bound text must outlive the statement's Run or Step.

#ifndef CUPEL_TESTING_BENCHMARKS_RAW_SQLITE_H_
#define CUPEL_TESTING_BENCHMARKS_RAW_SQLITE_H_

#include <sqlite3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::benchmarks {

[[noreturn]] inline void RawFail(sqlite3* db, const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, db ? sqlite3_errmsg(db) : "no handle");
  std::exit(1);
}

class RawConnection {
 public:
  // Opens in the default (serialized) mode, as an ordinary expert would.
  explicit RawConnection(const std::string& path);
  ~RawConnection() { sqlite3_close(db_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      RawFail(db_, sql);
    }
  }
  int64_t last_insert_id() const { return sqlite3_last_insert_rowid(db_); }
  sqlite3* handle() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

class RawStatement {
 public:
  RawStatement(const RawConnection& db, const char* sql) : db_(db.handle()) {
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                           nullptr) != SQLITE_OK) {
      RawFail(db_, sql);
    }
  }
  ~RawStatement() { sqlite3_finalize(statement_); }
  RawStatement(const RawStatement&) = delete;
  RawStatement& operator=(const RawStatement&) = delete;

  void Bind(int index, int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
  }
  void Bind(int index, double value) {
    sqlite3_bind_double(statement_, index, value);
  }
  void Bind(int index, absl::string_view value) {
    sqlite3_bind_text(statement_, index, value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  // One step; true while there is a row. Resets itself after the last one.
  bool Step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) RawFail(db_, sqlite3_sql(statement_));
    sqlite3_reset(statement_);
    return false;
  }
  void Run() {
    while (Step()) {
    }
  }
  void Reset() { sqlite3_reset(statement_); }
  int64_t Int(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  double Real(int column) const {
    return sqlite3_column_double(statement_, column);
  }
  void Text(int column, std::string* out) const {
    const auto* text =
        reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    out->assign(text,
                static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_RAW_SQLITE_H_
