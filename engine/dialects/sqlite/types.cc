#include "cupel/engine/dialects/sqlite/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/dialects/sqlite/sql_scanner.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_name.h"
#include "re2/re2.h"

namespace cupel::sqlite_internal {
namespace {

using engine::NumericStorage;
using engine::Type;
using engine::TypeKind;
using engine::TypeName;

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string WithLength(absl::string_view name, uint32_t length) {
  return length == 0 ? std::string(name) : absl::StrCat(name, "(", length, ")");
}

std::string NumericName(const Type& type) {
  absl::string_view name = "NUMERIC";
  switch (type.storage) {
    case NumericStorage::kScaledInteger:
      name = "DECIMAL_INT";
      break;
    case NumericStorage::kText:
      name = "DECIMAL_TEXT";
      break;
    case NumericStorage::kFloating:
      break;
  }
  if (type.precision == 0 && type.scale == 0) return std::string(name);
  return absl::StrCat(name, "(", type.precision, ", ", type.scale, ")");
}

std::string EnumName(const Type& type) {
  std::string name = "ENUM_TEXT";
  if (type.enumerators == nullptr) return name;
  for (absl::string_view enumerator : type.enumerators->names) {
    absl::StrAppend(&name, " ", Quoted(enumerator));
  }
  return name;
}

// A type's name from a reflected schema may hold anything; what is not plainly
// a name goes into quotes, which SQLite takes off again.
absl::StatusOr<std::string> ExactName(absl::string_view name) {
  static const RE2* const plain = new RE2(
      R"re([A-Za-z_][A-Za-z0-9_ ]*(\( *[+-]?[0-9]+ *(, *[+-]?[0-9]+ *)?\))?)re"
      R"re(( *"[^"]*")*)re");
  if (RE2::FullMatch(name, *plain)) return std::string(name);
  if (name.find('\0') != absl::string_view::npos) {
    return engine::MakeError(engine::ErrorKind::kInvalidValue,
                             "the name of a type holds NUL");
  }
  return Quoted(name);
}

struct NameRow {
  absl::string_view name;
  TypeKind kind;
  // Takes the number in parentheses as its length.
  bool has_length = false;
};

// The first of a kind is the one that DDL writes.
constexpr NameRow kNames[] = {
    {"BOOLEAN", TypeKind::kBoolean},
    {"BOOL", TypeKind::kBoolean},
    {"SMALLINT", TypeKind::kSmallInteger},
    {"TINYINT", TypeKind::kSmallInteger},
    {"INT2", TypeKind::kSmallInteger},
    {"INTEGER", TypeKind::kInteger},
    {"INT", TypeKind::kInteger},
    {"INT4", TypeKind::kInteger},
    {"MEDIUMINT", TypeKind::kInteger},
    {"BIGINT", TypeKind::kBigInteger},
    {"INT8", TypeKind::kBigInteger},
    {"UNSIGNED BIG INT", TypeKind::kBigInteger},
    {"FLOAT", TypeKind::kFloat},
    {"DOUBLE", TypeKind::kDouble},
    {"DOUBLE PRECISION", TypeKind::kDouble},
    {"REAL", TypeKind::kDouble},
    {"VARCHAR", TypeKind::kString, true},
    {"CHAR", TypeKind::kString, true},
    {"CHARACTER", TypeKind::kString, true},
    {"CHARACTER VARYING", TypeKind::kString, true},
    {"VARYING CHARACTER", TypeKind::kString, true},
    {"NCHAR", TypeKind::kString, true},
    {"NATIVE CHARACTER", TypeKind::kString, true},
    {"NVARCHAR", TypeKind::kString, true},
    {"TEXT", TypeKind::kText},
    {"CLOB", TypeKind::kText},
    {"BLOB", TypeKind::kBinary, true},
    {"BINARY", TypeKind::kBinary, true},
    {"VARBINARY", TypeKind::kBinary, true},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"TIMESTAMP", TypeKind::kTimestamp},
    {"DATETIME", TypeKind::kTimestamp},
    {"INTERVAL", TypeKind::kInterval},
    {"UUID_TEXT", TypeKind::kUuid},
    {"UUID", TypeKind::kUuid},
    {"JSON_TEXT", TypeKind::kJson},
    {"JSON", TypeKind::kJson},
};

constexpr absl::string_view kTimestampWithZone = "TIMESTAMP WITH TIME ZONE";

const NameRow* FindKind(TypeKind kind) {
  for (const NameRow& row : kNames) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

const NameRow* FindName(absl::string_view name) {
  for (const NameRow& row : kNames) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool IsInteger(TypeKind kind) {
  return kind == TypeKind::kSmallInteger || kind == TypeKind::kInteger ||
         kind == TypeKind::kBigInteger;
}

bool ParseNumeric(const TypeName& name, Type* out) {
  NumericStorage storage = NumericStorage::kFloating;
  if (name.name == "DECIMAL_INT") {
    storage = NumericStorage::kScaledInteger;
  } else if (name.name == "DECIMAL_TEXT") {
    storage = NumericStorage::kText;
  } else if (name.name != "NUMERIC" && name.name != "DECIMAL") {
    return false;
  }
  *out = engine::Numeric(static_cast<uint16_t>(name.first),
                         static_cast<int16_t>(name.second), storage);
  return true;
}

// ENUM_TEXT "a" "b"
bool ParseEnum(absl::string_view declared, Type* out) {
  SqlScanner scanner(declared);
  if (!scanner.Consume("ENUM_TEXT")) return false;
  std::vector<std::string> names;
  for (; !scanner.at_end(); scanner.Next()) {
    names.push_back(scanner.current().Unquoted());
  }
  *out = engine::EnumType(names.empty() ? nullptr
                                        : engine::InternEnumerators(names));
  return true;
}

}  // namespace

absl::StatusOr<std::string> TypeNameOf(const Type& type, bool rowid) {
  if (!type.exact_name.empty()) return ExactName(type.exact_name);
  if (rowid && IsInteger(type.kind)) return "INTEGER";
  switch (type.kind) {
    case TypeKind::kNumeric:
      return NumericName(type);
    case TypeKind::kEnum:
      return EnumName(type);
    case TypeKind::kTimestamp:
      return std::string(type.timezone ? kTimestampWithZone : "TIMESTAMP");
    case TypeKind::kArray:
      if (type.element == TypeKind::kUnknown) break;
      return TypeNameOf(engine::JsonType(), rowid);
    default:
      break;
  }
  if (const NameRow* row = FindKind(type.kind); row != nullptr) {
    return WithLength(row->name, row->has_length ? type.length : 0);
  }
  return engine::MakeError(engine::ErrorKind::kUnsupported,
                           "a column of unknown type cannot be declared");
}

Type TypeFromName(absl::string_view declared) {
  Type type;
  if (ParseEnum(declared, &type)) return type;
  if (const std::optional<TypeName> parsed = engine::ParseTypeName(declared)) {
    if (ParseNumeric(*parsed, &type)) return type;
    if (parsed->name == kTimestampWithZone) return engine::Timestamp(true);
    if (const NameRow* row = FindName(parsed->name); row != nullptr) {
      type = engine::MakeType(row->kind);
      if (row->has_length) type.length = static_cast<uint32_t>(parsed->first);
      return type;
    }
  }
  return engine::ExactType(engine::InternTypeName(declared),
                           TypeKind::kUnknown);
}

const engine::Codec* CodecOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return &engine::BoolAsIntegerCodec();
    case TypeKind::kNumeric:
      return &engine::DecimalCodecFor(type);
    case TypeKind::kDate:
      return &engine::DateAsIsoTextCodec();
    case TypeKind::kTime:
      return &engine::TimeAsIsoTextCodec();
    case TypeKind::kTimestamp:
      return &engine::TimestampAsIsoTextCodec();
    case TypeKind::kInterval:
      return &engine::IntervalAsOffsetTextCodec();
    case TypeKind::kUuid:
      return &engine::UuidAsHexTextCodec();
    case TypeKind::kJson:
    case TypeKind::kArray:
      return &engine::JsonAsTextCodec();
    case TypeKind::kEnum:
      return &engine::EnumAsTextCodec();
    default:
      return nullptr;
  }
}

}  // namespace cupel::sqlite_internal
