#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

// "numeric(10, 2)" -> "numeric" and {10, 2}.
struct ParsedTypeName {
  std::string word;
  std::vector<int> arguments;
};

ParsedTypeName SplitTypeName(absl::string_view declared) {
  ParsedTypeName result;
  const size_t open = declared.find('(');
  const size_t close = declared.find(')', open == declared.npos ? 0 : open);
  std::string words(declared.substr(0, open));
  if (open != declared.npos && close != declared.npos) {
    for (absl::string_view part :
         absl::StrSplit(declared.substr(open + 1, close - open - 1), ',')) {
      int number = 0;
      if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(part), &number) ||
          number < 0) {
        return result;
      }
      result.arguments.push_back(number);
    }
    absl::StrAppend(&words, " ", declared.substr(close + 1));
  }
  absl::RemoveExtraAsciiWhitespace(&words);
  result.word = absl::AsciiStrToLower(words);
  return result;
}

}  // namespace

absl::StatusOr<std::string> Dialect::TypeName(
    const Type& type, const TypeContext& context) const {
  if (!type.exact_name.empty()) return std::string(type.exact_name);
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kSmallInteger:
      return "SMALLINT";
    case TypeKind::kInteger:
      return "INTEGER";
    case TypeKind::kBigInteger:
      return "BIGINT";
    case TypeKind::kFloat:
      return "REAL";
    case TypeKind::kDouble:
      return "DOUBLE PRECISION";
    case TypeKind::kNumeric:
      if (type.precision == 0) return "NUMERIC";
      return absl::StrCat("NUMERIC(", type.precision, ", ", type.scale, ")");
    case TypeKind::kString:
      if (type.length == 0) return "TEXT";
      return absl::StrCat("VARCHAR(", type.length, ")");
    case TypeKind::kText:
    case TypeKind::kEnum:
      return "TEXT";
    case TypeKind::kBinary:
      return "BLOB";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kTimestamp:
      return type.timezone ? "TIMESTAMP WITH TIME ZONE" : "TIMESTAMP";
    case TypeKind::kInterval:
      return "INTERVAL";
    case TypeKind::kUuid:
      return capabilities_.native_uuid ? "UUID" : "CHAR(32)";
    case TypeKind::kJson:
      return "JSON";
    case TypeKind::kArray: {
      CUPEL_ASSIGN_OR_RETURN(const std::string element,
                             TypeName(ElementOf(type), context));
      return capabilities_.native_array ? absl::StrCat(element, "[]") : "JSON";
    }
    case TypeKind::kUnknown:
    case TypeKind::kExact:
      break;
  }
  return MakeError(
      ErrorKind::kUnsupported,
      absl::StrCat(name_, " has no name for the type ", type.DebugString()));
}

absl::StatusOr<Type> Dialect::ParseTypeName(absl::string_view declared) const {
  static const auto* const kWords = new std::map<std::string, Type>{
      {"boolean", Boolean()},
      {"bool", Boolean()},
      {"smallint", SmallInteger()},
      {"int", Integer()},
      {"integer", Integer()},
      {"bigint", BigInteger()},
      {"real", Float()},
      {"float", Float()},
      {"double", Double()},
      {"double precision", Double()},
      {"numeric", Numeric(0, 0)},
      {"decimal", Numeric(0, 0)},
      {"varchar", String()},
      {"character varying", String()},
      {"text", Text()},
      {"blob", Binary()},
      {"date", Date()},
      {"time", Time()},
      {"timestamp", Timestamp()},
      {"timestamp with time zone", Timestamp(true)},
      {"interval", Interval()},
      {"uuid", UuidType()},
      {"json", JsonType()},
  };
  const ParsedTypeName parsed = SplitTypeName(declared);
  auto it = kWords->find(parsed.word);
  if (it == kWords->end()) {
    return ExactType(InternTypeName(declared), TypeKind::kUnknown);
  }
  Type type = it->second;
  if (type.kind == TypeKind::kNumeric && !parsed.arguments.empty()) {
    type.precision = static_cast<uint16_t>(parsed.arguments[0]);
    type.scale = parsed.arguments.size() > 1
                     ? static_cast<int16_t>(parsed.arguments[1])
                     : int16_t{0};
  }
  if (type.kind == TypeKind::kString && parsed.arguments.size() == 1) {
    type.length = static_cast<uint32_t>(parsed.arguments[0]);
  }
  return type;
}

absl::StatusOr<std::string> Dialect::CreateEnum(absl::string_view,
                                                const Type& type) const {
  return MakeError(ErrorKind::kUnsupported,
                   absl::StrCat(name_, " has no enum types that are objects: ",
                                type.DebugString()));
}

absl::StatusOr<std::string> Dialect::DropEnum(absl::string_view schema,
                                              const Type& type) const {
  return CreateEnum(schema, type);
}

}  // namespace cupel::engine
