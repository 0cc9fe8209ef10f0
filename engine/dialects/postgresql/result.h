// What libpq gives, owned, and its cells as values.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_RESULT_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_RESULT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/arrays.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/value.h"

struct pg_result;

namespace cupel::postgresql_internal {

struct ResultDeleter {
  void operator()(pg_result* result) const;
};
using Result = std::unique_ptr<pg_result, ResultDeleter>;

// Whether it tells of an error.
bool IsError(const pg_result* result);

// What the command of a result did. Rows that a SELECT gives do not count.
engine::ExecuteResult DoneBy(const pg_result* result);

std::vector<engine::ColumnInfo> ColumnsOf(const pg_result* result);

// The types of the columns of a described statement.
std::vector<TypeId> TypesOf(const pg_result* description);

// Whether Row reads a type in its binary form. That of an enumeration, which
// has no number that is known here, is its text.
bool HasBinaryReader(TypeId type);

// The cells of one row. Thread-compatible.
class Row {
 public:
  // Reads row `index`. The views point into `result` and this object. False
  // when a cell is not what its type says. Requires: the columns of `result`
  // are those of the first result that was read since the last Clear.
  bool Read(const pg_result* result, int index);

  absl::Span<const engine::ValueView> cells() const { return cells_; }
  // Whether a row was read since the last Clear.
  bool has_columns() const { return !columns_.empty(); }
  void Clear() {
    cells_.clear();
    columns_.clear();
  }

 private:
  struct Column {
    TypeId type;
    int modifier;
    bool is_binary;
    bool is_plain_text;  // and its binary form is the text
  };

  void NoteColumns(const pg_result* result);
  bool ReadCell(size_t column, absl::string_view bytes);
  bool ReadBinary(size_t column, TypeId type, int modifier,
                  absl::string_view bytes);
  bool ReadText(size_t column, TypeId type, int modifier,
                absl::string_view text);
  bool ReadNumeric(size_t column, absl::string_view text, int modifier);
  bool KeepArray(size_t column, const std::optional<ArrayText>& array);
  void Store(size_t column, absl::string_view bytes);

  std::vector<engine::ValueView> cells_;
  // The server describes a result once, libpq anew with each row.
  std::vector<Column> columns_;
  // What cells point to that is not in the result; made when needed.
  std::vector<engine::Decimal> decimals_;
  std::vector<std::string> texts_;
};

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_RESULT_H_
