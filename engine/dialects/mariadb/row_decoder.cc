#include "cupel/engine/dialects/mariadb/row_decoder.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Decimal;
using engine::ErrorKind;
using engine::ValueView;

constexpr int kBinaryCharset = 63;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// Least significant byte first.
uint64_t LoadBytes(const uint8_t* bytes, size_t count) {
  uint64_t value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, bytes, count);
    return value;
  }
  for (size_t i = 0; i < count; ++i) {
    value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  }
  return value;
}

// A text: its length, then its bytes.
absl::string_view LoadText(const uint8_t* cell) {
  size_t size = *cell++;
  size_t width = 0;
  if (size == 252) width = 2;
  if (size == 253) width = 3;
  if (size == 254) width = 8;
  if (width != 0) {
    size = LoadBytes(cell, width);
    cell += width;
  }
  return {reinterpret_cast<const char*>(cell), size};
}

absl::Status Unreadable(absl::string_view column, absl::string_view what) {
  return MakeDriverError(
      ErrorKind::kTypeMismatch,
      absl::StrCat("the stored value of column ", column, " is ", what));
}

absl::Status BeyondInt64(absl::string_view column) {
  return MakeDriverError(
      ErrorKind::kTooBig,
      absl::StrCat("the unsigned number in column ", column,
                   " is beyond 9223372036854775807; select it as a text or a "
                   "decimal"));
}

// Date and time of day as the protocol has them; absent parts are zero.
struct Temporal {
  bool negative = false;
  int64_t days = 0;  // of a TIME
  int year = 0, month = 0, day = 0;
  int64_t micros = 0;  // of the day
};

int64_t TimeOfDay(const uint8_t* bytes, size_t size) {
  int64_t seconds = bytes[0] * 3600 + bytes[1] * 60 + bytes[2];
  int64_t micros = seconds * kMicrosPerSecond;
  if (size >= 7) micros += static_cast<int64_t>(LoadBytes(bytes + 3, 4));
  return micros;
}

Temporal LoadDate(const uint8_t* cell) {
  const size_t size = *cell++;
  Temporal result;
  if (size >= 4) {
    result.year = static_cast<int>(LoadBytes(cell, 2));
    result.month = cell[2];
    result.day = cell[3];
  }
  if (size >= 7) result.micros = TimeOfDay(cell + 4, size - 4);
  return result;
}

Temporal LoadTime(const uint8_t* cell) {
  const size_t size = *cell++;
  Temporal result;
  if (size >= 8) {
    result.negative = cell[0] != 0;
    result.days = static_cast<int64_t>(LoadBytes(cell + 1, 4));
    result.micros = TimeOfDay(cell + 5, size - 5);
  }
  return result;
}

absl::StatusOr<int32_t> DaysOf(const Temporal& date, absl::string_view column) {
  const absl::CivilDay day(date.year, date.month, date.day);
  if (date.year == 0 || day.month() != date.month || day.day() != date.day) {
    return Unreadable(column, "a date that does not exist (0000-00-00)");
  }
  return static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1));
}

// BIT(n): n bits, the most significant byte first.
absl::StatusOr<int64_t> LoadBits(absl::string_view bytes,
                                 absl::string_view column) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  if (bytes.size() > 8 || value > std::numeric_limits<int64_t>::max()) {
    return BeyondInt64(column);
  }
  return static_cast<int64_t>(value);
}

int64_t LoadInteger(const uint8_t* cell, size_t width, bool is_unsigned) {
  const uint64_t bits = LoadBytes(cell, width);
  if (is_unsigned || width == 8) return static_cast<int64_t>(bits);
  const int shift = 64 - 8 * static_cast<int>(width);
  return static_cast<int64_t>(bits << shift) >> shift;
}

absl::string_view TypeWords(const MYSQL_FIELD& field) {
  switch (field.type) {
    case MYSQL_TYPE_TINY:
      return "tinyint";
    case MYSQL_TYPE_SHORT:
      return "smallint";
    case MYSQL_TYPE_INT24:
      return "mediumint";
    case MYSQL_TYPE_LONG:
      return "int";
    case MYSQL_TYPE_LONGLONG:
      return "bigint";
    case MYSQL_TYPE_FLOAT:
      return "float";
    case MYSQL_TYPE_DOUBLE:
      return "double";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return "decimal";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return "date";
    case MYSQL_TYPE_TIME:
      return "time";
    case MYSQL_TYPE_DATETIME:
      return "datetime";
    case MYSQL_TYPE_TIMESTAMP:
      return "timestamp";
    case MYSQL_TYPE_YEAR:
      return "year";
    case MYSQL_TYPE_BIT:
      return "bit";
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
      return field.charsetnr == kBinaryCharset ? "varbinary" : "varchar";
    case MYSQL_TYPE_STRING:
      if ((field.flags & ENUM_FLAG) != 0) return "enum";
      if ((field.flags & SET_FLAG) != 0) return "set";
      return field.charsetnr == kBinaryCharset ? "binary" : "char";
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
      return field.charsetnr == kBinaryCharset ? "blob" : "text";
    case MYSQL_TYPE_GEOMETRY:
      return "geometry";
    default:
      return "";
  }
}

// The server names what its own types are beneath the protocol's.
std::string ExtendedName(const MYSQL_FIELD& field) {
  for (const mariadb_field_attr_t attribute :
       {MARIADB_FIELD_ATTR_DATA_TYPE_NAME, MARIADB_FIELD_ATTR_FORMAT_NAME}) {
    MARIADB_CONST_STRING name = {nullptr, 0};
    if (mariadb_field_attr(&name, &field, attribute) == 0 && name.length != 0) {
      return std::string(name.str, name.length);
    }
  }
  return "";
}

// Whether it is a column of a table, not an expression.
bool IsOfTable(const MYSQL_FIELD& field) {
  return field.org_name != nullptr && *field.org_name != '\0';
}

// The library copies them with each execution whose description the server
// leaves out. They live in the memory of the statement, not in their own.
void TakeNames(MYSQL_FIELD* field) {
  static char some[] = "?";
  field->org_name = IsOfTable(*field) ? some : nullptr;
  field->name = nullptr;
  field->table = nullptr;
  field->org_table = nullptr;
  field->db = nullptr;
  field->catalog = nullptr;
  field->def = nullptr;
}

std::string DeclaredType(const MYSQL_FIELD& field) {
  if (!IsOfTable(field)) return "";
  std::string name = ExtendedName(field);
  if (name.empty()) name = std::string(TypeWords(field));
  if ((field.flags & UNSIGNED_FLAG) != 0 && IS_NUM(field.type) &&
      field.type != MYSQL_TYPE_YEAR) {
    name += " unsigned";
  }
  return name;
}

}  // namespace

std::vector<engine::ColumnInfo> DescribeColumns(const st_mysql_field* fields,
                                                size_t count) {
  std::vector<engine::ColumnInfo> columns;
  columns.reserve(count);
  for (size_t i = 0; fields != nullptr && i < count; ++i) {
    columns.push_back({fields[i].name == nullptr ? "" : fields[i].name,
                       DeclaredType(fields[i])});
  }
  return columns;
}

bool RowDecoder::Column::IsStill(const MYSQL_FIELD& field) const {
  return field.name == nullptr && field.type == type && field.flags == flags &&
         field.decimals == decimals && field.charsetnr == charset;
}

void RowDecoder::TakeColumns(MYSQL_STMT* statement,
                             std::vector<engine::ColumnInfo>* infos) {
  const absl::Span<MYSQL_FIELD> fields(
      statement->fields,
      statement->fields == nullptr ? 0 : statement->field_count);
  if (std::equal(columns_.begin(), columns_.end(), fields.begin(), fields.end(),
                 [](const Column& column, const MYSQL_FIELD& field) {
                   return column.IsStill(field);
                 })) {
    return;
  }
  std::vector<engine::ColumnInfo> described =
      DescribeColumns(fields.data(), fields.size());
  columns_.resize(fields.size());
  row_.resize(fields.size());
  decimals_.resize(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    MYSQL_FIELD& field = fields[i];
    Column& column = columns_[i];
    if (field.name == nullptr) described[i].name = column.name;
    column.name = described[i].name;
    column.type = field.type;
    column.flags = field.flags;
    column.decimals = field.decimals;
    column.charset = field.charsetnr;
    column.is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
    column.is_binary = field.charsetnr == kBinaryCharset;
    column.is_whole_result = field.decimals == 0 && !IsOfTable(field);
    TakeNames(&field);
  }
  *infos = std::move(described);
}

absl::Status RowDecoder::Decode(const st_mysql_stmt* statement) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const uint8_t* cell = statement->bind[i].u.row_ptr;
    if (cell == nullptr) {
      row_[i] = ValueView::Null();
      continue;
    }
    CUPEL_RETURN_IF_ERROR(DecodeCell(columns_[i], cell, i));
  }
  return absl::OkStatus();
}

std::vector<ValueView> RowDecoder::TakeRow() {
  return std::exchange(row_, std::vector<ValueView>(row_.size()));
}

absl::Status RowDecoder::DecodeCell(const Column& column, const uint8_t* cell,
                                    size_t i) {
  switch (column.type) {
    case MYSQL_TYPE_TINY:
      row_[i] = ValueView::Int64(LoadInteger(cell, 1, column.is_unsigned));
      break;
    case MYSQL_TYPE_SHORT:
      row_[i] = ValueView::Int64(LoadInteger(cell, 2, column.is_unsigned));
      break;
    case MYSQL_TYPE_YEAR:
      row_[i] = ValueView::Int64(LoadInteger(cell, 2, true));
      break;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
      row_[i] = ValueView::Int64(LoadInteger(cell, 4, column.is_unsigned));
      break;
    case MYSQL_TYPE_LONGLONG: {
      const int64_t value = LoadInteger(cell, 8, column.is_unsigned);
      if (column.is_unsigned && value < 0) return BeyondInt64(column.name);
      row_[i] = ValueView::Int64(value);
      break;
    }
    case MYSQL_TYPE_FLOAT:
      row_[i] = ValueView::Double(
          std::bit_cast<float>(static_cast<uint32_t>(LoadBytes(cell, 4))));
      break;
    case MYSQL_TYPE_DOUBLE:
      row_[i] = ValueView::Double(std::bit_cast<double>(LoadBytes(cell, 8)));
      break;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return DecodeDecimal(column, cell, i);
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: {
      CUPEL_ASSIGN_OR_RETURN(const int32_t days,
                             DaysOf(LoadDate(cell), column.name));
      row_[i] = ValueView::Date(days);
      break;
    }
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP: {
      const Temporal when = LoadDate(cell);
      CUPEL_ASSIGN_OR_RETURN(const int32_t days, DaysOf(when, column.name));
      row_[i] = ValueView::Timestamp(days * kMicrosPerDay + when.micros);
      break;
    }
    case MYSQL_TYPE_TIME: {
      const Temporal time = LoadTime(cell);
      const bool out_of_day = time.days != 0 ||
                              (time.negative && time.micros != 0) ||
                              time.micros >= kMicrosPerDay;
      if (out_of_day) {
        return Unreadable(column.name, "a duration, not a time of the day");
      }
      row_[i] = ValueView::Time(time.micros);
      break;
    }
    case MYSQL_TYPE_BIT: {
      CUPEL_ASSIGN_OR_RETURN(const int64_t bits,
                             LoadBits(LoadText(cell), column.name));
      row_[i] = ValueView::Int64(bits);
      break;
    }
    case MYSQL_TYPE_NULL:
      row_[i] = ValueView::Null();
      break;
    case MYSQL_TYPE_GEOMETRY:
      row_[i] = ValueView::Blob(LoadText(cell));
      break;
    default:
      row_[i] = column.is_binary ? ValueView::Blob(LoadText(cell))
                                 : ValueView::Text(LoadText(cell));
  }
  return absl::OkStatus();
}

absl::Status RowDecoder::DecodeDecimal(const Column& column,
                                       const uint8_t* cell, size_t i) {
  absl::StatusOr<Decimal> decimal = Decimal::Parse(LoadText(cell));
  if (!decimal.ok()) return Unreadable(column.name, "no decimal number");
  if (column.is_whole_result) {
    if (auto whole = decimal->ToUnscaledInt64(0); whole.ok()) {
      row_[i] = ValueView::Int64(*whole);
      return absl::OkStatus();
    }
  }
  decimals_[i] = *decimal;
  row_[i] = ValueView::Decimal(&decimals_[i]);
  return absl::OkStatus();
}

}  // namespace cupel::mariadb_internal
