#include "cupel/engine/dialects/postgresql/plain_insert.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/parameters.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/dialects/postgresql/wire.h"

namespace cupel::postgresql_internal {
namespace {

bool IsNameCharacter(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_islower(byte) || c == '_' ||
         (!first && absl::ascii_isdigit(byte));
}

// Takes an identifier: in quotes, or a word of lower case letters.
bool ConsumeName(absl::string_view* sql, std::string* name) {
  name->clear();
  if (!absl::ConsumePrefix(sql, "\"")) {
    size_t end = 0;
    while (end < sql->size() && IsNameCharacter((*sql)[end], end == 0)) ++end;
    name->append(sql->substr(0, end));
    sql->remove_prefix(end);
    return end > 0;
  }
  while (!sql->empty()) {
    const char c = sql->front();
    sql->remove_prefix(1);
    // Two quotes are one, one is the end.
    if (c == '"' && !absl::ConsumePrefix(sql, "\"")) return !name->empty();
    name->push_back(c);
  }
  return false;
}

bool ConsumeColumns(absl::string_view* sql, PlainInsert* insert) {
  do {
    if (!ConsumeName(sql, &insert->names.emplace_back())) return false;
  } while (absl::ConsumePrefix(sql, ", "));
  return true;
}

bool ConsumeParameters(absl::string_view* sql, size_t count) {
  for (size_t i = 1; i <= count; ++i) {
    if (!absl::ConsumePrefix(sql, absl::StrCat(i == 1 ? "$" : ", $", i))) {
      return false;
    }
  }
  return true;
}

struct CatalogColumn {
  TypeId type = kUnspecifiedId;
  bool is_enum = false;
  absl::string_view name;
};

// "23 b name"
CatalogColumn ColumnOf(absl::string_view row) {
  CatalogColumn column;
  const size_t blank = row.find(' ');
  if (!absl::SimpleAtoi(row.substr(0, blank), &column.type)) return {};
  row.remove_prefix(blank + 1);
  column.is_enum = absl::ConsumePrefix(&row, "e ");
  column.name = column.is_enum ? row : row.substr(2);
  return column;
}

}  // namespace

std::string PlainInsert::CopySql() const {
  return absl::StrCat("COPY ", table, " (", columns,
                      ") FROM STDIN (FORMAT binary)");
}

std::string PlainInsert::CatalogQuery() const {
  return absl::StrCat(
      "SELECT pg_catalog.concat_ws(' ', a.atttypid, t.typtype, a.attname) "
      "FROM pg_catalog.pg_class AS c "
      "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid "
      "JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid "
      "WHERE c.oid = pg_catalog.to_regclass(",
      QuoteLiteral(table),
      ") AND c.relkind = 'r' AND NOT c.relhasrules AND NOT c.relrowsecurity "
      "AND a.attnum > 0 AND NOT a.attisdropped "
      // COPY writes where INSERT may not.
      "AND a.attidentity <> 'a' "
      // 4 is the bit of INSERT.
      "AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE "
      "g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 4 <> 0)");
}

std::optional<PlainInsert> ParsePlainInsert(absl::string_view sql) {
  PlainInsert insert;
  std::string name;
  if (!absl::ConsumePrefix(&sql, "INSERT INTO ")) return std::nullopt;
  const absl::string_view table = sql;
  do {
    if (!ConsumeName(&sql, &name)) return std::nullopt;
  } while (absl::ConsumePrefix(&sql, "."));
  insert.table = std::string(table.substr(0, table.size() - sql.size()));
  if (!absl::ConsumePrefix(&sql, " (")) return std::nullopt;
  const absl::string_view columns = sql;
  if (!ConsumeColumns(&sql, &insert)) return std::nullopt;
  insert.columns = std::string(columns.substr(0, columns.size() - sql.size()));
  if (!absl::ConsumePrefix(&sql, ") VALUES (") ||
      !ConsumeParameters(&sql, insert.names.size()) || sql != ")") {
    return std::nullopt;
  }
  return insert;
}

bool MayCopy(const PlainInsert& insert, absl::Span<const TypeId> types,
             absl::Span<const std::string> catalog) {
  if (types.size() != insert.names.size()) return false;
  for (size_t i = 0; i < types.size(); ++i) {
    const bool found =
        std::any_of(catalog.begin(), catalog.end(), [&](const auto& row) {
          const CatalogColumn column = ColumnOf(row);
          // Arrays may be given in text.
          return column.name == insert.names[i] && column.type == types[i] &&
                 ElementIdOf(column.type) == kUnspecifiedId &&
                 (column.is_enum || !TypeIdName(column.type).empty());
        });
    if (!found) return false;
  }
  return true;
}

void AppendCopyHeader(std::string* out) {
  out->append("PGCOPY\n\377\r\n\0", 11);
  AppendBigEndian(int32_t{0}, out);  // flags
  AppendBigEndian(int32_t{0}, out);  // bytes of an extension
}

void AppendCopyRow(const Parameters& row, std::string* out) {
  AppendBigEndian(static_cast<int16_t>(row.size()), out);
  for (int i = 0; i < row.size(); ++i) {
    const char* const bytes = row.pointers()[i];
    const int32_t length = row.lengths()[i];
    AppendBigEndian(bytes == nullptr ? -1 : length, out);
    if (bytes != nullptr) out->append(bytes, static_cast<size_t>(length));
  }
}

void AppendCopyTrailer(std::string* out) { AppendBigEndian(int16_t{-1}, out); }

}  // namespace cupel::postgresql_internal
