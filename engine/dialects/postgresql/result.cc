#include "cupel/engine/dialects/postgresql/result.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/dialects/postgresql/arrays.h"
#include "cupel/engine/dialects/postgresql/moments.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/wire.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Decimal;
using engine::ValueView;

template <typename Number>
bool ReadInteger(absl::string_view bytes, ValueView* out) {
  if (bytes.size() != sizeof(Number)) return false;
  *out = ValueView::Int64(ReadBigEndian<Number>(bytes.data()));
  return true;
}

template <typename Number, typename Bits>
bool ReadFloating(absl::string_view bytes, ValueView* out) {
  if (bytes.size() != sizeof(Number)) return false;
  *out = ValueView::Double(
      std::bit_cast<Number>(ReadBigEndian<Bits>(bytes.data())));
  return true;
}

template <typename Parsed, typename Make>
bool Keep(const absl::StatusOr<Parsed>& parsed, Make make, ValueView* out) {
  if (parsed.ok()) *out = make(*parsed);
  return parsed.ok();
}

}  // namespace

void ResultDeleter::operator()(pg_result* result) const { PQclear(result); }

bool IsError(const pg_result* result) {
  switch (PQresultStatus(result)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_ABORTED:
      return true;
    default:
      return false;
  }
}

engine::ExecuteResult DoneBy(const pg_result* result) {
  engine::ExecuteResult done;
  auto* const mutable_result = const_cast<pg_result*>(result);
  const absl::string_view tag = PQcmdStatus(mutable_result);
  for (absl::string_view verb : {"INSERT", "UPDATE", "DELETE", "MERGE"}) {
    if (!absl::StartsWith(tag, verb)) continue;
    if (!absl::SimpleAtoi(PQcmdTuples(mutable_result), &done.affected_rows)) {
      done.affected_rows = 0;
    }
  }
  return done;
}

std::vector<engine::ColumnInfo> ColumnsOf(const pg_result* result) {
  std::vector<engine::ColumnInfo> columns;
  const int count = PQnfields(result);
  columns.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    columns.push_back(
        {.name = PQfname(result, i),
         .declared_type = std::string(TypeIdName(PQftype(result, i)))});
  }
  return columns;
}

std::vector<TypeId> TypesOf(const pg_result* description) {
  std::vector<TypeId> types;
  for (int i = 0; i < PQnfields(description); ++i) {
    types.push_back(PQftype(description, i));
  }
  return types;
}

bool HasBinaryReader(TypeId type) { return !TypeIdName(type).empty(); }

void Row::NoteColumns(const pg_result* result) {
  columns_.resize(static_cast<size_t>(PQnfields(result)));
  cells_.resize(columns_.size());
  for (size_t column = 0; column < columns_.size(); ++column) {
    const int i = static_cast<int>(column);
    const TypeId type = PQftype(result, i);
    columns_[column] = {.type = type,
                        .modifier = PQfmod(result, i),
                        .is_binary = PQfformat(result, i) == 1,
                        .is_plain_text = type == kTextId ||
                                         type == kVarcharId ||
                                         type == kBpcharId};
  }
}

bool Row::Read(const pg_result* result, int index) {
  if (columns_.empty()) NoteColumns(result);
  for (size_t column = 0; column < columns_.size(); ++column) {
    const int i = static_cast<int>(column);
    const int length = PQgetlength(result, index, i);
    // NULL has no length either.
    if (length == 0 && PQgetisnull(result, index, i)) {
      cells_[column] = ValueView::Null();
      continue;
    }
    if (!ReadCell(column, {PQgetvalue(result, index, i),
                           static_cast<size_t>(length)})) {
      return false;
    }
  }
  return true;
}

bool Row::ReadCell(size_t column, absl::string_view bytes) {
  const Column& as = columns_[column];
  if (as.is_plain_text) {
    cells_[column] = ValueView::Text(bytes);
    return true;
  }
  return as.is_binary ? ReadBinary(column, as.type, as.modifier, bytes)
                      : ReadText(column, as.type, as.modifier, bytes);
}

void Row::Store(size_t column, absl::string_view bytes) {
  // All at once: a longer vector would move what cells point to.
  texts_.resize(cells_.size());
  texts_[column].assign(bytes.data(), bytes.size());
}

// A numeric without declared digits and without a fraction is what SUM of
// integers gives: an integer if it is one of ours.
bool Row::ReadNumeric(size_t column, absl::string_view text, int modifier) {
  int64_t integer = 0;
  if (modifier < 0 && absl::SimpleAtoi(text, &integer)) {
    cells_[column] = ValueView::Int64(integer);
    return true;
  }
  decimals_.resize(cells_.size());
  absl::StatusOr<Decimal> decimal = Decimal::Parse(text);
  if (decimal.ok()) {
    decimals_[column] = *decimal;
    cells_[column] = ValueView::Decimal(&decimals_[column]);
  } else {  // NaN, infinity, or more digits than a Decimal has
    Store(column, text);
    cells_[column] = ValueView::Text(texts_[column]);
  }
  return true;
}

bool Row::KeepArray(size_t column, const std::optional<ArrayText>& array) {
  if (!array.has_value()) return false;
  Store(column, array->text);
  const absl::string_view text = texts_[column];
  cells_[column] =
      array->is_json ? ValueView::Json(text) : ValueView::Text(text);
  return true;
}

bool Row::ReadBinary(size_t column, TypeId type, int modifier,
                     absl::string_view bytes) {
  ValueView* const out = &cells_[column];
  switch (type) {
    case kBoolId:
      if (bytes.size() != 1) return false;
      *out = ValueView::Bool(bytes[0] != 0);
      return true;
    case kInt2Id:
      return ReadInteger<int16_t>(bytes, out);
    case kInt4Id:
      return ReadInteger<int32_t>(bytes, out);
    case kInt8Id:
      return ReadInteger<int64_t>(bytes, out);
    case kOidId:
      return ReadInteger<uint32_t>(bytes, out);
    case kFloat4Id:
      return ReadFloating<float, uint32_t>(bytes, out);
    case kFloat8Id:
      return ReadFloating<double, uint64_t>(bytes, out);
    case kByteaId:
      *out = ValueView::Blob(bytes);
      return true;
    case kUuidId:
      if (bytes.size() != 16) return false;
      *out = ValueView::UuidBytes(bytes);
      return true;
    case kJsonId:
      *out = ValueView::Json(bytes);
      return true;
    case kJsonbId:
      if (!absl::ConsumePrefix(&bytes, "\1")) return false;
      *out = ValueView::Json(bytes);
      return true;
    case kDateId:
    case kTimeId:
    case kTimestampId:
    case kTimestamptzId:
    case kIntervalId:
      return ReadMoment(type, bytes, out);
    case kCharId:  // a byte, of which zero means an empty text
      *out = ValueView::Text(bytes == absl::string_view("\0", 1) ? "" : bytes);
      return true;
    case kNumericId: {
      std::string text;
      return NumericToText(bytes, &text) && ReadNumeric(column, text, modifier);
    }
    default:
      if (const TypeId element = ElementIdOf(type); element != kUnspecifiedId) {
        return KeepArray(column, ReadBinaryArray(element, bytes));
      }
      *out = ValueView::Text(bytes);
      return true;
  }
}

bool Row::ReadText(size_t column, TypeId type, int modifier,
                   absl::string_view text) {
  ValueView* const out = &cells_[column];
  bool read = false;
  switch (type) {
    case kBoolId:
      *out = ValueView::Bool(text == "t");
      return true;
    case kInt2Id:
    case kInt4Id:
    case kInt8Id:
    case kOidId: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return false;
      *out = ValueView::Int64(value);
      return true;
    }
    case kFloat4Id: {
      float value = 0;
      if (!absl::SimpleAtof(text, &value)) return false;
      *out = ValueView::Double(value);
      return true;
    }
    case kFloat8Id: {
      double value = 0;
      if (!absl::SimpleAtod(text, &value)) return false;
      *out = ValueView::Double(value);
      return true;
    }
    case kNumericId:
      return ReadNumeric(column, text, modifier);
    case kByteaId:
      if (!absl::ConsumePrefix(&text, "\\x")) return false;
      Store(column, absl::HexStringToBytes(text));
      *out = ValueView::Blob(texts_[column]);
      return true;
    case kUuidId: {
      const auto uuid = engine::Uuid::Parse(text);
      if (!uuid.ok()) return false;
      Store(column,
            absl::string_view(reinterpret_cast<const char*>(uuid->bytes.data()),
                              uuid->bytes.size()));
      *out = ValueView::UuidBytes(texts_[column]);
      return true;
    }
    case kJsonId:
    case kJsonbId:
      *out = ValueView::Json(text);
      return true;
    case kDateId:
      read = Keep(engine::ParseIsoDate(text), &ValueView::Date, out);
      break;
    case kTimeId:
      read = Keep(engine::ParseIsoTime(text), &ValueView::Time, out);
      break;
    case kTimestampId:
      read = Keep(engine::ParseIsoTimestamp(text), &ValueView::Timestamp, out);
      break;
    case kTimestamptzId:
      read = absl::EndsWith(text, "+00") &&
             Keep(engine::ParseIsoTimestamp(text.substr(0, text.size() - 3)),
                  &ValueView::Timestamp, out);
      break;
    case kIntervalId:
      read = ReadIntervalText(text, out);
      break;
    default:
      if (const TypeId element = ElementIdOf(type); element != kUnspecifiedId) {
        return KeepArray(column, ReadTextArray(element, text));
      }
      break;
  }
  if (!read) *out = ValueView::Text(text);
  return true;
}

}  // namespace cupel::postgresql_internal
