#include "cupel/engine/dialects/postgresql/types.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_name.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Type;
using engine::TypeKind;
using engine::TypeName;

struct NameRow {
  absl::string_view name;
  TypeKind kind;
  bool timezone = false;
};

// The first of a kind is the one that DDL writes.
constexpr NameRow kNames[] = {
    {"BOOLEAN", TypeKind::kBoolean},
    {"BOOL", TypeKind::kBoolean},
    {"SMALLINT", TypeKind::kSmallInteger},
    {"INT2", TypeKind::kSmallInteger},
    {"INTEGER", TypeKind::kInteger},
    {"INT", TypeKind::kInteger},
    {"INT4", TypeKind::kInteger},
    {"BIGINT", TypeKind::kBigInteger},
    {"INT8", TypeKind::kBigInteger},
    {"REAL", TypeKind::kFloat},
    {"FLOAT4", TypeKind::kFloat},
    {"DOUBLE PRECISION", TypeKind::kDouble},
    {"FLOAT8", TypeKind::kDouble},
    {"FLOAT", TypeKind::kDouble},
    {"NUMERIC", TypeKind::kNumeric},
    {"DECIMAL", TypeKind::kNumeric},
    {"VARCHAR", TypeKind::kString},
    {"CHARACTER VARYING", TypeKind::kString},
    {"TEXT", TypeKind::kText},
    {"BYTEA", TypeKind::kBinary},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"TIME WITHOUT TIME ZONE", TypeKind::kTime},
    {"TIMESTAMP", TypeKind::kTimestamp},
    {"TIMESTAMP WITHOUT TIME ZONE", TypeKind::kTimestamp},
    {"TIMESTAMP WITH TIME ZONE", TypeKind::kTimestamp, true},
    {"TIMESTAMPTZ", TypeKind::kTimestamp, true},
    {"INTERVAL", TypeKind::kInterval},
    {"UUID", TypeKind::kUuid},
    {"JSONB", TypeKind::kJson},
    {"JSON", TypeKind::kJson},
};

const NameRow* FindKind(TypeKind kind, bool timezone) {
  for (const NameRow& row : kNames) {
    if (row.kind == kind && row.timezone == timezone) return &row;
  }
  return nullptr;
}

const NameRow* FindName(absl::string_view name) {
  for (const NameRow& row : kNames) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::string> TypeNameOf(const Type& type) {
  if (!type.exact_name.empty()) {
    if (type.exact_name.find('\0') != absl::string_view::npos) {
      return engine::MakeError(engine::ErrorKind::kInvalidValue,
                               "the name of a type holds NUL");
    }
    return std::string(type.exact_name);
  }
  switch (type.kind) {
    case TypeKind::kNumeric:
      if (type.precision == 0) return "NUMERIC";
      return absl::StrCat("NUMERIC(", type.precision, ", ", type.scale, ")");
    case TypeKind::kString:
      if (type.length == 0) return "VARCHAR";
      return absl::StrCat("VARCHAR(", type.length, ")");
    case TypeKind::kEnum:
      return "TEXT";
    case TypeKind::kArray: {
      CUPEL_ASSIGN_OR_RETURN(const std::string element,
                             TypeNameOf(engine::ElementOf(type)));
      return absl::StrCat(element, "[]");
    }
    default:
      break;
  }
  if (const NameRow* row = FindKind(type.kind, type.timezone)) {
    return std::string(row->name);
  }
  return engine::MakeError(engine::ErrorKind::kUnsupported,
                           "a column of unknown type cannot be declared");
}

Type TypeFromName(absl::string_view declared) {
  const Type unknown =
      engine::ExactType(engine::InternTypeName(declared), TypeKind::kUnknown);
  if (absl::string_view element = declared;
      absl::ConsumeSuffix(&element, "[]")) {
    const Type type = TypeFromName(element);
    return engine::IsArrayElement(type) ? engine::Array(type) : unknown;
  }
  const std::optional<TypeName> parsed = engine::ParseTypeName(declared);
  if (!parsed) return unknown;
  // JSON is not JSONB: it would come back as another type.
  if (parsed->name == "JSON") {
    return engine::ExactType("JSON", TypeKind::kJson);
  }
  const NameRow* row = FindName(parsed->name);
  if (row == nullptr) return unknown;
  Type type = engine::MakeType(row->kind);
  type.timezone = row->timezone;
  switch (row->kind) {
    case TypeKind::kNumeric:
      type.precision = static_cast<uint16_t>(parsed->first);
      type.scale = static_cast<int16_t>(parsed->second);
      return type;
    case TypeKind::kString:
      type.length = static_cast<uint32_t>(parsed->first);
      return type;
    default:
      // A precision of seconds, or of FLOAT(24): not ours to say.
      return parsed->has_first ? unknown : type;
  }
}

}  // namespace cupel::postgresql_internal
