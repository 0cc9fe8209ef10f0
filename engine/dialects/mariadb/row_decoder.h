// Reads rows of the binary protocol, in place.
//
// https://mariadb.com/kb/en/resultset-row/#binary-resultset-row

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_ROW_DECODER_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_ROW_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

struct st_mysql_field;
struct st_mysql_stmt;

namespace cupel::mariadb_internal {

// Thread-compatible.
class RowDecoder {
 public:
  // Takes note of the columns of `statement`'s result, after its preparation
  // and after each execution, and describes them in `infos` if they are others
  // than before. The names are taken from the library, which would copy them
  // with each execution.
  void TakeColumns(st_mysql_stmt* statement,
                   std::vector<engine::ColumnInfo>* infos);

  // Reads the row that mysql_stmt_fetch has brought. Nothing may be bound to
  // the statement. Views point into the library's memory and are valid until
  // its next call. Errors: kTypeMismatch for what is stored and is no value (a
  // zero date), kTooBig beyond 64 bits with sign.
  absl::Status Decode(const st_mysql_stmt* statement);

  absl::Span<const engine::ValueView> row() const { return row_; }
  // The row in its own place in memory; the next one is decoded to another.
  std::vector<engine::ValueView> TakeRow();

 private:
  struct Column {
    // Whether the library says the same of it as before.
    bool IsStill(const st_mysql_field& field) const;

    int type = 0;  // enum_field_types
    unsigned int flags = 0;
    unsigned int decimals = 0;
    unsigned int charset = 0;
    bool is_unsigned = false;
    bool is_binary = false;
    // A whole number that no column has declared: SUM of integers is one.
    bool is_whole_result = false;
    std::string name;
  };

  absl::Status DecodeCell(const Column& column, const uint8_t* cell, size_t i);
  absl::Status DecodeDecimal(const Column& column, const uint8_t* cell,
                             size_t i);

  std::vector<Column> columns_;
  std::vector<engine::ValueView> row_;
  std::vector<engine::Decimal> decimals_;  // one a column
};

// What the library says of a result's columns.
std::vector<engine::ColumnInfo> DescribeColumns(const st_mysql_field* fields,
                                                size_t count);

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_ROW_DECODER_H_
