#include "cupel/engine/dialects/mariadb/types.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/dialects/mariadb/sql_scanner.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/kind_codec.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_name.h"
#include "cupel/engine/utf8.h"
#include "cupel/engine/value.h"
#include "re2/re2.h"

namespace cupel::mariadb_internal {
namespace {

using engine::BoundValue;
using engine::ErrorKind;
using engine::MakeError;
using engine::Type;
using engine::TypeKind;
using engine::TypeName;
using engine::ValueKind;
using engine::ValueView;

// A row of utf8mb4 holds 65535 bytes; longer texts stand outside of it.
constexpr uint32_t kMaxVarchar = 16383;
constexpr uint32_t kMaxVarbinary = 65532;
// What fits into any key of InnoDB.
constexpr uint32_t kKeyLength = 255;
constexpr int kMaxPrecision = 65;
constexpr int kMaxScale = 38;

absl::StatusOr<std::string> NumericName(const Type& type) {
  if (type.precision == 0) return "DECIMAL(65, 30)";
  if (type.precision > kMaxPrecision || type.scale > kMaxScale ||
      type.scale < 0) {
    return MakeError(ErrorKind::kUnsupported,
                     absl::StrCat("mariadb keeps decimals of 65 digits, 38 of "
                                  "them behind the point, not ",
                                  type.DebugString()));
  }
  return absl::StrCat("DECIMAL(", type.precision, ", ", type.scale, ")");
}

// Whether the server keeps an enumerator as it is written: it trims them, and
// takes bytes that are no UTF-8 for those of another character set.
absl::Status CheckEnumerator(absl::string_view name) {
  if (engine::FindInvalidUtf8(name) != name.npos) {
    return MakeError(ErrorKind::kInvalidValue,
                     "an enumerator must be valid UTF-8");
  }
  if (absl::StrContains(name, '\0')) {
    return MakeError(ErrorKind::kInvalidValue, "an enumerator holds NUL");
  }
  if (absl::EndsWith(name, " ")) {
    return MakeError(ErrorKind::kInvalidValue,
                     "an enumerator ends with a blank, which mariadb drops");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> EnumName(const Type& type) {
  if (type.enumerators == nullptr || type.enumerators->names.empty()) {
    return "VARCHAR(255)";
  }
  if (!type.native_enum) {
    size_t length = 1;
    for (absl::string_view name : type.enumerators->names) {
      length = std::max(length, name.size());
    }
    return absl::StrCat("VARCHAR(", length, ")");
  }
  std::string names;
  for (absl::string_view name : type.enumerators->names) {
    CUPEL_RETURN_IF_ERROR(CheckEnumerator(name));
    absl::StrAppend(&names, names.empty() ? "'" : ", '",
                    absl::StrReplaceAll(name, {{"'", "''"}}), "'");
  }
  return absl::StrCat("ENUM(", names, ")");
}

std::string StringName(const Type& type, bool is_key) {
  const uint32_t length = type.length == 0 && is_key ? kKeyLength : type.length;
  if (length == 0 || length > kMaxVarchar) return "LONGTEXT";
  return absl::StrCat("VARCHAR(", length, ")");
}

std::string BinaryName(const Type& type, bool is_key) {
  const uint32_t length = type.length == 0 && is_key ? kKeyLength : type.length;
  if (length == 0 || length > kMaxVarbinary) return "LONGBLOB";
  return absl::StrCat("VARBINARY(", length, ")");
}

// A type's name from a reflected schema may hold anything.
absl::StatusOr<std::string> ExactName(absl::string_view name) {
  static const RE2* const plain = new RE2(
      R"re([A-Za-z_][A-Za-z0-9_ ]*(\( *[0-9]+ *(, *[0-9]+ *)?\))?)re"
      R"re(( *[A-Za-z_]+)*|(?i)(ENUM|SET)\('([^'\\]|'')*'(, *'([^'\\]|'')*')*\))re");
  if (RE2::FullMatch(name, *plain)) return std::string(name);
  return MakeError(ErrorKind::kInvalidValue,
                   "the name of a type is no name of a type of mariadb");
}

struct NameRow {
  absl::string_view name;
  TypeKind kind;
  bool has_length = false;
};

constexpr NameRow kNames[] = {
    {"BOOLEAN", TypeKind::kBoolean},
    {"BOOL", TypeKind::kBoolean},
    {"TINYINT", TypeKind::kSmallInteger},
    {"SMALLINT", TypeKind::kSmallInteger},
    {"MEDIUMINT", TypeKind::kInteger},
    {"INT", TypeKind::kInteger},
    {"INTEGER", TypeKind::kInteger},
    {"BIGINT", TypeKind::kBigInteger},
    {"FLOAT", TypeKind::kFloat},
    {"DOUBLE", TypeKind::kDouble},
    {"DOUBLE PRECISION", TypeKind::kDouble},
    {"REAL", TypeKind::kDouble},
    {"VARCHAR", TypeKind::kString, true},
    {"CHAR", TypeKind::kString, true},
    {"TINYTEXT", TypeKind::kText},
    {"TEXT", TypeKind::kText},
    {"MEDIUMTEXT", TypeKind::kText},
    {"LONGTEXT", TypeKind::kText},
    {"VARBINARY", TypeKind::kBinary, true},
    {"BINARY", TypeKind::kBinary, true},
    {"TINYBLOB", TypeKind::kBinary},
    {"BLOB", TypeKind::kBinary},
    {"MEDIUMBLOB", TypeKind::kBinary},
    {"LONGBLOB", TypeKind::kBinary},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"DATETIME", TypeKind::kTimestamp},
    {"TIMESTAMP", TypeKind::kTimestamp},
    {"UUID", TypeKind::kUuid},
    {"JSON", TypeKind::kJson},
};

const NameRow* FindName(absl::string_view name) {
  for (const NameRow& row : kNames) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// ENUM('a','b')
bool ParseEnum(absl::string_view declared, Type* out) {
  SqlScanner scanner(declared);
  if (!scanner.Consume("ENUM") || !scanner.ConsumeSymbol('(')) return false;
  std::vector<std::string> names;
  while (scanner.current().kind == TokenKind::kString) {
    names.push_back(scanner.current().Unquoted());
    scanner.Next();
    scanner.ConsumeSymbol(',');
  }
  *out = engine::EnumType(names.empty() ? nullptr
                                        : engine::InternEnumerators(names));
  return true;
}

// Passes values of its kind through; what else it takes a subclass tells.
class PassingCodec : public engine::KindCodec {
 protected:
  explicit PassingCodec(ValueKind kind) : KindCodec(kind, kind) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const final {
    storage->view = logical;
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const final {
    logical->view = storage;
    return absl::OkStatus();
  }
};

// Takes the integers that sums are.
class DecimalCodec final : public PassingCodec {
 public:
  DecimalCodec() : PassingCodec(ValueKind::kDecimal) {}

 private:
  absl::Status DecodeOther(const ValueView& storage,
                           BoundValue* logical) const override {
    if (storage.kind() != ValueKind::kInt64) {
      return engine::WrongStorage("decimal", storage);
    }
    logical->Set(engine::Value::Decimal(storage.int64_value()));
    return absl::OkStatus();
  }
};

// Takes the decimals that averages and quotients of integers are.
class DoubleCodec final : public PassingCodec {
 public:
  DoubleCodec() : PassingCodec(ValueKind::kDouble) {}

 private:
  absl::Status DecodeOther(const ValueView& storage,
                           BoundValue* logical) const override {
    if (storage.kind() == ValueKind::kDecimal) {
      logical->view = ValueView::Double(storage.decimal().ToDouble());
      return absl::OkStatus();
    }
    if (storage.kind() == ValueKind::kInt64) {
      logical->view =
          ValueView::Double(static_cast<double>(storage.int64_value()));
      return absl::OkStatus();
    }
    return engine::WrongStorage("double", storage);
  }
};

// interval <-> microseconds in an integer
class IntervalCodec final : public engine::KindCodec {
 public:
  IntervalCodec() : KindCodec(ValueKind::kInterval, ValueKind::kInt64) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->view = ValueView::Int64(logical.interval_micros());
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    logical->view = ValueView::Interval(storage.int64_value());
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::string> TypeNameOf(const Type& type, bool is_key) {
  if (!type.exact_name.empty()) return ExactName(type.exact_name);
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kSmallInteger:
      return "SMALLINT";
    case TypeKind::kInteger:
      return "INTEGER";
    case TypeKind::kBigInteger:
    case TypeKind::kInterval:
      return "BIGINT";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kNumeric:
      return NumericName(type);
    case TypeKind::kString:
      return StringName(type, is_key);
    case TypeKind::kText:
      return is_key ? StringName(type, is_key) : "LONGTEXT";
    case TypeKind::kBinary:
      return BinaryName(type, is_key);
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME(6)";
    case TypeKind::kTimestamp:
      // A TIMESTAMP ends in 2038. Sessions are in UTC.
      return "DATETIME(6)";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kJson:
      return "JSON";
    case TypeKind::kEnum:
      return EnumName(type);
    case TypeKind::kArray:
      if (type.element == TypeKind::kUnknown) break;
      return "JSON";
    case TypeKind::kUnknown:
    case TypeKind::kExact:
      break;
  }
  return MakeError(ErrorKind::kUnsupported,
                   "a column of unknown type cannot be declared");
}

absl::StatusOr<std::string> CastNameOf(const Type& type) {
  if (!type.exact_name.empty()) return ExactName(type.exact_name);
  switch (type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kSmallInteger:
    case TypeKind::kInteger:
    case TypeKind::kBigInteger:
    case TypeKind::kInterval:
      return "SIGNED";
    case TypeKind::kString:
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kEnum:
      return type.length == 0 ? "CHAR"
                              : absl::StrCat("CHAR(", type.length, ")");
    case TypeKind::kBinary:
      return type.length == 0 ? "BINARY"
                              : absl::StrCat("BINARY(", type.length, ")");
    case TypeKind::kArray:
      return "CHAR";
    default:
      return TypeNameOf(type, /*is_key=*/false);
  }
}

Type TypeFromName(absl::string_view declared) {
  Type type;
  if (ParseEnum(declared, &type)) return type;
  if (const std::optional<TypeName> parsed = engine::ParseTypeName(declared)) {
    if (parsed->name == "DECIMAL" || parsed->name == "NUMERIC") {
      if (parsed->first == 65 && parsed->second == 30) {
        return engine::Numeric(0, 0);
      }
      return engine::Numeric(static_cast<uint16_t>(parsed->first),
                             static_cast<int16_t>(parsed->second));
    }
    if (parsed->name == "TINYINT" && parsed->first == 1) {
      return engine::Boolean();
    }
    if (const NameRow* row = FindName(parsed->name); row != nullptr) {
      type = engine::MakeType(row->kind);
      if (row->has_length) type.length = static_cast<uint32_t>(parsed->first);
      type.timezone = parsed->name == "TIMESTAMP";
      return type;
    }
  }
  // "int(10) unsigned" and the like
  static const RE2* const integer =
      new RE2(R"((?i)(tiny|small|medium|big)?int\b.*)");
  const bool is_integer = RE2::FullMatch(declared, *integer);
  return engine::ExactType(
      engine::InternTypeName(declared),
      is_integer ? TypeKind::kBigInteger : TypeKind::kUnknown);
}

const engine::Codec* CodecOf(const Type& type) {
  static const auto* const decimal = new DecimalCodec;
  static const auto* const real = new DoubleCodec;
  static const auto* const interval = new IntervalCodec;
  switch (type.kind) {
    case TypeKind::kBoolean:
      return &engine::BoolAsIntegerCodec();
    case TypeKind::kNumeric:
      return decimal;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return real;
    case TypeKind::kInterval:
      return interval;
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

}  // namespace cupel::mariadb_internal
