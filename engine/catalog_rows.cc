#include "cupel/engine/catalog_rows.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/cursor.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"

namespace cupel::engine_internal {

using engine::Connection;
using engine::Cursor;
using engine::ValueKind;
using engine::ValueView;

std::string TextOf(const ValueView& cell) {
  return cell.has_bytes() ? std::string(cell.bytes()) : "";
}

int64_t IntegerOf(const ValueView& cell) {
  return cell.kind() == ValueKind::kInt64 ? cell.int64_value() : 0;
}

bool BoolOf(const ValueView& cell) {
  return cell.kind() == ValueKind::kBool && cell.bool_value();
}

absl::Status ForEachRow(
    Connection& connection, absl::string_view sql,
    std::initializer_list<ValueView> parameters,
    absl::FunctionRef<void(absl::Span<const ValueView>)> read) {
  CUPEL_ASSIGN_OR_RETURN(Cursor cursor, connection.Query(sql, parameters));
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
    if (!more) return absl::OkStatus();
    read(cursor.row());
  }
}

absl::StatusOr<std::vector<std::string>> ReadTexts(
    Connection& connection, absl::string_view sql,
    std::initializer_list<ValueView> parameters) {
  std::vector<std::string> texts;
  CUPEL_RETURN_IF_ERROR(ForEachRow(connection, sql, parameters,
                                   [&](absl::Span<const ValueView> row) {
                                     texts.push_back(TextOf(row[0]));
                                   }));
  return texts;
}

absl::Status NoSuchTable(const Connection& connection,
                         absl::string_view table) {
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kNoSuchTable;
  info.dialect = connection.dialect().name();
  info.table = std::string(table);
  return engine::MakeError(std::move(info),
                           absl::StrCat("no such table or view: ", table));
}

}  // namespace cupel::engine_internal
