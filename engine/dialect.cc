#include "cupel/engine/dialect.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"

namespace cupel::engine {
namespace {

// Words that at least one of the common databases refuses as a bare name.
constexpr absl::string_view kReservedWords[] = {
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "autoincrement",
    "before",
    "begin",
    "between",
    "bigint",
    "binary",
    "blob",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "cast",
    "change",
    "char",
    "character",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "condition",
    "constraint",
    "continue",
    "convert",
    "create",
    "cross",
    "cube",
    "current",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "cursor",
    "database",
    "databases",
    "date",
    "dec",
    "decimal",
    "declare",
    "default",
    "deferrable",
    "deferred",
    "delayed",
    "delete",
    "desc",
    "describe",
    "detach",
    "distinct",
    "distinctrow",
    "div",
    "do",
    "double",
    "drop",
    "dual",
    "each",
    "else",
    "elseif",
    "enclosed",
    "end",
    "escape",
    "escaped",
    "except",
    "exclude",
    "exists",
    "exit",
    "explain",
    "false",
    "fetch",
    "filter",
    "float",
    "for",
    "force",
    "foreign",
    "freeze",
    "from",
    "full",
    "fulltext",
    "generated",
    "glob",
    "grant",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "ilike",
    "immediate",
    "in",
    "index",
    "indexed",
    "infile",
    "initially",
    "inner",
    "inout",
    "insert",
    "instead",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "iterate",
    "join",
    "key",
    "keys",
    "kill",
    "lateral",
    "leading",
    "leave",
    "left",
    "like",
    "limit",
    "linear",
    "lines",
    "load",
    "localtime",
    "localtimestamp",
    "lock",
    "long",
    "loop",
    "match",
    "mod",
    "modifies",
    "natural",
    "no",
    "not",
    "nothing",
    "notnull",
    "null",
    "numeric",
    "of",
    "offset",
    "on",
    "only",
    "optimize",
    "option",
    "or",
    "order",
    "others",
    "out",
    "outer",
    "outfile",
    "over",
    "overlaps",
    "partition",
    "placing",
    "plan",
    "pragma",
    "precision",
    "primary",
    "procedure",
    "purge",
    "query",
    "raise",
    "range",
    "read",
    "reads",
    "real",
    "recursive",
    "references",
    "regexp",
    "reindex",
    "release",
    "rename",
    "repeat",
    "replace",
    "require",
    "restrict",
    "return",
    "returning",
    "revoke",
    "right",
    "rlike",
    "rollback",
    "row",
    "rows",
    "savepoint",
    "schema",
    "schemas",
    "select",
    "separator",
    "session_user",
    "set",
    "show",
    "similar",
    "smallint",
    "some",
    "sql",
    "starting",
    "symmetric",
    "table",
    "tablesample",
    "temp",
    "temporary",
    "terminated",
    "then",
    "ties",
    "time",
    "timestamp",
    "to",
    "trailing",
    "transaction",
    "trigger",
    "true",
    "unbounded",
    "undo",
    "union",
    "unique",
    "unlock",
    "unsigned",
    "update",
    "usage",
    "use",
    "user",
    "using",
    "vacuum",
    "values",
    "varchar",
    "variadic",
    "varying",
    "verbose",
    "view",
    "virtual",
    "when",
    "where",
    "while",
    "window",
    "with",
    "without",
    "write",
    "xor",
    "zerofill",
};

constexpr bool IsSorted() {
  for (size_t i = 1; i < std::size(kReservedWords); ++i) {
    if (kReservedWords[i - 1] >= kReservedWords[i]) return false;
  }
  return true;
}
static_assert(IsSorted());

bool IsWordCharacter(char c, bool first) {
  return (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

// A word that means the same with and without quotes.
bool IsPlainWord(absl::string_view identifier) {
  for (size_t i = 0; i < identifier.size(); ++i) {
    if (!IsWordCharacter(identifier[i], i == 0)) return false;
  }
  return !identifier.empty();
}

// A word, of any case.
bool IsWord(absl::string_view identifier) {
  return IsPlainWord(absl::AsciiStrToLower(identifier));
}

absl::Status BadIdentifier(absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("an identifier ", rule));
}

absl::Status BadLiteral(absl::string_view rule) {
  return MakeError(ErrorKind::kInvalidValue, absl::StrCat("a literal ", rule));
}

uint64_t Fnv1a(absl::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211u;
  }
  return hash;
}

void AppendTextLiteral(absl::string_view text, bool backslash_escapes,
                       std::string* out) {
  out->push_back('\'');
  for (const char c : text) {
    if (c == '\'' || (c == '\\' && backslash_escapes)) out->push_back(c);
    out->push_back(c);
  }
  out->push_back('\'');
}

// The shortest digits that read back as the same number.
std::string ShortestDouble(double value) {
  for (int precision = 15; precision <= 17; ++precision) {
    std::string text = absl::StrFormat("%.*g", precision, value);
    double back = 0;
    if (absl::SimpleAtod(text, &back) && back == value) {
      const bool looks_integer = text.find_first_of(".e") == std::string::npos;
      return looks_integer ? text + ".0" : text;
    }
  }
  return absl::StrFormat("%.17g", value);
}

class DialectRegistry {
 public:
  static DialectRegistry& Get() {
    static auto* const registry = new DialectRegistry;
    return *registry;
  }

  absl::Status Add(std::shared_ptr<const Dialect> dialect) {
    absl::MutexLock lock(&mutex_);
    auto added = dialects_.emplace(dialect->name(), dialect);
    if (added.second || added.first->second == dialect) {
      return absl::OkStatus();
    }
    return MakeError(
        ErrorKind::kAlreadyExists,
        absl::StrCat("another dialect is registered as \"", dialect->name(),
                     "\": register each once"));
  }

  std::shared_ptr<const Dialect> Find(absl::string_view name) {
    absl::MutexLock lock(&mutex_);
    auto it = dialects_.find(name);
    return it == dialects_.end() ? nullptr : it->second;
  }

  std::vector<std::string> Names() {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> names;
    for (const auto& entry : dialects_) names.push_back(entry.first);
    return names;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Dialect>, std::less<>> dialects_
      ABSL_GUARDED_BY(mutex_);
};

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

absl::Span<const absl::string_view> Syntax::StandardReservedWords() {
  return kReservedWords;
}

bool Dialect::NeedsQuotes(absl::string_view identifier) const {
  return !IsPlainWord(identifier) ||
         std::binary_search(syntax_.reserved_words.begin(),
                            syntax_.reserved_words.end(), identifier);
}

absl::Status Dialect::AppendIdentifier(absl::string_view identifier,
                                       std::string* out,
                                       Quoting quoting) const {
  if (identifier.empty()) return BadIdentifier("must not be empty");
  if (identifier.find('\0') != identifier.npos) {
    return BadIdentifier("must not hold a NUL character");
  }
  const size_t bad = FindInvalidUtf8(identifier);
  if (bad != identifier.npos) {
    return BadIdentifier(
        absl::StrCat("must be valid UTF-8, which ends at byte ", bad));
  }
  const size_t limit = capabilities_.max_identifier_bytes;
  if (limit != 0 && identifier.size() > limit) {
    return BadIdentifier(absl::StrCat("of ", identifier.size(),
                                      " bytes is too long for ", name_,
                                      ", which keeps ", limit));
  }
  if (quoting == Quoting::kNever && !IsWord(identifier)) {
    return BadIdentifier("without quotes must be a plain word");
  }
  if (quoting == Quoting::kNever ||
      (quoting == Quoting::kWhenNeeded && !NeedsQuotes(identifier))) {
    out->append(identifier.data(), identifier.size());
    return absl::OkStatus();
  }
  out->push_back(syntax_.quote);
  for (const char c : identifier) {
    if (c == syntax_.quote) out->push_back(c);
    out->push_back(c);
  }
  out->push_back(syntax_.quote);
  return absl::OkStatus();
}

std::string Dialect::ShortenLabel(absl::string_view label) const {
  const size_t limit = capabilities_.max_identifier_bytes;
  if (limit == 0 || label.size() <= limit) return std::string(label);
  const std::string hash =
      absl::StrFormat("_%08x", static_cast<uint32_t>(Fnv1a(label) >> 32) ^
                                   static_cast<uint32_t>(Fnv1a(label)));
  size_t keep = limit > hash.size() ? limit - hash.size() : 0;
  // Not through the middle of a character.
  while (keep > 0 && (static_cast<unsigned char>(label[keep]) & 0xc0) == 0x80) {
    --keep;
  }
  return absl::StrCat(label.substr(0, keep), hash);
}

void Dialect::AppendPlaceholder(size_t index, std::string* out) const {
  switch (syntax_.placeholder) {
    case PlaceholderStyle::kQuestion:
      out->push_back('?');
      return;
    case PlaceholderStyle::kNumberedQuestion:
      absl::StrAppend(out, "?", index);
      return;
    case PlaceholderStyle::kNumberedDollar:
      absl::StrAppend(out, "$", index);
      return;
    case PlaceholderStyle::kNumberedColon:
      absl::StrAppend(out, ":", index);
      return;
  }
}

absl::string_view Dialect::FunctionNameFor(absl::string_view generic) const {
  for (const FunctionName& function : syntax_.functions) {
    if (function.generic == generic) return function.native;
  }
  return generic;
}

absl::StatusOr<std::string> Dialect::TypeName(const Type& type,
                                              const TypeContext&) const {
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

const Codec* Dialect::CodecFor(const Type&) const { return nullptr; }

absl::Status Dialect::AppendLiteral(const Type& type, const ValueView& logical,
                                    std::string* out) const {
  const Codec* codec = logical.is_null() ? nullptr : CodecFor(type);
  if (codec == nullptr) return AppendStoredLiteral(logical, out);
  BoundValue stored;
  CUPEL_RETURN_IF_ERROR(codec->Encode(logical, &stored));
  return AppendStoredLiteral(stored.view, out);
}

absl::Status Dialect::AppendStoredLiteral(const ValueView& stored,
                                          std::string* out) const {
  switch (stored.kind()) {
    case ValueKind::kNull:
      absl::StrAppend(out, "NULL");
      return absl::OkStatus();
    case ValueKind::kBool:
      absl::StrAppend(out, stored.bool_value() ? syntax_.true_literal
                                               : syntax_.false_literal);
      return absl::OkStatus();
    case ValueKind::kInt64:
      if (stored.int64_value() == std::numeric_limits<int64_t>::min()) {
        // Its digits alone are one too many for an integer.
        absl::StrAppend(out, "(-9223372036854775807 - 1)");
      } else if (stored.int64_value() < 0) {
        // So that no operator before it forms a comment.
        absl::StrAppend(out, "(", stored.int64_value(), ")");
      } else {
        absl::StrAppend(out, stored.int64_value());
      }
      return absl::OkStatus();
    case ValueKind::kDouble: {
      const double value = stored.double_value();
      if (!std::isfinite(value)) return BadLiteral("must be a finite number");
      const std::string text = ShortestDouble(value);
      absl::StrAppend(out, std::signbit(value) ? "(" : "", text,
                      std::signbit(value) ? ")" : "");
      return absl::OkStatus();
    }
    case ValueKind::kDecimal: {
      const std::string text = stored.decimal().ToString();
      const bool negative = absl::StartsWith(text, "-");
      absl::StrAppend(out, negative ? "(" : "", text, negative ? ")" : "");
      return absl::OkStatus();
    }
    case ValueKind::kText:
    case ValueKind::kJson: {
      const absl::string_view text = stored.bytes();
      if (text.find('\0') != text.npos) {
        return BadLiteral("must not hold a NUL character");
      }
      if (FindInvalidUtf8(text) != text.npos) {
        return BadLiteral("must be valid UTF-8");
      }
      AppendTextLiteral(text, syntax_.backslash_escapes, out);
      return absl::OkStatus();
    }
    case ValueKind::kBlob:
      absl::StrAppend(out, "X'", absl::BytesToHexString(stored.bytes()), "'");
      return absl::OkStatus();
    case ValueKind::kUuid:
      AppendTextLiteral(stored.uuid().ToString(), syntax_.backslash_escapes,
                        out);
      return absl::OkStatus();
    case ValueKind::kDate:
    case ValueKind::kTime:
    case ValueKind::kTimestamp:
    case ValueKind::kInterval: {
      const Codec& codec =
          stored.kind() == ValueKind::kDate   ? DateAsIsoTextCodec()
          : stored.kind() == ValueKind::kTime ? TimeAsIsoTextCodec()
          : stored.kind() == ValueKind::kTimestamp
              ? TimestampAsIsoTextCodec()
              : IntervalAsOffsetTextCodec();
      BoundValue text;
      CUPEL_RETURN_IF_ERROR(codec.Encode(stored, &text));
      return AppendStoredLiteral(text.view, out);
    }
  }
  return MakeError(ErrorKind::kInternal, "a value of no known kind");
}

absl::Status RegisterDialect(std::shared_ptr<const Dialect> dialect) {
  return DialectRegistry::Get().Add(std::move(dialect));
}

absl::StatusOr<std::shared_ptr<const Dialect>> FindDialect(
    absl::string_view name) {
  std::shared_ptr<const Dialect> found = DialectRegistry::Get().Find(name);
  if (found != nullptr) return found;
  const std::vector<std::string> names = RegisteredDialects();
  return MakeError(
      ErrorKind::kNotFound,
      absl::StrCat("no dialect \"", name, "\" is linked into this program (",
                   names.empty() ? "there is none"
                                 : "there is " + absl::StrJoin(names, ", "),
                   "): add //engine/dialects/", name, " to its deps"));
}

std::vector<std::string> RegisteredDialects() {
  return DialectRegistry::Get().Names();
}

}  // namespace cupel::engine
