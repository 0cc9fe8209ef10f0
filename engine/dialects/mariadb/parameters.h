// Values on their way to the server.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_PARAMETERS_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_PARAMETERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/value.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {

// Converts values to the library's form. Texts and blobs are not copied.
// Thread-compatible.
class Parameters {
 public:
  // Errors: kInvalidValue for a number that is not finite, kTooBig for a date
  // outside of the years 1 to 9999, kMisuse for a kind that has no form here.
  absl::Status Set(absl::Span<const engine::ValueView> values);

  // For mysql_stmt_bind_param; valid until the next Set.
  MYSQL_BIND* binds() { return binds_.data(); }
  // Of the message that they make up, at most.
  size_t size_bytes() const { return size_bytes_; }

 private:
  union Cell {
    int64_t integer;
    double number;
    int8_t boolean;
    MYSQL_TIME time;
  };

  absl::Status SetOne(size_t i, const engine::ValueView& value);
  void SetBytes(MYSQL_BIND* bind, enum_field_types type,
                absl::string_view bytes);

  std::vector<MYSQL_BIND> binds_;
  std::vector<Cell> cells_;
  std::vector<std::string> digits_;  // of decimals
  size_t size_bytes_ = 0;
};

// Columns of rows that are of one kind each, for the bulk protocol. Copies
// what it is given. Thread-compatible.
class BulkParameters {
 public:
  explicit BulkParameters(size_t column_count) : columns_(column_count) {}

  // Adds a row. False when a column would be of two kinds: nothing is added.
  bool Add(absl::Span<const engine::ValueView> row);
  void Clear();

  size_t row_count() const { return row_count_; }
  size_t size_bytes() const { return size_bytes_; }
  // The values of row `i`, until the next Add or Clear.
  std::vector<engine::ValueView> Row(size_t i) const;
  // Errors: as Parameters::Set. Valid until the next Add or Clear.
  absl::StatusOr<MYSQL_BIND*> Binds();

 private:
  struct Column {
    engine::ValueKind kind = engine::ValueKind::kNull;
    std::vector<engine::Value> values;
    std::vector<char> indicators;
    std::vector<int64_t> integers;
    std::vector<double> numbers;
    std::vector<MYSQL_TIME> times;
    std::vector<std::string> digits;
    std::vector<const void*> pointers;
    std::vector<unsigned long> lengths;
  };

  absl::Status Fill(Column* column, MYSQL_BIND* bind);
  absl::Status FillCell(size_t row, Column* column);
  static void SetBuffer(Column* column, MYSQL_BIND* bind);

  std::vector<Column> columns_;
  std::vector<MYSQL_BIND> binds_;
  size_t row_count_ = 0;
  size_t size_bytes_ = 0;
};

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_PARAMETERS_H_
